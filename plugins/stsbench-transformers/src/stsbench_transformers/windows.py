"""A text that is longer than the model reads, as a set of windows: each goes through the model, and their vectors are joined, or kept."""

from __future__ import annotations

import re
from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass, replace
from itertools import pairwise
from math import ceil
from typing import Literal

import numpy as np

from stsbench.plugin import Embeddings, Float32, Index, OptionError, Tokens, Views
from stsbench_transformers.tokens.tokenised import Flags, Ids, Tokenised

Join = Literal["mean", "max"]
_NAME = re.compile(r"(?P<of>.+)\.((?P<join>mean|max)-)?windows(-(?P<overlap>[1-9][0-9]*))?\Z")


@dataclass(frozen=True, kw_only=True)
class WindowOptions:
    """What can be asked of texts that are longer than the model reads; raises OptionError."""

    windows: Views[Sequence[Join]] = ()
    overlap: Views[int] = 0


@dataclass(frozen=True, slots=True)
class WindowView:
    """The vectors of a view in every window of a text: their mean or largest values, or without a `join` each, as tokens of the text."""

    of: str
    join: str
    overlap: int

    def __str__(self) -> str:
        joined = f"{self.join}-windows" if self.join else "windows"
        return f"{self.of}.{joined}-{self.overlap}" if self.overlap else f"{self.of}.{joined}"


def split_views(names: Sequence[str]) -> tuple[tuple[str, ...], tuple[WindowView, ...]]:
    """The views that names rest on, each once, and what of their windows is asked for, as in `mean@6.mean-windows-64`.

    Raises OptionError for names of which some are of windows and others are not, or that overlap otherwise.
    """
    matches = [_NAME.match(name) for name in names]
    if not any(matches):
        return tuple(names), ()
    views = [WindowView(one["of"], one["join"] or "", int(one["overlap"] or 0)) for one in matches if one]
    if len(views) < len(names) or len({view.overlap for view in views}) > 1:
        raise OptionError("option 'view' takes views of windows that overlap alike, or views without windows; name each kind for itself")
    return tuple(dict.fromkeys(view.of for view in views)), tuple(views)


def choose_windows(named: Sequence[WindowView], names: Sequence[str], options: WindowOptions) -> tuple[WindowView, ...]:
    """Those that were named, or else what the options ask for of each of the views `names`; raises OptionError."""
    if options.overlap and not (options.windows or named):
        raise OptionError("option 'overlap' is of windows; say what becomes of them, as in windows=mean+max")
    if options.overlap < 0:
        raise OptionError(f"option 'overlap' must be a number of tokens that two windows share, not {options.overlap}")
    if unpooled := [window for window in named if window.of not in names]:
        raise OptionError(f"option 'view' names windows of {unpooled[0].of}, which is no vector; name a pooling, as in mean@6.windows")
    return tuple(named) or tuple(WindowView(name, join, options.overlap) for name in names for join in options.windows)


def each(views: Sequence[WindowView]) -> tuple[WindowView, ...]:
    """The windows themselves of every view, which come with each."""
    return tuple(dict.fromkeys(replace(view, join="") for view in views))


@dataclass(frozen=True)
class Division:
    """The windows of consecutive texts as texts of their own; text i has those from offsets[i] to offsets[i + 1].

    `counts` intp[w] are the tokens of each window beside special ones and the prompt: what it weighs in a mean.
    """

    windows: Tokenised
    offsets: Index
    counts: Index

    @classmethod
    def of(cls, whole: Tokenised, prompt: Ids, limit: int, overlap: int) -> Division:
        """Texts of at most `limit` tokens as they are, of longer ones as few windows as hold them, all as long as can be alike.

        Each window has the special tokens around it and the prompt before it; `prompt` are the prompt's own tokens. Raises OptionError
        where these leave no room, or less than `overlap`.
        """
        ids: list[Ids] = []
        special: list[Flags] = []
        counts: list[int] = []
        numbers = []
        for row, (tokens, marks) in enumerate(zip(whole.ids, whole.special, strict=True)):
            head, tail = _frame(tokens, marks, prompt)
            inner = len(tokens) - head - tail
            places = [(0, inner)] if len(tokens) <= limit else _places(inner, limit - head - tail, overlap)
            for start, stop in places:
                kept = np.r_[0:head, head + start : head + stop, len(tokens) - tail : len(tokens)]
                ids.append(whole.ids[row][kept])
                special.append(marks[kept])
                counts.append(stop - start)
            numbers.append(len(places))
        offsets = np.concatenate([[0], np.cumsum(numbers)]).astype(np.intp)
        return cls(Tokenised(ids, special, np.zeros(len(ids), dtype=np.bool_)), offsets, np.array(counts, dtype=np.intp))

    def join(self, vectors: Float32, how: str, *, unit: bool = False) -> Float32:
        """One vector a text, float32[n, d], of those of its windows: a mean weighs each by its tokens.

        A text of one window has the vector of that. Where those of windows have length 1 (`unit`), so has it.
        """
        joined = vectors[self.offsets[:-1]]
        several = np.flatnonzero(np.diff(self.offsets) > 1)
        for row in several:
            place = slice(self.offsets[row], self.offsets[row + 1])
            block = vectors[place]
            joined[row] = block.max(axis=0) if how == "max" else np.average(block.astype(np.float64), axis=0, weights=self.counts[place])
        if unit:
            joined[several] /= np.maximum(np.linalg.norm(joined[several], axis=1, keepdims=True), np.float32(1e-12))
        return joined

    def tokens(self, vectors: Float32) -> Tokens:
        """The windows of each text as its tokens, numbered."""
        numbers = np.arange(len(vectors)) - np.repeat(self.offsets[:-1], np.diff(self.offsets))
        pieces = {number: f"window {number + 1}" for number in np.unique(numbers).tolist()}
        return Tokens(vectors, self.offsets, numbers.astype(np.int64), np.zeros(len(vectors), dtype=np.bool_), pieces)


@dataclass(frozen=True)
class Windowed:
    """What a model gives for the windows of distinct texts, float32[w, d] by view; `rows` says which of them each text is."""

    vectors: Mapping[str, Float32]
    division: Division
    rows: Index

    def embeddings(self, wanted: Sequence[WindowView], vectors: Mapping[str, Float32], unit: Collection[str] = ()) -> Embeddings:
        """What is asked for of each text, given the vectors of windows by view; nothing is cut.

        Those of the views `unit` have length 1, and so have what they are joined to.
        """
        joined = {
            str(view): self.division.join(vectors[view.of], view.join, unit=view.of in unit)[self.rows] for view in wanted if view.join
        }
        tokens = {str(view): self.division.tokens(vectors[view.of]).take(self.rows) for view in wanted if not view.join}
        return Embeddings(joined, tokens, np.zeros(len(self.rows), dtype=np.bool_))


def distinct_texts(texts: Sequence[str], prompt: str) -> tuple[tuple[str, ...], Index]:
    """Each text after `prompt` once, and which of these each text is."""
    rows: dict[str, int] = {}
    places = [rows.setdefault(prompt + text, len(rows)) for text in texts]
    return tuple(rows), np.array(places, dtype=np.intp)


def _frame(ids: Ids, special: Flags, prompt: Ids) -> tuple[int, int]:
    """How many tokens stand before a text, special ones and those of the prompt, and how many special ones behind it."""
    if special.all():
        return len(ids), 0
    before, behind = int(np.argmin(special)), int(np.argmin(special[::-1]))
    same = min(len(prompt), len(ids) - before - behind)
    unlike = np.flatnonzero(ids[before : before + same] != prompt[:same])  # a tokenizer may join the prompt's end with the text
    return before + (int(unlike[0]) if len(unlike) else same), behind


def _places(length: int, room: int, overlap: int) -> list[tuple[int, int]]:
    if room <= overlap:
        raise OptionError(
            f"a window has room for {max(room, 0)} tokens beside the special ones and the prompt, "
            + (f"and option 'overlap' is {overlap}; give less" if room > 0 else "too few; shorten the prompt, or give a larger max_length")
        )
    count = ceil((length - overlap) / (room - overlap))
    starts = [number * (length - overlap) // count for number in range(count + 1)]
    return [(start, stop + overlap) for start, stop in pairwise(starts)]
