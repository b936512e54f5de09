"""The tokenizer that every backend uses is the one that transformers makes of class, settings and added tokens."""

from __future__ import annotations

import json
import shutil
from collections.abc import Callable
from importlib.util import find_spec
from pathlib import Path
from typing import Any, Literal

import numpy as np
import pytest
from stsbench_transformers.checkpoints.checkpoint import Checkpoint
from stsbench_transformers.encoder import Bert
from stsbench_transformers.tokens.tokenizer import LibraryTokenizer, settle, translate

from stsbench.plugin import Location, ModelError

TEXTS = [
    "a man eats",
    "A MAN eats the Dog .",
    "the widget <x> is not a dog",
    "a dogwidget[NEW]cat [SEP] cat [MASK]",
    "café naïve 你好 cat",
    "",
    "  the cat  is not a dog . " * 3,
]
PAGE = ["a man eats the dog , and the cat is not a dog .", "the café is naïve ; the widget is new ."] * 20


def edit(folder: Path, name: str, **changes: object) -> None:
    path = folder / name
    held = json.loads(path.read_text()) if path.exists() else {}
    path.write_text(json.dumps({**held, **changes}))


def add(folder: Path, *, special: bool = False, name: str = "widget", **options: bool) -> None:
    """A token that `tokenizer_config.json` alone knows."""
    token = {"content": name, "lstrip": False, "rstrip": False, "normalized": not special, "single_word": False, "special": special}
    known = json.loads((folder / "tokenizer_config.json").read_text()).get("added_tokens_decoder", {})
    edit(folder, "tokenizer_config.json", added_tokens_decoder={**known, "15": {**token, **options}})


SETTINGS: dict[str, Callable[[Path], None]] = {
    "as saved": lambda folder: None,
    "an added token": lambda folder: add(folder),
    "an added token that is a word": lambda folder: add(folder, single_word=True),
    "a special token": lambda folder: add(folder, special=True, name="[NEW]"),
    "added_tokens.json": lambda folder: edit(folder, "added_tokens.json", widget=15),
    "extra special tokens": lambda folder: edit(folder, "tokenizer_config.json", extra_special_tokens=["<x>"]),
    "cased": lambda folder: edit(folder, "tokenizer_config.json", do_lower_case=False),
    "accents": lambda folder: edit(folder, "tokenizer_config.json", strip_accents=False),
    "chinese": lambda folder: edit(folder, "tokenizer_config.json", tokenize_chinese_chars=False),
    "another end": lambda folder: edit(folder, "tokenizer_config.json", sep_token="."),
    "cut on the left": lambda folder: edit(folder, "tokenizer_config.json", truncation_side="left"),
    "special tokens are text": lambda folder: edit(folder, "tokenizer_config.json", split_special_tokens=True),
    "no post-processor": lambda folder: edit(folder, "tokenizer.json", post_processor=None),
    "another normaliser": lambda folder: edit(folder, "tokenizer.json", normalizer={"type": "Lowercase"}),
    "as it lies": lambda folder: edit(folder, "tokenizer_config.json", tokenizer_class="PreTrainedTokenizerFast"),
}


def locate_as(folder: Path, digest: str) -> Location:
    return Location("model", path=folder, digest=digest)


def save_bpe(folder: Path, kind: str, **settings: Any) -> None:
    """A byte-level tokenizer in the place of the folder's own, with settings that `tokenizer.json` does not know."""
    from tokenizers import ByteLevelBPETokenizer
    from transformers import GPT2Tokenizer, RobertaTokenizer

    trained = ByteLevelBPETokenizer()
    trained.train_from_iterator(PAGE, vocab_size=300, special_tokens=["<s>", "<pad>", "</s>", "<unk>", "<mask>"], show_progress=False)
    held = json.loads(trained.to_str())["model"]
    merges = [tuple(one) if isinstance(one, list) else tuple(one.split()) for one in held["merges"]]
    for path in folder.glob("*token*"):
        path.unlink()
    made = {"roberta": RobertaTokenizer, "gpt2": GPT2Tokenizer}[kind]
    made(vocab=held["vocab"], merges=merges, pad_token="<pad>", model_max_length=20).save_pretrained(folder)
    edit(folder, "tokenizer_config.json", **settings)


@pytest.fixture
def folder(tiny: Path, tmp_path: Path) -> Path:
    return Path(shutil.copytree(tiny, tmp_path / "other"))


def enlarge(folder: Path) -> None:
    """Embeddings for added tokens too."""
    from transformers import AutoModel

    model = AutoModel.from_pretrained(folder)
    model.resize_token_embeddings(24)
    model.save_pretrained(folder)


def agree(folder: Path, settled: LibraryTokenizer) -> None:
    from transformers import AutoTokenizer

    theirs = AutoTokenizer.from_pretrained(folder)
    assert not settled.obstacle
    assert settled.specials == theirs.num_special_tokens_to_add()
    assert settled.filler == theirs.pad_token_id
    for limit in (None, 7):
        expected = [theirs(text, truncation=limit is not None, max_length=limit)["input_ids"] for text in TEXTS]
        assert [row.tolist() for row in settled.tokenise(TEXTS, limit).ids] == expected
        whole = [len(theirs(text)["input_ids"]) for text in TEXTS]
        assert settled.tokenise(TEXTS, limit).truncated.tolist() == [limit is not None and length > limit for length in whole]


@pytest.mark.parametrize("name", SETTINGS)
def test_ids_are_those_of_transformers(name: str, folder: Path, tmp_path: Path) -> None:
    SETTINGS[name](folder)
    checkpoint = Checkpoint.of(locate_as(folder, name), None)
    agree(folder, settle(checkpoint, ""))
    first, kept = (settle(checkpoint, str(tmp_path / "cache")) for _ in range(2))
    assert first == kept
    agree(folder, kept)


@pytest.mark.parametrize("kind", ["roberta", "gpt2"])
@pytest.mark.parametrize("settings", [{}, {"add_prefix_space": True}, {"add_prefix_space": False}, {"trim_offsets": False}])
def test_ids_of_byte_level_tokenizers_are_those_of_transformers(kind: str, settings: dict[str, Any], folder: Path) -> None:
    save_bpe(folder, kind, **settings)
    agree(folder, settle(Checkpoint.of(locate_as(folder, "0"), None), ""))


@pytest.mark.skipif(find_spec("openvino") is None, reason="needs the extra stsbench-transformers[openvino]")
@pytest.mark.parametrize("name", ["an added token", "added_tokens.json", "cased", "no post-processor", "cut on the left"])
def test_openvino_runs_the_tokens_that_torch_runs(name: str, folder: Path, tmp_path: Path) -> None:
    SETTINGS[name](folder)
    enlarge(folder)
    torch, openvino = (
        Bert(locate_as(folder, name), backend=backend, max_length=8, cache_dir=str(tmp_path / "cache")) for backend in ("torch", "openvino")
    )
    expected, embeddings = (one.encode(TEXTS, views=("mean@2", "tokens@2")) for one in (torch, openvino))
    np.testing.assert_array_equal(embeddings.tokens["tokens@2"].ids, expected.tokens["tokens@2"].ids)
    np.testing.assert_allclose(embeddings.vectors["mean@2"], expected.vectors["mean@2"], atol=1e-5)
    np.testing.assert_array_equal(embeddings.truncated, expected.truncated)
    np.testing.assert_array_equal(torch.truncated(TEXTS), expected.truncated)


@pytest.mark.parametrize("backend", ["torch", "auto"])
def test_a_token_without_an_embedding_is_refused(backend: Literal["torch", "auto"], folder: Path) -> None:
    add(folder)
    encoder = Bert(locate_as(folder, "0"), backend=backend)
    encoder.encode(["a man eats"], views=("mean@2",))
    with pytest.raises(ModelError, match="gives token 16, but the model has 16 embeddings, from 0 on; check that both belong together"):
        encoder.encode(TEXTS, views=("mean@2",))


def test_what_transformers_does_in_python_is_an_obstacle() -> None:
    from transformers import BertTokenizer

    class Shouting(BertTokenizer):
        def __call__(self, text: Any, **options: Any) -> Any:
            return super().__call__([one.upper() for one in text], **options)

    words = ["[PAD]", "[UNK]", "[CLS]", "[SEP]", "[MASK]", "a", "A"]
    vocabulary = {word: row for row, word in enumerate(words)}
    assert not translate(BertTokenizer(vocab=vocabulary)).obstacle
    assert "does in Python" in translate(Shouting(vocab=vocabulary, do_lower_case=False)).obstacle


def test_a_tokenizer_that_cannot_be_loaded_is_named_and_a_broken_copy_is_made_anew(folder: Path, tmp_path: Path) -> None:
    checkpoint = Checkpoint.of(locate_as(folder, "0"), None)
    first = settle(checkpoint, str(tmp_path))
    (kept,) = (tmp_path / "models").glob("*.tokenizer.json")
    kept.write_text(kept.read_text()[:100])
    assert settle(checkpoint, str(tmp_path)) == first
    (folder / "tokenizer.json").write_text("{")
    assert settle(checkpoint, str(tmp_path)) == first
    with pytest.raises(ModelError, match="model 'model' cannot be loaded"):
        settle(checkpoint, "")


@pytest.mark.parametrize("backend", ["torch", "auto"])
def test_a_folder_without_a_tokenizer_is_refused_and_not_read_as_unknown_words(backend: Literal["torch", "auto"], folder: Path) -> None:
    for name in ("tokenizer.json", "tokenizer_config.json", "vocab.txt"):
        (folder / name).unlink()
    with pytest.raises(ModelError, match=r"'model' has no tokenizer \(tokenizer.json or vocab.txt\); save it beside the weights"):
        Bert(locate_as(folder, "0"), backend=backend).encode(TEXTS, views=("mean@2",))


@pytest.mark.parametrize("kind", ["canine", "t5"])
def test_a_tokenizer_that_reads_bytes_or_characters_needs_no_file(kind: str, tmp_path: Path) -> None:
    from transformers import AutoConfig

    AutoConfig.for_model(kind).save_pretrained(tmp_path)
    edit(tmp_path, "tokenizer_config.json", tokenizer_class={"canine": "CanineTokenizer", "t5": "ByT5Tokenizer"}[kind])
    assert settle(Checkpoint.of(locate_as(tmp_path, "0"), None), "").obstacle


def test_a_tokenizer_whose_file_is_of_a_version_of_the_library_is_one(folder: Path) -> None:
    checkpoint = Checkpoint.of(locate_as(folder, "0"), None)
    expected = settle(checkpoint, "")
    (folder / "vocab.txt").unlink()
    (folder / "tokenizer.json").rename(folder / "tokenizer.4.0.0.json")
    edit(folder, "tokenizer_config.json", fast_tokenizer_files=["tokenizer.4.0.0.json"])
    assert settle(checkpoint, "") == expected
