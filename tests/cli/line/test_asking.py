"""Systems named by place, as `compare` takes them, by option, by a variable or in a file."""

from __future__ import annotations

import json
import re
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


def test_a_file_names_many_encoders_each_once(tmp_path: Path) -> None:
    file = tmp_path / "encoders.txt"
    file.write_text("\ufeffhashing  # the floor\n\n# another\nhashing,dim=64\nhashing\n", encoding="utf-8")
    command = ["run", "--encoders-from", str(file), "-s", "cosine", "-b", "mini", "--results", str(tmp_path / "kept"), "--json"]
    first = json.loads(CliRunner().invoke(app, command).stdout)
    assert [cell["encoder"] for cell in first["cells"]] == ["hashing", "hashing,dim=64"]
    file.write_text(file.read_text(encoding="utf-8") + "hashing,dim=32\n", encoding="utf-8")
    plan = json.loads(CliRunner().invoke(app, ["plan", *command[1:]]).stdout)
    assert [job["ref"] for job in plan["jobs"] if job["cells"]] == ["stsbench/hashing,dim=32"]  # what was finished is not run again


@pytest.mark.parametrize(
    ("content", "said"),
    [
        (b"hashing\nword llama\n", "line 2 of .* holds several words; give one reference a line"),
        (b"# none\n\n", "names no encoder; write a reference a line"),
        (b"\xff\xfe\x00", "cannot be read (UnicodeDecodeError)"),
        (b"hashin\n", "did you mean hashing"),
    ],
)
def test_a_file_that_names_no_encoders_is_told(tmp_path: Path, content: bytes, said: str) -> None:
    (tmp_path / "encoders.txt").write_bytes(content)
    result = CliRunner().invoke(app, ["run", "--encoders-from", str(tmp_path / "encoders.txt")])
    assert result.exit_code == 2
    assert re.search(said.replace("(", r"\(").replace(")", r"\)"), result.stderr)
