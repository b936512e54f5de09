"""Evidence that was edited, as somebody who checks a board sees it."""

from __future__ import annotations

import json
from pathlib import Path

from typer.testing import CliRunner

from stsbench.api.boards import run_board
from stsbench.cli.app import app

BOARD = """
name = "small"
title = "Small"
benchmarks = ["mini"]
protocol = "plain"

[[system]]
encoder = "hashing"

[[system]]
encoder = "hashing,dim=8"
"""


def test_a_changed_digit_names_the_board_the_row_and_both_values(tmp_path: Path) -> None:
    folder = tmp_path / "small"
    folder.mkdir()
    (folder / "board.toml").write_text(BOARD)
    _, board = run_board(folder)
    assert CliRunner().invoke(app, ["leaderboard", "check", str(folder)]).exit_code == 0
    row = next(row for row in board.rows if "dim=8" in row.encoder)
    (path,) = (folder / "results").glob("*/*dim*8*.json")
    document = json.loads(path.read_text())
    (record,) = [one for one in document["records"] if one["split"] == "*"]
    old = f"{record['spearman']:.6f}"
    new = old[:-3] + str((int(old[-3]) + 5) % 10) + old[-2:]
    record["spearman"] = float(new)
    path.write_text(json.dumps(document))
    found = CliRunner().invoke(app, ["leaderboard", "check", str(folder)])
    assert found.exit_code == 1
    assert "error: small has drifted from its evidence" in found.stderr
    drift = [line for line in found.stdout.splitlines() if row.label in line]
    assert any(line.startswith("-") and old in line for line in drift)
    assert any(line.startswith("+") and new in line for line in drift)
