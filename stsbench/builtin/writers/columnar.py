"""board.parquet: a line for each system and benchmark, typed."""

from __future__ import annotations

import io
from collections.abc import Mapping
from dataclasses import dataclass
from typing import TYPE_CHECKING

from stsbench.builtin.writers.entries import FIELDS, entries
from stsbench.contracts.figures import recorded
from stsbench.contracts.protocols import Writer

if TYPE_CHECKING:
    from stsbench.contracts.board import Leaderboard


@dataclass(frozen=True, slots=True)
class ParquetWriter:
    """Writes `board.parquet`: the columns of board.csv with their types, figures to 6 decimals, null for what is not known."""

    def render(self, board: Leaderboard) -> Mapping[str, bytes]:
        """The file by name."""
        import pyarrow as pa
        import pyarrow.parquet as pq

        kinds = {int: pa.int64(), float: pa.float64(), bool: pa.bool_(), str: pa.string()}
        values = [[recorded(one) if isinstance(one, float) else one for one in entry] for entry in entries(board)]
        columns = zip(*values, strict=True) if values else ([] for _ in FIELDS)
        arrays = [pa.array(list(column), kinds[kind]) for column, kind in zip(columns, FIELDS.values(), strict=True)]
        sink = io.BytesIO()
        pq.write_table(pa.table(arrays, names=list(FIELDS)), sink, compression="zstd")
        return {"board.parquet": sink.getvalue()}


def parquet() -> Writer:
    """A long table with types for pandas, DuckDB and the like: one line for each system and benchmark."""
    return ParquetWriter()
