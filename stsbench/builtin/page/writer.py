"""index.html: a board as a page that opens from a file, asks nothing of the network and runs no script but its own."""

from __future__ import annotations

from base64 import b64encode
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from hashlib import sha256
from importlib.resources import files
from typing import TYPE_CHECKING, Any, Final

from stsbench.builtin.page import agreement, besides, grids, standings
from stsbench.builtin.page.drawing import Chart, page_svg
from stsbench.builtin.page.naming import short
from stsbench.builtin.page.palette import style_sheet
from stsbench.builtin.page.renderer import require_renderer
from stsbench.builtin.page.table import heads, ladder, lines
from stsbench.builtin.writers.wording import judged
from stsbench.contracts.figures import percent
from stsbench.contracts.wording import visible

if TYPE_CHECKING:
    from stsbench.contracts.board import Leaderboard

AT_ONCE: Final = 300  # rows shown at a time: a browser lays out that many in an instant


@dataclass(frozen=True, kw_only=True, slots=True)
class HtmlWriter:
    """A page for people: a table to sort, filter and search, and charts. Needs the extra `stsbench[html]`.

    It is UTF-8, the same bytes for the same board.
    """

    columns: Sequence[str] = ()

    def render(self, board: Leaderboard) -> Mapping[str, bytes]:
        """The file by name; raises MissingExtra where the extra is not installed."""
        require_renderer("jinja2", "vl_convert")
        from jinja2 import Environment, PackageLoader, StrictUndefined

        environment = Environment(
            loader=PackageLoader("stsbench.builtin", "page"),
            autoescape=True,
            undefined=StrictUndefined,
            trim_blocks=True,
            lstrip_blocks=True,
        )
        style, script = style_sheet() + _asset("page.css"), _asset("page.js")
        page = environment.get_template("page.html.j2").render(
            **_values(board, self.columns), style=style, script=script, policy=content_policy(style, script)
        )
        return {"index.html": page.encode()}


def charts(board: Leaderboard) -> tuple[Chart, ...]:
    """Every chart that the board's evidence is enough for, the averages first."""
    averages = (draw(board) for draw in (standings.intervals, grids.similarities, grids.transforms, grids.layers, standings.costs))
    return (*filter(None, averages), *agreement.groups(board), *agreement.densities(board))


def content_policy(style: str, script: str) -> str:
    """A policy under which a browser loads nothing, and runs and applies only this script and this style sheet."""
    return f"default-src 'none'; script-src {_hash(script)}; style-src {_hash(style)}; base-uri 'none'; form-action 'none'"


def _hash(text: str) -> str:
    return f"'sha256-{b64encode(sha256(text.encode()).digest()).decode()}'"


def _asset(name: str) -> str:
    return files("stsbench.builtin.page").joinpath(name).read_text(encoding="utf-8")


def _values(board: Leaderboard, names: Sequence[str]) -> dict[str, Any]:
    columns = heads(board, names)
    rows, encoders, similarities = lines(board, names)
    drawn = charts(board)
    return {
        "title": visible(board.spec.title),
        "metric": board.main.title,
        "description": visible(" ".join(board.spec.description.split())),
        "protocol": visible(board.spec.protocol),
        "primary": visible(board.spec.primary),
        "measured": judged(board, "×"),
        "tiles": _tiles(board),
        "lead": next((chart for chart in drawn if chart.kind == "lead"), None),
        "places": ladder(board),
        "flags": besides.flags(board),
        "mark": besides.MARK if any(cell.mark for line in rows for cell in line.cells) else "",
        "by_texts": besides.by_texts(board),
        "published": besides.published(board),
        "selected": besides.selected(board),
        "ranking": any(column.group == "ranking" for column in columns),
        "heads": columns,
        "lines": rows,
        "at_once": AT_ONCE,
        "encoders": encoders,
        "similarities": similarities,
        "grids": [chart for chart in drawn if chart.kind == "grid"],
        "leaders": [label.partition(". ")[2] for label, _ in agreement.labelled(board)],
        "groups": [chart for chart in drawn if chart.kind == "groups"],
        "densities": [chart for chart in drawn if chart.kind == "gold"],
        "data": besides.data(board),
        "notes": [visible(note) for note in board.notes],
        "svg": page_svg,
    }  # fmt: skip


def _tiles(board: Leaderboard) -> list[tuple[str, str]]:
    leaders = [row for row in board.rows if row.primary and row.average is not None]
    tiles = [
        ("systems", f"{len(board.rows):,}"),
        ("benchmarks" if len(board.columns) != 1 else "benchmark", f"{len(board.columns):,}"),
        ("pairs", f"{sum(column.n for column in board.columns):,}"),
        ("protocol", visible(board.spec.protocol)),
    ]
    return [*tiles, (f"highest with {short(board.spec.primary)}", percent(leaders[0].average))] if leaders else tiles
