"""What a board is measured by: its main metric, by which it ranks, and whatever else all of its benchmarks are measured by."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

from stsbench.contracts.board import BoardMetric, BoardSpec
from stsbench.contracts.records import Record, RecordFile
from stsbench.errors import StoreError


def measured_by(spec: BoardSpec, files: Sequence[RecordFile]) -> tuple[BoardMetric, ...]:
    """The metrics of a board, the main one first: what `board.toml` says, or what its benchmarks go by.

    Raises StoreError where benchmarks go by several metrics and none is chosen, or where one is not measured by the chosen one.
    """
    from stsbench.stats.metrics import METRICS, metrics_of

    by = {file.benchmark.name: file.benchmark.main for file in sorted(files, key=lambda file: file.benchmark.name)}
    if spec.main is None and len(set(by.values())) > 1:
        told = ", ".join(f"{name} by {METRICS[main].title}" for name, main in by.items())
        raise StoreError(
            f"board {spec.name!r} has benchmarks of several main metrics, whose figures are never averaged ({told}); name benchmarks of one "
            'in board.toml, or a metric that all of them are measured by, as in main = "spearman"'
        )
    main = spec.main or next(iter(by.values()))
    shared = [one.name for one in METRICS.values() if all(one in metrics_of(file.benchmark.task) for file in files)]
    if main not in shared:
        raise StoreError(
            f"board {spec.name!r} says main = {main!r}, and not all of its benchmarks are measured by it; "
            f"all of them are measured by {', '.join(shared)}"
        )
    if "fisher-z" in spec.aggregates and METRICS[main].binary:
        raise StoreError(f"board {spec.name!r} asks for fisher-z, a mean of correlations, and goes by {METRICS[main].title}; leave it out")
    return tuple(BoardMetric(name=name, title=METRICS[name].title) for name in (main, *(one for one in shared if one != main)))


def figures_of(record: Record | None, metrics: Sequence[BoardMetric]) -> Mapping[str, Any]:
    """The fields that say a record's figures on a board, null where it has none."""
    return {"main": metrics[0].name, "figures": {one.name: record.figures.get(one.name) if record else None for one in metrics}}
