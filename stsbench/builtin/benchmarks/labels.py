"""Gold from the labels of a public task: what each is worth, and which rows it takes."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

from stsbench.builtin.benchmarks.definitions import Task
from stsbench.errors import DataError

from .tables.nested import names_at
from .tables.table import Table


def graded_rows(table: Table, task: Task, what: str) -> Table:
    """The rows that the task takes, with gold in the place of its labels where it says what these are worth.

    A label that is missing stays so, for its row to be refused, unless the task leaves out what it does not name. Raises DataError where
    no row is left.
    """
    places = task.columns.by_role
    if not (task.worth or task.two_texts) or not table.size or not set(places.values()) <= set(table.columns):
        return table  # `to_pairs` says which column is missing
    rows = list(range(table.size))
    if task.two_texts:
        left, right = (table.columns[places[side]] for side in ("left", "right"))
        rows = [row for row in rows if all(str(texts[row] or "").strip() for texts in (left, right))]
    labels, names = table.columns[places["score"]], names_at(table, places["score"]) or ()
    gold = {row: labels[row] if labels[row] is None else _worth(labels[row], names, task) for row in rows}
    if task.others is None:
        gold = {row: worth for row, worth in gold.items() if worth is not None}
    if not gold:
        raise DataError(f"{what} has no row with one of the labels {', '.join(task.worth)}; use a mirror with the labels of the hub")
    taken = table.take(list(gold))
    labels_left = {name: inner for name, inner in taken.labels.items() if name != places["score"]}
    return replace(taken, columns={**taken.columns, places["score"]: list(gold.values())}, labels=labels_left)


def _worth(label: Any, names: tuple[str, ...], task: Task) -> float | None:
    """What a label is worth by its id or text, or else by its name; what all others are where it has no worth of its own."""
    if isinstance(label, float) and label.is_integer():  # what becomes of ids beside absent values
        label = int(label)
    known = isinstance(label, int) and 0 <= label < len(names)
    return next((task.worth[key] for key in (str(label), names[label] if known else "") if key in task.worth), task.others)
