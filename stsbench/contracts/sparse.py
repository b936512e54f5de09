"""Sparse vectors as they pass from stage to stage: rows of a `csr_array` whose places ascend, each once, and none of which holds a 0."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any, TypeGuard

import numpy as np
from numpy.typing import DTypeLike, NDArray

from stsbench.contracts.arrays import is_sparse, type_name
from stsbench.contracts.data import Index, Sparse

PLACE = 4  # bytes that the place of a value takes: an int32


def is_csr(value: object) -> TypeGuard[Sparse]:
    """Whether `value` is a `csr_array`, or a `csr_matrix`, of scipy."""
    return is_sparse(value) and getattr(value, "format", "") == "csr"


def canonical(given: Sparse, dtype: DTypeLike) -> Sparse:
    """The same rows in arrays of their own and in the one form that values have; raises ValueError for places outside of the rows."""
    from scipy.sparse import csr_array

    rows: Any = csr_array(given, dtype=dtype, copy=True)
    rows.check_format(full_check=True)
    rows.sum_duplicates()  # sorts them, too
    rows.eliminate_zeros()
    return of_rows(rows.data, rows.indices, rows.indptr, rows.shape[1])


def of_rows(values: NDArray[Any], places: NDArray[Any], offsets: NDArray[Any], width: int) -> Sparse:
    """Rows of that width whose values, in that form already, stand at those places; row i owns offsets[i]:offsets[i + 1]."""
    from scipy.sparse import csr_array

    indices, indptr = (array.astype(np.int32 if len(values) < 2**31 else np.int64, copy=False) for array in (places, offsets))
    return csr_array((values, indices, indptr), shape=(len(offsets) - 1, width))


def stacked(parts: Sequence[Sparse]) -> Sparse:
    """The rows of all parts, one after the other; at least one part."""
    from scipy.sparse import vstack

    return vstack(parts, format="csr")


def counts(rows: Sparse) -> Index:
    """How many values each row holds, intp[n]."""
    held: Index = np.diff(rows.indptr).astype(np.intp)
    return held


def described(value: object) -> str:
    """Its form, type and shape, for a message."""
    return f"{type_name(value)} of {getattr(value, 'dtype', 'no type')} and shape {getattr(value, 'shape', ())}"
