"""`stsbench show` of components."""

from __future__ import annotations

import json

import pytest
from typer.testing import CliRunner

from stsbench.cli.app import app
from stsbench.host.registry import Registry


def show(*arguments: str) -> str:
    done = CliRunner().invoke(app, ["show", *arguments], catch_exceptions=False)
    assert done.exit_code == 0, done.output
    return done.stdout


@pytest.mark.parametrize(
    ("name", "lines"),
    [
        ("mini", ["protocol: plain; split: test; 280 pairs"]),
        ("STS-B", ["protocol: mteb; split: test; 1,379 pairs"]),
        ("sts-english", ["protocol: mteb; members:", "  STS12; split: test; 3,108 pairs", "  SICK-R; split: test; 9,927 pairs"]),
        ("csls", ["scores vectors; fitted on the texts of fit="]),
        ("ridge", ["scores vectors; fitted on the scored pairs of fit="]),
        ("bertscore-recall", ["scores tokens; it matters which text is left"]),
        ("whiten", ["fitted on the texts of fit="]),
        ("hashing", ["gives tokens, vectors"]),
        ("simcse", ["protocol: simcse; members:", "  SICK-R,protocol=simcse; split: test; 4,927 pairs"]),
    ],
)
def test_what_a_component_declares(name: str, lines: list[str]) -> None:
    shown = show(name).splitlines()
    assert [line for line in shown if line in lines] == lines


def test_pairs_that_are_expected_are_there() -> None:
    built = Registry.installed().resolve("benchmark", "mini").build()
    assert sum(len(part.pairs) for part in built.load()) == built.expected_pairs


def test_a_suite_lists_its_members() -> None:
    found = json.loads(show("sts-english", "--json"))
    assert [one["ref"] for one in found["members"]] == ["STS12", "STS13", "STS14", "STS15", "STS16", "STSBenchmark", "SICK-R"]
    assert {one["protocol"] for one in found["members"]} == {"mteb"}


def test_a_part_of_a_task_has_no_known_number_of_pairs() -> None:
    registry = Registry.installed()
    assert registry.resolve("benchmark", "STS17").build().expected_pairs == 5346
    assert registry.resolve("benchmark", "STS17,subset=en-en").build().expected_pairs is None


def test_a_name_of_two_kinds_is_one_document() -> None:
    assert [one["kind"] for one in json.loads(show("csv", "--json"))["components"]] == ["benchmark", "writer"]
    assert json.loads(show("benchmark", "csv", "--json"))["kind"] == "benchmark"
    assert "benchmark csv:PATH" in (shown := show("csv"))
    assert "writer csv" in shown


def test_two_components_are_shown_one_at_a_time() -> None:
    done = CliRunner().invoke(app, ["show", "hashing", "cosine"])
    assert done.exit_code == 2
    assert "'hashing' is none of encoder, transform, " in done.stderr
    assert "show one component at a time, as in `stsbench show hashing`" in done.stderr
