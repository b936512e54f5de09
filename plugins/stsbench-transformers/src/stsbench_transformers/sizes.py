"""The first dimensions of a view as a view of their own, under a name such as `mean@6/64`: cut from what one forward pass gave."""

from __future__ import annotations

from collections.abc import Iterable, Sequence

import numpy as np

from stsbench.plugin import Float32, OptionError

_MARK = "/"


def with_sizes(names: Sequence[str], sizes: Iterable[int]) -> tuple[str, ...]:
    """Each view in each of the sizes, or whole where there is none; raises OptionError for a size below 1."""
    sizes = tuple(dict.fromkeys(sizes))
    if wrong := [size for size in sizes if size < 1]:
        raise OptionError(f"option 'truncate_dim' must be at least 1, not {wrong[0]}")
    return tuple(f"{name}{_MARK}{size}" for name in names for size in sizes) if sizes else tuple(names)


def split_size(name: str) -> tuple[str, int | None]:
    """The whole view that a name is of, and how many dimensions of it are kept: None for all. Raises OptionError."""
    whole, mark, size = name.partition(_MARK)
    if mark and not (size.isascii() and size.isdecimal() and int(size)):
        raise OptionError(f"option 'view' takes a number of dimensions after {_MARK}, as in {whole}/64, not {name!r}")
    return whole, int(size) if mark else None


def keep(vectors: Float32, size: int | None) -> Float32:
    """The first `size` dimensions float32[u, k] of vectors, all for None; raises OptionError where there are fewer."""
    require_width(size, vectors.shape[1])
    return np.ascontiguousarray(vectors[:, :size])


def require_width(size: int | None, width: int | None, label: str = "the model") -> None:
    """Raise OptionError where vectors of `width` dimensions, if that is known, have not so many."""
    if size is not None and width is not None and size > width:
        raise OptionError(f"option 'truncate_dim' is {size}, but vectors of {label} have {width} dimensions; give fewer")
