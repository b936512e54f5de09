"""Writers of a leaderboard: Markdown, CSV, JSON, LaTeX and Parquet."""

from __future__ import annotations

from typing import TYPE_CHECKING

from stsbench.builtin.writers.columnar import ParquetWriter
from stsbench.builtin.writers.document import JsonWriter
from stsbench.builtin.writers.latex import LatexWriter
from stsbench.builtin.writers.markdown import MarkdownWriter
from stsbench.builtin.writers.spreadsheet import CsvWriter
from stsbench.contracts.components.component import Component

if TYPE_CHECKING:
    from stsbench.contracts.components.protocols import Writer


def writers() -> list[Component[Writer]]:
    """The built-in writers."""
    return [
        Component("markdown", MarkdownWriter),
        Component("csv", CsvWriter),
        Component("json", JsonWriter),
        Component("latex", LatexWriter),
        Component("parquet", ParquetWriter),
    ]
