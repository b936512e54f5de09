"""A plugin in one file: the encoder `letters`, and the hooks that offer it and the similarity of `aligned.py`."""

from __future__ import annotations

import re
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from itertools import pairwise

import numpy as np  # light enough for the top of a module; torch would go inside encode()

from stsbench.plugin import Component, Embeddings, Encoder, Fingerprint, Float32, OptionError, Similarity, Tokens, digest, hookimpl

_WORD = re.compile(r"\w+")
_SYMBOLS = 27  # a to z; 0 stands for all else, and for the edges of a word


@dataclass(frozen=True, kw_only=True)  # components are values: nothing that encode() does changes them
class Letters:
    """Counts of neighbouring letters: what spelling alone tells.

    Each word is cut into `stretches` of about the same length, whose letter pairs are counted apart. A text without words is a
    zero vector.
    """

    stretches: int = 2  # a field is an option

    views = ("sentence",)  # the names of the vector views; one view only is called "sentence"
    token_views = ("tokens",)

    def __post_init__(self) -> None:
        if self.stretches < 1:
            raise OptionError(f"option 'stretches' takes a whole number from 1, not {self.stretches}")

    @property
    def fingerprint(self) -> Fingerprint:
        """All that can change a number: here the option; a model adds a hash of its weights."""
        return Fingerprint.of(stretches=self.stretches)

    def encode(self, texts: Sequence[str], *, views: Sequence[str], prompt: str = "") -> Embeddings:
        """One row a text, in order, for each requested view: the sum of the text's word vectors, and the word vectors."""
        words = [_WORD.findall((prompt + text).lower()) for text in texts]
        vocabulary = sorted({word for bag in words for word in bag})
        row = {word: number for number, word in enumerate(vocabulary)}
        table = np.array([self._count(word) for word in vocabulary], dtype=np.float32).reshape(-1, self.stretches * _SYMBOLS**2)
        bags = [np.array([row[word] for word in bag], dtype=np.intp) for bag in words]
        vectors, tokens = {}, {}
        if "sentence" in views:
            vectors["sentence"] = np.array([table[bag].sum(axis=0) for bag in bags], dtype=np.float32).reshape(-1, table.shape[1])
        if "tokens" in views:
            tokens["tokens"] = _tokens(vocabulary, table, bags)
        return Embeddings(vectors, tokens, truncated=np.zeros(len(texts), dtype=np.bool_))

    def _count(self, word: str) -> Float32:
        counts = np.zeros((self.stretches, _SYMBOLS, _SYMBOLS), dtype=np.float32)
        symbols = [0, *(max(0, ord(letter) - 96) if letter <= "z" else 0 for letter in word), 0]
        for place, (first, second) in enumerate(pairwise(symbols)):
            counts[place * self.stretches // (len(symbols) - 1), first, second] += 1
        return counts.reshape(-1)


def _tokens(vocabulary: Sequence[str], table: Float32, bags: Sequence[np.ndarray]) -> Tokens:
    rows = np.concatenate([np.empty(0, dtype=np.intp), *bags])
    # an id must not depend on the other texts of the call: a hash of the word will do where there is no vocabulary
    ids = np.array([int(digest([word])[:15], 16) for word in vocabulary], dtype=np.int64)
    offsets = np.concatenate([[0], np.cumsum([len(bag) for bag in bags])]).astype(np.intp)
    special = np.zeros(len(rows), dtype=np.bool_)  # [CLS] and the like: there are none
    return Tokens(table[rows], offsets, ids[rows], special, pieces=dict(zip(ids.tolist(), vocabulary, strict=True)))


@hookimpl
def stsbench_encoders() -> Iterable[Component[Encoder]]:
    """The encoder `letters`."""
    return [Component("letters", Letters, gives=frozenset({"vectors", "tokens"}))]


@hookimpl
def stsbench_similarities() -> Iterable[Component[Similarity]]:
    """The similarity `aligned`."""
    from stsbench_example.aligned import aligned

    return [Component("aligned", aligned, needs="tokens", fits="texts", numerics=2)]
