"""`stsbench audit encoder` and `stsbench matrix` as a user runs them."""

from __future__ import annotations

import csv
import io
import json
import re
from collections.abc import Callable
from pathlib import Path
from subprocess import CompletedProcess

import numpy as np
import pytest

from stsbench.api.audit import AFTER, SIMILARITIES, TRANSFORMS, audit_encoder
from stsbench.api.evaluate import evaluate
from stsbench.api.session import Session
from stsbench.contracts.events import Encoding
from stsbench.errors import UsageError

Command = Callable[..., CompletedProcess[str]]
ROOT = Path(__file__).parents[2]


def test_an_audit_gives_the_figures_of_a_run(tmp_path: Path, stsbench: Command) -> None:
    done = stsbench(
        "audit", "encoder", "wordllama", "-b", "mini", "--resamples", "499", "--report", "report.md", "--json", "-q", cwd=tmp_path
    )
    assert done.returncode == 0, done.stderr
    assert done.stderr == ""
    (one,) = json.loads(done.stdout)["audits"]
    chains = [f"{name},fit=self" for name in TRANSFORMS]
    run = evaluate("wordllama", SIMILARITIES, "mini").cells() + evaluate("wordllama", AFTER, "mini", transforms=chains).cells()
    assert [measure["spearman"] for measure in one["measures"]] == pytest.approx([cell["spearman"] for cell in run], abs=1e-9)
    assert {measure["similarity"] for measure in one["measures"] if measure["transform"] == "none"} == set(SIMILARITIES)
    assert all(measure["flags"] == ["transductive"] for measure in one["measures"] if measure["transform"] != "none")
    assert one["n"] == run[0]["n"]
    assert {family["name"] for family in one["families"]} >= {"coordinate", "principal", "worst case"}
    for stable in one["fragility"]["stability"]:
        if stable["scale"] <= 0.25:
            assert stable["predicted"] == pytest.approx(stable["simulated"], abs=0.02)
    report = (tmp_path / "report.md").read_text()
    assert "Made by `stsbench audit encoder wordllama -b mini --fit self --resamples 499`" in report
    assert all(sentence in report.replace("\\", "") for sentence in one["verdict"])


def test_an_audit_names_the_command_that_makes_it_again() -> None:
    (plain,) = audit_encoder("hashing,dim=64", Session.opened(), limit=20, resamples=9999)
    assert plain.command == "stsbench audit encoder hashing,dim=64 -b mini --fit self --limit 20"
    (one,) = audit_encoder("hashing,dim=64", Session.opened(), limit=20, identified="GL(d)", resamples=99, seed=3)
    assert one.command == f"{plain.command} --identified-up-to 'GL(d)' --resamples 99 --seed 3"


def test_an_audit_in_words(stsbench: Command) -> None:
    done = stsbench("audit", "encoder", "hashing,dim=64", "-b", "mini", "--limit", "60", "--resamples", "99", "-q")
    assert done.returncode == 0, done.stderr
    for title in ("Shape of the space", "Cosine with itself", "Spearman x 100 of cosine over families", "Similarities and transforms"):
        assert title in done.stdout
    assert re.search(r"^- Two different texts of these data have a mean cosine of", done.stdout, re.M)


def test_vectors_of_an_audit_come_from_the_store_and_views_are_audited_one_by_one(tmp_path: Path) -> None:
    corpus = tmp_path / "sentences.txt"
    corpus.write_text(
        "".join(f"a {one} man plays {other}\n" for one in ("tall", "young", "old") for other in ("guitar", "chess", "a", "with dogs"))
    )
    events: list[object] = []
    ref = f"linear:{corpus},min_df=1,k=4,penalty=1,view=embedding+back"
    found = audit_encoder(ref, Session.opened(listen=events.append), ["mini"], resamples=99)
    assert [(one.view, one.identified) for one in found] == [("embedding", "GL(d)"), ("back", "O(d)")]
    standings = [{family.name: family.standing for family in one.families} for one in found]
    assert [one["coordinate"] for one in standings] == ["admissible", "sensitivity"]
    again: list[object] = []
    assert audit_encoder(ref, Session.opened(listen=again.append), ["mini"], resamples=99) == found
    assert [getattr(event, "total", None) for event in again if hasattr(event, "stored")] == [0]
    assert next(event.total for event in events if isinstance(event, Encoding)) > 0


@pytest.mark.parametrize(
    ("arguments", "message"),
    [
        (["audit", "encoder", "token-jaccard"], "scores pairs and gives no vectors"),
        (["audit", "encoder", "hashing", "--identified-up-to", "me"], "a space is identified up to O(d), diag, GL(d), unknown, not 'me'"),
        (
            ["audit", "encoder", "hashing", "--resamples", "0"],
            "the number of resamples is at least 1 and at most 1,000,000 (9999 is usual), not 0",
        ),
        (["audit", "encoder", "hashing", "--resamples", "38"], "38 resamples make no interval of 95 %; take at least 39"),
        (["audit", "encoder", "hashing", "--plot", "plot.pdf"], "'plot.pdf' is neither"),
        (["audit", "encoder", "hashing", "--report", "nowhere/report.md"], "there is no folder nowhere to write report.md in"),
        (["audit", "encoder", "hashing", "--seed", "-1"], "a seed is a whole number from 0, not -1"),
        (["matrix", "-e", "hashing", "a", "--plot", "nowhere/map.svg"], "there is no folder nowhere to write map.svg in"),
        (["matrix", "-e", "hashing", "a", "--csv", "--json"], "choose one of --csv and --json"),
        (["matrix", "-e", "hashing"], "there is no text; give one a line"),
        (["matrix", "-e", "hashing", "a", "-f", "b"], "not both"),
        (["matrix", "-e", "hashing", "a cat", "texts.txt"], "'texts.txt' is a file that is there, and an argument is a text"),
        (["matrix", "-e", "hashing", "a" * 300, "a\udcff", "./texts.txt"], "'./texts.txt' is a file"),
    ],
)
def test_what_is_refused(arguments: list[str], message: str, tmp_path: Path, stsbench: Command) -> None:
    (tmp_path / "texts.txt").write_text("a dog\n")
    done = stsbench(*arguments, "-q", cwd=tmp_path)
    assert done.returncode == 2, done.stderr
    assert message in done.stderr


def test_matrix_in_every_form(tmp_path: Path, stsbench: Command) -> None:
    texts = ["a man plays guitar", "a man plays the guitar", "stocks, fell"]
    done = stsbench("matrix", "-e", "wordllama", "-s", "euclidean", *texts, "--json", "-q")
    found = json.loads(done.stdout)
    scores = np.array(found["scores"])
    assert found["texts"] == texts
    assert found["system"] == "wordllama · euclidean"
    assert np.diag(scores).tolist() == [0.0] * 3
    np.testing.assert_array_equal(scores, scores.T)
    assert scores[0, 1] > scores[0, 2]
    (tmp_path / "texts.txt").write_text("\n".join(texts) + "\n\n")
    for extra, given in ((["-f", "texts.txt"], ""), ([], "\n".join(texts))):
        done = stsbench("matrix", "-e", "wordllama", "-s", "euclidean", "--csv", "-q", *extra, given=given, cwd=tmp_path)
        header, *rows = csv.reader(io.StringIO(done.stdout))
        assert header == ["", *texts]
        assert [[float(cell) for cell in row[1:]] for row in rows] == scores.tolist()
    shown = stsbench("matrix", "-e", "wordllama", "-q", *texts).stdout
    assert "stocks, fell" in shown
    assert "1.0000" in shown


def test_lines_of_a_matrix_end_with_the_line(stsbench: Command) -> None:
    done = stsbench("matrix", "-e", "hashing", "--json", "-q", given="a cat\u2028sat\r\na dog\n")
    assert json.loads(done.stdout)["texts"] == ["a cat\u2028sat", "a dog"]


def test_matrix_of_any_system_scores_as_pairs_do(tmp_path: Path) -> None:
    from stsbench.api.matrix import similarity_matrix

    texts = ["a man plays guitar", "two dogs run", "a dog runs", "the man sleeps", "a girl sings a song"]
    asymmetric = similarity_matrix(texts, "wordllama", Session.opened(), similarity="bertscore-recall").scores
    assert not np.array_equal(asymmetric, asymmetric.T)
    jaccard = similarity_matrix(texts, "token-jaccard", Session.opened())
    assert jaccard.system == "token-jaccard"
    assert jaccard.scores[1, 2] == pytest.approx(0.0)
    assert jaccard.scores[0, 3] == pytest.approx(1 / 6)
    whitened = similarity_matrix(texts, "hashing,dim=64", Session.opened(), transform="centre//normalise", similarity="cosine")
    assert whitened.system.startswith("hashing,dim=64 · centre")
    assert np.diag(whitened.scores).tolist() == pytest.approx([1.0] * 5)
    with pytest.raises(UsageError, match="a matrix takes 1 to 1,000 texts, not 0"):
        similarity_matrix([], "hashing", Session.opened())
    corpus = tmp_path / "sentences.txt"
    corpus.write_text("a man\na dog\na man sings\n")
    with pytest.raises(UsageError, match="a matrix is of one view"):
        similarity_matrix(texts, f"linear:{corpus},min_df=1,k=2,view=embedding+back", Session.opened())


def test_plots_are_drawn(tmp_path: Path, stsbench: Command) -> None:
    pytest.importorskip("vl_convert", reason="the extra html is not installed")
    audited = stsbench("audit", "encoder", "wordllama", "--limit", "60", "--resamples", "99", "--plot", "audit.svg", "-q", cwd=tmp_path)
    assert audited.returncode == 0, audited.stderr
    drawn = (tmp_path / "audit.svg").read_text()
    assert drawn.startswith("<svg")
    for words in ("wordllama · sentence", "predicted", "worst case (sensitivity)", "spearman-dims"):
        assert words in drawn
    mapped = stsbench("matrix", "-e", "wordllama", "a <b>cat</b>", "a dog", "--plot", "map.svg", "-q", cwd=tmp_path)
    assert mapped.returncode == 0, mapped.stderr
    assert "<b>" not in (tmp_path / "map.svg").read_text()
    assert stsbench("matrix", "-e", "wordllama", "a", "b", "--plot", "map.png", "-q", cwd=tmp_path).returncode == 0
    assert (tmp_path / "map.png").read_bytes().startswith(b"\x89PNG")


def test_the_committed_report_is_reproduced(tmp_path: Path, mirror: Path, stsbench: Command) -> None:
    committed = (ROOT / "docs" / "audits" / "wordllama.md").read_text()
    command = re.search(r"Made by `stsbench (.*?)`", committed)
    assert command is not None
    done = stsbench(*command[1].split(), "--mirror", str(mirror), "--report", "report.md", "-q", cwd=tmp_path)
    assert done.returncode == 0, done.stderr
    number = r"[-+]?\d+\.\d+"
    anew = (tmp_path / "report.md").read_text()
    assert re.sub(number, "#", anew) == re.sub(number, "#", committed)
    found, expected = ([float(one) for one in re.findall(number, text)] for text in (anew, committed))
    assert found == pytest.approx(expected, abs=0.011)


@pytest.mark.parametrize("name", ["wordllama", "minilm-mean", "minilm-cls"])
def test_predictions_of_the_committed_reports_agree_with_their_simulations(name: str) -> None:
    text = (ROOT / "docs" / "audits" / f"{name}.md").read_text()
    rows = re.findall(r"^\| (0\.1|0\.25) \| ([\d.]+) \| ([\d.]+) \|$", text, re.M)
    assert [scale for scale, _, _ in rows] == ["0.1", "0.25"]
    for _, predicted, simulated in rows:
        assert float(predicted) == pytest.approx(float(simulated), abs=0.02)
