"""Evidence that was edited, as somebody who checks a board sees it."""

from __future__ import annotations

import json
from collections.abc import Callable
from pathlib import Path

from typer.testing import CliRunner

from stsbench.api.boards import run_board
from stsbench.api.session import Session
from stsbench.cli.app import app
from stsbench.evidence.folder import BoardFolder

SYSTEMS = ("hashing", "hashing,dim=8")


def test_a_changed_digit_names_the_board_the_row_and_both_values(tmp_path: Path, write_board: Callable[..., Path]) -> None:
    folder = write_board(tmp_path / "small", *SYSTEMS)
    _, board = run_board(BoardFolder(folder), Session.opened())
    assert CliRunner().invoke(app, ["leaderboard", "check", str(folder)]).exit_code == 0
    row = next(row for row in board.rows if "dim=8" in row.encoder)
    (path,) = (folder / "results").glob("*/*dim*8*.json")
    document = json.loads(path.read_text())
    (record,) = [one for one in document["records"] if one["split"] == "*"]
    old = f"{record['figures']['spearman']:.6f}"
    new = old[:-3] + str((int(old[-3]) + 5) % 10) + old[-2:]
    record["figures"]["spearman"] = float(new)
    path.write_text(json.dumps(document))
    found = CliRunner().invoke(app, ["leaderboard", "check", str(folder)])
    assert found.exit_code == 1
    told = f"error: small has results that its scores or data do not give; restore them, or compute them anew with `stsbench run --board {folder}"
    assert told in found.stderr  # and not with `build`, which would write the edited figure into the table
    drift = [line for line in found.stdout.splitlines() if row.label in line]
    assert any(line.startswith("-") and old in line for line in drift)
    assert any(line.startswith("+") and new in line for line in drift)


def test_what_a_run_says_of_an_edited_record_is_so(tmp_path: Path) -> None:
    given = ["run", "-e", "hashing", "-s", "cosine", "-b", "mini", "--results", str(tmp_path), "-q"]
    assert CliRunner().invoke(app, given).exit_code == 0
    (path,) = (tmp_path / "results").glob("*/*.json")
    sound = path.read_text()
    edited = sound.replace('"spearman": 0.3', '"spearman": 0.4')
    path.write_text(edited)
    left = CliRunner().invoke(app, given)
    assert (left.exit_code, path.read_text()) == (1, edited)
    assert "which is left as it was; --accept replaces it" in left.stderr
    taken = CliRunner().invoke(app, [*given, "--accept"])
    assert taken.exit_code == 0  # as that of results merge --accept: what was asked for was done
    assert [one["figures"] for one in json.loads(path.read_text())["records"]] == [one["figures"] for one in json.loads(sound)["records"]]
    assert "disagrees with what was kept, and has replaced it, as --accept asks" in taken.stderr
    assert "left as it was" not in taken.stderr
    assert CliRunner().invoke(app, given).exit_code == 0


def _worse(document: str) -> str:
    known = json.loads(document)
    known["systems"][0]["average"]["low"] -= 0.01
    return json.dumps(known)


def test_the_step_that_a_check_names_mends_the_board(tmp_path: Path, write_board: Callable[..., Path]) -> None:
    folder = write_board(tmp_path / "small", *SYSTEMS)
    run_board(BoardFolder(folder), Session.opened())
    edits: dict[str, tuple[Callable[[str], str], str]] = {
        "README.md": (lambda text: text.replace("| 1 |", "| 2 |", 1), "small has drifted from its evidence"),
        "statistics.json": (_worse, "small has statistics or charts that its scores do not give"),
        "board.toml": (lambda text: f'{text}\n[[system]]\nencoder = "length-gap"\n', "small lacks results of what its board.toml names"),
    }
    for name, (edit, told) in edits.items():
        (folder / name).write_text(edit((folder / name).read_text()))
        found = CliRunner().invoke(app, ["leaderboard", "check", str(folder)])
        assert (found.exit_code, told in found.stderr) == (1, True)
        step = found.stderr.split("`stsbench ")[1].split("`")[0].split(" ")
        assert CliRunner().invoke(app, step).exit_code == 0
        assert CliRunner().invoke(app, ["leaderboard", "check", str(folder)]).exit_code == 0
