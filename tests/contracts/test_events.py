"""Events say a figure with the metric that it is by."""

from __future__ import annotations

import pytest

from stsbench.contracts.events import CellFinished


def test_the_main_figure_is_that_of_the_metric_and_the_old_name_warns() -> None:
    figures = {"spearman": 0.25, "average_precision": 0.5}
    event = CellFinished("hashing", "sentence", "cosine", "paws", "ok", "average_precision", None, figures)
    assert (event.metric, event.figure) == ("average_precision", 0.5)
    assert event.system == "hashing / sentence / cosine"
    with pytest.warns(FutureWarning, match=r"test_events uses CellFinished\.spearman, .* it should use figure"):
        assert event.spearman == 0.25


def test_a_cell_without_figures_has_none() -> None:
    assert CellFinished("hashing", "sentence", "cosine", "mini", "undefined", "spearman", "constant gold").figure is None
