"""Which texts go through the model together."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from typing import Literal, get_args

Packing = Literal["padded", "even", "single"]  # texts of any length, of one length, or one text at a time
PACKINGS: tuple[Packing, ...] = get_args(Packing)
WHY = {
    "even": "one length at a time, since padding changes the model's vectors",
    "single": "one text at a time, since a batch changes the model's vectors",
}

BUDGET = 384  # tokens of a batch in float32 on a CPU: 256 to 384 took 3 to 7 % less of its time than 1,024
_LEAST, _MOST = 1024, 262144  # tokens a batch of a GPU


def fit_budget(free: int, *, width: int, wide: int, layers: int) -> int:
    """Tokens of a batch for which half of `free` bytes of a GPU is enough, as a power of two from 1,024 to 262,144.

    A token takes its hidden states of all `layers`, and within one layer three projections, the inner states of `wide` numbers
    before and after the activation, and sums, in 4 bytes each; attention is fused and holds no square of the length.
    """
    each = 4 * ((layers + 1) * width + 8 * width + 2 * wide)
    fitting = max(_LEAST, min(_MOST, free // (2 * each)))
    return 1 << (fitting.bit_length() - 1)


def split_batches(lengths: Sequence[int], budget: int, packing: Packing = "padded") -> Iterator[slice]:
    """Consecutive slices of texts sorted by length (ascending), each of at most `budget` tokens with its padding, or of one text.

    Texts without a token are in no slice.
    """
    start = next((row for row, length in enumerate(lengths) if length), len(lengths))
    for stop in range(start + 1, len(lengths) + 1):
        if (
            stop == len(lengths)
            or (stop + 1 - start) * lengths[stop] > budget
            or (packing == "even" and lengths[stop] > lengths[start])
            or packing == "single"
        ):
            yield slice(start, stop)
            start = stop
