"""Boards and results on a file of one's own, as a person uses them."""

from __future__ import annotations

import json
import re
from collections.abc import Callable
from pathlib import Path

import pytest
from typer.testing import CliRunner

from stsbench.cli.app import app

SYSTEMS = ("hashing", "token-jaccard")


def stsbench(*arguments: str, code: int = 0) -> str:
    done = CliRunner().invoke(app, list(arguments), catch_exceptions=False)
    assert done.exit_code == code, done.output
    return done.output


@pytest.fixture(autouse=True)
def folder(tmp_path: Path, monkeypatch: pytest.MonkeyPatch, write_board: Callable[..., Path]) -> Path:
    monkeypatch.chdir(tmp_path)
    words = ["one", "two", "three", "four", "five", "six", "seven", "eight", "nine", "ten", "eleven", "twelve"]
    rows = [f"{' '.join(words[:6])} a{row},{' '.join(words[row % 7 : row % 7 + 6])} b{row},{6 - row % 7}" for row in range(40)]
    Path("own.csv").write_text("\n".join(["sentence1,sentence2,score", *rows]))
    write_board(tmp_path / "board", *SYSTEMS, benchmarks=["csv:own.csv"])
    return tmp_path


def test_a_board_says_where_its_files_are(folder: Path) -> None:
    stsbench("run", "--board", "board", "-q")
    assert (folder / "board" / "statistics.json").exists()
    assert stsbench("compare", "--results", "board", "--resamples", "199").startswith("On private-")


def test_a_check_finds_the_files_that_the_board_names_and_no_derived_file_holds_their_paths(
    folder: Path, monkeypatch: pytest.MonkeyPatch, write_board: Callable[..., Path]
) -> None:
    inner = folder / "canary"
    inner.mkdir()
    (folder / "own.csv").rename(inner / "own.csv")
    fitted = {"encoder": "hashing,dim=64,trained_on=csv:canary/own.csv", "transforms": ["centre,fit=csv:canary/own.csv//truncate,k=8"]}
    write_board(folder / "board", *SYSTEMS, fitted, benchmarks=["csv:canary/own.csv"])
    stsbench("run", "--board", "board", "-q")
    monkeypatch.setenv("STSBENCH_MIRROR", str(folder))  # data are said to be at hand: figures and statistics are recomputed
    output = stsbench("leaderboard", "check", "board")
    assert "recomputing statistics of board (" in output
    assert "every derived file agrees with its evidence" in output
    files = [path for path in (folder / "board").rglob("*") if path.is_file() and path.name != "board.toml"]
    assert files
    assert [path.name for path in files if b"canary" in path.read_bytes()] == []
    spec = json.loads((folder / "board" / "board.json").read_text())["spec"]
    assert spec["benchmarks"] == ["csv:~"]
    assert spec["system"][2]["encoder"] == "hashing,dim=64,trained_on=csv:%7E"
    assert spec["system"][2]["transforms"] == ["centre,fit=csv:%7E//truncate,k=8"]
    own = next((folder / "board" / "results").rglob("hashing-????????.json"))
    own.write_text(re.sub(r'"spearman": -?0\.\d', '"spearman": 0.1', own.read_text()))
    assert "results:" in stsbench("leaderboard", "check", "board", code=1)


def test_a_plan_of_a_board_says_what_its_next_run_computes(folder: Path, write_board: Callable[..., Path]) -> None:
    best = {"label": "best", "development": ["mini"]}
    write_board(folder / "board", *SYSTEMS, benchmarks=["csv:own.csv"], selected=[best])
    before = json.loads(stsbench("plan", "--board", "board", "--json"))
    assert (before["cells"], before["known"], before["development"]["cells"]) == (2, 0, 2)
    assert "to choose on development splits:" in stsbench("plan", "--board", "board")
    stsbench("run", "--board", "board", "-q")
    after = json.loads(stsbench("plan", "--board", "board", "--json"))
    assert (after["cells"], after["known"], after["development"]["known"]) == (0, 2, 2)
    assert json.loads(stsbench("plan", "--board", "board", "--fresh", "--json"))["cells"] == 2


def test_the_folder_of_a_board_is_no_benchmark(folder: Path, write_board: Callable[..., Path]) -> None:
    for command in ("run", "plan"):
        assert "board is the folder of a board and no benchmark; name it with --board board" in stsbench(command, "-b", "board", code=2)
    write_board(folder / "mini", *SYSTEMS, benchmarks=["csv:own.csv"])
    assert stsbench("plan", "-e", "hashing", "-b", "mini").startswith("1 cell to compute, 0 known")


def test_statistics_that_no_longer_can_be_are_removed(folder: Path, write_board: Callable[..., Path]) -> None:
    stsbench("run", "--board", "board", "-q")
    assert "Intervals hold 95 %" in (folder / "board" / "README.md").read_text()
    lines = (folder / "own.csv").read_text().splitlines()
    (folder / "few.csv").write_text("\n".join(lines[:8]))
    write_board(folder / "board", *SYSTEMS, benchmarks=["csv:few.csv"])
    said = stsbench("run", "--board", "board", "-q")
    assert "the board has no intervals and no rank sets" in said
    assert "removed 4 records of systems or benchmarks that the board no longer names" in said
    assert not (folder / "board" / "statistics.json").exists()
    page = (folder / "board" / "README.md").read_text()
    assert "Intervals hold" not in page
    assert "Rank sets hold" not in page
    assert stsbench("leaderboard", "check", "board").endswith("every derived file agrees with its evidence\n")


def test_a_check_says_what_takes_long(folder: Path, write_board: Callable[..., Path]) -> None:
    write_board(folder / "board", *SYSTEMS)
    stsbench("run", "--board", "board", "-q")
    line = "recomputing statistics of board (2 systems x 1 benchmark)"
    assert line in stsbench("leaderboard", "check", "board")
    assert line not in stsbench("leaderboard", "check", "board", "--quiet")
    assert line not in stsbench("leaderboard", "check", "board", "--json")


def test_constant_gold_leaves_no_ceiling(folder: Path) -> None:
    rows = [f"left {row},right {row},3" for row in range(12)]
    (folder / "flat.csv").write_text("\n".join(["sentence1,sentence2,score", *rows]))
    (found,) = json.loads(stsbench("audit", "benchmark", "csv:flat.csv", "--json"))["benchmarks"]
    assert (found["ceiling"], found["ceiling_reason"]) == (None, "constant gold")
    assert "ceiling: none (constant gold)" in stsbench("audit", "benchmark", "csv:flat.csv")
    (found,) = json.loads(stsbench("audit", "benchmark", "csv:own.csv", "--json"))["benchmarks"]
    assert 0.9 < found["ceiling"] < 1
    assert found["ceiling_reason"] is None


def test_numbers_of_the_doctor_are_numbers() -> None:
    found = json.loads(stsbench("doctor", "--json"))
    assert found["data"]["free disk (GB)"] > 0
    assert all(number > 0 for name, offers in found["plugins"].items() if "FAILED" not in name for number in offers.values())
    assert "float32" in found["device"]["computes in"]
    assert "writer" in stsbench("doctor")


def test_an_unknown_chart_lists_the_charts_once() -> None:
    stsbench("run", "--board", "board", "-q")
    said = stsbench("show", "board", "--plot", "x.svg", "--chart", "nope", code=2)
    assert said.count("intervals") == 1


def test_how_a_file_was_read_is_told_and_recorded_nowhere(folder: Path) -> None:
    (folder / "odd.csv").write_text("text1,right,label,by\na b,b c,1,x\nc d,c d,2,x\n,,,\ne f,f,1.5,x\n,g,21,y\n")
    named, empty = (
        "taken by name: left=text1, right=right, score=label",
        "row 5 has an empty text; leave it out if it is no pair, such as a total",
    )
    reference = "csv:odd.csv,blank=skip,group=by,by=group"
    said = stsbench("run", "-e", "hashing", "-b", reference, "--results", "kept")
    assert "; 1 empty text; 1 zero vector; " in said
    for output in (said, stsbench("plan", "-e", "hashing", "-b", reference), stsbench("audit", "benchmark", reference)):
        for note in (named, "skipped 1 row whose cells are all empty", empty):
            assert output.count(note) == 1, output
    (notes,) = json.loads(stsbench("run", "-q", "-e", "hashing", "-b", reference, "--json"))["notes"].values()
    (planned,) = json.loads(stsbench("plan", "-e", "hashing", "-b", reference, "--json"))["benchmarks"]
    (audited,) = json.loads(stsbench("audit", "benchmark", reference, "--json"))["benchmarks"]
    assert notes == planned["notes"] == audited["notes"] == [named, "skipped 1 row whose cells are all empty", empty]
    assert [path.name for path in (folder / "kept").rglob("*.json") if "taken by name" in path.read_text()] == []
    assert "taken by name: left=sentence1, right=sentence2, score=score" in stsbench("run", "--board", "board")
    assert "taken by name" not in (folder / "board" / "README.md").read_text() + (folder / "board" / "board.json").read_text()


def test_texts_on_the_command_line_and_in_files_are_texts(folder: Path) -> None:
    assert "text 2 holds bytes or half characters that are no text" in stsbench("matrix", "-e", "hashing", "a", "b\udcff", code=2)
    (folder / "texts.txt").write_bytes(b"a\n\xff\n")
    assert "the texts cannot be read" in stsbench("matrix", "-e", "hashing", "-f", "texts.txt", code=2)
    (folder / "texts.jsonl").write_text('{"left": "a", "right": "\\ud800", "gold": 1}')
    for command in (["encode", "-o", "out.arrow"], ["run"]):
        said = stsbench(*command, "-e", "hashing", "-b", "jsonl:texts.jsonl", code=4)
        assert "holds half of a character (a lone surrogate) in column 'right'" in said


def test_a_matrix_reads_no_file_without_end(folder: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("stsbench.cli.matrix.LONGEST", 1000)
    assert "longer than 1,000 characters" in stsbench("matrix", "-e", "hashing", "-f", "/dev/zero", code=2)
