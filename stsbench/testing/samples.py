"""Texts, images, vectors and tokens that the checks hand to components: generated, the same every time."""

from __future__ import annotations

import struct
import zlib
from collections.abc import Mapping, Sequence
from dataclasses import fields, replace
from typing import Any

import numpy as np
from numpy.typing import NDArray

from stsbench.contracts.arrays import canonical, is_sparse
from stsbench.contracts.data import FitData, Float64, Sparse, Tokens
from stsbench.contracts.fingerprint import digest
from stsbench.contracts.items import Image

PLAIN = (
    "A girl is styling her hair.",
    "A girl is brushing her hair.",
    "A man plays the guitar on a small stage.",
    "x",
    "A girl is styling her hair.",  # the same text twice
    "Two dogs run through deep snow, and a third one watches them from the porch.",
)
EMPTY = ("", " ", "\t\n \u00a0")
UNUSUAL = (
    "\U0001f642 \U0001f469\u200d\U0001f469\u200d\U0001f467",  # emoji, one of them a joined sequence
    "\u05e9\u05dc\u05d5\u05dd \u05e2\u05d5\u05dc\u05dd",  # right to left
    "abc \u202edef\u202c",  # direction marks
    "\u6f22\u5b57\u304b\u306a\u4ea4\u3058\u308a\u6587",
    "e\u0301 \u00e9 \ufb01 \u00df",  # combining marks, ligatures
    "\ufeff\u200b\u2028",  # nothing that prints
    "\U0001d54f\uffff",
    "[CLS] <s> </s> [PAD]",  # looks like special tokens
)
LONG = "The committee agreed on the first of many points. " * 400
TEXTS = PLAIN + EMPTY + UNUSUAL


def png(pixels: NDArray[np.uint8], level: int = 6) -> bytes:
    """A PNG file of pixels uint8[height, width, 3], its data packed at that level."""

    def chunk(name: bytes, data: bytes) -> bytes:
        return struct.pack(">I", len(data)) + name + data + struct.pack(">I", zlib.crc32(name + data))

    height, width, _ = pixels.shape
    header = struct.pack(">IIBBBBB", width, height, 8, 2, 0, 0, 0)
    rows = np.concatenate([np.zeros((height, 1), dtype=np.uint8), pixels.reshape(height, -1)], axis=1)
    return b"\x89PNG\r\n\x1a\n" + chunk(b"IHDR", header) + chunk(b"IDAT", zlib.compress(rows.tobytes(), level)) + chunk(b"IEND", b"")


def images(level: int = 6) -> tuple[Image, ...]:
    """Noise, slopes, one pixel, a strip, black, and the noise again."""
    noise = np.random.default_rng(11).integers(0, 256, (32, 48, 3), dtype=np.uint8)
    slopes = np.add.outer(np.arange(64), 2 * np.arange(40))[..., None] + np.array([0, 60, 20])
    shown = (noise, slopes.astype(np.uint8), np.full((1, 1, 3), (255, 0, 0)), noise[:3], np.zeros((16, 16, 3)), noise)
    return tuple(Image.of(png(pixels.astype(np.uint8), level)) for pixels in shown)


ROWS = 48
DIM = 12


def vectors() -> tuple[Float64, Float64]:
    """float64[n, d] pairs: unrelated, alike and identical rows, scaled by 1e-8 to 1e8, and zero and constant rows."""
    rng = np.random.default_rng(20240229)
    left = rng.standard_normal((ROWS, DIM))
    right = np.where(np.arange(ROWS)[:, None] % 2, left + 0.3 * rng.standard_normal((ROWS, DIM)), rng.standard_normal((ROWS, DIM)))
    right[:4] = left[:4]
    left[4:8] *= 1e8
    right[6:10] *= 1e-8
    left[10] = right[11] = left[12] = right[12] = 0.0
    left[13] = right[14] = 1.5
    return left, right


def sparse_vectors() -> tuple[Sparse, Sparse]:
    """The rows of `vectors` with most values taken out, as they are handed to what takes sparse ones."""
    kept = np.random.default_rng(3).random((2, ROWS, DIM)) < 0.4
    return tuple(canonical(side * keep, np.float64) for side, keep in zip(vectors(), kept, strict=True))


def tokens() -> tuple[Tokens, Tokens]:
    """Token vectors of pairs of texts: shared, alike and unrelated tokens, one token only, special tokens only, and none."""
    rng = np.random.default_rng(20240229)
    left = [rng.integers(0, 40, size) for size in rng.integers(1, 9, ROWS)]
    right = [rng.integers(0, 40, size) for size in rng.integers(1, 9, ROWS)]
    right[:4] = left[:4]
    right[4:8] = [ids[::-1] for ids in left[4:8]]
    left[10] = right[11] = left[12] = right[12] = np.empty(0, dtype=np.int64)
    left[13], right[14] = np.array([7]), np.array([0])
    left[15], right[15] = np.array([0]), np.array([0, 0])
    return as_tokens(left), as_tokens(right)


def as_tokens(ids: Sequence[np.ndarray[tuple[int], np.dtype[np.int64]]]) -> Tokens:
    """Tokens with a fixed vector for each id below 40; 0 is a special token, 39 has a zero vector."""
    table = np.random.default_rng(7).standard_normal((40, DIM)).astype(np.float32)
    table[39] = 0.0
    flat = np.concatenate([np.empty(0, dtype=np.int64), *ids])
    offsets = np.concatenate([[0], np.cumsum([len(one) for one in ids])]).astype(np.intp)
    return Tokens(table[flat], offsets, flat, flat == 0, {number: f"piece{number}" for number in set(flat.tolist())})


def writable(given: Any) -> Any:
    """A copy of what a component is given that a careless one could write to, and that nobody else has."""
    if isinstance(given, np.ndarray) or is_sparse(given):
        return given.copy()
    if isinstance(given, Tokens):
        copied = given.copied()
        for name in _ARRAYS:
            object.__setattr__(copied, name, getattr(given, name).copy())
        return copied
    if isinstance(given, FitData):
        return replace(given, **{field.name: writable(getattr(given, field.name)) for field in fields(given) if field.name != "texts"})
    return list(given) if isinstance(given, tuple) else given


def content(given: Any) -> Any:
    """All of what a component is given, to compare with later."""
    if isinstance(given, np.ndarray):
        return given.dtype.str, given.shape, given.tobytes()
    if is_sparse(given):
        return [content(array) for array in (given.data, given.indices, given.indptr)]
    if isinstance(given, (Tokens, FitData)):
        return [content(getattr(given, field.name)) for field in fields(given)]
    return dict(given) if isinstance(given, Mapping) else tuple(given) if isinstance(given, list) else given


_ARRAYS = ("values", "offsets", "ids", "special")


def texts() -> tuple[tuple[str, ...], tuple[str, ...]]:
    """Pairs of texts: identical, alike and unrelated ones, empty ones, unusual ones."""
    alike = [(text, text) for text in PLAIN[:3]] + [(PLAIN[0], PLAIN[1]), (PLAIN[2], PLAIN[5]), (PLAIN[3], PLAIN[0])]
    empty = [("", ""), ("", PLAIN[0]), (PLAIN[2], ""), *((text, PLAIN[1]) for text in EMPTY[1:]), EMPTY[1:]]
    unusual = [*zip(UNUSUAL, reversed(UNUSUAL), strict=True), (UNUSUAL[0], UNUSUAL[0]), (LONG, PLAIN[0])]
    left, right = zip(*alike, *empty, *unusual, strict=True)
    return left, right


def fit_data(needs: str, fits: str) -> FitData:
    """What a component that `fits` is given: 24 texts with the vectors or tokens that it needs, and 12 pairs with gold scores."""
    count = 24
    rows = np.arange(count, dtype=np.intp)
    names = tuple(f"text {number}" for number in rows)
    supervised = {"left": rows[::2], "right": rows[1::2], "gold": np.linspace(0.0, 5.0, count // 2)} if fits == "pairs" else {}
    plain = {"tokens": tokens()[0].take(rows)} if needs == "tokens" else {"vectors": vectors()[0][:count]} if needs == "vectors" else {}
    return FitData(names, digest(names), **plain, **supervised)  # type: ignore[arg-type]
