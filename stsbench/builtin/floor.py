"""The floor: an encoder that hashes words and character n-grams. What a model learns must show above it."""

from __future__ import annotations

import hashlib
import re
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass

import numpy as np

from stsbench.contracts.data import Embeddings, Float32, Index, Tokens
from stsbench.contracts.fingerprint import Fingerprint
from stsbench.contracts.models.card import ModelCard
from stsbench.errors import OptionError

_WORD = re.compile(r"\w+")


@dataclass(frozen=True, kw_only=True, slots=True)
class Hashing:
    """Hashed words and character n-grams: the floor that every learned encoder must clear.

    A text's vector is the sum, over its lower-cased words, of signed buckets for the word and its character n-grams (Weinberger et
    al. 2009). Token vectors are the words' n-grams alone. Deterministic, with no weights and no dependencies.
    """

    dim: int = 512
    ngram: int = 3

    views = ("sentence",)
    token_views = ("tokens",)
    stored = False  # computing it again is as fast as reading it

    def __post_init__(self) -> None:
        for name, value in (("dim", self.dim), ("ngram", self.ngram)):
            if value < 1:
                raise OptionError(f"option {name!r} takes a whole number from 1, not {value}")

    @property
    def card(self) -> ModelCard:
        """It learnt nothing."""
        return ModelCard(parameters=0)

    @property
    def provenance(self) -> Mapping[str, str]:
        """Where it runs."""
        return {"device": "cpu"}

    @property
    def fingerprint(self) -> Fingerprint:
        """Both options: there is nothing else."""
        return Fingerprint.of(dim=self.dim, ngram=self.ngram)

    def prepare(self) -> None:
        """There is no model to load."""

    def encode(self, texts: Sequence[str], *, views: Sequence[str], prompt: str = "") -> Embeddings:
        """Sums of hashed features, float32[u, dim]; a text without words is a zero vector, and has no tokens."""
        for view in views:
            if view not in (*self.views, *self.token_views):
                raise OptionError(f"hashing has the views sentence and tokens, not {view!r}")
        vocabulary: dict[str, int] = {}
        bags = [
            np.array([vocabulary.setdefault(word, len(vocabulary)) for word in _WORD.findall((prompt + text).lower())], dtype=np.intp)
            for text in texts
        ]
        grams = self._hashed(_ngrams(word, self.ngram) for word in vocabulary)
        vectors, tokens = {}, {}
        if "sentence" in views:
            features = grams + self._hashed([f"word {word}"] for word in vocabulary)
            vectors["sentence"] = np.array([features[bag].sum(axis=0) for bag in bags], dtype=np.float32).reshape(-1, self.dim)
        if "tokens" in views:
            tokens["tokens"] = _tokens(tuple(vocabulary), bags, grams)
        return Embeddings(vectors, tokens, np.zeros(len(texts), dtype=np.bool_))

    def _hashed(self, items: Iterator[list[str]]) -> Float32:
        """One row per item, float32[items, dim]: for each of its features, plus or minus one in the feature's bucket."""
        rows = []
        for features in items:
            row = np.zeros(self.dim, dtype=np.float32)
            for feature in features:
                number = _hash(feature)
                row[(number >> 1) % self.dim] += 1.0 if number & 1 else -1.0
            rows.append(row)
        return np.array(rows, dtype=np.float32).reshape(-1, self.dim)


def _ngrams(word: str, size: int) -> list[str]:
    """Character n-grams of a word with its boundaries; the whole of it if it is shorter."""
    bounded = f" {word} "
    return [f"gram {bounded[start : start + size]}" for start in range(max(1, len(bounded) - size + 1))]


def _tokens(vocabulary: tuple[str, ...], bags: list[Index], vectors: Float32) -> Tokens:
    """One token a word; its id is a hash of the word, so that it does not depend on the other texts."""
    rows = np.concatenate([np.empty(0, dtype=np.intp), *bags])
    ids = np.array([_hash(word) >> 2 for word in vocabulary], dtype=np.int64)
    offsets = np.concatenate([[0], np.cumsum([len(bag) for bag in bags])]).astype(np.intp)
    return Tokens(vectors[rows], offsets, ids[rows], np.zeros(len(rows), np.bool_), dict(zip(ids.tolist(), vocabulary, strict=True)))


def _hash(text: str) -> int:
    """64 bits of Blake2b."""
    return int.from_bytes(hashlib.blake2b(text.encode("utf-8", "surrogatepass"), digest_size=8).digest(), "little")
