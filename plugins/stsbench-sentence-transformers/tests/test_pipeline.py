"""Modules that are run without the library against the library itself, and those that are left to it."""

from __future__ import annotations

import json
import shutil
from collections.abc import Callable
from pathlib import Path
from typing import TYPE_CHECKING

import numpy as np
import pytest
from stsbench_sentence_transformers.encoder import SentenceEncoder
from stsbench_sentence_transformers.reading.pipeline import normalise
from stsbench_transformers.running import Backend

from stsbench.plugin import Location, ModelError, OptionError

if TYPE_CHECKING:
    from sentence_transformers import SentenceTransformer
    from sentence_transformers.base.modules import Module

TEXTS = ["a man plays .", "the dogs eats the cat", "not", "", "the cat is not the dog . a man eats"]
VIEW = ("sentence",)


def save(base: Path, folder: Path, *modules: Module) -> SentenceTransformer:
    from sentence_transformers import SentenceTransformer
    from sentence_transformers.base.modules import Transformer

    model = SentenceTransformer(modules=[Transformer(str(base)), *modules], device="cpu")
    model.save_pretrained(str(folder), create_model_card=False)
    return model


@pytest.fixture
def base(make_tiny: Callable[..., Path]) -> Path:
    return make_tiny().with_name("tiny-base")


def chains() -> dict[str, list[Module]]:
    from sentence_transformers.base.modules import Dense, Normalize
    from sentence_transformers.sentence_transformer.modules import Pooling
    from torch import nn

    return {
        "cls": [Pooling(16, "cls")],
        "max": [Pooling(16, "max")],
        "mean-sqrt": [Pooling(16, "mean_sqrt_len_tokens"), Normalize()],
        "several": [Pooling(16, ("cls", "mean")), Dense(32, 5, activation_function=nn.Identity(), bias=False)],
        "last": [Pooling(16, ("lasttoken", "weightedmean"))],
        "dense-dense": [Pooling(16), Dense(16, 8), Normalize(), Dense(8, 4)],
    }


@pytest.mark.parametrize("name", ["cls", "max", "mean-sqrt", "several", "last", "dense-dense"])
@pytest.mark.parametrize("backend", ["torch", "openvino"])
def test_vectors_are_those_of_the_library(
    name: str, backend: Backend, base: Path, locate: Callable[[Path], Location], tmp_path: Path
) -> None:
    if backend == "openvino":
        pytest.importorskip("openvino", reason="needs the extra stsbench-transformers[openvino]")
    model = save(base, tmp_path / name, *chains()[name])
    encoder = SentenceEncoder(locate(tmp_path / name), backend=backend, cache_dir=str(tmp_path / "cache"))
    embeddings = encoder.encode(TEXTS, views=VIEW)
    np.testing.assert_allclose(embeddings.vectors["sentence"], [model.encode(text) for text in TEXTS], atol=1e-5)
    assert encoder.provenance["backend"] == backend


def test_the_library_and_the_engine_agree_on_what_is_cut(minilm: Location) -> None:
    texts = ["word " * count for count in (5, 6, 7, 300)]
    engine, library = (SentenceEncoder(minilm, max_length=8, normalize=True, backend=backend) for backend in ("torch", "library"))
    mine, theirs = (one.encode(texts, views=VIEW, prompt="a ") for one in (engine, library))
    np.testing.assert_allclose(mine.vectors["sentence"], theirs.vectors["sentence"], atol=1e-6)
    for embeddings in (mine, theirs):
        np.testing.assert_array_equal(embeddings.truncated, [False, True, True, True], strict=True)
    np.testing.assert_array_equal(engine.encode(texts, views=()).truncated, [False, False, True, True], strict=True)


def reason(encoder: SentenceEncoder) -> str:
    foreseen = encoder.runs_on
    encoder.encode(TEXTS, views=VIEW)
    assert foreseen == encoder.provenance["backend"]
    return encoder.provenance["backend"]


def test_what_is_not_known_is_left_to_the_library_and_said(base: Path, locate: Callable[[Path], Location], tmp_path: Path) -> None:
    from sentence_transformers.base.modules import Dense
    from sentence_transformers.sentence_transformer.modules import Pooling
    from torch import nn

    for name, modules, message in (
        ("residual", [Pooling(16), Dense(16, 16, use_residual=True)], "a dense layer does more"),
        ("relu", [Pooling(16), Dense(16, 16, activation_function=nn.ReLU())], "a dense layer does more"),
    ):
        model = save(base, tmp_path / name, *modules)
        encoder = SentenceEncoder(locate(tmp_path / name))
        assert message in reason(encoder)
        assert reason(encoder).startswith("sentence_transformers, since ")
        np.testing.assert_allclose(encoder.encode(TEXTS, views=VIEW).vectors["sentence"], model.encode(TEXTS), atol=1e-5)
        with pytest.raises(OptionError, match=r"option 'backend' is torch, but .*; leave the backend out"):
            SentenceEncoder(locate(tmp_path / name), backend="torch")


def test_settings_that_change_the_first_module_are_left_to_the_library(
    base: Path, locate: Callable[[Path], Location], tmp_path: Path
) -> None:
    from sentence_transformers.sentence_transformer.modules import Pooling

    save(base, tmp_path / "lower", Pooling(16))
    path = tmp_path / "lower" / "sentence_bert_config.json"
    path.write_text(json.dumps({**json.loads(path.read_text()), "do_lower_case": True}))
    assert (
        reason(SentenceEncoder(locate(tmp_path / "lower"))) == "sentence_transformers, since sentence_bert_config.json sets do_lower_case"
    )


def test_an_export_is_no_model_for_the_library(base: Path, locate: Callable[[Path], Location], tmp_path: Path) -> None:
    from sentence_transformers.sentence_transformer.modules import Pooling

    folder = tmp_path / "exported"
    save(base, folder, Pooling(16))
    settings = folder / "sentence_bert_config.json"
    settings.write_text(json.dumps({**json.loads(settings.read_text()), "do_lower_case": True}))
    (folder / "onnx").mkdir()
    (folder / "model.safetensors").rename(folder / "onnx" / "model.onnx")
    with pytest.raises(ModelError, match=r"onnx/model\.onnx is read by backend=openvino alone"):
        SentenceEncoder(locate(folder))


def test_every_way_has_one_fingerprint(minilm: Location) -> None:
    assert len({SentenceEncoder(minilm, backend=one).fingerprint.hex for one in ("auto", "torch", "library")}) == 1


def test_dense_weights_that_do_not_fit_are_named(
    make_tiny: Callable[..., Path], locate: Callable[[Path], Location], tmp_path: Path
) -> None:
    from safetensors.numpy import load_file, save_file

    folder = shutil.copytree(make_tiny(), tmp_path / "changed")
    (dense,) = folder.glob("*_Dense/model.safetensors")
    save_file({name: one[:4].copy() for name, one in load_file(dense).items()}, dense)
    with pytest.raises(ModelError, match=r"weights in 2_Dense of model 'changed' are not those that its config.json describes"):
        SentenceEncoder(locate(folder)).encode(TEXTS, views=VIEW)


def test_a_zero_row_stays_zero() -> None:
    assert normalise(np.array([[3, 4], [0, 0]], dtype=np.float32)).tolist() == [[np.float32(0.6), np.float32(0.8)], [0, 0]]


def test_the_library_imitates_a_dtype_only_where_it_was_asked_for(
    base: Path, locate: Callable[[Path], Location], tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    from sentence_transformers.sentence_transformer.modules import LayerNorm, Pooling
    from stsbench_transformers import arithmetic

    monkeypatch.setattr(arithmetic, "native_dtypes", lambda: {"float32"})
    save(base, tmp_path / "last", Pooling(16), LayerNorm(16))
    location = locate(tmp_path / "last")
    refused, asked = (SentenceEncoder(location, dtype="bfloat16", device="cpu", backend=one) for one in ("auto", "library"))
    assert "a run refuses that" in refused.runs_on
    with pytest.raises(OptionError, match="add backend=library to have it imitated"):
        refused.encode(TEXTS, views=VIEW)
    assert asked.encode(TEXTS, views=VIEW).vectors["sentence"].shape == (5, 16)
    assert asked.fingerprint == refused.fingerprint


def test_a_text_without_a_token_is_a_pooled_state_of_zeros(base: Path, locate: Callable[[Path], Location], tmp_path: Path) -> None:
    from sentence_transformers.base.modules import Dense
    from sentence_transformers.sentence_transformer.modules import Pooling

    save(base, tmp_path / "bare", Pooling(16, "lasttoken"), Dense(16, 8))
    path = tmp_path / "bare" / "tokenizer.json"
    path.write_text(json.dumps({**json.loads(path.read_text()), "post_processor": None}))
    settings = tmp_path / "bare" / "tokenizer_config.json"
    settings.write_text(json.dumps({**json.loads(settings.read_text()), "tokenizer_class": "PreTrainedTokenizerFast"}))
    encoder = SentenceEncoder(locate(tmp_path / "bare"), truncate_dim=(4,), backend="library")
    rows = encoder.encode(TEXTS, views=("sentence/4",)).vectors["sentence/4"]
    bias = next(module for module in encoder.library.model if isinstance(module, Dense)).linear.bias.detach().numpy()
    np.testing.assert_allclose(rows[3], np.tanh(bias)[:4], atol=1e-6)
    rest = [row for row in range(5) if row != 3]
    alone = [encoder.library.model.encode(TEXTS[row])[:4] for row in rest]
    np.testing.assert_allclose(rows[rest], alone, atol=1e-5)


def test_a_model_at_which_the_library_fails_is_named(base: Path, locate: Callable[[Path], Location], tmp_path: Path) -> None:
    from sentence_transformers.sentence_transformer.modules import LSTM, Pooling

    save(base, tmp_path / "lstm", LSTM(16, 8), Pooling(16))
    with pytest.raises(ModelError, match=r"loads model 'lstm', but fails at running it \(KeyError\)"):
        SentenceEncoder(locate(tmp_path / "lstm")).encode(TEXTS, views=VIEW)
