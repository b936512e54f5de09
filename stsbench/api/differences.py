"""What moved between two states of a board, and how sure it is that it did."""

from __future__ import annotations

from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass, replace

import numpy as np

from stsbench.api.session import Session
from stsbench.contracts.boards.board import Leaderboard, Row
from stsbench.contracts.defaults import LEVEL
from stsbench.contracts.identity import WHOLE
from stsbench.errors import StoreError, StsbenchError, UsageError
from stsbench.evidence.folder import BoardFolder
from stsbench.evidence.joint import JointScores, joint_scores
from stsbench.evidence.sampling import panel_of, require_resamples
from stsbench.evidence.systems import KeptSystem
from stsbench.stats.intervals import percentile
from stsbench.stores.results import ResultsFolder


@dataclass(frozen=True)
class Move:
    """A figure that changed. `low` to `high` is the 95 % interval of new minus old; `unknown` says why there is none."""

    system: str
    benchmark: str
    old: float | None
    new: float | None
    old_rank: int | None
    new_rank: int | None
    low: float | None = None
    high: float | None = None
    significant: bool | None = None
    unknown: str | None = None


@dataclass(frozen=True)
class Line:
    """A system that only one of two states has."""

    system: str
    rank: int | None
    average: float | None
    low: float | None
    high: float | None


@dataclass(frozen=True)
class BoardDifference:
    """What moved: figures of systems that both states have (`benchmark` is `*` for the average), and systems that came or went."""

    title: str
    figure: str  # what a sentence calls the board's main figure
    systems: int
    moved: tuple[Move, ...]
    added: tuple[Line, ...]
    removed: tuple[Line, ...]


def board_difference(base: BoardFolder, head: BoardFolder, session: Session, *, resamples: int = 1999, seed: int = 0) -> BoardDifference:
    """Compare the evidence of two copies of a board; a system that both have is known by encoder, view, transforms and similarity.

    Where both keep scores and the data are at hand, the difference of a figure has a paired bootstrap interval, and is significant
    when that leaves out 0. Raises UsageError or StoreError where either is no board with results.
    """
    require_resamples(resamples, LEVEL)
    old, new = base.board(), head.board()
    if old.main != new.main:
        raise UsageError(f"the board went by {old.main.title} and goes by {new.main.title}, which are not compared; compare states of one")
    before, after = _by_system(old.rows), _by_system(new.rows)
    common = [one for one in after if one in before]
    moved = {one: _moves(before[one], after[one], old, new) for one in common}
    moved = {name: moves for name, moves in moved.items() if moves}
    paired = _Paired(base, head, session, resamples, seed)
    sure = paired.intervals([(before[one], after[one]) for one in moved])
    return BoardDifference(
        title=head.spec.title,
        figure=new.main.title,
        systems=len(new.rows),
        moved=tuple(_with_interval(move, sure[move.system]) for moves in moved.values() for move in moves),
        added=tuple(_line(after[one]) for one in after if one not in before),
        removed=tuple(_line(before[one]) for one in before if one not in after),
    )


def _by_system(rows: Sequence[Row]) -> dict[tuple[object, ...], Row]:
    """Rows by what they are called for comparison; the fingerprint counts only where it must tell two apart."""
    plain = {id(row): (row.encoder, row.view, row.transforms, row.similarity) for row in rows}
    count = Counter(plain.values())
    return {(*plain[id(row)], row.fingerprint if count[plain[id(row)]] > 1 else ""): row for row in rows}


def _moves(old: Row, new: Row, base: Leaderboard, head: Leaderboard) -> list[Move]:
    """The figures of a system that are not the same, that of the average last."""
    before = {column.name: cell.figure for column, cell in zip(base.columns, old.cells, strict=True)}
    after = {column.name: cell.figure for column, cell in zip(head.columns, new.cells, strict=True)}
    figures = {name: (before.get(name), after.get(name)) for name in {**after, **before}}
    if len(figures) > 1:
        figures[WHOLE] = old.average, new.average
    return [Move(new.label, name, *values, old.rank, new.rank) for name, values in figures.items() if not _same(*values)]


def _same(old: float | None, new: float | None) -> bool:
    return old == new if old is None or new is None else round(old, 6) == round(new, 6)


Interval = tuple[float, float] | str  # limits of new minus old, or why there are none


@dataclass(frozen=True)
class _Paired:
    """What the intervals of moved systems are computed from."""

    base: BoardFolder
    head: BoardFolder
    session: Session
    resamples: int
    seed: int

    def intervals(self, rows: Sequence[tuple[Row, Row]]) -> dict[str, dict[str, Interval]]:
        """By system and benchmark; under the name "" what holds for all benchmarks of a system."""
        if not rows:
            return {}
        try:
            systems = [(_stored(self.base, old), _stored(self.head, new)) for old, new in rows]
            sides = (self.base, [old for old, _ in systems]), (self.head, [new for _, new in systems])
            for folder, stored in sides:
                _require_scores(folder.results, stored)
            before, after = (
                joint_scores(folder.results, stored, self.session.benchmarks_of(stored, (), self.head.spec.benchmarks))
                for folder, stored in sides
            )
            limits = self._limits(before, after, len(rows))
        except StsbenchError as error:
            if len(rows) == 1:
                return {rows[0][1].label: {"": str(error)}}
            return {label: own for row in rows for label, own in self.intervals([row]).items()}  # one lacks something: each alone
        return {new.label: own for (_, new), own in zip(rows, limits, strict=True)}

    def _limits(self, before: Sequence[JointScores], after: Sequence[JointScores], count: int) -> list[dict[str, Interval]]:
        both = [_joined(old, new) for old in before for new in after if _is_same(old, new)]
        if not both:
            raise StoreError("no benchmark of both states has the same pairs")
        labels = [f"system {place}" for place in range(2 * count)]
        panel = panel_of(both, labels, "pairs", self.resamples)
        draws, moved = panel.draws(self.resamples, self.seed), (np.arange(count, 2 * count), np.arange(count))
        columns: dict[str, int | None] = {one.name: place for place, one in enumerate(both)}
        if len(both) == len(before) == len(after):
            columns[WHOLE] = None
        limits = {name: [percentile(one.draws) for one in panel.differences(draws, moved, place)] for name, place in columns.items()}
        return [{name: (own[place].low, own[place].high) for name, own in limits.items()} for place in range(count)]


def _is_same(old: JointScores, new: JointScores) -> bool:
    digests = [[part.pairs.digest for part in one.parts] for one in (old, new)]
    return (old.name, old.protocol) == (new.name, new.protocol) and digests[0] == digests[1]


def _joined(old: JointScores, new: JointScores) -> JointScores:
    """The systems of both states on one benchmark, the old ones first."""
    scores = tuple(np.hstack(own) for own in zip(old.scores, new.scores, strict=True))
    return replace(new, scores=scores, stored=(*old.stored, *new.stored))


def _require_scores(folder: ResultsFolder, systems: Sequence[KeptSystem]) -> None:
    """Said before any data are loaded."""
    for label, (file, _, parts) in ((system.label, kept) for system in systems for kept in system.files.values()):
        if parts.keys() - folder.scores(file).keys():
            raise StoreError(f"the scores of {label} on {file.benchmark.name} are not kept")


def _stored(folder: BoardFolder, row: Row) -> KeptSystem:
    return next(one for one in folder.systems if one.key == row.system)


def _with_interval(move: Move, intervals: dict[str, Interval]) -> Move:
    interval = intervals.get(move.benchmark, intervals.get("", "the two states have no pairs in common"))
    if move.old is None or move.new is None:
        return replace(move, unknown="one of the two states has no figure")
    if isinstance(interval, str):
        return replace(move, unknown=interval)
    low, high = interval
    return replace(move, low=low, high=high, significant=not low <= 0 <= high)


def _line(row: Row) -> Line:
    return Line(row.label, row.rank, row.average, row.low, row.high)
