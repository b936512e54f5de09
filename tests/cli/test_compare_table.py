"""What `stsbench compare` prints."""

from __future__ import annotations

import csv
import json
import re
from pathlib import Path

import pytest
from typer.testing import CliRunner

from stsbench.api.evaluate import evaluate
from stsbench.cli.app import app
from stsbench.host.registry import Registry


@pytest.fixture(scope="module")
def results(tmp_path_factory: pytest.TempPathFactory) -> str:
    folder = tmp_path_factory.mktemp("results")
    evaluate(["hashing", "hashing,dim=64", "hashing,dim=8"], results=folder)
    return str(folder)


def compared(*arguments: str) -> str:
    found = CliRunner().invoke(app, ["compare", "--resamples", "499", *arguments], env={"COLUMNS": "200"})  # a row a line
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


@pytest.mark.parametrize("method", ["bootstrap", "influence"])
def test_at_eighty_columns_the_table_of_pairs_is_there_once(results: str, method: str) -> None:
    arguments = ["compare", "--results", results, "--resamples", "499", "--method", method]
    said = CliRunner().invoke(app, arguments, env={"COLUMNS": "80"}).stdout
    document = json.loads(compared("--results", results, "--method", method, "--json"))
    numbers = {}
    for number, one in zip("123", document["standings"], strict=True):
        assert re.search(rf"^{number}  {re.escape(one['system'])} +{one['letters']} ", said, re.MULTILINE)
        numbers[one["system"]] = number
    assert [line for line in said.splitlines() if line.startswith("first ")] == [
        "first  second  difference    low   high       p  p (Holm)  p (BH)" + "  p (max-T)" * (method == "bootstrap")
    ]
    below = said.partition("\nfirst ")[2].splitlines()[1:4]
    assert [line.split()[:2] for line in below] == [[numbers[one["first"]], numbers[one["second"]]] for one in document["comparisons"]]
    by = "p (max-T)" if method == "bootstrap" else "p (Holm)"
    assert f"Systems that share a letter cannot be told apart by {by}; rank sets hold together at 95 %" in said


def test_what_so_few_resamples_cannot_show_is_said(results: str) -> None:
    line = "p (Holm) cannot be below 0.10 with 60 resamples and so many comparisons; p (max-T) can."
    assert line in compared("--results", results, "--resamples", "60").splitlines()
    assert "cannot be below" not in compared("--results", results)


def test_benchmarks_keep_the_order_of_the_two_systems(tmp_path: Path) -> None:
    pairs = Registry.installed().resolve("benchmark", "mini").build().load()[0].pairs
    with (tmp_path / "turned.csv").open("w", newline="") as file:
        csv.writer(file).writerows([("sentence1", "sentence2", "score"), *zip(pairs.left, pairs.right, 5 - pairs.gold, strict=True)])
    both = ["mini", f"csv:{tmp_path / 'turned.csv'}"]
    evaluate(["hashing", "hashing,dim=8"], benchmarks=both, results=tmp_path / "kept")
    arguments = ("--results", str(tmp_path / "kept"), "-b", both[0], "-b", both[1])
    table, document = compared(*arguments), json.loads(compared(*arguments, "--json"))
    figures = {one["system"]: one["figures"] for one in document["standings"]}
    first, second = (figures[document[name]] for name in ("first", "second"))
    assert len({one["first"] for one in document["by_benchmark"]}) == 2  # the better one is another on each
    below = table.partition("By benchmark")[2].splitlines()
    for name in first:
        shown = "turned.csv" if name.startswith("private-") else name  # as it was typed
        (line,) = [
            line.split() for line in below if line.startswith(f"{shown} ") and line.split()[1] == "280" and ":" not in line.split()[0]
        ]
        assert line[2:4] == [f"{100 * first[name]:.2f}", f"{100 * second[name]:.2f}"]
        assert float(line[4]) == pytest.approx(100 * (first[name] - second[name]), abs=0.006)
        assert float(line[5]) < float(line[4]) < float(line[6])


def test_texts_stand_on_lines_of_their_own_below_the_figures(results: str) -> None:
    said = compared("hashing", "token-jaccard", "-b", "mini", "--resamples", "99", "--pairs", "2", "--texts", "-q").splitlines()
    head = next(place for place, line in enumerate(said) if line.split() == ["row", "gold", "rank", "by", "first", "rank", "by", "second"])
    first, second, *texts = said[head + 1 : head + 5]
    assert [line.split("  ")[0] for line in texts] == [line.split()[0] for line in (first, second)]
    assert all(line.count(" | ") == 1 for line in texts)


def test_what_is_first_is_said_and_groups_without_a_test_are_told_of_together(results: str) -> None:
    arguments = ("hashing,dim=8", "hashing,dim=64", "--results", results)  # named in another order than they come out in
    said, document = compared(*arguments).splitlines(), json.loads(compared(*arguments, "--json"))
    assert document["first"].startswith("hashing,dim=64")
    assert f"In what follows the first is {document['first']}, and the second {document['second']}." in said
    untested = [one for one in document["groups"] if one["reason"]]
    (reason,) = {one["reason"] for one in untested}
    assert len(untested) > 1
    listed = ", ".join(one["group"] for one in untested[:-1]) + f" and {untested[-1]['group']}"
    assert [line for line in said if line.startswith("no test of ")] == [f"no test of {listed}: {reason}"]


def test_groups_of_two_systems_have_both(results: str) -> None:
    arguments = ("hashing,dim=64", "hashing,dim=8", "--results", results)
    table, document = compared(*arguments), json.loads(compared(*arguments, "--json"))
    tested = [one for one in document["groups"] if one["p"] is not None]
    assert tested
    for one in tested:
        (line,) = [line for line in table.splitlines() if line.startswith(f"{one['group']} ")]
        assert line.split()[-2:] == [f"{one['p_holm']:.4f}", f"{one['p_bh']:.4f}"]


def test_a_margin_gives_every_two_systems_a_verdict_and_the_best_a_sentence(results: str) -> None:
    document = json.loads(compared("--results", results, "--margin", "100", "--json"))
    assert document["margin"] == 100
    assert {(one["verdict"], one["verdict_of_second"]) for one in document["comparisons"]} == {("equivalent", "equivalent")}
    assert document["sentence"].endswith(f"With a margin of 100 points, {document['first']} and {document['second']} are equivalent.")
    strict = json.loads(compared("--results", results, "--margin", "0.001", "--json"))
    for one in strict["comparisons"]:
        assert (one["verdict"], one["verdict_of_second"]) == (("better", "worse") if one["low"] > 0 else ("cannot tell", "cannot tell"))
    table = compared("--results", results, "--margin", "0.001")
    assert "the first is  the second is" in table
    assert "within" not in compared("--results", results)
    assert json.loads(compared("--results", results, "--json"))["comparisons"][0]["verdict"] is None
    for wrong in ("0", "-1", "nan", "101"):
        found = CliRunner().invoke(app, ["compare", "--results", results, "--margin", wrong])
        assert found.exit_code == 2
        assert "a margin is a number of points above 0 and up to 100" in found.output
