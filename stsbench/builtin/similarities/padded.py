"""Token vectors of pairs of texts as padded blocks, so that one matrix product serves many pairs."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import dataclass
from functools import cached_property

import numpy as np
from numpy.lib.stride_tricks import sliding_window_view

from stsbench.contracts.data import Flags, Float64, Index, Tokens

MULTIPLE = 4  # lengths are padded to a multiple, which is a function of the pair alone: its score does not depend on its neighbours
CHUNK = 2**20  # numbers held for one batch of pairs (8 MiB): they stay near the processor
PIECE = 2**16  # numbers that are read before they are widened to float64 (256 KiB)


Vectors = Callable[[Tokens, Index, Float64], None]  # writes those of the m tokens from each start, ascending, into float64[b, m, d]


def own_vectors(tokens: Tokens, starts: Index, room: Float64) -> None:
    """Writes the vectors that the encoder gave; a text's tokens lie side by side, and are read as one."""
    texts, places, dim = room.shape
    inner = int(np.searchsorted(starts, len(tokens.values) - places, side="right"))
    if inner:
        windows = sliding_window_view(tokens.values.reshape(-1), places * dim)[::dim]
        whole, step = room.reshape(texts, -1), max(1, PIECE // (places * dim))
        for start in range(0, inner, step):
            whole[start : min(start + step, inner)] = windows[starts[start : min(start + step, inner)]]
    room[inner:] = tokens.values[following(tokens, starts[inner:], places)]


def following(tokens: Tokens, starts: Index, places: int) -> Index:
    """Where the tokens from each start are, intp[b, places]; the last token stands for those beyond the end of all."""
    rows: Index = np.minimum(starts[:, None] + np.arange(places), len(tokens.values) - 1)
    return rows


@dataclass(frozen=True, eq=False)
class Padded:
    """One side of b pairs, padded to m tokens: values float64[b, m, d], weights float64[b, m] and `inside` bool[b, m].

    Values and weights are zero beyond the end of a text. Values are overwritten when the next batch of pairs is scored.
    """

    values: Float64
    weights: Float64
    inside: Flags

    @classmethod
    def of(cls, side: TokenSide, rows: Index, places: int) -> Padded:
        """The tokens of the chosen texts, padded to so many places."""
        tokens, starts = side.tokens, side.tokens.offsets[rows]
        inside: Flags = np.arange(places) < side.lengths[rows][:, None]
        values = side.room[: inside.size * tokens.values.shape[1]].reshape(*inside.shape, -1)
        side.vectors(tokens, starts, values)
        values[~inside] = 0.0
        return cls(values, np.where(inside, side.weights[following(tokens, starts, places)], 0.0), inside)

    @cached_property
    def norms(self) -> Float64:
        """Lengths of the vectors, float64[b, m]: squares of what an encoder gives, float32, neither overflow nor vanish."""
        norms: Float64 = np.sqrt(np.vecdot(self.values, self.values))
        return norms

    @cached_property
    def shares(self) -> Float64:
        """The weights divided by their sum, float64[b, m]; zero where that is zero."""
        sums = self.weights.sum(axis=1, keepdims=True)
        return self.weights / np.where(sums == 0.0, 1.0, sums)


def cosines(gram: Float64, left: Float64, right: Float64) -> Float64:
    """Cosines float64[b, m, l] of vectors with these norms [b, m], [b, l], in place of their products; 0 for a zero vector."""
    gram *= _inverse(left)[:, :, None]
    gram *= _inverse(right)[:, None, :]
    return gram


def _inverse(norms: Float64) -> Float64:
    return np.divide(1.0, norms, out=np.zeros_like(norms), where=norms > 0.0)


@dataclass(frozen=True, eq=False)
class TokenSide:
    """The texts of one side, weights of their tokens float64[t], and room for the vectors of a batch: new memory each time is slow."""

    tokens: Tokens
    lengths: Index
    weights: Float64
    vectors: Vectors
    room: Float64


Kernel = Callable[[Padded, Padded], Float64]


def require_pairs(left: Tokens, right: Tokens) -> None:
    """Raises ValueError where the sides differ in their number of texts or in dimensions."""
    if len(left) != len(right):
        raise ValueError(f"left and right must have as many texts as each other, not {len(left)} and {len(right)}")
    if left.values.shape[1] != right.values.shape[1]:
        raise ValueError(f"left and right must have the same dimensions, not {left.values.shape[1]} and {right.values.shape[1]}")


def by_pairs(kernel: Kernel, left: Tokens, right: Tokens, weights: tuple[Float64, Float64], vectors: Vectors = own_vectors) -> Float64:
    """The kernel's score of each pair of texts, float64[n]; 0 where a text has no tokens. Raises as `require_pairs` does."""
    require_pairs(left, right)
    scores = np.zeros(len(left))
    for rows, x, y in batches(left, right, weights, vectors):
        scores[rows] = kernel(x, y)
    return scores + 0.0  # turns -0.0 into 0.0


def batches(
    left: Tokens, right: Tokens, weights: tuple[Float64, Float64], vectors: Vectors = own_vectors
) -> Iterator[tuple[Index, Padded, Padded]]:
    """Rows of pairs in batches of bounded memory, and both sides of them; pairs with an empty text are in none."""
    dim = left.values.shape[1]
    parts = list(_parts(left.lengths, right.lengths, dim))
    most = [max((len(rows) * padded[side] for rows, padded in parts), default=0) for side in (0, 1)]
    sides = [
        TokenSide(tokens, tokens.lengths, weight, vectors, np.empty(number * dim))
        for tokens, weight, number in zip((left, right), weights, most, strict=True)
    ]
    for rows, padded in parts:
        x, y = (Padded.of(side, rows, places) for side, places in zip(sides, padded, strict=True))
        yield rows, x, y


def _parts(left: Index, right: Index, dim: int) -> Iterator[tuple[Index, tuple[int, int]]]:
    """Rows, ascending, of pairs that share their padded lengths, and these, in batches of bounded memory; no pair with an empty text."""
    filled = np.flatnonzero((left > 0) & (right > 0))
    first, second = (-(-lengths[filled] // MULTIPLE) * MULTIPLE for lengths in (left, right))
    order = np.lexsort((second, first))
    changes = np.flatnonzero(np.diff(first[order]) | np.diff(second[order])) + 1
    for rows in np.split(order, changes) if len(order) else []:
        padded = int(first[rows[0]]), int(second[rows[0]])
        size = sum(padded)
        step = max(1, CHUNK // (size * (dim + size)))
        yield from ((filled[rows[start : start + step]], padded) for start in range(0, len(rows), step))
