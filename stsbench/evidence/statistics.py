"""The statistics of a board: computed where the data are, kept beside the records as evidence."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Sequence
from dataclasses import dataclass

import numpy as np

from stsbench.contracts.boards.board import BoardSpec
from stsbench.contracts.boards.statistics import Grouped, Limits, Selected, Standing, Statistics
from stsbench.contracts.data import Float64
from stsbench.contracts.defaults import LEVEL, RESAMPLES
from stsbench.contracts.events import Event, Resampling
from stsbench.errors import UsageError
from stsbench.evidence.candidates import Grid, choose_on, development_stamp
from stsbench.evidence.folder import BoardFolder
from stsbench.evidence.joint import JointScores
from stsbench.evidence.sampling import panel_of, repeats_texts
from stsbench.evidence.systems import KeptSystem, complete
from stsbench.leaderboard.known import asked, column_key, ranks_hold
from stsbench.stats.comparing.paired import bootstrap_p, max_t, pairs_of
from stsbench.stats.comparing.panel import Panel
from stsbench.stats.comparing.ranking import Stand, better_than, select, stands
from stsbench.stats.intervals import Interval, percentile
from stsbench.stats.metrics import SPEARMAN
from stsbench.stats.resampling import generator_of

SPLITS = 1000
MOST = 3e7  # systems x benchmarks x resamples above which influence functions take over


def are_worth_comparing(systems: Sequence[KeptSystem]) -> bool:
    """Whether two of them are primary and have a figure on every benchmark."""
    return sum(one.primary for one in complete(systems)) > 1


def is_current(folder: BoardFolder, known: Statistics) -> bool:
    """Whether statistics were computed for the figures that the records hold now, and for what the board asks."""
    systems = folder.systems
    stamps = {one.stamp for one in complete(systems) if one.primary}
    if known.development != development_stamp(folder) or not ranks_hold(known, folder.compared):
        return False
    return {one.record for one in known.systems} == stamps and known.asked == asked(folder.spec, [one.stamp for one in systems])


def board_statistics(
    folder: BoardFolder,
    grid: Grid,
    *,
    resamples: int = RESAMPLES,
    most: float = MOST,
    listen: Callable[[Event], None] = lambda _: None,
) -> Statistics:
    """Intervals of the board's primary systems that have a figure everywhere, rank sets and letters of those of them that are compared.

    There are at least two of the former.

    Raises UsageError, DataError or StoreError where a row is chosen among fewer than two, or nothing can be resampled.
    """
    spec = folder.spec
    primary = [place for place, one in enumerate(grid.systems) if one.primary]
    distinct = _distinct(grid, primary)
    panel = grid.panel(distinct, resamples)
    sampled = len(distinct) * len(grid.material) * resamples <= most
    drawing = _Drawing(spec.seed, resamples, sampled, listen)
    places = {grid.alike[place]: to for to, place in enumerate(distinct)}
    ranked = folder.compared
    compared = [place for place in primary if len(ranked) > 1 and grid.key(place) in ranked]
    cells, averages, standing = _measured(panel, sorted({places[grid.alike[place]] for place in compared}), drawing)
    names = [column_key(one.name, one.protocol) for one in grid.material]
    labels = [grid.systems[place].label for place in distinct]
    texts = {
        name: drawing.means(panel_of([joint], labels, "sentences", resamples))
        for name, joint in zip(names, grid.taken(distinct), strict=True)
        if all(repeats_texts(pairs) for pairs, _, _ in joint.lists())
    }
    standings = [
        Standing(
            **grid.key(place)._asdict(), record=grid.systems[place].stamp,
            cells={name: cells[row][to] for row, name in enumerate(names)}, average=averages[to],
            **(standing[to]._asdict() if place in compared else {}),
            texts={name: limits[to] for name, limits in texts.items()}, alike=to,
            groups={name: groups for row, name in enumerate(names) if (groups := _groups(grid.material[row], place))},
        )
        for place, to in ((one, places[grid.alike[one]]) for one in primary)
    ]  # fmt: skip
    return Statistics(
        mode="bootstrap" if sampled else "influence", level=LEVEL, resamples=resamples, seed=spec.seed,
        generator=tuple(panel.fingerprints(resamples, spec.seed)) if sampled else (),
        ceilings={name: one.ceiling for name, one in zip(names, grid.material, strict=True) if one.metric is SPEARMAN},
        systems=tuple(sorted(standings, key=lambda one: one.system)), alike=grid.same(),
        selected=tuple(_selecting(grid, folder, drawing)),
        asked=asked(spec, [one.stamp for one in folder.systems]), development=development_stamp(folder),
    )  # fmt: skip


def _distinct(grid: Grid, places: Sequence[int]) -> list[int]:
    """One system of each set among `places` that ranks all pairs alike."""
    return sorted({grid.alike[place]: place for place in reversed(places)}.values())


@dataclass(frozen=True)
class _Drawing:
    """How often figures are drawn, unless influence functions stand for draws (they are not `sampled`), and who is told."""

    seed: int
    resamples: int
    sampled: bool
    listen: Callable[[Event], None]

    def draws(self, panel: Panel) -> Float64:
        return panel.draws(self.resamples, self.seed, lambda done, total: self.listen(Resampling(done, total)))

    def means(self, panel: Panel) -> list[Limits]:
        """The limits of each system's mean over the benchmarks of the panel."""
        if self.sampled:
            return _limits(percentile(column, LEVEL) for column in self.draws(panel).mean(axis=1).T)
        return _limits(panel.intervals(level=LEVEL))


_Measured = tuple[list[list[Limits]], list[Limits], dict[int, Stand]]


def _limits(intervals: Iterable[Interval]) -> list[Limits]:
    return [Limits(**one._asdict()) for one in intervals]


def _measured(panel: Panel, compared: Sequence[int], drawing: _Drawing) -> _Measured:
    """What the panel says: limits by benchmark and system, those of each system's mean, and how the means that are compared stand."""
    pairs, alone = pairs_of(len(compared)), None
    columns = np.array(compared, dtype=np.intp)[pairs[0]], np.array(compared, dtype=np.intp)[pairs[1]]
    if drawing.sampled:
        draws = drawing.draws(panel)
        cells = [[percentile(column, LEVEL) for column in draws[:, place].T] for place in range(len(panel.benchmarks))]
        mean_draws = draws.mean(axis=1)
        averages = [percentile(column, LEVEL) for column in mean_draws.T]
        alone = np.array([bootstrap_p(one.draws) for one in panel.differences(draws, columns)])
    else:
        cells = [panel.intervals(place, LEVEL) for place in range(len(panel.benchmarks))]
        averages = panel.intervals(level=LEVEL)
        mean_draws = _normal_draws(panel, panel.mean_influences, drawing)
    limits = list(map(_limits, (*cells, averages)))
    standings: dict[int, Stand] = {}
    if compared:
        mean, drawn = panel.figures.mean(axis=0)[compared], mean_draws[:, compared]
        better = better_than(mean, max_t(mean, drawn, pairs, panel.errors(columns), alone), pairs, 1 - LEVEL)
        standings = dict(zip(compared, stands(mean, drawn, better), strict=True))
    return limits[:-1], limits[-1], standings


def _groups(joint: JointScores, place: int) -> dict[str, Grouped]:
    """Figures by label; none for private data, whose labels are private too."""
    measured = {} if joint.private else joint.by_label(place)
    return {
        label: Grouped(n=known.n, reason=known.reason, **joint.named(known.figures.get(joint.metric.name)))
        for label, known in measured.items()
    }


def _selecting(grid: Grid, folder: BoardFolder, drawing: _Drawing) -> Iterator[Selected]:
    spec = folder.spec
    for table in spec.selected:
        places = grid.choices[table.label]
        distinct = _distinct(grid, places)
        if len(distinct) < 2:
            raise UsageError(
                f"selected row {table.label!r} chooses among {len(distinct)} systems; it takes at least two that rank pairs differently"
            )
        panel = grid.panel(distinct, drawing.resamples)
        if not table.development:
            yield _on_halves(grid, spec, table.label, distinct, panel)
            continue
        best, names, pairs = choose_on(folder, grid.development[table.label], grid, places)
        alone = grid.panel([best], drawing.resamples)  # of one system, which these pairs had no say in choosing
        (limits,) = drawing.means(alone)
        yield Selected(
            label=table.label, among=len(distinct), chosen=grid.key(best), share=None,
            observed=float(panel.figures.mean(axis=0).max()), value=float(alone.figures.mean()), low=limits.low, high=limits.high,
            splits=0, development=names, development_pairs=pairs,
        )  # fmt: skip


def _on_halves(grid: Grid, spec: BoardSpec, label: str, places: Sequence[int], panel: Panel) -> Selected:
    """Chosen on one half of the pairs and scored on the other."""
    figures, bounds = panel.figures.mean(axis=0), panel.metric.bounds
    generator = generator_of([spec.seed, 3])
    selection = select(figures, panel.mean_influences, splits=SPLITS, generator=generator, level=LEVEL, bounds=bounds)
    return Selected(
        label=label, among=len(places), chosen=grid.key(places[selection.best]), share=float(selection.shares[selection.best]),
        observed=selection.observed, value=selection.value, low=selection.low, high=selection.high, splits=SPLITS,
    )  # fmt: skip


def _normal_draws(panel: Panel, units: Float64, drawing: _Drawing) -> Float64:
    """Draws with the mean and the covariance that the influence functions give."""
    values, vectors = np.linalg.eigh(units.T @ units)
    root = vectors * np.sqrt(np.maximum(values, 0))
    normal = generator_of([drawing.seed, 2]).normal(size=(drawing.resamples, len(values)))
    result: Float64 = panel.figures.mean(axis=0) + normal @ root.T
    return result
