"""Texts that are longer than a model of the library's reads, as windows that are texts themselves: whole words, as many as fit."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from itertools import count, pairwise
from math import ceil
from typing import Any

import numpy as np

from stsbench.plugin import Index, OptionError, Sparse


@dataclass(frozen=True)
class Windows:
    """The windows of consecutive texts; text i has those from offsets[i] to offsets[i + 1], each of so many tokens of its own."""

    texts: tuple[str, ...]
    offsets: Index
    tokens: Index

    @classmethod
    def of(cls, texts: Sequence[str], prompt: str, limit: int | None, encode: Callable[[str], Any]) -> Windows:
        """Texts of at most `limit` tokens after `prompt` (None: any number) as they are, of longer ones windows of as many, nearly alike.

        `encode` gives the tokens of a text as the library `tokenizers` does, uncut. Raises OptionError where the prompt leaves no room.
        """
        windows = [[(text, 1)] if limit is None else list(_divide(text, prompt, limit, encode)) for text in texts]
        offsets = np.concatenate([[0], np.cumsum([len(each) for each in windows])]).astype(np.intp)
        tokens = np.array([number for each in windows for _, number in each], dtype=np.intp)
        return cls(tuple(window for each in windows for window, _ in each), offsets, tokens)

    def join(self, rows: Sparse, how: str) -> Sparse:
        """One sparse row a text of those of its windows: the largest values, or the mean, which weighs each by its tokens.

        A text of one window has the row of that.
        """
        from scipy.sparse import csr_array, vstack

        joined = []
        for start, stop in pairwise(self.offsets.tolist()):
            block = rows[start:stop]
            if stop - start == 1:
                joined.append(block)
            elif how == "max":
                joined.append(csr_array(block.max(axis=0).reshape(1, -1)))
            else:
                weights = self.tokens[start:stop] / self.tokens[start:stop].sum()
                joined.append(csr_array(csr_array(weights[None]) @ block))
        return csr_array(vstack(joined, format="csr"), dtype=np.float32)


def _divide(text: str, prompt: str, limit: int, encode: Callable[[str], Any]) -> Iterator[tuple[str, int]]:
    """The windows of a text, each with the number of its tokens beside special ones and the prompt's."""
    encoding = encode(prompt + text)
    places = zip(encoding.offsets, encoding.word_ids, encoding.special_tokens_mask, strict=True)
    inner = [(start - len(prompt), word) for (start, _), word, special in places if not special and start >= len(prompt)]
    if len(encoding.ids) <= limit:
        yield text, max(len(inner), 1)
        return
    room = limit - (len(encoding.ids) - len(inner))
    cuts = [] if room < 1 else [inner[place][0] for place in _cut([word for _, word in inner], room)]
    windows = [text[start:stop].strip() for start, stop in pairwise([0, *cuts, len(text)])]
    if room < 1 or text in windows:
        raise OptionError(
            f"a window has room for {max(room, 0)} tokens beside the special ones and the prompt, too few; shorten the prompt"
        )
    for window in [each for each in windows if each] or [""]:  # its tokens are counted anew: at an edge there may be others
        yield from _divide(window, prompt, limit, encode)


def _cut(words: Sequence[int | None], room: int) -> list[int]:
    """Where windows but the first begin, so that each has at most `room` tokens: at a word, unless that is longer."""
    begins = [place for place in range(1, len(words)) if words[place] is None or words[place] != words[place - 1]]
    for parts in count(ceil(len(words) / room)):
        cuts = [0]
        for number in range(1, parts):
            place = number * len(words) // parts
            cuts.append(max((begin for begin in begins if cuts[-1] < begin <= place), default=max(place, cuts[-1])))
        if max(stop - start for start, stop in pairwise([*cuts, len(words)])) <= room:
            break
    return cuts[1:]
