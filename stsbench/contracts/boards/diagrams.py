"""What the pictures of a board need beyond its figures: scores against gold, and figures by group. Evidence, since it takes gold."""

from __future__ import annotations

from typing import Final, Literal

from stsbench.contracts.figured import Decimal, Figured
from stsbench.contracts.identity import Frozen, OfSystem

DIAGRAMS_VERSION: Final = 1


class Misjudged(Frozen):
    """A pair whose place by score is far from its place by gold, by its row (the first is 1) in a split and subset.

    `gold` and `score` are places from 0 (the lowest of all pairs) to 100 (the highest).
    """

    split: str
    subset: str
    row: int
    gold: Decimal
    score: Decimal


class Density(Frozen):
    """How many pairs of a benchmark fall into each bin of gold and score; `counts` are (gold bin, score bin, pairs), none empty."""

    benchmark: str
    n: int
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

    schema_version: Literal[1] = DIAGRAMS_VERSION
    systems: tuple[Diagram, ...]
