"""`stsbench choose`: what is no choice is refused in a sentence, what comes later joins, and what is said fits on a terminal."""

from __future__ import annotations

import csv
import json
import tomllib
from collections.abc import Callable
from pathlib import Path
from subprocess import CompletedProcess

import numpy as np
import pandas as pd
import pytest

from stsbench.choosing.decision import draw
from stsbench.choosing.folder import JobFolder

Command = Callable[..., CompletedProcess[str]]
WORDS = ["red", "bike", "parcel", "late", "invoice", "card", "lost", "zip", "broken", "jacket", "warm", "shop"]
CANDIDATES = ("-e", "hashing", "-e", "hashing,dim=8")


@pytest.fixture
def run(stsbench: Command, tmp_path: Path) -> Callable[..., str]:
    rows = [
        [f"the {WORDS[row % 12]} is {WORDS[row * 5 % 11]} {row % 7}", f"the {WORDS[row * 7 % 12]} is {WORDS[row * 5 % 11]}"]
        for row in range(40)
    ]
    with (tmp_path / "pairs.csv").open("w", newline="") as stream:
        csv.writer(stream).writerows([["left", "right"], *rows])

    def run(*arguments: str, code: int = 0, **environment: str) -> str:
        done = stsbench("choose", *arguments, cwd=tmp_path, **environment)
        assert done.returncode == code, done.stdout + done.stderr
        return done.stdout if code == 0 else done.stderr

    return run


def answered(folder: Path, *raters: str, skip: int = 0) -> list[str]:
    """Sheets of the last round, filled in by these people, by the words that texts share."""
    sheet = max((folder / "job" / "pages").glob("*.csv"))
    with sheet.open(encoding="utf-8-sig", newline="") as stream:
        header, *rows = csv.reader(stream)
    names = []
    for number, rater in enumerate(raters):
        for place, row in enumerate(rows):
            left, right = (set(text.split()) for text in row[1:3])
            row[3] = "" if place < skip else str(min(5, round(5 * len(left & right) / len(left | right)) + (place + number) % 2))
        with (folder / f"{sheet.stem}-{rater}.csv").open("w", newline="", encoding="utf-8") as stream:
            csv.writer(stream).writerows([header, *rows])
        names.append(f"{sheet.stem}-{rater}.csv")
    return names


@pytest.mark.parametrize(
    ("arguments", "says"),
    [
        (["--pairs", "pairs.csv"], "name what to choose from with -e"),
        (["-e", "hashing", "--pairs", "pairs.csv"], "one candidate is no choice; name others with -e, or other similarities with -s"),
        (["-e", "hashing", "-s", "cosine", "-s", "angular", "--pairs", "pairs.csv"], "all candidates rank the pairs alike"),
        ([*CANDIDATES, "--pairs", "gone.csv"], "--pairs names gone.csv, and there is no such file; check where it lies"),
        ([*CANDIDATES, "--pairs", "gone.csv.gz"], "--pairs names gone.csv.gz, and there is no such file; check where it lies"),
        ([*CANDIDATES], "a job begins with what is to be rated; give --pairs or --texts"),
        ([*CANDIDATES, "--pairs", "pairs.csv", "--texts", "pairs.csv"], "give pairs with --pairs or texts with --texts, not both"),
        ([*CANDIDATES, "--pairs", "few.csv"], "2 pairs are too few to choose from; give 20 at least"),
        ([*CANDIDATES, "--pairs", "zero.jsonl"], "1 text of the pairs with a zero character, which no sheet can hold; take it out"),
        ([*CANDIDATES, "--pairs", "pairs.txt"], "--pairs names a file of no known ending; say what it is, as in csv:NAME"),
        ([*CANDIDATES, "--pairs", "mini"], "pairs without scores are those of a file, as in csv:pairs.csv, and mini is none"),
    ],
)
def test_what_is_no_choice_is_refused_and_nothing_is_written(
    run: Callable[..., str], tmp_path: Path, arguments: list[str], says: str
) -> None:
    (tmp_path / "few.csv").write_text("left,right\na,b\nc,d\n")
    (tmp_path / "pairs.txt").write_text("a\n")
    (tmp_path / "zero.jsonl").write_text('{"left": "a\\u0000", "right": "b"}\n' + '{"left": "a", "right": "b"}\n' * 30)
    said = run("start", "job", *arguments, code=2)
    assert says in said
    assert ("encoding" in said) == says.startswith("all candidates")  # which is known of scores alone
    assert not (tmp_path / "job" / "job.json").exists()


def test_why_a_candidate_cannot_score_the_pairs_is_told_once(run: Callable[..., str], tmp_path: Path) -> None:
    pd.DataFrame({"text": ["one"], "vector": [[1.0, 2.0]]}).to_parquet(tmp_path / "few.parquet")
    said = run("start", "job", "-e", "hashing", "-e", "vectors:./few.parquet", "--pairs", "pairs.csv", code=3).splitlines()
    (reason,) = (line for line in said if " has no vector for " in line)
    assert said[-1] == reason
    assert reason.startswith("error: ")


@pytest.mark.parametrize("pairs", ["broken.csv", "csv:broken.csv,left=a,right=b"])
def test_the_owner_is_told_of_a_file_by_its_name(run: Callable[..., str], tmp_path: Path, pairs: str) -> None:
    (tmp_path / "broken.csv").write_text('a,b\nc,d\ne,"f\n')
    assert "row 2 of broken.csv has a quote that does not open" in run("start", "job", *CANDIDATES, "--pairs", pairs, code=4)


def test_a_job_goes_on_where_it_was_and_says_so_in_80_characters(run: Callable[..., str], tmp_path: Path) -> None:
    started = run("start", "job", "--pairs", "pairs.csv", *CANDIDATES, "--labels", "40")
    assert started.splitlines()[0] == "2 candidates scored 40 pairs; 2 are to choose from"
    assert "0 pairs of 40 have a label" in run("status", "job")
    assert "there is no job in nowhere; begin one with `stsbench choose start`" in run("status", "nowhere", code=2)
    first = json.loads(run("next", "job", "-n", "12", "--form", "both", "--json"))
    assert first["files"] == ["job/pages/round-1.html", "job/pages/round-1.csv"]
    assert "Round 1, which nobody has answered yet, is written again: 12 pairs, 1 of them twice" in run("next", "job", "-n", "20")
    run("label", "job", *answered(tmp_path, "anna"))
    few = run("status", "job")
    assert "Nothing can be said of the candidates yet: 12 of at least 20 labels are there." in few
    assert "One person rated (anna), so how well people agree is not known" in few
    assert "12 of at least 20 labels are there, so there is no choice to finish" in run("finish", "job", code=2)
    run("next", "job", "-n", "12", "--form", "sheet")
    run("label", "job", *answered(tmp_path, "anna", "ben", skip=2))
    said = json.loads(run("status", "job", "--json"))
    assert (said["asked"], said["raters"], said["reason"]) == (24, ["anna", "ben"], None)
    assert 20 <= said["labels"] < 24
    assert sum(candidate["chance"] for candidate in said["candidates"]) == pytest.approx(1)
    assert all(-1 <= candidate["low"] <= candidate["spearman"] <= candidate["high"] <= 1 for candidate in said["candidates"])
    table = run("status", "job", COLUMNS="80").splitlines()[1:4]
    assert max(map(len, table)) <= 80
    shown = run("status", "job")
    assert "have none, which is taken to be by chance" in shown
    assert "2 people agree with Krippendorff's alpha" in shown
    finished = run("finish", "job")
    assert "stsbench run --board job/board" in finished
    assert "Pairs tell little of search; --search says how well each text finds its partner" in finished
    with (tmp_path / "job" / "labelled.csv").open(newline="") as stream:
        rows = list(csv.DictReader(stream))
    assert list(rows[0]) == ["left", "right", "score", "weight", "rater_1", "rater_2"]
    assert len(rows) == said["labels"]
    assert sum(float(row["weight"]) for row in rows) / len(rows) == pytest.approx(1, abs=1e-6)


def test_status_says_what_comes_next(run: Callable[..., str], tmp_path: Path) -> None:
    run("start", "job", *CANDIDATES, "--pairs", "pairs.csv")
    assert run("status", "job").endswith("\nNext: stsbench choose next job\n")
    run("next", "job", "-n", "10", "--form", "both")
    waiting = "\nNobody has answered yet:\n  job/pages/round-1.html\n  job/pages/round-1.csv\nNext: stsbench choose label job FILE...\n"
    assert run("status", "job").endswith(waiting)
    run("label", "job", *answered(tmp_path, "Anna"))
    assert run("status", "job").endswith("\nNext: stsbench choose next job\n")
    run("next", "job", "-n", "30", "--form", "sheet")
    run("label", "job", *answered(tmp_path, "Anna", skip=28))
    assert run("status", "job").endswith("\nNext: stsbench choose label job FILE...\n"), "every pair was asked about, and few were rated"
    run("label", "job", *answered(tmp_path, "Bob"))
    assert run("status", "job").endswith("\nNext: stsbench choose finish job\n")


def test_search_is_asked_of_every_candidate_on_request(run: Callable[..., str], stsbench: Command, tmp_path: Path) -> None:
    run("start", "job", "--pairs", "pairs.csv", *CANDIDATES, "-e", "chrf")
    run("next", "job", "-n", "40", "--form", "sheet")
    run("label", "job", *answered(tmp_path, "anna"))
    said = {each["candidate"]: each["ranking"] for each in json.loads(run("finish", "job", "--search", "-q", "--json"))["search"]}
    audited = stsbench("audit", "metrics", "hashing", "-b", "csv:job/labelled.csv,quote=double", "-q", "--json", cwd=tmp_path)
    (system,) = json.loads(audited.stdout)["systems"]
    assert said["hashing · cosine"] == system["figures"]["ranking"]
    assert said["hashing · cosine"]["n"] > 1
    assert said["chrf · pair"]["candidates"] == said["hashing · cosine"]["candidates"]
    assert said["chrf · pair"]["mrr"] != said["hashing · cosine"]["mrr"]
    shown = " ".join(run("finish", "job", "--search", "-q").split())
    first = dict(said["hashing · cosine"]["hits"])[1]
    assert f"hashing · cosine has the partner first for {100 * first:.2f} % of {said['hashing · cosine']['n']} texts" in shown
    assert "on a benchmark of search before you build on it." in shown
    page = (tmp_path / "job" / "report.html").read_text()
    assert f"hashing · cosine has the partner first for {100 * first:.2f} % of" in page
    run("finish", "job")
    assert "has the partner first" not in (tmp_path / "job" / "report.html").read_text()


def test_candidates_that_rank_alike_have_one_chance(run: Callable[..., str], tmp_path: Path) -> None:
    run("start", "job", "--pairs", "pairs.csv", *CANDIDATES, "-s", "cosine", "-s", "angular")
    run("next", "job", "-n", "24", "--form", "sheet")
    run("label", "job", *answered(tmp_path, "anna"))
    chances = {one["candidate"]: (one["chance"], one["alike"]) for one in json.loads(run("status", "job", "--json"))["candidates"]}
    assert chances["hashing · angular"] == (chances["hashing · cosine"][0], "hashing · cosine")
    assert chances["hashing · cosine"][0] + chances["hashing,dim=8 · cosine"][0] == pytest.approx(1)
    assert "hashing · angular ranks the pairs nearly as hashing · cosine does: both count as one, with one chance to be best." in run(
        "status", "job"
    )


def test_a_candidate_that_comes_later_stands_on_the_same_labels(run: Callable[..., str], tmp_path: Path) -> None:
    run("start", "job", "--pairs", "pairs.csv", *CANDIDATES)
    run("next", "job", "-n", "24", "--form", "sheet")
    run("label", "job", *answered(tmp_path, "anna"))
    before = json.loads(run("status", "job", "--json"))
    assert json.loads(run("start", "job", "-e", "hashing,dim=64", "-e", "hashing", "--json"))["added"] == ["hashing,dim=64 · cosine"]
    after = json.loads(run("status", "job", "--json"))
    assert (len(before["candidates"]), len(after["candidates"]), after["labels"]) == (2, 3, before["labels"])
    assert len(list((tmp_path / "job").glob("scores-*.npy"))) == 1
    run("start", "job", "-e", "hashing,dim=64", "--labels", "100", "--seed", "0")
    for option, says in (
        ("--labels", "how many labels a job plans is said when it begins; leave out --labels"),
        ("--seed", "the seed of a job"),
    ):
        assert says in run("start", "job", "-e", "hashing,dim=32", option, "7", code=2)
    lines = (tmp_path / "pairs.csv").read_text().splitlines()
    (tmp_path / "pairs.csv").write_text("\n".join([lines[0], *lines[2:], lines[1]]))
    says = "the pairs are not those that the job was started with (40 pairs here, 40 then, or other texts or another order)"
    assert says in run("start", "job", "--pairs", "pairs.csv", "-e", "hashing,dim=32", code=4)


def test_sizes_of_one_model_are_candidates_and_their_board_runs(stsbench: Command, run: Callable[..., str], tmp_path: Path) -> None:
    given = ("-e", "wordllama", "-e", "wordllama,truncate_dim=64", "-e", "hashing", "-q")
    names = ["wordllama · cosine", "wordllama · sentence/64 · cosine", "hashing · cosine"]
    assert json.loads(run("start", "job", "--pairs", "pairs.csv", *given, "--json"))["candidates"] == names
    said = run("next", "job", "-n", "40", "--form", "sheet")
    assert "fill in the last column with 0 to 5" in said
    assert "keys" not in said
    run("label", "job", *answered(tmp_path, "anna"))
    done = json.loads(run("finish", "job", "--json"))
    assert {one["candidate"] for one in done["decision"]["candidates"]} == set(names)
    board = tomllib.loads((tmp_path / "job" / "board" / "board.toml").read_text())
    assert [one["encoder"] for one in board["system"]] == ["wordllama", "wordllama,truncate_dim=64", "hashing"]
    assert board["require"][0]["system"] == done["decision"]["leader"]
    assert stsbench("run", "--board", "job/board", "-q", cwd=tmp_path).returncode == 0
    with (tmp_path / "job" / "board" / "board.csv").open(newline="", encoding="utf-8") as stream:
        ranked = {row["system"]: row["rank"] for row in csv.DictReader(stream)}
    assert ranked.keys() == set(names)
    assert all(ranked.values())  # the smaller size is a candidate like the others, not a variant that only --all shows
    assert stsbench("leaderboard", "check", "job/board", cwd=tmp_path).returncode == 0


@pytest.mark.parametrize("folder", ["taken", "taken/below", "/proc/nothing/below"])
def test_a_folder_that_cannot_be_made_is_said_before_anything_is_scored(run: Callable[..., str], tmp_path: Path, folder: str) -> None:
    (tmp_path / "taken").write_text("a file")
    said = run("start", folder, "--pairs", "pairs.csv", *CANDIDATES, code=5)
    assert f"the folder {Path(folder).name} cannot be made (" in said
    assert "name another for the job" in said
    assert "encoding" not in said


def test_a_lead_is_one_figure_with_its_interval(run: Callable[..., str], tmp_path: Path) -> None:
    run("start", "job", "--pairs", "pairs.csv", *CANDIDATES)
    run("next", "job", "-n", "24", "--form", "sheet")
    run("label", "job", *answered(tmp_path, "anna"))
    said = json.loads(run("status", "job", "--json"))
    first, second = (one["spearman"] for one in said["candidates"])
    value, low, high = (100 * said["lead"][name] for name in ("value", "low", "high"))
    assert value <= 100 * (first - second) + 1e-9, "the best of all others may be another one than seems so"
    assert low < value < high
    sentence = f"{said['leader']} leads the best of the others, probably {said['other']}, by {value:.1f} points (95 % interval {low:z.1f} to {high:z.1f})."
    assert sentence in run("status", "job", COLUMNS="400")


def test_a_candidate_that_is_fitted_on_the_pairs_themselves_is_told(stsbench: Command, run: Callable[..., str], tmp_path: Path) -> None:
    given = ("choose", "start", "job", "--pairs", "pairs.csv", *CANDIDATES, "-t", "centre", "-t", "none")
    said = stsbench(*given, cwd=tmp_path).stderr
    assert "hashing · centre · cosine is fitted on the texts of all pairs here, and would be on those of the labelled ones" in said
    assert said.count("is fitted on") == 2


def test_labels_that_are_all_the_same_say_nothing(run: Callable[..., str], tmp_path: Path) -> None:
    run("start", "job", "--pairs", "pairs.csv", *CANDIDATES)
    run("next", "job", "-n", "24", "--form", "sheet")
    (name,) = answered(tmp_path, "anna")
    rows = list(csv.reader((tmp_path / name).read_text(encoding="utf-8").splitlines()))
    with (tmp_path / name).open("w", newline="") as stream:
        csv.writer(stream).writerows([rows[0], *([*row[:3], "3"] for row in rows[1:])])
    run("label", "job", name)
    assert "Nothing can be said of the candidates yet: all labels are the same." in run("status", "job")


def test_what_a_board_says_of_the_candidates_is_taken_into_account_on_request(
    run: Callable[..., str], stsbench: Command, tmp_path: Path, write_board: Callable[..., Path]
) -> None:
    write_board(tmp_path / "board", "hashing", "hashing,dim=8", title="Other pairs")
    assert stsbench("run", "--board", "board", "-q", cwd=tmp_path).returncode == 0
    run("start", "plain", "--pairs", "pairs.csv", *CANDIDATES)
    says = "the board of --prior has figures of 1 of the candidates, and two say something; leave it out"
    assert says in run("start", "job", "--pairs", "pairs.csv", "-e", "hashing", "-e", "hashing,dim=32", "--prior", "board", code=2)
    run("start", "job", "--pairs", "pairs.csv", *CANDIDATES, "-e", "hashing,dim=32", "--prior", "board")
    assert "which board is the prior of a job is said when it begins" in run("start", "plain", *CANDIDATES, "--prior", "board", code=2)
    run("next", "job", "-n", "24", "--form", "sheet")
    run("label", "job", *answered(tmp_path, "anna"))
    before = json.loads(run("status", "job", "--json"))
    assert before["prior"] == "Other pairs"
    assert "What Other pairs says of 2 of them is taken into account, as if it were 20 labels at most." in run("status", "job")
    job, asked = tmp_path / "job" / "job.json", draw(JobFolder(tmp_path / "job"), 20)
    job.write_text(job.read_text().replace('"prior": "Other pairs"', '"prior": ""'))
    assert json.loads(run("status", "job", "--json"))["candidates"] != before["candidates"]
    np.testing.assert_array_equal(draw(JobFolder(tmp_path / "job"), 20), asked, "what is asked does not depend on it")
