"""Bags of words through a linear model."""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import KW_ONLY, dataclass
from functools import cached_property, lru_cache
from typing import Any, Literal

import numpy as np

from stsbench.plugin import Embeddings, Fingerprint, Location, ModelError, OptionError, Views
from stsbench_linear.factors import Factors, Model, Spectrum

_WORD = re.compile(r"\w+")

VIEWS = ("embedding", "back")


def words(text: str) -> list[str]:
    """Runs of word characters, lower-cased."""
    return _WORD.findall(text.lower())


def vocabulary(texts: Sequence[str], min_df: int) -> dict[str, int]:
    """The words that at least `min_df` of the texts hold, in alphabetic order, with their columns."""
    counts = Counter(word for text in texts for word in set(words(text)))
    return {word: column for column, word in enumerate(sorted(word for word, count in counts.items() if count >= min_df))}


def counts(texts: Sequence[str], columns: Mapping[str, int]) -> Any:
    """How often each word occurs in each text: a scipy sparse matrix [n, p], float64."""
    from scipy.sparse import csr_matrix

    occurrences = [(row, columns[word]) for row, text in enumerate(texts) for word in words(text) if word in columns]
    rows, cols = np.array(occurrences, dtype=np.intp).reshape(-1, 2).T
    return csr_matrix((np.ones(len(rows)), (rows, cols)), shape=(len(texts), len(columns)))


@lru_cache(maxsize=2)
def learned(corpus: Location, min_df: int) -> tuple[dict[str, int], Spectrum]:
    """Vocabulary and spectrum of a corpus, which all objectives, penalties and scales share; raises ModelError where it has none."""
    if corpus.path is None or not corpus.path.is_file():
        raise ModelError("linear learns from a text file with one sentence a line; write linear:./sentences.txt")
    lines = corpus.path.read_text(encoding="utf-8-sig").split("\n")  # not `splitlines`, for which lines end within sentences, too
    texts = sorted({line for line in lines if line.strip()})
    columns = vocabulary(texts, min_df)
    if not columns:
        raise ModelError(f"no word of {corpus.label!r} is in {min_df} sentences; give a smaller min_df, or more sentences")
    return columns, Spectrum.of(counts(texts, columns))


@dataclass(frozen=True, eq=False)
class LinearEncoder(Model):
    """Linear matrix factorisation over bags of words, in closed form, learned from a file with one sentence a line.

    `objective=1` minimises |X - XAB'|^2 + penalty |AB'|^2 and leaves a diagonal D free, which `sigma` and `shrink` choose as powers
    of the singular values and of their shrinkage; `objective=2` has penalty (|XA|^2 + |B|^2) and leaves none. `k` is the rank (none:
    all of it), `min_df` the number of sentences that must hold a word. Views: `embedding` is XA, `back` is XAB'.
    Source: Steck, Ekanadham and Kallus 2024.
    """

    corpus: Location
    _: KW_ONLY
    k: int | None = 256
    min_df: int = 12
    view: Views[Sequence[Literal["embedding", "back"]]] = ("embedding",)

    token_views = ()

    def __post_init__(self) -> None:
        super().__post_init__()
        if self.min_df < 1:
            raise OptionError(f"linear takes a min_df of at least 1, not {self.min_df}")

    @property
    def views(self) -> tuple[str, ...]:
        """`embedding` is XA, `back` is XAB'."""
        return tuple(self.view)

    @property
    def fingerprint(self) -> Fingerprint:
        """The corpus; the core adds the options."""
        return Fingerprint.of(corpus=self.corpus.identity)

    @cached_property
    def model(self) -> tuple[dict[str, int], Factors]:
        """The vocabulary and the factors."""
        columns, spectrum = learned(self.corpus, self.min_df)
        return columns, self.factors(spectrum)

    def encode(self, texts: Sequence[str], *, views: Sequence[str], prompt: str = "") -> Embeddings:
        """Rows of X A (`embedding`) and X A B' (`back`), float32; a text without known words is a zero vector."""
        if unknown := [view for view in views if view not in VIEWS]:
            raise OptionError(f"linear has the views embedding and back, not {unknown[0]!r}")
        columns, factors = self.model
        embedded = np.asarray(counts([prompt + text for text in texts], columns) @ factors.a)
        products = {"embedding": embedded, "back": embedded @ factors.b.T}
        vectors = {view: np.ascontiguousarray(products[view], dtype=np.float32) for view in views}
        return Embeddings(vectors, truncated=np.zeros(len(texts), dtype=np.bool_))
