"""Token vectors of a job's texts, within a bound of memory: what does not fit waits in a temporary file."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, field
from pathlib import Path
from tempfile import SpooledTemporaryFile

import numpy as np
from numpy.typing import NDArray

from stsbench.contracts.data import Flags, Index, Tokens
from stsbench.errors import StoreError

_SHARE = 4  # of free memory, one part in so many is taken unless told otherwise
_COPIES = 8  # a chunk that is scored exists as taken, without special tokens and, in part, as float64
_UNKNOWN = 4 * 2**30  # bytes taken to be free where the system does not say


def default_memory() -> int:
    """The bytes that token vectors may take where nobody says: a quarter of what is free."""
    try:
        facts = dict(line.split(":", 1) for line in Path("/proc/meminfo").read_text(encoding="ascii").splitlines())
        free = int(facts["MemAvailable"].split()[0]) * 1024
    except (OSError, KeyError, ValueError):
        free = _UNKNOWN
    return free // _SHARE


def within(sizes: Index, room: int, most: int) -> Iterator[slice]:
    """Slices of a list whose entries have those sizes: at most `most` entries each, and of more than one what fits into `room`."""
    start, total = 0, 0
    for row, size in enumerate(sizes.tolist()):
        if row > start and (total + size > room or row - start >= most):
            yield slice(start, row)
            start, total = row, 0
        total += size
    if start < len(sizes):
        yield slice(start, len(sizes))


@dataclass(eq=False)
class TokenSpool:
    """One token view of u texts. Half of `memory` holds the vectors, or none does where they need more: they wait in a file.

    Texts are appended in the order of encoding and taken by their row; the values are the same wherever they waited.
    """

    size: int
    memory: int
    starts: Index = field(init=False)
    lengths: Index = field(init=False)
    dimensions: int = 0
    _count: int = 0
    _ids: list[NDArray[np.int64]] = field(default_factory=list)
    _special: list[Flags] = field(default_factory=list)
    _pieces: dict[int, str] = field(default_factory=dict)

    def __post_init__(self) -> None:
        self.starts, self.lengths = np.zeros(self.size, dtype=np.intp), np.zeros(self.size, dtype=np.intp)
        self._file = SpooledTemporaryFile(max_size=max(1, self.memory // 2))  # noqa: SIM115 - closed by `close`

    def append(self, rows: Index, tokens: Tokens) -> None:
        """Keep the tokens of these texts; raises StoreError where the temporary folder is full."""
        self.dimensions = tokens.values.shape[1]
        self.starts[rows], self.lengths[rows] = self._count + tokens.offsets[:-1], tokens.lengths
        self._count += len(tokens.values)
        self._ids.append(tokens.ids.copy())  # the encoder may use its buffers again
        self._special.append(tokens.special.copy())
        self._pieces.update(tokens.pieces)
        try:
            self._file.write(tokens.values.tobytes())
        except OSError as error:
            place = f"the temporary folder ({error.strerror})"
            advice = "give them more --memory, or set TMPDIR to a larger disk"
            raise StoreError(f"token vectors cannot wait in {place}; {advice}") from error

    def take(self, rows: Index) -> Tokens:
        """The tokens of the chosen texts, in the given order; texts may repeat."""
        starts, lengths = self.starts[rows], self.lengths[rows]
        offsets = np.concatenate([[0], np.cumsum(lengths)]).astype(np.intp)
        values = np.empty((offsets[-1], self.dimensions), dtype=np.float32)
        room, width = values.reshape(-1).view(np.uint8), 4 * self.dimensions
        for start, length, at in zip(starts.tolist(), lengths.tolist(), offsets.tolist(), strict=False):
            if length:
                self._file.seek(start * width)
                room[at * width : (at + length) * width] = np.frombuffer(self._file.read(length * width), dtype=np.uint8)
        gather = np.repeat(starts - offsets[:-1], lengths) + np.arange(offsets[-1])
        ids, special = self._marks()
        return Tokens(values, offsets, ids[gather], special[gather], self._pieces)

    def chunks(self, left: Index, right: Index, most: int) -> Iterator[slice]:
        """Slices of pairs, at most `most` each, whose tokens fit into the bound; one pair at least."""
        needed = (self.lengths[left] + self.lengths[right]) * 4 * max(1, self.dimensions)
        return within(needed, self.memory // _COPIES, most)

    def close(self) -> None:
        """Let the vectors go."""
        self._file.close()

    def _marks(self) -> tuple[NDArray[np.int64], Flags]:
        if len(self._ids) != 1:
            self._ids = [np.concatenate([np.empty(0, dtype=np.int64), *self._ids])]
            self._special = [np.concatenate([np.empty(0, dtype=np.bool_), *self._special])]
        return self._ids[0], self._special[0]
