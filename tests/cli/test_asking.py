"""Systems named by place, as `compare` takes them, by option, by a variable or in a file."""

from __future__ import annotations

import json
from pathlib import Path

import pytest
from typer.testing import CliRunner

from stsbench.cli.app import app

COMMANDS = [["run", "--no-cache", "-q", "--limit", "20"], ["plan", "--no-cache"], ["audit", "metrics", "--no-cache", "-q", "--limit", "20"]]


def encoders(*arguments: str, encoder: str = "") -> list[str]:
    """Whose cells a command has, by the labels in its document."""
    done = CliRunner().invoke(app, [*arguments, "--json"], env={"STSBENCH_ENCODER": encoder or None}, catch_exceptions=False)
    assert done.exit_code == 0, done.output
    document = json.loads(done.stdout)
    if "jobs" in document:
        return [job["encoder"] for job in document["jobs"]]
    return [str(cell["encoder"]).rpartition("/")[2] for cell in document.get("cells") or document["systems"]]


@pytest.mark.parametrize("command", COMMANDS, ids=lambda words: words[words[0] == "audit"])
def test_a_system_by_place_is_one_by_option(command: list[str]) -> None:
    assert (
        encoders(*command, "hashing", "hashing,dim=64")
        == encoders(*command, "-e", "hashing", "-e", "hashing,dim=64")
        == ["hashing", "hashing,dim=64"]
    )
    assert encoders(*command, "hashing", "-e", "hashing,dim=64") == ["hashing", "hashing,dim=64"]


def test_what_the_command_line_names_is_all_that_is_run(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(tmp_path)
    assert encoders("plan", "--no-cache", encoder="hashing,dim=64") == ["hashing,dim=64"]
    assert encoders("plan", "--no-cache", "hashing", encoder="hashing,dim=64") == ["hashing"]
    assert encoders("plan", "--no-cache", "hashing", "-e", "hashing,dim=128", encoder="hashing,dim=64") == ["hashing", "hashing,dim=128"]
    Path("stsbench.toml").write_text('[plan]\nencoders = ["hashing,dim=64"]\n', encoding="utf-8")
    assert encoders("plan", "--no-cache") == ["hashing,dim=64"]
    assert encoders("plan", "--no-cache", "hashing") == ["hashing"]


@pytest.mark.parametrize(
    ("arguments", "message"),
    [
        (["run", "hashing", "--board", "."], "leave out SYSTEM, -e"),
        (["plan", "hashing", "--fresh"], "fresh and accept are about kept results"),
        (["plan", "hashing", "--limit", "9", "--results", "kept"], "a limited run is for trying out"),
    ],
)
def test_a_plan_refuses_what_a_run_does(arguments: list[str], message: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(tmp_path)
    for command in {arguments[0], "run"}:
        done = CliRunner().invoke(app, [command, *arguments[1:]])
        assert (done.exit_code, message in done.stderr) == (2, True)
