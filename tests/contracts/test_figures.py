"""One cell is one printed number, wherever it is printed."""

from __future__ import annotations

import json
import re
from pathlib import Path

import pytest
from typer.testing import CliRunner

from stsbench.audit.sections import _estimate
from stsbench.builtin.writers.latex import LatexWriter
from stsbench.builtin.writers.markdown import MarkdownWriter
from stsbench.cli.app import app
from stsbench.cli.audit_systems import _loss
from stsbench.cli.line.guard import print_json
from stsbench.cli.printing.layout import figure
from stsbench.contracts.boards.columns import FORMS, columns_in
from stsbench.contracts.figures import chance, every_digit, percent, points, recorded
from stsbench.stats.intervals import Estimate
from stsbench.testing.boards import board

SOURCE = Path(__file__).parents[2] / "stsbench"
NO_FIGURES = ("tied cosines", "% of the pairs are positive")  # shares of pairs


@pytest.mark.parametrize(
    ("value", "text"),
    [
        (0.60015, "60.02"),  # 100 * 0.60015 is a little below 60.015 in binary, and is half-way as it is recorded
        (0.60025, "60.03"),
        (0.601349999, "60.14"),  # recorded as 0.60135
        (0.6013499, "60.14"),
        (0.6013494, "60.13"),
        (-0.60015, "-60.02"),
        (0.00005, "0.01"),
        (-0.0000494, "0.00"),
        (-1e-9, "0.00"),
        (1.0, "100.00"),
        (-1.0, "-100.00"),
        (2, "200.00"),
    ],
)
def test_half_way_figures_go_away_from_zero(value: float, text: str) -> None:
    assert percent(value) == figure(value) == text
    assert percent(recorded(value)) == text, "a figure reads the same computed and read back"
    assert points(value) == (text if text.startswith("-") else f"+{text}")


@pytest.mark.parametrize("value", [0.60015, 0.60025, 0.60035, 0.60045, 0.12345, 0.98765, -0.05005])
def test_every_writer_prints_the_same(value: float) -> None:
    plain = board(("one",))
    cell = plain.rows[0].cells[0].model_copy(update={"figures": {"spearman": value}})
    row = plain.rows[0].model_copy(update={"cells": (cell, cell), "average": value})
    shown = plain.model_copy(update={"rows": (row,)})
    for writer in (MarkdownWriter(), LatexWriter()):
        text = b"".join(writer.render(shown).values()).decode().replace("$-$", "-")
        written = set(re.findall(rf"-?{abs(int(100 * value))}\.\d\d\b", text))
        assert written == {percent(value)}
    figures = [column for names in FORMS.values() for column in columns_in(shown, names) if column.name in ("average", "spearman")]
    assert {column.text(row) for column in figures} == {percent(value)}


def test_a_zero_has_no_sign_wherever_numbers_are_printed(
    capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    """Not in JSON, nor where a number is no figure, such as a score, gold or an agreement of raters."""
    print_json({"zero": -0.0, "within": [(-0.0, -1e-9)]})
    assert json.loads(capsys.readouterr().out.replace("-0.0", '"wrong"')) == {"zero": 0.0, "within": [[0.0, -1e-9]]}
    assert (every_digit(-0.0), every_digit(-0.1)) == ("0.0", "-0.1")
    assert _loss(-1e-9) == "0.0000"
    assert _estimate(Estimate(-0.0001, -0.0004, 0.0)) == "0.000 (0.000 to 0.000)"
    monkeypatch.chdir(tmp_path)
    Path("pairs.csv").write_text("left,right,score\n" + "\n".join(f"a {row},b {row},{-0.0 if row % 2 else row}" for row in range(20)))
    for words in (
        ["audit", "benchmark", "csv:pairs.csv"],
        ["score", "csv:pairs.csv", "-e", "token-jaccard"],
        ["score", "csv:pairs.csv", "--json"],
    ):
        said = CliRunner().invoke(app, words)
        assert (said.exit_code, re.findall(r"-0(?:\.0*)?(?![\d.])", said.output)) == (0, []), said.output


def test_no_estimated_chance_is_certain() -> None:
    shown = [chance(value) for value in (0.0, 0.0099, 0.01, 0.5, 0.99, 0.9984, 1.0)]
    assert shown == ["< 1 %", "< 1 %", "1 %", "50 %", "99 %", "> 99 %", "> 99 %"]
    assert chance(0.001, "less than 1 %") == "less than 1 %"


def test_no_other_place_rounds_a_figure() -> None:
    lines = [
        f"{path.relative_to(SOURCE)}: {line.strip()}"
        for path in sorted(SOURCE.rglob("*.py"))
        for line in path.read_text(encoding="utf-8").splitlines()
        if re.search(r"100 \* [^{}]*:[+]?\.2f|round\(100 \*", line) and not any(name in line for name in NO_FIGURES)
    ]
    assert lines == []
