"""Record files of schema 1 are read as they are: graded, binary, undefined and failed records, with the stamps that scores have of them."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest

import stsbench
from stsbench.contracts.fingerprint import digest
from stsbench.errors import StoreError
from stsbench.stores.canonical import json_bytes
from stsbench.stores.records import dump, first_form, load_all, parse
from stsbench.stores.scores import stamp

COUNTS = {"constant_vectors": 0, "empty_texts": 0, "tied_scores": 0, "truncated_texts": None, "unique_texts": 8, "zero_vectors": 0}


def first(**values: Any) -> dict[str, Any]:
    """A record as schema 1 wrote it, every field."""
    record = {
        "aggregation": None, "counts": COUNTS, "digest": "d" * 32, "exponent": 0, "fit": None, "flags": [], "kendall": None, "key": "k1",
        "n": 4, "pearson": None, "prompts": ["", ""], "reason": None, "revision": None, "signature": "stsbench|benchmark=stsbench/STS12",
        "similarity": "stsbench/cosine", "source": "mirror", "spearman": None, "split": "test", "status": "ok", "subset": "default",
        "transform_fits": [], "transforms": [], "view": "sentence",
    }  # fmt: skip
    return record | values


OK = {"spearman": 0.8, "pearson": 0.7, "kendall": 0.6}
DETECTION = {"average_precision": 0.25, "positives": 1, "roc_auc": 0.5}
BINARY = first(**OK, detection=DETECTION)
UNDEFINED = {"status": "undefined", "reason": "constant gold"}
FAILED = {"status": "failed", "reason": "it broke"}


def file_of(*records: dict[str, Any], **benchmark: Any) -> bytes:
    entry = {
        "aggregation": "mean",
        "languages": [],
        "licence": "unknown",
        "name": "STS12",
        "notes": [],
        "private": False,
        "protocol": "mteb",
    }
    encoder = {"facts": {}, "fingerprint": "f" * 32, "label": "wordllama", "ref": "stsbench-wordllama/wordllama"}
    value = {"benchmark": {**entry, "ref": "stsbench/STS12", **benchmark}, "encoder": encoder, "provenance": {}, "records": list(records)}
    return json_bytes({**value, "schema_version": 1})


@pytest.mark.parametrize(
    ("record", "task", "figures", "main", "positives"),
    [
        (first(**OK), "graded", OK, "spearman", None),
        (BINARY, "binary", {**OK, "average_precision": 0.25, "roc_auc": 0.5}, "average_precision", 1),
        (first(**UNDEFINED), "graded", {}, "spearman", None),
        (first(**UNDEFINED), "binary", {}, "average_precision", None),
        (first(**FAILED), "graded", {}, "spearman", None),
        (first(**FAILED), "binary", {}, "average_precision", None),
    ],
)
def test_a_record_of_schema_1_is_the_same_record(
    record: dict[str, Any], task: str, figures: dict[str, float], main: str, positives: int | None
) -> None:
    file = parse(file_of(record, **({"task": task} if task == "binary" else {})), "an old file")
    (migrated,) = file.records
    assert (migrated.figures, migrated.main, migrated.positives, migrated.figure) == (figures, main, positives, figures.get(main))
    assert first_form(migrated) == {**record, "prompts": ("", ""), "flags": (), "transforms": (), "transform_fits": ()}
    assert stamp(migrated) == digest([json_bytes(record)])[:16]
    assert parse(dump(file), "the same file today") == file
    assert json.loads(dump(file))["schema_version"] == 2


def test_the_stamp_of_a_record_is_what_it_was() -> None:
    (graded,), (binary,) = (
        parse(file_of(record, **task), "an old file").records for record, task in ((first(**OK), {}), (BINARY, {"task": "binary"}))
    )
    assert (stamp(graded), stamp(binary)) == ("8133568a67eba0e6", "6d51c33d3c36a924")
    assert stamp(binary.model_copy(update={"main": "spearman"})) != stamp(binary)
    assert stamp(graded.model_copy(update={"figures": {**OK, "roc_auc": 0.5}})) != stamp(graded)


@pytest.mark.parametrize(
    ("record", "sentence"),
    [
        (first(**(OK | {"kendall": None})), r"records\.0\.figures\.kendall: Input should be a valid number"),
        (first(**(OK | {"pearson": 1.5})), r"records\.0\.figures\.pearson: Input should be from -1 to 1"),
        (first(**OK, detection={**DETECTION, "roc_auc": -0.5}), r"records\.0\.figures\.roc_auc: Input should be from 0 to 1"),
        (first(**OK, detection={**DETECTION, "f1": 0.5}), r"records\.0\.figures\.f1: there is no metric of that name"),
        (first(**OK, detection=[1]), r"records\.0\.detection: Extra inputs are not permitted"),
        (BINARY, r"records go by average_precision, and their benchmark by spearman"),
        (first(**OK, typo=1), r"records\.0\.typo: Extra inputs are not permitted"),
        (first(status="ok"), r"records\.0: .*ok exactly when"),
    ],
)
def test_what_was_wrong_in_schema_1_is_wrong_still(record: dict[str, Any], sentence: str) -> None:
    with pytest.raises(StoreError, match=sentence):
        parse(
            file_of(record, **({"task": "binary"} if isinstance(record.get("detection"), dict) and record != BINARY else {})), "an old file"
        )


@pytest.mark.parametrize("version", [1, 2])
@pytest.mark.parametrize(
    ("record", "edited", "task", "main"),
    [
        (first(**OK), {"main": "kendall"}, "graded", "spearman"),
        (first(**OK), {}, "binary", "average_precision"),
        (BINARY, {}, "graded", "spearman"),
    ],
)
def test_a_record_goes_by_the_metric_of_its_benchmark(
    record: dict[str, Any], edited: dict[str, str], task: str, main: str, version: int
) -> None:
    sound = dump(parse(file_of(record, task="binary" if "detection" in record else "graded"), "an old file"), version=version)
    value = json.loads(sound)
    value["records"][0] |= edited
    value["benchmark"]["task"] = task
    with pytest.raises(StoreError, match=f"records go by .*, and their benchmark by {main}"):
        parse(json_bytes(value), "an edited file")


def test_a_version_that_never_was_is_refused() -> None:
    with pytest.raises(StoreError, match="schema_version"):
        parse(file_of(first(**OK)).replace(b'"schema_version": 1', b'"schema_version": true'), "a file")


def test_a_folder_of_schema_1_is_reused_without_computing_anything(tmp_path: Path) -> None:
    def run(*, fresh: bool = False) -> tuple[list[float], list[str]]:
        said: list[Any] = []
        given: dict[str, Any] = {"results": tmp_path, "cache": False, "fresh": fresh, "listen": said.append}
        report = stsbench.evaluate(["hashing"], ["cosine"], ["mini"], **given)
        assert not report.disagreements
        return [round(cell["spearman"], 6) for cell in report.cells()], [type(one).__name__ for one in said]

    before, _ = run()
    (path,) = (tmp_path / "results").rglob("*.json")
    (file,) = load_all(tmp_path)
    today = path.read_bytes()
    records = [json.loads(json.dumps(first_form(record))) for record in file.records]
    path.write_bytes(json_bytes({**json.loads(today), "schema_version": 1, "records": records}))
    assert load_all(tmp_path) == (file,)
    assert run() == (before, [])
    assert json.loads(path.read_bytes())["schema_version"] == 1
    run(fresh=True)  # what agrees stays to the byte
    assert json.loads(path.read_bytes())["schema_version"] == 1
