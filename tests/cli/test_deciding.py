"""`stsbench report`: one page from kept results."""

from __future__ import annotations

import json
import re
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
from typer.testing import CliRunner

from stsbench.api.compare import compare
from stsbench.api.compare.methods import Setting
from stsbench.api.evaluate import evaluate
from stsbench.api.session import Session
from stsbench.builtin.page import renderer
from stsbench.cli.app import app
from stsbench.contracts.figures import percent

CANARY = "heliotrope canary"


@pytest.fixture(scope="module")
def kept(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Results on own data with groups and two raters, on mini and on stress."""
    folder = tmp_path_factory.mktemp("kept")
    words = ["one", "two", "three", "four", "five", "six", "seven", "eight", "nine", "ten", "eleven", "twelve"]
    rows = [
        f"{CANARY} {' '.join(words[:6])} a{row},{' '.join(words[row % 7 : row % 7 + 6])} b{row},{6 - row % 7},{6 - row % 5},secret{'ab'[row % 2]}"
        for row in range(60)
    ]
    (folder / "own.csv").write_text("\n".join(["sentence1,sentence2,ann_1,ann_2,kind", *rows]))
    for benchmark in (f"csv:{folder}/own.csv,score=ann_1+ann_2,group=kind", "mini", "stress,number=40"):
        evaluate(["hashing", "hashing,dim=16", "hashing,dim=4"], "cosine", benchmark, results=folder / "results", cache=False)
    return folder


def written(kept: Path, *words: str) -> str:
    done = CliRunner().invoke(app, ["report", str(kept / "results"), "--resamples", "199", "-q", *words], env={"COLUMNS": "400"})
    assert done.exit_code == 0, done.output
    page = kept / "results" / "report.html"
    assert str(page) in done.stdout.replace("\n", "")
    return re.sub(r"\s+", " ", re.sub(r"<style>.*?</style>|<[^>]+>", " ", page.read_text(), flags=re.DOTALL))


def test_it_says_what_compare_says(kept: Path) -> None:
    text = written(kept, "-b", "mini", "--margin", "2")
    known = compare((), kept / "results", Session.opened(cache=False), Setting(resamples=199, margin=2), benchmarks=["mini"])
    assert known.sentence() in text.replace("&lt;", "<")
    assert known.judgement() in text
    for one in known.standings:
        assert f"{one.system} {percent(one.value)} {percent(one.low)} to {percent(one.high)}" in text
    for heading in ("What was asked", "at what cost", "Where they fail", "What would change the decision", "How far people agree"):
        assert heading in text
    assert ("more such pairs would be enough" in text) == bool(known.outlook and not known.outlook.enough)
    assert "differences below 2 points" in text
    words = ["report", str(kept / "results"), "--resamples", "199", "-q", "-b", "mini", "--margin", "2", "--json"]
    told = json.loads(CliRunner().invoke(app, words).stdout)
    assert told["written"] == str(kept / "results" / "report.html")
    assert (told["answer"], told["sentences"][0]) == (known.sentence(), known.judgement())


def test_no_text_group_or_path_of_private_data_is_in_it_unless_asked_for(kept: Path) -> None:
    own = f"csv:{kept}/own.csv,score=ann_1+ann_2,group=kind"
    text = written(kept, "-b", own)
    assert not re.search(f"canary|secret|{re.escape(str(kept))}", text)
    assert "groups of private-" in text
    assert "are private and not shown; --show-private puts them here" in text
    assert re.search(r"2 raters, 2 a pair; Krippendorff(?:'|&#39;)s alpha -?\d\.\d\d", text)
    shown = written(kept, "-b", own, "--show-private", "--pairs", "3")
    assert shown.count(CANARY) == 3
    assert "secreta" in shown
    assert "These are texts of the data" in shown


def test_shares_of_triplets_have_wilsons_interval(kept: Path) -> None:
    from scipy.stats import binomtest

    text = written(kept, "-b", "stress-40-0")
    assert "Half of all triplets is what chance would give." in text
    shares = re.findall(r"(negation|roles) (\d+\.\d\d) (\d+\.\d\d)–(\d+\.\d\d)", text)
    assert len(shares) == 6  # of three systems
    for _, share, low, high in shares:
        right = float(share) / 100 * 40
        if right == int(right):  # without ties
            limits = binomtest(int(right), 40).proportion_ci(method="wilson")
            assert (float(low), float(high)) == pytest.approx((100 * limits.low, 100 * limits.high), abs=0.006)


def test_a_file_that_is_no_page_is_not_written_over(kept: Path) -> None:
    own = kept / "own.csv"
    before = own.read_bytes()
    done = CliRunner().invoke(app, ["report", str(kept / "results"), "-b", "mini", "-o", str(own)])
    assert done.exit_code == 2
    assert own.read_bytes() == before


@pytest.mark.parametrize(
    ("words", "said"), [(["absent"], "there are no results"), (["absent", "-o", "nowhere/page.html"], "there is no folder")]
)
def test_what_cannot_be_reported_is_said(words: list[str], said: str, tmp_path: Path, monkeypatch: Any) -> None:
    monkeypatch.chdir(tmp_path)
    (tmp_path / "absent").mkdir()
    done = CliRunner().invoke(app, ["report", *words])
    assert done.exit_code == 2
    assert said in " ".join(done.stderr.split())


def test_the_extra_that_it_takes_is_asked_for_before_anything_is_read(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(renderer, "find_spec", lambda name: None)
    done = CliRunner().invoke(app, ["report", str(tmp_path)])  # where there are no results
    assert (done.exit_code, "run: pip install 'stsbench[html]'" in done.stderr) == (2, True)


def test_a_board_of_triplets_shows_where_its_systems_fail(tmp_path: Path, write_board: Callable[..., Path]) -> None:
    write_board(tmp_path, "hashing", "hashing,dim=16", writers=["html"], benchmarks=["stress,number=40,subset=negation+roles"])
    assert CliRunner().invoke(app, ["run", "--board", str(tmp_path), "-q", "--no-cache"]).exit_code == 0
    page = (tmp_path / "index.html").read_text()
    assert "with its 95 % interval (Wilson); half of them is chance" in page
    part = page[page.index('id="shares"') :]
    assert re.findall(r'<span class="name" title="(\w+)">', part[: part.index("</section>")]) == ["negation", "roles"] * 2
    assert '<a href="#shares">Where they fail</a>' in page
    done = CliRunner().invoke(app, ["report", str(tmp_path), "--resamples", "199", "-q"])
    assert "is right more often than" in done.stdout or "cannot be told apart" in done.stdout
    assert "(80 triplets)" in done.stdout


def test_a_board_that_was_run_in_part_is_reported_where_all_have_figures(tmp_path: Path, write_board: Callable[..., Path]) -> None:
    board = write_board(tmp_path / "board", "hashing", "hashing,dim=16", benchmarks=["mini", "unseen,of=mini,by=stress"])
    done = CliRunner().invoke(app, ["report", str(board), "-q"])
    assert (done.exit_code, f"there are no results in {board}; run systems with --results" in done.stderr) == (2, True)
    evaluate(["hashing", "hashing,dim=16"], "cosine", "mini", results=board, cache=False)
    evaluate("hashing", "cosine", "unseen,of=mini,by=stress", results=board, cache=False)
    done = CliRunner().invoke(app, ["report", str(board), "-q"])
    assert done.exit_code == 2
    assert done.stderr == (
        "error: hashing,dim=16 · cosine was not scored on mini (without stress), hashing · cosine was under plain; run both there, or "
        "choose with -b\n"
    )
    assert not (board / "report.html").exists()
    done = CliRunner().invoke(app, ["report", str(board), "-q", "--resamples", "199", "-b", "mini"], env={"COLUMNS": "400"})
    assert (done.exit_code, "On mini (280 pairs), hashing · cosine" in done.stdout) == (0, True)
    assert (board / "report.html").is_file()
