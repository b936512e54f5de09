"""Where arrays of plugins come in: plain ones are taken, those whose values are not what they seem are refused; sparse ones."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING, Any, TypeGuard

import numpy as np
from numpy.typing import DTypeLike, NDArray

if TYPE_CHECKING:
    from scipy.sparse import csr_array

_PLAIN = (np.ndarray, np.memmap)
LARGEST_WEIGHT = 1e30  # of a pair: the sixth power of what a million of them weigh is a float64


class NotPlain(TypeError):
    """A value is no plain array of numbers; the message names its type, and none of what it holds."""


def is_plain(value: object) -> TypeGuard[NDArray[Any]]:
    """Whether `value` is a numpy array and nothing more: masked arrays, matrices or arrays with units count other values than they show."""
    return type(value) in _PLAIN


def is_sparse(value: object) -> TypeGuard[csr_array]:
    """Whether `value` is a sparse array or matrix of scipy, of any form."""
    return any(base.__module__.startswith("scipy.sparse") for base in type(value).__mro__)


def plain(value: object, dtype: DTypeLike, *, told_apart: bool = False) -> NDArray[Any]:
    """`value`, a plain array or a list of numbers, as an array of `dtype`.

    Raises NotPlain for a subclass of numpy's array, and for values of another kind (text, complex numbers) than `dtype`; with `told_apart`
    also for numbers that differ and would be equal as `dtype`.
    """
    if isinstance(value, np.ndarray) and not is_plain(value):
        raise NotPlain(f"{type_name(value)} is no plain numpy array; give one without masked values, units or the like")
    try:
        array = np.asarray(value)
    except ValueError as error:
        raise NotPlain("its rows are of different lengths, where each must hold as many numbers as the others") from error
    if array.size and not np.can_cast(array.dtype, dtype, casting="same_kind"):
        raise NotPlain(f"{array.dtype} cannot be taken for {np.dtype(dtype)}")
    taken = array.astype(dtype, copy=False)
    finer = array.dtype.itemsize >= taken.dtype.itemsize and array.dtype != taken.dtype
    if told_apart and finer and len(np.unique(array)) > len(np.unique(taken)):
        raise NotPlain(f"{array.dtype} holds numbers that differ and would be equal as {taken.dtype}; subtract what they have in common")
    return taken


def described(value: object) -> str:
    """What an array holds and its shape, or what else it is, for a message."""
    return f"{value.dtype} of shape {value.shape}" if is_plain(value) else type_name(value)


def type_name(value: object) -> str:
    """The type with its module, but for those that Python itself has."""
    return f"{type(value).__module__}.{type(value).__qualname__}".removeprefix("builtins.")


def as_written(value: float, width: type[np.floating[Any]]) -> float:
    """The number that a float of that width was made of: .7, where a float32 of it widened is .699999988079071."""
    return float(str(width(value)))


def without_digits(weights: NDArray[np.float64]) -> NDArray[np.bool_]:
    """Which weights are so small, by themselves or beside the largest, or so large, that products of their sums keep no digit of a rank."""
    beyond: NDArray[np.bool_] = (weights < 1e-9 * np.fmax.reduce(weights, initial=1.0)) | (weights > LARGEST_WEIGHT)
    return beyond


PLACE = 4  # bytes that the place of a value takes: an int32


def is_csr(value: object) -> TypeGuard[csr_array]:
    """Whether `value` is a `csr_array`, or a `csr_matrix`, of scipy."""
    return is_sparse(value) and getattr(value, "format", "") == "csr"


def canonical(given: csr_array, dtype: DTypeLike) -> csr_array:
    """The same rows in arrays of their own and in the one form that passes from stage to stage: places ascend, each once, none holds a 0.

    Raises ValueError for places outside of the rows.
    """
    from scipy.sparse import csr_array

    rows: Any = csr_array(given, dtype=dtype, copy=True)
    rows.check_format(full_check=True)
    rows.sum_duplicates()  # sorts them, too
    rows.eliminate_zeros()
    return of_rows(rows.data, rows.indices, rows.indptr, rows.shape[1])


def of_rows(values: NDArray[Any], places: NDArray[Any], offsets: NDArray[Any], width: int) -> csr_array:
    """Rows of that width whose values, in that form already, stand at those places; row i owns offsets[i]:offsets[i + 1]."""
    from scipy.sparse import csr_array

    indices, indptr = (array.astype(np.int32 if len(values) < 2**31 else np.int64, copy=False) for array in (places, offsets))
    return csr_array((values, indices, indptr), shape=(len(offsets) - 1, width))


def stacked(parts: Sequence[csr_array]) -> csr_array:
    """The rows of all parts, one after the other; at least one part."""
    from scipy.sparse import vstack

    return vstack(parts, format="csr")


def counts(rows: csr_array) -> NDArray[np.intp]:
    """How many values each row holds, intp[n]."""
    held: NDArray[np.intp] = np.diff(rows.indptr).astype(np.intp)
    return held


def form(value: object) -> str:
    """Its form, type and shape, for a message."""
    return f"{type_name(value)} of {getattr(value, 'dtype', 'no type')} and shape {getattr(value, 'shape', ())}"
