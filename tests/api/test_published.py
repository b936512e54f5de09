"""`stsbench leaderboard add-published`: result files of mteb and rows written by hand, into a board and into its files."""

from __future__ import annotations

import csv
import json
import shutil
from pathlib import Path
from typing import Any

import pytest
from typer.testing import CliRunner

from stsbench.api.boards import build_board, check_board
from stsbench.api.published import add_published
from stsbench.api.session import Session
from stsbench.builtin.mteb_results import read_mteb
from stsbench.cli.app import app
from stsbench.errors import StoreError, UsageError
from stsbench.evidence.folder import BoardFolder, derived
from stsbench.host.registry import Registry

BOARDS = Path(__file__).parents[2] / "leaderboards"
HEADER = "system,benchmark,protocol,spearman,n,source,dataset_revision\n"
REVISION = "b0fddb56ed78048fa8b90373c8a3cfc37b684831"


@pytest.fixture(scope="module")
def built(tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = Path(shutil.copytree(BOARDS / "mini", tmp_path_factory.mktemp("built") / "mini"))
    build_board(BoardFolder(folder), Session.opened())
    return folder


@pytest.fixture
def board(built: Path, tmp_path: Path) -> Path:
    return Path(shutil.copytree(built, tmp_path / "mini"))


def rows(tmp_path: Path, *lines: str, header: str = HEADER) -> Path:
    path = tmp_path / "rows.csv"
    path.write_text(header + "".join(f"{line}\n" for line in lines), encoding="utf-8")
    return path


def result(root: Path, task: str = "STSBenchmark", **changes: Any) -> Path:
    """A result file in the shape that mteb writes."""
    entry = {"cosine_spearman": 0.82, "main_score": 0.82, "hf_subset": "default", "languages": ["eng-Latn"], **changes.pop("entry", {})}
    folder = root / "org__model" / "0123456789abcdef"
    folder.mkdir(parents=True, exist_ok=True)
    value = {"dataset_revision": REVISION, "task_name": task, "mteb_version": "1.36.26", "scores": {"test": [entry]}, **changes}
    (folder / f"{task}.json").write_text(json.dumps(value))
    (folder / "model_meta.json").write_text(json.dumps({"name": "org/model", "revision": "0123456789abcdef"}))
    return root


def test_rows_by_hand_stand_in_every_file_and_the_check_is_green(board: Path, tmp_path: Path) -> None:
    source = rows(tmp_path, 'theirs,mini,plain,0.5,280,"A paper, 2026",', "<b>x</b>|y,mini,plain,-0.25,280,=cmd(),")
    done = CliRunner().invoke(app, ["leaderboard", "add-published", str(board), str(source)])
    assert done.exit_code == 0, done.output
    assert "2 published figures of 2 systems now on mini: theirs, <b>x</b>|y" in done.stdout
    assert check_board(BoardFolder(board), Session.opened()) == []
    page = (board / "README.md").read_text()
    assert "| – | theirs |  | – | – | 50.00 | 50.00 | published |" in page
    assert "2 rows marked `published` were measured by others" in page
    assert "copied from A paper, 2026, =cmd()." in page
    assert "<b>x</b>" not in page
    with (board / "board.csv").open(newline="") as lines:
        found = [row for row in csv.DictReader(lines) if row["source"]]
    assert [(row["system"], row["rank"], row["spearman"], row["flags"], row["n"]) for row in found] == [
        ("theirs", "", "0.500000", "published", "280"),
        ("<b>x</b>|y", "", "-0.250000", "published", "280"),
    ]
    assert found[1]["source"] == "'=cmd()"
    document = json.loads((board / "board.json").read_text())["published"]
    assert [(row["label"], row["source"]) for row in document] == [("theirs", "A paper, 2026"), ("<b>x</b>|y", "=cmd()")]
    assert "theirs" in CliRunner().invoke(app, ["show", str(board)]).stdout


def test_adding_again_replaces_and_changes_no_byte(board: Path, tmp_path: Path) -> None:
    source = rows(tmp_path, "theirs,mini,plain,0.5,280,a paper,")
    add_published(BoardFolder(board), source, Session.opened())
    before = {path.name: path.read_bytes() for path in board.iterdir() if path.is_file()}
    add_published(BoardFolder(board), source, Session.opened())
    assert {path.name: path.read_bytes() for path in board.iterdir() if path.is_file()} == before
    add_published(
        BoardFolder(board), rows(tmp_path, "theirs,mini,plain,0.6,280,a paper,", "others,mini,plain,0.4,280,a paper,"), Session.opened()
    )
    assert [(row.label, row.average) for row in derived(BoardFolder(board), Registry.installed(), print)[0].published] == [
        ("theirs", 0.6),
        ("others", 0.4),
    ]
    add_published(BoardFolder(board), rows(tmp_path, "theirs,mini,plain,0.5,280,a paper,"), Session.opened(), replace=True)
    assert [(row.label, row.average) for row in derived(BoardFolder(board), Registry.installed(), print)[0].published] == [("theirs", 0.5)]


@pytest.mark.parametrize(
    ("line", "message"),
    [
        ("x,mini,mteb,0.5,280,paper,", "is of protocol mteb and the board of plain"),
        ("x,mini,plain,0.5,279,paper,", "is over 279 pairs and the board's over 280"),
        ("x,SICK-R,plain,0.5,280,paper,", "is of no benchmark of board 'mini'"),
        ("x,mini,plain,82.03,280,paper,", "row 1 of .*column 'spearman'.*as in 0.8203 for 82.03"),
        ("x,mini,plain,nan,280,paper,", "column 'spearman'"),
        ("x,mini,plain,,280,paper,", "column 'spearman'"),
        ("x,mini,plain,0.5,280.5,paper,", "column 'n'"),
        ("x,mini,plain,0.5,280,,", "column 'source'"),
        ("x,mini,plain,0.5,280", "column 'source'"),
        ("x,mini,plain,0.5,280,paper,abc", "is of revision abc of the data, and none is compared here"),
        ("x,mini,plain,0.5,280,paper,\nx,mini,plain,0.6,280,paper,", "has two figures of x on mini"),
        ("", "holds no published figure on mini; nothing was added"),
    ],
)
def test_bad_rows_are_refused_and_leave_the_board_as_it_was(board: Path, tmp_path: Path, line: str, message: str) -> None:
    with pytest.raises(UsageError, match=f"(?s){message}"):
        add_published(BoardFolder(board), rows(tmp_path, line), Session.opened())
    assert not (board / "published.json").exists()


def test_a_file_that_is_none(board: Path, tmp_path: Path) -> None:
    with pytest.raises(UsageError, match="does not exist; give a folder"):
        add_published(BoardFolder(board), tmp_path / "nothing", Session.opened())
    with pytest.raises(UsageError, match="has no column 'source'"):
        add_published(BoardFolder(board), rows(tmp_path, header="system,benchmark,protocol,spearman,n\n"), Session.opened())
    done = CliRunner().invoke(app, ["leaderboard", "add-published", str(board), str(rows(tmp_path, "x,mini,mteb,0.5,280,paper,"))])
    assert (done.exit_code, done.stdout) == (2, "")


def test_evidence_that_was_edited_is_refused(board: Path, tmp_path: Path) -> None:
    add_published(BoardFolder(board), rows(tmp_path, "theirs,mini,plain,0.5,280,a paper,"), Session.opened())
    path = board / "published.json"
    good = path.read_text()
    path.write_text(good.replace('"plain"', '"simcse"'))
    with pytest.raises(StoreError, match="is of protocol simcse"):
        check_board(BoardFolder(board), Session.opened())
    for bad, message in [
        (good.replace("0.5", "1.5"), r"figures\.0\.spearman"),
        (good.replace("0.5", "NaN"), "spearman"),
        ("[]", "cannot be read"),
    ]:
        path.write_text(bad)
        with pytest.raises(StoreError, match=message):
            check_board(BoardFolder(board), Session.opened())
    path.write_text(good.replace('"schema_version": 1', '"schema_version": 2'))
    with pytest.raises(StoreError, match="newer stsbench"):
        check_board(BoardFolder(board), Session.opened())


def test_results_of_mteb_become_figures(tmp_path: Path) -> None:
    result(tmp_path)
    result(tmp_path, "BIOSSES")
    (figure,), skipped = read_mteb(tmp_path, {"STSBenchmark"})
    assert (figure.system, figure.spearman, figure.n, figure.protocol) == ("org/model @01234567", 0.82, 1379, "mteb")
    assert (figure.source, figure.dataset_revision, skipped) == ("MTEB results repository (mteb 1.36.26)", REVISION, ["BIOSSES"])
    (tmp_path / "org__model" / "0123456789abcdef" / "model_meta.json").unlink()
    assert read_mteb(tmp_path, {"STSBenchmark"})[0] == [figure]


@pytest.mark.parametrize(
    ("changes", "message"),
    [
        ({"dataset_revision": "f" * 40}, "has revision ffffffffffff of the data, and of STSBenchmark b0fddb56ed78 is compared here"),
        ({"scores": {"validation": []}}, "has the splits validation, and of STSBenchmark test is compared here"),
        ({"entry": {"hf_subset": "other"}}, "has the subsets other, and of STSBenchmark default is compared here"),
        ({"entry": {"main_score": 0.9}}, "has another main score than cosine_spearman"),
        ({"entry": {"cosine_spearman": [0.82, 0.0]}}, "that is no correlation"),
        ({"entry": {"cosine_spearman": 82.0, "main_score": 82.0}}, "that is no correlation"),
        ({"entry": {"cosine_spearman": float("nan")}}, "it holds NaN, which is no number"),
        ({"scores": []}, "is no result of mteb"),
    ],
)
def test_results_that_are_not_comparable_are_refused(tmp_path: Path, changes: dict[str, Any], message: str) -> None:
    with pytest.raises(UsageError, match=message):
        read_mteb(result(tmp_path, **changes), {"STSBenchmark"})


def test_a_damaged_result_is_refused(tmp_path: Path) -> None:
    (tmp_path / "STS12.json").write_text("{")
    with pytest.raises(UsageError, match=r"STS12\.json cannot be read as a result of mteb"):
        read_mteb(tmp_path, {"STS12"})


def test_the_published_rows_of_the_english_board_agree_with_what_was_measured() -> None:
    board = derived(BoardFolder(BOARDS / "sts-english"), Registry.installed(), print)[0]
    (theirs,) = [row for row in board.published if row.label == "sentence-transformers/all-MiniLM-L6-v2"]
    (ours,) = [row for row in board.rows if row.label == "all-MiniLM-L6-v2 (sentence-transformers) · cosine"]
    for published, measured in zip(theirs.cells, ours.cells, strict=True):
        assert published.figure == pytest.approx(measured.figure, abs=1e-5)  # as the README says
