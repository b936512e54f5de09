"""What is known of a board's systems beyond their figures: intervals, rank sets, letters. Evidence, since it takes gold to compute."""

from __future__ import annotations

from typing import Final, Literal

from pydantic import BaseModel, ConfigDict

from stsbench.contracts.records import Decimal

STATISTICS_VERSION: Final = 1


class _Frozen(BaseModel):
    model_config = ConfigDict(frozen=True, extra="forbid")


class Limits(_Frozen):
    """Lower and upper limit of an interval."""

    low: Decimal
    high: Decimal


class Standing(_Frozen):
    """One system among those compared; `cells` by benchmark as `name@protocol`, `record` ties it to the figures it was computed for."""

    encoder: str
    fingerprint: str
    view: str
    transforms: tuple[str, ...]
    similarity: str
    record: str
    cells: dict[str, Limits]
    average: Limits
    best_rank: int
    worst_rank: int
    letters: str
    chance_of_best: Decimal
    alike: int

    @property
    def system(self) -> tuple[str, str, str, tuple[str, ...], str]:
        """What tells the systems of a board apart."""
        return self.encoder, self.fingerprint, self.view, self.transforms, self.similarity


class Statistics(_Frozen):
    """`statistics.json` of a board. `mode` says how intervals and ranks were computed: by resampling or by influence functions.

    `generator` tells whether a machine drew the same numbers; `ceilings` by benchmark are what gold's ties leave of Spearman.
    """

    schema_version: Literal[1] = STATISTICS_VERSION
    mode: Literal["bootstrap", "influence"]
    level: Decimal
    resamples: int
    seed: int
    generator: tuple[dict[str, str], ...]
    ceilings: dict[str, Decimal]
    systems: tuple[Standing, ...]
