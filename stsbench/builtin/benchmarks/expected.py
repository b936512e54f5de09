"""What departs in loaded data from the definition of their task, in words."""

from __future__ import annotations

from collections.abc import Sequence

from stsbench.builtin.benchmarks.definitions import Expected, SimCSE
from stsbench.contracts.data import Pairs

_CLOSE = 1e-4  # gold scores on the hub are partly float32


def departures(parts: Sequence[Pairs], expected: Expected) -> tuple[str, ...]:
    """The counts, and where known the contents, of all parts of a split together that are not as expected."""
    left, right = ([text for pairs in parts for text in pairs.texts[side]] for side in (0, 1))
    counts = (
        ("pairs", len(left), expected.pairs),
        ("characters", sum(map(len, left)) + sum(map(len, right)), expected.characters),
        ("unique left texts", len(set(left)), expected.unique_left),
        ("unique right texts", len(set(right)), expected.unique_right),
        ("unique pairs", len(set(zip(left, right, strict=True))), expected.unique_pairs),
        ("positive pairs", sum(int((pairs.gold == 1).sum()) for pairs in parts), expected.positives),
    )
    said = [f"{value:,} {name}, expected {wanted:,}" for name, value, wanted in counts if wanted is not None and value != wanted]
    ends = (
        ("lowest", min(float(pairs.gold.min()) for pairs in parts), expected.gold_min),
        ("highest", max(float(pairs.gold.max()) for pairs in parts), expected.gold_max),
    )
    said += [
        f"{name} gold score {value:g}, expected {wanted:g}"
        for name, value, wanted in ends
        if wanted is not None and abs(value - wanted) > _CLOSE
    ]
    if expected.contents and len(parts) == 1:
        said += _contents(parts[0], expected.contents, "contents")
    return tuple(said)


def simcse_departures(parts: Sequence[Pairs], change: SimCSE) -> tuple[str, ...]:
    """Whether the rows that the SimCSE protocol takes, before their texts are changed, are not the right ones."""
    return tuple(_contents(parts[0], change.contents, f"rows from {change.first_row + 1:,}")) if change.contents else ()


def _contents(pairs: Pairs, wanted: str, what: str) -> list[str]:
    return [] if pairs.contents == wanted else [f"{what} {pairs.contents[:8]}, expected {wanted[:8]}"]
