"""One list of columns, of which every form of a board shows some."""

from __future__ import annotations

import csv as tables
import io
import re

import pytest

from stsbench.builtin.page.writer import html
from stsbench.builtin.writers.columnar import parquet
from stsbench.builtin.writers.latex import latex
from stsbench.builtin.writers.markdown import markdown
from stsbench.builtin.writers.spreadsheet import csv
from stsbench.contracts.board import Leaderboard
from stsbench.contracts.columns import FORMS, columns_in, columns_of, long_table
from stsbench.contracts.protocols import Writer
from stsbench.errors import OptionError
from stsbench.testing.boards import board


def known() -> Leaderboard:
    """A board whose first row has an interval, a rank set and an interval by texts."""
    plain = board(missing=True)
    cell = plain.rows[0].cells[0].model_copy(update={"low": 0.75, "high": 0.85, "texts_low": 0.7, "texts_high": 0.9})
    update = {"cells": (cell, plain.rows[0].cells[1]), "low": 0.6, "high": 0.7, "best_rank": 1, "worst_rank": 2}
    return plain.model_copy(update={"rows": (plain.rows[0].model_copy(update=update), *plain.rows[1:])})


def rendered(writer: Writer) -> str:
    return b"".join(writer.render(known()).values()).decode()


def test_a_name_is_one_column_or_one_for_each_benchmark() -> None:
    for column in columns_of(known()):
        found = columns_in(known(), (column.name,))
        assert [one.benchmark for one in found] == ([None] if column.benchmark is None else [0, 1])
        assert column.title


def test_every_column_reads_as_text_and_goes_into_the_long_table() -> None:
    shown = known()
    names = tuple(dict.fromkeys(column.name for column in columns_of(shown)))
    columns, lines = long_table(shown, names)
    assert [column.name for column in columns] == list(names)
    assert [len(line) for line in lines] == [len(names)] * 4
    assert {type(value) for line in lines for value in line} <= {str, int, float, bool, type(None)}
    first = dict(zip(names, lines[0], strict=True))
    assert (first["rank_set"], first["interval"], first["by_texts"], first["low"]) == ("1–2", "60.00–70.00", "70.00–90.00", 0.75)


def test_forms_show_the_columns_that_are_asked_for() -> None:
    names = ("system", "view", "interval", "kendall")
    assert "| System | View | Interval | mini: Kendall | other: Kendall |\n| --- | --- | ---: | ---: | ---: |\n" in rendered(
        markdown(columns=names)
    )
    assert "| alpha | sentence | 60.00 to 70.00 | 79.69 | 48.44 |" in rendered(markdown(columns=names))
    assert "alpha & sentence & 60.00--70.00 & \\textbf{79.69} & \\textbf{48.44} \\\\" in rendered(latex(columns=names))
    assert "\\begin{tabular}{llrrr}" in rendered(latex(columns=names))
    header, first, second, *_ = tables.reader(io.StringIO(rendered(csv(columns=names))))
    assert (header, first, second) == (
        list(names),
        ["alpha", "sentence", "60.00–70.00", "0.796875"],
        ["alpha", "sentence", "60.00–70.00", "0.484375"],
    )
    heads = re.findall(r"<button type=\"button\"[^>]*>([^<]*)</button></th>", rendered(html(columns=names)))
    assert heads == ["System", "System", "View", "Interval", "mini: Kendall", "other: Kendall"]


def test_parquet_has_the_columns_that_are_asked_for() -> None:
    from pyarrow.parquet import read_table

    (data,) = parquet(columns=("system", "rank_set", "dimension")).render(known()).values()
    assert read_table(io.BytesIO(data)).to_pylist()[0] == {"system": "alpha", "rank_set": "1–2", "dimension": None}


def test_an_unknown_column_is_refused_with_the_known_ones() -> None:
    with pytest.raises(
        OptionError, match=r"no column medal; its columns are alike, average, average_high, .*, figure, .*, view, worst_rank"
    ):
        markdown(columns=("medal",)).render(board())


def test_a_column_that_says_nothing_is_left_out() -> None:
    assert "Rank set" not in b"".join(markdown().render(board()).values()).decode()
    assert "Rank set" in rendered(markdown())
    assert [column.name for column in columns_in(board(), FORMS["latex"])] == ["system", "spearman", "spearman", "average"]
