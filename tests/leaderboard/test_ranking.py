import pytest
from hypothesis import given
from hypothesis import strategies as st
from scipy.stats import rankdata

from stsbench.leaderboard.ranking import average, ranks


def test_the_average_is_the_macro_mean() -> None:
    published = [0.723690, 0.806032, 0.755891, 0.853896, 0.789895, 0.820325, 0.775825]
    assert average(published) == pytest.approx(0.789364857142857, abs=1e-15)
    assert average([0.80, 0.70, 0.60]) == pytest.approx(0.70)
    assert average([0.60, 0.72, 0.59]) == pytest.approx(0.6366666666666667)


def test_a_missing_figure_leaves_no_average() -> None:
    assert average([0.5, None]) is None
    assert average([None]) is None
    assert average([]) is None


def test_equal_averages_share_the_smallest_rank() -> None:
    assert ranks([0.7, 0.9, None, 0.7, 0.1]) == [2, 1, None, 2, 4]
    assert ranks([]) == []


def test_averages_are_equal_to_six_decimals() -> None:
    assert ranks([0.1 + 0.2, 0.3]) == [1, 1]
    assert ranks([0.5000004, 0.5]) == [1, 1]
    assert ranks([0.5000006, 0.5]) == [1, 2]


@given(st.lists(st.integers(-5, 5)))
def test_ranks_are_those_of_scipy(values: list[int]) -> None:
    assert ranks([value / 8 for value in values]) == [int(rank) for rank in rankdata([-value for value in values], method="min")]
