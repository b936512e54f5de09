import csv
import io
import itertools
import json
import random
from typing import Any

import pytest
from markdown_it import MarkdownIt

from stsbench.builtin.plugin import stsbench_writers
from stsbench.builtin.writers.markdown import markdown_text
from stsbench.contracts.boards.board import BoardBenchmark, BoardSpec, Cell, Leaderboard, PublishedRow, Row, SystemSpec
from stsbench.contracts.kinds import CORRELATIONS
from stsbench.contracts.wording import visible

HOSTILE = [
    "a|b",
    "<script>alert(1)</script>",
    "</summary></details><img src=x onerror=alert(1)>",
    "a\\|b\\",
    "`code` ``",
    "*bold* _it_ ~~no~~",
    "[link](javascript:alert(1))",
    "![i](http://x/i.png)",
    "two\nlines\r\n# heading",
    "\u202egnp.exe\u2066\u200f",
    "&lt;b&gt; &amp;",
    "line\u2028sep\u0000\t",
    "=HYPERLINK(1)",
    "+1",
    "-1",
    "@SUM",
    "\t=1",
    "\r=1",
    '"quoted", comma',
    "模型 é",
]


WRITERS = [component for component in stsbench_writers() if component.name != "html"]  # whose tests are those of pages


def _render(name: str, board: Leaderboard) -> str:
    (component,) = [each for each in WRITERS if each.name == name]
    writer = component.build()
    ((_, data),) = writer.render(board).items()
    return data.decode()


def _cell(value: float | None = 0.72369, **values: Any) -> Cell:
    figures = {
        "figures": dict.fromkeys(CORRELATIONS, value),
        "n": 3108,
        "signature": "stsbench|benchmark=stsbench/STS12|view=a",
    }
    return Cell(**({"status": "ok"} | figures | values))


def _row(label: str = "wordllama · cosine", rank: int | None = 1, average: float | None = 0.5, *cells: Cell, **values: Any) -> Row:
    system = {"encoder": "d/wordllama", "fingerprint": "f" * 32, "view": "sentence", "similarity": "stsbench/cosine", "primary": True}
    system |= {"transforms": (), "model": label, "main": True}
    return Row(**({"rank": rank, "label": label, "average": average, "cells": cells or (_cell(),)} | system | values))


def _board(
    *rows: Row, title: str = "A board", names: tuple[str, ...] = ("STS12",), notes: tuple[str, ...] = (), **spec: Any
) -> Leaderboard:
    system = (SystemSpec(encoder="wordllama"),)
    whole = BoardSpec(**({"name": "board", "title": title, "benchmarks": ("STS12",), "protocol": "mteb", "system": system} | spec))
    facts = {
        "ref": "r",
        "n": 3108,
        "languages": ("eng",),
        "licence": "cc-by",
        "source": "hub 0123",
        "digest": "d" * 32,
        "notes": ("a note",),
    }
    columns = tuple(BoardBenchmark(name=name, **facts) for name in names)
    return Leaderboard(spec=whole, columns=columns, rows=rows or (_row(),), notes=notes)


def _hostile_board(name: str) -> Leaderboard:
    cell = _cell(None, status="failed", reason=name, signature=name, flags=(name,))
    row = _row(
        name,
        None,
        None,
        cell,
        encoder=name,
        view=name,
        transforms=(name,),
        similarity=name,
        flags=(name,),
        primary=False,
        model=name,
        main=False,
    )
    board = _board(_row(name), row, title=name, names=(name,), notes=(name,))
    facts = {"licence": name, "source": name, "digest": name, "languages": (name,), "notes": (name,)}
    return board.model_copy(update={"columns": (board.columns[0].model_copy(update=facts),)})


def test_markdown_shows_models_first_and_their_variants_folded() -> None:
    figures = (_cell(0.123456, low=0.1, high=0.2), _cell(-0.5, flags=("truncated",)))
    dot = {"similarity": "stsbench/dot", "view": "mean@3", "model": "w", "main": False, "primary": False, "difference": -0.62369}
    grid = _row("w · dot", None, 0.1, _cell(0.1), _cell(0.1), **dot)
    text = _render("markdown", _board(_row("w", 1, 0.72369, *figures, flags=("truncated",)), grid, names=("STS12", "SICK-R")))
    top, folded = text.split("<details>\n<summary>w: 1 variant</summary>\n\n")
    assert text.startswith("# A board\n\n")
    assert text.endswith("up to date.\n")
    head = "| Rank | Model | Similarity | Average | STS12 | SICK-R | Flags |\n| ---: | --- | --- | ---: | ---: | ---: | --- |\n"
    assert head + "| 1 | w | cosine | 72.37 | 12.35 | -50.00 | truncated (SICK-R) |\n" in top
    assert "dot" not in top
    head = "| Layer and pooling | Similarity | Average | Difference | Flags |\n| --- | --- | ---: | ---: | --- |\n"
    assert head + "| mean@3 | dot | 10.00 | -62.37 |  |\n" in folded
    assert "| STS12 | 3108 | eng | cc-by | hub 0123 | dddddddddddddddd | a note |" in folded
    assert r"- w: <code>stsbench\|benchmark=stsbench/STS12\|view=a</code>" in folded
    assert "`stsbench leaderboard check .`" in folded


def test_markdown_of_models_without_variants_has_no_second_table() -> None:
    text = _render("markdown", _board(description="Some *words*.\n"))
    assert "variant" not in text.partition("## Leaderboard")[2]
    assert "\n\nSome *words*.\n\n" in text


def test_markdown_without_primary_rows_says_so() -> None:
    text = _render("markdown", _board(_row(primary=False), primary="euclidean"))
    assert "No system of this board is scored with euclidean" in text
    assert "so that nothing is ranked" in text


def test_markdown_says_why_a_cell_has_no_figure() -> None:
    cells = (
        _cell(None, status="undefined", reason="constant gold"),
        Cell(status="missing"),
        _cell(None, status="failed", reason="it broke"),
    )
    text = _render("markdown", _board(_row("w", None, None, *cells), names=("A", "B", "C"), notes=("1 of 1 systems have no average.",)))
    assert "| – | w | cosine | – | undefined | – | failed |  |" in text
    assert "- w on A: undefined (constant gold)\n- w on B: missing\n- w on C: failed (it broke)" in text
    assert "- 1 of 1 systems have no average." in text


@pytest.mark.parametrize("name", HOSTILE)
def test_markdown_shows_a_hostile_name_as_the_text_that_it_is(name: str) -> None:
    """A CommonMark parser, independent of the writer, finds neither markup nor HTML nor an odd row, and reads the name back."""
    text = _render("markdown", _hostile_board(name))
    tokens = MarkdownIt("commonmark").enable(["table", "strikethrough"]).parse(text)
    inline = [child for token in tokens for child in token.children or ()]
    assert {child.type for child in inline} <= {"text", "text_special", "code_inline", "html_inline"}
    assert {child.content for child in inline if child.type == "html_inline"} <= {"<code>", "</code>"}
    assert {child.content for child in inline if child.type == "code_inline"} <= {
        "results/",
        "stsbench leaderboard build .",
        "stsbench leaderboard check .",
    }
    blocks = [token.content.strip() for token in tokens if token.type == "html_block"]
    assert all(block.startswith("<details>\n<summary>") or block == "</details>" for block in blocks)
    assert sum(token.type == "heading_open" for token in tokens) == 5
    rows = [line for line in text.splitlines() if line.startswith("| ") and "---" not in line]
    assert len(rows) == 2 + 2 + 2
    cells = [token for token in tokens if token.type in ("th_open", "td_open")]
    assert len(cells) == 6 * 2 + 5 * 2 + 7 * 2
    shown = ["".join(child.content for child in token.children) for token in tokens if token.type == "inline" and token.children]
    assert visible(name).strip() in shown
    assert all(char.isprintable() or char == "\n" for char in text)


@pytest.mark.parametrize("name", HOSTILE)
def test_csv_reads_back_and_starts_no_formula(name: str) -> None:
    text = _render("csv", _hostile_board(name))
    assert "\r" not in text
    header, *rows = list(csv.reader(io.StringIO(text, newline="")))
    assert [len(row) for row in rows] == [len(header)] * 2
    for row in rows:
        for field, value in zip(header, row, strict=True):
            if field not in ("spearman", "pearson", "kendall", "average"):
                assert not value.startswith(("=", "+", "-", "@", "\t", "\r"))
        assert dict(zip(header, row, strict=True))["system"].removeprefix("'") == visible(name)


def test_csv_is_long_with_six_decimals_and_empty_cells() -> None:
    row = _row("w", 1, 0.1 + 0.2, _cell(-0.12345678), Cell(status="missing"), flags=("truncated", "differs"))
    text = _render("csv", _board(row, names=("A", "B")))
    assert text.endswith("\n")
    first, second = csv.DictReader(io.StringIO(text))
    assert (first["benchmark"], first["spearman"], first["average"], first["rank"], first["n"]) == (
        "A",
        "-0.123457",
        "0.300000",
        "1",
        "3108",
    )
    assert (first["primary"], first["flags"]) == ("true", "truncated differs")
    assert (second["benchmark"], second["status"], second["spearman"], second["n"]) == ("B", "missing", "", "")


def test_csv_never_shows_a_negative_zero() -> None:
    (line,) = csv.DictReader(io.StringIO(_render("csv", _board(_row("w", 1, -1e-9, _cell(-1e-9))))))
    assert (line["spearman"], line["average"]) == ("0.000000", "0.000000")


def test_json_reads_back_as_the_board() -> None:
    board = _board(_row("w", None, None, _cell(0.123456), Cell(status="missing")), names=("A", "B"), tolerance=1e-9)
    text = _render("json", board)
    assert Leaderboard.model_validate_json(text) == board
    assert text == json.dumps(json.loads(text), sort_keys=True, indent=2, ensure_ascii=False) + "\n"


def test_json_has_six_decimals_and_no_nan() -> None:
    value = json.loads(_render("json", _board(_row("w", 1, 2 / 3, _cell(1 / 3)))))
    assert value["rows"][0]["average"] == 0.666667
    assert value["rows"][0]["cells"][0]["spearman"] == 0.333333
    with pytest.raises(ValueError, match="not JSON compliant"):
        _render("json", _board(_row("w", 1, float("nan"))))


@pytest.mark.parametrize("name", ["markdown", "csv", "json"])
def test_the_same_board_has_the_same_bytes(name: str) -> None:
    for hostile in HOSTILE:
        assert _render(name, _hostile_board(hostile)) == _render(name, _hostile_board(hostile))


def test_names_stay_apart_when_escaped() -> None:
    generator = random.Random(0)
    names = {"".join(generator.choices("a\\|<&`*l;t\n\u202e", k=length)) for length in (1, 2, 3, 4) for _ in range(500)}
    assert len({markdown_text(name) for name in names}) == len(names)


def test_writers_are_named_and_write_distinct_files() -> None:
    names = [component.name for component in WRITERS]
    files = list(itertools.chain.from_iterable(component.build().render(_board()) for component in WRITERS))
    assert names == ["markdown", "csv", "json", "latex", "parquet"]
    assert files == ["README.md", "board.csv", "board.json", "board.tex", "board.parquet"]
    assert all(component.help for component in WRITERS)


@pytest.mark.parametrize("flag", ["leaked", "supervised"])
def test_latex_marks_the_best_of_what_has_seen_no_gold_scores(flag: str) -> None:
    rows = [
        _row("seen", None, 0.9, _cell(0.9), flags=(flag,)),
        _row("even", None, 0.8, _cell(0.8), flags=(flag,)),
        _row("best", 1, 0.8, _cell(0.8), best_rank=1, worst_rank=2),
        _row("near", 2, 0.7, _cell(0.7), best_rank=1, worst_rank=2),
    ]
    lines = [line for line in _render("latex", _board(*rows)).splitlines() if line.startswith(("seen", "even", "best", "near"))]
    bold = "\\textbf{80.00}"
    assert lines == [
        "seen & cosine & 90.00 & 90.00 \\\\",
        "even & cosine & 80.00 & 80.00 \\\\",
        f"best & cosine & {bold} & {bold} \\\\",
        "near & cosine & 70.00 & 70.00$^{\\dagger}$ \\\\",
    ]
    alone = _render("latex", _board(rows[0]))
    assert "textbf" not in alone


def test_a_flag_names_the_benchmarks_that_it_holds_on_unless_it_holds_on_all() -> None:
    cells = (_cell(flags=("supervised", "leaked")), _cell(flags=("supervised",)))
    text = _render("markdown", _board(_row("w", 1, 0.5, *cells, flags=("leaked", "supervised")), names=("STS12", "SICK-R")))
    assert "| leaked (STS12), supervised |" in text


def test_published_rows_stand_among_the_others_unranked_and_hostile_names_change_nothing() -> None:
    for name in HOSTILE:
        cells = (_cell(0.5, flags=("published",), low=0.4, high=0.6, signature=None), Cell(status="missing"))
        own = PublishedRow(label=name, source=name, average=None, cells=cells, flags=("published",))
        board = _board(_row("w", 1, 0.5, _cell(), _cell()), names=("STS12", "SICK-R")).model_copy(update={"published": (own,)})
        page = _render("markdown", board)
        (line,) = (line for line in page.splitlines() if line.endswith("| published (STS12) |"))
        assert line == f"| – | {markdown_text(name)} |  | – | 50.00 | – | published (STS12) |"
        assert f"are copied from {markdown_text(name)}. " in page
        lines = list(csv.DictReader(io.StringIO(_render("csv", board))))
        assert [(row["source"] != "", row["rank"], row["status"]) for row in lines] == [
            (False, "1", "ok"), (False, "1", "ok"), (True, "", "ok"), (True, "", "missing"),
        ]  # fmt: skip
        assert not lines[2]["system"].startswith(("=", "+", "-", "@", "\t", "\r"))
        assert json.loads(_render("json", board))["published"][0]["label"] == name
