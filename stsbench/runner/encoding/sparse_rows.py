"""Sparse vectors of a job's texts, filled row by row as they come in."""

from __future__ import annotations

from dataclasses import dataclass, field

import numpy as np

from stsbench.contracts.data import Index, Sparse
from stsbench.contracts.sparse import of_rows, stacked


@dataclass(eq=False)
class SparseRows:
    """Vectors of `size` texts, all 0 until they are set, read and set by row as an array is."""

    size: int
    width: int
    _parts: list[Sparse] = field(default_factory=list)
    _place: Index = field(init=False)  # of each text among the rows of all parts, the first of which is 0 throughout
    _count: int = 1

    def __post_init__(self) -> None:
        self._place = np.zeros(self.size, dtype=np.intp)
        self._parts = [of_rows(np.empty(0, dtype=np.float32), np.empty(0), np.zeros(2), self.width)]

    @property
    def shape(self) -> tuple[int, int]:
        """Texts, and numbers in each of their vectors."""
        return self.size, self.width

    def __setitem__(self, rows: Index, values: Sparse) -> None:
        self._place[rows] = self._count + np.arange(len(rows))
        self._parts.append(values)
        self._count += len(rows)

    def __getitem__(self, rows: Index | slice) -> Sparse:
        if len(self._parts) > 1:
            self._parts = [stacked(self._parts)]
        return self._parts[0][self._place[rows]]
