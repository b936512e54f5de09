"""What is meant where nothing is named: full names, which no plugin can make ambiguous by offering the same short one."""

from __future__ import annotations

from typing import Final

SIMILARITY: Final = "stsbench/cosine"
BENCHMARK: Final = "stsbench/mini"
LIGHT: Final = ("stsbench-wordllama/wordllama", "stsbench/hashing")  # encoders that need neither network nor torch, best first
FLOOR: Final = "stsbench-lexical/token-jaccard"  # the pair scorer that says how far counting words gets
PADDED: Final = 1e-5  # difference, as a share of the largest value, that padding may make
LEVEL: Final = 0.95  # of intervals
RESAMPLES: Final = 9999  # that intervals are of


def own(*names: str) -> tuple[str, ...]:
    """Full names of components of the core."""
    return tuple(f"stsbench/{name}" for name in names)
