"""Files as people have them: each is read as it is meant, or refused with the rows and the next step."""

from __future__ import annotations

import bz2
import csv
import gzip
import io
import json
import lzma
import os
import re
import socket
import traceback
import zipfile
from collections.abc import Callable
from decimal import Decimal
from pathlib import Path
from typing import Any, cast

import pyarrow as pa
import pyarrow.parquet as pq
import pytest

from stsbench.builtin.benchmarks.components import benchmarks
from stsbench.contracts.components.component import Component
from stsbench.contracts.components.options import Location
from stsbench.contracts.components.protocols import Benchmark
from stsbench.contracts.data import Part
from stsbench.errors import DataError, OptionError

COMPONENTS = cast("dict[str, Component[Benchmark]]", {component.name: component for component in benchmarks()})  # no suite is built here
Load = Callable[..., Part]
HEAD = "left\tright\tgold\n"
ROWS = HEAD.replace("\t", ",") + "a,b,1\nc,d,2\n"


@pytest.fixture
def load(tmp_path: Path) -> Load:
    def loaded(data: str | bytes | pa.Table, form: str = "csv", name: str = "rows", **options: Any) -> Part:
        path = tmp_path / name
        if isinstance(data, pa.Table):
            pq.write_table(data, path)
        else:
            path.write_bytes(data.encode("utf-8", "surrogatepass") if isinstance(data, str) else data)
        (part,) = COMPONENTS[form].build(Location("", path=path, digest="0" * 32), **options).load()
        return part

    return loaded


def gold(part: Part) -> list[float]:
    return list(part.pairs.gold)


SWALLOWS = [
    'a\tb\t1\n"c\td\t2\ne\tf\t3\ng"\th\t4\ni\tj\t5\n',  # two rows from the left text on
    'a\tb\t1\nc\t"d\t2\ne\tf"\t3\ni\tj\t5\n',  # one row, in the right text
    'a\tb\t1\n"c\td\t2\r\n\r\ne"\tf\t3\r\ni\tj\t5\n',  # an empty line between
]


def test_bytes_are_no_numbers(load: Load) -> None:
    table = pa.table({"left": ["a"], "right": ["b"], "gold": pa.array([b"1_0"])})
    with pytest.raises(DataError, match=r"row 1 of private-00000000 has a gold score that is not a number"):
        load(table, "parquet")


@pytest.mark.parametrize("rows", SWALLOWS)
def test_quotes_that_may_swallow_rows_are_refused_unless_one_is_sure(load: Load, rows: Any) -> None:
    with pytest.raises(
        DataError, match=r"row 2 of private-00000000 has a quoted field that holds a line end and .* quote=none .* quote=double"
    ):
        load(HEAD + rows, "tsv")
    with pytest.raises(DataError, match=r"row 2 of .* has a quoted field"):
        load((HEAD + rows).replace("\t", ","))
    assert len(load(HEAD + rows, "tsv", quote="none").pairs) == sum(map(bool, map(str.strip, rows.split("\n"))))
    assert len(load(HEAD + rows, "tsv", quote="double").pairs) == 3
    assert load(ROWS.replace("c,", '"c,\nc",')).pairs.left == ("a", "c,\nc")  # fewer delimiters than a row has


def test_quotes_that_may_swallow_rows_of_a_mirror_are_refused(tmp_path: Path) -> None:
    folder = tmp_path / "org" / "name"
    folder.mkdir(parents=True)
    (folder / "test.tsv").write_text(HEAD + SWALLOWS[0])
    with pytest.raises(
        DataError, match=r"row 2 of org/name \(test\) in the mirror has a quoted field .*; write the data as jsonl or parquet"
    ):
        COMPONENTS["hub"].build("org/name", mirror=str(tmp_path)).load()


def labelled(names: list[str], ids: list[int]) -> pa.Table:
    features = {
        "gold": {"names": names, "_type": "ClassLabel"},
        "deep": {"tags": {"feature": {"names": names, "_type": "ClassLabel"}, "_type": "List"}},
    }
    size = len(ids)
    table = pa.table({
        "left": [f"left {row}" for row in range(size)], "right": ["right"] * size, "gold": ids, "deep": [{"tags": [0, one]} for one in ids]
    })  # fmt: skip
    return table.replace_schema_metadata({"huggingface": json.dumps({"info": {"features": features}})})


def test_names_of_class_labels_are_the_grades(load: Load, tmp_path: Path) -> None:
    names = ["0", "1", "10", "2"]  # ids sort as strings
    assert gold(load(labelled(names, [0, 2, 3, 1]), "parquet")) == [0, 10, 2, 1]
    assert gold(load(labelled(names, [0, 2, 3, 1]), "parquet", score="deep.tags.1")) == [0, 10, 2, 1]
    assert load(labelled(names, [0, 2, 3, 1]), "parquet", group="gold").pairs.group == ("0", "10", "2", "1")
    with pytest.raises(DataError, match=r"row 2 of .* missing"):
        load(labelled(names, [0, -1]), "parquet")
    folder = tmp_path / "org" / "name"
    folder.mkdir(parents=True)
    pq.write_table(labelled(names, [2, 3]), folder / "test.parquet")
    (part,) = COMPONENTS["hub"].build("org/name", mirror=str(tmp_path)).load()
    assert gold(part) == [10, 2]


@pytest.mark.parametrize(
    ("values", "row"),
    [([0.0, 1.0], None), ([0.0, float("nan")], "row 2 of .* missing"), (["0", "1"], "rows 1, 2 of .* hold no id of a class label")],
)
def test_values_of_class_labels_that_are_no_whole_numbers_are_ids_or_refused(
    load: Load, values: list[float] | list[str], row: str | None
) -> None:
    table = labelled(["5", "3"], [0, 1])
    table = table.set_column(2, "gold", pa.array(values)).replace_schema_metadata(table.schema.metadata)
    if row is None:
        assert gold(load(table, "parquet")) == [5, 3]
    else:
        with pytest.raises(DataError, match=row):
            load(table, "parquet")


def test_names_of_labels_may_be_written_by_their_ids(load: Load) -> None:
    features = {"gold": {"names": {"0": "5", "1": "3"}, "_type": "ClassLabel"}}
    metadata = {"huggingface": json.dumps({"info": {"features": features}})}
    assert gold(load(labelled([], [0, 1]).replace_schema_metadata(metadata), "parquet")) == [5, 3]


def test_other_names_of_labels_need_to_be_mapped(load: Load) -> None:
    table = labelled(["dissimilar", "similar"], [1, 0, 1])
    with pytest.raises(DataError, match=r"labels of private-00000000 have names that are no numbers; .*map=dissimilar:0\+similar:1"):
        load(table, "parquet")
    worth = ("dissimilar:0", "similar:1")
    assert gold(load(table, "parquet", map=worth, task="binary")) == [1, 0, 1]
    assert gold(load(ROWS.replace("1", "similar").replace("2", " dissimilar"), map=worth)) == [1, 0]
    with pytest.raises(DataError, match=r"rows 1, 2 of .* have a label that map= does not name"):
        load(ROWS, map=worth)
    for wrong in (("a",), ("a:x",), ("a:1", "a:2"), ("a:nan",)):
        with pytest.raises(OptionError, match="option 'map' takes each label once"):
            load(ROWS, map=wrong)


def test_a_task_whose_labels_have_names_in_words_keeps_its_ids(tmp_path: Path) -> None:
    folder = tmp_path / "mteb" / "ArmenianParaphrasePC"
    folder.mkdir(parents=True)
    table = labelled(["no", "yes"], [1, 0]).rename_columns(["sentence1", "sentence2", "labels", "deep"])
    metadata = {"huggingface": json.dumps({"info": {"features": {"labels": {"names": ["no", "yes"], "_type": "ClassLabel"}}}})}
    pq.write_table(table.replace_schema_metadata(metadata), folder / "test.parquet")
    (part,) = COMPONENTS["ArmenianParaphrasePC"].build(mirror=str(tmp_path)).load()
    assert gold(part) == [1, 0]


@pytest.mark.parametrize(
    ("named", "says"),
    [
        ({"left": "score"}, "column 'score' of pairs.csv would be the left text and the gold score too; name another for either"),
        ({"right": "sentence1"}, "column 'sentence1' of pairs.csv would be the left text and the right text too"),
        ({"score": "sentence2"}, "column 'sentence2' of pairs.csv would be the right text and the gold score too"),
        ({"negative": "sentence2"}, "column 'sentence2' of pairs.csv would be the right text and the negative text too"),
    ],
)
def test_no_column_is_two_things(load: Load, named: dict[str, str], says: str) -> None:
    """Numbers are texts too, so that a slip of the hand would have a figure."""
    with pytest.raises(DataError, match=says.replace("pairs.csv", ".*")):
        load("sentence1,sentence2,score\na,b,1\nc,d,2\ne,f,0\n", **named)
    assert gold(load("sentence1,sentence2,score\na,b,1\nc,d,2\n", weight="score")) == [1, 2]


def test_a_text_is_paired_with_itself_where_both_are_named(load: Load) -> None:
    part = load("text,number,other\na,1,x\nc,2,y\n", left="text", right="text", score="number")
    assert (list(part.pairs.left), gold(part)) == (list(part.pairs.right), [1, 2])
    with pytest.raises(DataError, match=r"column 'text' of .* would be the left text and the gold score too"):
        load("text,number,other\na,1,x\nc,2,y\n", left="text", right="text", score="text")


def test_columns_that_fit_equally_are_named_and_none_is_taken(load: Load) -> None:
    table = "sentence1,sentence2,score,label\na,b,1,5\nc,d,2,4\n"
    with pytest.raises(DataError, match=r"several columns that may hold the gold score \(score, label\); say which with score="):
        load(table)
    assert gold(load(table, score="label")) == [5, 4]
    for header, says in (("score,Label", r"\(score, Label\)"), ("Score,LABEL", r"\(Score, LABEL\)"), ("Gold,gOLD", r"\(Gold, gOLD\)")):
        with pytest.raises(DataError, match=rf"several columns that may hold the gold score {says}; say which"):
            load(table.replace("score,label", header))
    with pytest.raises(DataError, match=r"several columns that may hold the left text \(left, text1\); say which with left="):
        load("left,right,gold,text1\na,b,1,x\n")
    assert load(table, score="label").source.notes == ("taken by name: left=sentence1, right=sentence2",)
    assert load(table, left="sentence1", right="sentence2", score="label").source.notes == ()


@pytest.mark.parametrize("mark", [",", "."])
def test_marks_that_may_part_thousands_are_asked_for(load: Load, mark: str) -> None:
    table = (HEAD + "a\tb\t1,000\nc\td\t950\ne\tf\t2,500\n").replace(",", mark)
    with pytest.raises(DataError, match=r"may be a decimal .* or part thousands; give decimal="):
        load(table, "tsv")
    assert gold(load(table, "tsv", decimal={",": "point", ".": "comma"}[mark])) == [1000, 950, 2500]
    assert gold(load(table, "tsv", decimal=mark)) == [1, 950, 2.5]
    assert gold(load(table.replace("950", f"0{mark}950"), "tsv")) == [1, 0.95, 2.5]  # no thousands begin with 0


def test_quotes_behind_a_space_are_no_part_of_a_text_without_a_word(load: Load) -> None:
    rows = 'left, right, gold\na man, "a woman", 3\nb, "c d" , 4\n'
    expected = list(csv.reader(rows.splitlines(), skipinitialspace=True))[1:]
    with pytest.raises(DataError, match=r"rows 1, 2 of .* have a quoted field behind a space, .*; take the space out, or give quote=none"):
        load(rows)
    for quote in ("none", "double"):
        assert load(rows, quote=quote).pairs.right == (' "a woman"', ' "c d" ')
    assert load(rows.replace(', "', ',"').replace('" ,', '",')).pairs.right == tuple(right.strip() for _, right, _ in expected)
    for plain in (' he said "no"', ' "a" and b', ' "', ' "Hello," he said, "you"'):
        assert load(f"{HEAD}{plain}\tb\t1\nc\td\t2\n", "tsv").pairs.left == (plain, "c")
    for text in (' "Hello,"', ' "Hello," he said, "you" ', ' "two\nlines"', 'he said, "no"'):  # which a writer of csv quotes
        csv.writer(written := io.StringIO()).writerows([["left", "right", "gold"], [text, "b", 1], ["c", text, 2]])
        part = load(written.getvalue())
        assert (part.pairs.left, part.pairs.right) == ((text, "c"), ("b", text))


@pytest.mark.parametrize("whole", ["950", '"-950"'])
def test_points_beside_whole_numbers_are_asked_for_whatever_holds_these(load: Load, whole: str) -> None:
    rows = f'{{"left": "a", "right": "b", "gold": "1.000"}}\n{{"left": "c", "right": "d", "gold": {whole}}}\n'
    with pytest.raises(DataError, match=r"may be a decimal point or part thousands; give decimal="):
        load(rows, "jsonl")
    assert gold(load(rows, "jsonl", decimal="comma")) == [1000, float(whole.strip('"'))]
    assert gold(load(rows.replace('"1.000"', '"1.00"'), "jsonl")) == [1, float(whole.strip('"'))]
    raters = "left,right,one,two\na,b,1.000,950\nc,d,2.500,\n".replace("950", whole)
    with pytest.raises(DataError, match=r"may be a decimal point or part thousands; give decimal="):
        load(raters, score=("one", "two"))
    assert gold(load(raters, score=("one", "two"), decimal="point")) == [(1 + float(whole.strip('"'))) / 2, 2.5]


def test_points_in_every_score_are_decimals_and_thousands_are_whole(load: Load) -> None:
    assert gold(load(HEAD + "a\tb\t5.000\nc\td\t3.800\n", "tsv")) == [5, 3.8]
    assert gold(load(HEAD + "a\tb\t1,234,567.5\nc\td\t3.5\n", "tsv", decimal="point")) == [1234567.5, 3.5]
    for wrong in ("1,0000", "1,00", "0,100.5", "1,2345", "10000,000.5"):
        with pytest.raises(DataError, match=r"row 1 of .* not a number"):
            load(f"{HEAD}a\tb\t{wrong}\nc\td\t3.5\n", "tsv", decimal="point")


def test_truth_values_are_labels_of_binary_tasks_alone(load: Load) -> None:
    tables = [
        (ROWS.replace("1", "true").replace("2", "FALSE"), "csv"),
        ('{"left": "a", "right": "b", "gold": true}\n{"left": "c", "right": "d", "gold": false}', "jsonl"),
        (pa.table({"left": ["a", "c"], "right": ["b", "d"], "gold": [True, False]}), "parquet"),
    ]
    for data, form in tables:
        assert gold(load(data, form, task="binary")) == [1, 0]
        with pytest.raises(DataError, match=r"rows 1, 2 of .* have a truth value as gold score; .*task=binary"):
            load(data, form)
    with pytest.raises(DataError, match=r"row 2 of .* has a label that is neither 0 nor 1"):
        load(ROWS, task="binary")


def test_every_dot_is_walked(load: Load) -> None:
    rows: list[dict[str, Any]] = [{"data": {"pair": {"first": f"a {n}", "of.it": [["x", f"b {n}"]]}}, "list": [n, n / 2]} for n in range(3)]
    names = {"left": "data.pair.first", "right": "data.pair.of.it.0.1", "score": "list.1"}
    for data, form in [("\n".join(map(json.dumps, rows)), "jsonl"), (pa.Table.from_pylist(rows), "parquet")]:
        part = load(data, form, **names)
        assert (part.pairs.left[2], part.pairs.right[1], gold(part)) == ("a 2", "b 1", [0, 0.5, 1])
        for option, wrong in (
            ("left", "data.pair.second"),
            ("score", "list.2"),
            ("score", "list.one"),
            ("score", "list." + "9" * 5000),
            ("right", "data.pair.first.0"),
        ):
            with pytest.raises(DataError, match=r"rows 1, 2, 3 of .* have no field"):
                load(data, form, **{**names, option: wrong})
    del rows[1]["data"]["pair"]["first"]
    with pytest.raises(DataError, match=r"row 2 of .* has no field 'pair.first' in column 'data'"):
        load("\n".join(map(json.dumps, rows)), "jsonl", **names)


def test_half_characters_are_refused_with_their_row(load: Load) -> None:
    row = '{"left": "a", "right": "%s", "gold": 1, "kind": "%s"}\n'
    with pytest.raises(DataError, match=r"row 2 of .* half of a character \(a lone surrogate\) in column 'right'"):
        load(row % ("b", "k") + row % ("\\ud83d", "k"), "jsonl")
    with pytest.raises(DataError, match=r"row 1 of .* half of a character .* in its group"):
        load(row % ("b", "\\udc80"), "jsonl", group="kind")
    assert load(row % ("\\ud83d\\ude00", "k"), "jsonl").pairs.right == ("\N{GRINNING FACE}",)
    with pytest.raises(DataError, match=r"row 1 of .* half of a character"):
        load(ROWS.replace("a", "\\ud800"), encoding="unicode_escape")


@pytest.mark.parametrize(
    ("score", "said"),
    [
        ("85%", "has a gold score with a percent sign; write plain numbers, as 85"),
        ("85,5 %", "has a gold score with a percent sign"),
        ("3/5", "has a gold score that is written as a fraction; write what stands before the stroke"),
        ("4.5 / 5", "has a gold score that is written as a fraction"),
        ("\N{MINUS SIGN}1", "has a gold score with a minus or dash that is no plain one; write it as -"),
        ("\N{EN DASH}0.5", "has a gold score with a minus or dash that is no plain one"),
        ("n/a", "has a gold score that is not a number"),
        ("4 stars", "has a gold score that is not a number"),
    ],
)
def test_numbers_that_are_written_for_people_are_refused_with_what_to_write(score: str, said: str, load: Load) -> None:
    with pytest.raises(DataError, match=re.escape(f"row 2 of private-00000000 {said}")):
        load(f"left\tright\tgold\na\tb\t1\nc\td\t{score}\n", "tsv")


def test_faulty_rows_are_counted_and_the_first_are_named_in_one_message(load: Load) -> None:
    rows = [f"left {row},right,{'x' if row % 3 == 0 else row}" for row in range(30)]
    with pytest.raises(DataError, match="rows 1, 4, 7, 10, 13 and 5 more of private-00000000 have a gold score that is not a number"):
        load("left,right,gold\n" + "\n".join(rows))
    lines = [
        '{"left": null, "right": "b", "gold": 1}',
        "{}",
        '{"left": "a", "right": 7, "gold": "x"}',
        '{"left": "a", "right": "b", "gold": "x"}',
    ]
    message = (
        "4 rows of private-00000000 cannot be taken: row 1 has no text .null. in column 'left', row 2 has none but empty cells, "
        "row 3 holds something other than text in column 'right', row 4 has a gold score that is not a number; "
    )
    with pytest.raises(DataError, match=message):
        load("\n".join(lines), "jsonl")
    with pytest.raises(DataError, match=r"rows 2, 4 \(lines 4, 6\) of .* have 2 fields and the header 3"):
        load(ROWS.replace("c,d,2", "\nc,d\ne,f,3\ng,h"))


def test_a_step_is_told_once(load: Load) -> None:
    with pytest.raises(DataError) as raised:
        load("left,right,gold\na,b,inf\nc,d,x\ne,f,1\n")
    assert str(raised.value).count("check score= and decimal=") == 1
    assert str(raised.value).endswith("as in map=dissimilar:0+similar:1")


def test_rows_of_empty_cells_are_skipped_if_asked_and_counted(load: Load) -> None:
    table = ROWS.replace("c,d", "\n,,\n   \n , ,\nc,") + "e,f,3\n"
    with pytest.raises(DataError, match=r"rows 2, 3, 4 \(lines 4, 5, 6\) of .* have none but empty cells; .*blank=skip"):
        load(table)
    part = load(table, blank="skip")
    assert (part.pairs.left, gold(part)) == (("a", "c", "e"), [1, 2, 3])
    assert part.source.notes[1:] == (
        "skipped 3 rows whose cells are all empty",
        "row 5 (line 7) has an empty text; leave it out if it is no pair, such as a total",
    )
    with pytest.raises(DataError, match=r"row 5 \(line 7\) of .* not a number"):
        load(table.replace(",2", ",x"), blank="skip")
    rows: list[dict[str, Any]] = [{"left": "a", "right": "b", "gold": 1.5, "id": 1}, {"left": "", "right": None, "gold": None, "id": None}]
    assert gold(load(pa.Table.from_pylist(rows), "parquet", blank="skip")) == [1.5]
    assert gold(load("\n".join(map(json.dumps, rows)), "jsonl", blank="skip")) == [1.5]
    rows[1]["id"] = 2  # a cell of another column holds something
    with pytest.raises(DataError, match=r"row 2 of .* has no text"):
        load(pa.Table.from_pylist(rows), "parquet", blank="skip")
    with pytest.raises(DataError, match=r"every cell of .* is empty"):
        load("left,right,gold\n,,\n", blank="skip")


@pytest.mark.parametrize("form", ["csv", "jsonl", "parquet"])
def test_rows_that_nobody_has_rated_are_left_out_if_asked_and_counted(form: str, load: Load) -> None:
    rows: list[dict[str, Any]] = [
        {"left": "a", "right": "b", "gold": 1.5, "other": None},
        {"left": "c", "right": "d", "gold": None, "other": None},
        {"left": "e", "right": "f", "gold": None, "other": 2.0},
    ]
    forms: dict[str, Any] = {
        "csv": "left,right,gold,other\na,b,1.5,\nc,d,,\ne,f,,2\n",
        "jsonl": "\n".join(map(json.dumps, rows)),
        "parquet": pa.Table.from_pylist(rows),
    }
    part = load(forms[form], form, blank="unrated")
    assert (part.pairs.left, gold(part)) == (("a",), [1.5])
    assert "left out 2 rows that nobody has rated" in part.source.notes
    part = load(forms[form], form, score=("gold", "other"), blank="unrated")
    assert (part.pairs.left, gold(part)) == (("a", "e"), [1.5, 2])
    assert "left out 1 row that nobody has rated" in part.source.notes
    with pytest.raises(DataError, match=r"rows 2, 3 .*, or check score= and decimal=, or give blank=unrated to leave out what nobody"):
        load(forms[form], form)
    with pytest.raises(DataError, match=r"row 2 .* has no rating by anybody; leave such rows out, or give blank=unrated"):
        load(forms[form], form, score=("gold", "other"), blank="skip")


def test_a_file_that_nobody_has_rated_yet_and_a_score_that_is_none_are_refused(load: Load) -> None:
    with pytest.raises(DataError, match=r"nobody has rated any pair of .*; `stsbench score` scores pairs without gold"):
        load("left,right,gold\na,b,\nc,d,\n", blank="unrated")
    for wrong in ("inf", "good"):  # it is something, and no reason to leave out the pair
        with pytest.raises(DataError, match="row 2 ") as raised:
            load(f"left,right,gold\na,b,1\nc,d,{wrong}\n", blank="unrated")
        assert "unrated" not in str(raised.value)


def test_rows_with_an_empty_text_are_named(load: Load) -> None:
    rows = [f"{'' if row % 2 else 'a'},b,{row}" for row in range(14)]
    assert (
        load("left,right,gold\n" + "\n".join(rows)).source.notes[1]
        == "rows 2, 4, 6, 8, 10 and 2 more have an empty text; leave them out if they are no pairs, such as totals"
    )


def test_words_that_other_readers_take_for_nothing_are_texts(load: Load) -> None:
    words = ["null", "NA", "None", "nan", "true", "1.0", "#N/A", "-1", ""]
    table = "left,right,gold\n" + "".join(f"{word},{word},{row}\n" for row, word in enumerate(words))
    part = load(table)
    assert (part.pairs.left, part.pairs.right) == (tuple(words), tuple(words))
    assert part.source.notes[1:] == ("row 9 has an empty text; leave it out if it is no pair, such as a total",)


def test_json_that_python_stumbles_over(load: Load) -> None:
    row = '{"left": "a", "right": "b", "gold": %s}\n'
    for value, message in [
        ("[" * 100_000 + "]" * 100_000, "row 2 of .* nested too deep"),
        ("9" * 5000, "row 2 of .* missing or not finite"),
        ('1, "gold": 2', "row 2 of .* has a key twice"),
        ("{", "row 2 of .* is not JSON"),
    ]:
        with pytest.raises(DataError, match=message):
            load(row % 1 + row % value + row % 2, "jsonl")
    with pytest.raises(DataError, match="a key twice in one object"):
        load("[" + row % '1, "gold": 2' + "]", "jsonl")
    with pytest.raises(DataError, match=r"is not JSON \(line 2\)"):
        load("[" + row % 1 + row % 2 + "]", "jsonl")
    assert gold(load(row % ("0." + "3" * 5000), "jsonl")) == [pytest.approx(1 / 3)]
    assert gold(load(ROWS.replace("1", "0." + "3" * 5000)))[0] == pytest.approx(1 / 3)
    with pytest.raises(DataError, match=r"row 1 of .* not finite"):
        load(ROWS.replace("1", "9" * 5000))


def test_parquet_that_python_stumbles_over(load: Load) -> None:
    texts, far = pa.array(["a", "b"]), pa.array([2**62, 0], pa.timestamp("us"))
    with pytest.raises(DataError, match="two columns of the same name"):
        load(pa.Table.from_arrays([texts, texts, texts], names=["left", "left", "gold"]), "parquet")
    offsets, data = pa.py_buffer(b"\0\0\0\0\1\0\0\0\2\0\0\0"), pa.py_buffer(b"a\xff")
    broken = pa.Array.from_buffers(pa.string(), 2, [None, offsets, data])
    table = pa.table({"left": texts, "right": broken, "gold": [1.0, 2.0], "when": far})
    with pytest.raises(DataError, match="row 2 of private-00000000 holds text that is not UTF-8"):
        load(table, "parquet")
    table = table.set_column(1, "right", texts)
    assert gold(load(table, "parquet")) == [1, 2]  # what nobody reads cannot fail
    for option in ("score", "group"):
        with pytest.raises(DataError, match=r"row 1 of .* holds a value that cannot be read, such as a time out of range"):
            load(table, "parquet", **{option: "when"})


def zipped(*names: str) -> bytes:
    packed = io.BytesIO()
    with zipfile.ZipFile(packed, "w") as archive:
        for name in names:
            archive.writestr(name, ROWS)
    return packed.getvalue()


def zstd(data: bytes) -> bytes:
    return bytes(pa.compress(data, codec="zstd", asbytes=True))


PACKED = {
    "gzip": gzip.compress(ROWS.encode(), mtime=0),
    "bzip2": bz2.compress(ROWS.encode()),
    "xz": lzma.compress(ROWS.encode()),
    "zstd": zstd(ROWS.encode()),
    "zip": zipped("rows.csv"),
}


@pytest.mark.parametrize("packer", PACKED)
def test_packed_files_are_read_by_their_first_bytes(load: Load, packer: str) -> None:
    assert gold(load(PACKED[packer])) == [1, 2]
    with pytest.raises(DataError, match=f"private-00000000 is a broken {packer} file"):
        load(PACKED[packer][:-12])


@pytest.mark.parametrize("packer", ["gzip", "bzip2", "xz", "zstd"])
def test_every_stream_of_a_packed_file_is_read_or_the_file_is_broken(load: Load, packer: str) -> None:
    packers: dict[str, Callable[[bytes], bytes]] = {"gzip": gzip.compress, "bzip2": bz2.compress, "xz": lzma.compress, "zstd": zstd}
    pack = packers[packer]
    more = pack(b"e,f,3\n")
    assert gold(load(PACKED[packer] + more)) == [1, 2, 3]
    for rest in (bytes([more[0] ^ 1]) + more[1:], more[:-12], b"more"):
        with pytest.raises(DataError, match=f"private-00000000 is a broken {packer} file"):
            load(PACKED[packer] + rest)


@pytest.mark.parametrize(
    ("data", "message"),
    [
        (gzip.compress(PACKED["xz"], mtime=0), "packed twice, the second time with xz"),
        (zipped("a.csv", "b.csv"), "a zip archive of 2 files; pack one file alone"),
        (zipped("[Content_Types].xml"), "a workbook of a spreadsheet program and no text; save it as csv"),
        (zipped("mimetype", "content.xml"), "a workbook of a spreadsheet program and no text; save it as csv"),
        (zipped("Index/Document.iwa", "preview.jpg"), "a workbook of a spreadsheet program and no text; save it as csv"),
        (b"7z\xbc\xaf\x27\x1c\0\4", "a 7z archive and no text; unpack it"),
        (b"PAR1" + bytes(20), "a parquet file and no text; read it with parquet:"),
        (bytes(257) + b"ustar\0" + bytes(300), "a tar archive and no text; unpack it"),
    ],
)
def test_what_is_no_text_is_named_by_its_first_bytes(load: Load, data: Any, message: str) -> None:
    with pytest.raises(DataError, match=f"private-00000000 is {message}"):
        load(data)


def test_what_a_packed_file_holds_has_a_bound_that_an_option_raises(load: Load) -> None:
    data = gzip.compress(ROWS.encode() + b"e,f,3\n" * 200_000)
    with pytest.raises(DataError, match=r"holds more than 1 MB unpacked; .* unpacked_mb="):
        load(data, unpacked_mb=1)
    assert len(load(data, unpacked_mb=2).pairs) == 200_002
    size = 130_000
    table = pa.table({"left": ["a"] * size, "right": ["b"] * size, "gold": [row / size for row in range(size)]})
    with pytest.raises(DataError, match="holds more than 1 MB unpacked"):
        load(table, "parquet", unpacked_mb=1)
    assert len(load(table, "parquet", unpacked_mb=2).pairs) == size
    wide = table.append_column("unused", [[f"{row:040}" for row in range(size)]])
    assert len(load(wide, "parquet", unpacked_mb=2).pairs) == size
    with pytest.raises(OptionError, match="at least 1"):
        load(ROWS, unpacked_mb=0)


def test_what_is_no_file_is_refused(tmp_path: Path) -> None:
    os.mkfifo(tmp_path / "pipe")
    with socket.socket(socket.AF_UNIX) as bound:
        bound.bind(str(tmp_path / "socket"))
        for path in (Path("/dev/zero"), tmp_path / "pipe", tmp_path / "socket"):
            with pytest.raises(DataError, match="private-00000000 is a device, a pipe or a socket; give a file"):
                COMPONENTS["csv"].build(Location("", path=path, digest="0" * 32)).load()


def test_text_of_another_encoding_says_what_is_possible(load: Load, tmp_path: Path) -> None:
    with pytest.raises(DataError, match=r"not utf-8 text \(line 2\); give its encoding with encoding="):
        load('\n{"left": "é"}'.encode("latin-1"), "jsonl")
    assert load('{"left": "é", "right": "b", "gold": 1}'.encode("latin-1"), "jsonl", encoding="latin-1").pairs.left == ("é",)
    for unknown in ("utf-9", "undefined", "\0", "hex"):
        with pytest.raises(OptionError, match="option 'encoding' takes the name"):
            load(ROWS, encoding=unknown)
    with pytest.raises(DataError, match="is not punycode text"):
        load(ROWS, encoding="punycode")
    folder = tmp_path / "org" / "name"
    folder.mkdir(parents=True)
    (folder / "test.csv").write_bytes(ROWS.replace("a", "é").encode("latin-1"))
    with pytest.raises(DataError, match=r"not utf-8 text \(line 2\); write it as UTF-8"):
        COMPONENTS["hub"].build("org/name", mirror=str(tmp_path)).load()


def test_no_message_points_to_an_option_that_is_not_there(tmp_path: Path) -> None:
    folder = tmp_path / "mteb" / "sts12-sts"
    folder.mkdir(parents=True)
    (folder / "test.csv").write_text("sentence1,sentence2,score\na,b,1\n,,\n")
    with pytest.raises(DataError, match=r"row 2 of .* has none but empty cells; leave such rows out$"):
        COMPONENTS["STS12"].build(mirror=str(tmp_path)).load()


def test_no_message_of_a_faulty_row_holds_what_is_private(load: Load) -> None:
    secret = "canary"
    for data, form in [
        (f'left,right,gold\n"{secret}\n,,",b,1\n', "csv"),
        (f"left,right,gold\n{secret},b,{secret}\n", "csv"),
        (f'{{"left": "{secret}\\ud800", "right": "{secret}", "gold": 1}}\n[{secret}]', "jsonl"),
        (labelled([secret], [0]), "parquet"),
    ]:
        with pytest.raises(DataError) as caught:
            load(data, form)
        said = "".join(traceback.format_exception(caught.value)).splitlines()
        assert not [line for line in said if secret in line and not line.startswith("    ")]


@pytest.mark.parametrize("mark", ["sep=;\r\n", '"sep=;"\n', "\ufeffsep=;\n"])
def test_the_line_of_a_spreadsheet_program_names_the_delimiter_and_is_no_row(load: Load, mark: str) -> None:
    part = load(f"{mark}sentence1;sentence2;score\na,b;c;1,5\nd;;2,5\n")
    assert (part.pairs.left, part.pairs.right, part.pairs.gold.tolist()) == (("a,b", "d"), ("c", ""), [1.5, 2.5])
    assert part.source.notes[1].startswith("row 2 has an empty text")  # and its line is that of the file
    with pytest.raises(DataError, match=r"row 1 \(line 4\) of .* has a gold score"):
        load(f"{mark}sentence1;sentence2;score\n\na;b;x\n")


@pytest.mark.parametrize("scores", [
    ["9007199254740992", "9007199254740993", "5"],
    ["3.00000000000000001", "2", "3"],
    ["1e-400", "2", "0"],
    ["123456789012345678901", "123456789012345678902.5", "0"],
])  # fmt: skip
@pytest.mark.parametrize("form", ["csv", "jsonl", "parquet"])
def test_scores_that_would_tie_as_floats_and_differ_as_written_are_refused(form: str, scores: list[str], load: Load) -> None:
    """The first two numbers have one float of 64 bits, so that a figure would rest on a tie that the file does not have."""
    if form == "parquet":
        exact = [Decimal(score) for score in scores]
        gold = pa.array(exact, pa.decimal256(76, 38)) if "e" not in scores[0] else pa.array(scores)
        data: Any = pa.table({"left": list("abc"), "right": list("def"), "score": gold})
    elif form == "jsonl":
        data = "\n".join(f'{{"left": "{row}", "right": "{row}{row}", "score": {score}}}' for row, score in enumerate(scores))
    else:
        data = "left,right,score\n" + "\n".join(f"{row},{row}{row},{score}" for row, score in enumerate(scores))
    with pytest.raises(DataError, match=r"^row [23] of .* digits that a 64-bit float does not hold; write scores with 15 digits at most; "):
        load(data, form)


def test_long_scores_that_are_told_apart_or_equal_are_taken(load: Load) -> None:
    scores = ["0.30000000000000004", "0.3", "0.30000000000000004", "9007199254740994", "9007199254740992", "1.000000000000000000", "1"]
    for form in ("csv", "jsonl"):
        rows = [f"{row},{row}{row},{score}" for row, score in enumerate(scores)]
        lines = [f'{{"left": "{row}", "right": "{row}{row}", "score": {score}}}' for row, score in enumerate(scores)]
        data = "\n".join(lines if form == "jsonl" else ["left,right,score", *rows])
        assert load(data, form).pairs.gold.tolist() == [float(score) for score in scores]
