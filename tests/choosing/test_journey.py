"""From texts alone to a gate: what the page "Choose a model for your own data" promises, in Chromium and on the command line."""

from __future__ import annotations

import json
import random
import re
from collections.abc import Callable
from pathlib import Path
from subprocess import CompletedProcess
from typing import Any

import pytest

from stsbench.choosing.folder import POOL, JobFolder
from stsbench.choosing.page import sides
from tests.choosing.rating import Rating

pytestmark = pytest.mark.browser

CANARY = "quetzalcoatlus"
SUBJECTS = ("my parcel", "the order", "this jacket", "the red bike", "my account", "the invoice", f"the {CANARY}", "the gift card")
VERBS = ("has not arrived", "was damaged", "is too small", "cannot be found", "was lost", "is very good", "is late", "is missing")
ENDS = ("since Monday", "again", "in Bern", "for my son", "without a reason", "and I want my money back")
PEOPLE = {"Anna": 0.4, "Ben": 0.6, "Carla": 0.5}  # and how far their ratings scatter
SHOWN = {POOL, "labelled.csv"}  # files that may hold texts, and the pages


def texts() -> list[str]:
    every = sorted(f"{subject} {verb} {end}" for subject in SUBJECTS for verb in VERBS for end in ENDS)
    return random.Random(1).sample(every, 120)


def rate(browser: Any, page: Path, job: JobFolder, saved: Path) -> list[Path]:
    """The round as three people rate it by keyboard: by the words that two texts share, less or more."""
    files = []
    for place, (rater, scatter) in enumerate(PEOPLE.items()):
        noise = random.Random(100 * job.rounds[-1].number + place)
        rating = Rating(browser, page)
        rating.begin(rater)
        for item in job.rounds[-1].items:
            assert rating.texts() == sides(job.pool, item)
            left, right = (set(text.split()) for text in sides(job.pool, item))
            value = 5 * len(left & right) / len(left | right) + noise.gauss(0, scatter)
            rating.press(str(min(5, max(0, round(value)))))
        files.append(rating.save(saved, "#save-all"))
        rating.close()
    return files


def test_from_texts_alone_to_a_gate(
    chromium: Any, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, stsbench: Callable[..., CompletedProcess[str]]
) -> None:
    monkeypatch.chdir(tmp_path)
    outputs = []

    def done(*arguments: str, code: int = 0) -> str:
        ran = stsbench(*arguments)
        assert ran.returncode == code, ran.stdout + ran.stderr
        outputs.append(ran.stdout + ran.stderr)
        return ran.stdout

    Path("texts.txt").write_text("\n".join(texts()))
    candidates = ("-e", "hashing", "-e", "hashing,dim=8", "-e", "wordllama")
    done("choose", "start", "job", "--texts", "texts.txt", *candidates, "--number", "200", "--labels", "60", "-q")
    for number in (1, 2, 3):
        asked = json.loads(done("choose", "next", "job", "-n", "20", "--json"))
        assert (asked["round"], asked["pairs"], asked["again"]) == (number, 20, 2)
        job = JobFolder(tmp_path / "job")
        done("choose", "label", "job", *map(str, rate(chromium, tmp_path / asked["files"][0], job, tmp_path)))
    status = json.loads(done("choose", "status", "job", "--json"))
    assert (status["labels"], status["raters"], status["twice"]["pairs"]) == (60, ["Anna", "Ben", "Carla"], 18)
    assert (status["leader"], status["stop"]) == ("hashing · cosine", True)
    assert 0.6 < status["agreement"]["alpha"]["value"] < 0.9
    said = " ".join(done("choose", "status", "job").split())
    assert "That is sure enough: stop here." in said
    assert (
        "those of the finished benchmark and its board are of the labelled pairs alone, weighted, so that the two differ by chance." in said
    )
    done("choose", "finish", "job")
    report = (tmp_path / "job" / "report.html").read_text(encoding="utf-8")
    assert "hashing · cosine leads " in report
    assert "60 pairs of 200 have a label, of 60 planned." in report
    assert "in 3 rounds, those on which the candidates that may be best disagree" in report
    assert not any(person in report for person in PEOPLE)
    assert "hashing" in done("run", "--board", "job/board", "-q")
    green = done("leaderboard", "check", "job/board")
    assert "every derived file agrees with its evidence" in green
    assert "so that its figures differ from these by chance." in (tmp_path / "job" / "board" / "README.md").read_text(encoding="utf-8")
    assert re.search(r"hashing · cosine has \d+ points or more: met", green)
    assert f"hashing · cosine is not worse than {status['other']} by 1 point: met" in green
    board = tmp_path / "job" / "board" / "board.toml"
    worse = board.read_text().replace('system = "hashing · cosine"', 'system = "hashing,dim=2 · cosine"')
    board.write_text(worse + '\n[[system]]\nencoder = "hashing,dim=2"\nsimilarities = ["stsbench/cosine"]\n')
    done("run", "--board", "job/board", "-q", code=1)
    done("leaderboard", "check", "job/board", code=1)
    assert re.search(r"error: hashing,dim=2 · cosine has \d+ points or more: not met \(", outputs[-1])
    holding = [file for file in (tmp_path / "job").rglob("*") if file.is_file() and CANARY.encode() in file.read_bytes().lower()]
    assert {file.name for file in holding if file.parent.name != "pages"} == SHOWN
    assert not any(CANARY in said.lower() for said in outputs)
