"""The table of a page: what each column and each cell shows and is sorted by."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING, Literal

from stsbench.builtin.page.besides import FLAGS, MARK, SEEN
from stsbench.builtin.page.naming import halves, short
from stsbench.builtin.page.standings import leaders
from stsbench.builtin.page.wording import NO_FIGURE, UNKNOWN, clipped, count, percent, rank_set, size, span, words
from stsbench.contracts.figures import recorded
from stsbench.contracts.fingerprint import digest
from stsbench.contracts.wording import visible

if TYPE_CHECKING:
    from stsbench.contracts.board import Aggregate, Cell, Facts, Leaderboard, Row

Group = Literal["always", "scores", "ranking", "cost", "origin"]
MOST_SIGNED = 1200  # figures up to which a page holds every signature; beyond, the first of each system


@dataclass(frozen=True, slots=True)
class Head:
    """A column: its name, the selection of columns that it is part of, and whether it sorts as numbers."""

    title: str
    group: Group
    number: bool
    note: str = ""


@dataclass(frozen=True, slots=True)
class Shown:
    """A cell: what it says, what it sorts by ("" is last), a mark, smaller lines, and an interval as three places from 0 to 100."""

    text: str
    value: str = ""
    second: str = ""
    third: str = ""
    mark: str = ""
    bar: tuple[float, float, float] | None = None


@dataclass(frozen=True, slots=True)
class Line:
    """A system: `anchor` is what links to it; `encoder` and `similarity` are places in the lists to choose from.

    `label` is `first` and, where it can be told apart, `rest`; `alike` are the systems that rank all pairs as this one does.
    """

    anchor: str
    encoder: int
    similarity: int
    primary: bool
    first: str
    rest: str
    alike: tuple[str, ...]
    flags: tuple[tuple[str, str], ...]
    cells: tuple[Shown, ...]
    more: tuple[tuple[str, str], ...]


HEADS = (
    Head("Rank", "always", True, "Place by average among all rows; equal averages share it"),
    Head("Rank set", "always", True, "The ranks among the compared systems that the data do not exclude, for all of these at once"),
    Head("Average", "always", True, "Mean of Spearman × 100 over benchmarks, with its interval"),
)
AVERAGE = next(place for place, head in enumerate(HEADS) if head.title == "Average")
AGGREGATES: Mapping[Aggregate, Head] = {
    "fisher-z": Head("Fisher-z mean", "ranking", True, "Mean of Spearman correlations on Fisher's scale, × 100"),
    "borda": Head(
        "Borda", "ranking", True, "Sum over benchmarks of the number of systems less its rank; depends on which systems the board has"
    ),
}
FACTS = (
    Head("Dimension", "cost", True),
    Head("Bytes a vector", "cost", True),
    Head("Parameters", "cost", True),
    Head("Texts a second", "cost", True),
    Head("Device", "cost", False),
    Head("Peak memory", "cost", True, "Of the whole process"),
    Head("Model licence", "origin", False),
    Head("Languages", "origin", False),
    Head("Training data", "origin", False, "As the model declares"),
)


def heads(board: Leaderboard) -> tuple[Head, ...]:
    """The columns after the system's own."""
    benchmarks = (
        Head(clipped(visible(column.name), 40), "scores", True, f"Spearman × 100 on {column.n:,} pairs") for column in board.columns
    )
    ranking = (
        Head("Letters", "ranking", False, "Systems that share a letter cannot be told apart"),
        Head("Best", "ranking", True, "How likely the system is the best"),
    )
    return (*HEADS, *benchmarks, *(AGGREGATES[one] for one in further(board)), *(ranking if compared(board) else ()), *FACTS)


def further(board: Leaderboard) -> tuple[Aggregate, ...]:
    """The averages that the rows have besides the plain mean."""
    return tuple(dict.fromkeys(name for row in board.rows for name in row.aggregates))


def compared(board: Leaderboard) -> bool:
    """Whether the board's systems were tested against each other."""
    return any(row.letters for row in board.rows)


def lines(board: Leaderboard) -> tuple[tuple[Line, ...], tuple[str, ...], tuple[str, ...]]:
    """A line for every row of the board, and the encoders and similarities to choose from."""
    limits = [value for row in leaders(board) for value in (row.low, row.high, row.average) if value is not None]
    scale = (min(limits), max(limits)) if limits else (0.0, 1.0)
    encoders = {name: place for place, name in enumerate(sorted({short(row.encoder) for row in board.rows}))}
    similarities = {name: place for place, name in enumerate(sorted({_similarity(row) for row in board.rows}))}
    means, tested = further(board), compared(board)
    found = tuple(
        Line(
            anchor=f"s-{digest([row.encoder, row.fingerprint, row.view, *row.transforms, row.similarity])[:12]}",
            encoder=encoders[short(row.encoder)],
            similarity=similarities[_similarity(row)],
            primary=row.primary,
            first=first,
            rest=rest,
            alike=tuple(visible(one) for one in row.alike),
            flags=tuple((visible(flag), FLAGS.get(flag, "")) for flag in row.flags),
            cells=tuple(_cells(row, scale, means, tested=tested)),
            more=tuple(_more(board, row)),
        )
        for row in board.rows
        for first, rest in [halves(row)]
    )
    return found, tuple(encoders), tuple(similarities)


def _similarity(row: Row) -> str:
    return short(row.similarity) or "scores pairs itself"


def _cells(row: Row, scale: tuple[float, float], means: tuple[Aggregate, ...], *, tested: bool) -> Iterator[Shown]:
    yield Shown("–" if row.rank is None else str(row.rank), _number(row.rank))
    yield Shown(rank_set(row.best_rank, row.worst_rank), _number(row.best_rank))
    yield Shown(percent(row.average), _number(row.average), span(row.low, row.high), bar=_bar(row, scale))
    yield from map(_cell, row.cells)
    yield from (_aggregate(row.aggregates.get(one), one) for one in means)
    if tested:
        yield _text(row.letters or "–")
        yield _chance(row.chance_of_best)
    yield from _facts(row.facts)


def _aggregate(value: float | None, kind: Aggregate) -> Shown:
    if value is None:
        return Shown("–")
    return Shown(f"{value:g}" if kind == "borda" else percent(value), _number(value))


def _chance(value: float | None) -> Shown:
    return Shown("–") if value is None else Shown(f"{value:.1%}", _number(value))


def _cell(cell: Cell) -> Shown:
    if cell.status == "ok" and cell.spearman is not None:
        by_texts = span(cell.texts_low, cell.texts_high)
        return Shown(
            percent(cell.spearman),
            _number(cell.spearman),
            span(cell.low, cell.high),
            f"texts {by_texts}" if by_texts else "",
            MARK if SEEN & set(cell.flags) else "",
        )
    return Shown(NO_FIGURE[cell.status])


def _facts(facts: Facts) -> tuple[Shown, ...]:
    peak = None if facts.peak_memory is None else facts.peak_memory * 2**20
    return (
        Shown(UNKNOWN if facts.dimension is None else f"{facts.dimension:,}", _number(facts.dimension)),
        Shown(size(facts.bytes_per_vector), _number(facts.bytes_per_vector)),
        Shown(count(facts.parameters), _number(facts.parameters)),
        Shown(count(facts.texts_per_second), _number(facts.texts_per_second)),
        _text(facts.device or UNKNOWN),
        Shown(size(peak), _number(facts.peak_memory)),
        _text(facts.licence or UNKNOWN),
        _text(words(facts.languages)),
        _text(words(facts.training)),
    )


def _text(text: str) -> Shown:
    """Sorted by what it says; what is unknown comes last."""
    shown = visible(text)
    return Shown(clipped(shown, 80), "" if shown == UNKNOWN else clipped(shown, 80))


def _number(value: float | None) -> str:
    return "" if value is None else f"{recorded(value):.6f}".rstrip("0").rstrip(".")


def _bar(row: Row, scale: tuple[float, float]) -> tuple[float, float, float] | None:
    low, high = scale
    if row.average is None or row.low is None or row.low < low:  # off the scale, which is that of the interval plot
        return None
    points = [row.average if value is None else value for value in (row.low, row.average, row.high)]
    first, middle, last = (round(4 + 92 * min(max((value - low) / (high - low or 1), 0), 1), 1) for value in points)
    return first, middle, last


def _more(board: Leaderboard, row: Row) -> Sequence[tuple[str, str]]:
    """What is told of a system on demand, besides what its line shows."""
    found = [("Encoder", visible(row.encoder)), ("Fingerprint", row.fingerprint), ("View", visible(row.view))]
    found += [("Transforms", visible(" → ".join(row.transforms)))] if row.transforms else []
    found += [("Similarity", visible(row.similarity) or "the system scores pairs itself")]
    found += [("Made for the similarity", visible(row.facts.made_for))] if row.facts.made_for else []
    if row.alike:
        found.append(("Ranks all pairs as", visible(", ".join(row.alike))))
    for flag in row.flags:
        names = [column.name for column, cell in zip(board.columns, row.cells, strict=True) if flag in cell.flags]
        if 0 < len(names) < len(board.columns):
            found.append((f"Flag {visible(flag)} on", visible(", ".join(names))))
    for column, cell in zip(board.columns, row.cells, strict=True):
        if cell.status != "ok":
            found.append((visible(column.name), f"{cell.status}{f': {visible(cell.reason)}' if cell.reason else ''}"))
    signed = [(column, cell.signature) for column, cell in zip(board.columns, row.cells, strict=True) if cell.signature]
    for column, signature in signed if len(board.rows) * len(board.columns) <= MOST_SIGNED else signed[:1]:
        found.append((f"Signature on {visible(column.name)}", visible(signature or "")))
    return found
