from __future__ import annotations

import csv
import gzip
import json
from pathlib import Path
from typing import Any, cast

import pytest

from stsbench.builtin.benchmarks.components import benchmarks
from stsbench.builtin.benchmarks.door import stratified_rows
from stsbench.builtin.benchmarks.task import TaskBenchmark
from stsbench.contracts.components.component import Component
from stsbench.contracts.components.protocols import Benchmark
from stsbench.errors import DataError, OptionError

COMPONENTS = cast("dict[str, Component[Benchmark]]", {component.name: component for component in benchmarks()})  # no suite is built here


def row(number: int, **more: Any) -> dict[str, Any]:
    return {"sentence1": f"one {number}", "sentence2": f"two {number}", "score": number / 2, **more}


def put(mirror: Path, name: str, rows: list[dict[str, Any]]) -> None:
    path = mirror / name
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_text("\n".join(map(json.dumps, rows)), "utf-8")


STS17 = "mteb/sts17-crosslingual-sts"


def test_a_subset_is_a_folder(tmp_path: Path) -> None:
    put(tmp_path, f"{STS17}/en-en/test.jsonl", [row(1), row(2)])
    put(tmp_path, f"{STS17}/es-en/test.jsonl", [row(3)])
    parts = COMPONENTS["STS17"].build(subset=("es-en", "en-en"), mirror=str(tmp_path)).load()
    assert [(part.subset, len(part.pairs), part.source.differs) for part in parts] == [("en-en", 2, None), ("es-en", 1, None)]
    with pytest.raises(DataError, match=r"no subset 'ko-ko' \(there: en-en, es-en\)"):
        COMPONENTS["STS17"].build(subset=("ko-ko",), mirror=str(tmp_path)).load()


def test_or_a_value_of_the_language_column(tmp_path: Path) -> None:
    put(tmp_path, f"{STS17}/test.jsonl", [row(1, lang="en-en"), row(2, lang="es-en"), row(3, lang="en-en")])
    (part,) = COMPONENTS["STS17"].build(subset=("en-en",), mirror=str(tmp_path)).load()
    assert part.pairs.left == ("one 1", "one 3")
    with pytest.raises(DataError, match=r"STS17 \(test, ko-ko\) from the mirror has no rows"):
        COMPONENTS["STS17"].build(subset=("ko-ko",), mirror=str(tmp_path)).load()


def test_counts_of_all_subsets_together_are_checked(tmp_path: Path) -> None:
    benchmark = COMPONENTS["STS17"].build()
    assert isinstance(benchmark, TaskBenchmark)
    subsets = benchmark.subsets
    put(tmp_path, f"{STS17}/test.jsonl", [row(number, lang=subset) for number, subset in enumerate(subsets)])
    parts = COMPONENTS["STS17"].build(mirror=str(tmp_path)).load()
    assert len(parts) == 11
    assert all("11 pairs, expected 5,346" in str(part.source.differs) for part in parts)


def test_nested_scores_and_renamed_columns_are_mapped(tmp_path: Path) -> None:
    put(tmp_path, "klue/klue/sts/validation.jsonl", [{"sentence1": "a", "sentence2": "b", "labels": {"label": 3.5}}])
    (part,) = COMPONENTS["KLUE-STS"].build(mirror=str(tmp_path)).load()
    assert part.pairs.gold.tolist() == [3.5]
    put(tmp_path, "merionum/ru_paraphraser/test.jsonl", [{"text_1": "a", "text_2": "b", "class": "-1"}])
    (part,) = COMPONENTS["RUParaPhraserSTS"].build(mirror=str(tmp_path)).load()
    assert (part.pairs.left, part.pairs.gold.tolist()) == (("a",), [-1.0])


@pytest.mark.parametrize("ending", ["jsonl", "jsonl.gz", "json", "csv", "csv.gz", "tsv", "parquet"])
def test_every_form_of_file_is_read(tmp_path: Path, ending: str) -> None:
    import pyarrow as pa
    import pyarrow.parquet as pq

    rows = [row(1), row(2)]
    folder = tmp_path / "mteb" / "sts12-sts"
    folder.mkdir(parents=True)
    path = folder / f"test.{ending}"
    if ending == "parquet":
        pq.write_table(pa.Table.from_pylist(rows), path)
    elif "csv" in ending or "tsv" in ending:
        with (folder / "rows").open("w", newline="") as file:
            table = csv.DictWriter(file, rows[0], delimiter="\t" if "tsv" in ending else ",")
            table.writeheader()
            table.writerows(rows)
        data = (folder / "rows").read_bytes()
        path.write_bytes(gzip.compress(data) if ending.endswith("gz") else data)
    else:
        data = (json.dumps(rows) if ending == "json" else "\n".join(map(json.dumps, rows))).encode()
        path.write_bytes(gzip.compress(data) if ending.endswith("gz") else data)
    (part,) = COMPONENTS["STS12"].build(mirror=str(tmp_path)).load()
    assert (part.pairs.left, part.pairs.gold.tolist()) == (("one 1", "one 2"), [0.5, 1.0])


@pytest.mark.parametrize(
    ("rows", "message"),
    [
        (
            [row(1), {**row(2), "score": -1}],
            r"row 2 of STS12 \(test\) from the mirror has the gold score -1, which stands for a hidden one",
        ),
        (
            [{"sentense1": "a", "sentence2": "b", "score": 1}],
            r"no column 'sentence1' .*did you mean sentense1\? use a mirror with the columns",
        ),
        ([{**row(1), "sentence2": None}], "row 1 .* has no text"),
        ([], "has no rows"),
    ],
)
def test_bad_rows_of_a_task(tmp_path: Path, rows: list[Any] | list[dict[str, str | int]] | list[dict[str, Any]], message: str) -> None:
    put(tmp_path, "mteb/sts12-sts/test.jsonl", rows)
    with pytest.raises(DataError, match=message):
        COMPONENTS["STS12"].build(mirror=str(tmp_path)).load()


def test_a_mirror_that_lacks_something_says_what_there_is(tmp_path: Path) -> None:
    put(tmp_path, "mteb/stsbenchmark-sts/test.jsonl", [row(1)])
    with pytest.raises(DataError, match=r"in the mirror has no split 'train' \(there: test\); add the file"):
        COMPONENTS["STSBenchmark"].build("train", mirror=str(tmp_path)).load()
    put(tmp_path, "mteb/stsbenchmark-sts/test.json", [row(1)])
    with pytest.raises(DataError, match="has 2 files for the split 'test'"):
        COMPONENTS["STSBenchmark"].build(mirror=str(tmp_path)).load()
    with pytest.raises(DataError, match="--mirror or STSBENCH_MIRROR names is not a folder"):
        COMPONENTS["STSBenchmark"].build(mirror=str(tmp_path / "nowhere")).load()


def test_a_broken_gzip_in_the_mirror(tmp_path: Path) -> None:
    folder = tmp_path / "mteb" / "sts12-sts"
    folder.mkdir(parents=True)
    (folder / "test.jsonl.gz").write_bytes(gzip.compress(json.dumps(row(1)).encode())[:-5])
    with pytest.raises(DataError, match=r"mteb/sts12-sts \(test\) in the mirror is a broken gzip file"):
        COMPONENTS["STS12"].build(mirror=str(tmp_path)).load()


def test_groups_that_the_data_do_not_hold(tmp_path: Path) -> None:
    put(tmp_path, "mteb/sts12-sts/test.jsonl", [row(1)])
    with pytest.raises(DataError, match="no column 'subset'"):
        COMPONENTS["STS12"].build(by="group", mirror=str(tmp_path)).load()


def test_hub_references_read_the_mirror_with_their_own_columns(tmp_path: Path) -> None:
    put(tmp_path, "org/name/part/dev.jsonl", [{"a": "x", "b": "y", "s": 3, "kind": "k"}])
    options = {"left": "a", "right": "b", "score": "s", "config": "part", "split": ("dev",), "group": "kind", "mirror": str(tmp_path)}
    benchmark = COMPONENTS["hub"].build("org/name", **options)
    (part,) = benchmark.load()
    assert (benchmark.card.name, part.split, part.subset, part.source.kind) == ("org--name", "dev", "part", "mirror")
    assert (part.pairs.left, part.pairs.right, part.pairs.gold.tolist(), part.pairs.group) == (("x",), ("y",), [3.0], ("k",))
    assert COMPONENTS["hub"].build("org/name", **options, by="group").load()[0].subset == "part/k"


@pytest.mark.parametrize(
    ("repository", "options", "message"),
    [
        ("../name", {}, "hub takes a data set as owner/name"),
        ("a/b/c", {}, "hub takes a data set as owner/name"),
        ("a/b", {"split": ("test[:9]",)}, "'split' takes a plain name"),
        ("a/b", {"config": "../x"}, "'config' takes a plain name"),
        ("a/b", {"by": "group"}, "name it with group="),
    ],
)
def test_hub_references_that_cannot_be(
    repository: str, options: dict[str, Any] | dict[str, tuple[str]] | dict[str, str], message: str
) -> None:
    with pytest.raises(OptionError, match=message):
        COMPONENTS["hub"].build(repository, **options)


def test_a_stratified_sample_keeps_the_proportions() -> None:
    labels = ["a"] * 600 + ["b"] * 300 + ["c"] * 100
    rows = stratified_rows(labels, 200, 42)
    drawn = [labels[number] for number in rows]
    assert len(set(rows)) == 200
    assert [drawn.count(label) for label in "abc"] == [120, 60, 20]
    assert stratified_rows(labels, 200, 42) == rows != stratified_rows(labels, 200, 43)
    assert stratified_rows(labels, 1000, 42) == list(range(1000))


def test_the_sample_of_a_task_is_drawn_before_it_is_counted(tmp_path: Path) -> None:
    rows = [
        {"sentence_A": f"a {n}", "sentence_B": f"b {n}", "relatedness_score": n % 5 + 1, "entailment_label": n % 3} for n in range(3000)
    ]
    put(tmp_path, "eduagarcia/sick-br/test.jsonl", rows)
    (part,) = COMPONENTS["SICK-BR-STS"].build(mirror=str(tmp_path)).load()
    assert len(part.pairs) == 2048
    put(tmp_path, "eduagarcia/sick-br/test.jsonl", [{"sentence_A": "a", "sentence_B": "b", "relatedness_score": 1}])
    with pytest.raises(DataError, match="no column 'entailment_label', which its sample is drawn by"):
        COMPONENTS["SICK-BR-STS"].build(mirror=str(tmp_path)).load()
