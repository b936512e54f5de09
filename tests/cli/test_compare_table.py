"""What `stsbench compare` prints."""

from __future__ import annotations

import json

import pytest
from typer.testing import CliRunner

from stsbench.api.evaluate import evaluate
from stsbench.cli.app import app


@pytest.fixture(scope="module")
def results(tmp_path_factory: pytest.TempPathFactory) -> str:
    folder = tmp_path_factory.mktemp("results")
    evaluate(["hashing", "hashing,dim=64", "hashing,dim=8"], results=folder)
    return str(folder)


def compared(*arguments: str) -> str:
    found = CliRunner().invoke(app, ["compare", *arguments, "--resamples", "499"])
    assert found.exit_code == 0, found.output
    return found.stdout


def test_every_two_systems_with_p_by_three_corrections(results: str) -> None:
    table, document = compared("--results", results), json.loads(compared("--results", results, "--json"))
    assert "p (Holm)" in table
    assert "p (BH)" in table
    assert "Every two systems (all of them)" in table
    for one in document["comparisons"]:
        (line,) = [line for line in table.splitlines() if line.startswith(f"{one['first']} ") and f" {one['second']} " in line]
        assert line.split()[-4:] == [f"{one[name]:.4f}" for name in ("p", "p_holm", "p_bh", "p_max_t")]


def test_groups_of_two_systems_have_both(results: str) -> None:
    arguments = ("hashing,dim=64", "hashing,dim=8", "--results", results)
    table, document = compared(*arguments), json.loads(compared(*arguments, "--json"))
    tested = [one for one in document["groups"] if one["p"] is not None]
    assert tested
    for one in tested:
        (line,) = [line for line in table.splitlines() if line.startswith(f"{one['group']} ")]
        assert line.split()[-2:] == [f"{one['p_holm']:.4f}", f"{one['p_bh']:.4f}"]
