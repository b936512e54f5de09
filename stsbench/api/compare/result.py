"""What a comparison found: who stands where, every two systems, and one sentence of it."""

from __future__ import annotations

from dataclasses import asdict, dataclass
from typing import Any

from stsbench.api.compare.details import Comparison, DisputedPair, GroupDifference
from stsbench.api.compare.methods import METHODS
from stsbench.contracts.boards.board import Facts
from stsbench.contracts.figures import percent
from stsbench.contracts.identity import WHOLE
from stsbench.errors import UsageError
from stsbench.evidence.requirements import Requirement, of_points
from stsbench.stats.comparing.margin import pairs_to_tell
from stsbench.stats.intervals import Interval
from stsbench.stats.metrics import KENDALL, METRICS, SPEARMAN

POINTS = 1.0  # that systems are to be told apart by, where no margin says what matters
UNITS = {"pairs": "pairs", "clusters": "clusters of pairs that share texts", "sentences": "texts"}


@dataclass(frozen=True)
class ComparedSystem:
    """One system: its figure (the mean over benchmarks) with its interval, its rank set, letters and chance of being best.

    What it costs is None where nobody knows, and `items` is what it encodes. `pareto` says whether none of the others beats it in figure,
    seconds, bytes and price.
    """

    system: str
    figures: dict[str, float]
    value: float
    low: float
    high: float
    best_rank: int
    worst_rank: int
    letters: str
    chance_of_best: float
    bytes_per_vector: int | None = None
    texts_per_second: float | None = None
    price: float | None = None
    items: str = "texts"
    pareto: bool = False

    @property
    def facts(self) -> Facts:
        """What it costs."""
        return Facts(bytes_per_vector=self.bytes_per_vector, texts_per_second=self.texts_per_second, price=self.price, items=self.items)


@dataclass(frozen=True)
class Outlook:
    """How many `pairs` (or triplets: `what`) like those `there` find that two systems differ by `points`, four times in five.

    `enough` says that those that are there tell all systems from the best, so that no more are needed for it.
    """

    first: str
    second: str
    points: float
    there: int
    pairs: int
    what: str = "pairs"
    enough: bool = False

    def sentence(self) -> str:
        """It in words."""
        searched = f"a difference of {of_points(self.points)} between {self.first} and {self.second}"
        if self.pairs <= self.there:
            return f"So many {self.what} are enough to find {searched}, four times in five at least."
        return f"About {_about(self.pairs - self.there):,} more such {self.what} would be enough to find {searched} four times in five."


def _about(number: int) -> int:
    """A number to two digits: more would promise too much."""
    return number if number < 100 else int(float(f"{number:.1e}"))


@dataclass(frozen=True)
class Compared:
    """All that a comparison found; `comparisons` holds every pair of systems, the two best first.

    `interval` says how intervals are made. Those of the bootstrap are between percentiles: of draws as they are for the figure of one
    system, of draws that are `rescaled` for a difference. `metric` is what benchmarks are measured by, `systems` are as they were named;
    of those benchmarks that are `hidden`, texts, gold and groups are private and not in it.
    """

    method: str
    interval: str
    level: float
    unit: str
    resamples: int
    seed: int
    generator: tuple[dict[str, str], ...]
    warning: str | None
    benchmarks: tuple[str, ...]
    metric: str
    standings: tuple[ComparedSystem, ...]
    comparisons: tuple[Comparison, ...]
    by_benchmark: tuple[Comparison, ...]
    groups: tuple[GroupDifference, ...]
    disagreements: tuple[DisputedPair, ...]
    systems: tuple[str, ...]
    margin: float | None = None
    hidden: tuple[str, ...] = ()

    def between(self, first: str, second: str) -> Comparison:
        """The comparison of two of the systems, in that order."""
        comparison = next(each for each in self.comparisons if {each.first, each.second} == {first, second})
        return comparison if comparison.first == first else comparison.turned()

    def required(self) -> Requirement:
        """Whether the second of the two systems that were named is not worse than the first by the margin; raises UsageError for others."""
        if len(self.systems) != 2 or self.margin is None:
            raise UsageError(f"what must not be worse is the second of two systems, by a margin, and {len(self.systems)} were compared")
        old, new = self.systems
        difference = self.between(new, old)
        return Requirement.not_worse(new, old, self.margin, difference.difference, Interval(difference.low, difference.high), self.level)

    def sentence(self) -> str:
        """What was found of the two best systems, for a person to quote; p allows for all comparisons.

        Letters and rank sets rest on the same p, or where there is none on max-T. Where the best systems rank all pairs alike, what was
        found of the next follows.
        """
        best = self.comparisons[0]
        there, what = self._size(best.n)
        where = (
            f"On {best.benchmark} ({there:,} {what})" if best.benchmark != WHOLE else f"On the mean of {len(self.benchmarks)} benchmarks"
        )
        if not best.identical:
            return f"{where}, {self._said(best)}"
        alike = f"{where}, {best.first} and {best.second} {self._alike}: both have {self.title} {percent(best.first_value)}."
        others = [other for other in self.comparisons if other.first == best.first and not other.identical]
        return f"{alike} {self._said(others[0])}" if others else alike

    def sentences(self) -> list[str]:
        """That, what the margin makes of it, and how many more pairs would help where the decision is open."""
        more = self.outlook.sentence() if self.outlook and not self.outlook.enough else ""
        return [self.sentence(), *filter(None, [self.judgement(), more])]

    def judgement(self) -> str:
        """What the margin makes of the two best systems, in a sentence; empty without one."""
        best = self.comparisons[0]
        verdicts = {best.verdict_of_second: (best.second, best.first), best.verdict: (best.first, best.second)}
        said = {
            "equivalent": "{0} and {1} are equivalent",
            "better": "{0} is better than {1}",
            "not worse": "{0} is not worse than {1}, and whether {1} is as good as {0} cannot be told",
            "cannot tell": "whether {0} and {1} are as good as each other cannot be told",
        }
        chosen = next((one for one in said if one in verdicts), None)
        return f"With a margin of {of_points(self.margin or 0)}, {said[chosen].format(*verdicts[chosen])}." if chosen else ""

    @property
    def outlook(self) -> Outlook | None:
        """How many pairs it takes to tell the best system from the one that takes most of those that it is not told from yet.

        Where there is none, from the next; None where all rank the pairs alike.
        """
        others = [each for each in self.comparisons if each.first == self.comparisons[0].first and not each.identical]
        if not others:
            return None
        open_ = [each for each in others if not self.tells(each)]
        near = [each for each in open_ if each.low <= 0] or open_  # those that few resamples leave open, though they are far off, come last
        best = max(near, key=lambda each: each.error) if near else others[0]
        points = self.margin or POINTS
        there, what = self._size(best.n)
        return Outlook(
            best.first, best.second, points, there, pairs_to_tell(points / 100, best.error, there, level=self.level), what, enough=not open_
        )

    def tells(self, each: Comparison) -> bool:
        """Whether it tells its two systems apart, with allowance for all comparisons."""
        p = each.p_among(len(self.comparisons))
        return p is not None and p <= 1 - self.level

    @property
    def by_max_t(self) -> bool:
        """Whether what is said of several systems goes by max-T, which is of the bootstrap; else it goes by Holm."""
        return self.comparisons[0].p_max_t is not None

    def _size(self, pairs: int) -> tuple[int, str]:
        """How much so many pairs are, and of what: two pairs are of a triplet."""
        return (pairs // 2, "triplets") if "triplets" in METRICS[self.metric].tasks else (pairs, "pairs")

    @property
    def title(self) -> str:
        """What figures are called."""
        return METRICS[self.metric].title

    @property
    def _alike(self) -> str:
        return "rank all pairs alike" if self.metric in (SPEARMAN.name, KENDALL.name) else "have the same figure in every resample"

    def _said(self, each: Comparison) -> str:
        among = len(self.comparisons)
        by, p = "max-T" if self.by_max_t else "Holm", each.p_among(among)
        if p is None:
            sure, gap, shown = "is not compared by this test with", ", a difference of", f"no p: {each.reason}"
        else:
            verb = "is right more often than" if "triplets" in METRICS[self.metric].tasks else "agrees better with people than"
            sure, gap = (verb, " by") if self.tells(each) else ("cannot be told apart from", ", a difference of")
            shown = ("p < 0.001" if p < 0.001 else f"p = {p:.3f}") + (f" among {among} comparisons by {by}" if among > 1 else "")
        return (
            f"{each.first} {sure} {each.second}{gap} {percent(each.difference)} points ({100 * self.level:g} % interval "
            f"{'of it alone ' if among > 1 else ''}{percent(each.low)} to {percent(each.high)}): {self.title} {percent(each.first_value)} "
            f"against {percent(each.second_value)} ({shown}, {METHODS[self.method].words}{self.drawn()})."
        )

    def drawn(self) -> str:
        """How often, and of what, the method draws."""
        if not METHODS[self.method].draws:
            return "" if self.unit == "pairs" else f" by {UNITS[self.unit]}"
        return f", {self.resamples:,} resamples" + ("" if self.unit == "pairs" else f" of {UNITS[self.unit]}")

    @property
    def floor(self) -> float:
        """The least p (Holm) that so many resamples can give the first of all comparisons; 0 for tests that do not draw."""
        if not METHODS[self.method].draws:
            return 0.0
        return min(1.0, len(self.comparisons) * (2 if self.method == "bootstrap" else 1) / (self.resamples + 1))

    def document(self) -> dict[str, Any]:
        """Everything as plain data; the difference, interval and p of the first comparison are at the top."""
        first = self.comparisons[0]
        return {
            **{name: getattr(first, name) for name in ("first", "second", "difference", "low", "high", "p")},
            "sentence": " ".join(filter(None, [self.sentence(), self.judgement()])),
            "outlook": asdict(self.outlook) if self.outlook else None,
            **asdict(self),
        }
