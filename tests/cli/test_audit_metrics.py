"""`stsbench audit metrics`, and binary benchmarks in the table of `stsbench run`, as a user runs them."""

from __future__ import annotations

import json
from pathlib import Path

import pytest
from typer.testing import CliRunner, Result

from stsbench.cli.app import app

TWITTER = "mteb/twittersemeval2015-pairclassification"
CANARY = "canary-7193"


def stsbench(*arguments: str) -> Result:
    return CliRunner().invoke(app, [*arguments])


@pytest.fixture
def twitter(tmp_path: Path) -> Path:
    rows = [
        {"sent1": f"the cat number {n} runs", "sent2": f"a {'cat' if n % 3 else 'stone'} {n} runs", "labels": int(n % 3 > 0)}
        for n in range(30)
    ]
    path = tmp_path / TWITTER / "test.jsonl"
    path.parent.mkdir(parents=True)
    path.write_text("\n".join(map(json.dumps, rows)))
    return tmp_path


def test_every_figure_is_in_the_document_and_most_in_the_table() -> None:
    arguments = ("audit", "metrics", "-e", "hashing", "-s", "cosine", "-s", "euclidean", "--quiet")
    table = stsbench(*arguments)
    assert table.exit_code == 0
    assert "Thresholds of F1 and accuracy were chosen on the same pairs." in table.stdout
    assert "scores leave [-1, 1]" in table.stdout
    first, second = json.loads(stsbench(*arguments, "--json").stdout)["systems"]
    assert (first["similarity"], second["similarity"]) == ("cosine", "euclidean")
    figures = first["figures"]
    assert f"{100 * figures['ranking']['mrr']:.2f}" in table.stdout
    assert f"{figures['cosine_loss']:.4f}" in table.stdout
    assert second["figures"]["cosine_loss"] is None
    assert len(figures["detection"]["curve"]["true_positive"]) > 10


def test_binary_benchmarks_are_named_for_their_figure(twitter: Path) -> None:
    own = ("-e", "hashing", "--mirror", str(twitter), "--quiet", "--no-cache")
    alone = stsbench("run", *own, "-b", "TwitterSemEval2015")
    assert "average precision x 100" in alone.stdout
    assert "Spearman" not in alone.stdout
    assert "66.67 % of the pairs are positive" in alone.stdout.replace("\n", " ")
    both = stsbench("run", *own, "-b", "TwitterSemEval2015", "-b", "mini")
    assert "Spearman or average precision x 100" in both.stdout
    assert "average " not in both.stdout.splitlines()[1]  # no column of averages over both kinds
    (cell,) = json.loads(stsbench("audit", "metrics", *own, "-b", "TwitterSemEval2015", "--json").stdout)["systems"]
    (row,) = json.loads(stsbench("run", *own, "-b", "TwitterSemEval2015", "--json").stdout)["cells"]
    assert cell["figures"]["detection"]["average_precision"] == pytest.approx(row["average_precision"])


def test_nothing_of_a_private_benchmark_is_said(tmp_path: Path) -> None:
    rows = ["left,right,score,group", *(f"{CANARY} {n},{CANARY} {n % 4} b,{n % 2},{CANARY}-{n % 3}" for n in range(20))]
    (tmp_path / "own.csv").write_text("\n".join(rows))
    for more in ((), ("--json",)):
        done = stsbench("audit", "metrics", "-e", "hashing", "-b", f"csv:{tmp_path / 'own.csv'},group=group", "--no-cache", *more)
        assert done.exit_code == 0
        assert CANARY not in done.output
        assert str(tmp_path) not in done.output


def test_curves_are_drawn(tmp_path: Path) -> None:
    done = stsbench("audit", "metrics", "-e", "hashing", "--quiet", "--plot", str(tmp_path / "roc.svg"))
    assert done.exit_code == 0, done.stderr
    drawn = (tmp_path / "roc.svg").read_text()
    assert drawn.startswith("<svg")
    assert "hashing · sentence · cosine on mini (test)" in drawn


def test_labelled_texts_are_pairs_of_a_text_with_itself(tmp_path: Path) -> None:
    texts = [f"{animal} {verb}" for animal in ("the old cat", "a young dog") for verb in ("sleeps", "sleeps here", "eats", "eats here")]
    rows = [f"{text},{place // 4},{'cats' if place < 4 else 'dogs'}" for place, text in enumerate(texts)]
    (tmp_path / "texts.csv").write_text("\n".join(["text,number,label", *rows]))
    reference = f"csv:{tmp_path / 'texts.csv'},left=text,right=text,score=number,group=label"
    (found,) = json.loads(stsbench("audit", "metrics", "-e", "hashing", "-b", reference, "--no-cache", "--json").stdout)["systems"]
    assert found["figures"]["neighbours"] == {"n": 8, "labels": 2, "accuracy": 1.0, "commonest": 0.5, "items": "texts"}
    assert found["figures"]["reasons"]["ranking"] == "no positive pair has two different texts"


@pytest.mark.parametrize(
    ("arguments", "code", "message"),
    [
        (("--positive", "0"), 2, "shares of the gold scale"),
        (("--threshold-on", "sts-english"), 2, "choose thresholds on one benchmark"),
        (("-b", "mnii"), 2, "did you mean"),
        (("--plot", "roc.pdf"), 2, "neither"),
    ],
)
def test_what_cannot_be_asked_is_one_sentence(arguments: tuple[str, ...], code: int, message: str) -> None:
    done = stsbench("audit", "metrics", "-e", "hashing", "--quiet", *arguments)
    assert (done.exit_code, done.stdout) == (code, "")
    assert message in done.stderr
    assert done.stderr.startswith("error: ")


def test_the_pairs_that_figures_rest_on(mirror: Path) -> None:
    arguments = ("-e", "hashing", "-b", "STSBenchmark", "--threshold-on", "STSBenchmark:validation", "--mirror", str(mirror), "--json")
    (found,) = json.loads(stsbench("audit", "metrics", *arguments, "--quiet").stdout)["systems"]
    figures = found["figures"]
    assert (figures["n"], figures["positives"], figures["triplets"]["n"]) == (1379, 338, 293)
    assert figures["ranking"]["candidates"] == 2551
    assert figures["neighbours"]["labels"] == 3
    assert figures["detection"]["chosen_on"] == "STSBenchmark:validation"
