"""From records to an ordered board. No file system, no clock, no network, no plugin."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Iterator, Mapping, Sequence

from stsbench.contracts.boards.board import BoardMetric, BoardSpec, Cell, Facts, Leaderboard, Portion, Row
from stsbench.contracts.boards.statistics import Diagrams, Statistics
from stsbench.contracts.identity import SystemId
from stsbench.contracts.records import EncoderEntry, Record, RecordFile
from stsbench.contracts.ref import short
from stsbench.errors import StoreError
from stsbench.leaderboard.columns import Key, columns, figures_of, key, measured_by
from stsbench.leaderboard.facts import facts_of, joint_provenance, newest, verdicts_of
from stsbench.leaderboard.known import column_key, record_stamp, with_statistics
from stsbench.leaderboard.models import with_models
from stsbench.leaderboard.ranking import DECIMALS, average, with_ranks


def build(
    spec: BoardSpec, files: Iterable[RecordFile], statistics: Statistics | None = None, diagrams: Diagrams | None = None
) -> Leaderboard:
    """The board that the record files make: a row for every system in them, a column for every benchmark.

    A cell is the record of the whole benchmark (`split = subset = "*"`); a cell without one is `missing`, and its row has no
    average and no rank. A row is primary if its similarity is `spec.primary`, or if the system is a pair scorer. Raises StoreError
    when there is no record, when results of one benchmark are of different data, and when one encoder has two files on it.
    """
    evidence = sorted(files, key=lambda file: (key(file), file.encoder.label, file.encoder.fingerprint))
    cells: dict[SystemId, dict[Key, Record]] = {}
    for file in evidence:
        for system, record in file.wholes.items():
            if cells.setdefault(system, {}).setdefault(key(file), record) is not record:
                raise StoreError(f"{file.encoder.label} has two result files on {file.benchmark.name}; remove the older one")
    if not cells:
        raise StoreError(f"board {spec.name!r} has no results yet; run it first with: stsbench run --board, and its folder")
    table, metrics = columns(spec, evidence), measured_by(spec, [file.benchmark for file in evidence])
    encoders = _encoders(evidence)
    labels = labelled({system: entry.label for system, entry in encoders.items()})
    provenance, portions, verdicts = joint_provenance(evidence), _portions(evidence, metrics), verdicts_of(evidence)
    rows = []
    for system, records in cells.items():
        row = tuple(_cell(records.get(column), portions, verdicts, metrics) for column in table)
        rows.append(_row(spec, system, labels[system], row, facts_of(system, provenance[system.encoder, system.fingerprint])))
    rows.sort(key=lambda row: (row.average is None, -round(row.average or 0.0, DECIMALS), row.label, row.fingerprint))
    board = Leaderboard(
        spec=spec, metrics=metrics, columns=tuple(table.values()), rows=with_models(spec, rows, encoders), notes=_notes(list(cells), rows)
    )
    stamps = {system: record_stamp(list(records.values()), spec.main) for system, records in cells.items()}
    drawn = tuple(one for one in (diagrams.systems if diagrams else ()) if stamps.get(one.system) == one.record)
    board = board.model_copy(update={"diagrams": drawn, "newest": newest(evidence)})
    return with_ranks(with_statistics(board, statistics, stamps, [column_key(*one) for one in table]))


def systems_of(files: Iterable[RecordFile]) -> dict[str, SystemId]:
    """The systems that the record files hold, by the label that tells each from the others."""
    return {label: system for system, label in labelled({system: entry.label for system, entry in _encoders(files).items()}).items()}


def _encoders(files: Iterable[RecordFile]) -> dict[SystemId, EncoderEntry]:
    """The systems that the record files hold, with their encoders."""
    entries: dict[SystemId, EncoderEntry] = {}
    for file in files:
        for system in file.wholes:
            entries.setdefault(system, file.encoder)
    return entries


def _portions(files: Sequence[RecordFile], metrics: Sequence[BoardMetric]) -> dict[str, tuple[Portion, ...]]:
    """The figures of a benchmark's parts by the key of the record that holds the whole, where there are several."""
    by_key: dict[str, tuple[Portion, ...]] = {}
    for file in files:
        wholes = file.wholes
        for system, parts in file.parts.items():
            if len(parts) > 1 and system in wholes:
                by_key[wholes[system].key] = tuple(
                    Portion(kind="part", name=f"{part.split}/{part.subset}", n=part.n, reason=part.reason, **figures_of(part, metrics[:1]))
                    for part in parts.values()
                )
    return by_key


def _cell(
    record: Record | None, portions: Mapping[str, tuple[Portion, ...]], verdicts: Mapping[str, str], metrics: Sequence[BoardMetric]
) -> Cell:
    if record is None:
        return Cell(status="missing", **figures_of(None, metrics))
    said = record.model_dump(include={"status", "n", "reason", "flags", "signature"})
    return Cell(**said, **figures_of(record, metrics), portions=portions.get(record.key, ()), as_published=verdicts.get(record.key))


def _row(spec: BoardSpec, system: SystemId, label: str, cells: tuple[Cell, ...], facts: Facts) -> Row:
    return Row(
        **system._asdict(),
        model="",
        main=False,
        rank=None,
        label=label,
        primary=system.is_primary(spec.primary),
        average=average([cell.figure if cell.status == "ok" else None for cell in cells]),
        cells=cells,
        flags=tuple(sorted({flag for cell in cells for flag in cell.flags})),
        facts=facts,
    )


def labelled(names: Mapping[SystemId, str]) -> dict[SystemId, str]:
    """Readable labels, each unlike the others: the full id of the similarity and then the fingerprint are added where they must be."""
    labels = {system: system.label(name) for system, name in names.items()}
    for longer in ("", " · {0.fingerprint:.8}", " · {0.encoder} · {0.view} · {0.fingerprint}"):
        alike = {label for label, count in Counter(labels.values()).items() if count > 1}
        labels |= {
            system: system.label(names[system], system.similarity) + longer.format(system)
            for system, label in labels.items()
            if label in alike
        }
    return labels


def _notes(systems: Sequence[SystemId], rows: Sequence[Row]) -> tuple[str, ...]:
    notes = []
    if lacking := sum(row.average is None for row in rows):
        notes.append(f"{lacking} of {len(rows)} systems have no average and no rank, since they lack a figure on a benchmark.")
    prints: dict[str, set[str]] = {}
    for system in systems:
        prints.setdefault(system.encoder, set()).add(system.fingerprint)
    for encoder in sorted(encoder for encoder, found in prints.items() if len(found) > 1):
        notes.append(f"{encoder} appears with {len(prints[encoder])} fingerprints; the results of an older version may be among them.")
    return (*notes, *_measured_otherwise(rows))


def _measured_otherwise(rows: Sequence[Row]) -> Iterator[str]:
    """A note for each encoder whose model was trained for a similarity that no row of it has."""
    measured: dict[tuple[str, str], set[str]] = {}
    for row in rows:
        if row.facts.made_for and row.similarity:
            measured.setdefault((row.encoder, row.facts.made_for), set()).add(short(row.similarity).partition(",")[0])
    for (encoder, made_for), names in sorted(measured.items()):
        if made_for not in names:
            yield f"{short(encoder)} was made for {made_for}, and is measured with {', '.join(sorted(names))} only."
