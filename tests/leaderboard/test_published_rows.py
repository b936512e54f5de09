"""Published figures beside measured ones: what is shown of them, and what is refused."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import pytest

from stsbench.contracts.boards.board import Leaderboard
from stsbench.contracts.boards.published import Figure, Published
from stsbench.errors import StoreError
from stsbench.leaderboard.build import build
from stsbench.leaderboard.published import with_published
from stsbench.stores.documents import PUBLISHED


@pytest.fixture
def board(spec: Callable[..., Any], record: Callable[..., Any], record_file: Callable[..., Any]) -> Leaderboard:
    files = [record_file("one", "A", record(0.7, n=1379)), record_file("one", "B", record(0.6, n=3))]
    return build(spec(), files)


def figure(system: str = "theirs", benchmark: str = "A", spearman: float = 0.8, n: int = 1379, **values: Any) -> Figure:
    return Figure(
        **{"system": system, "benchmark": benchmark, "protocol": "mteb", "spearman": spearman, "n": n, "source": "a paper", **values}
    )


def test_a_row_has_bonett_and_wrights_interval_and_no_rank(board: Leaderboard) -> None:
    built = with_published(board, [figure()])
    (row,) = built.published
    first, second = row.cells
    # half-widths known for rho = .8 and n = 1379: -2.29 and +2.08 points
    assert first.low is not None
    assert first.high is not None
    assert [round(100 * (first.low - 0.8), 2), round(100 * (first.high - 0.8), 2)] == [-2.29, 2.08]
    assert (second.status, second.figure, row.average, row.flags) == ("missing", None, None, ("published",))
    assert built.rows == board.rows
    assert not hasattr(row, "rank")


def test_three_pairs_leave_no_interval_and_rows_come_by_average(board: Leaderboard) -> None:
    figures = [figure("low"), figure("low", "B", 0.1, 3), figure("none"), figure("high"), figure("high", "B", 0.7, 3, source="another")]
    rows = with_published(board, figures).published
    assert [(row.label, row.average) for row in rows] == [("high", 0.75), ("low", 0.45), ("none", None)]
    assert (rows[0].cells[1].low, rows[0].cells[1].high) == (None, None)
    assert rows[0].source == "a paper; another"


@pytest.mark.parametrize(
    ("values", "message"),
    [
        ({"protocol": "simcse"}, "is of protocol simcse and the board of mteb, which are not comparable"),
        ({"n": 4927}, "is over 4,927 pairs and the board's over 1,379: another split or subset"),
        ({"benchmark": "C"}, "is of no benchmark of board 'board', which has A, B"),
    ],
)
def test_what_is_not_comparable_is_refused(board: Leaderboard, values: dict[str, Any], message: str) -> None:
    with pytest.raises(StoreError, match=f"the published figure of theirs on .* {message}"):
        with_published(board, [figure(**values)])


def test_two_figures_of_one_system_and_benchmark_are_refused() -> None:
    twice = tuple(Figure(system="one", benchmark="STS12", protocol="mteb", spearman=value, n=10, source="s") for value in (0.1, 0.2))
    data = PUBLISHED.dump(Published.model_construct(figures=twice))
    with pytest.raises(StoreError, match=r"published figures: .*there are two figures of one on STS12; restore it, or add"):
        PUBLISHED.parse(data, "published.json")
