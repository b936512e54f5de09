"""Models that see: images and texts in one space, as sentence-transformers itself has them; a small random CLIP."""

from __future__ import annotations

import io
import json
from collections.abc import Callable
from importlib import import_module
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from PIL import Image as Pillow
from stsbench_sentence_transformers.encoder import SentenceEncoder

from stsbench.api.evaluate import evaluate
from stsbench.errors import PlanError
from stsbench.plugin import Image, Item, Location

LETTERS = [chr(code) for code in range(ord("a"), ord("z") + 1)]
TEXTS = ("a red dog", "a cat", "", "a man is green " * 9)


@pytest.fixture(scope="module")
def clip(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A random CLIP as the hub has them, without files of sentence-transformers."""
    import torch

    library: Any = import_module("transformers")
    processors: Any = import_module("transformers.models.clip.image_processing_pil_clip")
    folder = tmp_path_factory.mktemp("models") / "clip"
    folder.mkdir()
    words = ["<|startoftext|>", "<|endoftext|>", *LETTERS, *(f"{letter}</w>" for letter in LETTERS)]
    (folder / "vocab.json").write_text(json.dumps({word: row for row, word in enumerate(words)}))
    (folder / "merges.txt").write_text("#version: 0.2\n")
    tokenizer = library.CLIPTokenizerFast(vocab=str(folder / "vocab.json"), merges=str(folder / "merges.txt"), model_max_length=16)
    small = {"hidden_size": 32, "intermediate_size": 64, "num_hidden_layers": 2, "num_attention_heads": 4}
    text = {**small, "vocab_size": len(words), "max_position_embeddings": 16, "bos_token_id": 0, "eos_token_id": 1, "pad_token_id": 1}
    torch.manual_seed(3)
    seeing = {**small, "image_size": 32, "patch_size": 8}
    library.CLIPModel(library.CLIPConfig(text_config=text, vision_config=seeing, projection_dim=24)).save_pretrained(folder)
    images = processors.CLIPImageProcessorPil(size={"shortest_edge": 32}, crop_size={"height": 32, "width": 32})
    library.CLIPProcessor(image_processor=images, tokenizer=tokenizer).save_pretrained(folder)
    return folder


def pictures(count: int = 5) -> list[Image]:
    rng = np.random.default_rng(5)
    made = []
    for row in range(count):
        stream = io.BytesIO()
        Pillow.fromarray(rng.integers(0, 256, (30 + 7 * row, 50 - 3 * row, 3), dtype=np.uint8)).save(stream, "PNG")
        made.append(Image.of(stream.getvalue()))
    return made


@pytest.mark.parametrize("saved", [False, True])
def test_both_kinds_are_in_the_space_of_the_library(clip: Path, saved: bool, tmp_path: Path, locate: Callable[[Path], Location]) -> None:
    import torch

    import_module("sentence_transformers.util")
    library: Any = import_module("sentence_transformers").SentenceTransformer(str(clip), device="cpu")
    folder = clip
    if saved:
        folder = tmp_path / "saved"
        library.save_pretrained(str(folder))
    encoder = SentenceEncoder(locate(folder), device="cpu", batch_size=2)
    assert encoder.reads == {"text", "image"}
    images = pictures()
    items: list[Item] = [TEXTS[0], images[0], *images[1:3], TEXTS[1], TEXTS[2], images[0], *images[3:], TEXTS[3], TEXTS[0]]
    encoded = encoder.encode(items, views=("sentence",))
    given = [Pillow.fromarray(item.pixels()) if isinstance(item, Image) else item for item in items]
    expected = np.concatenate([library.encode([one], show_progress_bar=False) for one in given])
    vectors = encoded.vectors["sentence"]
    assert np.abs(vectors - expected).max() < 1e-5
    assert (vectors[1] == vectors[6]).all()
    assert encoded.truncated is not None
    assert encoded.truncated.tolist() == [isinstance(item, str) and len(item) > 40 for item in items]
    with torch.no_grad():
        both = library[0].auto_model, library[0].processor
        seen = both[0].get_image_features(**both[1](images=given[1:4], return_tensors="pt"))
    assert np.abs(vectors[1:4] - getattr(seen, "pooler_output", seen).numpy()).max() < 1e-5
    alone = [encoder.encode([item], views=("sentence",)).vectors["sentence"][0] for item in items]
    assert np.abs(vectors - alone).max() < 1e-6
    only = encoder.encode(images, views=("sentence",))
    assert only.truncated is not None
    assert not only.truncated.any()
    assert encoder.encode([], views=("sentence",)).vectors["sentence"].shape[0] == 0


def test_images_and_captions_are_scored_together(clip: Path, tmp_path: Path) -> None:
    for row, image in enumerate(pictures()):
        (tmp_path / f"{row}.png").write_bytes(image.read())
    rows = "".join(f"{row}.png,a {word},{row}\n" for row, word in enumerate(("man", "dog", "cat", "red", "green")))
    (tmp_path / "pairs.csv").write_text("a,b,score\n" + rows)
    (cell,) = evaluate(f"sentence-transformers:{clip}", "cosine", f"csv:{tmp_path}/pairs.csv,left=a,right=b,items=image+text").cells()
    assert cell["status"] == "ok"


def test_a_model_of_texts_is_refused_images_before_it_is_loaded(minilm: Location, tmp_path: Path) -> None:
    (tmp_path / "0.png").write_bytes(pictures(1)[0].read())
    (tmp_path / "pairs.csv").write_text("a,b,score\n0.png,0.png,1\n0.png,0.png,2\n")
    says = "^sentence-transformers:model reads text only, and photos holds images; leave out either$"
    with pytest.raises(PlanError, match=says):
        evaluate(f"sentence-transformers:{minilm.path}", "cosine", f"csv:{tmp_path}/pairs.csv,left=a,right=b,items=image,name=photos")
