"""A tiny random cross-encoder: both orders, sentence-transformers itself as oracle, what is refused, and the conformance kit."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import numpy as np
import pytest

from stsbench.api.evaluate import evaluate
from stsbench.errors import ModelError, OptionError
from stsbench.host.registry import Registry
from stsbench.testing import similarity_checks

WORDS = ["[PAD]", "[UNK]", "[CLS]", "[SEP]", "[MASK]", "a", "man", "dog", "cat", "plays", "eats", "is", "the", "not", ".", "##s"]
LEFT, RIGHT = ["a man plays .", "the dog is not a cat", "a dog eats", "a man plays ."], ["a dog", "the cat", "a dog eats", "a dog"]


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    return save(tmp_path / "crossing", labels=1)


def save(folder: Path, labels: int) -> Path:
    import torch
    from transformers import BertConfig, BertForSequenceClassification, BertTokenizer

    sizes: dict[str, Any] = {"hidden_size": 16, "num_hidden_layers": 2, "num_attention_heads": 2, "intermediate_size": 32}
    config = BertConfig(vocab_size=len(WORDS), max_position_embeddings=64, initializer_range=1.0, **{**sizes, "num_labels": labels})
    with torch.random.fork_rng():
        torch.manual_seed(0)
        BertForSequenceClassification(config).save_pretrained(folder)
    BertTokenizer(vocab={word: row for row, word in enumerate(WORDS)}, model_max_length=60).save_pretrained(folder)
    return folder


def build(folder: Path, options: str = "") -> Any:
    return Registry.installed().resolve("similarity", f"cross-encoder:{folder},device=cpu{options}").build()


def test_the_mean_of_both_orders_as_sentence_transformers_scores_them(folder: Path) -> None:
    from sentence_transformers import CrossEncoder

    oracle = CrossEncoder(str(folder), device="cpu")
    there, back = (oracle.predict(list(zip(x, y, strict=True))).astype(float) for x, y in ((LEFT, RIGHT), (RIGHT, LEFT)))
    scorer = build(folder)
    scores = scorer.score(LEFT, RIGHT)
    assert np.abs(there - back).max() > 1e-3
    np.testing.assert_allclose(scores, (there + back) / 2, atol=1e-6)
    assert scores[0] == scores[3]
    np.testing.assert_array_equal(scorer.score(RIGHT, LEFT), scores)
    assert float(scorer.provenance["asymmetry.max"]) == pytest.approx(np.abs(there - back).max(), abs=1e-5)
    scorer.close()
    assert scorer.provenance == {}


def test_declared_training_data_are_flagged(folder: Path) -> None:
    report = evaluate(f"cross-encoder:{folder},device=cpu,trained_on=mini", (), "mini", limit=4)
    assert report.entries[0].record.flags == ("supervised", "leaked")
    assert report.entries[0].encoder.ref.endswith(",trained_on=stsbench/mini")


def test_it_takes_the_encoders_place(folder: Path) -> None:
    report = evaluate(f"cross-encoder:{folder},device=cpu", (), "mini", limit=12)
    record = report.entries[0].record
    assert (record.view, record.similarity, record.status) == ("pair", None, "ok")
    assert report.entries[0].encoder.label == "cross-encoder:crossing"
    assert str(folder) not in record.signature


def test_what_is_refused(folder: Path, tmp_path: Path) -> None:
    with pytest.raises(ModelError, match="gives 3 numbers a pair, not one score"):
        build(save(tmp_path / "three", labels=3))
    with pytest.raises(OptionError, match="'max_length' must be at least 1"):
        build(folder, ",max_length=0")
    with pytest.raises(OptionError, match="must be 1 to 64"):
        build(folder, ",max_length=65").score(LEFT, RIGHT)
    (folder / "tokenizer.json").unlink()
    with pytest.raises(ModelError, match="'crossing' has no tokenizer"):
        build(folder).score(LEFT, RIGHT)
    (folder / "config.json").unlink()
    with pytest.raises(ModelError, match=r"has no config\.json"):
        build(folder)


def test_two_models_in_one_file_are_refused(folder: Path) -> None:
    from safetensors.numpy import load_file, save_file

    weights = load_file(folder / "model.safetensors")
    bare = {name.removeprefix("bert."): one[::-1].copy() for name, one in weights.items() if name.startswith("bert.")}
    save_file({**weights, **bare}, folder / "model.safetensors", metadata={"format": "pt"})
    with pytest.raises(ModelError, match=r"hold several models .under '' and 'bert\.'."):
        build(folder).score(LEFT, RIGHT)


def test_weights_and_dtype_are_part_of_the_fingerprint(folder: Path) -> None:
    registry = Registry.installed()
    prints = {
        registry.resolve("similarity", ref).fingerprint(build(folder, options).fingerprint).hex
        for ref, options in ((f"cross-encoder:{folder}{options}", options) for options in ("", ",dtype=bfloat16", ",max_length=9"))
    }
    assert len(prints) == 3


def test_a_dtype_that_the_processor_would_imitate_is_refused(folder: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    from stsbench_transformers import arithmetic

    scorer = build(folder, ",dtype=bfloat16")
    monkeypatch.setattr(arithmetic, "native_dtypes", lambda: {"float32"})
    assert scorer.runs_on.endswith("; a run refuses that")
    with pytest.raises(OptionError, match=r"this processor is not known to compute in it, .*; leave it out, choose another device$"):
        scorer.score(LEFT, RIGHT)
    monkeypatch.setattr(arithmetic, "native_dtypes", lambda: {"float32", "bfloat16"})
    assert scorer.runs_on == "sentence_transformers, in bfloat16, which this processor has"
    assert scorer.score(LEFT, RIGHT).shape == (4,)


def test_conformance(folder: Path) -> None:
    without = {"higher_means_more_similar": "random weights know no similarity"}
    for check in similarity_checks(f"cross-encoder:{folder},device=cpu", without=without):
        check()
