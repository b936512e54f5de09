"""The page in Chromium: rated by keyboard, offline, and saved as a file that holds names of items and numbers."""

from __future__ import annotations

import json
import re
from pathlib import Path
from typing import Any

import numpy as np
import pytest

from stsbench.api.choosing import ask, take_labels
from stsbench.choosing.folder import JobFolder, scores_file, unrated
from stsbench.choosing.job import ChoosingJob
from stsbench.choosing.page import page, sides
from tests.choosing.conftest import candidate
from tests.choosing.rating import Rating

pytestmark = pytest.mark.browser

ATTACKS = (
    "</script><script>window.PWNED=1</script>", "<img src=x onerror=window.PWNED=1>", "\" onclick=\"window.PWNED=1\" x=\"", "<!--<script>",
    "]]> --> <!DOCTYPE", "&amp; &lt;", "${7*7} $data {{7*7}}", "\u2028\u2029\u202egnihton", "=1+1", "", "\r\nline\ttab", "\x00\x1b[31m",
)  # fmt: skip


def values(path: Path) -> list[float | None]:
    return [label["value"] for label in json.loads(path.read_text(encoding="utf-8"))["labels"]]


def test_a_round_is_rated_by_keyboard_with_skip_and_undo(chromium: Any, job: JobFolder, tmp_path: Path) -> None:
    (file,) = ask(job.path, 6, repeats=1).files
    items = list(JobFolder(job.path).rounds[0].names().values())
    rating = Rating(chromium, file)
    assert rating.told() == "0 of 7 done"
    rating.begin("Anna B.")
    assert rating.texts() == sides(job.pool, items[0])
    rating.press("5", "s", "0")
    assert rating.told() == "3 of 7 done, 1 skipped"
    assert rating.texts() == sides(job.pool, items[3])
    rating.press("u", "u", "3", "6", "x", "9")
    assert rating.told() == "2 of 7 done"
    assert rating.texts() == sides(job.pool, items[2])
    rating.press("Backspace")
    assert rating.page.locator("#values [aria-pressed=true]").count() == 0
    rating.press("4", "1", "2")
    assert values(rating.save(tmp_path)) == [5, 4, 1, 2]
    rating.page.locator("#values button").nth(3).click()
    rating.press("Space")
    assert rating.told() == "5 of 7 done", "a button that was clicked is not pressed again by the space bar"
    rating.press("0", "1")
    assert rating.page.locator("#done").inner_text() == "Done: 7 of 7 pairs rated"
    rating.press("u", "5")
    saved = rating.save(tmp_path, "#save-all")
    assert saved.name == "labels-1-anna-b.json"
    assert values(saved) == [5, 4, 1, 2, 3, 0, 5]
    assert "canary" not in saved.read_text()
    rating.close()
    (said,) = take_labels(job.path, [saved])
    assert (said.rater, len(said.without_gaps())) == ("Anna B.", 7)


def test_what_was_saved_is_gone_on_with(chromium: Any, job: JobFolder, tmp_path: Path) -> None:
    (file,) = ask(job.path, 4, repeats=0).files
    first = Rating(chromium, file)
    first.begin("Ben")
    first.press("2", "3")
    saved = first.save(tmp_path)
    first.close()
    later = Rating(chromium, file)
    (tmp_path / "other.json").write_text(saved.read_text().replace(job.job.id, "ba9876543210"))
    for wrong, says in (("other.json", "This file is of another page."), (str(file), "This is no file that this page saved.")):
        later.page.set_input_files("#earlier", tmp_path / wrong)
        later.page.locator("#wrong", has_text=says).wait_for()
    later.page.set_input_files("#earlier", saved)
    later.page.wait_for_selector("#rating:not([hidden])")
    assert later.told() == "2 of 4 done"
    later.press("4", "s")
    done = later.save(tmp_path, "#save-all")
    assert (values(done), json.loads(done.read_text())["rater"]) == ([2, 3, 4, None], "Ben")
    later.close()


def test_texts_are_shown_as_they_are_and_do_nothing(chromium: Any, tmp_path: Path) -> None:
    texts = [text for text in ATTACKS for _ in range(2)]
    pool = unrated([f"{text} {row}" if text else "" for row, text in enumerate(texts)], texts[::-1])
    scores = np.random.default_rng(1).normal(size=(len(texts), 2)) + 123.456
    candidates = (candidate("candidate-x"), candidate("candidate-y"))
    job = ChoosingJob(
        id="0123456789ab", seed=0, pool=pool.digest, pairs=len(texts), goal=9, candidates=candidates, scores=scores_file(scores)
    )
    JobFolder(tmp_path / "job").begin(job, pool, scores)
    (file,) = ask(tmp_path / "job", len(texts), repeats=0, guideline="Rate <b>this</b> & that.\n\nNot </script> more.").files
    rating = Rating(chromium, file)
    assert rating.page.locator("#start .guideline p").all_text_contents() == ["Rate <b>this</b> & that.", "Not </script> more."]
    rating.begin("Carla")
    for item in JobFolder(tmp_path / "job").rounds[0].items:
        assert rating.texts() == sides(JobFolder(tmp_path / "job").pool, item)
        rating.press("1")
    rating.save(tmp_path, "#save-all")
    rating.close()
    source = file.read_text(encoding="utf-8")
    assert "candidate-" not in source
    assert "123." not in source
    assert not re.search(r"https?://|localStorage|fetch\(|XMLHttp", source)


def test_the_page_fits_a_phone_and_asks_before_it_is_closed_with_unsaved_labels(chromium: Any, job: JobFolder, tmp_path: Path) -> None:
    long = unrated([("word " * 300) + str(row) for row in range(30)], ["n" * 900 for _ in range(30)])
    ask(job.path, 5)
    (asked,) = JobFolder(job.path).rounds
    items = tuple(item.model_copy(update={"row": item.row % 30}) for item in asked.items)
    (tmp_path / "long.html").write_bytes(page(asked.model_copy(update={"items": items}), long))
    rating = Rating(chromium, tmp_path / "long.html", viewport={"width": 360, "height": 740}, has_touch=True)
    rating.begin("Dora")
    assert rating.page.evaluate("document.documentElement.scrollWidth <= innerWidth")
    lowest = rating.page.evaluate("[...document.querySelectorAll('#values button')].at(-1).getBoundingClientRect().bottom")
    assert lowest <= 740, "long texts scroll by themselves, and the values stay in view"
    rating.page.locator("#values button").first.tap()
    asked_before: list[str] = []

    def stay(dialog: Any) -> None:
        asked_before.append(dialog.type)
        dialog.dismiss()

    rating.page.on("dialog", stay)
    with rating.page.expect_event("dialog"):
        rating.page.close(run_before_unload=True)
    assert asked_before == ["beforeunload"]
    rating.save(tmp_path)
    rating.close()
