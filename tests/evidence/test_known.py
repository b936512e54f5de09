"""A kept record is repeated only where the scores beside it confirm it."""

from __future__ import annotations

import json
from collections.abc import Callable
from pathlib import Path
from typing import Any

import numpy as np
import pytest

import stsbench
from stsbench.contracts.events import Warned
from stsbench.errors import StoreError

Edit = Callable[[dict[str, Any]], None]


def run(root: Path, benchmark: str = "mini", similarities: Any = "cosine") -> tuple[stsbench.Report, list[str], int]:
    """The report, what was warned of, and how many cells were computed."""
    said: list[Any] = []
    report = stsbench.evaluate(["hashing"], similarities, [benchmark], results=root, cache=False, listen=said.append)
    return report, [one.message for one in said if isinstance(one, Warned)], sum(type(one).__name__ == "CellFinished" for one in said)


def figures(report: stsbench.Report) -> list[float]:
    return [cell["spearman"] for cell in report.cells()]


def edit(root: Path, change: Edit, *, whole: bool) -> None:
    (path,) = (root / "results").rglob("*.json")
    document = json.loads(path.read_text())
    for record in document["records"]:
        if (record["split"] == "*") == whole:
            change(record)
    path.write_text(json.dumps(document, sort_keys=True, indent=2) + "\n")


def setting(**values: Any) -> Edit:
    return lambda record: record.update(values)


def claiming(**figures: float) -> Edit:
    return lambda record: record["figures"].update(figures)


@pytest.mark.parametrize("whole", [False, True])
@pytest.mark.parametrize("change", [claiming(spearman=0.9323), setting(counts={"unique_texts": 3}), setting(flags=["truncated"])])
def test_an_edited_record_is_computed_anew(tmp_path: Path, change: Edit, whole: bool) -> None:
    first, warned, computed = run(tmp_path)
    assert (warned, computed) == ([], 1)
    again, warned, computed = run(tmp_path)
    assert (warned, computed) == ([], 0)
    assert figures(again) == pytest.approx(figures(first), abs=1e-6)
    edit(tmp_path, change, whole=whole)
    found, warned, computed = run(tmp_path)
    assert computed == 1
    assert figures(found) == figures(first)
    assert "kept records of hashing on mini are not those that their scores were measured on, and are computed anew" in warned[0]


@pytest.mark.parametrize("whole", [False, True])
def test_an_edited_signature_is_not_printed(tmp_path: Path, whole: bool) -> None:
    first, _, _ = run(tmp_path)
    edit(tmp_path, lambda record: record.update(signature=record["signature"].replace("dim=512", "dim=513")), whole=whole)
    again, warned, computed = run(tmp_path)
    assert computed == 1
    assert "are not those that their scores were measured on" in warned[0]
    assert [cell["signature"] for cell in again.cells()] == [cell["signature"] for cell in first.cells()]
    assert run(tmp_path)[1:] == ([], 0)


@pytest.mark.parametrize("edited", ["hashing,dim=9", "hashing,ngram=3"])
def test_figures_under_the_name_of_another_encoder_are_not_repeated(tmp_path: Path, edited: str) -> None:
    given: Any = {"encoders": ["hashing,dim=8"], "results": tmp_path, "cache": False}
    stsbench.evaluate(**given)
    (path,) = (tmp_path / "results").rglob("*.json")
    path.write_text(path.read_text().replace('"ref": "stsbench/hashing,dim=8"', f'"ref": "stsbench/{edited}"'))
    if edited == "hashing,dim=9":
        with pytest.raises(StoreError, match="holds the results of stsbench/hashing,dim=9 on stsbench/mini, not of stsbench/hashing,dim=8"):
            stsbench.evaluate(**given)
    else:  # its options at their defaults may be left out or written out
        assert [cell["encoder"] for cell in stsbench.evaluate(**given).cells()] == ["hashing,dim=8"]


def test_an_edited_figure_is_named_beside_the_right_one(tmp_path: Path) -> None:
    first, _, _ = run(tmp_path)
    (path,) = (tmp_path / "results").rglob("*.json")
    for whole in (False, True):
        edit(tmp_path, claiming(spearman=0.9323), whole=whole)
    found, _, _ = run(tmp_path)
    assert {f"{one.old:.4f} {one.new:.6f}" for one in found.disagreements} == {f"0.9323 {figures(first)[0]:.6f}"}
    assert found.exit_code == 1
    assert "0.9323" in path.read_text()  # only `accept` replaces it
    stsbench.evaluate(["hashing"], "cosine", ["mini"], results=tmp_path, cache=False, accept=True)
    assert run(tmp_path)[1:] == ([], 0)


def test_scores_that_are_gone_are_measured_again(tmp_path: Path) -> None:
    run(tmp_path)
    next((tmp_path / "scores").rglob("*.parquet")).unlink()
    _, warned, computed = run(tmp_path)
    assert warned == ["2 kept records of hashing on mini have no scores beside them, and are computed anew"]
    assert computed == 1
    assert run(tmp_path)[1:] == ([], 0)


@pytest.mark.parametrize(
    ("facts", "why"),
    [
        ({"code": "0" * 32}, "by other code than is installed in place here"),
        ({"version.numpy": "1.0"}, f"with numpy 1.0 (here {np.__version__})"),
        ({"version.numpy": "1.0", "version.no-such": "2"}, f"with no-such 2 (not installed here) and numpy 1.0 (here {np.__version__})"),
    ],
)
def test_why_kept_cells_are_computed_anew_is_said(tmp_path: Path, facts: dict[str, str], why: str) -> None:
    run(tmp_path, similarities=["cosine", "dot"])
    stsbench.evaluate(["letters", "hashing,dim=8"], "cosine", ["mini"], results=tmp_path, cache=False)
    for path in (tmp_path / "results").rglob("*.json"):
        document = json.loads(path.read_text())
        document["provenance"].update(facts)
        path.write_text(json.dumps(document, sort_keys=True, indent=2) + "\n")
    _, warned, computed = run(tmp_path, similarities=["cosine", "dot"])  # the others are not asked for
    assert (warned, computed) == ([f"2 cells are computed anew, since what is kept was made {why}"], 2)
    _, warned, computed = run(tmp_path, similarities=["manhattan"])
    assert (warned, computed) == ([], 1), "what was never measured is no news"


@pytest.mark.parametrize("figure", ["spearman", "pearson", "kendall"])
@pytest.mark.parametrize("value", [3.26, -1.01])
def test_a_correlation_beyond_one_does_not_load(tmp_path: Path, figure: str, value: float) -> None:
    run(tmp_path)
    edit(tmp_path, claiming(**{figure: value}), whole=True)
    with pytest.raises(StoreError, match=rf"not a valid record file: field records\.\d\.figures\.{figure}: Input should be"):
        run(tmp_path)
