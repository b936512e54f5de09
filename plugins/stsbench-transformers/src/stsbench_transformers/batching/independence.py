"""Whether a model gives a text the same alone and among others; where it does not, the batches in which it does."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import TypeVar

import numpy as np

from stsbench.plugin import Float32
from stsbench_transformers.batching.batches import Packing

T = TypeVar("T")

# between what a model gives in one batch and in another, relative to its length; none where numbers are put into steps as it runs, since
# one that rounding moves over an edge is a whole step apart, which few texts show
ROUNDING = {"float32": 1e-5, "bfloat16": 5e-2, "float16": 5e-3, "int8": 0.0}


def distance(given: Sequence[Float32], expected: Sequence[Float32]) -> float:
    """Largest distance between matching rows, relative to the length of the expected one; infinite where one is not a number."""
    worst = 0.0
    for rows, wanted in zip(given, expected, strict=True):
        length = np.linalg.norm(wanted, axis=-1)
        apart = np.linalg.norm(rows - wanted, axis=-1) / np.where(length == 0, 1, length)
        worst = max(worst, float(np.nan_to_num(apart, nan=np.inf, posinf=np.inf).max(initial=0)))
    return worst


def find_packing(
    run: Callable[[Sequence[T]], Sequence[Float32]],
    alone: Sequence[Float32],
    probes: Sequence[T],
    twins: Sequence[T],
    tolerance: float,
) -> Packing:
    """The largest batches in which `run` gives each of `probes`, which differ in length, what it has `alone`.

    `twins` are other inputs of the same lengths.
    """
    if distance(run(probes), alone) <= tolerance:
        return "padded"
    beside = [run([twin, probe])[1] for probe, twin in zip(probes, twins, strict=True)]
    return "even" if distance(beside, alone) <= tolerance else "single"
