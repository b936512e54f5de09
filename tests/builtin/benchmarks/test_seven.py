"""The seven English benchmarks as they really are."""

from __future__ import annotations

import gzip
import json
import re
import shutil
import time
from collections.abc import Callable
from pathlib import Path
from typing import Any, cast

import numpy as np
import pytest

from stsbench.builtin.benchmarks.components import benchmarks
from stsbench.contracts.components.component import Component
from stsbench.contracts.components.protocols import Benchmark

pytestmark = pytest.mark.mirror
COMPONENTS = cast("dict[str, Component[Benchmark]]", {component.name: component for component in benchmarks()})  # no suite is built here
SEVEN = {"STS12": 3108, "STS13": 1500, "STS14": 3750, "STS15": 3000, "STS16": 1186, "STSBenchmark": 1379, "SICK-R": 9927}


def state(folder: Path) -> dict[str, tuple[int, int]]:
    return {str(path): (path.stat().st_size, path.stat().st_mtime_ns) for path in folder.rglob("*")}


@pytest.mark.parametrize("name", SEVEN)
def test_each_has_the_counts_and_contents_of_its_definition(mirror: Path, name: Any) -> None:
    (part,) = COMPONENTS[name].build(mirror=str(mirror)).load()
    assert (part.split, part.subset, len(part.pairs)) == ("test", "default", SEVEN[name])
    assert (part.source.kind, part.source.revision, part.source.differs) == ("mirror", None, None)


def test_the_environment_names_the_mirror_too(mirror: Path) -> None:
    (part,) = COMPONENTS["STS16"].build().load()
    assert len(part.pairs) == 1186


def test_loading_is_fast_and_never_writes_into_the_mirror(mirror: Path) -> None:
    before, worked, waited = state(mirror), [], []
    for _ in range(3):
        work, clock = time.process_time(), time.perf_counter()
        for name in SEVEN:
            COMPONENTS[name].build(mirror=str(mirror)).load()
        worked.append(time.process_time() - work)
        waited.append(time.perf_counter() - clock)
    assert max(worked) < 2  # about .2 s of the processor, the first time too
    assert min(waited) < 5  # the same on the clock, unless others want the processor each time
    assert state(mirror) == before


@pytest.mark.parametrize(("split", "pairs"), [("train", 5749), ("validation", 1500)])
def test_other_splits_of_stsbenchmark(mirror: Path, split: str, pairs: int) -> None:
    (part,) = COMPONENTS["STS-B"].build(split, mirror=str(mirror)).load()
    assert (part.split, len(part.pairs), part.source.differs) == (split, pairs, None)


def test_groups_are_parts(mirror: Path) -> None:
    parts = COMPONENTS["STS12"].build(by="group", mirror=str(mirror)).load()
    assert [(part.subset, len(part.pairs)) for part in parts] == [
        ("MSRpar", 750),
        ("MSRvid", 750),
        ("SMTeuroparl", 459),
        ("surprise.OnWN", 750),
        ("surprise.SMTnews", 399),
    ]


def test_rows_are_those_that_the_datasets_library_reads(mirror: Path, tmp_path: Path) -> None:
    from datasets import disable_progress_bars, load_dataset

    disable_progress_bars()
    for name, path in (("STS14", "mteb/sts14-sts"), ("STSBenchmark", "mteb/stsbenchmark-sts")):
        files = {"test": str(mirror / path / "test.jsonl.gz")}
        rows = load_dataset("json", data_files=files, split="test", cache_dir=str(tmp_path))
        (part,) = COMPONENTS[name].build(mirror=str(mirror)).load()
        assert part.pairs.left == tuple(rows["sentence1"])
        assert part.pairs.right == tuple(rows["sentence2"])
        assert part.pairs.gold.tolist() == list(rows["score"])


def changed(mirror: Path, target: Path, change: Callable[[list[str]], list[str]]) -> str:
    folder = target / "mteb" / "sts12-sts"
    folder.mkdir(parents=True)
    lines = gzip.decompress((mirror / "mteb/sts12-sts/test.jsonl.gz").read_bytes()).decode().splitlines()
    (folder / "test.jsonl").write_text("\n".join(change(lines)), "utf-8")
    return str(target)


def with_other_character(lines: list[str]) -> list[str]:
    row = json.loads(lines[41])
    row["sentence1"] = ("x" if row["sentence1"][0] != "x" else "y") + row["sentence1"][1:]
    return [*lines[:41], json.dumps(row), *lines[42:]]


@pytest.mark.parametrize(
    ("change", "message"),
    [
        (with_other_character, r"STS12 \(test\) from the mirror differs from its definition: .*contents [0-9a-f]{8}, expected [0-9a-f]{8}"),
        (lambda lines: lines[:-1], "3,107 pairs, expected 3,108; .* characters, expected "),
        (lambda lines: [*lines, lines[0]], "3,109 pairs, expected 3,108"),
        (lambda lines: [lines[0].replace('"score": 4.4', '"score": 4.5'), *lines[1:]], "definition: contents "),
    ],
)
def test_data_that_differ_say_so(mirror: Path, tmp_path: Path, change: Callable[[list[str]], list[str]], message: str) -> None:
    (part,) = COMPONENTS["STS12"].build(mirror=changed(mirror, tmp_path, change)).load()
    assert part.source.differs is not None
    assert re.search(message, part.source.differs), part.source.differs
    assert part.source.revision is None


def test_another_order_is_the_same_data(mirror: Path, tmp_path: Path) -> None:
    (part,) = COMPONENTS["STS12"].build(mirror=changed(mirror, tmp_path, lambda lines: lines[::-1])).load()
    assert part.source.differs is None


def test_simcse_takes_the_test_rows_of_sick_and_knows_them(mirror: Path, tmp_path: Path) -> None:
    (part,) = COMPONENTS["SICK-R"].build(protocol="simcse", mirror=str(mirror)).load()
    assert (len(part.pairs), part.source.differs) == (4927, None)
    folder = tmp_path / "mteb" / "sickr-sts"
    folder.mkdir(parents=True)
    lines = gzip.decompress((mirror / "mteb/sickr-sts/test.jsonl.gz").read_bytes()).decode().splitlines()
    (folder / "test.jsonl").write_text("\n".join(lines[::-1]), "utf-8")
    (part,) = COMPONENTS["SICK-R"].build(protocol="simcse", mirror=str(tmp_path)).load()
    assert "rows from 5,001" in str(part.source.differs)


def test_simcse_leaves_the_older_tasks_as_they_are(mirror: Path) -> None:
    for name in ("STS12", "STS16"):
        plain, simcse = (COMPONENTS[name].build(protocol=protocol, mirror=str(mirror)).load()[0] for protocol in ("mteb", "simcse"))
        assert plain.pairs.digest == simcse.pairs.digest


@pytest.mark.parametrize(
    ("name", "protocol", "published"),
    [
        ("STSBenchmark", "mteb", 0.758624),
        ("SICK-R", "mteb", 0.672125),
        ("STSBenchmark", "simcse", 0.773740),
        ("SICK-R", "simcse", 0.672352),
    ],
)
def test_wordllama_gives_the_known_figures(mirror: Path, name: str, protocol: str, published: float) -> None:
    wordllama = pytest.importorskip("wordllama")
    from scipy.stats import spearmanr

    model = wordllama.WordLlama.load(cache_dir=str(Path(wordllama.__file__).parent), disable_download=True)
    (part,) = COMPONENTS[name].build(protocol=protocol, mirror=str(mirror)).load()
    left, right = (model.embed(list(texts)).astype(np.float64) for texts in (part.pairs.left, part.pairs.right))
    left, right = (side / np.linalg.norm(side, axis=1, keepdims=True) for side in (left, right))
    assert spearmanr((left * right).sum(1).round(10), part.pairs.gold).statistic == pytest.approx(published, abs=2e-5)


def test_a_copy_in_another_form_is_the_same_data(mirror: Path, tmp_path: Path) -> None:
    import pyarrow.json
    import pyarrow.parquet

    folder = tmp_path / "mteb" / "sts16-sts"
    folder.mkdir(parents=True)
    with gzip.open(mirror / "mteb/sts16-sts/test.jsonl.gz") as lines, (tmp_path / "rows.jsonl").open("wb") as plain:
        shutil.copyfileobj(lines, plain)
    pyarrow.parquet.write_table(pyarrow.json.read_json(tmp_path / "rows.jsonl"), folder / "test.parquet")
    (part,) = COMPONENTS["STS16"].build(mirror=str(tmp_path)).load()
    assert (len(part.pairs), part.source.differs) == (1186, None)
