"""What is known of the same scores under another name, task or private flag is not taken for what is asked for."""

from __future__ import annotations

import json
from pathlib import Path

import numpy as np
import pytest

import stsbench
from stsbench.api.evaluate import evaluate
from stsbench.builtin.benchmarks.mini import Mini
from stsbench.errors import StoreError
from stsbench.host.registry import Registry
from stsbench.stores.merge import Evidence, write_scores
from stsbench.stores.records import dump, load_all, record_path, scores_path
from stsbench.stores.results import ResultsFolder


@pytest.fixture
def table(tmp_path: Path) -> Path:
    """Pairs that are read with graded and with binary gold."""
    pairs = Mini().load()[0].pairs
    rows = [f'"{left}","{right}",{gold:g}' for (left, right), gold in zip(pairs.sides, (pairs.gold >= 4).astype(int), strict=True)]
    (tmp_path / "pairs.csv").write_text("\n".join(["left,right,score", *rows]) + "\n")
    return tmp_path / "pairs.csv"


def run(table: Path, options: str) -> stsbench.Report:
    return stsbench.evaluate(["hashing"], ["cosine"], [f"csv:{table}{options}"], results=table.parent / "results", cache=False)


def shown(report: stsbench.Report) -> tuple[str, str, bool, bool]:
    """Name, task and private flag of the benchmark, and whether there is an average precision."""
    (found,) = {(*one.benchmark.shown, one.record.positives is not None) for one in report.entries}
    return found


PUBLIC = ",public=true,name=pairs"


@pytest.mark.parametrize(
    ("options", "expected"),
    [
        (",public=true,name=others", ("others", "graded", False, False)),
        (",public=true,name=others,task=binary", ("others", "binary", False, True)),
        ("", ("private-", "graded", True, False)),
    ],
)
@pytest.mark.parametrize("turned", [False, True])
def test_each_is_computed_and_kept_as_what_it_is_shown(
    table: Path, options: str, expected: tuple[str, str, bool, bool], turned: bool
) -> None:
    both = {PUBLIC: ("pairs", "graded", False, False), options: expected}
    for own, (name, *others) in sorted(both.items(), reverse=turned):
        found = shown(run(table, own))
        assert found[0].startswith(name)
        assert found[1:] == tuple(others)
    before = {file.benchmark.ref: file for file in load_all(table.parent / "results")}
    assert len(before) == 2
    figures = [np.round(record.figures["spearman"], 6) for file in before.values() for record in file.records]
    assert len(set(figures)) == 1
    for own, (name, *_) in both.items():  # and what is known of each is found again
        assert shown(run(table, own))[0].startswith(name)
    assert {file.benchmark.ref: file for file in load_all(table.parent / "results")} == before


def test_another_task_under_the_same_name_is_refused(table: Path) -> None:
    run(table, PUBLIC)
    with pytest.raises(StoreError, match="use another results folder or a more distinct name"):
        run(table, f"{PUBLIC},task=binary")


def test_a_figure_over_all_pairs_of_several_parts_is_measured_again_to_be_believed(registry: Registry, tmp_path: Path) -> None:
    def run() -> stsbench.Report:
        return evaluate("double", "cosine", "parts-all", registry=registry, results=tmp_path, cache=False)

    expected = [cell["spearman"] for cell in run().cells()]
    assert run().warnings == ()
    (path,) = (tmp_path / "results").rglob("*.json")
    document = json.loads(path.read_text())
    for record in document["records"]:
        if record["split"] == "*":
            record["figures"]["spearman"] = 0.9876
    path.write_text(json.dumps(document))
    found = run()
    assert [cell["spearman"] for cell in found.cells()] == pytest.approx(expected, abs=1e-6)
    assert found.warnings == ("2 cells kept with other figures than the kept scores give; computed anew",)


def test_a_figure_that_was_edited_and_stamped_anew_is_not_repeated(tmp_path: Path) -> None:
    def again() -> stsbench.Report:
        return stsbench.evaluate("hashing", "cosine", "mini", results=tmp_path, cache=False)

    expected = [cell["spearman"] for cell in again().cells()]
    assert again().warnings == ()
    (file,) = load_all(tmp_path)
    scores = ResultsFolder(tmp_path).scores(file)
    edited = file.model_copy(
        update={"records": tuple(one.model_copy(update={"figures": {**one.figures, "spearman": 0.5}}) for one in file.records)}
    )
    record_path(tmp_path, file).write_bytes(dump(edited))
    write_scores(scores_path(tmp_path, file), Evidence(edited, scores))
    found = again()
    assert [cell["spearman"] for cell in found.cells()] == pytest.approx(expected, abs=1e-6)
    assert found.warnings == ("1 cell kept with other figures than the kept scores give; computed anew",)
    assert len(found.disagreements) == 2
