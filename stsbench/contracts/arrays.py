"""Where arrays of plugins come in: plain ones are taken, those whose values are not what they seem are refused."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, TypeGuard

import numpy as np
from numpy.typing import DTypeLike, NDArray

if TYPE_CHECKING:
    from scipy.sparse import csr_array

_PLAIN = (np.ndarray, np.memmap)


class NotPlain(TypeError):
    """A value is no plain array of numbers; the message names its type, and none of what it holds."""


def is_plain(value: object) -> TypeGuard[NDArray[Any]]:
    """Whether `value` is a numpy array and nothing more: masked arrays, matrices or arrays with units count other values than they show."""
    return type(value) in _PLAIN


def is_sparse(value: object) -> TypeGuard[csr_array]:
    """Whether `value` is a sparse array or matrix of scipy, of any form."""
    return any(base.__module__.startswith("scipy.sparse") for base in type(value).__mro__)


def plain(value: object, dtype: DTypeLike) -> NDArray[Any]:
    """`value`, a plain array or a list of numbers, as an array of `dtype`.

    Raises NotPlain for a subclass of numpy's array, and for values of another kind (text, complex numbers) than `dtype`.
    """
    if isinstance(value, np.ndarray) and not is_plain(value):
        raise NotPlain(f"{type_name(value)} is no plain numpy array; give one without masked values, units or the like")
    try:
        array = np.asarray(value)
    except ValueError as error:
        raise NotPlain("its rows are of different lengths, where each must hold as many numbers as the others") from error
    if array.size and not np.can_cast(array.dtype, dtype, casting="same_kind"):
        raise NotPlain(f"{array.dtype} cannot be taken for {np.dtype(dtype)}")
    return array.astype(dtype, copy=False)


def described(value: object) -> str:
    """What an array holds and its shape, or what else it is, for a message."""
    return f"{value.dtype} of shape {value.shape}" if is_plain(value) else type_name(value)


def type_name(value: object) -> str:
    """The type with its module, but for those that Python itself has."""
    return f"{type(value).__module__}.{type(value).__qualname__}".removeprefix("builtins.")


def too_small(weights: NDArray[np.float64]) -> NDArray[np.bool_]:
    """Which weights are so small, by themselves or beside the largest, that sums of them keep no digit of a rank."""
    small: NDArray[np.bool_] = weights < 1e-9 * np.fmax.reduce(weights, initial=1.0)
    return small
