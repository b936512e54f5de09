"""Published figures: correlations that others measured and reported, kept beside a board as evidence of what was reported."""

from __future__ import annotations

from collections import Counter
from typing import Annotated, Literal

from pydantic import Field, model_validator

from stsbench.contracts.identity import Frozen

Word = Annotated[str, Field(min_length=1)]


class Figure(Frozen):
    """One system's Spearman correlation on one benchmark, in [-1, 1], over `n` pairs under a protocol, and where it is found.

    `dataset_revision` is that of the data on the hub, where the source tells.
    """

    system: Word
    benchmark: Word
    protocol: Word
    spearman: Annotated[float, Field(ge=-1, le=1, allow_inf_nan=False)]
    n: Annotated[int, Field(ge=1)]
    source: Word
    dataset_revision: str | None = None

    @property
    def cell(self) -> tuple[str, str]:
        """What tells the figures of a board apart."""
        return self.system, self.benchmark


class Published(Frozen):
    """`published.json` of a board."""

    schema_version: Literal[1] = 1
    figures: tuple[Figure, ...] = ()

    @model_validator(mode="after")
    def _one_a_cell(self) -> Published:
        if twice := [figure for figure, count in Counter(one.cell for one in self.figures).items() if count > 1]:
            raise ValueError(f"there are two figures of {' on '.join(twice[0])}")
        return self
