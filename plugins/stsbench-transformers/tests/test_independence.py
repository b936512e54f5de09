"""A text has the states that it has alone and on torch, whatever is beside it and however long it is."""

from __future__ import annotations

import json
from collections.abc import Callable, Sequence
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from stsbench_transformers.batching.batches import split_batches
from stsbench_transformers.batching.independence import distance, find_packing
from stsbench_transformers.batching.probing import find_lengths
from stsbench_transformers.encoder import Bert

from stsbench.plugin import Float32, Location

SIZES = {"hidden_size": 32, "num_hidden_layers": 2, "num_attention_heads": 2, "intermediate_size": 32, "max_position_embeddings": 160}
RELATIVE = {"relative_attention": True, "pos_att_type": ["c2p", "p2c"], "type_vocab_size": 0}
MODERN = {
    "local_attention": 16,
    "global_attn_every_n_layers": 2,
    "pad_token_id": 0,
    "bos_token_id": 2,
    "cls_token_id": 2,
    "eos_token_id": 3,
}


def save(folder: Path, words: list[str], family: str, *, limit: int = 160, **settings: Any) -> Path:
    """A model of large random weights, with a tokenizer of a few words."""
    import torch
    import transformers

    sizes = {"vocab_size": len(words), **SIZES, **settings}
    model = getattr(transformers, f"{family}Model")(getattr(transformers, f"{family}Config")(**sizes))
    with torch.random.fork_rng(), torch.no_grad():
        torch.manual_seed(0)
        for parameter in model.parameters():
            if parameter.dim() > 1:
                parameter.normal_(std=0.2)
    model.save_pretrained(folder)
    vocabulary = {word: row for row, word in enumerate(words)}
    transformers.BertTokenizer(vocab=vocabulary, model_max_length=limit).save_pretrained(folder)
    return folder


def make_texts(words: list[str], *counts: int) -> list[str]:
    random = np.random.default_rng(0)
    return [" ".join(random.choice(words[5:14], count)) for count in counts]


def apart_from_alone(location: Location, texts: list[str], cache: Path, **options: Any) -> tuple[float, dict[str, str]]:
    """How far vectors are from those of torch of each text alone, and the provenance."""
    alone, among = (Bert(location, backend=one, cache_dir=str(cache), pooling=("mean", "max"), **options) for one in ("torch", "auto"))
    rows = [alone.encode([text], views=alone.views).vectors for text in texts]
    together = among.encode(texts, views=among.views).vectors
    worst = max(distance(list(together[view]), [vector for row in rows for vector in row[view]]) for view in alone.views)
    return worst, dict(among.provenance)


@pytest.mark.parametrize(
    ("family", "settings", "backend", "batches", "why"),
    [
        ("ModernBert", {"num_hidden_layers": 2, **MODERN}, "openvino", None, ""),  # no number at padding, in the last layer alone
        ("ModernBert", {"num_hidden_layers": 4, **MODERN}, "openvino", "one length at a time", ""),
        ("Deberta", {"max_relative_positions": 32, **RELATIVE}, "torch", None, "fails on texts of up to 33 tokens"),
        (
            "DebertaV2",
            {"position_buckets": 16, "max_position_embeddings": 512, "limit": 512, **RELATIVE},
            "torch",
            None,
            "on a text of 512",
        ),
        ("FNet", {}, "openvino", "one length at a time", ""),
    ],
)
def test_a_text_has_the_vector_that_it_has_alone(
    family: str,
    settings: dict[str, Any],
    backend: str,
    batches: str | None,
    why: str,
    words: list[str],
    locate: Callable[[Path], Location],
    tmp_path: Path,
) -> None:
    pytest.importorskip("openvino", reason="needs the extra stsbench-transformers[openvino]")
    folder = save(tmp_path / family, words, family, **settings)
    worst, facts = apart_from_alone(locate(folder), make_texts(words, 1, 3, 5, 5, 20, 40, 90, 158, 505), tmp_path / "cache")
    assert worst < 2e-5
    assert facts["backend"] == backend
    assert why in facts.get("backend.why", "")
    assert facts.get("batches", "").startswith(batches) if batches else "batches" not in facts


@pytest.mark.parametrize("family", ["FNet", "ConvBert"])
def test_torch_runs_one_length_at_a_time_what_padding_changes(
    family: str, words: list[str], locate: Callable[[Path], Location], tmp_path: Path
) -> None:
    folder = save(tmp_path / family, words, family, **({"embedding_size": 32} if family == "ConvBert" else {}))
    texts = make_texts(words, 1, 3, 5, 5, 20)
    together = Bert(locate(folder), backend="torch")
    vectors = together.encode(texts, views=("mean@2",)).vectors["mean@2"]
    alone = np.concatenate([together.encode([text], views=("mean@2",)).vectors["mean@2"] for text in texts])
    np.testing.assert_allclose(vectors, alone, atol=1e-5)
    assert together.provenance["batches"] == "one length at a time, since padding changes the model's vectors"


def test_what_a_short_text_switches_off_is_on_for_the_next(words: list[str], locate: Callable[[Path], Location], tmp_path: Path) -> None:
    import torch
    from transformers import AutoModel, AutoTokenizer

    folder = save(tmp_path / "model", words, "BigBird", block_size=8)
    texts, tokenizer = make_texts(words, 1, 3, 90, 110, 157), AutoTokenizer.from_pretrained(folder)
    with torch.inference_mode():
        given = [tokenizer(text, return_tensors="pt") for text in texts]
        fresh = [AutoModel.from_pretrained(folder).eval()(**one).last_hidden_state.mean(dim=1)[0].numpy() for one in given]
    encoder = Bert(locate(folder), backend="torch")
    for _ in range(2):
        np.testing.assert_allclose(encoder.encode(texts, views=("mean@2",)).vectors["mean@2"], fresh, atol=1e-5)


@pytest.fixture(scope="module")
def traced() -> list[Any]:
    """The graph of the model whose check is extended, once it was traced: its weights are the same each time."""
    return []


@pytest.mark.parametrize("wrong_from", [10_000, 100])
def test_longer_texts_extend_the_check(
    wrong_from: int,
    traced: list[Any],
    words: list[str],
    locate: Callable[[Path], Location],
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    pytest.importorskip("openvino", reason="needs the extra stsbench-transformers[openvino]")
    import openvino
    from openvino import opset13 as ops

    honest = openvino.convert_model

    def trace(*arguments: Any, **options: Any) -> Any:
        if not traced:
            traced.append(honest(*arguments, **options))
        graph = traced[0].clone()
        last, ids = graph.output(2).node, graph.input(0).node
        long = ops.greater(ops.gather(ops.shape_of(ids), np.int64(1), np.int64(0)), np.int64(wrong_from))
        factor = ops.select(long, np.float32(1.1), np.float32(1))
        last.input(0).replace_source_output(ops.multiply(last.input_value(0), factor).output(0))
        return graph

    monkeypatch.setattr(openvino, "convert_model", trace)
    location = locate(save(tmp_path / "model", words, "Electra", embedding_size=32))
    short, long = make_texts(words, 3, 40), make_texts(words, 3, 120)
    encoder = Bert(location, cache_dir=str(tmp_path / "cache"))
    encoder.encode(short, views=("mean@2",))
    assert encoder.provenance["backend"] == "openvino"
    (kept,) = (tmp_path / "cache").rglob("graph.json")
    assert json.loads(kept.read_text())["checked"] == 64
    vectors = encoder.encode(long, views=("mean@2",)).vectors["mean@2"]
    expected = Bert(location, backend="torch").encode(long, views=("mean@2",)).vectors["mean@2"]
    np.testing.assert_allclose(vectors, expected, atol=1e-5)
    right = wrong_from > 160
    again = Bert(location, cache_dir=str(tmp_path / "cache"))
    again.encode(short, views=("mean@2",))
    for bert in (encoder, again):
        assert bert.provenance["backend"] == ("openvino" if right else "torch")
        assert right or "differs by 1e-01 from torch on a text of 128 tokens" in bert.provenance["backend.why"]
    assert json.loads(kept.read_text())["checked"] == (128 if right else 64)


@pytest.mark.parametrize(
    ("config", "limit", "lengths"),
    [
        ({}, None, (3, 17, 64)),
        ({}, 20, (3, 17, 20)),
        ({"local_attention": 128, "global_attn_every_n_layers": 3}, 8192, (3, 17, 64, 129, 257)),
        ({"attention_window": [32, 512], "chunk_size_feed_forward": 0}, 4096, (3, 17, 33, 64, 65, 513, 1025)),
        ({"sliding_window": None}, 512, (3, 17, 64)),
        ({"sliding_window": 4096}, 8192, (3, 17, 64)),
        ({"position_buckets": 16, "relative_attention": True}, 512, (3, 17, 33, 64, 512)),
        ({"relative_attention": False}, 512, (3, 17, 64)),
        ({"relative_attention_max_distance": 128}, None, (3, 17, 64, 129, 257, 2048)),
        ({"block_size": 64}, 4096, (3, 17, 64, 65, 129, 1024)),
    ],
)
def test_lengths_lie_past_every_threshold(config: dict[str, Any], limit: int | None, lengths: tuple[int, ...]) -> None:
    assert find_lengths(config, limit) == lengths


def test_no_number_is_far_from_every_number() -> None:
    ones = np.ones((2, 3), dtype=np.float32)
    assert distance([ones], [ones * np.float32(2)]) == 0.5
    assert distance([ones * np.float32(np.nan)], [ones]) == distance([ones * np.float32(np.inf)], [ones]) == np.inf


def test_the_largest_batches_that_change_nothing_are_found() -> None:
    def rows(values: Sequence[int], context: int) -> list[Float32]:
        return [np.array([[value, context]], dtype=np.float32) for value in values]

    probes, twins = [3, 30], [3, 30]
    contexts: tuple[tuple[Callable[[Sequence[int]], int], str], ...] = ((lambda given: 1, "padded"), (max, "even"), (len, "single"))
    for context, packing in contexts:

        def run(given: Sequence[int], context: Callable[[Sequence[int]], int] = context) -> list[Float32]:
            return rows(given, context(given))

        assert find_packing(run, [run([one])[0] for one in probes], probes, twins, 1e-5) == packing


def test_batches_are_of_one_length_or_of_one_text() -> None:
    lengths = [0, 2, 2, 3, 3, 3, 9]
    assert [(one.start, one.stop) for one in split_batches(lengths, 6, "even")] == [(1, 3), (3, 5), (5, 6), (6, 7)]
    assert [(one.start, one.stop) for one in split_batches(lengths, 100, "single")] == [(row, row + 1) for row in range(1, 7)]
    assert [(one.start, one.stop) for one in split_batches(lengths, 100)] == [(1, 7)]
