"""One list of columns, of which every form of a board shows some."""

from __future__ import annotations

import csv as tables
import io
import re

import pytest

from stsbench.builtin.page.writer import HtmlWriter
from stsbench.builtin.writers.data import CsvWriter, ParquetWriter
from stsbench.builtin.writers.latex import LatexWriter
from stsbench.builtin.writers.markdown import MarkdownWriter
from stsbench.cli.printing.table import print_board
from stsbench.contracts.boards.board import BoardMetric, Leaderboard, Portion
from stsbench.contracts.boards.columns import FORMS, columns_in, columns_of, long_table
from stsbench.contracts.components.protocols import Writer
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
        chosen = columns_in(known(), (column.name,))
        assert [one.benchmark for one in chosen] == ([None] if column.benchmark is None else [0, 1])
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
    names = ("system", "similarity", "interval", "kendall")
    assert "| System | Similarity | Interval | mini: Kendall | other: Kendall |\n| --- | --- | ---: | ---: | ---: |\n" in rendered(
        MarkdownWriter(columns=names)
    )
    assert "| alpha | cosine | 60.00 to 70.00 | 79.69 | 48.44 |" in rendered(MarkdownWriter(columns=names))
    assert "alpha & cosine & 60.00--70.00 & \\textbf{79.69} & \\textbf{48.44} \\\\" in rendered(LatexWriter(columns=names))
    assert "\\begin{tabular}{llrrr}" in rendered(LatexWriter(columns=names))
    header, first, second, *_ = tables.reader(io.StringIO(rendered(CsvWriter(columns=names))))
    assert (header, first, second) == (
        list(names),
        ["alpha", "stsbench/cosine", "60.00–70.00", "0.796875"],
        ["alpha", "stsbench/cosine", "60.00–70.00", "0.484375"],
    )
    heads = re.findall(r"data-title=\"([^\"]*)\"", rendered(HtmlWriter(columns=names)))
    assert heads == ["Rank", "Model", "Similarity", "System", "Similarity", "Interval", "mini: Kendall", "other: Kendall"]


def test_parquet_has_the_columns_that_are_asked_for() -> None:
    from pyarrow.parquet import read_table

    (data,) = ParquetWriter(columns=("system", "rank_set", "dimension")).render(known()).values()
    assert read_table(io.BytesIO(data)).to_pylist()[0] == {"system": "alpha", "rank_set": "1–2", "dimension": None}


def test_the_width_of_an_interval_is_shown_where_it_is_asked_for() -> None:
    text = rendered(MarkdownWriter(columns=("system", "average", "width")))
    assert "| alpha | 64.06 (60.00 to 70.00) | 10.00 |" in text
    assert "| beta | – | – |" in text, "no interval has no width"
    assert not any("width" in names for names in FORMS.values())
    assert "width" not in [column.name for column in long_table(known())[0]]


def test_an_unknown_column_is_refused_with_the_known_ones() -> None:
    with pytest.raises(
        OptionError,
        match=r"no column medal; its columns are alike, as_published, average, average_high, .*, figure, .*, view, .*worst_rank",
    ):
        MarkdownWriter(columns=("medal",)).render(board())


def test_a_column_that_says_nothing_is_left_out() -> None:
    assert "Rank set" not in b"".join(MarkdownWriter().render(board()).values()).decode()
    assert "Rank set" in rendered(MarkdownWriter())
    assert [column.name for column in columns_in(board(), FORMS["latex"])] == [
        "model", "view", "transforms", "similarity", "loader", "spearman", "spearman", "average",
    ]  # fmt: skip
    heads = next(line for line in b"".join(LatexWriter().render(board()).values()).decode().splitlines() if line.startswith("Model"))
    assert heads == "Model & Similarity & mini & other & Average \\\\"


KENDALL = BoardMetric(name="kendall", title="Kendall"), BoardMetric(name="spearman", title="Spearman")
PRECISION = BoardMetric(name="average_precision", title="average precision"), BoardMetric(name="roc_auc", title="ROC AUC")


def measured_by(metrics: tuple[BoardMetric, ...]) -> Leaderboard:
    """A board that goes by the first of the metrics; the first cell has a part, and a group that Spearman measures."""
    plain, rows = board(), []
    for row in plain.rows:
        portions = [("part", "test/default", metrics[0].name), ("group", "negation", "spearman")]
        kept = tuple(Portion(kind=kind, name=name, n=9, main=main, figures={main: 0.25}) for kind, name, main in portions)
        given = [{metrics[0].name: cell.figure, metrics[1].name: 0.125} for cell in row.cells]
        cells = [
            cell.model_copy(update={"main": metrics[0].name, "figures": figures, "portions": kept})
            for cell, figures in zip(row.cells, given, strict=True)
        ]
        rows.append(row.model_copy(update={"cells": tuple(cells)}))
    return plain.model_copy(update={"metrics": metrics, "rows": tuple(rows)})


@pytest.mark.parametrize(
    ("metrics", "begins", "averaged", "parts"),
    [
        (KENDALL, "Kendall correlation {} 100 with human judgement", "Average Kendall", "kendall,spearman,reason"),
        (PRECISION, "Average precision {} 100 by human judgement", "Mean average precision", "average_precision,spearman,reason"),
    ],
    ids=["kendall", "binary"],
)
def test_a_board_says_what_it_goes_by(
    metrics: tuple[BoardMetric, ...], begins: str, averaged: str, parts: str, capsys: pytest.CaptureFixture[str]
) -> None:
    shown, (main, other) = measured_by(metrics), metrics
    (text,), (tex,), (page,) = (
        [data.decode() for data in writer.render(shown).values()] for writer in (MarkdownWriter(), LatexWriter(), HtmlWriter())
    )
    assert f"\n\n{begins.format('x')}, higher is better." in text
    assert "| 1 | alpha | cosine | 64.06 | 79.69 | 48.44 |" in text
    assert tex.startswith(f"% A sample: {begins.format('x').partition(' with ')[0].partition(' by ')[0]}, protocol plain.")
    assert f"{begins.format('×')}; higher is better." in page
    assert f"Mean of {main.title} × 100 over benchmarks" in page
    assert f"{main.title} × 100 on 240 pairs" in page
    assert f"{averaged} × 100 of every encoder" in page
    assert "Spearman" not in text + tex + page
    table, portions = (data.decode() for data in CsvWriter().render(shown).values())
    first = next(tables.DictReader(io.StringIO(table)))
    assert (first[main.name], first["ceiling"], first[other.name]) == ("0.796875", "", "0.125000")
    assert portions.splitlines()[:3] == [
        f"system,benchmark,kind,name,n,{parts}", "alpha,mini,part,test/default,9,0.250000,,", "alpha,mini,group,negation,9,,0.250000,",
    ]  # fmt: skip
    print_board(shown, full=True)
    assert capsys.readouterr().out.startswith(f"A sample - {begins.partition(' correlation')[0].partition(' {')[0]} x 100\n")
