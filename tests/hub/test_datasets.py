"""Data sets of the hub through the unchanged `datasets.load_dataset`, from stsbench's command line."""

from __future__ import annotations

import gzip
import json
from collections.abc import Callable, Mapping, Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Any

import pytest

if TYPE_CHECKING:
    from tests.hub.conftest import Done, Hub

REVISION = "7e90230a92c190f1bf69ae9002b8cea547a64cca"  # what the definition of STS13 pins
OLD, NEW, NONE = "a" * 40, "b" * 40, "c" * 40
TINY = "hub:org/tiny,left=a,right=b,score=s"
ROWS = [
    ("a man plays a guitar", "a man is playing music", 3.5),
    ("a dog runs", "the dog is running", 4.6),
    ("a cat sleeps", "stocks fell", 0.2),
    ("two boys swim", "two boys swim", 5.0),
]


def jsonl(left: str = "a", right: str = "b", score: str = "s", rows: Sequence[tuple[str, str, float]] = ROWS) -> bytes:
    return "".join(json.dumps({left: a, right: b, score: c}) + "\n" for a, b, c in rows).encode()


def figures(cells: Sequence[Mapping[str, Any]]) -> list[list[Any]]:
    return [[cell[name] for name in ("benchmark", "n", "spearman", "pearson", "kendall", "signature")] for cell in cells]


@pytest.fixture
def run(stsbench: Callable[..., Done]) -> Callable[..., Done]:
    return lambda benchmark, *more, **how: stsbench("-e", "hashing", "-s", "cosine", "-b", benchmark, "--json", *more, **how)


@pytest.fixture
def tiny(hub: Hub) -> Hub:
    """org/tiny at the commit OLD."""
    hub.hold("datasets", "org/tiny", OLD, {"test.jsonl": jsonl()})
    return hub


def test_a_task_is_asked_for_at_its_pinned_revision_and_data_that_differ_lose_its_name(
    hub: Hub, run: Callable[..., Done], tmp_path: Path
) -> None:
    hub.hold("datasets", "mteb/sts13-sts", REVISION, {"test.jsonl": jsonl("sentence1", "sentence2", "score")})
    hub.hold("datasets", "mteb/sts13-sts", NEW, {"test.jsonl": b"main has moved on"})
    done = run("STS13", "--results", "results")
    assert hub.requests
    assert all(REVISION in request.split("/") for request in hub.requests)
    (cell,) = done.cells
    assert cell["benchmark"].startswith("STS13~")
    assert f"|source=hub@{REVISION}|n=4|" in cell["signature"]
    (warning,) = done.err.splitlines()
    assert warning.startswith("warning: STS13 (test) from the hub differs from its definition: 4 pairs, expected 1,500; ")
    (kept,) = (tmp_path / "results").rglob("STS13~*/*.json")
    record = json.loads(kept.read_text())["records"][0]
    assert (record["source"], record["revision"]) == ("hub", REVISION)


def test_the_true_data_are_scored_under_the_name_of_the_task(hub: Hub, stsbench: Callable[..., Done], mirror: Path) -> None:
    hub.hold(
        "datasets", "mteb/sts13-sts", REVISION, {"test.jsonl": gzip.decompress((mirror / "mteb/sts13-sts/test.jsonl.gz").read_bytes())}
    )
    arguments = ("-e", "wordllama", "-e", "hashing", "-s", "cosine", "-b", "STS13", "--json")
    done = stsbench(*arguments)
    assert not done.err
    light, floor = done.cells
    assert light["benchmark"] == floor["benchmark"] == "STS13"
    assert light["spearman"] == pytest.approx(0.755175, abs=2e-5)
    assert f"|source=hub@{REVISION}|n=1500|" in light["signature"]
    other = stsbench(*arguments, "--mirror", str(mirror)).cells
    assert [cell["spearman"] for cell in other] == [light["spearman"], floor["spearman"]]
    assert "|source=mirror|n=1500|" in other[0]["signature"]


def test_a_data_set_with_its_columns_gives_what_the_same_file_gives(tiny: Hub, run: Callable[..., Done], tmp_path: Path) -> None:
    done = run(TINY)
    (cell,) = done.cells
    assert cell["benchmark"] == "org--tiny"
    assert f"|source=hub@{OLD}|n=4|" in cell["signature"]
    (tmp_path / "tiny.jsonl").write_bytes(jsonl())
    (local,) = run("jsonl:./tiny.jsonl,left=a,right=b,score=s").cells
    assert [cell[name] for name in ("spearman", "pearson", "kendall")] == [local[name] for name in ("spearman", "pearson", "kendall")]


def test_a_run_after_a_good_one_needs_no_hub(tiny: Hub, run: Callable[..., Done]) -> None:
    first = figures(run(TINY).cells)
    tiny.hold("datasets", "org/tiny", NEW, {"test.jsonl": jsonl(rows=ROWS[::-1])})
    tiny.stop()
    again = run(TINY, offline=True)
    assert figures(again.cells) == first
    assert again.err == ""
    assert figures(run(f"{TINY},revision={OLD}", offline=True).cells)[0][1:5] == first[0][1:5]
    assert run(f"{TINY},revision={NEW}", offline=True).sentence.startswith(
        "org/tiny was given at revision aaaaaaaa where bbbbbbbb is pinned, as an offline cache does; load it once with network, or give"
    )
    assert run(f"{TINY},revision=main", offline=True).sentence.startswith(
        "offline mode is on, and only the hub knows which commit of org/tiny revision 'main' is; give revision= as 40 digits, or give"
    )


def test_the_cache_never_stands_in_for_what_the_hub_does_not_give(tiny: Hub, run: Callable[..., Done]) -> None:
    assert f"source=hub@{OLD}" in run(TINY).cells[0]["signature"]
    tiny.hold("datasets", "org/tiny", NEW, {"test.jsonl": jsonl(rows=ROWS[::-1])})
    assert f"source=hub@{NEW}" in run(TINY).cells[0]["signature"]
    tiny.hold("datasets", "org/tiny", NONE, {"test.jsonl": jsonl()})
    tiny.faults["/api/*/tree/*"] = 403
    assert run(TINY).sentence.startswith(
        "org/tiny was given at revision bbbbbbbb where cccccccc was asked for, by the hub or from its cache; try again later, or give"
    )


def test_a_hub_that_gives_another_revision_than_the_pinned_one_is_refused(hub: Hub, run: Callable[..., Done]) -> None:
    hub.hold("datasets", "mteb/sts13-sts", NEW, {"test.jsonl": jsonl("sentence1", "sentence2", "score")})
    hub.move("datasets", "mteb/sts13-sts", NEW, branch=REVISION)
    done = run("STS13")
    assert done.code == 4
    assert done.sentence.startswith(
        "mteb/sts13-sts was given at revision bbbbbbbb where 7e90230a was asked for, by the hub or from its cache"
    )


@pytest.mark.parametrize(
    ("benchmark", "faults", "sentence"),
    [
        ("hub:org/none", {}, "the hub has no data set org/none that is open to you; check its name, log in, or give a mirror folder"),
        (f"{TINY},revision={NONE}", {}, "org/tiny has no such revision on the hub; check revision=, or give a mirror folder"),
        (f"{TINY},split=dev", {}, "org/tiny has no split 'dev' (there: test); choose one of these"),
        (f"{TINY},config=en", {}, "org/tiny has no subset 'en' (there: default); choose one of these"),
        ("hub:org/empty", {}, "org/empty holds no files of data on the hub; check its name"),
        ("hub:org/broken", {}, "org/broken (test) from the hub cannot be read (DatasetGenerationError); try again, or give a mirror"),
        ("STS13", {}, "the hub has no data set mteb/sts13-sts that is open to you; check its name, log in, or give a mirror folder"),
        (TINY, {"*/test.jsonl": 404}, "the hub lists a file of org/tiny (test) that it does not give (404); try again later, or give"),
        (TINY, {"*/test.jsonl": 503}, "the hub answered 503 for org/tiny; try again later, or give a mirror folder"),
        (TINY, {"*/test.jsonl": "cut"}, "the hub's answer for org/tiny broke off; try again, or give a mirror folder"),
        (TINY, {"*": 500}, "the hub answered 500 for org/tiny; try again later, or give a mirror folder"),
        (TINY, {"*": 403}, "the hub has no data set org/tiny that is open to you; check its name, log in, or give"),
        (TINY, {"*": 429}, "the hub allows no more requests now (429) for org/tiny; wait, log in, or give a mirror folder"),
    ],
)
def test_what_goes_wrong_is_one_sentence_with_the_next_step(
    tiny: Hub, run: Callable[..., Done], benchmark: Any, faults: dict[str, Any] | dict[str, int] | dict[str, str], sentence: str
) -> None:
    tiny.hold("datasets", "org/empty", OLD, {"README.md": b"nothing"})
    tiny.hold("datasets", "org/broken", OLD, {"test.jsonl": b"<html>not data</html>"})
    tiny.faults.update(faults)
    done = run(benchmark)
    assert done.code == 4
    assert done.sentence.startswith(sentence)


def test_no_hub_and_no_cache(tiny: Hub, run: Callable[..., Done]) -> None:
    tiny.stop()
    online, offline = run(TINY), run(TINY, offline=True)
    assert online.code == offline.code == 4
    assert online.sentence.startswith("the hub cannot be reached for org/tiny; check the network, or give a mirror folder")
    assert "set HF_HUB_OFFLINE=1 to use what is cached" in online.sentence
    assert offline.sentence.startswith("org/tiny is not in the cache and offline mode is on; give a mirror folder")


def test_one_data_set_that_fails_costs_only_its_own_cells(tiny: Hub, run: Callable[..., Done]) -> None:
    done = run("mini", "-b", "hub:org/none")
    assert done.code == 1
    assert {cell["benchmark"]: cell["status"] for cell in json.loads(done.out)["cells"]} == {"mini": "ok", "hub:org/none": "failed"}
    (line,) = done.err.splitlines()
    assert "the hub has no data set org/none that is open to you" in line


def test_the_token_is_shown_to_the_hub_alone(tiny: Hub, run: Callable[..., Done], token: str, tmp_path: Path) -> None:
    assert run(TINY, "--results", "results").code == 0
    tiny.faults["*"] = 500
    assert "Traceback" in run(TINY, command=("--debug", "run")).err
    assert tiny.tokens == {f"Bearer {token}"}
    kept = [path for path in (tmp_path / "results").rglob("*") if path.is_file()]
    assert kept
    assert not [path for path in kept if token.encode() in path.read_bytes()]


def test_a_task_of_mteb_is_loaded_by_mteb_at_its_pinned_revision(hub: Hub, run: Callable[..., Done]) -> None:
    pytest.importorskip("stsbench_mteb")
    hub.hold("datasets", "mteb/sts13-sts", REVISION, {"test.jsonl": jsonl("sentence1", "sentence2", "score")})
    hub.hold("datasets", "mteb/sts13-sts", NEW, {"test.jsonl": b"main has moved on"})
    (cell,) = run("mteb-task:STS13").cells
    assert (cell["benchmark"], cell["n"]) == ("mteb-STS13", 4)
    assert f"|source=hub@{REVISION}|n=4|" in cell["signature"]
    assert run("STS13").cells[0]["spearman"] == cell["spearman"]


def test_a_task_of_mteb_without_a_hub_is_what_was_kept_or_one_sentence(hub: Hub, run: Callable[..., Done]) -> None:
    pytest.importorskip("stsbench_mteb")
    hub.hold("datasets", "mteb/sts13-sts", REVISION, {"test.jsonl": jsonl("sentence1", "sentence2", "score")})
    (kept,) = run("mteb-task:STS13").cells
    hub.stop()
    assert [cell["spearman"] for cell in run("mteb-task:STS13").cells] == [kept["spearman"]]
    done = run("mteb-task:STS12")
    assert (done.code, done.sentence.partition(";")[0]) == (4, "mteb cannot load the data of STS12 from the hub (ConnectionError)")


def test_a_task_of_mteb_at_another_revision_than_the_pinned_one_is_refused(hub: Hub, run: Callable[..., Done]) -> None:
    pytest.importorskip("stsbench_mteb")
    hub.hold("datasets", "mteb/sts13-sts", NEW, {"test.jsonl": jsonl("sentence1", "sentence2", "score")})
    hub.move("datasets", "mteb/sts13-sts", NEW, branch=REVISION)
    done = run("mteb-task:STS13")
    assert done.code == 4
    assert done.sentence.startswith(
        "STS13 was given at revision bbbbbbbb where 7e90230a is pinned; load it once with network, or give a mirror"
    )
    assert run("mteb-task:STS14").sentence.startswith("mteb cannot load the data of STS14 from the hub (")
