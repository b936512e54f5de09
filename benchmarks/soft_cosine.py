"""Soft cosine beside gensim on the same generated texts: pairs a second, ratios, and the largest difference of two scores.

The vocabulary version has its matrix ready on both sides; in the per-pair version gensim's matrix is built for every pair.

python benchmarks/soft_cosine.py [--pairs N] [--rounds N] [--json]
"""

from __future__ import annotations

import argparse
import json
import os
import time
from collections.abc import Callable
from statistics import median
from typing import Any

import numpy as np

os.environ["TQDM_DISABLE"] = "1"  # read when tqdm is imported; bars would cost gensim time

from gensim.corpora import Dictionary
from gensim.models import KeyedVectors
from gensim.similarities import SparseTermSimilarityMatrix, WordEmbeddingSimilarityIndex
from scipy import sparse

from stsbench.builtin.similarities.idf import occurrence
from stsbench.builtin.similarities.kernels import unit
from stsbench.builtin.similarities.softcosine import TermSimilarity, soft_cosine_terms, soft_cosine_tokens
from stsbench.contracts.data import Tokens

VOCABULARY, DIMENSIONS, WORDS, NEAREST = 2000, 256, (6, 18), 100


def texts(generator: np.random.Generator, count: int) -> list[np.ndarray[Any, Any]]:
    """Type numbers of the words of each text, each once."""
    return [generator.permutation(VOCABULARY)[: generator.integers(*WORDS)] for _ in range(count)]


def tokens_of(rows: list[np.ndarray[Any, Any]], vectors: Any) -> Tokens:
    """The words of each text with the vectors of their types."""
    ids = np.concatenate(rows).astype(np.int64)
    offsets = np.concatenate([[0], np.cumsum([len(row) for row in rows])]).astype(np.intp)
    return Tokens(vectors[ids], offsets, ids, np.zeros(len(ids), dtype=np.bool_))


def timed(run: Callable[[], Any]) -> tuple[float, Any]:
    """Seconds and the result."""
    start = time.perf_counter()
    result = run()
    return time.perf_counter() - start, result


def vocabulary(left: list[Any], right: list[Any], vectors: Any) -> tuple[Callable[[], Any], Callable[[], Any]]:
    """Ours and gensim's scores with one matrix of term similarities that both have ready."""
    terms = unit(vectors.astype(np.float64))
    s = np.clip(terms @ terms.T, 0, 1) ** 2
    s[s < np.partition(s, -NEAREST, axis=1)[:, -NEAREST][:, None]] = 0
    s = np.minimum(s, s.T)
    peer = SparseTermSimilarityMatrix(sparse.csc_matrix(s))
    bags = [[[(int(word), 1.0) for word in sorted(row)] for row in side] for side in (left, right)]
    a, b = ((np.cumsum([0, *map(len, side)]), np.concatenate(side), np.ones(sum(map(len, side)))) for side in (left, right))
    return (
        lambda: soft_cosine_terms(a, b, s),
        lambda: np.array([peer.inner_product(x, y, normalized=(True, True)) for x, y in zip(*bags, strict=True)]),
    )


def per_pair(left: list[Any], right: list[Any], vectors: Any) -> tuple[Callable[[], Any], Callable[[], Any]]:
    """Ours, and gensim's with a matrix of the pair's own words, built for it."""
    ours = tokens_of(left, vectors), tokens_of(right, vectors)
    weights = occurrence(ours[0]), occurrence(ours[1])

    def gensim(x: Any, y: Any) -> float:
        words = np.union1d(x, y)
        names = [str(word) for word in words]
        keyed = KeyedVectors(DIMENSIONS, dtype=np.float64)
        keyed.add_vectors(names, vectors[words].astype(np.float64))
        dictionary = Dictionary([names])
        matrix = SparseTermSimilarityMatrix(
            WordEmbeddingSimilarityIndex(keyed), dictionary, nonzero_limit=2 * len(words), dtype=np.float64
        )  # None drops some
        return float(matrix.inner_product(*(dictionary.doc2bow([str(word) for word in row]) for row in (x, y)), normalized=(True, True)))

    return (
        lambda: soft_cosine_tokens(*ours, weights, TermSimilarity()),
        lambda: np.array([gensim(x, y) for x, y in zip(left, right, strict=True)]),
    )


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--pairs", type=int, default=8192, help="a run hands a similarity so many at a time")
    parser.add_argument("--rounds", type=int, default=3)
    parser.add_argument("--json", action="store_true")
    given = parser.parse_args()
    generator = np.random.default_rng(0)
    vectors = generator.normal(size=(VOCABULARY, DIMENSIONS)).astype(np.float32)
    left, right = texts(generator, given.pairs), texts(generator, given.pairs)
    rows = []
    for name, make in (("vocabulary", vocabulary), ("per pair", per_pair)):
        run, peer = make(left, right, vectors)
        run()
        rounds = [(timed(run), timed(peer)) for _ in range(given.rounds)]
        ratios = sorted(theirs[0] / ours[0] for ours, theirs in rounds)
        (_, scores), (_, expected) = rounds[0]
        rows.append(
            {
                "version": name,
                "stsbench": given.pairs / median(ours[0] for ours, _ in rounds),
                "gensim": given.pairs / median(theirs[0] for _, theirs in rounds),
                "ratio": median(ratios),
                "ratios": ratios,
                "difference": float(np.abs(scores - expected).max()),
            }
        )
    if given.json:
        print(json.dumps({"pairs": given.pairs, "rows": rows}))
        return
    print(f"{'pairs a second':16}{'stsbench':>12}{'gensim':>10}{'ratio':>8}{'least':>8}{'most':>8}{'difference':>13}")
    for row in rows:
        ends = f"{row['ratios'][0]:8.1f}{row['ratios'][-1]:8.1f}"
        print(f"{row['version']:16}{row['stsbench']:12.0f}{row['gensim']:10.0f}{row['ratio']:8.1f}{ends}{row['difference']:13.1e}")


if __name__ == "__main__":
    main()
