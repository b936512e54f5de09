"""Tables for the terminal. Names come from plugins and files, so none is read as markup."""

from __future__ import annotations

import sys
from collections.abc import Mapping, Sequence

from rich.console import Console
from rich.text import Text

from stsbench.api.report import Entry, Report, shortened
from stsbench.builtin.writers.wording import capital
from stsbench.cli.layout import interval, lay_out, on_lines, terminal_width
from stsbench.cli.streams import drawing
from stsbench.contracts.board import Leaderboard, Row
from stsbench.contracts.column import Column, telling
from stsbench.contracts.columns import FORMS, NAMES, VARIANTS, AnyRow, columns_in
from stsbench.contracts.figures import percent
from stsbench.contracts.identity import WHOLE
from stsbench.contracts.ref import CHAIN, short
from stsbench.contracts.wording import counted, visible
from stsbench.stats.metrics import METRICS


def print_table(
    title: str, header: Sequence[str], rows: Sequence[Sequence[str]], names: int, notes: Sequence[str] = (), words: int = 0
) -> None:
    """A table with its title and notes, in as many blocks as the terminal's width asks for, each with the first `names` columns.

    Columns after the next `words` are set right.
    Where there is no terminal it is 200 characters wide, or what COLUMNS says.
    """
    width = terminal_width()
    console = Console(file=drawing(sys.stdout), highlight=False, markup=False, width=width)
    shown = [[visible(cell) for cell in row] for row in rows]
    console.print(Text(visible(title)), style="italic", soft_wrap=True)
    for number, (head, body) in enumerate(lay_out([visible(name) for name in header], shown, names, width, words)):
        for line, style in [*([("", "")] if number else []), *((line, "bold") for line in head), *((line, "") for line in body)]:
            console.print(Text(line), style=style, soft_wrap=True)
    for note in notes:
        for line in on_lines(note):
            console.print(Text(line), soft_wrap=True)


def figure(value: float | None) -> str:
    """A correlation x 100 with two decimals, or a dash where there is none."""
    return percent(value, "-")


def print_report(report: Report) -> None:
    """Systems down, benchmarks (or the parts of the only one) across, the main figure of each x 100.

    The best of a column is not marked: these are point estimates. An average needs every benchmark, all of one kind and under one protocol.
    """
    entries = report.headlines()
    if not entries:
        return
    encoders = shortened(entry.encoder.ref for entry in entries)
    protocols = {entry.benchmark.protocol for entry in entries}
    columns: dict[tuple[str, ...], str] = {}
    systems: dict[tuple[str, ...], dict[tuple[str, ...], Entry]] = {}
    alone = len({entry.benchmark.ref for entry in entries}) == 1 and not report.failed
    for entry in report.entries if alone else entries:
        record = entry.record
        place = (entry.benchmark.ref, *record.place)
        columns[place] = _heading(entry, alone, len(protocols) > 1)
        transforms = CHAIN.join(map(short, record.transforms))
        system = (encoders[entry.encoder.ref], record.view, transforms, short(record.similarity or "-"))
        systems.setdefault(system, {})[place] = entry
    if alone and len(columns) == 2:  # one part: its aggregate would only repeat it
        columns = {place: name for place, name in columns.items() if place[1:] != (WHOLE, WHOLE)}
    lost = [cell.benchmark for cell in report.failed if cell.encoder == WHOLE]
    mains = [name for name in METRICS if name in {entry.benchmark.main for entry in entries}]
    averaged = not alone and len(protocols) == 1 and len(mains) == 1
    shown = [0, 1, *([2] if any(transforms for _, _, transforms, _ in systems) else []), 3]
    rows = [
        [*(system[column] for column in shown), *_row(cells, list(columns), lost, averaged=averaged)] for system, cells in systems.items()
    ]
    parts = ("encoder", "view", "transform", "similarity")
    header = [*(parts[column] for column in shown), *columns.values(), *lost, *(["average"] if averaged else []), "flags"]
    title = f"{' or '.join(METRICS[name].title for name in mains)} x 100"
    print_table(title, header, rows, len(shown), _notes(entries, report.notes))
    if len(report.shown()) == 1 and entries[0].record.status != "failed":
        sys.stdout.write(f"\n{report.shown()[0].record.signature}\n")


def _heading(entry: Entry, alone: bool, protocols: bool) -> str:
    """The name of a column: the part of the only benchmark, else the benchmark, with its protocol where there are several."""
    record, name = entry.record, entry.benchmark.name
    if alone and not record.is_whole:
        return record.subset if record.subset != "default" else name
    return f"{name}@{entry.benchmark.protocol}" if protocols else name if not alone else f"{name} ({record.aggregation})"


def _row(entries: dict[tuple[str, ...], Entry], places: list[tuple[str, ...]], lost: list[str], *, averaged: bool) -> list[str]:
    records = [entries[place].record if place in entries else None for place in places]
    known = [record.figure for record in records if record is not None and record.figure is not None]
    average = [figure(sum(known) / len(known) if len(known) == len(places) and not lost else None)] if averaged else []
    cells = ["-" if record is None else record.status if record.figure is None else figure(record.figure) for record in records]
    flags = sorted({flag for entry in entries.values() for flag in entry.record.flags})
    return [*cells, *("failed" for _ in lost), *average, " ".join(flags)]


COUNTED = {
    "empty_texts": "empty text",
    "truncated_texts": "truncated text",
    "zero_vectors": "zero vector",
    "constant_vectors": "constant vector",
}


def _notes(entries: list[Entry], read: Mapping[str, Sequence[str]]) -> list[str]:
    """What the figures rest on: pairs and protocol of each benchmark, what was counted, how it was read, and why a figure is undefined."""
    notes = []
    seen: dict[str, list[Entry]] = {}
    for entry in entries:
        seen.setdefault(entry.benchmark.ref, []).append(entry)
    for same in seen.values():
        benchmark = same[0].benchmark
        most = {name: max(getattr(entry.record.counts, name) or 0 for entry in same) for name in COUNTED}
        sizes = [f"{'up to ' * (len(same) > 1)}{counted(number, COUNTED[name])}" for name, number in most.items() if number]
        facts = [*_kind(same[0]), f"n = {same[0].record.n}, protocol {benchmark.protocol}", *sizes]
        notes.append(f"{benchmark.name}: " + "; ".join([*facts, *read.get(benchmark.ref, ()), *benchmark.notes]))
    for reason in sorted({entry.record.reason or "" for entry in entries if entry.record.status == "undefined"}):
        views = dict.fromkeys(entry.record.view for entry in entries if entry.record.reason == reason)
        notes.append(f"undefined ({', '.join(views)}): {reason}")
    return notes


def _kind(entry: Entry) -> list[str]:
    """What a binary benchmark's figure is, and which share of its pairs is positive: what chance would give."""
    positives = entry.record.positives
    if entry.benchmark.task == "graded":
        return []
    share = "" if positives is None else f", {100 * positives / entry.record.n:.2f} % of the pairs are positive"
    return [METRICS[entry.benchmark.main].title + share]


def print_left_out(report: Report) -> None:
    """What a grid left out because it cannot work, on stderr."""
    for cell in report.left_out:
        sys.stderr.write(f"left out: {cell.reason}\n")


def print_troubles(report: Report) -> None:
    """Failures, and cells that disagree with what was kept, at the end and on stderr."""
    for place, reason in report.failures():
        sys.stderr.write(f"failed: {place}: {reason}\n")
    if report.compared and not report.disagreements:
        sys.stderr.write(f"{counted(report.compared, 'cell was', 'cells were')} computed anew, and all agree with what was kept\n")
    for disagreement in report.disagreements:
        sys.stderr.write(f"disagrees: {disagreement}\n")
    outcomes = {one.replaced for one in report.disagreements}
    if False in outcomes:
        sys.stderr.write(
            "error: what was computed anew disagrees with what was kept, which is left as it was; --accept replaces it, "
            "unless the new computation failed\n"
        )
    if True in outcomes:
        sys.stderr.write("error: what was computed anew disagrees with what was kept, and has replaced it\n")


def print_board(board: Leaderboard, read: Mapping[str, Sequence[str]] | None = None) -> None:
    """The models of a board, with what others published among them, and then their variants.

    `read` says by benchmark how its data were read, where a run has just done so.
    """
    notes = [
        f"{column.name}: " + "; ".join([f"n = {column.n}, {column.source}", *(read or {}).get(column.ref, ()), *column.notes])
        for column in board.columns
    ]
    reasons = [
        f"{row.label} on {column.name}: {cell.status}{': ' + cell.reason if cell.reason else ''}"
        for row in board.rows
        for column, cell in zip(board.columns, row.cells, strict=True)
        if cell.figure is None
    ]
    rows, title = board.table, f"{board.spec.title} - {capital(board.main.title)} x 100"
    _print_rows(board, title, columns_in(board, FORMS["terminal"]), rows, [*notes, *reasons, *board.notes])
    if others := [row for model in board.models for row in model.variants if row not in rows]:
        sys.stdout.write("\n")
        _print_rows(board, "Variants", columns_in(board, ("model", *VARIANTS)), others, [])


def _print_rows(board: Leaderboard, title: str, columns: Sequence[Column[AnyRow]], rows: Sequence[AnyRow], notes: Sequence[str]) -> None:
    columns = telling(columns, rows)
    limits = [value for row in board.rows for value in (row.low, row.high) if value is not None]
    scale = (min(limits, default=0.0), max(limits, default=1.0))
    header = [column.title.lower() if column.benchmark is None else column.title for column in columns]
    names, words = (sum(column.name in known for column in columns) for known in (("rank", "model"), NAMES[1:]))
    print_table(title, header, [[_cell(column, row, scale) for column in columns] for row in rows], names, notes, words)


def _cell(column: Column[AnyRow], row: AnyRow, scale: tuple[float, float]) -> str:
    """A value, an interval as a drawing; what is not known is blank where it is no figure."""
    value = column.value(row)
    if value is None:
        status = row.cells[column.benchmark].status if column.benchmark is not None and isinstance(row, Row) else ""
        return status or "-" * (column.kind is float)
    return interval(*value, scale) if isinstance(value, tuple) and len(value) == 3 else column.text(row, joint="-")
