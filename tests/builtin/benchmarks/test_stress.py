"""`stress`: what it holds, that it is the same everywhere, and the road from `run` to `compare`."""

from __future__ import annotations

import json
import re
from collections.abc import Callable
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from typer.testing import CliRunner

from stsbench.api.boards import check_board, run_board
from stsbench.api.session import Session
from stsbench.api.verifying import verify_board
from stsbench.builtin.benchmarks.stress import NUMBER, PHENOMENA, Stress, draw
from stsbench.cli.app import app
from stsbench.contracts.items import Item
from stsbench.errors import OptionError
from stsbench.evidence.folder import BoardFolder

DIGESTS = {
    "negation": "4c0913ef95b47191",
    "numbers": "8b055d585474fc46",
    "roles": "b9620254d38ed6ee",
    "quantifiers": "92cb5bf8380d702f",
    "antonyms": "df62425109ee3bdd",
    "modality": "9ee2a61ffd838cf5",
}  # of what is drawn with seed 0: a change of a word list changes the benchmark, and with it every figure of it


@pytest.mark.parametrize("phenomenon", PHENOMENA)
def test_each_phenomenon_has_its_triplets_of_three_sentences_each_once(phenomenon: str) -> None:
    triplets = draw(phenomenon, NUMBER, 0)
    rows = list(zip(triplets.anchor, triplets.positive, triplets.negative, strict=True))
    assert len(rows) == NUMBER == len(set(rows)) == 300
    for row in rows:
        assert len(set(row)) == 3
        assert all(re.fullmatch(r"[A-Z0-9](?!.*(  |\.\.))[\w ,:.]*\.", str(text)) for text in row), row
    assert triplets.digest[:16] == DIGESTS[phenomenon]
    assert draw(phenomenon, NUMBER, 1).digest != triplets.digest
    assert draw(phenomenon, 10, 0).anchor == triplets.anchor[:10]


@pytest.mark.parametrize("phenomenon", PHENOMENA)
def test_no_triplet_contradicts_another(phenomenon: str) -> None:
    """What a sentence means in one triplet it does not deny in another: no pair is both a paraphrase and a contrast."""
    triplets = draw(phenomenon, 10**6, 0)
    alike = {frozenset(pair) for pair in zip(triplets.anchor, triplets.positive, strict=True)}
    unlike = {frozenset(pair) for pair in zip(triplets.anchor, triplets.negative, strict=True)}
    assert not alike & unlike


def test_words_alone_are_below_chance() -> None:
    """A contrast shares more words with its sentence than the paraphrase does, all in all, so that overlap cannot be right by chance."""
    for phenomenon in PHENOMENA:
        triplets = draw(phenomenon, NUMBER, 0)
        near, far = (
            [_overlap(a, b) for a, b in zip(triplets.anchor, others, strict=True)] for others in (triplets.positive, triplets.negative)
        )
        assert np.mean(near) <= np.mean(far) + 1e-9, phenomenon


def _overlap(first: Item, second: Item) -> float:
    left, right = (set(re.findall(r"\w+", str(text).lower())) for text in (first, second))
    return len(left & right) / len(left | right)


def test_options_choose_and_refuse() -> None:
    assert [part.subset for part in Stress(subset=("roles",), number=7).load()] == ["roles"]
    assert Stress(number=7).card.name == "stress-7-0"
    assert Stress(seed=3).load()[0].pairs.digest != Stress().load()[0].pairs.digest
    with pytest.raises(OptionError, match="did you mean 'negation'"):
        Stress(subset=("negatoin",))
    with pytest.raises(OptionError, match="at least 1"):
        Stress(number=0)


def invoke(*words: str) -> Any:
    result = CliRunner().invoke(app, [*words, "--json"])
    assert result.exit_code == 0, result.stderr
    return json.loads(result.stdout)


def test_run_and_compare_tell_the_share_of_each_phenomenon_with_an_interval(tmp_path: Path) -> None:
    cells = invoke("run", "-e", "hashing", "-s", "cosine", "-b", "stress")["cells"]
    shares = {cell["subset"]: cell["triplet_accuracy"] for cell in cells}
    assert set(shares) == {*PHENOMENA, "*"}
    assert shares["*"] == pytest.approx(np.mean([share for subset, share in shares.items() if subset != "*"]), abs=1e-6)
    assert all(cell["spearman"] is None for cell in cells)
    said = CliRunner().invoke(app, ["run", "-e", "hashing", "-s", "cosine", "-b", "stress,number=20"]).stdout
    assert "accuracy over triplets, of which there are 120; chance is 50" in said
    compared = invoke("compare", "hashing", "hashing,ngram=2", "-b", "stress")
    groups = {group["group"]: group for group in compared["groups"]}
    assert set(groups) == set(PHENOMENA)
    assert groups["antonyms"]["first_value"] == pytest.approx(shares["antonyms"], abs=1e-6)


def test_a_board_of_triplets_is_run_written_checked_and_verified(tmp_path: Path, write_board: Callable[..., Path]) -> None:
    more = {"benchmarks": ["stress,number=40"], "writers": ["markdown", "csv", "json", "html"], "title": "Blind spots"}
    write_board(tmp_path, "hashing", {"encoder": "hashing,ngram=2", "similarities": ["cosine", "dot"]}, **more)
    folder, session = BoardFolder(tmp_path), Session.opened(cache=False)
    _, built = run_board(folder, session)
    first, second = (row for row in built.rows if row.low is not None)
    assert built.main.name == "triplet_accuracy"
    assert first.low is not None
    assert first.high is not None
    assert first.average is not None
    assert second.average is not None
    assert first.low < first.average < first.high
    assert second.average <= first.average
    page, readme = ((tmp_path / name).read_text(encoding="utf-8") for name in ("index.html", "README.md"))
    assert "Accuracy over triplets \u00d7 100" in page
    assert "Accuracy over triplets x 100, higher is better" in readme
    assert "human judgement" not in readme
    assert check_board(BoardFolder(tmp_path), session) == []
    for sample in (1, 7, 30):
        found = verify_board(BoardFolder(tmp_path), session, sample=sample, seed=0)
        assert (found.findings, found.cells, found.unscored, found.pairs) == ((), 12, 6, 12 * 2 * -(-sample // 2))


@pytest.mark.parametrize("resample", ["pairs", "clusters", "sentences"])
def test_triplets_are_compared_whatever_is_drawn(resample: str) -> None:
    found = invoke("compare", "hashing", "hashing,ngram=2", "-b", "stress", "--resample", resample, "--resamples", "99")
    first, _ = found["standings"]
    assert first["low"] < first["value"] < first["high"]


def test_triplets_of_a_file_are_parts_by_group(tmp_path: Path) -> None:
    file = tmp_path / "own.csv"
    file.write_text("a,p,n,kind\na cat,a cat,a dog,x\nred hat,red hat,blue hat,x\nhe ran,it flew,he ran,y\nwe won,we won,we lost,y\n")
    cells = invoke("run", "-e", "hashing", "-s", "cosine", "-b", f"csv:{file},left=a,right=p,negative=n,group=kind,by=group")["cells"]
    assert [(cell["n"], cell["triplet_accuracy"]) for cell in cells] == [(4, 1.0), (4, 0.5), (8, 0.75)]


def test_a_limit_takes_whole_triplets() -> None:
    cells = invoke("run", "-e", "hashing", "-s", "cosine", "-b", "stress", "--limit", "10")["cells"]
    assert {cell["subset"]: cell["n"] for cell in cells} == dict.fromkeys(PHENOMENA, 20) | {"*": 120}
