import json
import subprocess
import sys
from collections.abc import Callable
from io import BytesIO
from pathlib import Path
from typing import Any

import numpy as np
import pyarrow.parquet as pq
import pytest

from stsbench.contracts.identity import CellId
from stsbench.contracts.records import Record, RecordFile
from stsbench.errors import StoreError
from stsbench.stores.atomic import write_atomic
from stsbench.stores.records import scores_path
from stsbench.stores.results import ResultsFolder
from stsbench.stores.scores import dump_scores, is_matched, score_column

Make = Callable[..., Record]
MakeFile = Callable[..., RecordFile]


def _grid(record: Make) -> list[Record]:
    return [
        record(subset=subset, similarity=similarity, n=n, digest=subset * 16, view=view)
        for subset, n in (("en", 3), ("de", 2))
        for similarity in ("stsbench/cosine", "stsbench/cosine,zero=sklearn")
        for view in ("mean@6", "cls@0")
    ]


def _scores(records: list[Record]) -> dict[CellId, Any]:
    generator = np.random.default_rng(0)
    return {one.cell: generator.normal(size=one.n).astype(np.float32) for one in records}


def test_round_trip_with_a_part_that_failed(record: Make, record_file: MakeFile, tmp_path: Path) -> None:
    records = _grid(record)
    scores = _scores(records[:-1])
    wide = records[0].cell
    scores[wide] = 1.0 - scores[wide].astype(np.float64) * 1e-9  # what float32 cannot hold is kept as it is
    file = record_file(*records)
    write_atomic(scores_path(tmp_path, file), dump_scores(file, scores))
    again = ResultsFolder(tmp_path).scores(file)
    assert again.keys() == scores.keys()
    for cell in scores:
        assert again[cell].dtype == (np.float64 if (cell[2:] == wide[2:]) else np.float32)  # a column is as wide as its widest part
        np.testing.assert_array_equal(again[cell], scores[cell])
    assert dump_scores(file, again) == dump_scores(file, scores)
    assert ResultsFolder(tmp_path / "absent").scores(file) == {}


@pytest.mark.parametrize("value", [np.nan, np.inf, -np.inf])
def test_scores_that_are_no_finite_numbers_are_refused(record: Make, record_file: MakeFile, tmp_path: Path, value: float) -> None:
    records = _grid(record)
    scores = _scores(records)
    scores[records[0].cell] = scores[records[0].cell].copy()
    scores[records[0].cell][1] = value
    file = record_file(*records)
    path = scores_path(tmp_path, file)
    write_atomic(path, dump_scores(file, scores))
    with pytest.raises(StoreError) as caught:
        ResultsFolder(tmp_path).scores(file)
    column = score_column(records[0])
    assert str(caught.value) == f"{path} holds NaN or infinity in column {column!r}; restore it, or delete it and run again"


def test_the_file_holds_scores_and_parts_and_nothing_else(record: Make, record_file: MakeFile, tmp_path: Path) -> None:
    records = _grid(record)
    file = record_file(*records)
    path = tmp_path / "scores.parquet"
    path.write_bytes(dump_scores(file, _scores(records[:-1])))
    table = pq.read_table(path)
    assert table.num_rows == 5
    assert {str(field.type) for field in table.schema} == {"float"}
    assert table.schema.names == sorted(score_column(one) for one in records[:4])
    assert table.column(score_column(records[-1])).null_count == 2
    assert sum(column.null_count for column in table.columns) == 2
    metadata = json.loads(table.schema.metadata[b"stsbench"])
    assert metadata["parts"] == [["test", "de", 2, "de" * 16], ["test", "en", 3, "en" * 16]]
    assert set(metadata) == {"parts", "stamps"}


def test_bytes_depend_on_the_content_alone(record: Make, record_file: MakeFile, tmp_path: Path) -> None:
    records = _grid(record)
    scores = _scores(records)
    data = dump_scores(record_file(*records), scores)
    backwards = {cell: scores[cell] for cell in reversed(scores)}
    assert data == dump_scores(record_file(*reversed(records)), backwards)
    (tmp_path / "file.json").write_text(record_file(*records).model_dump_json())
    np.save(tmp_path / "scores.npy", np.concatenate([scores[one.cell] for one in records]))
    program = (
        "import sys, numpy as np; from pathlib import Path; from stsbench.contracts.records import RecordFile\n"
        "from stsbench.stores.scores import dump_scores\n"
        "root = Path(sys.argv[1]); file = RecordFile.model_validate_json((root / 'file.json').read_bytes())\n"
        "parts = np.split(np.load(root / 'scores.npy'), np.cumsum([one.n for one in file.records])[:-1])\n"
        "sys.stdout.buffer.write(dump_scores(file, {one.cell: own for one, own in zip(file.records, parts)}))"
    )
    there = subprocess.run([sys.executable, "-c", program, str(tmp_path)], check=True, capture_output=True).stdout
    assert there == data


def test_columns_tell_all_systems_apart(record: Make) -> None:
    hostile: list[dict[str, Any]] = [
        {"view": "a", "transforms": ("b",), "similarity": "c"},
        {"view": "a", "transforms": (), "similarity": "b~c"},
        {"view": "a~b", "transforms": (), "similarity": "c"},
        {"view": "a", "transforms": ("b", "c"), "similarity": None},
        {"view": "a", "transforms": ("b%7Ec",), "similarity": None},
        {"view": "a", "transforms": ("b~c",), "similarity": None},
        {"view": "", "transforms": ("a", "b"), "similarity": "c"},
    ]
    columns = [score_column(record(**system)) for system in hostile]
    assert len(set(columns)) == len(hostile)
    assert columns[0] == "a~b~c"


def test_scores_of_another_record_are_not_taken_for_this_ones(record: Make, record_file: MakeFile, tmp_path: Path) -> None:
    first, other = record(), record(view="other")
    file = record_file(first, other)
    scores = {cell.cell: np.arange(4, dtype=np.float32) for cell in (first, other)}
    write_atomic(scores_path(tmp_path, file), dump_scores(file, scores))
    changed = record_file(first.model_copy(update={"figures": {**first.figures, "spearman": 0.5}}), other)
    assert ResultsFolder(tmp_path).scores(changed).keys() == {other.cell}


@pytest.mark.parametrize("damage", [lambda data: b"", lambda data: data[: len(data) // 2], lambda data: b"PAR1 no parquet PAR1"])
def test_a_damaged_file_is_named(record: Make, record_file: MakeFile, tmp_path: Path, damage: Callable[[bytes], bytes]) -> None:
    file = record_file(record())
    write_atomic(scores_path(tmp_path, file), damage(dump_scores(file, {record().cell: np.arange(4, dtype=np.float32)})))
    with pytest.raises(StoreError, match=r"ffffffff\.parquet cannot be read as the scores of its records; restore it, or delete it"):
        ResultsFolder(tmp_path).scores(file)


def test_a_foreign_parquet_file_is_named(record: Make, record_file: MakeFile, tmp_path: Path) -> None:
    import pyarrow as pa

    file = record_file(record())
    path = scores_path(tmp_path, file)
    path.parent.mkdir(parents=True)
    pq.write_table(pa.table({"a": [1.0]}), path)
    with pytest.raises(StoreError, match="cannot be read as the scores"):
        ResultsFolder(tmp_path).scores(file)


@pytest.mark.parametrize("facts", ["[" * 99_999, "[]", '{"stamps": 1}', "null", '{"parts": [["", "", 1e400]], "stamps": {"": 1}}'], ids=len)
def test_what_a_file_says_of_itself_may_be_anything(record: Make, record_file: MakeFile, tmp_path: Path, facts: str) -> None:
    file = record_file(record())
    whole = pq.read_table(BytesIO(dump_scores(file, {record().cell: np.arange(4, dtype=np.float32)})))
    (name,) = whole.schema.metadata
    write_atomic(path := scores_path(tmp_path, file), b"")
    pq.write_table(whole.replace_schema_metadata({name: facts}), path)
    with pytest.raises(StoreError, match="cannot be read as the scores"):
        ResultsFolder(tmp_path).scores(file)
    with pytest.raises(StoreError, match="cannot be read as the scores"):
        is_matched(path.read_bytes(), file, path)


def test_scores_that_cannot_be_opened_are_named(record: Make, record_file: MakeFile, tmp_path: Path) -> None:
    file = record_file(record())
    scores_path(tmp_path, file).mkdir(parents=True)
    with pytest.raises(StoreError, match=r"cannot read .*ffffffff\.parquet: Is a directory"):
        ResultsFolder(tmp_path).scores(file)
