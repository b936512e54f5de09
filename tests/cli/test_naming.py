"""Files of one's own are called as they were typed, on the terminal and nowhere else."""

from __future__ import annotations

import json
import shutil
from pathlib import Path

import pytest
from typer.testing import CliRunner, Result

from stsbench.cli.app import app

ROWS = ["sentence1,sentence2,score", *(f"one two a{row},{'one two three'[: 3 + row % 9]} b{row},{row % 5}" for row in range(40))]


def ran(*arguments: str) -> Result:
    return CliRunner().invoke(app, list(arguments), env={"COLUMNS": "200"}, catch_exceptions=False)


@pytest.fixture(autouse=True)
def folder(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    monkeypatch.chdir(tmp_path)
    Path("faq.csv").write_text("\n".join(ROWS))
    return tmp_path


@pytest.mark.parametrize(
    ("arguments", "said"),
    [
        (["compare", "hashing", "letters", "--resamples", "99", "-b"], "On faq.csv (40 pairs), "),
        (["run", "-e", "hashing", "-b"], "  faq.csv  "),
        (["run", "-e", "hashing", "-b"], "\nfaq.csv: n = 40"),
        (["plan", "-e", "hashing", "-b"], "  faq.csv (plain): 40 pairs"),
        (["audit", "benchmark"], "faq.csv: 40 pairs"),
        (["audit", "metrics", "-e", "hashing", "-b"], "  faq.csv  "),
    ],
)
def test_a_file_is_called_as_it_was_typed(arguments: list[str], said: str) -> None:
    done = ran(*arguments, "csv:faq.csv")
    assert said in done.output
    assert "private-" not in done.output


def test_what_is_wrong_with_a_file_is_said_of_its_name() -> None:
    Path("faq.csv").write_text("\n".join([*ROWS, "a,b,good"]))
    done = ran("run", "-e", "hashing", "-b", "csv:faq.csv")
    assert done.stderr.startswith("error: row 41 of faq.csv has a gold score that is not a number; ")


def test_what_programs_read_and_what_is_kept_holds_no_name(folder: Path) -> None:
    arguments = ["run", "-e", "hashing", "-e", "letters", "-b", "csv:faq.csv", "--results", "kept"]
    assert "faq" not in ran(*arguments, "--json").stdout
    assert {cell["benchmark"][:8] for cell in json.loads(ran(*arguments, "--json").stdout)["cells"]} == {"private-"}
    assert [path for path in (folder / "kept").rglob("*") if path.is_file() and b"faq" in path.read_bytes()] == []
    assert ran("compare", "--results", "kept", "-b", "csv:faq.csv", "--resamples", "99").stdout.startswith("On faq.csv (40 pairs)")


def test_files_of_one_name_and_readings_of_one_file_are_told_apart() -> None:
    Path("old").mkdir()
    shutil.copy("faq.csv", "old/faq.csv")
    with Path("old/faq.csv").open("a") as file:
        file.write("\nx,y,1")
    references = ["csv:faq.csv", "csv:old/faq.csv", "csv:faq.csv,left=sentence2,right=sentence1"]
    done = ran("run", "-e", "hashing", *(word for one in references for word in ("-b", one)))
    assert [line.partition(": n =")[0] for line in done.stdout.splitlines() if ": n =" in line] == references


def test_a_command_does_not_know_what_another_was_told() -> None:
    Path("other.csv").write_text("\n".join([*ROWS, "x,y,1"]))
    assert "faq.csv: n = 40" in ran("run", "-e", "hashing", "-b", "csv:faq.csv", "--results", "kept").stdout
    assert "faq" not in ran("compare", "--results", "kept", "-b", "csv:other.csv").output


def test_a_file_that_is_not_there_is_told_from_those_that_are(folder: Path) -> None:
    there = next(path.name for path in sorted(folder.glob("*.csv")))
    said = ran("run", "-e", "hashing", "-b", f"csv:{there}", "-b", "csv:gone.csv")
    assert (said.exit_code, said.stderr) == (4, "error: the file that csv:gone.csv names does not exist; check the path after the colon\n")
    (folder / "board").mkdir()
    head = f'name = "x"\ntitle = "x"\ndescription = "x"\nprotocol = "plain"\nbenchmarks = ["csv:{there}", "csv:gone.csv,name=ours"]\n'
    (folder / "board" / "board.toml").write_text(f'{head}[[system]]\nencoder = "hashing"\n')
    said = ran("run", "--board", "board")
    assert said.exit_code == 4
    assert "error: ours: the file that the benchmark reference names does not exist; check the path after the colon" in said.stderr
    assert "gone" not in said.stderr  # a path that a board holds may be private
