"""The nearest tokens of pairs of texts by compiled code: `nearest.c`, which the build of the package compiles where it can."""

from __future__ import annotations

import ctypes
from concurrent.futures import ThreadPoolExecutor
from functools import cache
from hashlib import sha256
from pathlib import Path

import numpy as np

from stsbench.contracts.data import Float64, Index, Tokens
from stsbench.contracts.models.processor import processors

SOURCE = Path(__file__).with_name("nearest.c")
LEAST = 256  # pairs for which a thread of their own pays

_Code = ctypes.CDLL


@cache
def code() -> _Code | None:
    """The compiled form of this very source; None where there is none, or none that this processor can run.

    The hash of the source is in the name of the file, so that what was compiled before a change is not taken for it.
    """
    try:
        library = _Code(str(SOURCE.with_name(f"nearest-{sha256(SOURCE.read_bytes()).hexdigest()[:16]}.so")))
    except OSError:
        return None
    size, pointer = ctypes.c_ssize_t, ctypes.c_void_p
    library.nearest.argtypes = [pointer, pointer, pointer, pointer, size, size, pointer, pointer, pointer]
    library.nearest.restype = None
    library.room_for.argtypes, library.room_for.restype = [size, size], size
    return library if library.supported() else None


def nearest(compiled: _Code, left: Tokens, right: Tokens, threads: int | None = None) -> tuple[Float64, Float64]:
    """`matching.nearest`, on as many threads as this process may use processors; their number changes no result."""
    x, y = np.ascontiguousarray(left.values), np.ascontiguousarray(right.values)
    cosines = np.empty(len(x)), np.empty(len(y))
    dim = x.shape[1]
    longest = int((left.lengths + right.lengths).max(initial=0))

    def part(first: int, last: int) -> None:
        room = np.empty(compiled.room_for(longest, dim))
        starts = [np.ascontiguousarray(side.offsets[first : last + 1]) for side in (left, right)]
        arrays = [one.ctypes.data for one in (x, starts[0], y, starts[1])]
        compiled.nearest(*arrays, last - first, dim, *(one.ctypes.data for one in (room, *cosines)))

    cuts = _shares(left.lengths * right.lengths, threads or min(processors(), max(1, len(left) // LEAST)))
    if len(cuts) == 2:  # a thread costs as much as some dozen pairs
        part(*cuts)
    else:
        with ThreadPoolExecutor(len(cuts) - 1) as pool:
            list(pool.map(part, cuts[:-1], cuts[1:]))
    return cosines


def _shares(work: Index, parts: int) -> list[int]:
    """Where to cut rows so that each part has about as much work, parts + 1 places."""
    done = np.cumsum(work)
    inner = np.searchsorted(done, done[-1] * np.arange(1, parts) / parts).tolist() if len(work) else [0] * (parts - 1)
    return [0, *inner, len(work)]
