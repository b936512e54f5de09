import json
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from stsbench.contracts.records import Record, RecordFile
from stsbench.errors import StoreError
from stsbench.stores.atomic import write_atomic
from stsbench.stores.records import dump, load, load_all, record_path, scores_path, slug

Make = Callable[..., Record]
MakeFile = Callable[..., RecordFile]


@pytest.mark.parametrize(
    ("label", "expected"),
    [
        ("wordllama", "wordllama"),
        ("bert:bert-base-uncased,max_length=128", "bert-bert-base-uncased-max_length-128"),
        ("STS12~0123abcd", "STS12~0123abcd"),
        ("../../etc/passwd", "etc-passwd"),
        (".hidden", "hidden"),
        ("STS17/en-en", "STS17-en-en"),
    ],
)
def test_slugs_are_readable(label: str, expected: str) -> None:
    assert slug(label) == expected


def test_slugs_of_any_label_are_file_safe_and_tell_foreign_names_apart() -> None:
    labels = ["", "模型", "模板", "a" * 300, "a" * 299 + "b", "\u202ename", "a/b\0c\n"]
    slugs = [slug(label) for label in labels]
    assert len(set(slugs)) == len(labels)
    assert all(one.isascii() and 0 < len(one) <= 90 and not set(one) & set('/\\\0\n:*?"<>|') for one in slugs)


def test_paths_name_benchmark_protocol_encoder_and_fingerprint(record_file: MakeFile) -> None:
    file = record_file(label="bert:x/y", fingerprint="0123456789abcdef" * 2)
    assert record_path(Path("root"), file) == Path("root/results/STS12@mteb/bert-x-y-01234567.json")
    assert scores_path(Path("root"), file) == Path("root/scores/STS12@mteb/bert-x-y-01234567.parquet")


def test_a_version_in_a_name_is_no_suffix(record_file: MakeFile) -> None:
    path = record_path(Path(), record_file(label="model-v1.5", name="STS22.v2"))
    assert path == Path("results/STS22.v2@mteb/model-v1.5-ffffffff.json")


def test_bytes_are_canonical(record: Make, record_file: MakeFile) -> None:
    late, early = record(view="z", spearman=0.12345678), record(view="a", pearson=-1e-9, kendall=1.0)
    data = dump(record_file(late, early))
    assert data == dump(record_file(early, late))
    assert data.endswith(b"}\n")
    assert b"\r" not in data
    value = json.loads(data)
    assert [one["view"] for one in value["records"]] == ["a", "z"]
    assert value["records"][1]["figures"]["spearman"] == 0.123457
    assert b'"pearson": 0.0,' in data
    assert list(value) == sorted(value)
    assert data == (json.dumps(value, sort_keys=True, indent=2) + "\n").encode()


def test_round_trip(record: Make, record_file: MakeFile, tmp_path: Path) -> None:
    file = record_file(record(status="failed"), record(view="é|<", transforms=("a", "b"), prompts=("query: ", "")))
    path = tmp_path / "file.json"
    write_atomic(path, dump(file))
    again = load(path)
    assert set(again.records) == set(file.records)
    assert again.encoder == file.encoder
    assert dump(again) == path.read_bytes()


def test_no_nan_reaches_a_file(record: Make, record_file: MakeFile) -> None:
    nan = record().model_copy(update={"figures": {"spearman": float("nan")}})
    with pytest.raises(ValueError, match="not JSON compliant"):
        dump(record_file(nan))


def _broken(record_file: MakeFile, change: Callable[[dict[str, Any]], object]) -> bytes:
    value = json.loads(dump(record_file()))
    change(value)
    return json.dumps(value).encode()


@pytest.mark.parametrize(
    ("change", "sentence"),
    [
        (
            lambda value: value.update(schema_version=3),
            r"written by a newer stsbench \(schema version 3, this one reads up to 2\); upgrade",
        ),
        (lambda value: value.update(schema_version=3, novelty=1), "upgrade stsbench"),
        (lambda value: value.pop("schema_version"), "not a record file: it has no field 'schema_version'"),
        (
            lambda value: value["records"][0]["figures"].update(spearman="high"),
            r"field records\.0\.figures\.spearman: Input should be a valid number",
        ),
        (lambda value: value["records"][1].pop("key"), r"field records\.1\.key: Field required"),
        (lambda value: value["records"][1].update(typo=1), r"field records\.1\.typo: Extra inputs are not permitted"),
        (lambda value: value["records"][1]["figures"].pop("spearman"), r"field records\.1: .*ok exactly when"),
        (lambda value: value["records"].append(value["records"][0]), "two records of one cell"),
    ],
)
def test_wrong_fields_are_named(record_file: MakeFile, tmp_path: Path, change: Callable[[dict[str, Any]], object], sentence: str) -> None:
    path = tmp_path / "broken.json"
    path.write_bytes(_broken(record_file, change))
    with pytest.raises(StoreError, match=sentence) as caught:
        load(path)
    assert "broken.json" in str(caught.value)
    assert "\n" not in str(caught.value)


@pytest.mark.parametrize("data", [b"", b"<<<<<<< HEAD\n", b'{"schema_version": NaN}', b"[1]", b"\xff\xfe", b"[" * 100_000])
def test_what_is_no_record_file_is_said_so(tmp_path: Path, data: bytes) -> None:
    path = tmp_path / "broken.json"
    path.write_bytes(data)
    with pytest.raises(StoreError, match=r"broken\.json is not (valid JSON|a record file)"):
        load(path)


def test_a_missing_file_is_named(tmp_path: Path) -> None:
    with pytest.raises(StoreError, match=r"cannot read .*absent\.json: No such file"):
        load(tmp_path / "absent.json")


def test_load_all_is_sorted_and_skips_temporary_files(record_file: MakeFile, tmp_path: Path) -> None:
    assert load_all(tmp_path / "absent") == ()
    files = [record_file(label=label, name=name) for name in ("STS13", "STS12") for label in ("b", "a")]
    for file in files:
        write_atomic(record_path(tmp_path, file), dump(file))
    (tmp_path / "results" / "STS12@mteb" / ".a-ffffffff.json.0.tmp").write_bytes(b"half")
    (tmp_path / "results" / "STS12@mteb" / ".x.json").write_bytes(b"half")
    assert [(file.benchmark.name, file.encoder.label) for file in load_all(tmp_path)] == [
        ("STS12", "a"),
        ("STS12", "b"),
        ("STS13", "a"),
        ("STS13", "b"),
    ]
