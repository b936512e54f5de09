"""Which of several systems agrees better with people, and how sure that is."""

from __future__ import annotations

from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass, replace
from functools import partial
from pathlib import Path
from typing import Protocol, runtime_checkable

import numpy as np

from stsbench.api.compare.details import Comparison, disagreements, group_differences, with_adjusted
from stsbench.api.compare.methods import Setting, outcome_of
from stsbench.api.compare.result import Compared, ComparedSystem
from stsbench.contracts.boards.board import Facts
from stsbench.contracts.boards.tables import COSTS
from stsbench.contracts.data import Flags, Float64
from stsbench.contracts.defaults import SIMILARITY
from stsbench.contracts.events import Resampling, Warned
from stsbench.contracts.identity import WHOLE
from stsbench.contracts.ref import as_texts, short
from stsbench.contracts.wording import counted
from stsbench.errors import UsageError
from stsbench.evidence.held import HeldResults
from stsbench.evidence.joint import JointScores, joint_scores
from stsbench.evidence.sampling import panel_of
from stsbench.evidence.spec import spec_of
from stsbench.evidence.systems import KeptSystem, choose, kept_systems
from stsbench.leaderboard.columns import Key
from stsbench.leaderboard.costs import worth_their_cost
from stsbench.leaderboard.facts import facts_of, joint_provenance
from stsbench.runner.request import Listener
from stsbench.runner.system import PlannedBenchmark
from stsbench.stats.comparing.classical import WARNING
from stsbench.stats.comparing.paired import bootstrap_p, max_t, pairs_of
from stsbench.stats.comparing.panel import Panel
from stsbench.stats.comparing.ranking import stands
from stsbench.stats.intervals import percentile
from stsbench.stores.results import ResultsFolder


@runtime_checkable
class Loading(Protocol):
    """What gives the benchmarks of results, and says who listens: a session, or what a run holds."""

    @property
    def listen(self) -> Listener: ...  # noqa: D102

    def benchmarks_of(  # noqa: D102
        self, systems: Sequence[KeptSystem], named: Sequence[str] = (), sources: Sequence[str] = ()
    ) -> Mapping[Key, PlannedBenchmark]: ...


def compare(
    systems: Sequence[str] | str,
    results: str | Path | HeldResults,
    session: Loading,
    setting: Setting | None = None,
    *,
    benchmarks: Sequence[str] = (),
    primary: str | Collection[str] = (),
) -> Compared:
    """Compare systems whose records and scores are in a results or board folder, or held by a run, on the pairs that all of them scored.

    `systems` are labels, or words of one; a single one means all systems that its words fit, and none means those with the `primary`
    similarity (or one of them; by default the board's, or cosine, or all where fewer than two have that); what is left out is told.
    `benchmarks` are those of the results that count, named or as references, which say where a file is, as results do not and a board
    does. Raises UsageError, DataError or StoreError in one sentence where there is nothing that can be compared honestly.
    """
    if not isinstance(session, Loading):
        raise UsageError(f"a session is what stsbench.Session.opened() gives, not {session!r}; give one")
    return Comparing.of(systems, results, session, setting or Setting(), benchmarks, primary).result()


@dataclass(frozen=True)
class Comparing:
    """What a comparison rests on: systems by their labels, their scores, and the panel and draws that its steps share."""

    panel: Panel
    material: Sequence[JointScores]
    labels: Sequence[str]
    facts: Sequence[Facts]
    setting: Setting
    listen: Listener

    @classmethod
    def of(
        cls,
        systems: Sequence[str] | str,
        results: str | Path | HeldResults,
        session: Loading,
        setting: Setting,
        benchmarks: Sequence[str],
        primary: str | Collection[str],
    ) -> Comparing:
        """For those who say more of a comparison than `compare`, which takes and raises the same."""
        folder = results if isinstance(results, HeldResults) else ResultsFolder(Path(results))
        spec = spec_of(folder.root) if folder.root else None
        wanted, named = as_texts(primary) or as_texts(spec.primary if spec else SIMILARITY), as_texts(systems)
        setting = replace(setting, metric=setting.metric or (spec.main if spec else None))
        stored = kept_systems(folder, wanted, setting.metric)
        chosen = choose(stored, named, asked=bool(as_texts(primary)))
        if not named and (others := len(stored) - len(chosen)):
            scored = "scored" if others == 1 else "all of them scored"
            others_than = " and ".join(map(short, wanted))
            said = (
                f"{counted(others, 'system')} left out, {scored} with another similarity than {others_than}; name systems to compare them"
            )
            session.listen(Warned(said))
        labels = [one.label for one in chosen]
        loaded = session.benchmarks_of(chosen, as_texts(benchmarks), spec.benchmarks if spec else ())
        material = joint_scores(folder, chosen, loaded)
        panel = panel_of(material, labels, setting.unit, setting.resamples)
        provenance = joint_provenance(folder.files)
        facts = [facts_of(one.key, provenance[one.key.encoder, one.key.fingerprint]) for one in chosen]
        return cls(panel, material, labels, facts, setting, session.listen)

    def result(self) -> Compared:
        """What it comes to; whoever listens is told of resamples."""
        setting = self.setting
        draws = self.panel.draws(setting.resamples, setting.seed, lambda done, total: self.listen(Resampling(done, total)))
        mean, mean_draws = self.panel.figures.mean(axis=0), draws.mean(axis=1)
        several = len(self.material) > 1
        names = [one.name for one in self.panel.benchmarks]
        pairs_of_all = pairs_of(len(mean))
        alone = np.array([bootstrap_p(one.draws) for one in self.panel.differences(draws, pairs_of_all)])
        adjusted = max_t(mean, mean_draws, pairs_of_all, self.panel.errors(pairs_of_all), alone)
        overall = with_adjusted(self._family(None if several else 0, draws, adjusted if setting.method == "bootstrap" else None))
        by_benchmark = [each for place in range(len(names)) for each in self._family(place, draws, None)] if several else []
        two = self.labels.index(overall[0].first), self.labels.index(overall[0].second)
        detailed = len(self.labels) == 2
        return Compared(
            method=setting.method,
            interval={"bootstrap": "percentile bootstrap", "zou": "zou"}.get(setting.method, "influence"),
            level=setting.level,
            margin=setting.margin,
            hidden=tuple(one.name for one in self.material if one.private and not setting.private),
            systems=tuple(self.labels),
            unit=setting.unit,
            resamples=setting.resamples,
            seed=setting.seed,
            generator=tuple(self.panel.fingerprints(setting.resamples, setting.seed)),
            warning=WARNING if setting.test.classical else None,
            benchmarks=tuple(names),
            metric=self.panel.metric.name,
            standings=tuple(self._standings(mean, mean_draws, self._better(overall, adjusted))),
            comparisons=tuple(overall),
            by_benchmark=tuple(with_adjusted(by_benchmark)),
            groups=tuple(group_differences(self.material, two, setting)) if detailed else (),
            disagreements=tuple(disagreements(self.material, two, setting)) if detailed and not overall[0].identical else (),
        )

    def _family(self, place: int | None, draws: Float64, adjusted: Float64 | None) -> list[Comparison]:
        """Every pair of systems on one benchmark (or on the mean); p is adjusted by `with_adjusted`, but for max-T."""
        values = self.panel.figures.mean(axis=0) if place is None else self.panel.figures[place]
        pairs = pairs_of(len(values))
        material = self.material if place is None else [self.material[place]]
        name, n = WHOLE if place is None else material[0].name, sum(len(part.pairs) for scores in material for part in scores.parts)
        compared = partial(Comparison, benchmark=name, n=n, method=self.setting.method)
        samples = [] if place is None else self.panel.benchmarks[place].samples
        sample = samples[0] if len(samples) == 1 else None
        family = []
        for row, (first, second, difference) in enumerate(zip(*pairs, self.panel.differences(draws, pairs, place), strict=True)):
            outcome = outcome_of(difference, sample, (first, second), self.setting)
            swap = values[second] > values[first]
            better, worse = (second, first) if swap else (first, second)
            ours, theirs = values[[better, worse]].tolist()
            family.append(
                compared(
                    **(outcome.reversed() if swap else outcome)._asdict(),
                    first=self.labels[better],
                    second=self.labels[worse],
                    first_value=ours,
                    second_value=theirs,
                    difference=ours - theirs,
                    error=difference.error,
                    p_max_t=None if adjusted is None else float(adjusted[row]),
                    identical=not difference.draws.any(),
                ).judged(self.setting.margin)
            )
        return sorted(family, key=lambda each: (-each.first_value, -each.second_value, each.first, each.second))

    def _better(self, family: Sequence[Comparison], adjusted: Float64) -> Flags:
        """bool[s, s]: which system is better than which, as sentences of the family say; by max-T, `adjusted`, where there is no p."""
        better = np.zeros((len(self.labels), len(self.labels)), dtype=np.bool_)
        by_max_t = dict(zip(zip(*pairs_of(len(self.labels)), strict=True), adjusted.tolist(), strict=True))
        for each in family:
            ours, theirs = self.labels.index(each.first), self.labels.index(each.second)
            p = each.p_among(len(family))
            better[ours, theirs] = (by_max_t[min(ours, theirs), max(ours, theirs)] if p is None else p) <= 1 - self.setting.level
        return better

    def _standings(self, mean: Float64, draws: Float64, better: Flags) -> list[ComparedSystem]:
        known = stands(mean, draws, better)
        limits = self.panel.intervals(level=self.setting.level)
        standings, worth = [], worth_their_cost(list(zip(mean.tolist(), self.facts, strict=True)))
        for place in np.argsort(-mean, kind="stable").tolist():
            interval = percentile(draws[:, place], self.setting.level) if self.setting.method == "bootstrap" else limits[place]
            figures = zip(self.panel.benchmarks, self.panel.figures[:, place].tolist(), strict=True)
            standings.append(
                ComparedSystem(
                    system=self.labels[place],
                    figures={benchmark.name: figure for benchmark, figure in figures},
                    value=float(mean[place]),
                    **interval._asdict(),
                    **known[place]._asdict(),
                    **{name: getattr(self.facts[place], name) for name in (*COSTS, "items")},
                    pareto=worth[place],
                )
            )
        return standings
