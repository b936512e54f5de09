"""A decision: from what score on two texts are duplicates, and what a score is on the scale of gold. A small document."""

from __future__ import annotations

from typing import Annotated, Literal

import numpy as np
from pydantic import Field, FiniteFloat, model_validator

from stsbench.contracts.data import Flags, Float64
from stsbench.contracts.identity import Frozen
from stsbench.errors import UsageError

Share = Annotated[FiniteFloat, Field(ge=0, le=1)]


class DecidedSystem(Frozen):
    """The system that a decision is of: the references that make it, and (`key`) a hash of all that can change a score."""

    label: str
    encoder: str
    similarity: str | None
    transform: str
    view: str
    key: Annotated[str, Field(pattern=r"^[0-9a-f]{32}$")]


class DecidedOn(Frozen):
    """The pairs that a decision was made on: the data's name and digest; `positives` are those that count as duplicates."""

    name: str
    digest: Annotated[str, Field(pattern=r"^[0-9a-f]{32}$")]
    n: Annotated[int, Field(gt=0)]
    positives: Annotated[int, Field(gt=0)] | None = None
    private: bool
    low: FiniteFloat  # of gold
    high: FiniteFloat


class SharePart(Frozen):
    """A share with its interval, of pairs that had no say in the threshold."""

    value: Share
    low: Share
    high: Share


class ThresholdPart(Frozen):
    """The score from which pairs count as duplicates, chosen for a `goal`; gold `duplicate_from` was taken for one."""

    value: FiniteFloat
    goal: str
    duplicate_from: FiniteFloat
    precision: SharePart | None
    recall: SharePart
    f1: Share
    accuracy: Share
    folds: Annotated[int, Field(ge=2)]


class CalibrationPart(Frozen):
    """A map that never falls, straight between `scores` and level beyond them; its mean absolute `error`, and that of gold's mean."""

    scores: Annotated[tuple[FiniteFloat, ...], Field(min_length=1)]
    values: Annotated[tuple[FiniteFloat, ...], Field(min_length=1)]
    error: Annotated[FiniteFloat, Field(ge=0)]
    error_of_mean: Annotated[FiniteFloat, Field(ge=0)]
    folds: Annotated[int, Field(ge=2)]

    @model_validator(mode="after")
    def _is_a_map(self) -> CalibrationPart:
        scores, values = np.array(self.scores), np.array(self.values)
        if len(scores) != len(values) or (np.diff(scores) <= 0).any() or (np.diff(values) < 0).any():
            raise ValueError("scores must rise and values must not fall, one a score")
        return self


class DecisionRecord(Frozen):
    """What `stsbench decide` writes. `threshold` is None where no pair of the data was taken for a duplicate."""

    schema_version: Literal[1] = 1
    kind: Literal["stsbench decision"] = "stsbench decision"
    system: DecidedSystem
    data: DecidedOn
    software: dict[str, str]
    threshold: ThresholdPart | None
    calibration: CalibrationPart

    def is_duplicate(self, scores: object) -> Flags:
        """Whether pairs with these scores count as duplicates; raises UsageError where the decision has no threshold."""
        if self.threshold is None:
            raise UsageError(
                "the decision has no threshold, for nothing said which pairs are duplicates; decide again with --duplicate-from"
            )
        return _finite(scores) >= self.threshold.value

    def calibrated(self, scores: object) -> Float64:
        """These scores on the scale of gold."""
        return np.interp(_finite(scores), self.calibration.scores, self.calibration.values)

    def require(self, key: str, label: str) -> None:
        """Raise UsageError unless scores come from the very system that the decision is of."""
        if key != self.system.key:
            raise UsageError(
                f"the decision is of {self.system.label} as it was then, and these would be scores of {label} as it is: another model, "
                "version, option or fit; score with that one, or decide again"
            )


def _finite(scores: object) -> Float64:
    try:
        given = np.asarray(scores)
        if np.ma.is_masked(scores) or given.dtype.kind not in "iufO":
            raise TypeError
        values: Float64 = given.astype(np.float64)
    except (TypeError, ValueError):
        raise UsageError(
            "scores are numbers, as decision.score gives them: none of them masked, and no texts, dates or truth values"
        ) from None
    if not np.isfinite(values).all():
        raise UsageError("a score is no finite number; a pair without one is neither a duplicate nor none")
    return values
