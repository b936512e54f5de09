"""A board's folder is read once: no use case parses a file of records twice, and what another process wrote is read all the same."""

from __future__ import annotations

import os
import shutil
from collections import Counter
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from stsbench.api.boards import check_board, run_board
from stsbench.api.session import Session
from stsbench.contracts.records import RecordFile
from stsbench.errors import StoreError, UsageError
from stsbench.evidence.folder import BoardFolder
from stsbench.host.resolved import Resolved
from stsbench.runner import loading
from stsbench.runner.system import PlannedBenchmark
from stsbench.stores import records, results
from stsbench.stores.records import as_stored, dump, load_all, parse, record_path, scores_path
from stsbench.stores.results import ResultsFolder

MINI = Path(__file__).parents[2] / "leaderboards" / "mini"
SYSTEMS = ("hashing", "hashing,dim=64", "char-jaccard")


@pytest.fixture
def parses(monkeypatch: pytest.MonkeyPatch) -> Counter[str]:
    """How often each file of records is parsed."""
    counts: Counter[str] = Counter()
    real = records.parse

    def counted(data: bytes, where: str) -> RecordFile:
        counts[where] += 1
        return real(data, where)

    for module in (records, results):
        monkeypatch.setattr(module, "parse", counted)
    return counts


@pytest.fixture
def small(tmp_path: Path, write_board: Callable[..., Path]) -> Path:
    folder = write_board(tmp_path / "small", *SYSTEMS, writers=["markdown", "html"])
    run_board(BoardFolder(folder), Session.opened(cache=False))
    return folder


def test_check_parses_each_file_of_records_once(parses: Counter[str], tmp_path: Path) -> None:
    copy = shutil.copytree(MINI, tmp_path / "mini")
    assert check_board(BoardFolder(copy), Session.opened()) == []
    assert sorted(parses) == sorted(map(str, (copy / "results").glob("*/*.json")))
    assert set(parses.values()) == {1}


def test_a_first_run_parses_what_it_writes_never(parses: Counter[str], small: Path) -> None:
    assert len(load_all(small)) == 3
    assert set(parses.values()) == {1}, "by this test"


@pytest.mark.parametrize("fresh", [False, True])
def test_run_parses_each_file_of_records_once(small: Path, parses: Counter[str], fresh: bool) -> None:
    before = {path: path.read_bytes() for path in small.rglob("*") if path.is_file()}
    report, _ = run_board(BoardFolder(small), Session.opened(cache=False), fresh=fresh)
    assert report.compared == (3 if fresh else 0)
    assert {path: path.read_bytes() for path in small.rglob("*") if path.is_file()} == before
    assert len(parses) == 3
    assert set(parses.values()) == {1}


def test_a_run_that_replaces_records_parses_each_once(small: Path, parses: Counter[str]) -> None:
    for path in (small / "results").glob("*/*.json"):
        path.write_bytes(path.read_bytes().replace(b'"spearman": 0.', b'"spearman": 0.0'))
    report, table = run_board(BoardFolder(small), Session.opened(cache=False), fresh=True, accept=True)
    assert len(report.disagreements) == 6
    assert {row.average for row in table.rows} == {file.records[0].figure for file in map(parsed, (small / "results").glob("*/*.json"))}
    assert set(parses.values()) == {1}


def parsed(path: Path) -> RecordFile:
    return RecordFile.model_validate_json(path.read_bytes())


def test_what_another_process_wrote_is_read(small: Path) -> None:
    folder = ResultsFolder(small)
    first = folder.files
    assert all(one is again for one, again in zip(first, folder.files, strict=True))
    scores = folder.scores(first[0])
    assert folder.scores(first[0]) is scores
    path = record_path(small, first[0])
    path.write_bytes(path.read_bytes().replace(b'"spearman": 0.', b'"spearman": 0.0'))
    assert folder.files[0] is not first[0]
    assert folder.files[1:] == first[1:]
    assert folder.scores(folder.files[0]) == {}, "they are of the record that was there"


@pytest.mark.skipif(not hasattr(os, "mkfifo"), reason="a system without named pipes")
@pytest.mark.parametrize("name", ["board.toml", "README.md", "statistics.json", "results", "scores"])
def test_a_pipe_in_a_board_is_not_waited_for(small: Path, name: str) -> None:
    path = small / name if (small / name).is_file() else min((small / name).glob("*/*"))
    path.unlink()
    os.mkfifo(path)
    with pytest.raises((StoreError, UsageError), match="a device, a pipe or a socket"):
        check_board(BoardFolder(small), Session.opened())


def test_scores_that_were_cut_to_nothing_are_no_scores_that_are_not_there(small: Path) -> None:
    folder = ResultsFolder(small)
    path = scores_path(small, folder.files[0])
    path.unlink()
    assert folder.scores(folder.files[0]) == {}
    path.write_bytes(b"")
    with pytest.raises(StoreError, match="cannot be read as the scores of its records"):
        folder.scores(folder.files[0])


def test_data_of_two_mirrors_are_two_benchmarks(tmp_path: Path) -> None:
    for name, gold in (("first", "0123"), ("second", "3210")):
        (tmp_path / name / "some" / "pairs").mkdir(parents=True)
        lines = [f"left {row},right {row},{grade}" for row, grade in enumerate(gold)]
        (tmp_path / name / "some" / "pairs" / "test.csv").write_text("\n".join(["left,right,score", *lines]))
    session = Session.opened()
    first, again, second = (session.benchmark(f"hub:some/pairs,mirror={tmp_path / name}") for name in ("first", "first", "second"))
    assert first.parts[0].pairs.gold.tolist() == [0, 1, 2, 3]
    assert again.parts[0] is first.parts[0]
    assert second.parts[0].pairs.gold.tolist() == [3, 2, 1, 0]


def test_a_public_file_is_called_as_it_was_named(tmp_path: Path) -> None:
    for name in ("mine", "yours"):
        (tmp_path / f"{name}.csv").write_text("left,right,score\none,two,1\nthree,four,2\n")
    session = Session.opened()
    assert [session.benchmark(f"csv:{tmp_path / name}.csv,public=true").name for name in ("mine", "yours")] == ["mine", "yours"]


@pytest.mark.parametrize("change", [lambda value: value, lambda value: value - 1e-9, lambda value: -value / 3])
def test_a_file_as_stored_is_what_its_bytes_say(small: Path, change: Callable[[float], float]) -> None:
    for file in load_all(small):
        moved = [
            record.model_copy(update={"figures": record.figures | {"spearman": change(record.figure or 0)}})
            for record in reversed(file.records)
        ]
        new = file.model_copy(update={"records": tuple(moved)})
        assert as_stored(new) == parse(dump(new), "here")


@pytest.mark.parametrize("use_case", [lambda folder, session: run_board(folder, session, fresh=True), check_board])
def test_a_use_case_loads_each_benchmark_once(small: Path, monkeypatch: pytest.MonkeyPatch, use_case: Callable[..., object]) -> None:
    loads: list[str] = []
    real = loading.load

    def counted(resolved: Resolved[Any]) -> PlannedBenchmark:
        loads.append(str(resolved.ref))
        return real(resolved)

    monkeypatch.setattr(loading, "load", counted)
    use_case(BoardFolder(small), Session.opened(cache=False))
    assert loads == ["stsbench/mini"]
