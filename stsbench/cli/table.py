"""Tables for the terminal. Names come from plugins and files, so none is read as markup."""

from __future__ import annotations

import sys
from collections.abc import Sequence

from rich.console import Console
from rich.table import Table
from rich.text import Text

from stsbench.api.report import Entry, Report, shorten, shortened
from stsbench.contracts.board import Leaderboard
from stsbench.contracts.ref import CHAIN


def print_table(title: str, header: Sequence[str], rows: Sequence[Sequence[str]], numeric_from: int, notes: Sequence[str] = ()) -> None:
    """A table with its title and notes; columns from `numeric_from` on are set to the right."""
    table = Table(title=Text(title), title_justify="left", box=None, pad_edge=False, header_style="bold")
    for position, name in enumerate(header):
        table.add_column(
            Text(name), justify="right" if position >= numeric_from else "left", overflow="fold", no_wrap=position >= numeric_from
        )
    for row in rows:
        table.add_row(*[Text(cell) for cell in row])
    console = Console(file=sys.stdout, highlight=False, markup=False, width=None if sys.stdout.isatty() else 200)
    console.print(table)
    for note in notes:
        console.print(Text(note), soft_wrap=True)


def figure(value: float | None) -> str:
    """A correlation x 100 with two decimals, or a dash where there is none."""
    return "-" if value is None else f"{100 * value:.2f}"


def print_report(report: Report) -> None:
    """Systems down, benchmarks across, Spearman x 100; the best of each column is not marked: these are point estimates."""
    entries = report.headlines()
    if not entries:
        return
    encoders = shortened(entry.encoder.ref for entry in entries)
    benchmarks = list(dict.fromkeys((entry.benchmark.ref, entry.benchmark.name) for entry in entries))
    systems: dict[tuple[str, ...], dict[str, Entry]] = {}
    for entry in entries:
        transforms = CHAIN.join(map(shorten, entry.record.transforms))
        system = (encoders[entry.encoder.ref], entry.record.view, transforms, shorten(entry.record.similarity or "-"))
        systems.setdefault(system, {})[entry.benchmark.ref] = entry
    columns = [0, 1, *([2] if any(transforms for _, _, transforms, _ in systems) else []), 3]
    rows = [[*(system[column] for column in columns), *_row(found, [ref for ref, _ in benchmarks])] for system, found in systems.items()]
    parts = ("encoder", "view", "transform", "similarity")
    header = [
        *(parts[column] for column in columns),
        *(name for _, name in benchmarks),
        *(["average"] if len(benchmarks) > 1 else []),
        "flags",
    ]
    print_table("Spearman x 100", header, rows, len(columns), _notes(entries))


def _row(found: dict[str, Entry], refs: list[str]) -> list[str]:
    values = [found[ref].record.spearman if ref in found else None for ref in refs]
    known = [value for value in values if value is not None]
    average = [figure(sum(known) / len(known) if len(known) == len(values) else None)] if len(refs) > 1 else []
    cells = [
        figure(value) if value is not None else (found[ref].record.status if ref in found else "-")
        for ref, value in zip(refs, values, strict=True)
    ]
    flags = sorted({flag for entry in found.values() for flag in entry.record.flags})
    return [*cells, *average, " ".join(flags)]


def _notes(entries: list[Entry]) -> list[str]:
    notes = []
    seen: dict[str, Entry] = {}
    for entry in entries:
        seen.setdefault(entry.benchmark.ref, entry)
    for entry in seen.values():
        one = entry.benchmark
        said = "; ".join(one.notes)
        notes.append(f"{one.name}: n = {entry.record.n}, protocol {one.protocol}{', ' + said if said else ''}")
    undefined = {entry.record.reason for entry in entries if entry.record.status == "undefined"}
    notes += [f"undefined: {reason}" for reason in sorted(filter(None, undefined))]
    if len(entries) == 1:
        notes.append(entries[0].record.signature)
    return notes


def print_left_out(report: Report) -> None:
    """What a grid left out because it cannot work, on stderr."""
    for one in report.left_out:
        sys.stderr.write(f"left out: {one.reason}\n")


def print_troubles(report: Report) -> None:
    """Failures, and cells that disagree with what was kept, at the end and on stderr."""
    for place, reason in report.failures():
        sys.stderr.write(f"failed: {place}: {reason}\n")
    for one in report.disagreements:
        sys.stderr.write(f"disagrees: {one}\n")
    if report.disagreements:
        sys.stderr.write("error: what was computed anew disagrees with what was kept, which is left as it was; --accept replaces it\n")


def print_board(board: Leaderboard) -> None:
    """The ranked rows of a board."""
    header = ["rank", "system", *(column.name for column in board.columns), "average", "flags"]
    rows = [
        [
            "" if row.rank is None else str(row.rank),
            row.label,
            *(figure(cell.spearman) if cell.spearman is not None else cell.status for cell in row.cells),
            figure(row.average),
            " ".join(row.flags),
        ]
        for row in board.rows
    ]
    notes = [
        f"{column.name}: n = {column.n}, {column.source}{'; ' + '; '.join(column.notes) if column.notes else ''}"
        for column in board.columns
    ]
    print_table(f"{board.spec.title} - Spearman x 100", header, rows, 2, [*notes, *board.notes])
