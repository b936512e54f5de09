"""Scores and vectors that another program made."""

from __future__ import annotations

import json
import lzma
from pathlib import Path
from typing import Any

import numpy as np
import pyarrow as pa
import pyarrow.parquet as pq
import pytest
from scipy.stats import spearmanr

from stsbench.api.evaluate import evaluate
from stsbench.errors import ModelError
from stsbench.host.registry import Registry

MINI = Registry.installed().resolve("benchmark", "mini").build().load()[0].pairs
TEXTS = list(dict.fromkeys([*MINI.left, *MINI.right]))
SCORES = np.round(np.random.default_rng(0).normal(size=len(MINI)) + MINI.gold, 3)
VECTORS = np.random.default_rng(1).normal(size=(len(TEXTS), 5)).astype(np.float32)


def row(reference: str, **more: Any) -> dict[str, Any]:
    (found,) = evaluate(reference, **more).cells()
    return found


def write_scores(path: Path, texts: bool, rows: slice = slice(None)) -> Path:
    columns = {"prediction": SCORES[rows].tolist()}
    if texts:
        columns = {"left": list(MINI.left[rows])[::-1], "right": list(MINI.right[rows])[::-1], "score": SCORES[rows][::-1].tolist()}
    if path.suffix == ".npy":
        np.save(path, SCORES[rows])
    elif path.suffix == ".parquet":
        pq.write_table(pa.table(columns), path)
    else:
        lines = [dict(zip(columns, values, strict=True)) for values in zip(*columns.values(), strict=True)]
        if path.suffix == ".jsonl":
            path.write_text("".join(json.dumps(line) + "\n" for line in lines), encoding="utf-8")
        else:
            cells = [list(columns), *[[str(value) for value in line.values()] for line in lines]]
            path.write_text(
                "".join(",".join('"' + cell.replace('"', '""') + '"' for cell in line) + "\n" for line in cells), encoding="utf-8"
            )
    return path


@pytest.mark.parametrize("name", ["p.csv", "p.jsonl", "p.parquet", "p.npy"])
@pytest.mark.parametrize("texts", [False, True])
def test_scores_are_those_of_the_file(name: str, texts: bool, tmp_path: Path) -> None:
    found = row(f"scores:{write_scores(tmp_path / name, texts)}")
    assert found["spearman"] == pytest.approx(spearmanr(SCORES, MINI.gold).statistic, abs=1e-12)
    assert found["encoder"].startswith("scores:p.")
    assert str(tmp_path) not in json.dumps(found)


def test_texts_in_another_order_are_matched_or_refused_and_never_taken_row_by_row(tmp_path: Path) -> None:
    path = write_scores(tmp_path / "p.csv", texts=True)
    body = path.read_text(encoding="utf-8").partition("\n")[2]
    path.write_text(f"question1,Question2,score\n{body}", encoding="utf-8")
    assert row(f"scores:{path}")["spearman"] == pytest.approx(spearmanr(SCORES, MINI.gold).statistic, abs=1e-12)
    path.write_text(f"Satz1,Satz2,score\n{body}", encoding="utf-8")
    assert row(f"scores:{path}")["reason"] == (
        "p.csv holds the texts of the pairs in another order; name its columns of texts with left= and right="
    )
    named = row(f"scores:{path},left=Satz1,right=Satz2")
    assert named["spearman"] == pytest.approx(spearmanr(SCORES, MINI.gold).statistic, abs=1e-12)


@pytest.mark.parametrize(
    ("texts", "rows", "message"),
    [
        (True, slice(3, None), r"p.csv has no score for 3 of 280 pairs, the first being pair 1; predict every pair"),
        (False, slice(1, None), r"p.csv has 279 scores and the benchmark's part 280 pairs"),
    ],
)
def test_missing_rows_are_one_sentence_and_no_number(texts: bool, rows: slice, message: str, tmp_path: Path) -> None:
    found = row(f"scores:{write_scores(tmp_path / 'p.csv', texts, rows)}")
    assert found["status"] == "failed"
    assert found["spearman"] is None
    assert found["reason"].startswith(message)


@pytest.mark.parametrize(
    ("text", "reason"),
    [
        ("a,b\n1,2\n", "does not say which column holds the scores; name it with column="),
        ("score\n" + "1\n" * 279 + "nan\n", "row 280 of p.csv has no finite score"),
        ("score\nhigh\n", "row 1 of p.csv has no finite score"),
        ("left,score\nx,1\n", "has one column of texts"),
        ("score\n1\n1_0\n", "row 2 of p.csv has no finite score"),
        ("score,similarity\n1,2\n", "which column holds the scores (score, similarity may); name it with column="),
        ("left,right,score\nx,y,1\nx,y,2\n", "row 2 of p.csv gives a pair another score"),
    ],
)
def test_files_that_are_no_predictions(text: str, reason: str, tmp_path: Path) -> None:
    (tmp_path / "p.csv").write_text(text, encoding="utf-8")
    assert reason in row(f"scores:{tmp_path / 'p.csv'}")["reason"]


def test_another_content_is_another_system(tmp_path: Path) -> None:
    registry, prints = Registry.installed(), []
    for content in ("score\n1\n", "score\n2\n"):
        (tmp_path / "p.csv").write_text(content, encoding="utf-8")
        resolved = registry.resolve_encoder(f"scores:{tmp_path / 'p.csv'}")
        prints.append(resolved.fingerprint(resolved.build().fingerprint).hex)
    assert prints[0] != prints[1]


@pytest.mark.parametrize("reference", ["scores:p.csv", "vectors:p.npy"])
def test_a_path_starts_like_one(reference: str) -> None:
    with pytest.raises(ModelError, match=r"start its path with \./"):
        evaluate(reference)


def write_vectors(path: Path, values: Any = VECTORS, texts: list[str] = TEXTS) -> Path:
    if path.suffix == ".parquet":
        pq.write_table(pa.table({"text": texts, "vector": np.asarray(values).tolist()}), path)
        return path
    path.with_suffix(".jsonl").write_text("".join(json.dumps(text) + "\n" for text in texts), encoding="utf-8")
    if path.suffix == ".npy":
        np.save(path, values)
    else:
        from safetensors.numpy import save_file

        save_file({"vectors": np.asarray(values)}, path)
    return path


@pytest.mark.parametrize("name", ["v.npy", "v.parquet", "v.safetensors"])
def test_vectors_are_those_of_the_file(name: str, tmp_path: Path) -> None:
    found = row(f"vectors:{write_vectors(tmp_path / name)}", similarities="dot")
    place = {text: number for number, text in enumerate(TEXTS)}
    left, right = (VECTORS[[place[text] for text in side]].astype(float) for side in (MINI.left, MINI.right))
    assert found["spearman"] == pytest.approx(spearmanr((left * right).sum(axis=1), MINI.gold).statistic, abs=1e-9)


@pytest.mark.parametrize(
    ("values", "texts", "reason"),
    [
        (VECTORS[:-2], TEXTS[:-2], "v.npy has no vector for 2 of"),
        (VECTORS[:-2], TEXTS, "give one row a text"),
        (np.full_like(VECTORS, np.inf), TEXTS, "row 1 of v.npy has a value that is not finite"),
        (VECTORS[:2], ["x", "x"], "rows 1 and 2 of v.npy give one text two vectors"),
    ],
)
def test_files_that_are_no_vectors(values: Any, texts: list[str], reason: str, tmp_path: Path) -> None:
    found = row(f"vectors:{write_vectors(tmp_path / 'v.npy', values, texts)}")
    assert found["status"] == "failed"
    assert reason in found["reason"]


@pytest.mark.parametrize(
    "header", [b"[" * 99_999, b"[]", b'{"a": 1}', b'{"a": {"dtype": "F32", "shape": [-3, 7], "data_offsets": [0, 4]}}'], ids=len
)
def test_a_header_may_say_anything(header: bytes, tmp_path: Path) -> None:
    (tmp_path / "v.txt").write_text("\n".join(TEXTS), encoding="utf-8")
    (tmp_path / "v.safetensors").write_bytes(len(header).to_bytes(8, "little") + header + b"\0" * 4)
    found = row(f"vectors:{tmp_path / 'v.safetensors'}")
    assert found["status"] == "failed"
    assert "v.safetensors is not a readable file of one tensor of floats" in found["reason"]


def test_an_array_needs_its_texts(tmp_path: Path) -> None:
    np.save(tmp_path / "v.npy", VECTORS)
    with pytest.raises(ModelError, match=r"put v\.jsonl beside it"):
        evaluate(f"vectors:{tmp_path / 'v.npy'}")


SIDES = np.array([[VECTORS[TEXTS.index(text)] for text in side] for side in (MINI.left, MINI.right)])


@pytest.mark.parametrize("values", [SIDES, np.concatenate(SIDES), np.concatenate(SIDES).astype(np.float16).astype(np.float32)])
def test_rows_of_a_benchmark_need_no_texts(values: Any, tmp_path: Path) -> None:
    np.save(tmp_path / "v.npy", values)
    found = row(f"vectors:{tmp_path / 'v.npy'},rows=mini", similarities="dot")
    left, right = values.reshape(2, len(MINI), -1).astype(float)
    assert found["spearman"] == pytest.approx(spearmanr((left * right).sum(axis=1), MINI.gold).statistic, abs=1e-9)


def test_rows_follow_the_parts_and_what_they_are_of_is_in_the_fingerprint(tmp_path: Path) -> None:
    np.save(tmp_path / "v.npy", SIDES)
    prints = []
    for kinds in ("xy", "xx"):
        data = tmp_path / f"{kinds}.csv"
        lines = [f'"{MINI.left[at]}","{MINI.right[at]}",{MINI.gold[at]},{kinds[at % 2]}' for at in range(len(MINI))]
        data.write_text("left,right,score,kind\n" + "\n".join(lines) + "\n", encoding="utf-8")
        reference = f"vectors:{tmp_path / 'v.npy'},rows=csv:{data}%2Cgroup=kind%2Cby=group%2Cpublic=true"
        resolved = Registry.installed().resolve_encoder(reference)
        prints.append(resolved.fingerprint(resolved.build().fingerprint).hex)
        assert str(tmp_path) not in str(resolved.ref)
    order = [*range(0, len(MINI), 2), *range(1, len(MINI), 2)]  # part x, then part y
    np.save(tmp_path / "v.npy", SIDES[:, order])
    found = row(f"vectors:{tmp_path / 'v.npy'},rows=csv:{tmp_path / 'xy.csv'}%2Cgroup=kind%2Cby=group%2Cpublic=true", similarities="dot")
    left, right = SIDES.astype(float)
    assert found["spearman"] == pytest.approx(spearmanr((left * right).sum(axis=1), MINI.gold).statistic, abs=1e-9)
    assert prints[0] != prints[1]


@pytest.mark.parametrize(
    ("values", "rows", "reason"),
    [
        (SIDES[:, 1:], "mini", "for 560 texts; give one row a text"),
        (np.random.default_rng(2).normal(size=SIDES.shape), "mini", "give one text two vectors; encode each text in one way only"),
        (SIDES, "sts-english", "rows= names a suite"),
    ],
)
def test_rows_that_are_not_those_of_the_benchmark(values: Any, rows: str, reason: str, tmp_path: Path) -> None:
    np.save(tmp_path / "v.npy", values)
    try:
        found = row(f"vectors:{tmp_path / 'v.npy'},rows={rows}")["reason"]
    except ModelError as error:
        found = str(error)
    assert reason in found


def test_a_file_with_texts_takes_no_rows(tmp_path: Path) -> None:
    with pytest.raises(ModelError, match=r"v\.parquet has texts of its own"):
        evaluate(f"vectors:{write_vectors(tmp_path / 'v.parquet')},rows=mini")


def test_rows_of_several_parts_are_told_by_columns(tmp_path: Path) -> None:
    data, file = tmp_path / "pairs.csv", tmp_path / "p.csv"
    group = ["x" if place % 3 else "y" for place in range(60)]
    lines = [f'"{left}","{right}",{gold},{own}' for left, right, gold, own in zip(MINI.left, MINI.right, MINI.gold, group, strict=False)]
    data.write_text("left,right,score,kind\n" + "\n".join(lines) + "\n", encoding="utf-8")
    file.write_text("subset,prediction\n" + "".join(f"{own},{value}\n" for own, value in zip(group, SCORES, strict=False)))
    report = evaluate(f"scores:{file}", benchmarks=f"csv:{data},group=kind,by=group,public=true")
    found = {one["subset"]: one["spearman"] for one in report.cells()}
    for name in ("x", "y"):
        rows = [place for place, own in enumerate(group) if own == name]
        assert found[name] == pytest.approx(spearmanr(SCORES[rows], MINI.gold[rows]).statistic, abs=1e-12)


def test_rows_of_a_part_that_the_file_lacks_are_one_sentence(tmp_path: Path) -> None:
    file = tmp_path / "p.csv"
    file.write_text("split,prediction\n" + "".join(f"train,{value}\n" for value in SCORES))
    assert "has 0 scores" in row(f"scores:{file}")["reason"]


def test_scores_may_be_packed(tmp_path: Path) -> None:
    packed = tmp_path / "p.csv.xz"
    packed.write_bytes(lzma.compress(b"score\n" + b"".join(b"%f\n" % score for score in SCORES)))
    assert row(f"scores:{packed}")["spearman"] == pytest.approx(spearmanr(SCORES, MINI.gold).statistic, abs=1e-12)


def test_a_parquet_file_of_vectors_with_a_column_twice_is_refused(tmp_path: Path) -> None:
    texts = pa.array(TEXTS)
    pq.write_table(pa.Table.from_arrays([texts, texts, texts], names=["text", "text", "vector"]), tmp_path / "v.parquet")
    assert "v.parquet has two columns of the same name" in row(f"vectors:{tmp_path / 'v.parquet'}")["reason"]


@pytest.mark.parametrize("value", [1.0, None, "12"])
def test_a_parquet_file_without_lists_of_numbers_is_refused_in_one_sentence(tmp_path: Path, value: object) -> None:
    pq.write_table(pa.table({"text": ["a", "b"], "vector": pa.array([value, value])}), tmp_path / "v.parquet")
    assert (
        "v.parquet must hold a text and a list of numbers of one length in every row" in row(f"vectors:{tmp_path / 'v.parquet'}")["reason"]
    )
