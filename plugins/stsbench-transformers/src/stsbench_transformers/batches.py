"""Which texts go through the model together."""

from __future__ import annotations

from collections.abc import Iterator, Sequence


def split_batches(lengths: Sequence[int], budget: int) -> Iterator[slice]:
    """Consecutive slices of texts sorted by length (ascending), each of at most `budget` tokens with its padding, or of one text.

    Texts without a token are in no slice.
    """
    start = next((row for row, length in enumerate(lengths) if length), len(lengths))
    for stop in range(start + 1, len(lengths) + 1):
        if stop == len(lengths) or (stop + 1 - start) * lengths[stop] > budget:
            yield slice(start, stop)
            start = stop
