"""Systems chosen on a development split and scored on the board."""

from __future__ import annotations

import json
import shutil
from collections.abc import Callable
from pathlib import Path
from typing import Any

import numpy as np
import pytest

from stsbench.api.boards import build_board, check_board, run_board
from stsbench.api.evaluate import evaluate
from stsbench.api.session import Session
from stsbench.contracts.boards.board import Leaderboard, Row, SelectedRow
from stsbench.contracts.events import Event, Warned
from stsbench.evidence.folder import BoardFolder
from stsbench.evidence.spec import load_spec
from stsbench.evidence.statistics import is_current
from stsbench.host.registry import Registry
from stsbench.stores.documents import STATISTICS
from tests.conftest import known

MINI = Registry.installed().resolve("benchmark", "mini").build().load()[0].pairs
SYSTEMS = ({"encoder": "hashing", "similarities": ["cosine", "euclidean"]}, "hashing,dim=8")


def choosing_on(development: str) -> dict[str, Any]:
    """The keys of a board that chooses its best system on other pairs."""
    return {"selected": [{"label": "best on development", "development": [development]}]}


def cosines(encoder: str, left: list[str], right: list[str]) -> list[float]:
    built = Registry.installed().resolve_encoder(encoder).build()
    one, other = (built.encode(side, views=("sentence",)).vectors["sentence"].astype(float) for side in (left, right))
    found = (one * other).sum(axis=1) / np.linalg.norm(one, axis=1) / np.linalg.norm(other, axis=1)
    rounded: list[float] = found.round(4).tolist()
    return rounded


def development_pairs(path: Path) -> Path:
    """20 new pairs whose gold is what `hashing,dim=8` says, and 200 of mini, half of them turned and in capitals, as `hashing` says."""
    new = [f"{text} today" for text in MINI.left[:20]], [f"{text} perhaps" for text in MINI.right[:20]]
    old = list(MINI.left[:200]), list(MINI.right[:200])
    rows = [*zip(*new, cosines("hashing,dim=8", *new), strict=True)]
    for at, (left, right, gold) in enumerate(zip(*old, cosines("hashing", *old), strict=True)):
        rows.append((right.upper(), left, gold) if at % 2 else (left, right, gold))
    path.write_text("left,right,score\n" + "".join(f'"{one}","{other}",{score}\n' for one, other, score in rows), encoding="utf-8")
    return path


@pytest.fixture(scope="module")
def board(tmp_path_factory: pytest.TempPathFactory, write_board: Callable[..., Path]) -> Path:
    data = development_pairs(tmp_path_factory.mktemp("data") / "dev.csv")
    folder = write_board(tmp_path_factory.mktemp("board"), *SYSTEMS, **choosing_on(f"csv:{data},public=true"))
    run_board(BoardFolder(folder), Session.opened())
    return folder


def chosen_row(built: Leaderboard) -> tuple[SelectedRow, Row]:
    (one,) = built.selected
    return one, next(row for row in built.rows if row.label == one.chosen)


def test_what_leads_there_is_scored_here(board: Path) -> None:
    built = build_board(BoardFolder(board), Session.opened())
    one, row = chosen_row(built)
    assert "dim=8" in row.encoder  # and not the leader of the board
    assert known(row.average) < max(own.average or 0 for own in built.rows)
    assert one.average == row.average
    assert (one.low, one.high) == (row.low, row.high)  # nothing was chosen on these pairs: the ordinary interval
    assert one.observed == pytest.approx(max(own.average or 0 for own in built.rows), abs=1e-6)
    assert one.optimism == pytest.approx(one.observed - one.average, abs=1e-6)
    assert (one.among, one.share) == (3, None)


def test_pairs_that_the_board_has_take_no_part_in_the_choice(board: Path) -> None:
    one, _ = chosen_row(build_board(BoardFolder(board), Session.opened()))
    known = set(MINI.keys)
    (development,) = load_spec(board).selected[0].development
    (part,) = Registry.installed().resolve("benchmark", development).build().load()
    assert len(part.pairs) == 220
    assert one.development_pairs == sum(key not in known for key in part.pairs.keys) == 20
    whole = {cell["encoder"]: cell["spearman"] for cell in evaluate(["hashing", "hashing,dim=8"], benchmarks=development).cells()}
    assert max(whole, key=lambda name: whole[name]) == "hashing"  # with the pairs of the board another would have been chosen


def test_it_is_no_column_and_is_shown_with_what_it_was_chosen_on(board: Path) -> None:
    built = build_board(BoardFolder(board), Session.opened())
    one, _ = chosen_row(built)
    assert [column.name for column in built.columns] == ["mini"]
    page = (board / "README.md").read_text()
    assert "Chosen on development splits" in page
    assert f"| {one.development[0]} | 20 |" in page
    assert "a random half" not in page
    assert json.loads((board / "board.json").read_text())["selected"][0]["development_pairs"] == 20


def test_a_second_run_changes_no_byte_and_a_check_agrees(board: Path) -> None:
    before = {path: path.read_bytes() for path in board.rglob("*") if path.is_file()}
    run_board(BoardFolder(board), Session.opened())
    assert {path: path.read_bytes() for path in board.rglob("*") if path.is_file()} == before
    assert check_board(BoardFolder(board), Session.opened()) == []


def test_another_figure_there_makes_the_choice_anew_and_a_forged_one_is_found(board: Path, tmp_path: Path) -> None:
    folder = Path(shutil.copytree(board, tmp_path / "copy"))
    (path,) = (folder / "development" / "results").glob("*/*dim*.json")
    document = json.loads(path.read_text())
    for record in document["records"]:
        record["figures"]["spearman"] = 0.123
    path.write_text(json.dumps(document))
    known = BoardFolder(folder).read(STATISTICS)
    assert known is not None
    assert not is_current(BoardFolder(folder), known)
    assert any(
        "the record is not the one that its scores were measured on" in line for line in check_board(BoardFolder(folder), Session.opened())
    )


def test_a_table_taken_out_removes_nothing_else(board: Path, tmp_path: Path, write_board: Callable[..., Path]) -> None:
    folder = Path(shutil.copytree(board, tmp_path / "copy"))
    write_board(folder, *SYSTEMS)
    run_board(BoardFolder(folder), Session.opened())
    assert build_board(BoardFolder(folder), Session.opened()).selected == ()
    assert all(row.low is not None for row in build_board(BoardFolder(folder), Session.opened()).rows if row.primary)


def test_a_split_of_the_board_s_own_pairs_is_one_sentence(tmp_path: Path, write_board: Callable[..., Path]) -> None:
    write_board(tmp_path, *SYSTEMS, **choosing_on("mini"))
    heard: list[Event] = []
    run_board(BoardFolder(tmp_path), Session.opened(listen=heard.append))
    (said,) = [event.message for event in heard if isinstance(event, Warned)]
    assert "a part of mini has 0 pairs that the board does not have, and a choice takes 10; name another split" in said


def test_choosing_on_the_validation_split(mirror: Path, tmp_path: Path, write_board: Callable[..., Path]) -> None:
    write_board(tmp_path, *SYSTEMS, benchmarks=["STSBenchmark"], protocol="mteb", **choosing_on("STSBenchmark:validation"))
    run_board(BoardFolder(tmp_path), Session.opened(execution={"mirror": str(mirror)}))
    one, row = chosen_row(build_board(BoardFolder(tmp_path), Session.opened()))
    figures = {
        (cell["encoder"], cell["similarity"]): cell["spearman"]
        for cell in evaluate(["hashing", "hashing,dim=8"], ["cosine", "euclidean"], "STSBenchmark:validation", mirror=mirror).cells()
    }
    assert row.similarity.endswith(max(figures, key=lambda name: figures[name])[1])
    assert 1400 <= one.development_pairs <= 1500
    assert one.average == row.average
