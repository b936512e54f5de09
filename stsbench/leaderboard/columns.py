"""The columns of a board: the benchmarks that its records were measured on, and the metrics that all of them are measured by."""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping, Sequence
from typing import Any

from stsbench.contracts.boards.board import BoardBenchmark, BoardMetric, BoardSpec
from stsbench.contracts.components.protocols import BenchmarkCard
from stsbench.contracts.records import BenchmarkEntry, Record, RecordFile
from stsbench.contracts.ref import short
from stsbench.errors import StoreError

Key = tuple[str, str]  # name and protocol of a benchmark


def key(file: RecordFile) -> Key:
    """What tells the columns of a board apart."""
    return file.benchmark.name, file.benchmark.protocol


def columns(spec: BoardSpec, files: Sequence[RecordFile]) -> dict[Key, BoardBenchmark]:
    """The columns by key, in the order of `spec.benchmarks` where that names them, else by name; raises StoreError on mixed data."""
    groups: dict[Key, list[RecordFile]] = {}
    for file in files:
        groups.setdefault(key(file), []).append(file)
    if others := sorted({file.benchmark.protocol for file in files} - {spec.protocol}):
        names = ", ".join(sorted({file.benchmark.name for file in files if file.benchmark.protocol == others[0]}))
        raise StoreError(
            f"board {spec.name!r} is of protocol {spec.protocol}, and {names} is of protocol {others[0]}: figures of two protocols are not "
            "comparable; name benchmarks of one protocol in board.toml"
        )
    ordered = sorted(groups, key=lambda one: (_place(spec, groups[one]), *one))
    return {one: _column(one[0], groups[one]) for one in ordered}


def _place(spec: BoardSpec, files: Sequence[RecordFile]) -> int:
    known = {files[0].benchmark.name.casefold()} | {short(file.benchmark.ref).casefold() for file in files}
    heads = {re.split(r"[:,]", name)[0] for name in known}
    named = [short(ref).casefold() for ref in spec.benchmarks]
    exact = [place for place, ref in enumerate(named) if ref in known]
    similar = [place for place, ref in enumerate(named) if re.split(r"[:,]", ref)[0] in heads]
    return min(exact or similar or [len(named)])


def _column(name: str, files: Sequence[RecordFile]) -> BoardBenchmark:
    wholes = [(record, file) for file in files for record in file.wholes.values()]
    owners: dict[str, str] = {}
    for record, file in wholes:
        if record.digest is not None:
            owners.setdefault(record.digest, file.encoder.label)
    if len(owners) > 1:
        (old, first), (new, second), *_ = owners.items()
        raise StoreError(
            f"the results on {name} are of different data: those of {first} have pairs digest {old[:8]}, those of {second} {new[:8]}; "
            "run both again on the same data, or remove the older results"
        )
    records = sorted((record for record, _ in wholes), key=lambda record: record.status == "failed")
    card = files[0].benchmark
    return BoardBenchmark(
        name=name,
        ref=card.ref,
        n=records[0].n if records else 0,
        languages=card.languages,
        licence=card.licence,
        source=", ".join(sorted({_source(record) for record in records})),
        digest=next(iter(owners), ""),
        notes=(*card.notes, *(("private data",) if card.private else ())),
    )


def _source(record: Record) -> str:
    return " ".join(filter(None, [record.source or "several", record.revision and record.revision[:12]]))


def measured_by(spec: BoardSpec, benchmarks: Iterable[BenchmarkCard | BenchmarkEntry]) -> tuple[BoardMetric, ...]:
    """The metrics of a board, the main one first: what `board.toml` says, or what its benchmarks go by.

    Raises StoreError where benchmarks go by several metrics and none is chosen, or where one is not measured by the chosen one.
    """
    from stsbench.stats.metrics import METRICS, metrics_of

    known = {benchmark.name: benchmark for benchmark in sorted(benchmarks, key=lambda benchmark: benchmark.name)}
    by = {name: benchmark.main for name, benchmark in known.items()}
    if spec.main is None and len(set(by.values())) > 1:
        several = ", ".join(f"{name} by {METRICS[main].title}" for name, main in by.items())
        raise StoreError(
            f"board {spec.name!r} has benchmarks of several main metrics, whose figures are never averaged ({several}); "
            'name benchmarks of one in board.toml, or a metric that all of them are measured by, as in main = "spearman"'
        )
    main = spec.main or next(iter(by.values()))
    shared = [one.name for one in METRICS.values() if all(one in metrics_of(benchmark.task) for benchmark in known.values())]
    if main not in shared:
        raise StoreError(
            f"board {spec.name!r} says main = {main!r}, and not all of its benchmarks are measured by it; "
            f"all of them are measured by {', '.join(shared)}"
        )
    if "fisher-z" in spec.aggregates and "graded" not in METRICS[main].tasks:
        raise StoreError(f"board {spec.name!r} asks for fisher-z, a mean of correlations, and goes by {METRICS[main].title}; leave it out")
    return tuple(BoardMetric(name=name, title=METRICS[name].title) for name in (main, *(one for one in shared if one != main)))


def figures_of(record: Record | None, metrics: Sequence[BoardMetric]) -> Mapping[str, Any]:
    """The fields that say a record's figures on a board, null where it has none."""
    return {"main": metrics[0].name, "figures": {one.name: record.figures.get(one.name) if record else None for one in metrics}}
