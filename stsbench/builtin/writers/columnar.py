"""board.parquet: a line for each system and benchmark, typed."""

from __future__ import annotations

import io
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING

from stsbench.contracts.boards.columns import long_table
from stsbench.contracts.figures import recorded

if TYPE_CHECKING:
    from stsbench.contracts.boards.board import Leaderboard


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
