"""Whether a board's figures are those that others published of the same model: a row says it, and what it says comes of the records."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import pytest

from stsbench.contracts.boards.board import Leaderboard
from stsbench.contracts.boards.column import telling
from stsbench.contracts.boards.columns import columns_in
from stsbench.leaderboard.build import build

YES, NO = "yes: 70.00, published 70.02 (a paper)", "no: 60.00, published 64.00 (a paper)"


@pytest.fixture
def board(spec: Callable[..., Any], record: Callable[..., Any], record_file: Callable[..., Any]) -> Callable[..., Leaderboard]:
    def built(**verdicts: str | None) -> Leaderboard:
        files = []
        for name, verdict in verdicts.items():
            records = [
                record(0.7, view=view, similarity=similarity, key=f"{name}/{view}/{similarity}")
                for view in ("sentence", "sentence/64")
                for similarity in ("stsbench/cosine", "stsbench/dot")
            ]
            held = record_file("known", name, *records)
            files.append(held.model_copy(update={"provenance": {} if verdict is None else {"published.sentence": verdict}}))
        return build(spec(), files)

    return built


def said(board: Leaderboard) -> dict[str, str]:
    (column,) = columns_in(board, ("as_published",))
    return dict(zip([row.label for row in board.rows], column.texts(board.rows), strict=True))


def test_a_row_of_cosine_says_whether_its_figures_are_as_published_and_where_not(board: Callable[..., Leaderboard]) -> None:
    mixed = board(A=YES, B=NO, C="unverified", D=YES)
    assert said(mixed) == {
        "known · cosine": "no (B), yes (A, D), unverified (C)",
        "known · dot": "",
        "known · sentence/64 · cosine": "",
        "known · sentence/64 · dot": "",
    }
    assert said(board(A=YES, B=YES))["known · cosine"] == "yes"
    assert [cell.as_published for row in mixed.rows if row.label == "known · cosine" for cell in row.cells] == [
        YES, NO, "unverified", YES,
    ]  # fmt: skip


def test_a_board_of_unknown_models_has_no_such_column_and_the_bytes_that_it_had(board: Callable[..., Leaderboard]) -> None:
    unknown = board(A=None)
    assert [column.name for column in telling(columns_in(unknown, ("model", "as_published")), unknown.rows)] == ["model"]
    assert "as_published" not in unknown.model_dump_json()
    assert "as_published" in board(A=YES).model_dump_json()
