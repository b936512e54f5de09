"""`stsbench compare` on what it scores itself: from a file to the answer in one command."""

from __future__ import annotations

import json
import re
from pathlib import Path

import pytest
from typer.testing import CliRunner, Result

from stsbench.api.evaluate import evaluate
from stsbench.cli.app import app

WORDS = ["one", "two", "three", "four", "five", "six", "seven", "eight", "nine", "ten", "eleven", "twelve"]


@pytest.fixture(autouse=True)
def folder(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    monkeypatch.chdir(tmp_path)
    rows = [f"{' '.join(WORDS[:6])} a{row},{' '.join(WORDS[row % 7 : row % 7 + 6])} b{row},{6 - row % 7}" for row in range(40)]
    Path("own.csv").write_text("\n".join(["sentence1,sentence2,score", *rows]))
    return tmp_path


def asked(*arguments: str) -> Result:
    return CliRunner().invoke(app, ["compare", "-b", "csv:own.csv", "--resamples", "199", *arguments], catch_exceptions=False)


def untimed(*arguments: str) -> str:
    """What it says but for how fast texts were encoded, which is another each time and on a busy machine only is known of so few."""
    said, count = re.subn(r"What they cost\n.*\n(?:hashing.*\n){2}", "", asked(*arguments).stdout)
    assert count == 1
    return said


def test_one_command_says_which_is_better_by_how_much(folder: Path) -> None:
    found = json.loads(asked("hashing", "hashing,dim=2", "--json").stdout)
    known = evaluate(["hashing", "hashing,dim=2"], benchmarks="csv:own.csv").cells()
    assert [one["value"] for one in found["standings"]] == pytest.approx([cell["spearman"] for cell in known], abs=1e-6)
    assert found["difference"] == pytest.approx(known[0]["spearman"] - known[1]["spearman"], abs=1e-6)
    assert found["low"] < found["difference"] < found["high"]
    assert re.sub(r"private-\w+", "own.csv", found["sentence"]) in asked("hashing", "hashing,dim=2").stdout
    assert list(folder.iterdir()) == [folder / "own.csv"]  # nothing is kept


def test_it_says_what_kept_results_say_of_the_same_systems() -> None:
    evaluate(["hashing", "hashing,dim=2"], benchmarks="csv:own.csv", results="kept")
    assert untimed("hashing", "hashing,dim=2") == untimed("--results", "kept")


def test_similarities_are_compared_where_they_are_named() -> None:
    found = json.loads(asked("hashing,dim=8", "-s", "dot", "-s", "stsbench/euclidean", "--json").stdout)
    assert {one["system"] for one in found["standings"]} == {"hashing,dim=8 · dot", "hashing,dim=8 · euclidean"}


def test_kept_systems_of_other_similarities_are_compared_where_they_are_named() -> None:
    evaluate("hashing,dim=8", ["cosine", "dot", "manhattan"], "csv:own.csv", results="kept")
    done = asked("--results", "kept", "-s", "dot", "-s", "manhattan", "--json")
    assert {one["system"] for one in json.loads(done.stdout)["standings"]} == {"hashing,dim=8 · dot", "hashing,dim=8 · manhattan"}
    assert "1 system left out, scored with another similarity than dot and manhattan" in done.stderr


def test_kept_similarities_of_one_encoder_are_compared_by_the_command_that_their_run_ends_with() -> None:
    given = ["run", "hashing,dim=8", "-s", "cosine", "-s", "dot", "-b", "csv:own.csv", "--results", "kept"]
    command = CliRunner().invoke(app, given, catch_exceptions=False).stderr.splitlines()[-1].removeprefix("next: stsbench ")
    done = CliRunner().invoke(app, [*command.split(), "--json"], catch_exceptions=False)
    assert {one["system"] for one in json.loads(done.stdout)["standings"]} == {"hashing,dim=8 · cosine", "hashing,dim=8 · dot"}
    assert "left out" not in done.stderr
    for similarity in ("dot", "euclidean"):  # one that was asked for is not widened to what was not
        refused = asked("--results", "kept", "-s", similarity)
        assert (refused.exit_code, "a comparison takes at least two systems; the results hold" in refused.stderr) == (2, True)


@pytest.mark.parametrize(
    ("arguments", "said"),
    [
        ([], "name the systems to compare, as in `stsbench compare wordllama hashing`, or the folder that keeps some (--results)"),
        (["hashing"], "a comparison takes at least two systems"),
        (["hashin", "hashing"], "there is no encoder 'hashin': did you mean hashing?"),
        (["hashing cosine", "hashing dot"], "'hashing cosine' is no reference"),
        (["hashing", "-s", "dott"], "there is no similarity 'dott': did you mean dot?"),
    ],
)
def test_what_cannot_be_compared_is_said(arguments: list[str], said: str) -> None:
    done = asked(*arguments)
    assert done.exit_code == 2
    assert said in done.stderr


def test_what_fails_costs_itself_alone() -> None:
    Path("broken.csv").write_text("text,view,d0\n")
    done = asked("hashing", "hashing,dim=2", "vectors:./broken.csv", "--json")
    assert done.exit_code == 1
    assert "failed: vectors" in done.stderr
    assert len(json.loads(done.stdout)["standings"]) == 2
    alone = asked("hashing", "vectors:./broken.csv")
    assert (alone.exit_code, alone.stdout) == (1, "")
    assert "failed: vectors" in alone.stderr


def test_a_transform_is_part_of_a_system() -> None:
    found = json.loads(asked("hashing,dim=8", "-t", "none", "-t", "centre//whiten,k=4", "--json").stdout)
    known = evaluate("hashing,dim=8", transforms=["none", "centre//whiten,k=4"], benchmarks="csv:own.csv").cells()
    figures = {cell["transform"]: cell["spearman"] for cell in known}
    assert {one["system"]: one["value"] for one in found["standings"]} == {
        "hashing,dim=8 · cosine": pytest.approx(figures[""], abs=1e-6),
        "hashing,dim=8 · centre · whiten,k=4 · cosine": pytest.approx(figures["centre//whiten,k=4"], abs=1e-6),
    }
    refused = asked("--results", "kept", "-t", "centre")
    assert refused.exit_code == 2
    assert "kept systems have their transforms; name them by words" in refused.stderr


def test_a_system_alone_is_refused_before_it_is_scored() -> None:
    said = asked("hashing").stderr
    assert "this is one, hashing · cosine; name another, or another similarity" in said
    assert "encoding" not in said


def test_systems_may_be_named_as_run_takes_them() -> None:
    assert untimed("-e", "hashing", "-e", "hashing,dim=2") == untimed("hashing", "-e", "hashing,dim=2")


@pytest.mark.parametrize(
    ("rows", "said"),
    [
        (["a,b,3", "a c,b c,3", "d,e,3"], "is undefined (constant gold), so there is nothing to compare it by; people gave every pair the same score"),
        (["a,b,3", "a c,b c,4", "d,e,1"], "own.csv has 3 pairs in a part, and nothing can be said of systems on fewer than 10; compare on more pairs"),
    ],
)  # fmt: skip
def test_data_that_tell_nothing_apart_are_refused_with_what_to_do(rows: list[str], said: str) -> None:
    Path("own.csv").write_text("\n".join(["sentence1,sentence2,score", *rows]))
    done = asked("hashing", "letters")
    assert done.exit_code == 2
    assert said in done.stderr
