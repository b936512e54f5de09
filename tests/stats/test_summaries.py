from __future__ import annotations

import numpy as np
import pytest

from stsbench.stats.aggregation import borda, fisher_mean

ROWS = np.array([[80.0, 70, 60], [79, 71, 60], [60, 72, 59]])


def test_borda_is_that_of_mteb() -> None:
    counts = borda(ROWS)
    assert counts == pytest.approx([3.5, 3.5, 2])


def test_fisher_mean_known_answers() -> None:
    assert [100 * fisher_mean((row / 100).tolist()) for row in ROWS] == pytest.approx([70.959, 70.838, 64.077], abs=5e-4)
    assert ROWS.mean(axis=1) == pytest.approx([70, 70, 63.667], abs=5e-4)


def test_fisher_mean_at_the_ends() -> None:
    assert fisher_mean([1.0, 0.3]) == 1
    with pytest.raises(ValueError, match="no mean"):
        fisher_mean([1.0, -1.0])
    with pytest.raises(ValueError, match="no correlation"):
        fisher_mean([])
