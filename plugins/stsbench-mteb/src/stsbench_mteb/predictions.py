"""The pair scorer `mteb-predictions`: scores of a file that mteb wrote for a task (`prediction_folder=`)."""

from __future__ import annotations

import json
from collections.abc import Mapping, Sequence
from dataclasses import KW_ONLY, dataclass
from functools import cached_property
from typing import Any, Literal

import numpy as np

from stsbench.plugin import DataError, Fingerprint, Float64, Location, ModelError

Scored = Literal["similarity", "cosine", "dot", "manhattan", "euclidean"]
_KEYS: Mapping[Scored, str] = {
    "similarity": "similarity_scores",
    "cosine": "cosine_scores",
    "dot": "dot_scores",
    "manhattan": "manhattan_distances",
    "euclidean": "euclidean_distances",
}


@dataclass(frozen=True)
class PredictionsOfMteb:
    """Scores that mteb predicted for a task, by subset and split: `mteb-predictions:./STS12_predictions.json,similarity=cosine`.

    They stand in the order of the benchmark's pairs (`mteb-task:STS12`, or `STS12`). Distances are turned so that higher means more
    similar. `name` tells systems apart in tables.
    """

    path: Location
    _: KW_ONLY
    similarity: Scored = "cosine"
    name: str = ""

    whole = True  # rows can only be matched when all pairs of a part are asked for at once

    def __post_init__(self) -> None:
        if self.path.path is None or self.path.digest is None or not self.path.path.is_file():
            raise ModelError("predictions are read from a file that mteb wrote; name it, as in mteb-predictions:./STS12_predictions.json")

    def for_part(self, split: str, subset: str) -> _OfPart:
        """The scores of one part."""
        return _OfPart(self, split, subset)

    @property
    def fingerprint(self) -> Fingerprint:
        """The content of the file; which similarity is read is in the options."""
        return Fingerprint.of(predictions=self.path.digest)

    def score(self, left: Sequence[str], right: Sequence[str]) -> Float64:
        """The scores of the only part that the file holds, float64[n]; raises DataError where it holds several."""
        places = [(split, subset) for subset, splits in self.parts.items() for split in splits]
        if len(places) != 1:
            raise DataError(f"{self.path.label} holds {len(places)} splits and subsets; score the benchmark that it is of")
        return self.for_part(*places[0]).score(left, right)

    @cached_property
    def parts(self) -> Mapping[str, Mapping[str, Any]]:
        """What was predicted, by subset and split; raises DataError."""
        assert self.path.path is not None
        try:
            read = json.loads(self.path.path.read_bytes())
            parts = {subset: splits for subset, splits in read.items() if subset != "mteb_model_meta"}
            whole = "mteb_model_meta" in read and all(isinstance(splits, dict) for splits in parts.values())
        except (OSError, ValueError, AttributeError, RecursionError):
            whole = False
        if not whole:
            raise DataError(
                f"{self.path.label} is no file of predictions that mteb wrote; write it with `prediction_folder=` of its evaluate"
            )
        return parts


@dataclass(frozen=True)
class _OfPart:
    """The scores of one split and subset."""

    predictions: PredictionsOfMteb
    split: str
    subset: str

    whole = True

    @property
    def fingerprint(self) -> Fingerprint:
        """That of the file."""
        return self.predictions.fingerprint

    def score(self, left: Sequence[str], right: Sequence[str]) -> Float64:
        """The score of each pair, by its place; raises DataError where there are none, or not as many as pairs."""
        del right  # rows are matched by their place
        label, key = self.predictions.path.label, _KEYS[self.predictions.similarity]
        held = self.predictions.parts.get(self.subset, {}).get(self.split)
        if held is None:
            raise DataError(f"{label} has no predictions for split {self.split!r} of subset {self.subset!r}; predict the whole task")
        values = held.get(key) if isinstance(held, dict) else None
        if values is None:
            there = (
                ", ".join(name for name, known in _KEYS.items() if isinstance(held, dict) and held.get(known) is not None)
                or "none of pairs"
            )
            raise DataError(
                f"{label} has no scores of the similarity {self.predictions.similarity} (there: {there}); choose with similarity="
            )
        try:
            scores = np.array(values, dtype=np.float64)
        except (TypeError, ValueError):
            scores = np.array([np.nan])
        if scores.ndim != 1 or not np.isfinite(scores).all():
            raise DataError(f"{label} holds predictions that are no finite numbers; predict the task anew")
        if len(scores) != len(left):
            raise DataError(f"{label} has {len(scores)} scores and the benchmark's part {len(left)} pairs; give those of the same task")
        return _turned(scores, key, label)


def _turned(scores: Float64, key: str, label: str) -> Float64:
    """Distances as similarities: mteb writes those of STS tasks below 0, and those of others above."""
    if not key.endswith("distances") or (scores <= 0).all():
        return scores
    if (scores < 0).any():
        raise DataError(f"{label} holds distances below and above 0, of which nothing can be said; predict the task anew")
    return -scores
