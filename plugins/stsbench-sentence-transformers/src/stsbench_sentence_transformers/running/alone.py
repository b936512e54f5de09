"""Batches in which sentence-transformers gives an input what it gives it alone: whatever it pads, on whichever side."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from typing import Any, TypeVar

import numpy as np
from stsbench_transformers.batching.batches import Packing
from stsbench_transformers.batching.independence import ROUNDING, find_packing
from stsbench_transformers.batching.probing import find_lengths

from stsbench.plugin import Float32
from stsbench_sentence_transformers.running.confirming import first_module

T = TypeVar("T")
Run = Callable[[list[T]], Float32]  # float32[n, d], a row an input
Count = Callable[[list[T]], list[int]]

_SENTENCE = "a man plays the guitar while nobody looks at the old house near the river and stocks fell on monday"
_WORDS = _SENTENCE.split()
_LENGTHS = (2, 9, 30, 200)  # words, whatever the model's configuration says
_MOST = 1024
_CHUNK = 256


def _text(words: int, start: int) -> str:
    return " ".join(_WORDS[(start + word * word) % len(_WORDS)] for word in range(words))


def try_texts(run: Run[str], count: Count[str], dtype: str, config: Mapping[str, Any]) -> Packing:
    """The largest batches in which a model gives texts of very different length what it gives each alone."""
    lengths = _lengths(config)
    return _try(run, count, dtype, [_text(words, 0) for words in lengths], [_text(words, 3) for words in lengths])


def try_pairs(run: Run[tuple[str, str]], count: Count[tuple[str, str]], dtype: str, config: Mapping[str, Any]) -> Packing:
    """The same for a model that reads pairs."""
    probes, twins = ([(_text(words, start), _text(words + 1, start + 1)) for words in _lengths(config)] for start in (0, 3))
    return _try(run, count, dtype, probes, twins)


def _lengths(config: Mapping[str, Any]) -> list[int]:
    """Numbers of words, the last of them past every window and block of the configuration."""
    return sorted({*_LENGTHS, find_lengths(config, _MOST)[-1]})


def read_config(model: Any) -> Mapping[str, Any]:
    """The configuration of the transformer that reads texts; empty where another module does."""
    config = getattr(getattr(first_module(model), "auto_model", None), "config", None)
    return {} if config is None else dict(config.to_dict())


def _try(run: Run[T], count: Count[T], dtype: str, probes: list[T], twins: list[T]) -> Packing:
    def rows(inputs: Sequence[T]) -> list[Float32]:
        return list(run(list(inputs)))

    alone = [rows([one])[0] for one in probes]
    lengths = zip(probes, twins, count(probes), count(twins), strict=True)
    return find_packing(rows, alone, probes, [other if own == its else one for one, other, own, its in lengths], ROUNDING[dtype])


def spread(run: Run[T], count: Count[T], packing: Packing, inputs: list[T]) -> Float32:
    """What `run` gives, float32[n, d], when it is called with inputs that may share a batch; there is at least one."""
    groups = grouped(count, packing, inputs)
    vectors = np.concatenate([run([inputs[row] for row in rows]) for rows in groups])
    return vectors[np.argsort(np.concatenate(groups))]


def grouped(count: Count[T], packing: Packing, inputs: list[T]) -> list[list[int]]:
    """The places of inputs that may share a batch, for each batch."""
    if packing == "padded":
        return [list(range(len(inputs)))]
    groups: dict[int, list[int]] = {}
    for row, length in enumerate(range(len(inputs)) if packing == "single" else count(inputs)):
        groups.setdefault(length, []).append(row)
    return list(groups.values())


def count_tokens(model: Any, inputs: list[Any], prompt: str = "") -> list[int]:
    """Tokens of each input as the model reads it; where it does not say, no two are taken for equally long."""
    counts: list[int] = []
    for start in range(0, len(inputs), _CHUNK):
        mask = model.preprocess(inputs[start : start + _CHUNK], prompt=prompt).get("attention_mask")
        if mask is None:
            return list(range(len(inputs)))
        counts += mask.sum(dim=1).tolist()
    return counts
