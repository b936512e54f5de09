"""What a figure of scores is, as a value: how it is computed, where it lies, and how it is resampled."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass

from stsbench.contracts.data import Float64
from stsbench.contracts.kinds import Task
from stsbench.stats.weights import Compute, Influence, Under


@dataclass(frozen=True)
class Resampled:
    """How a figure varies: `under` prepares gold float64[n] and scores float64[n, s] once for the counts of all resamples.

    `varies` says whether the figure of constant scores is undefined, as that of constant gold always is.
    """

    under: Callable[[Float64, Float64], Under]
    influence: Influence
    varies: bool = True


@dataclass(frozen=True)
class Metric:
    """One figure of gold and scores, within `bounds`; `resampled` is None where no interval or test of it is known.

    `title` is what a sentence calls it; a higher figure is a better one. `ranks` says whether the order of scores settles it, `tasks` what
    kinds of benchmarks it measures. One that is not `kept` is in no record, and measured where a comparison asks for it.
    """

    name: str
    title: str
    compute: Compute
    bounds: tuple[float, float]
    resampled: Resampled | None = None
    ranks: bool = True
    tasks: Sequence[Task] = ("graded", "binary")
    kept: bool = True

    @property
    def words(self) -> str:
        """What a sentence calls one figure."""
        return f"{'an' if self.title[0] in 'aeiou' else 'a'} {self.title}{' correlation' if 'graded' in self.tasks else ''}"
