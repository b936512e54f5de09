"""What is known of a board's systems beyond their figures: intervals, rank sets, letters, what pictures need. Evidence: it takes gold."""

from __future__ import annotations

from operator import not_
from typing import Annotated, Literal

from pydantic import Field

from stsbench.contracts.identity import Decimal, Figured, Frozen, OfSystem, SystemId


class Limits(Frozen):
    """Lower and upper limit of an interval."""

    low: Decimal
    high: Decimal


class Grouped(Figured):
    """A figure on the pairs of one group, or the reason why there is none."""

    n: int
    reason: str | None = None


Rank = Annotated[int, Field(ge=1, lt=2**31)]


class Standing(OfSystem):
    """One primary system; `cells` by benchmark as `name@protocol`, `record` ties it to the figures it was computed for.

    Ranks, letters and the chance of being the best are of those that are compared, none where fewer than two are.

    `texts` are the intervals when texts are drawn and not pairs, of benchmarks that repeat their texts; `groups` are figures by label.
    """

    record: str
    cells: dict[str, Limits]
    average: Limits
    best_rank: Rank | None = None
    worst_rank: Rank | None = None
    letters: str | None = None
    chance_of_best: Annotated[Decimal, Field(ge=0, le=1)] | None = None
    alike: int
    texts: dict[str, Limits] = Field(default_factory=dict)
    groups: dict[str, dict[str, Grouped]] = Field(default_factory=dict)


class Choosing(Frozen):
    """What choosing the best of `among` systems comes to; `observed` is the best average on all pairs."""

    label: str
    among: int
    share: Decimal | None
    observed: Decimal
    low: Decimal
    high: Decimal
    development: Annotated[tuple[str, ...], Field(exclude_if=not_)] = ()
    development_pairs: Annotated[int, Field(exclude_if=not_)] = 0


class Selected(Choosing):
    """The same as evidence; a board shows it while `asked` holds.

    `splits` of the pairs chose `chosen` in `share` of cases; there are none where it was chosen on `development` benchmarks.
    """

    chosen: SystemId
    value: Decimal
    splits: int


class Statistics(Frozen):
    """`statistics.json` of a board. `mode` says how intervals and ranks were computed: by resampling or by influence functions.

    `generator` tells whether a machine drew the same numbers; `ceilings` by benchmark are what gold's ties leave of Spearman.
    `alike` are sets of systems, primary or not, that rank all pairs alike; `asked` hashes all that the statistics were computed for,
    and `development` the figures that systems were chosen by elsewhere.
    """

    schema_version: Literal[1] = 1
    mode: Literal["bootstrap", "influence"]
    level: Decimal
    resamples: int
    seed: int
    generator: tuple[dict[str, str], ...]
    ceilings: dict[str, Decimal]
    systems: tuple[Standing, ...]
    alike: tuple[tuple[SystemId, ...], ...] = ()
    selected: tuple[Selected, ...] = ()
    asked: str = ""
    development: Annotated[str, Field(exclude_if=not_)] = ""


class Misjudged(Frozen):
    """A pair whose place by score is far from its place by gold, by its row (the first is 1) in a split and subset.

    `gold` and `score` are places from 0 (the lowest of all pairs that the figure ranks together) to 100 (the highest).
    """

    split: str
    subset: str
    row: int
    gold: Decimal
    score: Decimal


class Density(Frozen):
    """How many pairs of a benchmark fall into each bin of gold and score; `counts` are (gold bin, score bin, pairs), none empty.

    Where the figure is a mean over several `parts`, gold and score are a pair's places within its part, from 0 to 100: nothing says
    that a score means the same in two of them.
    """

    benchmark: str
    n: int
    parts: Annotated[int, Field(exclude_if=(1).__eq__)] = 1
    gold: tuple[Decimal, Decimal]
    score: tuple[Decimal, Decimal]
    bins: int
    counts: tuple[tuple[int, int, int], ...]
    worst: tuple[Misjudged, ...]


class GroupFigure(Figured):
    """The figure within one group of a benchmark's pairs; null where it is undefined."""

    benchmark: str
    group: str
    n: int


class Diagram(OfSystem):
    """The pictures of one system; `record` ties them to the figures that they belong to. No group of private data is named."""

    record: str
    densities: tuple[Density, ...]
    groups: tuple[GroupFigure, ...]


class Diagrams(Frozen):
    """`diagrams.json` of a board: the systems on top."""

    schema_version: Literal[1] = 1
    systems: tuple[Diagram, ...]
