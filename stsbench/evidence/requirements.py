"""What a board requires of its systems, held against its evidence."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass, replace
from typing import Any

from stsbench.contracts.boards.require import RequireSpec
from stsbench.contracts.defaults import LEVEL, RESAMPLES
from stsbench.contracts.figures import percent, points
from stsbench.errors import StsbenchError, UsageError
from stsbench.evidence.folder import BoardFolder
from stsbench.evidence.joint import joint_scores
from stsbench.evidence.sampling import panel_of
from stsbench.evidence.spec import SPEC
from stsbench.evidence.systems import KeptSystem, the_system
from stsbench.leaderboard.columns import Key
from stsbench.runner.system import PlannedBenchmark
from stsbench.stats.comparing.margin import Outcome, Verdict, holds_margin, judge_margin, reaches
from stsbench.stats.comparing.paired import pairs_of
from stsbench.stats.comparing.panel import Panel
from stsbench.stats.intervals import Interval, percentile

Benchmarks = Callable[[], Mapping[Key, PlannedBenchmark]]  # raises StsbenchError where the data are not at hand


@dataclass(frozen=True, kw_only=True)
class Requirement:
    """What is required of a system, and whether the evidence shows it.

    Of an average, or of the figure `on` one benchmark, it is `at_least` so many points; else `not_worse_than` another system's by a
    `margin` in points. `value`, `low` and `high` are of that figure, or of the difference that `verdict` is on; they are None, with a
    `reason`, where the evidence does not give them.
    """

    system: str
    on: str | None = None
    at_least: float | None = None
    not_worse_than: str | None = None
    margin: float | None = None
    outcome: Outcome
    value: float | None = None
    low: float | None = None
    high: float | None = None
    level: float = LEVEL
    verdict: Verdict | None = None
    reason: str | None = None

    @classmethod
    def not_worse(
        cls, system: str, against: str, margin: float, difference: float, interval: Interval, level: float = LEVEL
    ) -> Requirement:
        """Whether a system is not worse than another by a margin in points, by their difference."""
        limits = (*interval, margin / 100)
        return cls(
            system=system, not_worse_than=against, margin=margin, value=difference, low=interval.low, high=interval.high, level=level,
            outcome=holds_margin(*limits), verdict=judge_margin(*limits),
        )  # fmt: skip

    def sentence(self) -> str:
        """What is required and what came of it, for a person."""
        where = "" if self.on is None else f" on {self.on}"
        if self.not_worse_than is None:
            required, shown = f"{self.system} has {of_points(self.at_least)} or more{where}", percent
        else:
            required, shown = f"{self.system} is not worse than {self.not_worse_than} by {of_points(self.margin)}{where}", points
        if self.value is None or self.low is None or self.high is None:
            return f"{required}: {self.outcome}, since {self.reason}"
        verdict = [self.verdict] if self.verdict not in (None, self.outcome) else []
        interval = f"{100 * self.level:g} % interval {shown(self.low)} to {shown(self.high)}"
        return f"{required}: {self.outcome} ({', '.join([*verdict, shown(self.value), interval])})"


def of_points(number: float | None) -> str:
    """A difference in words."""
    return f"{number:g} point{'s' * (number != 1)}"


def requirements(folder: BoardFolder, benchmarks: Benchmarks) -> tuple[Requirement, ...]:
    """Every requirement of a board, in the order of `board.toml`, with what the evidence says of it.

    The interval of an average is the board's own, where it has one; else it and that of a difference are computed from kept scores and the
    data. Raises UsageError for a system that the board does not have.
    """
    return tuple(found for table in folder.spec.require for found in _Requiring(folder, benchmarks).of(table))


@dataclass(frozen=True)
class _Requiring:
    folder: BoardFolder
    benchmarks: Benchmarks

    def of(self, table: RequireSpec) -> Iterator[Requirement]:
        """What one table requires."""
        system = self._system(table.system)
        if table.on is not None and table.on not in (names := dict.fromkeys(name for name, _ in system.files)):
            raise UsageError(f"{SPEC}: require: {table.on!r} is no benchmark of the board; it has {', '.join(names)}")
        asked: dict[str, Any] = {"system": system.label, "on": table.on}
        if (least := table.at_least) is not None:
            yield self._told(asked | {"at_least": least}, lambda: self._figure(system, table.on, least))
        if table.not_worse_than is not None and (margin := table.margin) is not None:
            against = self._system(table.not_worse_than)
            if against.key == system.key:
                raise UsageError(f"{SPEC}: require: {table.system!r} and {table.not_worse_than!r} are both {system.label}; name another")
            asked |= {"not_worse_than": against.label, "margin": margin}
            yield self._told(asked, lambda: self._difference(system, against, table.on, margin))

    def _system(self, name: str) -> KeptSystem:
        try:
            return the_system(self.folder.systems, name, whole=True)  # a piece of a name may be of another model's
        except UsageError as error:
            raise UsageError(f"{SPEC}: require: {error}") from None

    def _told(self, asked: Mapping[str, Any], find: Callable[[], Requirement]) -> Requirement:
        try:
            return find()
        except StsbenchError as error:
            return Requirement(**asked, outcome="cannot tell", reason=str(error))

    def _figure(self, system: KeptSystem, on: str | None, least: float) -> Requirement:
        row = next(row for row in self.folder.board().rows if row.system == system.key)
        value, low, high = (row.average, row.low, row.high) if on is None else (None, None, None)
        if on is None and value is None:
            raise UsageError("it has no average, for a benchmark has no figure of it")
        if value is None or low is None or high is None:
            panel = self._panel(on, system)
            value = float(panel.figures.mean()) if value is None else value
            low, high = percentile(panel.draws(RESAMPLES, self.folder.spec.seed).mean(axis=1)[:, 0], LEVEL)
        outcome = reaches(low, high, least / 100)
        return Requirement(system=system.label, on=on, at_least=least, value=value, low=low, high=high, outcome=outcome)

    def _difference(self, system: KeptSystem, against: KeptSystem, on: str | None, margin: float) -> Requirement:
        panel = self._panel(on, system, against)
        (difference,) = panel.differences(panel.draws(RESAMPLES, self.folder.spec.seed), pairs_of(2))
        interval = percentile(difference.draws, LEVEL)
        return replace(Requirement.not_worse(system.label, against.label, margin, difference.value, interval), on=on)

    def _panel(self, on: str | None, *systems: KeptSystem) -> Panel:
        """The panel of all benchmarks of the board, or of one."""
        asked = {key: benchmark for key, benchmark in self.benchmarks().items() if on in (None, key[0])}
        return panel_of(joint_scores(self.folder.results, systems, asked), [one.label for one in systems], "pairs", RESAMPLES)
