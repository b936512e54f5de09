"""Known answers, independent formulas, the measured floors of STS-B, and the conformance kit."""

from __future__ import annotations

import math
import os
from collections import Counter
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from sklearn.feature_extraction.text import TfidfVectorizer

from stsbench.api.evaluate import evaluate
from stsbench.host.registry import Registry
from stsbench.plugin import FitData, OptionError
from stsbench.testing import Check, parametrize, similarity_checks

REGISTRY = Registry.installed()
PLAIN = ("token-jaccard", "token-overlap", "token-cosine", "whitespace-cosine", "char-jaccard", "length-gap", "chrf")
FITTED = ("idf-jaccard", "bm25", "bm25,normalised=false", "count-cosine", "tfidf", "tfidf,analyzer=char_wb,longest=3")
TEXTS = ("A cat sat.", "a dog sat", "the dog", "Cats and dogs sit, and sit")


def build(ref: str, texts: tuple[str, ...] | None = None) -> Any:
    built = REGISTRY.resolve("similarity", ref).build()
    return built if texts is None else built.fit(FitData(texts, ""))


@pytest.mark.parametrize(
    ("ref", "left", "right", "expected"),
    [
        ("token-jaccard", "A cat sat.", "a dog sat", 0.5),
        ("token-overlap", "A cat sat.", "sat", 1.0),
        ("token-cosine", "A cat sat.", "a dog sat here", 2 / math.sqrt(12)),
        ("whitespace-cosine", "A cat sat.", "a dog sat", 1 / 3),
        ("char-jaccard", "abc", "ABD", 1 / 3),
        ("char-jaccard,n=3", "ab", "ab", 0.0),
        ("length-gap", "one two", "one", -1.0),
        ("chrf,order=1,beta=1", "ab c", "abd", 2 / 3),
        ("token-jaccard", "", "", 0.0),
        ("token-cosine", "", "a", 0.0),
        ("token-cosine", "A cat sat!", "A cat, sat?", 1.0),  # marks are no words
    ],
)
def test_known_answers(ref: str, left: str, right: str, expected: float) -> None:
    assert build(ref).score([left], [right]).tolist() == [pytest.approx(expected)]


def test_no_scorer_is_said_to_be_what_it_is_not() -> None:
    (component,) = (one for one, _ in REGISTRY.offers("similarity") if one.name == "token-cosine")
    assert "and not the same" in (component.help or "")


def idf(word: str) -> float:
    df = sum(word in text.lower().replace(".", "").replace(",", "").split() for text in TEXTS)
    return math.log(1 + (len(TEXTS) - df + 0.5) / (df + 0.5))


def test_idf_jaccard() -> None:
    expected = (idf("a") + idf("sat")) / (idf("a") + idf("sat") + idf("cat") + idf("dog"))
    assert build("idf-jaccard", TEXTS).score(TEXTS[:1], TEXTS[1:2]).tolist() == [pytest.approx(expected)]


def test_bm25() -> None:
    query, text, mean = ["sit", "dogs"], ["cats", "and", "dogs", "sit", "and", "sit"], 14 / 4
    counts = {word: text.count(word) for word in text}
    there = sum(idf(word) * counts[word] * 2.2 / (counts[word] + 1.2 * (0.25 + 0.75 * 6 / mean)) for word in query)
    back = sum(idf(word) * 1 * 2.2 / (1 + 1.2 * (0.25 + 0.75 * 2 / mean)) for word in query)
    pair = (["sit dogs"], ["Cats and dogs sit, and sit"])
    assert build("bm25,normalised=false", TEXTS).score(*pair).tolist() == [pytest.approx((there + back) / 2)]
    assert build("bm25", TEXTS).score(TEXTS, TEXTS).tolist() == pytest.approx([1.0] * 4)


def chrf(text: str, reference: str) -> float:
    """F2 of the mean precision and recall of character n-grams of 1 to 6, without white space, over the sizes that both have."""
    text, reference = ("".join(one.split()) for one in (text, reference))
    precisions, recalls = [], []
    for n in range(1, 7):
        mine, other = (Counter(one[start : start + n] for start in range(len(one) - n + 1)) for one in (text, reference))
        if mine and other:
            common = (mine & other).total()
            precisions.append(common / mine.total())
            recalls.append(common / other.total())
    precision, recall = np.mean(precisions), np.mean(recalls)
    return float(5 * precision * recall / (4 * precision + recall)) if precision + recall else 0.0


def test_chrf_by_its_definition() -> None:
    pairs = [("A man plays a guitar.", "A man is playing the guitar."), ("Two dogs run.", "A dog runs in snow"), ("abcd", "abce")]
    scores = build("chrf").score(*zip(*pairs, strict=True))
    np.testing.assert_allclose(scores, [(chrf(x, y) + chrf(y, x)) / 2 for x, y in pairs], rtol=1e-9)


def test_tfidf_by_hand() -> None:
    fit = ("cat dog", "cat")
    rare = math.log(3 / 2) + 1  # scikit-learn's smoothed idf of dog; that of cat is 1
    expected = 1 / math.sqrt(1 + rare**2)
    assert build("tfidf", fit).score(["cat dog"], ["cat"]).tolist() == [pytest.approx(expected)]
    assert build("count-cosine", fit).score(["cat cat dog bird"], ["cat"]).tolist() == [pytest.approx(2 / math.sqrt(5))]


def test_tfidf_of_dense_vectors() -> None:
    dense = TfidfVectorizer(analyzer="char_wb", ngram_range=(1, 3)).fit_transform(TEXTS).toarray()
    scores = build("tfidf,analyzer=char_wb,longest=3", TEXTS).score(TEXTS, TEXTS[::-1])
    np.testing.assert_allclose(scores, (dense * dense[::-1]).sum(axis=1), atol=1e-12)


@pytest.mark.parametrize("ref", FITTED)
def test_not_fitted_yet(ref: str) -> None:
    with pytest.raises(OptionError, match="yet: give it fit=self"):
        build(ref).score(["a"], ["b"])


@pytest.mark.parametrize("ref", ["count-cosine", "tfidf", "tfidf,analyzer=char,shortest=9,longest=9"])
def test_texts_without_a_term_are_told_so(ref: str) -> None:
    with pytest.raises(OptionError, match=r"finds no term in the texts of fit= .*; take .*, or fit other texts"):
        build(ref, ("x", "? !", "", "é"))
    assert build(ref, ("x", "a long sentence")).score(["x"], ["x"]).tolist() == [0.0]


@pytest.mark.parametrize("ref", ["char-jaccard,n=0", "bm25,b=2.0", "bm25,k1=-1.0", "bm25,k1=inf", "chrf,order=0", "tfidf,shortest=2"])
def test_options_out_of_range(ref: str) -> None:
    with pytest.raises(OptionError):
        build(ref)


def test_a_fitted_pair_scorer_in_an_encoders_place_is_fitted_and_marked() -> None:
    plain, other = (evaluate(ref, (), "mini", registry=REGISTRY).entries[0].record for ref in ("bm25", "bm25,fit=mini"))
    assert (plain.status, plain.flags, plain.view) == ("ok", ("transductive",), "pair")
    assert plain.fit is not None
    assert (plain.fit.on, "fit=self" in plain.signature) == ("self", True)
    assert other.fit is not None
    assert (other.fit.on, other.flags, other.figure) == ("stsbench/mini", ("transductive",), plain.figure)


TRAIN = "fit=STSBenchmark:train"
FLOORS = {
    "token-jaccard": 56.485,
    "token-overlap": 54.642,
    "token-cosine": 56.505,
    "whitespace-cosine": 50.391,
    f"idf-jaccard,{TRAIN}": 67.962,
    "char-jaccard,n=2": 65.880,
    "char-jaccard,n=3": 64.796,
    "char-jaccard,n=4": 62.737,
    f"bm25,{TRAIN},normalised=false": 56.967,
    f"bm25,{TRAIN}": 67.656,
    "chrf": 60.713,
    f"count-cosine,{TRAIN}": 53.120,
    f"tfidf,{TRAIN}": 64.081,
    "tfidf": 69.313,
    f"tfidf,{TRAIN},sublinear=true": 64.777,
    f"tfidf,{TRAIN},longest=2": 55.733,
    f"tfidf,{TRAIN},analyzer=char_wb,shortest=3,longest=5": 69.760,
    f"tfidf,{TRAIN},analyzer=char_wb,shortest=2,longest=4": 70.420,
    "length-gap": 1.035,
}


def test_floors_of_sts_b(mirror: Path) -> None:
    """Measured by others on another copy of STS-B, hence the tolerance."""
    report = evaluate(list(FLOORS), (), "STSBenchmark", registry=REGISTRY, mirror=mirror)
    figures = [entry.record.figure for entry in report.headlines()]
    assert [100 * (value or 0.0) for value in figures] == pytest.approx(list(FLOORS.values()), abs=0.3)


@parametrize(check for ref in (*PLAIN, *FITTED) for check in similarity_checks(ref))
def test_conformance(check: Check) -> None:
    check()


def test_tests_of_plugins_keep_nothing_in_folders_of_who_runs_them(tmp_path_factory: pytest.TempPathFactory) -> None:
    temporary = tmp_path_factory.getbasetemp()
    assert all(Path(os.environ[name]).is_relative_to(temporary) for name in ("STSBENCH_CACHE_DIR", "XDG_CACHE_HOME"))
