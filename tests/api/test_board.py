"""A board as a program holds it, and the systems of a report compared."""

from __future__ import annotations

import csv
import pickle
from collections.abc import Callable, Sequence
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd
import pytest

import stsbench
from stsbench.api.planning import describe_board_plan
from stsbench.contracts.components.component import Component
from stsbench.contracts.components.options import Location
from stsbench.contracts.data import Embeddings
from stsbench.contracts.events import Recomputing
from stsbench.contracts.fingerprint import Fingerprint
from stsbench.errors import OptionError, PlanError, StoreError, UnknownName, UsageError
from stsbench.evidence.folder import BoardFolder
from stsbench.host.registry import Registry

HASHING = {"encoder": "hashing", "similarities": ["cosine", "dot"], "evidence": ["cosine", "dot"]}
MINI = Path(__file__).parents[2] / "leaderboards" / "mini"
FEW = stsbench.Setting(resamples=199)


@pytest.fixture
def board(tmp_path: Path, write_board: Callable[..., Path]) -> stsbench.Board:
    return stsbench.Board.open(write_board(tmp_path, HASHING))


def test_a_board_is_run_built_and_checked(board: stsbench.Board, tmp_path: Path) -> None:
    assert repr(board) == "<Board 'Small'>"
    report = board.run()
    assert [cell["status"] for cell in report.cells()] == ["ok", "ok"]
    assert board.check() == []
    (tmp_path / "board.csv").write_text("nothing")
    assert board.check()
    board.build()
    assert board.check() == []
    assert [cell["signature"] for cell in board.run().cells()] == [cell["signature"] for cell in report.cells()]
    assert board.run(fresh=True).compared == 2
    assert len(report.compare(["hashing"], FEW).standings) == 2


def test_a_check_names_what_the_board_asks_for_and_nobody_ran(
    board: stsbench.Board, tmp_path: Path, write_board: Callable[..., Path]
) -> None:
    board.run()
    more = {**HASHING, "similarities": ["cosine", "dot", "euclidean"]}
    absent = ["no-such-encoder", "vectors:./gone.npy", {"encoder": "hashing", "similarities": [f"ridge,fit=csv:{tmp_path}/gone.csv"]}]
    write_board(tmp_path, more, "hashing,dim=64", "tfidf", *absent, benchmarks=["mini", "STS12", f"csv:{tmp_path}/gone.csv"])
    board.build()
    lines = ["euclidean of hashing", "hashing,dim=64", "tfidf", "STS12"]
    assert board.check() == [f"board.toml: {what} has no results" for what in lines]
    write_board(tmp_path, more, "hashing,dim=64", "tfidf")
    board.run()
    assert board.check() == []


def test_a_plan_counts_the_cells_that_a_run_of_the_board_computes(tmp_path: Path, write_board: Callable[..., Path]) -> None:
    write_board(tmp_path, {**HASHING, "evidence": ["cosine"]})
    session = stsbench.Session.opened(cache=False)
    assert describe_board_plan(BoardFolder(tmp_path), session)["cells"] == 2
    stsbench.Board.open(tmp_path, session).run()
    described = describe_board_plan(BoardFolder(tmp_path), session)
    assert (described["cells"], described["known"], described["warnings"]) == (0, 2, []), "dot is kept without its scores"
    assert describe_board_plan(BoardFolder(tmp_path), session, fresh=True)["cells"] == 2


def test_evidence_is_not_lost_with_a_label(board: stsbench.Board, tmp_path: Path, write_board: Callable[..., Path]) -> None:
    board.run()
    write_board(tmp_path, {**HASHING, "label": "called otherwise"})
    board.run()
    assert len(board.frame()) == 2, "under the label that it had"
    more = ["pearson", "cosine", "dot"]
    write_board(tmp_path, {"encoder": "hashing", "similarities": more, "evidence": more, "label": "called otherwise"})
    board.run()
    assert len(board.frame()) == 3, "one of them under the new label"
    board.run(fresh=True)
    assert set(board.frame()["encoder"]) == {"stsbench/hashing"}
    assert [path.name[:6] for path in tmp_path.glob("results/*/*.json")] == ["called"]


def test_a_board_that_is_open_sees_its_file_edited(board: stsbench.Board, tmp_path: Path, write_board: Callable[..., Path]) -> None:
    board.run()
    write_board(tmp_path, HASHING, title="Other")
    assert repr(board) == "<Board 'Other'>"
    assert board.check(), "the derived files have the title that it had"
    board.build()
    assert board.check() == []


def test_a_board_that_is_open_sees_its_data_changed(tmp_path: Path, write_board: Callable[..., Path]) -> None:
    file = tmp_path / "mirror" / "some" / "pairs" / "test.csv"
    file.parent.mkdir(parents=True)
    rows = [f"{'a ' * (row % 9)}text {row},another {'text' * (row % 5)} {row * 3 % 8},{row * 5 % 6}" for row in range(40)]
    file.write_text("\n".join(["left,right,score", *rows]))
    folder = write_board(tmp_path / "board", "hashing", "hashing,dim=64", benchmarks=["hub:some/pairs"])
    board = stsbench.Board.open(folder, stsbench.Session.opened(mirror=tmp_path / "mirror", cache=False))
    board.run()
    assert board.check() == []
    file.write_text("\n".join(["left,right,score", *rows[::-1]]))
    assert any("the data that are here are others" in line for line in board.check())


@pytest.mark.parametrize("fresh", [False, True])
def test_a_board_on_a_file_that_has_grown_is_run_again(fresh: bool, tmp_path: Path, write_board: Callable[..., Path]) -> None:
    rows = [f"{'a ' * (row % 9)}text {row},another {'text' * (row % 5)} {row * 3 % 8},{row * 5 % 6}" for row in range(60)]
    file = tmp_path / "pairs.csv"
    file.write_text("\n".join(["left,right,score", *rows[:40]]))
    folder = write_board(tmp_path / "board", "hashing", "hashing,dim=64", benchmarks=[f"csv:{file},name=mine"])
    said: list[str] = []
    board = stsbench.Board.open(folder, stsbench.Session.opened(cache=False, listen=lambda event: said.append(str(event))))
    board.run()
    file.write_text("\n".join(["left,right,score", *rows]))
    assert not any("have changed" in one for one in said)
    board.run(fresh=fresh)
    assert any("the data of mine, or how they are read, have changed since results on them were kept" in one for one in said)
    assert board.check() == []
    grown = stsbench.evaluate(["hashing", "hashing,dim=64"], "cosine", f"csv:{file}", cache=False).to_frame()
    kept = {one.encoder: one.spearman for one in board.frame().itertuples()}
    assert kept == pytest.approx({f"stsbench/{one.encoder}": one.spearman for one in grown.itertuples()}, abs=1e-6)
    assert len([*(folder / "results").rglob("*.json")]) == 2


def test_kept_results_on_a_file_that_has_grown_give_way_where_that_is_asked_for(tmp_path: Path) -> None:
    rows = [f"text {row},another {'text' * (row % 5)} {row * 3 % 8},{row * 5 % 6}" for row in range(60)]
    file, kept = tmp_path / "pairs.csv", tmp_path / "kept"
    systems, named, session = ["hashing", "hashing,dim=64"], f"csv:{file},name=mine", stsbench.Session.opened()
    file.write_text("\n".join(["left,right,score", *rows[:40]]))
    stsbench.evaluate(systems, "cosine", named, results=kept)
    file.write_text("\n".join(["left,right,score", *rows]))
    with pytest.raises(UsageError, match=r"no results are on '.*name=mine' as it is now; they are on mine"):
        stsbench.compare([], kept, session, FEW, benchmarks=[named])
    with pytest.raises(
        StoreError, match=r"results on mine as its data, or how they are read, were before; .* or have the new ones take their place"
    ):
        stsbench.evaluate(systems, "cosine", named, results=kept)
    stsbench.evaluate(systems[0], "cosine", named, results=kept, fresh=True)
    with pytest.raises(
        UsageError, match="the results on mine are of several files of that name; run all systems again on one, with --fresh"
    ):
        stsbench.compare([], kept, session, FEW, benchmarks=["mine"])
    report = stsbench.evaluate(systems, "cosine", named, results=kept, fresh=True)
    assert stsbench.compare([], kept, session, FEW, benchmarks=[named]).sentence() == report.compare(setting=FEW).sentence()


def test_two_files_of_one_name_are_not_taken_for_one(tmp_path: Path) -> None:
    for name in "ab":
        (tmp_path / f"{name}.csv").write_text("left,right,score\n" + "\n".join(f"{name} {row},b {row % 3},{row % 4}" for row in range(9)))
    with pytest.raises(PlanError, match="two benchmarks are called mine; give each a name of its own with name="):
        stsbench.evaluate("hashing", "cosine", [f"csv:{tmp_path}/{name}.csv,name=mine" for name in "ab"])


def test_a_board_is_checked_by_who_has_none_of_its_plugins(
    tmp_path: Path, write_board: Callable[..., Path], registry_of: Callable[..., Registry]
) -> None:
    small = "wordllama,truncate_dim=64"
    best = [{"label": "best of wordllama", "encoder": small}]
    folder = write_board(tmp_path, "hashing", {"encoder": small, "similarities": ["cosine", "dot"]}, selected=best)
    stsbench.Board.open(folder, stsbench.Session.opened(cache=False)).run()
    heard: list[object] = []
    light = stsbench.Session.opened(registry_of(), cache=False, listen=heard.append)
    assert stsbench.Board.open(folder, light).check() == []
    assert any(isinstance(event, Recomputing) for event in heard), "statistics are computed again, too"
    toml = folder / "board.toml"
    toml.write_text(toml.read_text().replace('encoder = "wordllama,truncate_dim=64"\n', 'encoder = "wordllama:another"\n'))
    with pytest.raises(UnknownName, match=r"stsbench\[wordllama\]"):
        stsbench.Board.open(folder, light).check()


def test_the_frame_is_the_spreadsheet_with_types() -> None:
    frame = stsbench.Board.open(MINI).frame()
    with (MINI / "board.csv").open(encoding="utf-8") as stream:
        rows = list(csv.DictReader(stream))
    assert list(frame.columns) == list(rows[0])
    assert frame["system"].tolist() == [row["system"] for row in rows]
    assert frame["spearman"].tolist() == pytest.approx([float(row["spearman"]) for row in rows], abs=1e-6)
    assert (str(frame["n"].dtype), str(frame["spearman"].dtype), str(frame["primary"].dtype)) == ("Int64", "Float64", "boolean")
    missing = next(row for row in rows if not row["chance_of_best"])
    assert frame.loc[frame["system"] == missing["system"], "chance_of_best"].isna().all()
    assert list(stsbench.Board.open(MINI).frame(["system", "average"]).columns) == ["system", "average"]
    with pytest.raises(OptionError, match="a board has no column nothing"):
        stsbench.Board.open(MINI).frame(["nothing"])


def test_what_is_no_board_is_said_when_it_is_opened(tmp_path: Path) -> None:
    with pytest.raises(UsageError, match=r"it needs a board\.toml"):
        stsbench.Board.open(tmp_path)


class Lengths:
    """A double."""

    def __init__(self, size: int) -> None:
        self.size = size

    def encode(self, texts: Sequence[str]) -> list[list[float]]:
        return [[len(text), text.count("a"), len(text) % self.size] for text in texts]


class Double:
    """An encoder double whose fingerprint is of its content alone."""

    views, token_views, fingerprint = ("sentence",), (), Fingerprint.of()

    def encode(self, texts: Sequence[str], *, views: Sequence[str], prompt: str = "") -> Embeddings:
        return Embeddings({"sentence": np.array(Lengths(7).encode(texts), np.float32)})


def test_a_report_compares_as_the_command_does_with_what_it_kept(tmp_path: Path) -> None:
    report = stsbench.evaluate(["hashing", "hashing,dim=64"], ["cosine", "dot"], ["mini"], results=tmp_path)
    found = report.compare(setting=FEW)
    assert found == stsbench.compare([], tmp_path, stsbench.Session.opened(), FEW)
    again = stsbench.evaluate(["hashing", "hashing,dim=64"], ["cosine", "dot"], ["mini"], results=tmp_path)
    assert again.compare(setting=FEW) == found, "and what was kept before"
    alone = stsbench.evaluate(["hashing", "hashing,dim=64"], ["cosine", "dot"], ["mini"])
    assert [one.system for one in alone.compare(setting=FEW).standings] == [one.system for one in found.standings]
    assert alone.compare(setting=FEW).comparisons[0].difference == pytest.approx(found.comparisons[0].difference, abs=1e-6)
    with pytest.raises(UsageError, match="no system of the results is called 'nothing'"):
        report.compare(["nothing", "hashing"], FEW)


def test_objects_and_pairs_that_are_kept_nowhere_are_compared(tmp_path: Path) -> None:
    frame = pd.DataFrame({"left": ["ab " * (row % 9) for row in range(40)], "right": ["a" * (row % 11) for row in range(40)]})
    pairs = stsbench.pairs(frame.assign(score=[row * 7 % 13 for row in range(40)]), name="mine")
    models: list[Any] = [Lengths(3), Lengths(7), stsbench.named(Lengths(5), "five", version="1")]
    for results in (None, tmp_path):
        found = stsbench.evaluate(models, "cosine", [pairs, "mini"], results=results).compare(setting=FEW)
        assert {one.system for one in found.standings} == {
            "object:Lengths · cosine",
            "object:Lengths-2 · cosine",
            "five,version=1 · cosine",
        }
        assert found.benchmarks == ("mine", "mini")
    limited = stsbench.evaluate(models, "cosine", "mini", limit=50).compare(setting=FEW)
    assert limited.comparisons[0].n == 50


def test_a_file_is_compared_on_as_it_was_named(tmp_path: Path) -> None:
    rows = "\n".join(f"{'a ' * (row % 9)}text {row},another {'text' * (row % 5)} {row * 3 % 8},{row * 5 % 6}" for row in range(40))
    (tmp_path / "pairs.csv").write_text(f"left,right,score\n{rows}\n")
    report = stsbench.evaluate([Lengths(3), Lengths(7)], "cosine", f"csv:{tmp_path / 'pairs.csv'}")
    assert len(report.compare(setting=FEW).standings) == 2


@pytest.mark.parametrize("kept", [True, False])
def test_two_names_of_one_model_are_compared(tmp_path: Path, registry_of: Callable[..., Registry], kept: bool) -> None:
    def lengths(folder: Location, /) -> Double:
        """An encoder double of a folder's content."""
        return Double()

    for name in ("first", "second"):
        (tmp_path / name).mkdir()
        (tmp_path / name / "weights").write_text("1 2 3")
    registry = registry_of(("doubles", "1.0", {"encoders": [Component("lengths", lengths)]}))
    named = [f"lengths:{tmp_path / name}" for name in ("first", "second")]
    report = stsbench.evaluate(named, "cosine", "mini", results=tmp_path / "results" if kept else None, registry=registry, cache=False)
    assert len(report.compare(setting=FEW).standings) == 2


def test_a_report_of_nothing_compares_nothing() -> None:
    with pytest.raises(UsageError, match="this report holds no scores"):
        stsbench.Report(()).compare()
    report = stsbench.evaluate("hashing", "cosine", "mini")
    sent = pickle.loads(pickle.dumps(report))
    assert (sent.cells(), sent.held) == (report.cells(), None)
    with pytest.raises(UsageError, match="a comparison takes at least two systems"):
        report.compare()
