"""What is said where nothing is named: `stsbench` and `stsbench list` alone."""

from __future__ import annotations

import json
import re

import pytest
import typer
from typer.testing import CliRunner

from stsbench.api.catalogue import list_components
from stsbench.cli.app import app
from stsbench.cli.listing import START, examples


def said(*arguments: str) -> str:
    done = CliRunner().invoke(app, list(arguments))
    assert done.exit_code == 0, done.output
    return done.stdout


def test_alone_it_says_what_there_is_on_one_screen() -> None:
    assert said() == START
    assert len(START.splitlines()) <= 24
    assert max(map(len, START.splitlines())) <= 80


def test_every_command_is_named_once() -> None:
    known = typer.main.get_command(app).commands  # type: ignore[attr-defined]
    listed = [name for line in re.findall(r"^  [a-z ]+?  +(.*)$", START.partition("All commands")[2], re.M) for name in line.split(", ")]
    single = [name for name in known if name != "audit"]
    assert sorted(listed) == sorted([*single, *(f"audit {name}" for name in known["audit"].commands)])


def test_help_is_still_there() -> None:
    assert said("--help").startswith("Usage: stsbench")


def test_a_list_of_nothing_counts_the_kinds_and_says_what_to_type() -> None:
    lines = said("list").splitlines()
    for line, kind in zip(lines, ("encoder", "transform", "similarity", "benchmark", "writer", "executor", "evaluator"), strict=False):
        components = list_components(kind)  # type: ignore[arg-type]
        number, _, shown = line.split(maxsplit=2)
        assert int(number) == len(components)
        assert {name.partition(":")[0] for name in shown.removesuffix(", ...").split(", ")} <= {one["name"] for one in components}
    assert "bert:MODEL" in lines[0]
    assert "`stsbench list encoders`" in lines[-1]
    assert set(json.loads(said("list", "--json"))) == {
        "encoders",
        "transforms",
        "similarities",
        "benchmarks",
        "writers",
        "executors",
        "evaluators",
        "failures",
    }


@pytest.mark.parametrize("several", [False, True])
def test_examples_begin_with_those_that_say_most(several: bool) -> None:
    others = [{"name": f"other{number}", "target": ""} for number in range(9 if several else 2)]
    shown = examples("encoder", [*others, {"name": "bert", "target": "MODEL"}])
    assert shown == ("bert:MODEL, other0, other1, other2, other3, other4, ..." if several else "bert:MODEL, other0, other1")
