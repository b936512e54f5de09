"""The tests of a difference by name, and the setting that they share."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from numbers import Integral, Real
from types import MappingProxyType
from typing import NamedTuple, get_args

from stsbench.contracts.defaults import LEVEL, RESAMPLES
from stsbench.errors import UsageError
from stsbench.evidence.sampling import Unit, require_resamples
from stsbench.stats.comparing import classical
from stsbench.stats.comparing.paired import Difference, bootstrap_p, influence_test, rank_permutation, zou_test
from stsbench.stats.intervals import percentile
from stsbench.stats.metrics import METRICS, SPEARMAN
from stsbench.stats.metrics.spearman import spearman
from stsbench.stats.resampling import Sample, generator_of


class Outcome(NamedTuple):
    """Interval and two-sided p of a difference; p is None, with a reason, where the test is not defined."""

    low: float
    high: float
    p: float | None
    reason: str | None = None

    def reversed(self) -> Outcome:
        """That of the systems in the other order."""
        return self._replace(low=-self.high, high=-self.low)


@dataclass(frozen=True)
class Method:
    """Whether a test reads one list of pairs only, whether it draws, and whether it is classical: kept for comparison, not valid."""

    words: str
    single: bool = False
    draws: bool = False
    classical: Callable[[float, float, float, int], classical.Test] | None = None


METHODS: Mapping[str, Method] = MappingProxyType({
    "bootstrap": Method("paired bootstrap", draws=True),
    "influence": Method("influence function"),
    "permutation": Method("rank permutation", single=True, draws=True),
    "zou": Method("Zou with Bonett-Wright limits", single=True),
    "williams": Method("Williams' t", single=True, classical=classical.williams),
    "steiger": Method("Steiger's z", single=True, classical=classical.steiger),
    "meng": Method("Meng's z", single=True, classical=classical.meng),
    "dunn-clark": Method("Dunn and Clark's z", single=True, classical=classical.dunn_clark),
    "hotelling": Method("Hotelling's t", single=True, classical=classical.hotelling),
    "hendrickson": Method("Hendrickson's t", single=True, classical=classical.hendrickson),
    "olkin": Method("Olkin's z", single=True, classical=classical.olkin),
    "hittner": Method("Hittner's z", single=True, classical=classical.hittner),
})  # fmt: skip


KINDS: Mapping[str, tuple[type, str]] = MappingProxyType({
    **dict.fromkeys(("resamples", "seed", "pairs"), (Integral, "whole number")),
    **dict.fromkeys(("method", "unit"), (str, "name")),
    "metric": (str | None, "name"),  # type: ignore[dict-item]  # isinstance takes it
    "level": (Real, "number"),
    "margin": (Real | None, "number of points"),  # type: ignore[dict-item]
})  # fmt: skip


@dataclass(frozen=True)
class Setting:
    """How systems are compared: by which test, what is drawn how often from which seed, and the level of intervals.

    `pairs` is how many pairs to show on which two systems disagree most, and `texts` whether with their texts, those of private benchmarks
    (with gold, and groups) where it is `private`, as their owner may be shown them; `metric` is the figure that
    systems are compared by, where it is not what the benchmarks are measured by; differences below `margin`, in points (hundredths), do
    not matter. Raises UsageError for a setting that no comparison can have.
    """

    method: str = "bootstrap"
    unit: Unit = "pairs"
    resamples: int = RESAMPLES
    seed: int = 0
    level: float = LEVEL
    pairs: int = 10
    texts: bool = False
    metric: str | None = None
    margin: float | None = None
    private: bool = False

    def __post_init__(self) -> None:
        for name, (kind, words) in KINDS.items():
            if not isinstance(value := getattr(self, name), kind) or isinstance(value, bool):
                raise UsageError(f"{name} takes a {words}, not {value!r}")
        if self.method not in METHODS:
            raise UsageError(f"there is no test {self.method!r}; choose {', '.join(METHODS)}")
        if self.metric is not None and self.metric not in METRICS:
            raise UsageError(f"there is no figure {self.metric!r}; choose {', '.join(METRICS)}")
        if self.unit not in get_args(Unit):
            raise UsageError(f"what is resampled is {', '.join(get_args(Unit))}, not {self.unit!r}")
        if self.test.single and self.unit != "pairs":
            raise UsageError(
                f"{self.test.words} takes pairs one by one; leave out --resample {self.unit}, or take --method bootstrap or influence"
            )
        if self.seed < 0:
            raise UsageError(f"a seed is a whole number from 0, not {self.seed}")
        if self.margin is not None and not 0 < self.margin <= 100:
            raise UsageError(f"a margin is a number of points above 0 and up to 100, as in 0.5, not {self.margin}")
        if not 0.5 <= self.level < 1:
            raise UsageError(f"the level of an interval is at least 0.5 and below 1, as in 0.95, not {self.level}")
        require_resamples(self.resamples, self.level)  # before anything is encoded

    @property
    def test(self) -> Method:
        """What is known of the test."""
        return METHODS[self.method]


def outcome_of(difference: Difference, sample: Sample | None, systems: tuple[int, int], setting: Setting) -> Outcome:
    """The difference of two systems by the setting's test; tests that make no interval of their own get the influence function's.

    Raises UsageError for a test of one list of pairs where `sample` is None.
    """
    method, name = setting.test, setting.method
    if name == "bootstrap":
        return Outcome(*percentile(difference.draws, setting.level), bootstrap_p(difference.draws))
    interval, p = influence_test(difference.value, difference.error, setting.level)
    if name == "influence":
        return Outcome(*interval, p)
    if sample is None:
        raise UsageError(
            f"{method.words} compares on one list of pairs; choose one benchmark of one part with -b, or --method bootstrap or influence"
        )
    if sample.metric is not SPEARMAN:
        raise UsageError(f"{method.words} compares Spearman and not {sample.metric.title}; take --method bootstrap or influence")
    if sample.weights is not None:
        raise UsageError(
            f"{method.words} takes pairs that all count the same, and these have weights; take --method bootstrap or influence"
        )
    first, second = (sample.scores[:, system] for system in systems)
    if name == "permutation":
        generator = generator_of([setting.seed, 1])
        return Outcome(*interval, rank_permutation(sample.gold, first, second, resamples=setting.resamples, generator=generator))
    with_gold = [spearman(sample.gold, column) for column in (first, second)]
    between = spearman(first, second)
    case = with_gold[0], with_gold[1], between, len(sample.gold)
    if between >= classical.CERTAIN:
        return Outcome(0.0, 0.0, 1.0)
    if method.classical is None:
        interval, p = zou_test(*case, setting.level)
        return Outcome(*interval, p)
    if reason := classical.undefined(*case):
        return Outcome(*interval, None, reason)
    return Outcome(*interval, method.classical(*case).p)
