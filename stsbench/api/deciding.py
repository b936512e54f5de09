"""A number to act on: a threshold for duplicates and a calibration, decided on pairs with gold and kept as one small file."""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import asdict, replace
from pathlib import Path
from typing import Final

import numpy as np

from stsbench import __version__
from stsbench.api.session import Session
from stsbench.contracts.data import Float64, Index, Pairs
from stsbench.contracts.decision import CalibrationPart, DecidedOn, DecidedSystem, DecisionRecord, SharePart, ThresholdPart
from stsbench.contracts.defaults import SIMILARITY
from stsbench.contracts.reading import read_bytes
from stsbench.contracts.ref import CHAIN
from stsbench.errors import DataError, StoreError, UsageError
from stsbench.evidence.joint import joined
from stsbench.evidence.sampling import FEWEST
from stsbench.host.provider import installed
from stsbench.runner.keys import system_key, written_out
from stsbench.runner.system import Job, System
from stsbench.stats.aggregation import is_pooled
from stsbench.stats.deciding import Goal, Share, calibrated_error, cross_validated, isotonic, threshold_for
from stsbench.stats.losses import reaching
from stsbench.stats.metrics import STEPS, undefined
from stsbench.stores.canonical import json_bytes
from stsbench.stores.documents import Document

LARGEST: Final = 64 * 2**20  # bytes of a file: a knot a pair, of a million pairs
FROM_FOLDER: Final = re.compile(r"~[0-9a-f]{8}$")  # how the target of a local model ends, in which no path stands


class LoadedDecision(DecisionRecord):
    """A threshold for duplicates and a calibration, of one system: `is_duplicate(scores)`, `calibrated(scores)`, `score(texts, texts)`."""

    def __repr__(self) -> str:
        threshold = "no threshold" if self.threshold is None else f"duplicates from {self.threshold.value:z.4f}"
        return f"<Decision of {self.system.label} on {self.data.name}: {threshold}>"

    __str__ = __repr__

    def of(self, encoder: str | None = None) -> tuple[str, str, str]:
        """References of its encoder, or the one that is named, its similarity and its transforms; raises UsageError where none is known."""
        if not encoder and FROM_FOLDER.search(self.system.encoder.partition(",")[0]):
            raise UsageError(f"the decision is of a model in a folder, of which it holds no path, {self.system.label}; name that encoder")
        return encoder or self.system.encoder, self.system.similarity or SIMILARITY, self.system.transform

    def score(self, left: Sequence[str], right: Sequence[str], *, encoder: str = "", session: Session | None = None) -> Float64:
        """The scores of pairs of texts by the very system that the decision is of, float64[n]; texts are private, and nothing is kept.

        A model that was a folder is named again (`encoder="sentence-transformers:./model"`), since the file holds no path. Raises
        UsageError where it is another system.
        """
        if len(left) != len(right):
            raise UsageError(f"there are {len(left)} left and {len(right)} right texts; give one of each a pair")
        named = self.of(encoder)
        if not len(left):
            return np.empty(0)
        pairs = Pairs(tuple(left), tuple(right), np.zeros(len(left)))
        job, system, scores = _scored(pairs, named, Session.of(session).having(cache=None))
        self.require(system_key(job.encoder, system), job.name_of(system))
        return scores


DECISION: Final = Document("decision.json", LoadedDecision, "a decision", "make it anew with `stsbench decide`")


def load_decision(path: str | Path) -> LoadedDecision:
    """The decision in a file that `stsbench decide` wrote; raises StoreError where it is none."""
    place = Path(path).expanduser()
    try:
        if place.stat().st_size > LARGEST:
            raise StoreError(f"{place} is larger than any decision; make it anew with `stsbench decide`")
        data = read_bytes(place)
    except OSError as error:
        raise StoreError(f"{place} cannot be read ({error.strerror}); name a file that `stsbench decide` wrote") from error
    return DECISION.parse(data, str(place))


def decide(
    encoder: str,
    benchmark: str,
    session: Session,
    *,
    similarity: str = SIMILARITY,
    transform: str = "none",
    goal: str = "f1",
    duplicate_from: float | None = None,
) -> LoadedDecision:
    """A threshold for duplicates (binary pairs, or those of gold `duplicate_from` and above) and a calibration to the scale of gold.

    Shares and errors are of pairs that had no say (cross-validated). Raises UsageError for a system whose scores depend on the other texts
    that it is given, DataError where the pairs cannot tell.
    """
    aim, loaded = read_goal(goal), session.benchmark(benchmark)
    pairs = joined([part.pairs for part in loaded.parts])
    if loaded.card.task not in ("graded", "binary"):
        raise UsageError(f"{loaded.name} is of {loaded.card.task}, which have no threshold and no scale; take graded or binary pairs")
    if len(loaded.parts) > 1 and loaded.card.task == "graded" and not is_pooled(loaded.card.aggregation, len(loaded.parts)):
        session.warn(
            f"{loaded.name} has {len(loaded.parts)} parts, whose figures are averaged; one threshold and one calibration take their "
            "gold to be on one scale: decide on one part where it is not"
        )
    weightless = replace(pairs, weights=None)  # scores do not depend on them
    job, system, scores = _scored(weightless, (encoder, similarity, transform), session, private=loaded.card.private)
    if len(pairs) < FEWEST:
        raise DataError(f"{loaded.name} has {len(pairs)} pairs, and nothing can be decided on fewer than {FEWEST}; take more")
    if reason := undefined(pairs.gold, scores):
        raise DataError(f"nothing can be decided on {loaded.name}: {reason}; {STEPS[reason]}")
    least = 1.0 if loaded.card.task == "binary" and duplicate_from is None else duplicate_from
    positive = None if least is None else reaching(pairs.gold, least)
    numbers: dict[object, int] = {}
    units = np.array([numbers.setdefault(key, len(numbers)) for key in pairs.keys], dtype=np.intp)  # a pair that is there twice is one
    if positive is not None and not FEWEST // 2 <= (some := len(np.unique(units[positive]))) <= len(numbers) - FEWEST // 2:
        raise DataError(
            f"{some} of {len(numbers)} different pairs of {loaded.name} are duplicates, and a threshold takes {FEWEST // 2} of each "
            "side at least; take more pairs, or another --duplicate-from"
        )
    fitted, errors = isotonic(pairs.gold, scores, pairs.weights), calibrated_error(pairs.gold, scores, pairs.weights, units=units)
    return LoadedDecision(
        system=DecidedSystem(
            label=job.name_of(system),
            encoder=str(job.encoder.resolved.written_out(system.view)) if job.encoder.resolved else job.encoder.label,
            similarity=str(system.similarity.resolved.written_out("")) if system.similarity else None,
            transform=CHAIN.join(map(written_out, system.transforms)) or "none",
            view=system.view,
            key=system_key(job.encoder, system),
        ),
        data=DecidedOn(
            name=loaded.name, digest=pairs.digest, n=len(pairs), positives=None if positive is None else int(positive.sum()),
            private=loaded.card.private, low=float(pairs.gold.min()), high=float(pairs.gold.max()),
        ),
        software={"stsbench": __version__, **{name: found for name in ("numpy", "scipy") if (found := installed(name))}},
        threshold=None if positive is None or least is None else _threshold(aim, least, positive, scores, pairs.weights, units),
        calibration=CalibrationPart(
            scores=tuple(fitted.scores.tolist()), values=tuple(fitted.values.tolist()), error=errors.error, error_of_mean=errors.of_mean,
            folds=errors.folds,
        ),
    )  # fmt: skip


def bytes_of(decision: LoadedDecision) -> bytes:
    """The file of a decision, with every number as it is: a threshold that was rounded might pass a score by."""
    return json_bytes(decision.model_dump())


def read_goal(text: str) -> Goal:
    """A goal as it is typed: f1, accuracy, precision=0.95 or recall=0.9; raises UsageError."""
    of, equals, share = text.partition("=")
    try:
        return Goal(of, float(share) if equals else None)  # type: ignore[arg-type]  # which it checks
    except ValueError:
        raise UsageError(
            f"a goal is f1, accuracy, precision=SHARE or recall=SHARE, with a share as in precision=0.95, not {text!r}"
        ) from None


def _threshold(goal: Goal, least: float, positive: np.ndarray, scores: Float64, weights: Float64 | None, units: Index) -> ThresholdPart:
    telling = cross_validated(goal, positive, scores, weights, units=units)
    value = threshold_for(goal, positive, scores, weights)
    if not (scores >= value).any():
        raise DataError(
            f"no threshold has the goal {goal} on these pairs, so that none would be a duplicate; ask for less, or take another system"
        )
    return ThresholdPart(
        value=value, goal=str(goal), duplicate_from=least, precision=telling.precision and _share(telling.precision),
        recall=_share(telling.recall), f1=telling.f1, accuracy=telling.accuracy, folds=telling.folds,
    )  # fmt: skip


def _share(share: Share) -> SharePart:
    return SharePart(**asdict(share))


def _scored(pairs: Pairs, named: Sequence[str], session: Session, *, private: bool = True) -> tuple[Job, System, Float64]:
    """The scores of one system on pairs, whose scores depend on nothing but the pair."""
    plan, job, system = session.plan_of_one(pairs, named, "decision", private=private)
    if any(one.transductive for one in system.components):
        raise UsageError(
            f"{job.name_of(system)} is fitted on the texts that it scores, so that a score means another thing among others; fit "
            "it on data of its own, as in fit=STSBenchmark:train"
        )
    ((_, _, scores),) = session.scores(plan)
    return job, system, np.asarray(scores)
