from __future__ import annotations

import gzip
import json
import traceback
from collections.abc import Sequence
from pathlib import Path
from typing import Any, cast

import pytest

from stsbench.builtin.benchmarks.components import benchmarks
from stsbench.contracts.components.component import Component
from stsbench.contracts.components.options import Location
from stsbench.contracts.components.protocols import Benchmark, BenchmarkCard
from stsbench.contracts.data import Part
from stsbench.errors import DataError, OptionError

COMPONENTS = cast("dict[str, Component[Benchmark]]", {component.name: component for component in benchmarks()})  # no suite is built here
CANARY = "canary melody 7141"
DIGEST = "0123456789abcdef" * 2


def load(path: Path, form: str = "csv", **options: Any) -> tuple[Part, ...]:
    location = Location("a file", path=path, digest=DIGEST)
    return COMPONENTS[form].build(location, **options).load()


def written(tmp_path: Path, data: str | bytes, encoding: str = "utf-8", name: str = "secret folder name.csv") -> Path:
    path = tmp_path / name
    path.write_bytes(data if isinstance(data, bytes) else data.encode(encoding))
    return path


ROWS = f"sentence1,sentence2,score\n{CANARY},b,1.5\nc é,d,2\n"
WANTED = ((CANARY, "c é"), ("b", "d"), [1.5, 2.0])


def values(parts: Sequence[Part]) -> tuple[Any, ...]:
    (part,) = parts
    return part.pairs.left, part.pairs.right, part.pairs.gold.tolist()


@pytest.mark.parametrize("encoding", ["utf-8", "utf-8-sig", "utf-16", "utf-32"])
def test_encodings_are_found(tmp_path: Path, encoding: str) -> None:
    assert values(load(written(tmp_path, ROWS, encoding))) == WANTED


@pytest.mark.parametrize("encoding", ["utf-8", "utf-8-sig", "utf-16", "utf-16-le", "latin-1", "cp1252"])
def test_encodings_can_be_given(tmp_path: Path, encoding: str) -> None:
    assert values(load(written(tmp_path, ROWS, encoding), encoding=encoding)) == WANTED


@pytest.mark.parametrize("delimiter", [",", ";", "\t", "|"])
def test_delimiters_are_found_or_given(tmp_path: Path, delimiter: str) -> None:
    path = written(tmp_path, ROWS.replace(",", delimiter))
    assert values(load(path)) == WANTED
    assert values(load(path, delimiter=delimiter)) == WANTED


def test_a_tab_can_be_named(tmp_path: Path) -> None:
    assert values(load(written(tmp_path, ROWS.replace(",", "\t")), delimiter="tab")) == WANTED


def test_the_delimiter_is_the_one_under_which_the_named_columns_are_there(tmp_path: Path) -> None:
    path = written(tmp_path, "a,x;b;s\n1;2;3\n")
    assert values(load(path, left="a,x", right="b", score="s")) == (("1",), ("2",), [3.0])


@pytest.mark.parametrize("options", [{}, {"decimal": ","}, {"decimal": "comma"}])
def test_decimal_commas_are_found_or_given(tmp_path: Path, options: dict[str, Any] | dict[str, str]) -> None:
    assert values(load(written(tmp_path, ROWS.replace(",", ";").replace("1.5", "1,5")), **options)) == WANTED


def test_quoted_fields_hold_delimiters_newlines_and_quotes(tmp_path: Path) -> None:
    path = written(tmp_path, 'left,right,gold\n"a, b","two\nlines",3\n"say ""so""", d ,4\n')
    assert values(load(path)) == (("a, b", 'say "so"'), ("two\nlines", " d "), [3.0, 4.0])


def test_quotes_may_be_plain_text(tmp_path: Path) -> None:
    path = written(tmp_path, 'left\tright\tgold\n"real" experts\td"\t4\n')
    with pytest.raises(DataError, match=r"row 1 of private-01234567 has a quote .* quote=none"):
        load(path, "tsv")
    assert values(load(path, "tsv", quote="none")) == (('"real" experts',), ('d"',), [4.0])


def test_empty_and_white_space_texts_one_pair_and_constant_gold_are_data(tmp_path: Path) -> None:
    assert values(load(written(tmp_path, "left,right,gold\n,  ,1\n"))) == (("",), ("  ",), [1.0])
    assert values(load(written(tmp_path, "left,right,gold\na,b,1\nc,d,1\n")))[2] == [1.0, 1.0]


def test_jsonl_and_parquet_with_nested_columns(tmp_path: Path) -> None:
    import pyarrow as pa
    import pyarrow.parquet as pq

    rows: list[dict[str, Any]] = [{"text": {"a": CANARY, "b": "b"}, "score": 1.5}, {"text": {"a": "c é", "b": "d"}, "score": 2}]
    lines = written(tmp_path, "\n".join(map(json.dumps, rows)) + "\n\n", name="rows.jsonl")
    names = {"left": "text.a", "right": "text.b"}
    assert values(load(lines, "jsonl", **names)) == WANTED
    pq.write_table(pa.Table.from_pylist([{**row, "score": float(row["score"])} for row in rows]), tmp_path / "rows.parquet")
    assert values(load(tmp_path / "rows.parquet", "parquet", **names)) == WANTED


@pytest.mark.parametrize("width", ["float32", "float16", "float64"])
def test_numbers_are_those_that_were_written_however_narrow_they_are_kept(tmp_path: Path, width: str) -> None:
    import numpy as np
    import pyarrow as pa
    import pyarrow.parquet as pq

    gold = [0.7, 0.1, 4.2, 3.0]  # as float32 .699999988079071, which a threshold of .7 would pass by
    narrow = pa.array(np.array(gold, dtype=width))
    texts = {"left": list("abcd"), "right": list("efgh")}
    pq.write_table(pa.table({**texts, "score": narrow, "often": narrow}), tmp_path / "flat.parquet")
    pq.write_table(pa.table({**texts, "of": pa.StructArray.from_arrays([narrow], ["score"])}), tmp_path / "deep.parquet")
    (part,) = load(tmp_path / "flat.parquet", "parquet", weight="often")
    assert part.pairs.gold.tolist() == gold
    assert part.pairs.weights is not None
    assert part.pairs.weights.tolist() == gold
    assert values(load(tmp_path / "deep.parquet", "parquet", score="of.score"))[2] == gold
    one = pa.array([[value, 9] for value in gold], pa.list_(narrow.type))
    for kind in (one.type, pa.large_list(narrow.type), pa.list_(narrow.type, 2)):
        pq.write_table(pa.table({**texts, "said": one.cast(kind)}), tmp_path / "list.parquet")
        assert values(load(tmp_path / "list.parquet", "parquet", score="said.0"))[2] == gold
        (part,) = load(tmp_path / "list.parquet", "parquet", score=("said.0", "said.1"))
        assert part.pairs.gold.tolist() == [(value + 9) / 2 for value in gold]
    pq.write_table(pa.table({**texts, "score": narrow.dictionary_encode()}), tmp_path / "words.parquet")
    assert values(load(tmp_path / "words.parquet", "parquet"))[2] == gold


def test_gzipped_files_are_read(tmp_path: Path) -> None:
    assert values(load(written(tmp_path, gzip.compress(ROWS.encode()), name="rows.csv.gz"))) == WANTED


@pytest.mark.parametrize(
    "header",
    ["Sentence1,SENTENCE2,Score", "question1,question2,is_duplicate", "text_a,text_b,label", "sentence_A,sentence_B,relatedness_score"],
)
def test_usual_names_of_columns_are_found_whatever_their_case(tmp_path: Path, header: str) -> None:
    left, right, score = header.split(",")
    part = load(written(tmp_path, f"{header}\na,b,1\nc,d,0\n"))[0]
    assert (part.pairs.left, part.pairs.right, part.pairs.gold.tolist()) == (("a", "c"), ("b", "d"), [1, 0])
    assert part.source.notes == (f"taken by name: left={left}, right={right}, score={score}",)


def test_a_name_to_the_letter_goes_before_one_of_another_case(tmp_path: Path) -> None:
    assert load(written(tmp_path, "sentence1,sentence2,Score,score\na,b,1,2\n"))[0].pairs.gold.tolist() == [2]


def test_groups_are_parts(tmp_path: Path) -> None:
    path = written(tmp_path, "left,right,gold,kind\na,b,1,x\nc,d,2,y\ne,f,3,x\n")
    parts = load(path, group="kind", by="group")
    assert [(part.subset, part.pairs.left) for part in parts] == [("group 1", ("a", "e")), ("group 2", ("c",))]  # labels are private too
    parts = load(path, group="kind", by="group", public=True)
    assert [(part.subset, part.pairs.left) for part in parts] == [("x", ("a", "e")), ("y", ("c",))]
    assert load(path, group="kind")[0].pairs.group == ("x", "y", "x")
    with pytest.raises(OptionError, match="name it with group="):
        load(path, by="group")


HEAD = f"sentence1,sentence2,score\n{CANARY},b,1\n"


@pytest.mark.parametrize(
    ("data", "options", "message"),
    [
        (HEAD + f"{CANARY},d,high\n", {}, "row 2 .* gold score that is not a number.*; labels in words take map=, as in map=dissimilar:0"),
        (HEAD + f"{CANARY},d,nan\n", {}, "row 2 .* missing or not finite"),
        (HEAD + f"{CANARY},d,-inf\n", {}, "row 2 .* missing or not finite"),
        (HEAD + f"{CANARY},d,\n", {}, "row 2 .* missing or not finite"),
        (HEAD + f"{CANARY},d,1_0\n", {}, "row 2 .* not a number"),
        (HEAD + f"{CANARY},d\n", {}, "row 2 .* has 2 fields and the header 3"),
        (HEAD + f"{CANARY},{CANARY}, d,2\n", {}, "row 2 .* has 4 fields and the header 3; .*delimiter= or quote=none"),
        (HEAD + f'"{CANARY}" x,d,2\n', {}, "row 2 .* quote"),
        (HEAD + f'"{CANARY},d,2\n', {}, "row 2 .* quote"),
        (f"sentence1,sentence2,score\n{CANARY},b,-1\n{CANARY},c,-1\n", {}, "row 1 .* -1, which stands for a hidden one"),
        (
            f"text,sentence2,score\n{CANARY},b,1\n",
            {},
            "no column for option 'left' .its columns are text, sentence2, score.; name it with left=",
        ),
        (
            "a,b,c\nx,y,1\n",
            {},
            "no column for options 'left', 'right' or 'score' .*; name them with left=, right= and score=",
        ),
        (
            HEAD,
            {"left": "sentense1", "score": "scor"},
            r"no column 'sentense1' or column 'scor' .*did you mean sentence1 and score\? name them with left= and score=",
        ),
        (f"id,{CANARY} a,{CANARY} b,score\nx,a,b,1\n", {}, "its columns are id, score, and 2 whose names are no plain words"),
        (HEAD, {"left": "sentense1"}, r"no column 'sentense1' .*did you mean sentence1\? name it with left="),
        (HEAD, {"left": CANARY}, "no column for option 'left'"),
        (f"{CANARY},{CANARY} b,c d\nc,d,2\n", {}, "is the first line a header"),
        (f"{CANARY},near,1.5\nc,d,2\n", {}, r"'score' .one of its column names is a number, so its first line may be a pair; write a h"),
        ("0,1,2\na,b,1\n", {}, r"its columns are 0, 1, 2\); name them with left=, right= and score="),
        ("a,a,b\n1,2,3\n", {}, "two columns of the same name"),
        ("sentence1,sentence2,score\n", {}, "has no rows"),
        ("", {}, "has no rows"),
        (ROWS.encode("utf-16-le"), {}, "zero bytes.*encoding=utf-16-le"),
        (ROWS.encode("cp1252"), {"encoding": "utf-8"}, r"is not utf-8 text \(line \d\); give its encoding"),
        (b"sentence1,sentence2,score\n\x81\xff,b,1\n", {}, r"is not utf-8 text \(line 2\); give its encoding with encoding=, often cp1252"),
        (gzip.compress(ROWS.encode(), mtime=0)[:-9], {}, "broken gzip"),
    ],
)
def test_bad_files_are_named_by_row_and_leak_nothing(
    tmp_path: Path, data: Any, options: dict[str, Any] | dict[str, str], message: str
) -> None:
    with pytest.raises(DataError, match=message) as caught:
        load(written(tmp_path, data), **options)
    assert str(caught.value).startswith(("private-01234567", "row "))
    said = "".join(traceback.format_exception(caught.value, chain=True)).replace(repr(str(tmp_path)), "")
    printed = [line for line in said.splitlines() if not line.startswith("    ")]  # source lines of the traceback are not data
    for secret in (CANARY, "secret folder"):
        assert not any(secret in line for line in printed)


@pytest.mark.parametrize(
    ("lines", "message"),
    [
        (['{"left": null, "right": "b", "gold": 1}'], "row 1 of private-01234567 has no text .null. in column 'left'"),
        (['{"left": "a", "right": "b", "gold": 1}', '{"left": "a", "gold": 1}'], "row 2 .* has no text .null. in column 'right'"),
        (['{"left": "a", "right": 7, "gold": 1}'], "row 1 .* something other than text in column 'right'"),
        (['{"left": "a", "right": "b", "gold": NaN}'], "row 1 .* missing or not finite"),
        (['{"left": "a", "right": "b", "gold": null}'], "row 1 .* missing or not finite"),
        (['{"left": "a", "right": "b", "gold": [1]}'], "row 1 .* not a number"),
        (['{"left": "a", "right": "b", "gold": 1}', f'{{"left": "{CANARY}'], "row 2 .* is not JSON"),
        (["[1, 2"], "is not JSON"),
        (["7"], "row 1 .* is not a JSON object"),
    ],
)
def test_bad_json_lines_are_named_by_row(tmp_path: Path, lines: list[str], message: str) -> None:
    with pytest.raises(DataError, match=message) as caught:
        load(written(tmp_path, "\n".join(lines)), "jsonl")
    assert CANARY not in str(caught.value)


def test_files_that_are_not_there_or_not_parquet(tmp_path: Path) -> None:
    with pytest.raises(DataError, match="private-01234567 does not exist"):
        load(tmp_path / "none.csv")
    with pytest.raises(DataError, match="private-01234567 cannot be read"):
        load(tmp_path)
    with pytest.raises(DataError, match="not a readable parquet file"):
        load(written(tmp_path, ROWS), "parquet")


@pytest.mark.parametrize(
    ("options", "message"),
    [
        ({"delimiter": "::"}, "'delimiter' takes one character"),
        ({"encoding": "utf-9"}, "'encoding' takes the name"),
        ({"encoding": "hex"}, "'encoding' takes the name"),
        ({"decimal": ";"}, "'decimal' takes point or comma"),
        ({"name": "a/b"}, "'name' takes letters"),
    ],
)
def test_options_that_cannot_be(tmp_path: Path, options: dict[str, str], message: str) -> None:
    with pytest.raises(OptionError, match=message):
        load(written(tmp_path, ROWS), **options)


def test_a_file_is_private_unless_said_otherwise(tmp_path: Path) -> None:
    path = written(tmp_path, ROWS)

    def build(**options: Any) -> BenchmarkCard:
        return COMPONENTS["csv"].build(Location("a file", path=path, digest=DIGEST), **options).card

    assert (build().name, build().private) == ("private-01234567", True)
    assert (build(name="ours").name, build(name="ours").private) == ("ours", True)
    assert (build(public=True).name, build(public=True).private) == ("secret-folder-name", False)
    assert load(path)[0].source.kind == "file"


def test_the_name_of_a_private_file_tells_nothing_of_its_columns_to_who_has_no_file(tmp_path: Path) -> None:
    path = written(tmp_path, ROWS)
    same = DIGEST[:8]  # what a record shows of the content
    names = {
        COMPONENTS["csv"].build(Location("a file", path=path, digest=same + rest * 24), score="score", group="diagnosis").card.name
        for rest in "0123456789abcdef"
    }
    assert len(names) == 16
