"""Cosines of tokens to the nearest token of the text that their own is paired with: what BERTScore and MaxSim are made of."""

from __future__ import annotations

import numpy as np

from stsbench.builtin.similarities import compiled
from stsbench.builtin.similarities.idf import occurrence
from stsbench.builtin.similarities.kernels import settled
from stsbench.builtin.similarities.padded import Padded, batches, cosines, following, require_pairs
from stsbench.contracts.data import Float64, Tokens


def nearest(left: Tokens, right: Tokens) -> tuple[Float64, Float64]:
    """The largest cosine of each left token to one of the right text, float64[t], and of each right token, float64[u], in [-1, 1].

    0 for a token whose own vector is zero, and where the other text has no tokens. Raises ValueError where `require_pairs` does.
    """
    require_pairs(left, right)
    code = compiled.code()
    there, back = by_blocks(left, right) if code is None else compiled.nearest(code, left, right)
    return settled(there), settled(back)


def by_blocks(left: Tokens, right: Tokens) -> tuple[Float64, Float64]:
    """`nearest` in numpy, from the products of padded blocks."""
    largest = np.zeros(len(left.values)), np.zeros(len(right.values))
    for rows, x, y in batches(left, right, (occurrence(left), occurrence(right))):
        products = _cosines(x, y)
        for tokens, side, values, axis in ((left, x, largest[0], 2), (right, y, largest[1], 1)):
            places = following(tokens, tokens.offsets[rows], side.inside.shape[1])
            values[places[side.inside]] = np.clip(products.max(axis=axis), -1.0, 1.0)[side.inside]
    return largest


def _cosines(left: Padded, right: Padded) -> Float64:
    """Cosines of all tokens, float64[b, m, l]; -inf beyond the end of a text."""
    products = cosines(left.values @ right.values.swapaxes(1, 2), left.norms, right.norms)
    for outside in (~left.inside[:, :, None], ~right.inside[:, None, :]):
        np.copyto(products, -np.inf, where=outside)
    return products
