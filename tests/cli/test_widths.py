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
from stsbench.cli.printing.layout import NARROWEST
from stsbench.contracts.figures import percent

ROOT = Path(__file__).parents[2]
SPLIT = re.compile(r"[\s();,]+|(?<=\d)\.(?=\s)")
WIDTHS = [60, 80, 100, 160]
WORDS = ["one", "two", "three", "four", "five", "six", "seven", "eight", "nine", "ten", "eleven", "twelve"]
RUN = ["run", "-q", "-e", "hashing", "-e", "hashing,dim=8", "-t", "none", "-t", "centre//whiten,k=4", "-s", "cosine", "-s", "soft-cosine"]
COMMANDS = {
    "run": [*RUN, "-b", "csv:a.csv", "-b", "csv:b.csv", "-b", "csv:c.csv"],
    "run on parts": [*RUN, "-b", "mini,by=group"],
    "compare two": ["compare", "-q", "hashing", "hashing,dim=8", "-b", "mini", "--resamples", "199"],
    "compare several": ["compare", "-q", "hashing", "hashing,dim=8", "hashing,dim=64", "-b", "mini", "-s", "cosine", "-s", "dot", "--resamples", "199"],
    "plugins": ["plugins"],
    "list": ["list"],
    "list benchmarks": ["list", "benchmarks"],
    "show": ["show", "hashing"],
    "show a board": ["show", str(ROOT / "leaderboards" / "mini"), "--all"],
    "audit encoder": ["audit", "encoder", "hashing", "-q", "--resamples", "99", "--limit", "120"],
    "audit benchmark": ["audit", "benchmark", "mini", "--against", "csv:a.csv"],
    "audit a file": ["audit", "benchmark", "csv:a.csv", "--against", "csv:b.csv"],
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
        monkeypatch.setattr("stsbench.cli.printing.layout.sys", Terminal())
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

    @property
    def stderr(self) -> Any:
        return sys.stderr


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
    elif name == "audit encoder":
        for audit in found["audits"]:
            yield from of_an_encoder(audit)
    elif name in ("audit benchmark", "audit a file"):
        for audit in found["benchmarks"]:
            yield from of_a_benchmark(audit)
    elif name == "plugins":
        yield from (str(len(names)) for plugin in found["plugins"] for names in plugin["offers"].values() if len(names) > 12)
    elif name == "list":
        yield from (str(len(components)) for components in found.values() if components)
    elif name == "list benchmarks":
        yield from (word for component in found["benchmarks"] for word in SPLIT.split(component["help"]) if word.isdigit())
    elif name == "show":
        yield from (option["default"] for option in found["options"])


def of_an_encoder(audit: Any) -> Iterator[str]:
    norms, shape, hubs, pairs, fragility = (audit[part] for part in ("norms", "isotropy", "hubness", "pairs", "fragility"))
    yield from map(str, [audit["n"], audit["texts"], shape["dimensions"], norms["zero"]])
    yield from [f"{norms['variation']:.3g}", *(f"{norms[field]:.4g}" for field in ("mean", "least", "largest"))]
    for estimate in (norms["length"], norms["rarity"], norms["gold"], pairs["length"], pairs["words"]):
        yield from (f"{estimate[field]:.3f}" for field in ("value", "low", "high"))
    yield from (f"{100 * share:.1f}" for share in [*(share for _, share in shape["rogue"]), hubs["antihubs"]])
    yield from [f"{shape['participation']:.1f}", f"{shape['effective_rank']:.1f}", f"{shape['partition']:.3g}", f"{hubs['skewness']:.2f}"]
    yield from (f"{value:.3f}" for value in (shape["anisotropy"], shape["isoscore"], hubs["robin_hood"], fragility["scale95"]))
    yield from (f"{pairs[field]:.3f}" for field in ("alignment", "uniformity", "deviation", "quartiles", "gap", "isotonic"))
    yield from [f"{100 * pairs['tied']:.2f}", f"{fragility['value']:.4f}"]
    yield from (f"{each[field]:.4f}" for each in fragility["stability"] for field in ("predicted", "simulated"))
    yield from (percent(family[field]) for family in audit["families"] for field in ("low", "high", "spread"))
    for measure in audit["measures"]:
        yield from [percent(measure["spearman"]), f"{100 * measure['difference']:+.2f}"]
        yield from (f"{100 * measure[field]:+.2f}" for field in ("low", "high") if measure[field] is not None)
        yield from (f"{measure[field]:.4f}" for field in ("agreement", "p_holm") if measure[field] is not None and not measure["identical"])


def of_a_benchmark(audit: Any) -> Iterator[str]:
    texts, labels, repeats = (audit[part] for part in ("texts", "labels", "repeats"))
    yield from [str(audit["n"]), percent(audit["ceiling"]), percent(audit["floor"]["figure"]), f"{texts['repetition']:.2f}"]
    yield from (str(texts[field]) for field in ("total", "unique", "empty", "identical"))
    yield from (f"{labels[field]:g}" for field in ("lowest", "highest", "distinct", "outside", "hidden") if labels[field] is not None)
    yield from (str(repeats[field]) for field in ("pairs", "rows", "swapped", "conflicts", "conflicting_rows"))
    for both in audit["overlaps"]:
        if both["distinct"]:  # else it is said that they share none
            yield from (str(both[field]) for field in ("distinct", "here", "there"))
            yield from (f"{100 * both[side] / both[f'of_{side}']:.1f}" for side in ("here", "there"))


@pytest.mark.parametrize("width", WIDTHS)
@pytest.mark.parametrize("name", COMMANDS)
def test_each_figure_is_whole_and_each_line_fits(name: str, width: int, printed: Printed) -> None:
    output = printed(name, width)
    words = set(SPLIT.split(output))
    assert any(figures(name))
    assert [figure for figure in figures(name) if figure not in words] == []
    for line in output.splitlines():
        longest = max(map(len, line.split()), default=0)
        assert len(line) <= width or longest > width - 2 * NARROWEST, line
