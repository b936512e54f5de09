"""Writers of a leaderboard: Markdown, CSV, JSON, LaTeX and Parquet."""

from __future__ import annotations

from typing import TYPE_CHECKING

from stsbench.builtin.writers.columnar import parquet
from stsbench.builtin.writers.document import json
from stsbench.builtin.writers.latex import latex
from stsbench.builtin.writers.markdown import markdown
from stsbench.builtin.writers.spreadsheet import csv
from stsbench.contracts.component import Component

if TYPE_CHECKING:
    from stsbench.contracts.protocols import Writer


def writers() -> list[Component[Writer]]:
    """The built-in writers."""
    return [
        Component("markdown", markdown),
        Component("csv", csv),
        Component("json", json),
        Component("latex", latex),
        Component("parquet", parquet),
    ]
