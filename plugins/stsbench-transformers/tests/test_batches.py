"""How many tokens a batch takes."""

from __future__ import annotations

import pytest
from stsbench_transformers.batching.batches import fit_budget, split_batches

MINILM = {"width": 384, "wide": 1536, "layers": 6}  # 4 * (7 * 384 + 8 * 384 + 2 * 1536) = 35,328 bytes a token


@pytest.mark.parametrize(
    ("free", "budget"),
    [(0, 1024), (2 * 35328 * 2048 - 1, 1024), (2 * 35328 * 2048, 2048), (2 * 35328 * 4095, 2048), (16 << 30, 131072), (1 << 50, 262144)],
)
def test_half_of_the_free_memory_is_filled(free: int, budget: int) -> None:
    assert fit_budget(free, **MINILM) == budget


def test_larger_models_take_smaller_batches() -> None:
    large = fit_budget(16 << 30, width=1024, wide=4096, layers=24)
    assert large == 32768 < fit_budget(16 << 30, **MINILM)


def test_batches_cover_every_text_with_tokens_within_the_budget() -> None:
    lengths = [0, 0, *sorted([3, 5, 7, 11, 13, 40, 2, 2, 2] * 5)]
    batches = list(split_batches(lengths, 32))
    assert [row for batch in batches for row in range(len(lengths))[batch]] == list(range(2, len(lengths)))
    for batch in batches:
        inside = lengths[batch]
        assert len(inside) == 1 or len(inside) * max(inside) <= 32
