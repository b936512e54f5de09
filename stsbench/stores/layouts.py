"""How a vector is laid out as bytes: all of its numbers; or, of a sparse one, its width, and the places and values of those not 0."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from typing import Final

import numpy as np

from stsbench.contracts.arrays import is_sparse, of_rows
from stsbench.contracts.data import Vectors

_WORD = 4  # bytes of a number or of a place, all little-endian


class Layout:
    """All of a vector's numbers, one after the other."""

    def width(self, data: bytes) -> int:
        """How many numbers the vector has; 0 where these bytes are no vector of this layout."""
        return 0 if len(data) % _WORD else len(data) // _WORD

    def read(self, rows: Sequence[bytes], width: int) -> Vectors:
        """The vectors that were written so."""
        return np.stack([np.frombuffer(data, dtype="<f4") for data in rows]) if rows else np.zeros((0, width), dtype=np.float32)


class _Sparse(Layout):
    def width(self, data: bytes) -> int:
        if len(data) < _WORD or (len(data) - _WORD) % (2 * _WORD):
            return 0
        width, places = int.from_bytes(data[:_WORD], "little"), self._places(data)
        ascending = not len(places) or (places[0] >= 0 and places[-1] < width and bool((np.diff(places) > 0).all()))
        return width if ascending else 0

    def read(self, rows: Sequence[bytes], width: int) -> Vectors:
        places = [self._places(data) for data in rows]
        values = [np.frombuffer(data, dtype="<f4", offset=_WORD + _WORD * len(own)) for data, own in zip(rows, places, strict=True)]
        offsets = np.concatenate([[0], np.cumsum([len(own) for own in places], dtype=np.intp)])
        none = np.empty(0, dtype=np.float32)
        return of_rows(np.concatenate([none, *values]), np.concatenate([none.astype(np.int32), *places]), offsets, width)

    def _places(self, data: bytes) -> np.ndarray[tuple[int], np.dtype[np.int32]]:
        return np.frombuffer(data, dtype="<i4", offset=_WORD, count=(len(data) - _WORD) // (2 * _WORD))


DENSE: Final = Layout()
SPARSE: Final = _Sparse()


def laid_out(values: Vectors) -> Iterator[bytes]:
    """The bytes of each of these vectors, which are sparse or not."""
    if not is_sparse(values):
        yield from (row.tobytes() for row in np.ascontiguousarray(values, dtype="<f4"))
        return
    width = int(values.shape[1]).to_bytes(_WORD, "little")
    places, numbers = values.indices.astype("<i4", copy=False), values.data.astype("<f4", copy=False)
    for start, stop in zip(values.indptr[:-1].tolist(), values.indptr[1:].tolist(), strict=True):
        yield width + places[start:stop].tobytes() + numbers[start:stop].tobytes()
