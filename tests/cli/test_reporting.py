"""What `stsbench run` prints beside figures: what systems cost, what is usual, signatures on request, and what to type next."""

from __future__ import annotations

import json
import shlex
from pathlib import Path

import pandas as pd
import pytest
from typer.testing import CliRunner, Result

from stsbench.api.report import Entry, Report
from stsbench.builtin.benchmarks.mini import USUAL
from stsbench.cli.app import app
from stsbench.cli.printing.reporting import FLAGS, NAMES, print_report
from stsbench.cli.printing.table import print_troubles
from stsbench.contracts.boards.columns import columns_of
from stsbench.contracts.boards.tables import costs_of
from stsbench.contracts.figures import percent
from stsbench.contracts.records import BenchmarkEntry, EncoderEntry, Record, observed
from stsbench.errors import DataError
from stsbench.runner.system import NotRun
from stsbench.testing.boards import board

ROOT = Path(__file__).parents[2]
WORDS = ["one", "two", "three", "four", "five", "six", "seven", "eight", "nine", "ten", "eleven", "twelve"]
ROWS = [f"{' '.join(WORDS[:6])} a{row},{' '.join(WORDS[row % 7 : row % 7 + 6])} b{row},{6 - row % 7}" for row in range(40)]
CACHED = "stsbench compare hashing -s cosine -s dot --cache-dir 'my cache'"
DATA = "\n".join(["sentence1,sentence2,score", *ROWS])


@pytest.fixture(autouse=True)
def folder(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    monkeypatch.chdir(tmp_path)
    Path("canary.csv").write_text(DATA)
    return tmp_path


def ran(*arguments: str, code: int = 0) -> Result:
    done = CliRunner().invoke(app, ["run", *arguments], env={"COLUMNS": "200"}, catch_exceptions=False)
    assert done.exit_code == code, done.output
    return done


def test_what_is_usual_on_mini_is_what_its_board_says() -> None:
    rows = json.loads((ROOT / "leaderboards" / "mini" / "board.json").read_text())["rows"]
    for name, figure in USUAL.items():
        as_it_comes = [
            row for row in rows if row["view"] == "sentence" and not row["transforms"] and row["similarity"] == "stsbench/cosine"
        ]
        (row,) = [row for row in as_it_comes if row["label"].split(" ")[0] == name]
        assert percent(row["average"]) == figure
    said = ran("-e", "hashing").stdout
    assert f"hashing {USUAL['hashing']}, wordllama {USUAL['wordllama']}" in said
    assert said.splitlines()[2].split()[:3] == ["hashing", "cosine", USUAL["hashing"]]
    assert "usual" not in ran("-e", "hashing", "--limit", "20").stdout  # of other pairs, to which it does not apply


def test_signatures_are_printed_where_they_are_asked_for() -> None:
    arguments = ["-e", "hashing", "-e", "hashing,dim=8", "-b", "csv:canary.csv"]
    known = [cell["signature"] for cell in json.loads(ran(*arguments, "--json").stdout)["cells"]]
    assert [line for line in ran(*arguments, "--signatures").stdout.splitlines() if line.startswith("stsbench|")] == known
    assert "stsbench|" not in ran(*arguments).output


def test_columns_are_called_as_on_a_board() -> None:
    titles = [(column.name, column.title) for column in columns_of(board(("one",)))]
    assert {*((column.name, column.title) for column in (*NAMES, FLAGS)), *((cost.name, cost.title) for cost in costs_of(())[:2])} <= {
        *titles
    }


def entry(benchmark: str, figure: float, provenance: dict[str, str], transforms: tuple[str, ...] = ()) -> Entry:
    record = Record(
        split="*", subset="*", view="sentence", transforms=transforms, similarity="stsbench/cosine", n=100, status="ok",
        figures={"spearman": figure}, key="0", signature="s",
    )  # fmt: skip
    encoder = EncoderEntry(ref="stsbench/hashing", label="hashing", fingerprint="0", facts={})
    return Entry(encoder, BenchmarkEntry(ref=benchmark, name=benchmark, protocol="plain", aggregation="mean"), record, provenance)


def test_speed_and_size_stand_beside_figures_where_they_are_known(
    capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("COLUMNS", "120")
    known = {observed("bytes", "sentence", ()): "1536", "measured.texts_per_second": "12345.6"}
    print_report(Report((entry("one", 0.5, {}), entry("two", 0.25, known))))
    head, line = capsys.readouterr().out.splitlines()[1:3]
    assert head.split() == ["model", "similarity", "average", "one", "two", "bytes", "a", "vector", "texts", "a", "second"]
    assert line.split() == ["hashing", "cosine", "37.50", "50.00", "25.00", "1,536", "12,346"]
    print_report(Report((entry("one", 0.5, {}), entry("two", 0.25, {}))))
    assert "second" not in capsys.readouterr().out


def test_no_average_is_given_where_a_figure_is_missing(capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("COLUMNS", "120")
    print_report(Report((entry("one", 0.5, {}), entry("two", 0.25, {}), entry("one", 0.75, {}, ("stsbench/centre",)))))
    plain, centred = capsys.readouterr().out.splitlines()[2:4]
    assert plain.split() == ["hashing", "cosine", "37.50", "50.00", "25.00"]
    assert centred.split() == ["hashing", "centre", "cosine", "-", "75.00", "-"]


@pytest.mark.parametrize(
    ("arguments", "command"),
    [
        (["-e", "hashing", "-e", "hashing,dim=8", "-b", "mini"], "stsbench compare hashing hashing,dim=8 -b mini"),
        (["-e", "hashing", "-s", "cosine", "-s", "dot"], "stsbench compare hashing -s cosine -s dot"),
        (["-e", "hashing"], "stsbench run -e hashing -b STSBenchmark"),
        (["-e", "hashing,dim=8", "-b", "csv:canary.csv"], "stsbench compare hashing,dim=8 hashing -b csv:canary.csv"),
        (["-e", "hashing", "-t", "none", "-t", "centre"], "stsbench compare hashing -t none -t centre"),
        (["-e", "hashing", "-e", "hashing,dim=8", "--results", "my kept"], "stsbench compare --results 'my kept'"),
        (
            ["-e", "hashing", "-e", "hashing,dim=8", "--results", "kept", "-b", "csv:canary.csv"],
            "stsbench compare --results kept -b csv:canary.csv",
        ),
        (["-e", "hashing", "-s", "cosine", "-s", "dot", "--cache-dir", "my cache"], CACHED),
        (
            ["-e", "hashing", "-e", "hashing,dim=8", "--results", "kept", "--cache-dir", "my cache", "--allow-network", "a.example"],
            "stsbench compare --results kept --cache-dir 'my cache'",
        ),
        (
            ["-e", "hashing", "-s", "cosine", "-s", "dot", "--allow-network", "a.example", "--send-private", "a.example"],
            "stsbench compare hashing -s cosine -s dot --allow-network a.example --send-private a.example",
        ),
    ],
)
def test_a_run_ends_with_a_command_that_goes_on_from_it(arguments: list[str], command: str) -> None:
    done = ran(*arguments)
    assert done.stderr.splitlines()[-1] == f"next: {command}"
    if "STSBenchmark" not in command:  # it can be typed as it stands
        given = shlex.split(command)
        assert CliRunner().invoke(app, [*given[1:], *(["--resamples", "99"] if "compare" in given else [])]).exit_code == 0


@pytest.mark.parametrize("arguments", [["--quiet"], ["--json"], ["--limit", "20"]])
def test_nothing_is_advised_where_nobody_reads_it_or_it_was_a_trial(arguments: list[str]) -> None:
    assert "next:" not in ran("-e", "hashing", *arguments).output


def test_nothing_is_advised_after_a_failure() -> None:
    Path("broken.csv").write_text("text,view,d0\n")
    assert "next:" not in ran("-e", "hashing", "-e", "vectors:./broken.csv", code=1).output


@pytest.mark.parametrize("how", [[], ["--quiet"], ["--json"], ["--verbose"]])
def test_why_a_cell_failed_is_told_once(how: list[str]) -> None:
    pd.DataFrame({"text": ["one"], "vector": [[1.0, 2.0]]}).to_parquet("few.parquet")
    Path("broken.csv").write_text("text,view,d0\n")
    asked = [
        "hashing",
        "vectors:./few.parquet",
        "vectors:./broken.csv",
        "-b",
        "csv:canary.csv",
        "-s",
        "cosine",
        "-t",
        "none",
        "-t",
        "centre",
    ]
    done = ran(*asked, *how, code=1)
    reasons = [line.partition(" on canary.csv: ")[0] for line in done.stderr.splitlines() if " has no vector for " in line]
    assert reasons == [f"failed: vectors:few.parquet / sentence / {system}" for system in ("cosine", "centre / cosine")]
    (said,) = (line for line in done.stderr.splitlines() if "broken.csv" in line)
    assert said.startswith("failed: vectors:broken.csv: ")
    assert done.stderr.splitlines()[-1] == "error: 2 cells failed, for the reasons told above"


def test_what_fails_in_both_runs_of_a_board_is_told_once(capsys: pytest.CaptureFixture[str]) -> None:
    lost = [NotRun("broken", "", "*", "no file", DataError(str(run))) for run in (1, 2)]
    report = Report((), (lost[0],)).joined(Report((), (lost[1], NotRun("*", "", "mini", "no data"), NotRun("one", "", "mini", "no view"))))
    print_troubles(report)
    assert capsys.readouterr().err.splitlines() == ["failed: broken: no file", "failed: mini: no data", "failed: one on mini: no view"]


def test_a_run_observes_what_transformed_vectors_take_and_how_fast_they_are_made() -> None:
    head, plain, short = ran("-e", "hashing", "-t", "none", "-t", "truncate,k=32", "-b", "mini").stdout.splitlines()[1:4]
    assert head.split("  ")[-3:] == ["bytes a vector", "texts a second", "pareto"]
    costs = [line.removesuffix("best").split() for line in (plain, short)]
    assert [line[-2] for line in costs] == ["2,048", "128"]
    assert all(int(line[-1].replace(",", "")) > 0 for line in costs)


def test_a_system_that_no_other_beats_in_figure_and_costs_is_marked_and_the_mark_is_explained() -> None:
    said = ran("-e", "hashing", "-s", "cosine", "-s", "euclidean", "-s", "dot", "-b", "csv:canary.csv").stdout
    head, *rows = said.splitlines()[1:5]
    assert head.split()[-1] == "pareto"
    figures = {row.split()[1]: float(row.split()[2]) for row in rows}
    marked = {row.split()[1] for row in rows if row.endswith("best")}
    assert marked == {name for name, value in figures.items() if value == max(figures.values())}  # they cost the same
    assert "Pareto-best: no other of these systems" in said
    assert "pareto" not in ran("-e", "hashing", "-b", "csv:canary.csv").stdout  # of one there is nothing to say


@pytest.mark.parametrize(
    ("scores", "said"),
    [(["3"] * 4, "constant gold; people gave every pair the same score, so check score="), (["2"], "one pair only; a corr")],
)
def test_a_figure_that_is_undefined_comes_with_a_next_step(scores: list[str], said: str) -> None:
    Path("flat.csv").write_text("\n".join(["sentence1,sentence2,score", *(f"a {row},b {row},{score}" for row, score in enumerate(scores))]))
    assert f"undefined (sentence): {said}" in ran("-e", "hashing", "-b", "csv:flat.csv").stdout
