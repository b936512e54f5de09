from __future__ import annotations

import numpy as np
import pytest
from scipy.stats import spearmanr

from stsbench.stats.aggregation import borda, fisher_mean, ranked_together
from stsbench.stats.correlation import rankable

ROWS = np.array([[80.0, 70, 60], [79, 71, 60], [60, 72, 59]])


def test_borda_is_that_of_mteb() -> None:
    counts = borda(ROWS)
    assert counts == pytest.approx([3.5, 3.5, 2])


@pytest.mark.parametrize("width", [1e-4, 1e-2, 1.0])
def test_parts_that_are_ranked_together_are_ranked_as_one_list(width: float) -> None:
    generator = np.random.default_rng(7)
    pairs, order = np.arange(3000), generator.permutation(3000)
    gold = order + generator.normal(scale=1000, size=3000)
    scores = 1 - width * (1 - order / 3000)  # as cosines of vectors that all point one way
    scores[0] = 1.0000003  # as the dot product of a unit vector in float32 with itself: another power of ten for its part
    scores[1500:1600] = scores[100:200]  # the same texts in both parts
    parts = [rankable(scores[pairs < 1500]), rankable(scores[pairs >= 1500])]
    assert [exponent for _, exponent in parts] == [1, 0]
    together = ranked_together(parts)
    assert spearmanr(gold, together).statistic == pytest.approx(spearmanr(gold, scores).statistic, abs=1e-6)
    assert (together[1500:1600] == together[100:200]).all()


def test_small_parts_whose_scores_lie_close_are_told_apart_from_each_other() -> None:
    """Each part alone has no tie in float32, and all together have many."""
    generator = np.random.default_rng(1)
    scores, gold = 0.999 + 1e-5 * generator.normal(size=300), generator.normal(size=300)
    together = ranked_together([rankable(scores[part : part + 6]) for part in range(0, 300, 6)])
    assert spearmanr(gold, together).statistic == pytest.approx(spearmanr(gold, scores.round(10)).statistic, abs=1e-12)
    assert abs(spearmanr(gold, scores.astype(np.float32)).statistic - spearmanr(gold, scores).statistic) > 1e-5


def test_fisher_mean_known_answers() -> None:
    assert [100 * fisher_mean((row / 100).tolist()) for row in ROWS] == pytest.approx([70.959, 70.838, 64.077], abs=5e-4)
    assert ROWS.mean(axis=1) == pytest.approx([70, 70, 63.667], abs=5e-4)


def test_fisher_mean_at_the_ends() -> None:
    assert fisher_mean([1.0, 0.3]) == 1
    with pytest.raises(ValueError, match="no mean"):
        fisher_mean([1.0, -1.0])
    with pytest.raises(ValueError, match="no correlation"):
        fisher_mean([])
