"""Benchmarks as the evaluator of a training library, which measures the model that it trains."""

from __future__ import annotations

import math
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any, Final

from stsbench.api.compare.methods import Setting
from stsbench.api.report import Report
from stsbench.api.session import Session
from stsbench.builtin.benchmarks.given import as_benchmarks
from stsbench.contracts.components.protocols import Gauge, Reading
from stsbench.contracts.defaults import BENCHMARK, SIMILARITY
from stsbench.contracts.figures import percent
from stsbench.contracts.ref import short
from stsbench.errors import PluginError, UsageError
from stsbench.host.given import Given
from stsbench.runner.request import Request
from stsbench.stats.comparing.margin import holds_margin
from stsbench.stats.metrics import metrics_of

MEAN: Final = "mean"  # of several benchmarks
RESAMPLES: Final = 1999  # of a comparison with the baseline, each time that the model is measured
LIMITS: Final = ("difference", "difference_low", "difference_high")


def as_evaluator(
    benchmarks: Any = (BENCHMARK,),
    similarity: str = SIMILARITY,
    *,
    transform: str = "none",
    baseline: Any = None,
    margin: float | None = None,
    trainer: str = "sentence-transformers",
    session: Session | None = None,
) -> Any:
    """An evaluator of sentence-transformers' trainer that measures the model as it is then.

    `benchmarks` are what `evaluate` takes. Figures are `<benchmark>_<metric>_<similarity>`, such as `mini_spearman_cosine`, and of several
    benchmarks the mean of what they are measured by besides; `primary_metric` is the one to choose a checkpoint by. `baseline`, an encoder
    as `evaluate` takes it, is measured with it: the difference with its interval is told too, and with a `margin` in points the evaluator's
    `verdict` is what `stsbench compare --margin` says of the model, and its `outcome` whether it is not worse by the margin (met, not met,
    or cannot tell), with a warning where that is not met. `trainer` is an evaluator that
    is installed, with its options, as in `sentence-transformers,batch_size=8`. Nothing of the model is kept. Raises the errors of
    `evaluate` for what cannot be measured.
    """
    if margin is not None and baseline is None:
        raise UsageError("a margin is about a baseline; name one, as in baseline='wordllama', or leave out the margin")
    data = as_benchmarks(benchmarks)
    session = Session.of(session).offering(*(each for each in data if isinstance(each, Given)))
    made = session.registry.resolve("evaluator", trainer, execution=session.setup.execution).build()
    measuring = _Measuring(session, tuple(map(str, data)), similarity, transform, baseline, Setting(resamples=RESAMPLES, margin=margin))
    return made.evaluating(measuring.measure())


class _Untrained:
    """Stands for a model that is not there yet, while it is planned what it will be asked for."""

    def encode(self, texts: Sequence[str]) -> Any:
        raise NotImplementedError


@dataclass(frozen=True)
class _Measuring:
    """What is asked of every model."""

    session: Session
    benchmarks: tuple[str, ...]
    similarity: str
    transform: str
    baseline: Any
    setting: Setting  # of comparisons with the baseline

    def request(self, model: Any) -> Request:
        """The run that measures a model, with the baseline behind it."""
        encoders = [model, *([] if self.baseline is None else [self.baseline])]
        return Request.of(encoders, self.similarity, self.benchmarks, self.transform)

    def measure(self) -> Gauge:
        """The measure; raises for what cannot be measured, and where benchmarks have no mean or no names of their own."""
        plan = self.session.plan(self.request(_Untrained()), weighted=True)
        if any(len(job.systems) > 1 for job in plan.jobs):
            raise UsageError("a model is measured with one similarity, one transform and one view of the baseline; name one of each")
        similarity = short(plan.jobs[0].systems[0].scorer.ref)
        mains = {benchmark.card.main for benchmark in plan.benchmarks}
        if len(mains) > 1:
            raise UsageError(
                f"{' and '.join(sorted(mains))} have no mean; make an evaluator of the benchmarks of each, and hand over a list"
            )
        named = [benchmark.name for benchmark in plan.benchmarks]
        if len(set(named)) < len(named):
            raise UsageError("two of the benchmarks have one name; make an evaluator of each, and hand over a list")
        (main,) = mains
        names = [_name(one.name, metric.name, similarity) for one in plan.benchmarks for metric in metrics_of(one.card.task)]
        whole = _name(MEAN if len(named) > 1 else named[0], main, similarity)
        limits = [] if self.baseline is None else [f"{whole}_{limit}" for limit in LIMITS]
        return Gauge(
            " and ".join(named), lambda model: self.of(model, whole, similarity), whole, tuple(dict.fromkeys([*names, whole, *limits]))
        )

    def of(self, model: Any, whole: str, similarity: str) -> Reading:
        """What a model gets; raises PluginError where it fails."""
        report = self.session.run(self.request(model))
        for place, reason in report.failures():
            raise PluginError(f"{place}: {reason}")
        mine = [entry for entry in report.headlines() if entry.encoder == report.entries[0].encoder]
        figures = {
            _name(entry.benchmark.name, metric, similarity): value for entry in mine for metric, value in entry.record.figures.items()
        }
        mains = [entry.record.figure for entry in mine]
        known = [figure for figure in mains if figure is not None]
        for entry in mine:
            if entry.record.figure is None:
                self.session.warn(f"{entry.benchmark.name} says nothing of the model as it is: {entry.record.reason}")
        figures[whole] = sum(known) / len(known) if len(known) == len(mains) else -math.inf
        if self.baseline is None or not math.isfinite(figures[whole]):
            return Reading(figures)
        return self._compared(report, figures, whole)

    def _compared(self, report: Report, figures: Mapping[str, float], whole: str) -> Reading:
        """The figures with the difference from the baseline, and what the margin makes of it."""
        try:
            compared = report.compare(setting=self.setting, primary=report.entries[0].system.similarity)
        except UsageError as error:  # such as of scores that are nearly all the same, which ends no training
            self.session.warn(str(error))
            unknown = "cannot tell" if self.setting.margin is not None else None
            return Reading(figures, unknown, unknown)
        ours = compared.between(*report.labels)
        limits = zip(LIMITS, (ours.difference, ours.low, ours.high), strict=True)
        figures = {**figures, **{f"{whole}_{limit}": value for limit, value in limits}}
        if self.setting.margin is None:
            return Reading(figures)
        outcome = holds_margin(ours.low, ours.high, self.setting.margin / 100)
        if outcome == "not met":
            interval = f"{percent(ours.low)} to {percent(ours.high)}"
            self.session.warn(f"the model is worse than {ours.second} by {percent(-ours.difference)} points, a difference of {interval}")
        return Reading(figures, ours.verdict, outcome)


def _name(benchmark: str, metric: str, similarity: str) -> str:
    return f"{benchmark}_{metric}_{similarity}"
