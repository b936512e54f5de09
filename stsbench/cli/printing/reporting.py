"""The table of a run: systems down, benchmarks across, and what each system costs."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from statistics import fmean
from typing import Final

from stsbench.api.report import Entry, Report, shortened
from stsbench.builtin.benchmarks.mini import USUAL, Mini
from stsbench.cli.printing.layout import figure, print_table
from stsbench.contracts.boards.board import Facts
from stsbench.contracts.boards.column import Column, telling
from stsbench.contracts.boards.tables import PARETO, costs_of
from stsbench.contracts.defaults import BENCHMARK
from stsbench.contracts.identity import ONLY_VIEWS, WHOLE
from stsbench.contracts.records import PUBLISHED, observed
from stsbench.contracts.ref import CHAIN, short
from stsbench.contracts.wording import called_together, counted
from stsbench.leaderboard.costs import worth_their_cost
from stsbench.stats.metrics import METRICS, STEPS

Place = tuple[str, str, str]  # benchmark, split and subset


@dataclass(frozen=True)
class ReportLine:
    """A system, with its entries by place; `lost` where a benchmark that was asked for could not be loaded."""

    model: str
    view: str
    transforms: str
    similarity: str
    lost: bool
    entries: dict[Place, Entry] = field(default_factory=dict)

    def average(self, places: Sequence[Place]) -> float | None:
        """The mean over all places; None where a figure is missing."""
        figures = [self.entries[place].record.figure for place in places if place in self.entries]
        known = [value for value in figures if value is not None]
        return fmean(known) if len(known) == len(places) and not self.lost else None

    def shown(self, place: Place) -> str:
        """The figure of a place, or why there is none."""
        record = self.entries[place].record if place in self.entries else None
        return "-" if record is None else record.status if record.figure is None else figure(record.figure)

    @property
    def flags(self) -> str:
        """Those of any entry."""
        return " ".join(sorted({flag for entry in self.entries.values() for flag in entry.record.flags}))

    @property
    def facts(self) -> Facts:
        """What was observed of the system, each from the first entry that says it."""
        every = [entry.facts.model_dump(exclude_none=True) for entry in self.entries.values()]
        items = called_together(entry.benchmark.items for entry in self.entries.values())
        return Facts(**{name: value for known in reversed(every) for name, value in known.items()} | {"items": items})


def print_report(report: Report) -> None:
    """Systems down, benchmarks (or the parts of the only one) across, the main figure of each x 100.

    The best of a column is not marked: these are point estimates. An average needs every benchmark, all of one kind and under one protocol.
    """
    entries = report.headlines()
    if not entries:
        return
    protocols = {entry.benchmark.protocol for entry in entries}
    lost = [cell.benchmark for cell in report.failed if cell.encoder == WHOLE]
    alone = len({entry.benchmark.ref for entry in entries}) == 1 and not report.failed
    shown = report.entries if alone else entries
    places = {_place(entry): _heading(entry, alone, len(protocols) > 1) for entry in shown}
    if alone and len(places) == 2:  # one part: its aggregate would only repeat it
        places = {place: name for place, name in places.items() if place[1:] != (WHOLE, WHOLE)}
    mains = [name for name in METRICS if name in {entry.benchmark.main for entry in entries}]
    averaged = not alone and len(protocols) == 1 and len(mains) == 1
    lines = _lines(shown, bool(lost))
    whole = [_place(entry) for entry in entries]
    pareto = _pareto(lines, list(dict.fromkeys(whole))) if averaged or alone else []
    columns = telling([*NAMES, *_figures(places, lost, averaged=averaged), *costs_of(lines), *pareto, FLAGS], lines)
    header = [column.title if column.benchmark is not None else column.title.lower() for column in columns]
    title = f"{' or '.join(METRICS[name].title for name in mains)} x 100"
    named = sum(column in NAMES for column in columns)
    notes = [PARETO] if any(column in pareto for column in columns) else []
    rows = [[column.text(line) for column in columns] for line in lines]
    print_table(title, header, rows, named, [*notes, *_notes(entries, report.notes)])


def _lines(entries: Sequence[Entry], lost: bool) -> list[ReportLine]:
    encoders = shortened(entry.encoder.ref for entry in entries)
    lines: dict[tuple[str, ...], ReportLine] = {}
    for entry in entries:
        record = entry.record
        view = "" if record.view in ONLY_VIEWS else record.view
        name = encoders[entry.encoder.ref], view, CHAIN.join(map(short, record.transforms)), short(record.similarity or "")
        lines.setdefault(name, ReportLine(*name, lost)).entries[_place(entry)] = entry
    return list(lines.values())


def _place(entry: Entry) -> Place:
    return entry.benchmark.ref, *entry.record.place


def _name(name: str, title: str, *, optional: bool = True) -> Column[ReportLine]:
    return Column(name, title, str, lambda line: getattr(line, name) or None, absent=lambda _: "", optional=optional)


def _pareto(lines: Sequence[ReportLine], places: Sequence[Place]) -> list[Column[ReportLine]]:
    """The mark of those that are worth their cost, by their average over `places`."""
    best = worth_their_cost([(line.average(places), line.facts) for line in lines])
    marked = {id(line) for line, is_best in zip(lines, best, strict=True) if is_best}
    return [Column("pareto", "Pareto", str, lambda line: "best" if id(line) in marked else None, absent=lambda _: "", optional=True)]


NAMES: Final = (  # as on a board
    _name("model", "Model", optional=False),
    _name("view", "Layer and pooling"),
    _name("transforms", "Transform"),
    _name("similarity", "Similarity", optional=False),
)
FLAGS: Final = _name("flags", "Flags")


def _figures(places: Mapping[Place, str], lost: Sequence[str], *, averaged: bool) -> list[Column[ReportLine]]:
    """The average before all figures, so that no width parts it from the names; benchmarks that could not be loaded behind them."""
    average = Column[ReportLine]("average", "Average", float, lambda line: line.average(list(places)), figure, absent=lambda _: "-")
    of_places = [
        Column[ReportLine](name, name, str, lambda line, place=place: line.shown(place), benchmark=at)  # type: ignore[misc]
        for at, (place, name) in enumerate(places.items())
    ]
    failed = [Column[ReportLine](name, name, str, lambda _: "failed", benchmark=len(places)) for name in lost]
    return [*([average] if averaged else []), *of_places, *failed]


def _heading(entry: Entry, alone: bool, protocols: bool) -> str:
    """The name of a column: the part of the only benchmark, else the benchmark, with its protocol where there are several."""
    record, name = entry.record, entry.benchmark.name
    if alone and not record.is_whole:
        return record.subset if record.subset != "default" else name
    return f"{name}@{entry.benchmark.protocol}" if protocols else name if not alone else f"{name} ({record.aggregation})"


COUNTED: Final = ("empty_texts", "truncated_texts", "zero_vectors", "constant_vectors")


def _notes(entries: list[Entry], read: Mapping[str, Sequence[str]]) -> list[str]:
    """What the figures rest on: pairs and protocol of each benchmark, what was counted, how it was read, and why a figure is undefined."""
    notes = []
    seen: dict[str, list[Entry]] = {}
    for entry in entries:
        seen.setdefault(entry.benchmark.ref, []).append(entry)
    for same in seen.values():
        benchmark = same[0].benchmark
        most = {name: max(getattr(entry.record.counts, name) or 0 for entry in same) for name in COUNTED}
        sizes = [f"{'up to ' * (len(same) > 1)}{counted(number, name[:-1].replace('_', ' '))}" for name, number in most.items() if number]
        facts = [*_kind(same[0]), f"n = {same[0].record.n:,}, protocol {benchmark.protocol}", *sizes]
        notes.append(
            f"{benchmark.name}: " + "; ".join(note.rstrip(".") for note in [*facts, *read.get(benchmark.ref, ()), *benchmark.notes])
        )
    if any(entry.benchmark.ref == BENCHMARK and entry.record.n == Mini.expected_pairs for entry in entries):
        notes.append(f"usual on mini with cosine, by the board leaderboards/mini: {', '.join(map(' '.join, USUAL.items()))}")
    if any("truncated" in entry.record.flags for entry in entries):
        notes.append("truncated: more than 1 % of the texts were cut; encoders with the option windows read them whole (windows=mean+max)")
    notes += _published(entries)
    for reason in sorted({entry.record.reason or "" for entry in entries if entry.record.status == "undefined"}):
        views = dict.fromkeys(entry.record.view for entry in entries if entry.record.reason == reason)
        notes.append(f"undefined ({', '.join(views)}): {reason}" + (f"; {STEPS[reason]}" if reason in STEPS else ""))
    return notes


def _published(entries: Sequence[Entry]) -> list[str]:
    """Whether the figures of known models are as published, a note a model: where they are, are not, and where that is not known."""
    said: dict[str, dict[str, list[str]]] = {}
    for entry in entries:
        if line := entry.provenance.get(observed(PUBLISHED, entry.record.view, ())):
            verdict, _, figures = line.partition(": ")
            places = said.setdefault(entry.encoder.label, {}).setdefault(verdict, [])
            if (place := f"{entry.benchmark.name}{f' ({figures})' * (verdict == 'no')}") not in places:
                places.append(place)
    verdicts = {label: "; ".join(f"{verdict} on {', '.join(places)}" for verdict, places in one.items()) for label, one in said.items()}
    return [f"{label} as published: {verdict}" for label, verdict in verdicts.items()]


def _kind(entry: Entry) -> list[str]:
    """What the figure of a benchmark without grades is, and what chance would give: of a binary one, the share of its positive pairs."""
    positives, title = entry.record.positives, METRICS[entry.benchmark.main].title
    if entry.benchmark.task == "graded":
        return []
    if entry.benchmark.task == "triplets":
        return [f"{title}, of which there are {entry.record.n // 2:,}; chance is 50"]
    share = "" if positives is None else f", {100 * positives / entry.record.n:.2f} % of the pairs are positive"
    return [title + share]
