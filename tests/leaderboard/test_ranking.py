from collections.abc import Sequence

import pytest
from hypothesis import given
from hypothesis import strategies as st
from scipy.stats import rankdata

from stsbench.contracts.boards.board import Leaderboard
from stsbench.leaderboard.ranking import average, with_ranks
from stsbench.testing.boards import board


def test_the_average_is_the_macro_mean() -> None:
    published = [0.723690, 0.806032, 0.755891, 0.853896, 0.789895, 0.820325, 0.775825]
    assert average(published) == pytest.approx(0.789364857142857, abs=1e-15)
    assert average([0.80, 0.70, 0.60]) == pytest.approx(0.70)
    assert average([0.60, 0.72, 0.59]) == pytest.approx(0.6366666666666667)


def test_a_missing_figure_leaves_no_average() -> None:
    assert average([0.5, None]) is None
    assert average([None]) is None
    assert average([]) is None


def ranks(averages: Sequence[float | None], **differing: object) -> list[int | None]:
    """The ranks of rows with these averages; the last row differs from the others."""
    plain = board(tuple(f"m{place}" for place in range(len(averages)))) if averages else board().model_copy(update={"rows": ()})
    rows = [row.model_copy(update={"average": value}) for row, value in zip(plain.rows, averages, strict=True)]
    rows = [*rows[:-1], rows[-1].model_copy(update=differing)] if rows else []
    return [row.rank for row in with_ranks(plain.model_copy(update={"rows": tuple(rows)})).rows]


def test_equal_averages_share_the_smallest_rank() -> None:
    assert ranks([0.7, 0.9, None, 0.7, 0.1]) == [2, 1, None, 2, 4]
    assert ranks([]) == []


def test_averages_are_equal_where_they_are_printed_alike() -> None:
    assert ranks([0.1 + 0.2, 0.3]) == [1, 1]
    assert ranks([0.50004, 0.49996]) == [1, 1], "50.00 both"
    assert ranks([0.50006, 0.5]) == [1, 2]


@pytest.mark.parametrize("differing", [{"flags": ("leaked",)}, {"flags": ("supervised",)}, {"primary": False}, {"main": False}])
def test_what_is_not_compared_has_no_rank_and_takes_none(differing: dict[str, object]) -> None:
    assert ranks([0.5, 0.4, 0.9], **differing) == [1, 2, None]


def test_rows_that_rank_all_pairs_alike_count_once() -> None:
    assert ranks([0.9, 0.5, 0.9], alike=("m0",)) == [1, 3, 1]
    first, second, last = board(("a", "b", "c")).rows
    twice = (first.model_copy(update={"alike": ("b",)}), second.model_copy(update={"average": first.average, "alike": ("a",)}), last)
    assert [row.rank for row in with_ranks(board().model_copy(update={"rows": twice})).rows] == [1, 1, 2]


def test_a_row_of_1_and_of_minus_1_has_no_mean_on_fishers_scale_and_the_board_is_built() -> None:
    plain = board(("a", "b"))
    cell = plain.rows[0].cells[0]
    figures = {"a": (1.0, -1.0), "b": (1.0, 0.25)}
    rows = [
        row.model_copy(update={"cells": tuple(cell.model_copy(update={"figures": {cell.main: one}}) for one in figures[row.label])})
        for row in plain.rows
    ]
    spec = plain.spec.model_copy(update={"aggregates": ("fisher-z", "borda")})
    first, second = with_ranks(plain.model_copy(update={"rows": tuple(rows), "spec": spec})).rows
    assert (first.aggregates, second.aggregates) == ({"borda": 0.5}, {"borda": 1.5, "fisher-z": 1.0})


def test_a_board_that_ranks_systems_ranks_variants_too_but_none_that_saw_gold() -> None:
    plain = board(("a", "b", "c"))
    rows = [plain.rows[0], *(row.model_copy(update={"main": False, "model": "a"}) for row in plain.rows[1:])]
    rows[2] = rows[2].model_copy(update={"flags": ("supervised",)})

    def ranked(rank: str) -> Leaderboard:
        return with_ranks(plain.model_copy(update={"rows": tuple(rows), "spec": plain.spec.model_copy(update={"rank": rank})}))

    assert [row.rank for row in ranked("systems").rows] == [1, 2, None]
    assert [row.rank for row in ranked("models").rows] == [1, None, None]
    assert [row.label for row in ranked("systems").table] == ["a", "b"]
    assert [row.label for row in ranked("models").table] == ["a"]


@given(st.lists(st.integers(-5, 5)))
def test_ranks_are_those_of_scipy(values: list[int]) -> None:
    assert ranks([value / 8 for value in values]) == [int(rank) for rank in rankdata([-value for value in values], method="min")]
