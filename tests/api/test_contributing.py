"""A contribution is taken over whole or not at all, and only as a run wrote it."""

from __future__ import annotations

import json
import os
import shutil
from pathlib import Path

import numpy as np
import pytest

import stsbench
from stsbench.api.contributing import merge_results
from stsbench.cli.app import app
from stsbench.errors import StoreError, UsageError
from stsbench.runner.keys import aggregate_key
from stsbench.stores.merge import Evidence, write_scores
from stsbench.stores.records import dump, load_all, record_path, scores_path
from stsbench.stores.results import ResultsFolder


@pytest.fixture(scope="module")
def computed(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Two folders of results, each computed once: `into` and `contribution`."""
    folder = tmp_path_factory.mktemp("results")
    stsbench.evaluate("hashing", "cosine", "mini", results=folder / "into", cache=False)
    stsbench.evaluate(["hashing", "hashing,dim=64"], "dot", "mini", results=folder / "contribution", cache=False)
    return folder


@pytest.fixture
def into(computed: Path, tmp_path: Path) -> Path:
    return Path(shutil.copytree(computed / "into", tmp_path / "into"))


@pytest.fixture
def contribution(computed: Path, tmp_path: Path) -> Path:
    return Path(shutil.copytree(computed / "contribution", tmp_path / "contribution"))


def snapshot(root: Path) -> dict[str, bytes]:
    return {path.relative_to(root).as_posix(): path.read_bytes() for path in root.rglob("*") if path.is_file()}


def test_what_is_new_is_added_and_what_is_there_stays(contribution: Path, into: Path) -> None:
    merged = merge_results(ResultsFolder(contribution), ResultsFolder(into))
    assert (merged.added, merged.agreeing, merged.conflicts) == (4, 0, ())
    records = [record for file in load_all(into) for record in file.records]
    assert len(records) == 6
    assert all(len(ResultsFolder(into).scores(file)) == len(file.records) / 2 for file in load_all(into))
    before = snapshot(into)
    again = merge_results(ResultsFolder(contribution), ResultsFolder(into))
    assert (again.added, again.agreeing) == (0, 4)
    assert snapshot(into) == before


def altered(root: Path, by: float) -> None:
    (file,) = (file for file in load_all(root) if "dim" not in file.encoder.label)
    scores = {
        cell: (values + np.float32(by) * (np.arange(len(values)) == 7)).astype(np.float32)
        for cell, values in ResultsFolder(root).scores(file).items()
    }
    write_scores(scores_path(root, file), Evidence(file, scores))


def test_a_conflict_is_named_and_nothing_is_written(contribution: Path, into: Path) -> None:
    merge_results(ResultsFolder(contribution), ResultsFolder(into))
    altered(contribution, 0.2)
    before = snapshot(into)
    merged = merge_results(ResultsFolder(contribution), ResultsFolder(into))
    assert len(merged.conflicts) == 1
    assert "most that of pair 8" in str(merged.conflicts[0])
    assert snapshot(into) == before
    assert merge_results(ResultsFolder(contribution), ResultsFolder(into), accept=True).conflicts
    assert snapshot(into) != before
    assert merge_results(ResultsFolder(contribution), ResultsFolder(into)).conflicts == ()


def test_a_contribution_of_schema_1_is_taken_over_and_an_edited_one_is_not(contribution: Path, into: Path) -> None:
    for file in load_all(contribution):
        record_path(contribution, file).write_bytes(dump(file, version=1))
    assert merge_results(ResultsFolder(contribution), ResultsFolder(into)).added == 4
    path = record_path(contribution, load_all(contribution)[0])
    path.write_bytes(path.read_bytes().replace(b'"spearman": 0.', b'"spearman":  0.', 1))
    with pytest.raises(StoreError, match="is not as stsbench writes it, so it was edited"):
        merge_results(ResultsFolder(contribution), ResultsFolder(into))


def test_an_edited_record_is_refused(contribution: Path, into: Path) -> None:
    file = load_all(contribution)[0]
    path = record_path(contribution, file)
    data = path.read_bytes()
    path.write_bytes(data.replace(b'"spearman": 0.', b'"spearman":  0.', 1))
    with pytest.raises(StoreError, match="is not as stsbench writes it, so it was edited"):
        merge_results(ResultsFolder(contribution), ResultsFolder(into))
    records = tuple(record.model_copy(update={"figures": {**record.figures, "spearman": 0.9}}) for record in file.records)
    path.write_bytes(dump(file.model_copy(update={"records": records})))
    with pytest.raises(StoreError, match="holds scores of other records than those beside it"):
        merge_results(ResultsFolder(contribution), ResultsFolder(into))


def test_a_record_of_another_key_takes_the_place_of_a_kept_one_only_if_accepted(into: Path, tmp_path: Path) -> None:
    shutil.copytree(into, tmp_path / "forged")
    (file,) = load_all(into)
    scores = {cell: -values for cell, values in ResultsFolder(into).scores(file).items()}
    part = next(record for record in file.records if not record.is_whole)
    forged = part.model_copy(update={"key": "0" * 32, "figures": {**part.figures, "spearman": 0.9}})
    whole = next(record for record in file.records if record.is_whole)
    other = whole.model_copy(update={"key": aggregate_key([forged.key], "mean"), "figures": {**whole.figures, "spearman": 0.9}})
    changed = file.model_copy(update={"records": tuple(sorted((forged, other), key=lambda record: record.cell))})
    record_path(tmp_path / "forged", file).write_bytes(dump(changed))
    write_scores(scores_path(tmp_path / "forged", file), Evidence(changed, scores))
    before = snapshot(into)
    merged = merge_results(ResultsFolder(tmp_path / "forged"), ResultsFolder(into))
    assert (merged.added, merged.agreeing, len(merged.conflicts)) == (0, 0, 2)
    assert "computed in another way" in str(merged.conflicts[0])
    assert snapshot(into) == before
    accepted = merge_results(ResultsFolder(tmp_path / "forged"), ResultsFolder(into), accept=True)
    assert (accepted.added, [one.replaced for one in accepted.conflicts]) == (2, [True, True])
    assert load_all(into)[0].records == changed.records


@pytest.mark.parametrize("forged", ["no part", "another key", "another figure"])
def test_a_figure_of_the_whole_that_rests_on_no_record_of_a_part_is_refused(into: Path, contribution: Path, forged: str) -> None:
    file = load_all(contribution)[0]
    if forged == "no part":
        records = tuple(record for record in file.records if record.is_whole)
    else:
        records = tuple(
            record.model_copy(
                update={"key": "0" * 32} if forged == "another key" else {"figures": {**record.figures, "kendall": 0.9}},
            )
            if record.is_whole
            else record
            for record in file.records
        )
    changed = file.model_copy(update={"records": records})
    scores = ResultsFolder(contribution).scores(changed)
    record_path(contribution, file).write_bytes(dump(changed))
    write_scores(scores_path(contribution, file), Evidence(changed, scores))
    before = snapshot(into)
    with pytest.raises(StoreError, match="on all of mini does not rest on records of its parts beside it"):
        merge_results(ResultsFolder(contribution), ResultsFolder(into))
    assert snapshot(into) == before


def test_records_of_several_parts_are_taken_over(tmp_path: Path) -> None:
    stsbench.evaluate("hashing", "cosine", "mini,by=group", results=tmp_path / "grouped", cache=False)
    (file,) = load_all(tmp_path / "grouped")
    assert merge_results(ResultsFolder(tmp_path / "grouped"), ResultsFolder(tmp_path / "new")).added == len(file.records) > 2
    fewer = file.model_copy(update={"records": file.records[:1] + file.records[2:]})
    assert not file.records[1].is_whole
    scores = ResultsFolder(tmp_path / "grouped").scores(fewer)
    record_path(tmp_path / "grouped", file).write_bytes(dump(fewer))
    write_scores(scores_path(tmp_path / "grouped", file), Evidence(fewer, scores))
    with pytest.raises(StoreError, match="does not rest on records of its parts beside it"):
        merge_results(ResultsFolder(tmp_path / "grouped"), ResultsFolder(tmp_path / "other"))


def test_other_data_are_refused(into: Path, contribution: Path) -> None:
    file = load_all(contribution)[0]
    records = tuple(record.model_copy(update={"digest": "0" * 32}) for record in file.records)
    path = record_path(contribution, file)
    path.write_bytes(dump(file.model_copy(update={"records": records})))
    scores_path(contribution, file).unlink()
    with pytest.raises(StoreError, match=r"was scored on other data of mini \(digest 00000000\)"):
        merge_results(ResultsFolder(contribution), ResultsFolder(into))


def test_links_stray_files_and_large_files_are_refused(into: Path, contribution: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    stray = contribution / "results" / "mini@plain" / "notes.txt"
    stray.write_text("hello")
    with pytest.raises(StoreError, match=r"notes\.txt of the contribution is not where stsbench keeps such results"):
        merge_results(ResultsFolder(contribution), ResultsFolder(into))
    stray.unlink()
    stray.symlink_to("/etc/hostname")
    with pytest.raises(StoreError, match="is a link; it must be a file"):
        merge_results(ResultsFolder(contribution), ResultsFolder(into))
    stray.unlink()
    monkeypatch.setattr("stsbench.api.contributing.LARGEST", 100)
    with pytest.raises(StoreError, match="a file of evidence has at most 100"):
        merge_results(ResultsFolder(contribution), ResultsFolder(into))
    monkeypatch.undo()
    (into / "board.toml").touch()
    monkeypatch.setattr("stsbench.api.contributing.MOST", 1000)
    with pytest.raises(StoreError, match="it is kept below 1,000"):
        merge_results(ResultsFolder(contribution), ResultsFolder(into))


@pytest.mark.parametrize("place", ["", "results", "scores", "results/mini@plain"])
def test_no_folder_of_a_contribution_may_be_a_link(into: Path, contribution: Path, tmp_path: Path, place: str) -> None:
    before = snapshot(into)
    folder = contribution / place
    folder.rename(tmp_path / "elsewhere")
    folder.symlink_to(tmp_path / "elsewhere", target_is_directory=True)
    with pytest.raises(StoreError, match=rf"^(the contribution|{place} of the contribution) is a link; it must be a folder itself"):
        merge_results(ResultsFolder(contribution), ResultsFolder(into))
    assert snapshot(into) == before


def test_a_pipe_in_a_contribution_is_not_waited_for(into: Path, contribution: Path) -> None:
    os.mkfifo(contribution / "results" / "mini@plain" / "a.json")
    with pytest.raises(StoreError, match="is neither a file nor a folder"):
        merge_results(ResultsFolder(contribution), ResultsFolder(into))


def test_the_command_says_what_it_did(into: Path, contribution: Path, tmp_path: Path) -> None:
    from typer.testing import CliRunner

    done = CliRunner().invoke(app, ["results", "merge", str(contribution), str(into), "--json"])
    assert done.exit_code == 0, done.output
    assert json.loads(done.stdout) == {"added": 4, "agreeing": 0, "conflicts": []}
    altered(contribution, 0.2)
    done = CliRunner().invoke(app, ["results", "merge", str(contribution), str(into)])
    assert done.exit_code == 1
    assert "error: nothing was written, since kept cells disagree" in done.stderr
    (tmp_path / "empty").mkdir()
    with pytest.raises(UsageError, match="a contribution is a folder that"):
        merge_results(ResultsFolder(tmp_path / "empty"), ResultsFolder(into))
    shutil.rmtree(contribution)
