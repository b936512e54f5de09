"""The columns of a board, once: what each says of a row and how that reads. Every form of a board shows columns of this list."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import replace
from functools import partial
from operator import attrgetter
from typing import Any, Final, Literal

from stsbench.contracts.boards.board import BoardBenchmark, BoardMetric, Cell, Facts, Leaderboard, PublishedRow, Row
from stsbench.contracts.boards.column import Column, Ends, Group, Spread, Value, plain_lines
from stsbench.contracts.figures import ABSENT, UNKNOWN, count, percent, points, size
from stsbench.contracts.identity import ONLY_VIEWS
from stsbench.contracts.ref import short
from stsbench.contracts.wording import called_together
from stsbench.contracts.work import Plain
from stsbench.errors import OptionError

Form = Literal["terminal", "markdown", "latex", "page"]
AnyRow = Row | PublishedRow
Reads = Callable[[str], str]

FIGURE: Final = "figure"  # the board's main figure on each benchmark, where columns are chosen
NAMES: Final = ("model", "view", "transforms", "similarity", "loader")  # what tells the rows of a table for people apart
VARIANTS: Final = (*NAMES[1:], "average", "difference", "flags_by_benchmark")  # the same of a model's variants
FORMS: Final[Mapping[Form, tuple[str, ...]]] = {
    "terminal": (  # no width parts average and names
        "rank", *NAMES, "average", "rank_set", "letters", FIGURE, "interval", "as_published", "flags",
    ),
    "markdown": ("rank", *NAMES, "rank_set", "letters", "average", FIGURE, "as_published", "flags_by_benchmark"),
    "latex": (*NAMES, FIGURE, "average"),
    "page": (
        "average", FIGURE, "rank_set", "letters", "chance_of_best", "fisher_z_mean", "borda", "dimension", "bytes_per_vector",
        "parameters", "texts_per_second", "device", "peak_memory", "licence", "languages", "training", "as_published", "source",
    ),
}  # fmt: skip


def _own(value: Callable[[Row], Value]) -> Callable[[AnyRow], Value]:
    """A value that rows of the board have, and those that others published have not."""
    return lambda row: value(row) if isinstance(row, Row) else None


def _blank(_: object) -> str:
    return ""


def _view(view: str) -> str:
    """A view as people read it; that of what has only one says nothing."""
    return "" if view in ONLY_VIEWS else view


def _chain(transforms: str) -> str:
    return " → ".join(map(short, transforms.split()))


def _spread(ends: Ends, value: float | None) -> Spread | None:
    low, high = ends
    return None if low is None or high is None or value is None else (low, value, high)


def _limits(row: AnyRow) -> Ends:
    return (row.low, row.high) if isinstance(row, Row) else (None, None)


def _width(row: AnyRow) -> float | None:
    low, high = _limits(row)
    return None if low is None or high is None else high - low


def _rank_set(row: Row) -> tuple[int, int] | None:
    return None if row.best_rank is None or row.worst_rank is None else (row.best_rank, row.worst_rank)


def columns_of(board: Leaderboard) -> tuple[Column[AnyRow], ...]:
    """All columns that a board has, whether or not a form shows them by default: of rows, of each benchmark, of facts."""
    benchmarks = (column for place, benchmark in enumerate(board.columns) for column in _of_benchmark(place, benchmark, board.metrics))
    facts = _facts(called_together(row.facts.items for row in board.rows))
    return *_of_rows([benchmark.name for benchmark in board.columns], board.main), *benchmarks, _SOURCE, *facts


def columns_in(board: Leaderboard, names: Sequence[str]) -> list[Column[AnyRow]]:
    """The columns of these names, in their order, with one for each benchmark where a name is of figures on benchmarks."""
    known: dict[str, list[Column[AnyRow]]] = {}
    for column in columns_of(board):
        known.setdefault(column.name, []).append(column)
    known[FIGURE] = known.get(board.main.name, [])
    if unknown := [name for name in names if name not in known]:
        raise OptionError(f"a board has no column {', '.join(unknown)}; its columns are {', '.join(sorted(known))}")
    return [column for name in names for column in known[name]]


def long_table(board: Leaderboard, names: Sequence[str] = ()) -> tuple[list[Column[AnyRow]], list[tuple[Plain, ...]]]:
    """The board as a table of a line for each row and benchmark, published rows last: its columns, and the values of every line."""
    known = columns_in(board, names) if names else [column for column in columns_of(board) if column.long]
    places = [[column for column in known if column.benchmark in (None, place)] for place in range(len(board.columns))]
    rows: tuple[AnyRow, ...] = (*board.rows, *board.published)
    lines = [line for row in rows for columns in places for line in plain_lines(columns, [row])]
    return places[0] if places else known, lines


def _of_rows(benchmarks: Sequence[str], main: BoardMetric) -> Iterator[Column[AnyRow]]:
    yield Column("rank", "Rank", int, _own(lambda row: row.rank), str, "Place by average among the rows compared; equal averages share it")
    about = "What is loaded, whichever way; the row shows it as it comes, with no transform"
    yield Column("model", "Model", str, lambda row: row.model if isinstance(row, Row) else row.label, help=about)
    yield Column("main", "As it comes", bool, _own(lambda row: row.main), help="Whether the row stands for its model")
    yield Column("system", "System", str, lambda row: row.label)
    for name in ("encoder", "fingerprint"):
        yield Column(name, name.capitalize(), str, _own(attrgetter(name)), group="origin")
    about = "Which token vectors are pooled to one, and how"
    yield _name("view", "Layer and pooling", lambda row: row.view, _view, about)
    about = "What changes vectors before they are compared"
    yield _name("transforms", "Transform", lambda row: " ".join(row.transforms), _chain, about)
    about = "How the two of a pair are compared"
    yield replace(_name("similarity", "Similarity", lambda row: row.similarity, short, about), optional=False)
    yield _name("loader", "Loaded by", lambda row: row.loader, None, "What tells rows apart")
    yield Column("primary", "Primary", bool, _own(lambda row: row.primary), group="origin")
    about = f"Mean of {main.title} × 100 over benchmarks, with its interval"
    yield Column("average", "Average", float, lambda row: row.average, percent, about, limits=_limits)
    about = "Average less that of the model as it comes"
    yield Column("difference", "Difference", float, _own(lambda row: row.difference), points, about, optional=True)
    yield Column("average_low", "Low", float, lambda row: _limits(row)[0], percent)
    yield Column("average_high", "High", float, lambda row: _limits(row)[1], percent)
    yield Column("width", "Width", float, _width, percent, "From the lower to the upper limit of the average's interval", long=False)
    about = "The ranks among the compared systems that the data do not exclude, for all of these at once"
    yield Column("rank_set", "Rank set", range, _own(_rank_set), None, about, "ranking", optional=True, long=False)
    for name in ("best_rank", "worst_rank"):
        yield Column(name, name.replace("_", " ").capitalize(), int, _own(attrgetter(name)), str)
    about = "Systems that share a letter cannot be told apart"
    yield Column("letters", "Letters", str, _own(lambda row: row.letters or None), help=about, group="ranking", optional=True)
    chance, about = _own(lambda row: row.chance_of_best), "How likely the system is the best"
    yield Column("chance_of_best", "Best", float, chance, "{:.1%}".format, about, "ranking", optional=True)
    yield Column("interval", "Interval", tuple, lambda row: _spread(_limits(row), row.average), optional=True, long=False)
    fisher, about = _own(lambda row: row.aggregates.get("fisher-z")), f"Mean of {main.words}s on Fisher's scale, × 100"
    yield Column("fisher_z_mean", "Fisher-z mean", float, fisher, percent, about, "ranking", optional=True)
    borda = _own(lambda row: row.aggregates.get("borda"))
    about = "Sum over benchmarks of the number of systems less its rank; depends on which systems the board has"
    yield Column("borda", "Borda", float, borda, "{:g}".format, about, "ranking", optional=True)
    yield Column("alike", "Ranks all pairs as", str, _own(lambda row: " = ".join(row.alike) or None), group="ranking", absent=_blank)
    verdict, about = _own(lambda row: _as_published(row, benchmarks)), "Whether figures of a known model are those that others published"
    yield Column("as_published", "As published", str, verdict, None, about, "origin", _blank, optional=True, long=False)
    yield Column("flags", "Flags", str, lambda row: " ".join(row.flags))
    yield Column("flags_by_benchmark", "Flags", str, lambda row: ", ".join(_flag(flag, row, benchmarks) for flag in row.flags), long=False)


def _name(name: str, title: str, value: Callable[[Row], str], shown: Reads | None, about: str) -> Column[AnyRow]:
    return Column(name, title, str, _own(lambda row: value(row) or None), shown, about, absent=_blank, optional=True)


def _flag(flag: str, row: AnyRow, benchmarks: Sequence[str]) -> str:
    return _where(flag, [flag in cell.flags for cell in row.cells], benchmarks)


def _as_published(row: Row, benchmarks: Sequence[str]) -> str | None:
    """The verdicts of all cells, what is not as published first; None for a model of which no figure is looked for."""
    verdicts = [(cell.as_published or "").partition(":")[0] for cell in row.cells]
    said = [verdict for verdict in ("no", "yes", "unverified") if verdict in verdicts]
    return ", ".join(_where(verdict, [one == verdict for one in verdicts], benchmarks) for verdict in said) or None


def _where(word: str, holds: Sequence[bool], benchmarks: Sequence[str]) -> str:
    """A word, with the benchmarks that it holds on where it does not hold on all."""
    names = [name for name, here in zip(benchmarks, holds, strict=True) if here]
    return f"{word} ({', '.join(names)})" if 0 < len(names) < len(benchmarks) else word


def _of_benchmark(place: int, benchmark: BoardBenchmark, metrics: Sequence[BoardMetric]) -> Iterator[Column[AnyRow]]:
    def of(value: Callable[[Cell], Value]) -> Callable[[AnyRow], Value]:
        return lambda row: value(row.cells[place])

    def column(name: str, title: str, kind: type, value: Callable[[Cell], Value]) -> Column[AnyRow]:
        shown = percent if kind is float else None
        return Column(name, f"{benchmark.name}: {title}", kind, of(value), shown, group="scores", benchmark=place)

    main, *others = metrics
    yield column("benchmark", "name", str, lambda _: benchmark.name)
    yield column("n", "pairs", int, lambda cell: cell.n)
    yield column("status", "status", str, lambda cell: cell.status)
    yield column("reason", "reason", str, lambda cell: cell.reason)
    yield Column(
        main.name, benchmark.name, float, of(lambda cell: cell.figure), percent, f"{main.title} × 100 on {benchmark.n:,} pairs", "scores",
        lambda row: ABSENT if row.cells[place].status == "missing" else row.cells[place].status,
        lambda row: (row.cells[place].low, row.cells[place].high), benchmark=place,
    )  # fmt: skip
    yield column("low", "low", float, lambda cell: cell.low)
    yield column("high", "high", float, lambda cell: cell.high)
    yield column("texts_low", "low by texts", float, lambda cell: cell.texts_low)
    yield column("texts_high", "high by texts", float, lambda cell: cell.texts_high)
    by_texts = column("by_texts", "interval by texts", tuple, lambda cell: _spread((cell.texts_low, cell.texts_high), cell.figure))
    yield replace(by_texts, optional=True, long=False)
    yield column("ceiling", "tie ceiling", float, lambda _: benchmark.ceiling)
    for metric in others:
        yield column(metric.name, metric.title, float, partial(_figure, metric.name))
    yield column("cell_flags", "flags", str, lambda cell: " ".join(cell.flags))
    yield column("signature", "signature", str, lambda cell: cell.signature)


def _figure(name: str, cell: Cell) -> float | None:
    return cell.figures.get(name)


_SOURCE: Final = Column[AnyRow](
    "source", "Source", str, lambda row: row.source if isinstance(row, PublishedRow) else None, None, "Who published the figures", "origin",
    _blank, optional=True,
)  # fmt: skip


def _fact(
    name: str, title: str, kind: type, value: Callable[[Facts], Value], shown: Callable[[Any], str] | None = None, about: str = "",
    group: Group = "cost",
) -> Column[AnyRow]:  # fmt: skip
    return Column(name, title, kind, _own(lambda row: value(row.facts)), shown, about, group, lambda _: UNKNOWN, long=False)


def _facts(items: str) -> tuple[Column[AnyRow], ...]:
    """Those of what decides a choice besides figures, where `items` are what was encoded."""
    stored = {"texts": "a text", "images": "an image"}.get(items, "a text or an image")
    declared = "As the model declares"
    return (
        _fact("dimension", "Dimension", int, lambda facts: facts.dimension, None, "Numbers in the vector that the similarity is given"),
        _fact("bytes_per_vector", "Bytes a vector", int, lambda facts: facts.bytes_per_vector, size,
              f"What storing {stored} takes: one vector, or all of its tokens on average"),
        _fact("parameters", "Parameters", int, lambda facts: facts.parameters, count, declared),
        _fact("texts_per_second", f"{items.capitalize()} a second", float, lambda facts: facts.texts_per_second, count,
              "Measured; compare what one device did"),
        _fact("device", "Device", str, lambda facts: facts.device, None, f"What {items} a second were measured on"),
        _fact("peak_memory", "Peak memory", float, lambda facts: facts.peak_memory, lambda held: size(held * 2**20),
              "Of the whole process"),
        _fact("licence", "Model licence", str, lambda facts: facts.licence, None, declared, "origin"),
        _fact("languages", "Languages", str, lambda facts: ", ".join(facts.languages or ()) or None, None, declared, "origin"),
        _fact("training", "Training data", str, lambda facts: ", ".join(facts.training or ()) or None, None, declared, "origin"),
    )  # fmt: skip
