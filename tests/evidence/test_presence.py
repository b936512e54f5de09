"""Boards of private files: data that are gone, changed or broken are no agreement, and one cause is one finding."""

from __future__ import annotations

import json
from collections.abc import Callable
from pathlib import Path

import pytest
from typer.testing import CliRunner

from stsbench.api.boards import check_board, run_board
from stsbench.api.evaluate import evaluate
from stsbench.api.session import Session
from stsbench.api.verifying import verify_board
from stsbench.cli.app import app
from stsbench.contracts.events import Event, NotAtHand
from stsbench.evidence.folder import BoardFolder
from stsbench.stores.records import load_all, record_path

SYSTEMS = ({"encoder": "hashing", "similarities": ["cosine", "dot"]}, "char-jaccard")


def write(path: Path, last: str = "2.5", rows: int = 30) -> None:
    lines = [
        f"{'red green blue'[: 3 + row % 11]} {row},{'green blue red'[row % 5 :]} {row % 7},{row * 37 % 50 / 10}" for row in range(rows)
    ]
    path.write_text("\n".join(["left,right,score", *lines, f"a last pair,the last pair,{last}"]), encoding="utf-8")


@pytest.fixture
def board(tmp_path: Path, write_board: Callable[..., Path]) -> Path:
    for name in ("own", "other"):
        write(tmp_path / f"{name}.csv", rows=30 if name == "own" else 24)
    named = [f"csv:{tmp_path}/{name}.csv" for name in ("own", "other")]
    folder = write_board(tmp_path / "board", *SYSTEMS, benchmarks=named)
    run_board(BoardFolder(folder), Session.opened(cache=False))
    return folder


def checked(board: Path) -> tuple[list[str], list[NotAtHand]]:
    heard: list[Event] = []
    lines = check_board(BoardFolder(board), Session.opened(listen=heard.append))
    return lines, [event for event in heard if isinstance(event, NotAtHand)]


def test_a_file_that_is_here_is_looked_at(board: Path) -> None:
    assert checked(board) == ([], [])
    (file, *_) = load_all(board)
    path = record_path(board, file)
    document = json.loads(path.read_text(encoding="utf-8"))
    for record in document["records"]:
        record["figures"]["spearman"] = 0.99
    path.write_text(json.dumps(document, sort_keys=True, indent=2) + "\n", encoding="utf-8")
    assert any("results:" in line for line in checked(board)[0])


def test_results_on_what_is_made_of_files_say_how_to_name_them(tmp_path: Path) -> None:
    """Records hold hashes of the files that `unseen` was made of, and of their columns, as they do of a file by itself."""
    for name in ("own", "seen"):
        write(tmp_path / f"{name}.csv", rows=30 if name == "own" else 2)
    (tmp_path / "own.csv").write_text((tmp_path / "own.csv").read_text("utf-8").replace("score", "grade", 1), "utf-8")
    reference = f"unseen,of=csv:{tmp_path}/own.csv%2Cscore=grade,by=stress+csv:{tmp_path}/seen.csv"
    evaluate(["hashing", "hashing,dim=64"], "cosine", reference, results=tmp_path / "kept", cache=False)
    answer = CliRunner().invoke(app, ["compare", "--results", str(tmp_path / "kept")])
    example = "stsbench/unseen,by=stsbench/stress+stsbench/csv:PATH,of=stsbench/csv:PATH%2Cscore%3DCOLUMN"
    assert answer.stderr.splitlines()[-1].endswith(f", of which records hold no path; name it with -b {example}")
    assert answer.exit_code == 2
    filled = example.replace("csv:PATH,", f"csv:{tmp_path}/seen.csv,").replace("PATH", f"{tmp_path}/own.csv").replace("COLUMN", "grade")
    assert CliRunner().invoke(app, ["compare", "--results", str(tmp_path / "kept"), "-b", filled]).exit_code == 0


def test_a_file_that_is_gone_is_said_to_be(board: Path, tmp_path: Path) -> None:
    (tmp_path / "own.csv").unlink()
    lines, absent = checked(board)
    assert lines == []
    assert len(absent) == 1
    assert absent[0].benchmark.startswith("private-")
    assert "does not exist" in absent[0].reason
    said = CliRunner().invoke(app, ["leaderboard", "check", str(board)])
    assert said.exit_code == 0
    assert f"the data of {absent[0].benchmark} are not at hand, so their figures were taken as they are: " in said.stdout
    told = json.loads(CliRunner().invoke(app, ["leaderboard", "check", str(board), "--json"]).stdout)
    assert (told["drift"], told["not_at_hand"]) == ([], [absent[0].benchmark])


def test_a_file_that_changed_is_drift(board: Path, tmp_path: Path) -> None:
    write(tmp_path / "own.csv", "4.5")
    lines, absent = checked(board)
    assert absent == []
    assert len(lines) == 1
    assert "the data that are here are others: all, default has the digest " in lines[0]


def test_a_file_with_the_same_pairs_in_other_bytes_is_the_same(board: Path, tmp_path: Path) -> None:
    own = tmp_path / "own.csv"
    own.write_bytes(own.read_bytes().replace(b"\n", b"\r\n"))
    assert checked(board) == ([], [])


def test_verify_has_one_finding_for_a_changed_file(board: Path, tmp_path: Path) -> None:
    write(tmp_path / "own.csv", "4.5")
    (finding,) = verify_board(BoardFolder(board), Session.opened(cache=False)).findings
    assert finding.what.startswith("board.toml names other data: ")
    assert (finding.encoder, finding.system, finding.part) == ("all encoders", "all systems", "all parts")


@pytest.mark.parametrize(("last", "cause"), [("abc", "has a gold score that is not a number")])
def test_verify_names_the_broken_row_once(board: Path, tmp_path: Path, last: str, cause: str) -> None:
    write(tmp_path / "own.csv", last)
    (finding,) = verify_board(BoardFolder(board), Session.opened(cache=False)).findings
    assert cause in finding.what
    assert "row" in finding.what


def test_verify_has_one_finding_for_an_encoder_that_is_not_the_same(board: Path) -> None:
    for file in load_all(board):
        if file.encoder.label == "hashing":
            path = record_path(board, file)
            stranger = file.model_copy(update={"encoder": file.encoder.model_copy(update={"fingerprint": "f" * 32})})
            text = path.read_text(encoding="utf-8").replace(file.encoder.fingerprint, "f" * 32)
            record_path(board, stranger).write_text(text, encoding="utf-8")
            path.unlink()
    (finding,) = verify_board(BoardFolder(board), Session.opened(cache=False)).findings
    assert (finding.encoder, finding.benchmark) == ("hashing", "all benchmarks")
    assert finding.what == "no system of board.toml, with the code and files that are here, gives this record"
