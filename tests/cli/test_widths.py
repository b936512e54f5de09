"""At every width of a terminal each figure is printed whole, and no line is longer than the terminal but for what cannot be broken."""

from __future__ import annotations

import json
import re
import sys
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest
from typer.testing import CliRunner

from stsbench.cli.app import app
from stsbench.cli.layout import NARROWEST
from stsbench.contracts.figures import percent

ROOT = Path(__file__).parents[2]
WIDTHS = [60, 80, 100, 160]
WORDS = ["one", "two", "three", "four", "five", "six", "seven", "eight", "nine", "ten", "eleven", "twelve"]
RUN = ["run", "-q", "-e", "hashing", "-e", "hashing,dim=8", "-t", "none", "-t", "centre//whiten,k=4", "-s", "cosine", "-s", "soft-cosine"]
COMMANDS = {
    "run": [*RUN, "-b", "csv:a.csv", "-b", "csv:b.csv", "-b", "csv:c.csv"],
    "run on parts": [*RUN, "-b", "mini,by=group"],
    "compare two": ["compare", "-q", "hashing", "hashing,dim=8", "-b", "mini", "--resamples", "199"],
    "compare several": ["compare", "-q", "hashing", "hashing,dim=8", "hashing,dim=64", "-b", "mini", "-s", "cosine", "-s", "dot", "--resamples", "199"],
    "list": ["list"],
    "list benchmarks": ["list", "benchmarks"],
    "show": ["show", "hashing"],
    "show a board": ["show", str(ROOT / "leaderboards" / "mini")],
    "audit encoder": ["audit", "encoder", "hashing", "-q", "--resamples", "99", "--limit", "120"],
    "audit benchmark": ["audit", "benchmark", "mini", "--against", "csv:a.csv"],
    "audit metrics": ["audit", "metrics", "-e", "hashing", "-s", "cosine", "-s", "dot", "-b", "mini", "-q"],
}  # fmt: skip


@pytest.fixture(scope="module")
def folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    place = tmp_path_factory.mktemp("data")
    for name, step in (("a", 7), ("b", 5), ("c", 3)):
        rows = [f"{' '.join(WORDS[:6])} a{row},{' '.join(WORDS[row % step : row % step + 6])} b{row},{6 - row % 7}" for row in range(40)]
        (place / f"{name}.csv").write_text("\n".join(["sentence1,sentence2,score", *rows]))
    return place


Printed = Callable[[str, int], str]


@pytest.fixture
def printed(folder: Path, monkeypatch: pytest.MonkeyPatch) -> Printed:
    """What a command prints on a terminal of that width."""
    monkeypatch.chdir(folder)

    def output(name: str, width: int) -> str:
        monkeypatch.setattr("stsbench.cli.layout.sys", Terminal())
        done = CliRunner().invoke(app, COMMANDS[name], env={"COLUMNS": str(width)}, catch_exceptions=False)
        assert done.exit_code == 0, done.output
        return re.sub(r"\x1b\[[0-9;]*m", "", done.stdout)

    return output


class Terminal:
    """`sys` with a standard output that says it is a terminal."""

    @property
    def stdout(self) -> Any:
        sys.stdout.isatty = lambda: True  # type: ignore[method-assign]
        return sys.stdout


_kept: dict[str, Any] = {}


def document(name: str) -> Any:
    if name not in _kept:
        _kept[name] = json.loads(CliRunner().invoke(app, [*COMMANDS[name], "--json"], catch_exceptions=False).stdout)
    return _kept[name]


def figures(name: str) -> Iterator[str]:
    """The figures of --json that the table has, as it prints them."""
    found = document(name)
    if name.startswith("run"):
        for cell in found["cells"]:
            yield percent(cell["spearman"])
        if name == "run":
            systems: dict[tuple[str, ...], list[float]] = {}
            for cell in found["cells"]:
                name_of = tuple(cell[part] for part in ("encoder", "view", "transform", "similarity"))
                systems.setdefault(name_of, []).append(cell["spearman"])
            yield from (percent(sum(cells) / 3) for cells in systems.values())
    elif name.startswith("compare"):
        for standing in found["standings"]:
            yield from map(percent, [standing["value"], *([standing["low"], standing["high"]] if "several" in name else [])])
        for each in (*found["comparisons"], *found["groups"]):
            yield from (percent(each[field]) for field in ("difference", "low", "high") if each[field] is not None)
            yield from (f"{each[field]:.4f}" for field in ("p_holm", "p_bh") if each[field] is not None and "several" in name)
    elif name == "show a board":
        for row in found["rows"]:
            yield percent(row["average"])
            yield from (percent(cell["spearman"]) for cell in row["cells"] if row["main"])
    elif name == "audit metrics":
        for system in found["systems"]:
            known = system["figures"]
            yield from map(percent, [known["spearman"], known["detection"]["average_precision"], known["detection"]["roc_auc"]])


@pytest.mark.parametrize("width", WIDTHS)
@pytest.mark.parametrize("name", COMMANDS)
def test_each_figure_is_whole_and_each_line_fits(name: str, width: int, printed: Printed) -> None:
    output = printed(name, width)
    words = set(re.split(r"[\s();,]+|(?<=\d)\.(?=\s)", output))
    assert [figure for figure in figures(name) if figure not in words] == []
    for line in output.splitlines():
        longest = max(map(len, line.split()), default=0)
        assert len(line) <= width or longest > width - 2 * NARROWEST, line
