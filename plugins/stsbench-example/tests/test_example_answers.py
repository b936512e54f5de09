from __future__ import annotations

from math import log
from typing import Any

import numpy as np
import pytest
from stsbench_example import Letters
from stsbench_example.aligned import aligned

from stsbench.plugin import FitData, OptionError, Tokens


def tokens(*texts: list[int]) -> Tokens:
    """Token k of the vocabulary is the k-th unit vector."""
    ids = np.array([number for text in texts for number in text], dtype=np.int64)
    offsets = np.cumsum([0, *map(len, texts)])
    return Tokens(np.eye(4, dtype=np.float32)[ids], offsets, ids, np.zeros(len(ids), bool), {number: str(number) for number in range(4)})


def test_letters_by_hand() -> None:
    embeddings = Letters(stretches=2).encode(["Cab!", "cab cab", ""], views=["sentence", "tokens"])
    counts = embeddings.vectors["sentence"].reshape(3, 2, 27, 27)
    # edge-c and c-a are the first half of "cab", a-b and b-edge the second
    assert [tuple(place) for place in np.argwhere(counts[0]).tolist()] == [(0, 0, 3), (0, 3, 1), (1, 1, 2), (1, 2, 0)]
    assert counts.reshape(3, -1).sum(axis=1).tolist() == [4.0, 8.0, 0.0]
    assert embeddings.tokens["tokens"].lengths.tolist() == [1, 2, 0]
    assert (embeddings.tokens["tokens"].values == embeddings.vectors["sentence"][0]).all()


def test_letters_beyond_the_alphabet_are_one_symbol() -> None:
    vectors = Letters().encode(["é", "ß", "7", "z"], views=["sentence"]).vectors["sentence"]
    assert (vectors[0] == vectors[1]).all()
    assert (vectors[0] == vectors[2]).all()
    assert not (vectors[0] == vectors[3]).all()


def unfitted(**options: float) -> Any:
    """The similarity before it has learnt, which can be fitted besides."""
    return aligned(**options)


def test_aligned_by_hand() -> None:
    # token 0 is in all three texts, token 1 in one: they weigh 1 and 1 + ln 2
    fitted = unfitted().fit(FitData(("a b", "a", "a"), "digest", tokens=tokens([0, 1], [0], [0])))
    scores = fitted.score(tokens([0, 1], [0, 1], [0], []), tokens([0], [1, 0], [2], [0]))
    # precision 1 / (2 + ln 2), recall 1
    assert scores.tolist() == pytest.approx([2 / (3 + log(2)), 1.0, 0.0, 0.0], abs=1e-12)


def test_aligned_weighs_what_it_has_not_seen_most() -> None:
    fitted = unfitted().fit(FitData(("a",) * 3, "digest", tokens=tokens([0], [0], [0])))
    precision = 1 / (2 + log(4))  # of tokens 0 and 3, the first one matches
    assert fitted.score(tokens([0, 3]), tokens([0])).tolist() == pytest.approx([2 * precision / (1 + precision)], abs=1e-12)


def test_aligned_equals_a_naive_loop() -> None:
    rng = np.random.default_rng(5)
    ids = rng.integers(0, 9, 30)
    sides = [
        Tokens(rng.standard_normal((30, 6)).astype(np.float32), np.arange(0, 31, 5), ids if side else ids[::-1], rng.random(30) < 0.2, {})
        for side in (0, 1)
    ]
    fitted = unfitted(threshold=0.2).fit(FitData(("t",) * 6, "digest", tokens=sides[0]))

    def best(some: Tokens, other: Tokens, text: int) -> float:
        mine, theirs = (range(text * 5, text * 5 + 5) for _ in range(2))
        total = weight = 0.0
        for row in mine:
            if some.special[row]:
                continue
            df = sum(any(sides[0].ids[k] == some.ids[row] and not sides[0].special[k] for k in range(s, s + 5)) for s in range(0, 30, 5))
            idf = log(7 / (df + 1)) + 1
            cosines = [
                float(some.values[row] @ other.values[k] / np.linalg.norm(some.values[row]) / np.linalg.norm(other.values[k]))
                for k in theirs
                if not other.special[k]
            ]
            total += idf * max(cosine if cosine > 0.2 else 0.0 for cosine in cosines)
            weight += idf
        return total / weight

    expected = []
    for text in range(6):
        precision, recall = best(sides[0], sides[1], text), best(sides[1], sides[0], text)
        expected.append(2 * precision * recall / (precision + recall) if precision + recall else 0.0)
    assert fitted.score(*sides).tolist() == pytest.approx(expected, abs=1e-6)
    assert max(expected) > 0.3


def test_sentences_for_what_cannot_be() -> None:
    with pytest.raises(OptionError, match=r"option 'stretches' takes a whole number from 1, not 0"):
        Letters(stretches=0)
    with pytest.raises(OptionError, match=r"option 'threshold' takes a number from 0 to below 1, not 1.0"):
        aligned(threshold=1.0)
    with pytest.raises(OptionError, match=r"aligned has no weights yet: give it fit=self"):
        aligned().score(tokens([0]), tokens([0]))
