"""What Spearman over pairs does not say of a system: losses, triplets, detection of positive pairs, ranks among all texts."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field, replace

import numpy as np

from stsbench.contracts.data import Flags, Float64, Pairs
from stsbench.stats.deciding import Goal, threshold_for
from stsbench.stats.losses import MARGIN, TripletFigures, contrastive_loss, cosine_loss, is_bounded, reaching, scaled_gold, triplet_figures
from stsbench.stats.metrics import SPEARMAN, measure
from stsbench.stats.metrics.detection import average_precision, roc_auc
from stsbench.stats.retrieval import Ranking
from stsbench.stats.thresholds import Roc, accuracy_at, f1_at, roc

SAME = "the same pairs"  # where thresholds are chosen if nothing else is said: F1 and accuracy are then the best that there are


@dataclass(frozen=True, slots=True)
class Settings:
    """Pairs of gold at least `positive` (of a scale from 0 to 1) are positive; triplets' golds are at least `gap` apart.

    `margin` is that of the contrastive and the triplet loss.
    """

    positive: float = 0.8
    gap: float = 0.2
    margin: float = MARGIN


@dataclass(frozen=True, eq=False)
class Graded:
    """Pairs with gold scaled to [0, 1], which of them are positive, and a system's scores, float64[n], as they are ranked."""

    pairs: Pairs
    gold: Float64
    positive: Flags
    scores: Float64

    @classmethod
    def of(cls, pairs: Pairs, scores: Float64, score_range: tuple[float, float] | None, settings: Settings) -> Graded:
        """On the scale of the benchmark, or of the gold that occurs; raises ValueError where gold leaves the scale or is constant."""
        gold = np.asarray(pairs.gold)
        scaled = scaled_gold(gold, *(score_range or (float(gold.min()), float(gold.max()))))
        return cls(pairs, scaled, reaching(scaled, settings.positive), scores)


@dataclass(frozen=True, slots=True)
class Neighbours:
    """Of `n` labelled `items` the share whose nearest neighbour has their label, and that of the commonest label, to compare with."""

    n: int
    labels: int
    accuracy: float
    commonest: float
    items: str = "texts"


@dataclass(frozen=True, slots=True)
class Detection:
    """Positive pairs told from others; F1 and accuracy are at thresholds chosen on `chosen_on`. None where there is no figure."""

    average_precision: float | None = None
    roc_auc: float | None = None
    f1: float | None = None
    f1_threshold: float | None = None
    accuracy: float | None = None
    accuracy_threshold: float | None = None
    chosen_on: str | None = None
    curve: Roc | None = None


@dataclass(frozen=True)
class Beyond:
    """One system on one list of pairs. A figure that does not exist is None, with the reason in `reasons` by its name."""

    n: int
    positives: int
    spearman: float | None
    cosine_loss: float | None
    contrastive_loss: float | None
    triplets: TripletFigures
    detection: Detection
    ranking: Ranking | None = None
    neighbours: Neighbours | None = None
    reasons: dict[str, str] = field(default_factory=dict)


def beyond(
    graded: Graded,
    settings: Settings,
    chosen_on: tuple[str, Graded] | None = None,
    ranked: Ranking | str = "not asked for",
    near: Neighbours | str = "not asked for",
) -> Beyond:
    """The figures of one system; `ranked` and `near` are given, or the reason why they are not."""
    measured = measure(graded.pairs.gold, graded.scores, [SPEARMAN])
    reasons = {name: given for name, given in (("ranking", ranked), ("neighbours", near)) if isinstance(given, str)}
    if measured.reason is not None:
        reasons["spearman"] = measured.reason
    cosine = contrastive = None
    if is_bounded(graded.scores):
        cosine, contrastive = cosine_loss(graded.gold, graded.scores), contrastive_loss(graded.positive, graded.scores, settings.margin)
    else:
        reasons["cosine_loss"] = reasons["contrastive_loss"] = "scores leave [-1, 1], and these losses compare them with fixed numbers"
    triplets = triplet_figures(graded.pairs, graded.gold, graded.scores, settings.gap, settings.margin)
    if not triplets.n:
        reasons["triplets"] = f"no two pairs share a text and have golds {settings.gap:g} of the scale apart"
    detection, why = _detection(graded, chosen_on)
    return Beyond(
        n=len(graded.pairs),
        positives=int(graded.positive.sum()),
        spearman=measured.figures.get(SPEARMAN.name),
        cosine_loss=cosine,
        contrastive_loss=contrastive,
        triplets=triplets,
        detection=detection,
        ranking=None if isinstance(ranked, str) else ranked,
        neighbours=None if isinstance(near, str) else near,
        reasons=reasons | why,
    )


def _detection(graded: Graded, chosen_on: tuple[str, Graded] | None) -> tuple[Detection, dict[str, str]]:
    if one_sided(graded.positive):
        return Detection(), {"detection": "all pairs are positive, or none is"}
    where, other = chosen_on or (SAME, graded)
    ordered = graded.positive, graded.scores
    detection = Detection(average_precision(*ordered), roc_auc(*ordered), curve=roc(*ordered))
    if one_sided(other.positive):
        return detection, {"thresholds": f"all pairs of {where} are positive, or none is"}
    f1, accuracy = (threshold_for(Goal(aim), other.positive, other.scores) for aim in ("f1", "accuracy"))
    chosen = replace(
        detection,
        f1=f1_at(*ordered, f1),
        f1_threshold=f1,
        accuracy=accuracy_at(*ordered, accuracy),
        accuracy_threshold=accuracy,
        chosen_on=where,
    )
    return chosen, {}


def one_sided(positive: Flags) -> bool:
    """Whether there is nothing to tell apart."""
    return bool(positive.all() or not positive.any())


def roc_plot(curves: Sequence[tuple[str, Roc]]) -> dict[str, object]:
    """ROC curves by name as a Vega-Lite specification."""
    values = [
        {"system": name, "order": place, "false": false, "true": true}
        for name, curve in curves
        for place, (false, true) in enumerate(zip(curve.false_positive.tolist(), curve.true_positive.tolist(), strict=True))
    ]
    share: dict[str, object] = {"type": "quantitative", "scale": {"domain": [0, 1]}}
    legend = {"orient": "bottom", "columns": 1, "labelLimit": 600}
    axes = {
        "x": {"field": "false", **share, "title": "share of negative pairs found"},
        "y": {"field": "true", **share, "title": "share of positive pairs found"},
    }
    colour = {"field": "system", "type": "nominal", "sort": None, "title": None, "legend": legend}
    chance = {"values": [{"false": 0, "true": 0}, {"false": 1, "true": 1}]}
    order = {"field": "order", "type": "quantitative"}
    layers = [
        {"data": chance, "mark": {"type": "line", "color": "#8a8f98", "strokeDash": [4, 3]}, "encoding": axes},
        {"data": {"values": values}, "mark": {"type": "line"}, "encoding": {**axes, "order": order, "color": colour}},
    ]
    return {
        "width": 380,
        "height": 380,
        "layer": layers,
    }
