"""Token ids of texts, however they were tokenised."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np

from stsbench.plugin import Float32, OptionError, Tokens

Ids = np.ndarray[Any, np.dtype[np.int64]]
Flags = np.ndarray[Any, np.dtype[np.bool_]]
Cut = Callable[[Sequence[str], int | None], tuple[list[Ids], list[Flags]]]


@dataclass(frozen=True)
class Tokenised:
    """Token ids of each text with special-token flags (int64[t], bool[t]), and which texts were cut, bool[n]."""

    ids: list[Ids]
    special: list[Flags]
    truncated: Flags


def tokenise(cut: Cut, texts: Sequence[str], max_length: int | None, specials: int) -> Tokenised:
    """Ids and special-token flags that `cut` gives for each text; only a text that fills `max_length` can have been cut.

    Raises OptionError where `max_length` leaves no room beside the `specials` that every text gets.
    """
    if max_length is not None and max_length <= specials:
        raise OptionError(f"option 'max_length' leaves no room for a text beside the special tokens; give more than {max_length}")
    if not texts:
        return Tokenised([], [], np.zeros(0, dtype=np.bool_))
    ids, special = cut(texts, max_length)
    truncated = np.zeros(len(texts), dtype=np.bool_)
    if full := [row for row, one in enumerate(ids) if len(one) == max_length]:
        whole, _ = cut([texts[row] for row in full], None)
        truncated[full] = [len(one) > len(ids[row]) for one, row in zip(whole, full, strict=True)]
    return Tokenised(ids, special, truncated)


def pad(ids: Sequence[Ids], filler: int) -> tuple[Ids, Flags]:
    """Rows of ids padded on the right to the longest, and the mask that is true on tokens."""
    lengths = np.array([len(row) for row in ids])
    mask = np.arange(lengths.max()) < lengths[:, None]
    padded = np.full(mask.shape, filler, dtype=np.int64)
    padded[mask] = np.concatenate(ids)
    return padded, mask


def token_view(values: Float32, ids: Sequence[Ids], special: Sequence[Flags], pieces: Callable[[list[int]], list[str]]) -> Tokens:
    """Token vectors of consecutive texts with their ids, flags and pieces."""
    offsets = np.concatenate([[0], np.cumsum([len(row) for row in ids])]).astype(np.intp)
    flat = np.concatenate([np.empty(0, dtype=np.int64), *ids])
    flags = np.concatenate([np.empty(0, dtype=np.bool_), *special])
    occurring: list[int] = np.unique(flat).tolist()
    return Tokens(values, offsets, flat, flags, dict(zip(occurring, pieces(occurring), strict=True)))
