"""What a board requires of systems: every outcome on real scores, by the exit code, the sentence and the document."""

from __future__ import annotations

import csv
import json
import tomllib
from collections.abc import Callable
from pathlib import Path
from subprocess import CompletedProcess
from typing import Any

import numpy as np
import pytest
from scipy.stats import spearmanr

from stsbench.api.boards import Board, run_board
from stsbench.api.compare import compare
from stsbench.api.compare.methods import Setting
from stsbench.api.session import Session
from stsbench.builtin.benchmarks.mini import Mini
from stsbench.contracts.identity import SystemId
from stsbench.errors import UsageError
from stsbench.evidence.folder import BoardFolder
from stsbench.evidence.requirements import Requirement
from stsbench.evidence.spec import load_spec
from stsbench.evidence.systems import KeptSystem, the_system
from stsbench.stores.records import load_all
from stsbench.stores.results import ResultsFolder

Command = Callable[..., CompletedProcess[str]]
SYSTEMS = ({"encoder": "hashing", "similarities": ["cosine", "dot"]}, "tfidf", "length-gap")


@pytest.fixture(scope="module")
def board(tmp_path_factory: pytest.TempPathFactory, write_board: Callable[..., Path]) -> Path:
    folder = write_board(tmp_path_factory.mktemp("gated"), *SYSTEMS)
    run_board(BoardFolder(folder), Session.opened(cache=False))
    return folder


@pytest.fixture
def required(board: Path, write_board: Callable[..., Path]) -> Callable[..., list[Requirement]]:
    """What the board says of the requirements of these tables."""

    def require(*tables: str) -> list[Requirement]:
        return list(Board.open(write_board(board, *SYSTEMS, require=list(map(tomllib.loads, tables)))).requirements())

    return require


@pytest.mark.parametrize(
    ("system", "against", "margin", "verdict", "outcome"),
    [
        ("hashing", "length-gap", 0.5, "better", "met"),
        ("tfidf", "hashing", 2, "not worse", "met"),
        ("tfidf", "hashing", 5, "equivalent", "met"),
        ("tfidf", "hashing", 0.5, "cannot tell", "cannot tell"),
        ("length-gap", "hashing", 0.5, "worse", "not met"),
        ("length-gap", "hashing", 25, "worse", "cannot tell"),  # surely worse, but perhaps by less than 25 points
    ],
)
def test_every_outcome_of_a_difference(
    system: str, against: str, margin: float, verdict: str, outcome: str, required: Callable[..., list[Requirement]], board: Path
) -> None:
    (found,) = required(f'system = "{system}"\nnot_worse_than = "{against}"\nmargin = {margin}')
    assert (found.verdict, found.outcome) == (verdict, outcome)
    compared = compare([system, against], board, Session.opened(cache=False), Setting(margin=margin)).between(
        found.system, str(found.not_worse_than)
    )
    assert (found.value, found.low, found.high) == (compared.difference, compared.low, compared.high)
    assert compared.verdict == verdict


def test_the_interval_is_that_of_a_paired_bootstrap_by_hand(required: Callable[..., list[Requirement]], board: Path) -> None:
    (found,) = required('system = "tfidf"\nnot_worse_than = "length-gap"\nmargin = 1')
    gold = Mini().load()[0].pairs.gold
    kept = {file.encoder.label: next(iter(ResultsFolder(board).scores(file).values())) for file in load_all(board)}
    ours, theirs = (np.asarray(kept[name], dtype=np.float64) for name in ("tfidf", "length-gap"))
    generator = np.random.default_rng(5)
    drawn = []
    for _ in range(1000):
        rows = generator.integers(0, len(gold), len(gold))
        drawn.append(spearmanr(gold[rows], ours[rows]).statistic - spearmanr(gold[rows], theirs[rows]).statistic)
    assert found.value == pytest.approx(spearmanr(gold, ours).statistic - spearmanr(gold, theirs).statistic, abs=1e-6)
    assert (found.low, found.high) == pytest.approx(np.percentile(drawn, [2.5, 97.5]), abs=0.02)


@pytest.mark.parametrize(("least", "outcome"), [(10, "met"), (33, "cannot tell"), (80, "not met")])
def test_every_outcome_of_an_average(least: float, outcome: str, required: Callable[..., list[Requirement]], board: Path) -> None:
    (found,) = required(f'system = "hashing cosine"\nat_least = {least}')
    row = next(row for row in BoardFolder(board).board().rows if row.label == "hashing · cosine")
    assert (found.value, found.low, found.high, found.outcome) == (row.average, row.low, row.high, outcome)
    assert f"hashing · cosine has {least} points or more: {outcome} (33.23, 95 % interval" in found.sentence()


def test_a_system_that_is_not_shown_has_its_interval_from_its_scores(required: Callable[..., list[Requirement]], board: Path) -> None:
    """Those of another similarity than the primary one are evidence only where the board says so."""
    (found,) = required('system = "hashing dot"\nat_least = 10')
    assert found.outcome == "cannot tell"
    assert found.reason == "the scores of hashing · dot on mini are not kept; run it again, a board with --fresh"


def test_a_requirement_on_one_benchmark_is_of_its_figures_alone(tmp_path: Path, write_board: Callable[..., Path]) -> None:
    pairs = Mini().load()[0].pairs
    rows = [(*texts, gold) for *texts, gold in zip(*pairs.texts, pairs.gold, strict=True)][:200]
    with (tmp_path / "own.csv").open("w", newline="", encoding="utf-8") as stream:
        csv.writer(stream).writerows([("sentence1", "sentence2", "score"), *rows])
    tables = [{"system": "hashing cosine", "at_least": 10}, {"system": "hashing cosine", "on": "own", "at_least": 10},
              {"system": "tfidf", "on": "own", "not_worse_than": "length-gap", "margin": 1}]  # fmt: skip
    benchmarks = ["mini", f"csv:{tmp_path / 'own.csv'},name=own"]
    folder = write_board(tmp_path / "two", *SYSTEMS, benchmarks=benchmarks, require=tables)
    run_board(BoardFolder(folder), Session.opened(cache=False))
    average, figure, difference = Board.open(folder).requirements()
    files = {(file.encoder.label, file.benchmark.name): file for file in load_all(folder)}
    gold = pairs.gold[:200]

    def by_hand(label: str) -> float:
        return float(
            spearmanr(gold, np.asarray(next(iter(ResultsFolder(folder).scores(files[label, "own"]).values())), dtype=np.float64)).statistic
        )

    assert figure.value == pytest.approx(by_hand("hashing"), abs=1e-6)
    assert average.value != pytest.approx(figure.value, abs=1e-3)
    assert difference.value == pytest.approx(by_hand("tfidf") - by_hand("length-gap"), abs=1e-6)
    assert (figure.value, figure.low, figure.high) != (None, None, None)
    assert (figure.low or 0) < (figure.value or 0) < (figure.high or 0)
    assert "hashing · cosine has 10 points or more on own: " in figure.sentence()
    assert "tfidf · pair is not worse than length-gap · pair by 1 point on own: " in difference.sentence()
    write_board(folder, *SYSTEMS, benchmarks=benchmarks, require=[{"system": "tfidf", "on": "mine", "at_least": 10}])
    with pytest.raises(UsageError, match="require: 'mine' is no benchmark of the board; it has mini, own"):
        Board.open(folder).requirements()


def test_missing_evidence_of_a_difference_cannot_tell(required: Callable[..., list[Requirement]], board: Path) -> None:
    difference, average = required('system = "hashing dot"\nnot_worse_than = "tfidf"\nmargin = 1', 'system = "tfidf"\nat_least = 10')
    assert (difference.outcome, difference.low, difference.verdict) == ("cannot tell", None, None)
    assert "hashing · dot is not worse than tfidf · pair by 1 point: cannot tell, since the scores of" in difference.sentence()
    assert average.outcome == "met"


def test_data_that_are_not_at_hand_cannot_tell(tmp_path: Path, stsbench: Command, write_board: Callable[..., Path]) -> None:
    pairs = Mini().load()[0].pairs
    rows = [(left.replace(",", ""), right.replace(",", ""), gold) for left, right, gold in zip(*pairs.texts, pairs.gold, strict=True)]
    (tmp_path / "own.csv").write_text("sentence1,sentence2,score\n" + "".join(f"{left},{right},{gold}\n" for left, right, gold in rows))
    require = [{"system": "tfidf", "not_worse_than": "hashing", "margin": 90}, {"system": "hashing cosine", "at_least": 2}]
    write_board(tmp_path / "own", *SYSTEMS, benchmarks=["csv:own.csv,name=own"], require=require)
    assert stsbench("run", "--board", "own", cwd=tmp_path).returncode in (0, 1, 6)
    assert (
        "tfidf · pair is not worse than hashing · cosine by 90 points: met" in stsbench("leaderboard", "check", "own", cwd=tmp_path).stdout
    )
    (tmp_path / "own.csv").unlink()
    done = stsbench("leaderboard", "check", "own", cwd=tmp_path)
    assert "by 90 points: cannot tell, since the data of own are not at hand" in done.stderr
    assert done.returncode == 6


@pytest.mark.parametrize(
    ("tables", "code"),
    [
        (['system = "hashing cosine"\nat_least = 10'], 0),
        (['system = "hashing cosine"\nat_least = 10', 'system = "hashing cosine"\nat_least = 33'], 6),
        (['system = "hashing cosine"\nat_least = 33', 'system = "hashing cosine"\nat_least = 80'], 1),
    ],
)
def test_the_commands_exit_by_what_is_shown(tables: list[str], code: int, required: Any, stsbench: Command, board: Path) -> None:
    found = required(*tables)
    for arguments in (["run", "--board", str(board)], ["leaderboard", "check", str(board)]):
        if arguments[0] == "leaderboard":
            stsbench("leaderboard", "build", str(board))
        done = stsbench(*arguments)
        assert done.returncode == code, done.stderr
        assert [one.sentence() in done.stdout for one in found] == [one.outcome == "met" for one in found]
        document = json.loads(stsbench(*arguments, "--json").stdout)
        assert [one["outcome"] for one in document["requirements"]] == [one.outcome for one in found]


def test_drift_comes_before_what_cannot_be_told(required: Any, stsbench: Command, board: Path) -> None:
    required('system = "hashing cosine"\nat_least = 33')
    stsbench("leaderboard", "build", str(board))
    (board / "README.md").write_text("edited")
    assert stsbench("leaderboard", "check", str(board)).returncode == 1


@pytest.mark.parametrize(
    ("table", "says"),
    [
        ('system = "hashin"\nat_least = 10', "require: no system of the results is called 'hashin'; they hold hashing"),
        ('system = "hashingg"\nat_least = 10', "require: no system of the results is called 'hashingg'; they hold hashing"),
        ('system = "tfidf"\nnot_worse_than = "tfidf pair"\nmargin = 1', "are both tfidf"),
    ],
)
def test_systems_are_those_of_the_board(table: str, says: str, required: Any, stsbench: Command, board: Path) -> None:
    with pytest.raises(UsageError, match=says):
        required(table)
    assert stsbench("leaderboard", "check", str(board)).returncode == 2


@pytest.mark.parametrize(
    ("table", "says"),
    [
        ('system = "tfidf"', "says nothing of its system; add at_least = 80, or not_worse_than and margin"),
        ("at_least = 80", r"system of require 1 is required"),
        ('system = "tfidf"\nat_least = 0.8', "at_least is in points, as boards show figures: 80 and not 0.8"),
        ('system = "tfidf"\nat_least = 101', "less than or equal to 100"),
        ('system = "tfidf"\nat_least = "80"', "valid number"),
        ('system = "tfidf"\nat_least = true', "valid number"),
        ('system = "tfidf"\nat_least = nan', "less than or equal to 100"),
        ('system = "tfidf"\nnot_worse_than = "hashing"', "not_worse_than takes a margin, in points that you are willing to lose"),
        ('system = "tfidf"\nat_least = 80\nmargin = 1', "not_worse_than takes a margin"),
        ('system = "tfidf"\nnot_worse_than = "hashing"\nmargin = 0', "greater than 0"),
        ('system = "tfidf"\nat_leest = 80', "at_leest of require 1 is no key of a board; did you mean at_least"),
        ('system = ""\nat_least = 80', "at least 1 character"),
    ],
)
def test_a_table_that_says_something_else_is_refused(table: str, says: str, tmp_path: Path, write_board: Callable[..., Path]) -> None:
    write_board(tmp_path, *SYSTEMS, require=[tomllib.loads(table)])
    with pytest.raises(UsageError, match=says):
        load_spec(tmp_path)


def test_a_board_without_requirements_has_the_same_document_as_before(board: Path, write_board: Callable[..., Path]) -> None:
    write_board(board, *SYSTEMS)
    assert "require" not in json.loads(BoardFolder(board).board().model_dump_json())["spec"]
    assert Board.open(board).requirements() == ()


def test_a_piece_of_a_name_is_no_word_of_it() -> None:
    def kept(label: str) -> KeptSystem:
        return KeptSystem(SystemId(label, "", "sentence", (), "stsbench/cosine"), f"{label} · cosine", True, {})

    systems = [kept("multilingual-e5-small"), kept("bert:org/all-MiniLM,pooling=cls")]
    assert the_system(systems, "e5-small").label == "multilingual-e5-small · cosine"  # in a comparison, where somebody looks on
    with pytest.raises(UsageError, match="no system of the results is called 'e5-small'"):
        the_system(systems, "e5-small", whole=True)
    for name in ("all-minilm", "org/all-MiniLM pooling=cls", "all-MiniLM cls cosine"):
        assert the_system(systems, name, whole=True) is systems[1]
