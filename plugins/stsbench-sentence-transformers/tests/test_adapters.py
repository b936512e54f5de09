"""Adapters: added to the base that was decided on, which is part of the identity, or refused; never left out in silence."""

from __future__ import annotations

import json
import shutil
from collections.abc import Callable
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from stsbench_sentence_transformers.crossing import CrossScorer
from stsbench_sentence_transformers.encoder import SentenceEncoder
from stsbench_transformers.encoder import Bert

from stsbench.plugin import Float32, Location, ModelError, OptionError

TEXTS = ["a man plays .", "the dogs eats the cat", "not"]


def vectors(encoder: SentenceEncoder) -> Float32:
    return encoder.encode(TEXTS, views=("sentence",)).vectors["sentence"]


def double_words(base: Path) -> None:
    from safetensors.numpy import load_file, save_file

    weights = load_file(base / "model.safetensors")
    name = next(name for name in weights if name.endswith("word_embeddings.weight"))
    save_file({**weights, name: weights[name] * 2}, base / "model.safetensors", metadata={"format": "pt"})


@pytest.fixture
def base(make_tiny: Callable[..., Path]) -> Path:
    return make_tiny().with_name("tiny-base")


@pytest.fixture
def adapted(base: Path, tmp_path: Path, words: list[str]) -> Path:
    """A folder as peft writes it, made by hand: rank 2, on the queries of a BERT of two layers and 16 dimensions."""
    from safetensors.numpy import save_file

    folder = tmp_path / "adapted"
    shutil.copytree(base, folder, ignore=shutil.ignore_patterns("config.json", "model.safetensors"))
    random = np.random.default_rng(0)
    names = [f"base_model.model.encoder.layer.{layer}.attention.self.query.lora_{part}.weight" for layer in (0, 1) for part in "AB"]
    save_file(
        {name: random.normal(size=(2, 16) if "lora_A" in name else (16, 2)).astype(np.float32) for name in names},
        folder / "adapter_model.safetensors",
        metadata={"format": "pt"},
    )
    settings = {"peft_type": "LORA", "r": 2, "lora_alpha": 4, "target_modules": ["query"], "base_model_name_or_path": str(base)}
    (folder / "adapter_config.json").write_text(json.dumps(settings))
    return folder


def test_an_adapter_is_added_to_its_base(adapted: Path, base: Path, locate: Callable[[Path], Location]) -> None:
    pytest.importorskip("peft", reason="needs the extra stsbench-sentence-transformers[adapters]")
    from sentence_transformers import SentenceTransformer

    for folder in (adapted, beside(adapted, base)):
        encoder = SentenceEncoder(locate(folder))
        expected = SentenceTransformer(str(folder), device="cpu").encode(TEXTS)
        np.testing.assert_allclose(vectors(encoder), expected, atol=1e-6)
        plain = SentenceTransformer(str(base), device="cpu").encode(TEXTS)
        assert np.abs(expected - plain).max() > 1e-3
        assert encoder.decided["base"].startswith(("tiny-base (", "embedded ("))
        assert encoder.runs_on.startswith("sentence_transformers, since the model is an adapter of ")


def beside(adapted: Path, base: Path) -> Path:
    folder = shutil.copytree(adapted, adapted.with_name("embedded"))
    for name in ("config.json", "model.safetensors"):
        shutil.copy(base / name, folder / name)
    return folder


def test_the_base_is_part_of_the_identity(adapted: Path, base: Path, locate: Callable[[Path], Location]) -> None:
    before = SentenceEncoder(locate(adapted))
    assert SentenceEncoder(locate(adapted)).fingerprint == before.fingerprint
    moved = shutil.copytree(base, base.with_name("elsewhere"))
    settings = json.loads((adapted / "adapter_config.json").read_text())
    (adapted / "adapter_config.json").write_text(json.dumps({**settings, "base_model_name_or_path": str(moved)}))
    location = locate(adapted)
    same = SentenceEncoder(location)
    assert same.decision.identity == before.decision.identity, "the same base in a folder of another name"
    double_words(moved)
    assert SentenceEncoder(location).fingerprint != same.fingerprint, "the base's weights changed, and nothing else did"
    assert str(base.parent) not in json.dumps(same.decided)


def test_an_adapter_s_settings_are_those_of_its_base(adapted: Path, base: Path, locate: Callable[[Path], Location]) -> None:
    settings = json.loads((base / "config.json").read_text())
    (base / "config.json").write_text(json.dumps({**settings, "max_position_embeddings": 12}))
    assert SentenceEncoder(locate(adapted)).decided["max_length"] == "12"


def test_without_peft_an_adapter_is_refused(
    adapted: Path, base: Path, locate: Callable[[Path], Location], monkeypatch: pytest.MonkeyPatch
) -> None:
    import stsbench_sentence_transformers.running.preparing as preparing

    monkeypatch.setattr(preparing, "find_spec", lambda name: None)
    for folder in (adapted, beside(adapted, base)):
        with pytest.raises(ModelError, match=r"is an adapter, which needs peft; pip install 'stsbench-sentence-transformers\[adapters\]'"):
            vectors(SentenceEncoder(locate(folder)))


def test_our_own_backends_run_no_adapter(adapted: Path, base: Path, locate: Callable[[Path], Location]) -> None:
    for folder in (adapted, beside(adapted, base)):
        for backend in ("torch", "openvino"):
            with pytest.raises(OptionError, match="but the model is an adapter of"):
                SentenceEncoder(locate(folder), backend=backend)
        with pytest.raises(ModelError, match=r"is an adapter .adapter_config.json., which this encoder does not add to its base"):
            Bert(locate(folder))


def test_a_base_that_cannot_be(adapted: Path, base: Path, locate: Callable[[Path], Location]) -> None:
    path = adapted / "adapter_config.json"
    settings = json.loads(path.read_text())
    for named, message in (
        (str(base.with_name("gone")), "the base 'gone' of the adapter 'adapted' is not a folder here; write where it is"),
        ("", "adapter_config.json of model 'adapted' names no base_model_name_or_path"),
        (str(adapted), "the base of the adapter 'adapted' is an adapter itself"),
    ):
        path.write_text(json.dumps({**settings, "base_model_name_or_path": named}))
        with pytest.raises(ModelError, match=message) as caught:
            SentenceEncoder(locate(adapted))
        assert str(base.parent) not in str(caught.value)
    path.write_text(json.dumps(settings))
    (adapted / "adapter_model.safetensors").rename(adapted / "adapter_model.bin")
    with pytest.raises(ModelError, match="'adapted' has weights in pickled files only"):
        SentenceEncoder(locate(adapted))


def test_a_cross_encoder_s_adapter_rests_on_its_base_too(adapted: Path, base: Path, locate: Callable[[Path], Location]) -> None:
    pytest.importorskip("peft", reason="needs the extra stsbench-sentence-transformers[adapters]")
    import torch
    from transformers import BertConfig, BertForSequenceClassification

    sizes: dict[str, Any] = {
        "hidden_size": 16,
        "num_hidden_layers": 2,
        "num_attention_heads": 2,
        "intermediate_size": 32,
        "initializer_range": 1.0,
    }
    with torch.random.fork_rng():
        torch.manual_seed(0)
        BertForSequenceClassification(BertConfig(vocab_size=16, **{**sizes, "num_labels": 1})).save_pretrained(base)
    (adapted / "adapter_config.json").write_text(
        (adapted / "adapter_config.json").read_text().replace('"r": 2', '"r": 2, "task_type": "SEQ_CLS"')
    )
    from safetensors.numpy import load_file, save_file

    lora = load_file(adapted / "adapter_model.safetensors")
    save_file(
        {name.replace("model.encoder", "model.bert.encoder"): one for name, one in lora.items()}, adapted / "adapter_model.safetensors"
    )
    for name, content in {
        "modules.json": [{"idx": 0, "name": "0", "path": "", "type": "sentence_transformers.base.modules.transformer.Transformer"}],
        "config_sentence_transformers.json": {"model_type": "CrossEncoder"},
        "sentence_bert_config.json": {"transformer_task": "sequence-classification"},
    }.items():
        (adapted / name).write_text(json.dumps(content))
    from sentence_transformers import CrossEncoder

    scorer = CrossScorer(locate(adapted), device="cpu")
    model = CrossEncoder(str(adapted), device="cpu")
    both = [model.predict(list(zip(left, right, strict=True))) for left, right in ((TEXTS, TEXTS[::-1]), (TEXTS[::-1], TEXTS))]
    np.testing.assert_allclose(scorer.score(TEXTS, TEXTS[::-1]), np.mean(both, axis=0), atol=1e-6)
    before = scorer.fingerprint
    double_words(base)
    assert CrossScorer(locate(adapted)).fingerprint != before
