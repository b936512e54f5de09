"""index.html: a board as a page that opens from a file, asks nothing of the network and runs no script but its own."""

from __future__ import annotations

from base64 import b64encode
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from hashlib import sha256
from typing import Any, Final

from stsbench.builtin.page import agreement, costs, grids, opening, standings, table
from stsbench.builtin.page.drawing import Chart, page_svg
from stsbench.builtin.page.palette import asset, style_sheet
from stsbench.builtin.page.renderer import require_renderer, template
from stsbench.builtin.writers.wording import judged
from stsbench.contracts.boards.board import Leaderboard
from stsbench.contracts.ref import short
from stsbench.contracts.wording import visible

AT_ONCE: Final = 300  # rows shown at a time: a browser lays out that many in an instant


@dataclass(frozen=True, kw_only=True, slots=True)
class HtmlWriter:
    """A page for people: a table of models to open, sort, filter and search, and charts. Needs the extra `stsbench[html]`.

    It is UTF-8, the same bytes for the same board.
    """

    columns: Sequence[str] = ()

    def render(self, board: Leaderboard) -> Mapping[str, bytes]:
        """The file by name; raises MissingExtra where the extra is not installed."""
        require_renderer("vl_convert")
        shares = standings.shares(board)
        style, script = style_sheet() + asset("page.css") + (asset("parts.css") if shares else ""), asset("page.js")
        page = template("page.html.j2").render(
            **_values(board, self.columns, shares), style=style, script=script, policy=content_policy(style, script)
        )
        return {"index.html": page.encode()}


def charts(board: Leaderboard) -> tuple[Chart, ...]:
    """Every chart that the board's evidence is enough for, as pictures show them, the averages first."""
    averages = filter(None, (standings.intervals(board), *(draw(board) for draw in grids.GRIDS)))
    return (*averages, *costs.costs(board), *agreement.groups(board), *agreement.densities(board))


def content_policy(style: str, script: str) -> str:
    """A policy under which a browser loads nothing, and runs and applies only this script, if there is one, and this style sheet."""
    runs = f"script-src {_hash(script)}; " if script else ""
    return f"default-src 'none'; {runs}style-src {_hash(style)}; base-uri 'none'; form-action 'none'"


def _hash(text: str) -> str:
    return f"'sha256-{b64encode(sha256(text.encode()).digest()).decode()}'"


def _values(board: Leaderboard, names: Sequence[str], shares: standings.Ladders) -> dict[str, Any]:
    columns, rows = table.heads(board, names), table.lines(board, names)
    panels = agreement.panels(board)
    values = {
        "title": visible(board.spec.title),
        "name": board.spec.name,
        "metric": board.main.title,
        "description": visible(" ".join(board.spec.description.split())),
        "protocol": visible(board.spec.protocol),
        "compared": opening.compared(board),
        "leading": opening.leading(board),
        "cost": opening.cost(board),
        "newest": opening.newest(board),
        "command": opening.run(board),
        "yours": opening.YOURS,
        "measured": judged(board, "×"),
        "primary": visible(short(board.spec.primary)),
        "measure": standings.measure(board),
        "standing": standings.ladder(board),
        "flags": table.flags(board),
        "mark": table.MARK if any(cell.mark for line in rows for cell in line.cells) else "",
        "by_texts": table.by_texts(board),
        "selected": table.selected(board),
        "leads": table.leading(board),
        "heads": columns,
        "classes": [f"{column.group} c-{column.name}{' n' if column.sorts_as_number else ''}" for column in columns],
        "views": [(view, told) for view, told in VIEWS.items() if any(column.group == view for column in columns)],
        "lines": rows,
        "numbers": {"models": len(board.models), "published": len(board.published), "systems": len(board.rows)},
        "at_once": AT_ONCE,
        "grids": [chart for draw in grids.GRIDS if (chart := draw(board))],
        "costs": list(costs.costs(board)),
        "leaders": [label.partition(". ")[2] for label, _ in agreement.labelled(board)],
        "shares": shares,
        "groups": list(agreement.groups(board)),
        "panels": panels,
        "data": table.data(board),
        "notes": [visible(note) for note in board.notes],
        "svg": page_svg,
    }  # fmt: skip
    return {**values, "contents": [(place, told) for place, told, there in CONTENTS if not there or values[there]]}


VIEWS: Final = {
    "scores": "Scores",
    "ranking": "Ranking",
    "cost": "Cost",
    "origin": "Origin",
}  # the groups of columns, and what each is called
CONTENTS: Final = (  # the parts of a page: where each is, what it is called, and the value that it is there for ("" is always)
    ("leaderboard", "Leaderboard", ""),
    ("costs", "What quality costs", "costs"),
    ("charts", "Similarity by encoder", "grids"),
    ("selected", "Best configuration, held out", "selected"),
    ("shares", "Where they fail", "shares"),
    ("groups", "Group by group", "groups"),
    ("gold", "Score against gold", "panels"),
    ("data", "Data", ""),
    ("add", "Add your model", ""),
)
