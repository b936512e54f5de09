"""board.csv and board.parquet, with a line for each system and benchmark, and board.json, with everything: files for programs."""

from __future__ import annotations

import io
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from stsbench.contracts.boards.board import Leaderboard
from stsbench.contracts.boards.column import Column, plain_lines, safe_cells
from stsbench.contracts.boards.columns import long_table
from stsbench.contracts.boards.tables import SELECTED, portion_columns, portions
from stsbench.contracts.figures import recorded, rounded
from stsbench.contracts.work import Plain
from stsbench.stores.canonical import csv_bytes, json_bytes


@dataclass(frozen=True, kw_only=True, slots=True)
class CsvWriter:
    """A long table for spreadsheets and scripts: one line for each system and benchmark; `source` is set for published figures.

    UTF-8, LF, figures to 6 decimals, an empty cell for what is not known. Where there are any, the figures of parts and groups are in
    `portions.csv`, and the best of the grid in `selected.csv`.
    """

    columns: Sequence[str] = ()

    def render(self, board: Leaderboard) -> Mapping[str, bytes]:
        """The files by name."""
        files = {"board.csv": _table(*long_table(board, self.columns))}
        parts, columns = portions(board), portion_columns(board)
        files |= {"portions.csv": _table(columns, plain_lines(columns, parts))} if parts else {}
        return files | ({"selected.csv": _table(SELECTED, plain_lines(SELECTED, board.selected))} if board.selected else {})


def _table(columns: Sequence[Column[Any]], lines: Iterable[Sequence[Plain]]) -> bytes:
    cells = zip(*map(safe_cells, zip(*lines, strict=True)), strict=True)
    return csv_bytes([[column.name for column in columns], *cells])


@dataclass(frozen=True, kw_only=True, slots=True)
class JsonWriter:
    """The whole board as one JSON document: sorted keys, figures to 6 decimals, null for what is not known."""

    def render(self, board: Leaderboard) -> Mapping[str, bytes]:
        """The file by name."""
        value = board.model_dump()
        figures = {name: rounded(value[name]) for name in ("columns", "rows", "selected", "published")}
        return {"board.json": json_bytes({**value, **figures})}


@dataclass(frozen=True, kw_only=True, slots=True)
class ParquetWriter:
    """A long table with types for pandas, DuckDB and the like: one line for each system and benchmark.

    It has the columns of board.csv, figures to 6 decimals, null for what is not known.
    """

    columns: Sequence[str] = ()

    def render(self, board: Leaderboard) -> Mapping[str, bytes]:
        """The file by name."""
        import pyarrow as pa
        import pyarrow.parquet as pq

        kinds = {int: pa.int64(), float: pa.float64(), bool: pa.bool_()}
        columns, lines = long_table(board, self.columns)
        values = [[recorded(value) if isinstance(value, float) else value for value in line] for line in lines]
        arrays = [pa.array([line[place] for line in values], kinds.get(column.kind, pa.string())) for place, column in enumerate(columns)]
        sink = io.BytesIO()
        pq.write_table(pa.table(arrays, names=[column.name for column in columns]), sink, compression="zstd")
        return {"board.parquet": sink.getvalue()}
