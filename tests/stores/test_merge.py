import errno
import os
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path
from typing import Any

import filelock
import numpy as np
import pytest

from stsbench.contracts.identity import CellId
from stsbench.contracts.records import Record, RecordFile
from stsbench.errors import StoreError
from stsbench.stores import atomic
from stsbench.stores import merge as merging
from stsbench.stores.atomic import write_atomic
from stsbench.stores.merge import merge
from stsbench.stores.records import load, load_all, record_path, scores_path
from stsbench.stores.results import ResultsFolder
from stsbench.stores.scores import dump_scores

Make = Callable[..., Record]
MakeFile = Callable[..., RecordFile]
Tree = Callable[[Path], dict[str, bytes]]
SCORES = np.array([-0.5, 0.0, 0.25, 0.5], dtype=np.float32)
TOLERANCE = 2e-5


def _merge(root: Path, file: RecordFile, scores: np.ndarray | None = SCORES, *, accept: bool = False) -> tuple[Any, ...]:
    measured = [one.cell for one in file.records if one.status != "failed" and not one.is_whole]
    return merge(ResultsFolder(root), file, {} if scores is None else dict.fromkeys(measured, scores), tolerance=TOLERANCE, accept=accept)


def _later(file: RecordFile, **changes: float) -> RecordFile:
    """The same file computed on another day, with some metrics changed in every record."""
    records = tuple(one.model_copy(update={"figures": {**one.figures, **changes}}) for one in file.records)
    return file.model_copy(update={"records": records, "provenance": {"date": "2026-02-02", "numpy": "2.1"}})


def _stored(root: Path, file: RecordFile) -> dict[CellId, Record]:
    return {one.cell: one for one in load(record_path(root, file)).records}


def test_new_records_and_scores_are_kept(record_file: MakeFile, tmp_path: Path) -> None:
    file = record_file()
    assert _merge(tmp_path, file) == ()
    (again,) = load_all(tmp_path)
    assert set(again.records) == set(file.records)
    assert again.provenance == file.provenance
    ((cell, scores),) = ResultsFolder(tmp_path).scores(again).items()
    assert cell == file.records[0].cell
    np.testing.assert_array_equal(scores, SCORES)


def test_a_rerun_within_tolerance_leaves_every_byte_and_the_clock_of_the_file(record_file: MakeFile, tmp_path: Path, tree: Tree) -> None:
    file = record_file()
    _merge(tmp_path, file)
    files = [path for path in tmp_path.rglob("*") if path.name != "lock"]  # taking it is no change, and filelock before 4.2 touches it
    before, times = tree(tmp_path), {path: path.stat().st_mtime_ns for path in files}
    nudged = SCORES + np.float32(1e-5)
    assert _merge(tmp_path, _later(file, spearman=0.80005, pearson=0.70003), nudged) == ()
    assert tree(tmp_path) == before
    assert {path: path.stat().st_mtime_ns for path in files} == times


def test_figures_of_more_than_six_decimals_settle(record_file: MakeFile, tmp_path: Path, tree: Tree) -> None:
    file = _later(record_file(), spearman=0.1 + 0.2, pearson=1 / 3, kendall=-1e-12)
    _merge(tmp_path, file, None)
    before = tree(tmp_path)
    assert _merge(tmp_path, file, None) == ()
    assert tree(tmp_path) == before


def test_what_disagrees_is_named_with_both_values_and_the_old_kept(record_file: MakeFile, tmp_path: Path, tree: Tree) -> None:
    file = record_file()
    _merge(tmp_path, file)
    before = tree(tmp_path)
    moved = SCORES.copy()
    moved[2] += np.float32(0.01)
    part, whole = sorted(_merge(tmp_path, _later(file, spearman=0.5), moved), key=lambda one: one.cell, reverse=True)
    assert (part.benchmark, part.encoder, part.old, part.new, part.pair) == ("STS12", "wordllama", 0.8, 0.5, 2)
    assert (part.old_score, part.new_score) == (0.25, pytest.approx(0.26))
    assert "Spearman was 0.800000, is 0.500000" in str(part)
    assert whole.cell.is_whole
    assert (whole.old, whole.new) == (0.8, 0.5)
    assert tree(tmp_path) == before


def test_accept_takes_the_new_figures_with_their_scores_and_provenance(record_file: MakeFile, tmp_path: Path) -> None:
    file = record_file()
    _merge(tmp_path, file)
    later = _later(file, spearman=0.5)
    assert [one.replaced for one in _merge(tmp_path, later, -SCORES, accept=True)] == [True, True]
    again = load(record_path(tmp_path, file))
    assert {one.figure for one in again.records} == {0.5}
    assert again.provenance == later.provenance
    np.testing.assert_array_equal(next(iter(ResultsFolder(tmp_path).scores(again).values())), -SCORES)
    assert _merge(tmp_path, later, -SCORES) == ()


def test_other_systems_of_the_encoder_are_left_alone(record: Make, record_file: MakeFile, tmp_path: Path) -> None:
    _merge(tmp_path, record_file(record(view="a", spearman=0.1), record(view="b", spearman=0.2)))
    new = record(view="b", spearman=0.3, key="k2")
    assert _merge(tmp_path, record_file(new, record(view="c"))) == ()
    stored = _stored(tmp_path, record_file())
    assert {cell[2]: one.figure for cell, one in stored.items()} == {"a": 0.1, "b": 0.3, "c": 0.8}
    assert len(ResultsFolder(tmp_path).scores(load(record_path(tmp_path, record_file())))) == 3


def test_another_key_replaces_without_a_word(record: Make, record_file: MakeFile, tmp_path: Path) -> None:
    _merge(tmp_path, record_file())
    changed = record_file(record(key="k2", spearman=0.1), record(split="*", subset="*", key="a2", spearman=0.1, exponent=None))
    assert _merge(tmp_path, changed, -SCORES) == ()
    assert {one.figure for one in _stored(tmp_path, changed).values()} == {0.1}


def test_another_key_without_scores_drops_the_old_ones(record: Make, record_file: MakeFile, tmp_path: Path) -> None:
    _merge(tmp_path, record_file(record()))
    _merge(tmp_path, record_file(record(key="k2")), None)
    assert not scores_path(tmp_path, record_file()).exists()


def test_parts_of_one_cell_with_other_data_do_not_mix(record: Make, record_file: MakeFile, tmp_path: Path) -> None:
    """One system moves to new data of another length; the other system keeps its scores of the old data."""
    a, b = record(view="a"), record(view="b")
    _merge(tmp_path, record_file(a, b))
    moved = record(view="b", key="k2", digest="e" * 32, n=2)
    _merge(tmp_path, record_file(moved), SCORES[:2])
    again = ResultsFolder(tmp_path).scores(load(record_path(tmp_path, record_file())))
    assert {cell[2]: len(own) for cell, own in again.items()} == {"a": 4, "b": 2}


@pytest.mark.parametrize("accept", [False, True])
def test_a_failure_never_replaces_a_figure_of_its_key(
    record: Make, record_file: MakeFile, tmp_path: Path, tree: Tree, accept: bool
) -> None:
    _merge(tmp_path, record_file())
    before = tree(tmp_path)
    failed = record_file(record(status="failed"), record(split="*", subset="*", key="a1", status="failed"))
    disagreements = _merge(tmp_path, failed, accept=accept)
    assert [(one.what, one.replaced) for one in disagreements] == [("status was ok, is failed (it broke)", False)] * 2
    assert tree(tmp_path) == before


def test_a_failure_is_kept_where_nothing_was_and_gives_way_to_a_figure(record: Make, record_file: MakeFile, tmp_path: Path) -> None:
    failed = record_file(record(status="failed"), record(split="*", subset="*", key="a1", status="failed"))
    assert _merge(tmp_path, failed) == ()
    assert {one.status for one in _stored(tmp_path, failed).values()} == {"failed"}
    assert not scores_path(tmp_path, failed).exists()
    assert _merge(tmp_path, record_file()) == ()
    assert {one.status for one in _stored(tmp_path, failed).values()} == {"ok"}
    assert len(ResultsFolder(tmp_path).scores(load(record_path(tmp_path, failed)))) == 1


def test_a_system_moves_as_a_whole(record: Make, record_file: MakeFile, tmp_path: Path) -> None:
    """One part disagrees, so the aggregate computed from it, though of a new key, is not taken either."""
    whole = {"split": "*", "subset": "*", "exponent": None}
    _merge(tmp_path, record_file(record(subset="en"), record(**whole, key="a1")))
    new = record_file(record(subset="en", spearman=0.1), record(subset="de", key="k9"), record(**whole, key="a2", spearman=0.2))
    (disagreement,) = _merge(tmp_path, new, -SCORES)
    assert disagreement.cell[1] == "en"
    assert {cell[1]: one.figure for cell, one in _stored(tmp_path, new).items()} == {"en": 0.8, "*": 0.8}
    _merge(tmp_path, new, -SCORES, accept=True)
    assert {cell[1]: one.figure for cell, one in _stored(tmp_path, new).items()} == {"en": 0.1, "de": 0.8, "*": 0.2}


def test_scores_are_added_where_none_were_stored(record_file: MakeFile, tmp_path: Path) -> None:
    file = record_file()
    _merge(tmp_path, file, None)
    assert not scores_path(tmp_path, file).exists()
    assert _merge(tmp_path, _later(file, spearman=0.800004)) == ()
    assert {one.figure for one in _stored(tmp_path, file).values()} == {0.800004}
    assert len(ResultsFolder(tmp_path).scores(load(record_path(tmp_path, file)))) == 1


def test_what_the_encoder_or_benchmark_says_of_itself_is_updated(record_file: MakeFile, tmp_path: Path) -> None:
    _merge(tmp_path, record_file(notes=("old",)))
    _merge(tmp_path, _later(record_file(notes=("new",))))
    again = load(record_path(tmp_path, record_file()))
    assert again.benchmark.notes == ("new",)
    assert again.provenance == record_file().provenance


@pytest.mark.parametrize("accept", [False, True])
def test_killed_between_scores_and_records_the_same_run_heals(
    record: Make, record_file: MakeFile, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, accept: bool
) -> None:
    """Scores that were measured before the crash belong to a record that is gone: they are not compared, and are replaced."""
    _merge(tmp_path, record_file(record()))
    new = record_file(record(spearman=0.1, key="k1" if accept else "k2"))

    def killed(path: Path, _data: bytes) -> None:
        assert path.suffix == ".json"
        raise KeyboardInterrupt

    with monkeypatch.context() as patch:
        patch.setattr(merging, "write_atomic", killed)
        patch.setattr(merging, "write_scores", lambda path, evidence: path.write_bytes(dump_scores(evidence.file, evidence.scores)))
        with pytest.raises(KeyboardInterrupt):
            _merge(tmp_path, new, -SCORES, accept=accept)
    assert ResultsFolder(tmp_path).scores(load(record_path(tmp_path, new))) == {}  # no record tells of them yet
    _merge(tmp_path, new, -SCORES, accept=accept)
    ((_, scores),) = ResultsFolder(tmp_path).scores(load(record_path(tmp_path, new))).items()
    np.testing.assert_array_equal(scores, -SCORES)


def test_killed_before_the_first_record_nothing_is_known(record_file: MakeFile, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    def killed(path: Path, data: bytes) -> None:
        if path.suffix == ".json":
            raise KeyboardInterrupt
        write(path, data)

    write = write_atomic
    with monkeypatch.context() as patch:
        patch.setattr(merging, "write_atomic", killed)
        with pytest.raises(KeyboardInterrupt):
            _merge(tmp_path, record_file(), SCORES)
    assert not record_path(tmp_path, record_file()).exists()
    _merge(tmp_path, record_file(), SCORES)
    assert next(iter(ResultsFolder(tmp_path).scores(load(record_path(tmp_path, record_file()))).values())).tolist() == SCORES.tolist()


def test_files_that_would_share_a_name_are_refused(record_file: MakeFile, tmp_path: Path, tree: Tree) -> None:
    _merge(tmp_path, record_file(name="STS17/en"))
    before = tree(tmp_path)
    for other in (record_file(name="STS17-en"), record_file(name="STS17/en", fingerprint="f" * 31 + "0")):
        with pytest.raises(StoreError, match="whose files would have the same name; use another results folder"):
            _merge(tmp_path, other)
    assert tree(tmp_path) == before


@pytest.mark.parametrize("scores", [SCORES[:3], np.array([0, 1, np.nan, 2], np.float32), np.zeros((4, 1), np.float32)])
def test_scores_that_do_not_fit_their_record_are_refused(record_file: MakeFile, tmp_path: Path, tree: Tree, scores: np.ndarray) -> None:
    with pytest.raises(ValueError, match="must be 4 finite numbers"):
        _merge(tmp_path, record_file(), scores)
    assert tree(tmp_path) == {}


def test_scores_of_no_record_are_refused(record: Make, record_file: MakeFile, tmp_path: Path) -> None:
    for other in (record(view="other"), record(split="*", subset="*")):
        with pytest.raises(ValueError, match="no measured part"):
            merge(ResultsFolder(tmp_path), record_file(record(), record(split="*", subset="*")), {other.cell: SCORES}, tolerance=TOLERANCE)


def test_a_newer_schema_on_disk_is_refused_and_left(record_file: MakeFile, tmp_path: Path, tree: Tree) -> None:
    _merge(tmp_path, record_file())
    path = record_path(tmp_path, record_file())
    path.write_bytes(path.read_bytes().replace(b'"schema_version": 2', b'"schema_version": 3'))
    before = tree(tmp_path)
    with pytest.raises(StoreError, match=r"written by a newer stsbench .* upgrade"):
        _merge(tmp_path, record_file())
    assert tree(tmp_path) == before


def test_a_results_folder_that_is_a_file_is_named(record_file: MakeFile, tmp_path: Path) -> None:
    (tmp_path / "board").write_text("")
    with pytest.raises(StoreError, match=r"cannot write .*board.*: a part of that path is a file"):
        _merge(tmp_path / "board", record_file())


def test_a_full_disk_keeps_what_was_stored(record_file: MakeFile, tmp_path: Path, tree: Tree, monkeypatch: pytest.MonkeyPatch) -> None:
    """Simulated: fsync answers as a full disk does."""
    _merge(tmp_path, record_file())
    before = tree(tmp_path)

    def full(_: int) -> None:
        raise OSError(errno.ENOSPC, os.strerror(errno.ENOSPC))

    monkeypatch.setattr(os, "fsync", full)
    with pytest.raises(StoreError, match="the disk is full"):
        _merge(tmp_path, record_file(), -SCORES, accept=True)
    assert tree(tmp_path) == before


def test_the_lock_lies_in_the_results_and_out_of_the_sight_of_git(record_file: MakeFile, tmp_path: Path) -> None:
    _merge(tmp_path, record_file())
    assert {path.name for path in tmp_path.iterdir()} == {".stsbench", "results", "scores"}
    assert {path.name: path.read_bytes() for path in (tmp_path / ".stsbench").iterdir()} == {".gitignore": b"*\n", "lock": b""}


def test_a_file_system_without_locks_is_said(record_file: MakeFile, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Simulated: the system answers as a network folder without a lock service does."""

    def refuse(_self: object) -> None:
        raise OSError(errno.ENOLCK, os.strerror(errno.ENOLCK))

    monkeypatch.setattr(filelock.FileLock, "_acquire", refuse)
    with pytest.raises(StoreError, match=r"offers no locks, .* choose a folder on a local disk"):
        _merge(tmp_path, record_file())


def test_another_run_that_never_lets_go_is_reported(record_file: MakeFile, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(atomic, "PATIENCE", 0.1)
    with atomic.locked(tmp_path), pytest.raises(StoreError, match=r"another run has been writing .* wait for it to finish"):
        _merge(tmp_path, record_file())


def test_two_processes_write_one_folder_and_nothing_is_lost(record: Make, record_file: MakeFile, tmp_path: Path) -> None:
    program = (
        "import sys, numpy as np; from pathlib import Path; from stsbench.contracts.records import RecordFile\n"
        "from stsbench.stores.merge import merge\n"
        "from stsbench.stores.results import ResultsFolder\n"
        "file = RecordFile.model_validate_json(sys.argv[2])\n"
        "for one in file.records:\n"
        "    only = file.model_copy(update={'records': (one,)})\n"
        "    assert merge(ResultsFolder(Path(sys.argv[1])), only, {one.cell: np.arange(4, dtype=np.float32)}, tolerance=2e-5) == ()\n"
    )
    files = [record_file(*(record(view=f"{who}{number}") for number in range(25)), record(view="shared")) for who in "ab"]
    arguments = [[sys.executable, "-c", program, str(tmp_path), file.model_dump_json()] for file in files]
    writers = [subprocess.Popen(each, stderr=subprocess.PIPE, text=True) for each in arguments]
    for writer in writers:
        _, errors = writer.communicate(timeout=120)
        assert writer.returncode == 0, errors
    stored = _stored(tmp_path, files[0])
    assert len(stored) == 51
    assert len(ResultsFolder(tmp_path).scores(load(record_path(tmp_path, files[0])))) == 51
    assert not list(tmp_path.rglob("*.tmp"))
