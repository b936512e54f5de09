"""Losses with their slopes: sentence-transformers' own as oracles, and finite differences."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import numpy as np
import pytest
from numpy.typing import NDArray

from stsbench.contracts.data import Float64
from stsbench.stats.losses import Loss, contrastive_slopes, cosent_slopes, cosine_slopes, triplet_slopes, triplets

PAIRS, BATCH = 45, 15
RANDOM = np.random.default_rng(3)
GOLD: Float64 = np.round(RANDOM.uniform(size=PAIRS), 1)  # with ties
TEXTS = RANDOM.normal(size=(20, 6))
LEFT, RIGHT = (RANDOM.integers(0, 20, PAIRS).astype(np.intp) for _ in range(2))
HIGHER, LOWER = (np.concatenate(rows) for rows in zip(*triplets(LEFT, RIGHT, GOLD, 0.2), strict=True))
LOSSES: dict[str, Callable[[], Loss]] = {
    "cosine": lambda: cosine_slopes(GOLD),
    "contrastive": lambda: contrastive_slopes(GOLD >= 0.8),
    "triplet": lambda: triplet_slopes(LEFT, RIGHT, GOLD, 0.2),
    "cosent": lambda: cosent_slopes(GOLD, BATCH),
}


def cosines(left: Any, right: Any) -> Float64:
    unit = TEXTS / np.linalg.norm(TEXTS, axis=1, keepdims=True)
    scores: Float64 = (unit[left] * unit[right]).sum(axis=1)
    return scores


def anchors() -> NDArray[np.intp]:
    """The text that both pairs of each triplet share."""
    shared = [{LEFT[i], RIGHT[i]} & {LEFT[j], RIGHT[j]} for i, j in zip(HIGHER, LOWER, strict=True)]
    assert all(len(texts) == 1 for texts in shared)
    return np.array([texts.pop() for texts in shared])


def theirs(name: str) -> float:
    """The loss of sentence-transformers, of vectors that it is given as they are."""
    import torch
    from sentence_transformers.sentence_transformer import losses
    from sentence_transformers.sentence_transformer.losses import SiameseDistanceMetric, TripletDistanceMetric

    class Given(torch.nn.Module):
        similarity_fct = None

        def forward(self, features: dict[str, Any]) -> dict[str, Any]:
            return features

    model: Any = Given()

    def features(rows: Any) -> dict[str, Any]:
        return {"sentence_embedding": torch.from_numpy(TEXTS[rows])}

    if name == "triplet":
        anchor = anchors()
        other = [LEFT[rows] + RIGHT[rows] - anchor for rows in (HIGHER, LOWER)]
        loss: Any = losses.TripletLoss(model, TripletDistanceMetric.COSINE, triplet_margin=0.5)
        return float(loss([features(anchor), *map(features, other)], None))
    if name == "cosent":
        loss = losses.CoSENTLoss(model)
        rows = np.arange(PAIRS).reshape(-1, BATCH)
        return float(np.mean([float(loss([features(LEFT[one]), features(RIGHT[one])], torch.from_numpy(GOLD[one]))) for one in rows]))
    if name == "cosine":
        loss, labels = losses.CosineSimilarityLoss(model), torch.from_numpy(GOLD)
    else:
        loss = losses.ContrastiveLoss(model, SiameseDistanceMetric.COSINE_DISTANCE, margin=0.5)
        labels = torch.from_numpy((GOLD >= 0.8).astype(np.int64))
    return float(loss([features(LEFT), features(RIGHT)], labels))


@pytest.mark.parametrize("name", LOSSES)
def test_values_are_those_of_sentence_transformers(name: str) -> None:
    pytest.importorskip("sentence_transformers")
    assert LOSSES[name]()(cosines(LEFT, RIGHT))[0] == pytest.approx(theirs(name), abs=1e-6, rel=1e-6)


@pytest.mark.parametrize("name", LOSSES)
def test_slopes_are_finite_differences(name: str) -> None:
    loss, scores, step = LOSSES[name](), cosines(LEFT, RIGHT), 1e-6
    moved = [(loss(scores + step * row)[0] - loss(scores - step * row)[0]) / (2 * step) for row in np.eye(PAIRS)]
    np.testing.assert_allclose(loss(scores)[1], moved, atol=1e-7)
    assert np.abs(moved).max() > 1e-3


def test_the_last_batch_of_cosent_may_be_smaller() -> None:
    scores = cosines(LEFT, RIGHT)
    whole, left_over = (cosent_slopes(GOLD[rows], BATCH)(scores[rows])[0] for rows in (slice(0, 30), slice(30, 40)))
    value, slopes = cosent_slopes(GOLD[:40], BATCH)(scores[:40])
    assert value == pytest.approx((2 * whole + left_over) / 3, abs=1e-12)
    assert slopes.shape == (40,)


def test_pairs_that_share_no_text_have_no_triplets() -> None:
    with pytest.raises(ValueError, match=r"no two pairs share a text and have golds 0\.2 of the scale apart"):
        triplet_slopes(np.array([0, 2]), np.array([1, 3]), np.array([0.0, 1.0]), 0.2)
