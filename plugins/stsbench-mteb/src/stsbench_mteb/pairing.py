"""Rows of mteb to pairs with gold, by the type of the task."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import TYPE_CHECKING, Any

import numpy as np

from stsbench.plugin import DataError, Float64, Pairs

if TYPE_CHECKING:
    from mteb import AbsTask


def pairs_of(task: AbsTask, rows: Any, subset: str, what: str) -> Pairs:
    """The pairs of a part; raises DataError where a row holds no two texts or no gold."""
    made = {"STS": _graded, "PairClassification": _binary, "BitextMining": _translations}[task.metadata.type]
    try:
        left, right, gold = made(task, rows, subset)
    except (KeyError, IndexError, TypeError, ValueError) as error:
        raise DataError(f"{what} of mteb is not in the form that its type has ({type(error).__name__}); choose another task") from error
    for row, pair in enumerate(zip(left, right, strict=True), 1):
        if not all(isinstance(text, str) for text in pair):
            raise DataError(f"row {row} of {what} of mteb holds something other than two texts; choose another part")
    if not len(gold):
        raise DataError(f"{what} of mteb has no rows; choose another part")
    if not np.isfinite(gold).all() or (gold == -1).all():
        raise DataError(f"{what} of mteb has gold scores that are hidden or missing; choose a split whose scores are public")
    return Pairs(tuple(left), tuple(right), gold)


def _graded(task: Any, rows: Any, _: str) -> tuple[Sequence[str], Sequence[str], Float64]:
    left, right = task.column_names
    return list(rows[left]), list(rows[right]), np.array(_scores(rows), dtype=np.float64)


def _scores(rows: Any) -> list[Any]:
    """The gold scores; those of narrow floats are the numbers that were written: .7, and not .699999988079071."""
    held = (getattr(rows, "features", None) or {}).get("score")
    scores, dtype = list(rows["score"]), getattr(held, "dtype", "")
    return [float(str(np.dtype(dtype).type(score))) for score in scores] if dtype in ("float32", "float16") else scores


def _binary(task: Any, rows: Any, _: str) -> tuple[Sequence[str], Sequence[str], Float64]:
    columns = [task.input1_column_name, task.input2_column_name, task.label_column_name]
    held = rows[0] if len(rows) == 1 and not isinstance(rows[0][columns[0]], str) else rows  # all rows as lists in one, as mteb v1 had them
    left, right, labels = (list(held[column]) for column in columns)
    gold = np.array(labels, dtype=np.int64).astype(np.float64)
    if not np.isin(gold, (0, 1)).all():
        raise ValueError("labels must be 0 and 1")
    return left, right, gold


def _translations(task: Any, rows: Any, subset: str) -> tuple[Sequence[str], Sequence[str], Float64]:
    """Each text beside its translation, then beside that of the next text where this is another."""
    columns = subset.split("-") if task.parallel_subsets else ["sentence1", "sentence2"]
    left, right = (list(rows[column]) for column in columns)
    partners = [place for _, place in rows["gold"]] if isinstance(rows, Mapping) and "gold" in rows else range(len(left))
    true = [(left[row], right[partners[row]]) for row in range(len(left))]
    known = set(true)
    false = [pair for (text, _), (_, other) in zip(true, true[1:] + true[:1], strict=True) if (pair := (text, other)) not in known]
    pairs = true + false
    return [one for one, _ in pairs], [other for _, other in pairs], np.repeat([1.0, 0.0], [len(true), len(false)])
