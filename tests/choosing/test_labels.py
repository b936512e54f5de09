"""Files that people send back are untrusted: each fault is a sentence, nothing is half taken, and what is said is what is kept."""

from __future__ import annotations

import csv
import io
import json
import tomllib
from pathlib import Path
from types import SimpleNamespace
from typing import Any

import numpy as np
import pytest

from stsbench.api.choosing import ask, finish_job, take_labels
from stsbench.choosing.finished import _gate
from stsbench.choosing.folder import JobFolder, scores_file, unrated
from stsbench.choosing.job import ChoosingJob
from stsbench.choosing.rounds import ratings_of
from stsbench.contracts.boards.require import RequireSpec
from stsbench.contracts.wording import as_cell, of_cell
from stsbench.errors import DataError, StoreError, UsageError
from stsbench.host.registry import Registry
from stsbench.stats.choosing.labels import Labelled
from tests.choosing.conftest import GOLD, Answer, begun, candidate


def test_labels_of_several_people_merge(job: JobFolder, answer: Answer) -> None:
    taken = take_labels(job.path, [answer("anna"), answer("ben", {1: None}), answer("carla")])
    assert [(said.rater, said.round) for said in taken] == [("anna", 1), ("ben", 1), ("carla", 1)]
    known = JobFolder(job.path)
    ratings = ratings_of(known.rounds, known.labels)
    assert ratings.raters == ("anna", "ben", "carla")
    assert len(ratings.rows) == ratings.rated == 20
    assert (ratings.labels.gold == GOLD[ratings.rows]).all()
    assert np.isnan(ratings.values).sum() in (0, 1), "the pair that was passed over may be one that comes again"


def test_a_pair_that_comes_again_is_one_pair_of_the_mean_of_both(job: JobFolder, answer: Answer) -> None:
    names = JobFolder(job.path).rounds[0].names()
    again = [place for place, item in enumerate(names.values(), 1) if item.again]
    assert len(again) == 2
    row = list(names.values())[again[0] - 1].row
    (first,) = (place for place, item in enumerate(names.values(), 1) if item.row == row and not item.again)
    take_labels(job.path, [answer("anna", {first: 1, again[0]: 4})])
    known = JobFolder(job.path)
    ratings = ratings_of(known.rounds, known.labels)
    assert ratings.labels.gold[ratings.rows.tolist().index(row)] == 2.5
    assert ("anna", 1.0, 4.0) in ratings.twice
    assert len(ratings.twice) == 2


@pytest.mark.parametrize(
    ("changed", "says"),
    [
        ({"job": "x", "labels": [{"item": "ba9876543210-1-1", "value": 1}]}, "holds labels of another job"),
        ({"labels": [{"item": "0123456789ab-1-1", "value": 1}, {"item": "0123456789ab-9-1", "value": 1}]}, "rates 1 item that this job"),
        ({"job": "ba9876543210"}, "does not name the job and the round whose items it rates; give the file as the page saved it"),
        ({"round": 2}, "does not name the job and the round"),
        ({"round": "1"}, "does not name the job and the round"),
        ({"labels": [{"item": "0123456789ab-1-4", "value": 6}]}, "has 1 label off the scale from 0 to 5, the first at item 4"),
        ({"labels": [{"item": "0123456789ab-1-4", "value": -1e9}]}, "off the scale"),
        ({"labels": [{"item": "0123456789ab-1-1", "value": 1}, {"item": "0123456789ab-1-1", "value": 2}]}, "another value than an earlier"),
        ({"labels": [{"item": "0123456789ab-1-1", "value": True}]}, "label 1 of anna.json has a value that is no number"),
        ({"labels": [{"item": "0123456789ab-1-1", "value": "3"}]}, "has a value that is no number"),
        ({"labels": ["x"]}, "label 1 of anna.json names no item"),
        ({"labels": {}}, "holds no labels of a page"),
        ({"labels": []}, "holds no label; rate some of its pairs first"),
        ({"form": "something"}, "holds no labels of a page"),
        ({"version": 2}, "another version of stsbench; upgrade"),
    ],
)  # fmt: skip
def test_a_file_that_is_not_what_was_asked_is_refused_and_nothing_of_others_taken(
    job: JobFolder, answer: Answer, changed: dict[str, Any], says: str
) -> None:
    with pytest.raises(DataError, match=says):
        take_labels(job.path, [answer("ben"), answer("anna", **changed)])
    assert JobFolder(job.path).labels == ()


def test_json_that_is_no_page_and_a_folder_are_named_for_what_they_are(
    job: JobFolder, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    ask(job.path, 20)
    (tmp_path / "odd.json").write_text("[]")
    with pytest.raises(DataError, match=r"^odd\.json holds no labels of a page"):
        take_labels(job.path, [tmp_path / "odd.json"], rater="anna")
    with pytest.raises(DataError, match=r"^round-1\.html is a page, and holds no label; rate on it in a browser"):
        take_labels(job.path, [job.path / "pages" / "round-1.html"], rater="anna")
    monkeypatch.chdir(tmp_path)
    with pytest.raises(UsageError, match=rf"^{tmp_path.name} is no file that can be read"):
        take_labels(job.path, [Path()], rater="anna")


@pytest.mark.parametrize("content", [b"{", b'{"a": 1, "a": 2}', b"{\xff}", b"[" * 100_000, b'{"x": NaN}', b"", b"\x00\x01", b"PK\x03\x04"])
def test_what_is_no_file_of_labels_is_refused(job: JobFolder, answer: Answer, tmp_path: Path, content: bytes) -> None:
    (tmp_path / "odd.json").write_bytes(content)
    with pytest.raises(DataError, match=r"^odd\.json "):
        take_labels(job.path, [tmp_path / "odd.json"], rater="anna")


def test_what_is_no_file_or_too_large_is_not_read(job: JobFolder, answer: Answer, tmp_path: Path) -> None:
    with (tmp_path / "huge.json").open("wb") as stream:
        stream.truncate(6_000_000)
    with pytest.raises(DataError, match=r"huge\.json holds 6 MB, more than labels are"):
        take_labels(job.path, [tmp_path / "huge.json"])
    for path in (tmp_path, tmp_path / "gone.json", Path("/dev/zero")):
        with pytest.raises(UsageError, match="is no file that can be read"):
            take_labels(job.path, [path])


@pytest.mark.parametrize("name", ["", "  ", "n" * 41, "a\u202eb", 7])
def test_a_rater_has_a_name(job: JobFolder, answer: Answer, name: Any) -> None:
    with pytest.raises(UsageError, match="give --rater NAME"):
        take_labels(job.path, [answer(name, name="1.json")])
    (said,) = take_labels(job.path, [answer(name, name="1.json")], rater="Anna  B.")
    assert said.rater == "Anna B."


def test_names_that_make_one_word_are_two_people(job: JobFolder, answer: Answer) -> None:
    take_labels(job.path, [answer("Ann-a", name="1.json"), answer("ann a", {1: 0}, name="2.json"), answer("李", name="3.json")])
    assert [said.rater for said in JobFolder(job.path).labels] == ["Ann-a", "ann a", "李"]


def test_a_name_is_one_however_its_letters_are_composed(job: JobFolder, answer: Answer) -> None:
    take_labels(job.path, [answer("Zo\u00eb", name="1.json"), answer("Zoe\u0308", name="2.json")])
    (said,) = JobFolder(job.path).labels
    assert said.rater == "Zo\u00eb"


def test_a_name_is_one_however_it_has_capitals(job: JobFolder, answer: Answer) -> None:
    take_labels(job.path, [answer("Zo\u00cb"), answer("zoe\u0308", {3: None}, name="2.json"), answer("ben")])
    with pytest.raises(DataError, match=r"round 1 with 0, and Zo\u00cb rated it .* or --rater where this is somebody else"):
        take_labels(job.path, [answer("ZO\u00cb", {1: 0, 2: 0, 3: 0})])
    assert [said.rater for said in JobFolder(job.path).labels] == ["Zo\u00cb", "ben"]


def test_a_person_who_says_another_thing_is_asked_which(job: JobFolder, answer: Answer) -> None:
    first = answer("anna", {1: 0, 2: None})
    take_labels(job.path, [first, first])
    take_labels(job.path, [answer("anna", {1: 0, 2: 3})])  # more than before
    with pytest.raises(DataError, match=r"rates item 1 of round 1 with 5, and anna rated it 0 before; give --replace"):
        take_labels(job.path, [answer("anna", {1: 5})])
    (said,) = JobFolder(job.path).labels
    assert [said.values[f"{said.job}-1-{place}"] for place in (1, 2)] == [0, 3]
    take_labels(job.path, [answer("anna", {1: 5, 2: None})], replace=True)
    (said,) = JobFolder(job.path).labels
    assert [said.values[f"{said.job}-1-{place}"] for place in (1, 2)] == [5, None]
    with pytest.raises(DataError, match="anna rated it"):  # two files of one call contradict each other
        take_labels(job.path, [answer("anna", name="1.json"), answer("anna", {2: 0, 3: 5, 4: 0}, name="2.json")], replace=True)


def filled(job: JobFolder, value: str = "3") -> list[list[str]]:
    rows = list(csv.reader(io.StringIO(job.page_of(1, "csv").read_bytes().decode("utf-8-sig"), newline="")))
    return [rows[0], *([*row[:3], value] for row in rows[1:])]


def sent(path: Path, rows: list[list[str]], delimiter: str = ",") -> Path:
    with path.open("w", newline="", encoding="utf-8") as stream:
        csv.writer(stream, delimiter=delimiter).writerows(rows)
    return path


def test_a_sheet_comes_back_as_spreadsheet_programs_write_it(job: JobFolder, answer: Answer, tmp_path: Path) -> None:
    ask(job.path, forms=["csv"])
    rows = filled(job, "2,5")
    rows[3][3] = ""
    (said,) = take_labels(job.path, [sent(tmp_path / "round-1-anna.csv", [rows[0], *rows[:0:-1]], ";")])
    assert (said.rater, len(said.values), set(said.values.values())) == ("anna", 21, {2.5})
    with pytest.raises(UsageError, match=r"round-1\.csv does not say whose labels it holds; give --rater NAME"):
        take_labels(job.path, [sent(tmp_path / "round-1.csv", rows)])


@pytest.mark.parametrize(
    ("place", "value", "says"),
    [
        ((2, 3), "6", "off the scale"),
        ((2, 3), "much", "row 2 of ben.csv has a value that is no number"),
        ((2, 1), "another text", "row 2 of ben.csv has other texts than its item; a part of the sheet was sorted"),
        ((2, 0), "0123456789ab-3-1", "rates 1 item that this job never asked about"),
        ((0, 3), "rating", "has no column 'score 0 to 5'"),
    ],
)
def test_a_sheet_that_was_changed_is_refused(
    job: JobFolder, answer: Answer, tmp_path: Path, place: tuple[int, int], value: str, says: str
) -> None:
    ask(job.path, forms=["csv"])
    rows = filled(job)
    rows[place[0]][place[1]] = value
    with pytest.raises(DataError, match=says):
        take_labels(job.path, [sent(tmp_path / "ben.csv", rows)])


DANGEROUS = ("=1+1", "+1", "-1", "@SUM(A1)", "\t=1", "\r=1", "'=1", "''", "'", "plain", " =1", "=cmd|' /C calc'!A0", "", "ünïcode 中文")


@pytest.mark.parametrize("text", DANGEROUS)
def test_no_cell_is_a_formula_and_each_is_read_back_as_it_was(text: str) -> None:
    assert not as_cell(text).startswith(("=", "+", "-", "@", "\t", "\r"))
    assert of_cell(as_cell(text)) == text


ODD = ("a\rb", "one,two\nthree,four\nfive;six;seven", 'tab\tand "quotes"', "=1+1", "'quoted", "", "  lead", "a\u2028b", "é\r\n,;|", "-5 °C")


@pytest.mark.parametrize("delimiter", [",", ";"])
def test_texts_of_any_signs_go_out_and_come_back_and_are_a_benchmark(tmp_path: Path, delimiter: str) -> None:
    number = 30
    pool = unrated([f"{ODD[row % 10]}{row // 10 or ''}" for row in range(number)], [ODD[(row * 3 + 1) % 10] for row in range(number)])
    gold = np.random.default_rng(1).permutation(number) / 6
    scores = np.column_stack([gold, -gold[::-1]])
    candidates = (candidate("one"), candidate("other"))
    job = ChoosingJob(id="0123456789ab", seed=0, pool=pool.digest, pairs=number, goal=9, candidates=candidates, scores=scores_file(scores))
    folder = JobFolder(tmp_path / "job")
    folder.begin(job, pool, scores)
    assert JobFolder(folder.path).pool.texts == pool.texts
    ask(folder.path, number, repeats=0, forms=["csv"])
    items = list(JobFolder(folder.path).rounds[0].names().values())
    rows = filled(folder)
    for row, item in zip(rows[1:], items, strict=True):
        row[3] = f"{gold[item.row]:.2f}"
    (said,) = take_labels(folder.path, [sent(tmp_path / "anna.csv", rows, delimiter)])
    assert list(said.values.values()) == [round(gold[item.row], 2) for item in items]
    (part,) = Registry.installed().resolve("benchmark", finish_job(folder.path).benchmark).build().load()
    asked = {pool.texts[0][row]: (pool.texts[1][row], round(gold[row], 2)) for row in range(number)}
    read = {left: (right, value) for left, right, value in zip(part.pairs.left, part.pairs.right, part.pairs.gold.tolist(), strict=True)}
    assert read == asked
    assert part.pairs.weights is not None


def test_a_file_that_was_put_among_the_labels_is_refused(job: JobFolder, answer: Answer) -> None:
    take_labels(job.path, [answer("anna")])
    (kept,) = (job.path / "labels").iterdir()
    (job.path / "labels" / "other.json").write_bytes(kept.read_bytes())
    with pytest.raises(StoreError, match="a file in labels/ is not one that the job wrote"):
        _ = JobFolder(job.path).labels


def test_labels_of_a_folder_are_of_its_job(job: JobFolder, answer: Answer, tmp_path: Path) -> None:
    other = begun(tmp_path / "other", "ba9876543210")
    ask(other.path, 20)
    with pytest.raises(DataError, match="holds labels of another job; give it to `stsbench choose label` with the folder"):
        take_labels(other.path, [answer("anna")])
    assert json.loads(answer("anna").read_text())["job"] == job.job.id


@pytest.mark.parametrize("noise", [0.5, 8.0])
def test_a_gate_is_one_that_a_board_takes(noise: float) -> None:
    random = np.random.default_rng(5)
    gold = random.permutation(20).astype(float)
    labels = Labelled(np.arange(20), np.zeros(20, np.intp), np.full(20, 0.2), gold)
    for sign in (1, -1):  # the labels may well say the other of the two, where what else is known says this one
        scores = np.column_stack([sign * gold + noise * random.normal(size=20), -sign * gold + noise * random.normal(size=20)])
        decision: Any = SimpleNamespace(
            standing=SimpleNamespace(leader=0, other=1), leader="one", other="two", ratings=SimpleNamespace(labels=labels)
        )
        (table,) = tomllib.loads("\n".join(_gate(decision, scores))).get("require", [None])
        assert table is None or RequireSpec(**table).not_worse_than == "two"
        assert (table is None) == (sign < 0)
