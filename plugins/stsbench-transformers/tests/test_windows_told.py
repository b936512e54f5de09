"""Where more than 1 % of the texts are cut, what to do is said: before a run, and after it."""

from __future__ import annotations

from pathlib import Path

import pytest
from typer.testing import CliRunner

from stsbench.cli.app import app

LONG = "a man plays the dog eats a cat . the man is not a dog . a cat plays the man ."


@pytest.fixture
def asked(tiny: Path, tmp_path: Path) -> list[str]:
    (tmp_path / "pairs.csv").write_text(f"left,right,score\n{LONG},a man plays,1\n{LONG} the dog,a cat,3\na dog,a man,2\n")
    return ["-s", "cosine", "-b", f"csv:{tmp_path}/pairs.csv", "-e", f"bert:{tiny}"]


@pytest.mark.parametrize("command", ["plan", "run"])
def test_the_option_is_named_where_texts_are_cut_and_not_where_they_are_read_whole(command: str, asked: list[str]) -> None:
    more = ["--no-cache"] if command == "run" else []
    cut = CliRunner().invoke(app, [command, *asked, *more]).output
    whole = CliRunner().invoke(app, [command, *asked[:-1], f"{asked[-1]},windows=mean", *more]).output
    assert "windows=mean+max" in cut
    assert "windows=mean+max" not in whole
    assert ("longer than the encoder reads: 0 (0.0%)" in whole) == (command == "plan")
    assert ("truncated: more than 1 %" in cut) == (command == "run")


def test_tokens_of_an_encoder_that_has_none_as_given_are_missed_aloud(asked: list[str], tiny: Path) -> None:
    pooler = [*asked[2:4], "-e", f"bert:{tiny},view=pooler", "-s", "maxsim"]
    only = CliRunner().invoke(app, ["plan", *pooler])
    assert only.exit_code == 2
    assert "ends up in no system: maxsim needs tokens, and bert:tiny as given has vectors alone" in str(only.exception or "") + only.output
    beside = CliRunner().invoke(app, ["plan", *pooler, "-s", "cosine"])
    assert "left out: maxsim needs tokens, and bert:tiny as given has vectors alone" in beside.output
