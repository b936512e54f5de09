from __future__ import annotations

import hashlib
import os
import re
import subprocess
import sys
from collections.abc import Callable
from typing import Any

import numpy as np
import pytest
from scipy.stats import spearmanr
from sklearn.feature_extraction.text import CountVectorizer
from sklearn.metrics.pairwise import paired_cosine_distances

from stsbench.builtin.plugin import stsbench_encoders
from stsbench.builtin.similarities.vectors import Cosine
from stsbench.errors import OptionError
from stsbench.host.capabilities import lacking
from stsbench.stats.correlation import rankable
from stsbench.stats.metrics import measure

COMPONENT = next(iter(stsbench_encoders()))
BOTH = ("sentence", "tokens")
TEXTS = ["A girl is styling her hair.", "", "a GIRL, a girl", "...", "Ünïcode 漢字 _x1", "A girl is styling her hair.", "\ud800"]


def test_declaration() -> None:
    encoder = COMPONENT.build()
    assert lacking(encoder) == []
    assert (encoder.views, encoder.token_views) == (("sentence",), ("tokens",))
    assert COMPONENT.gives == {"vectors", "tokens"}
    assert encoder.fingerprint.fields == (("dim", "512"), ("ngram", "3"))
    assert COMPONENT.build(dim=64).fingerprint != encoder.fingerprint != COMPONENT.build(ngram=4).fingerprint


def test_vectors_and_tokens() -> None:
    found = COMPONENT.build(dim=128).encode(TEXTS, views=BOTH)
    vectors, tokens = found.vectors["sentence"], found.tokens["tokens"]
    assert vectors.shape == (len(TEXTS), 128)
    assert vectors.dtype == np.float32
    assert vectors.flags.c_contiguous
    assert vectors.any(axis=1).tolist() == [True, False, True, False, True, True, False]
    assert (vectors[0] == vectors[5]).all()
    assert found.truncated is not None
    assert not found.truncated.any()
    assert tokens.lengths.tolist() == [6, 0, 4, 0, 3, 6, 0]
    assert [tokens.pieces[number] for number in tokens.ids[:8].tolist()] == ["a", "girl", "is", "styling", "her", "hair", "a", "girl"]
    assert tokens.ids[0] == tokens.ids[6] == tokens.ids[8]
    assert (tokens.values[0] == tokens.values[6]).all()
    assert ((tokens.ids >= 0) & (tokens.ids < 2**62)).all()
    assert not tokens.special.any()


def test_features_by_hand() -> None:
    expected = np.zeros(32)
    for feature in ("word cat", "gram  ca", "gram cat", "gram at "):
        number = int.from_bytes(hashlib.blake2b(feature.encode(), digest_size=8).digest(), "little")
        expected[(number >> 1) % 32] += 1 if number % 2 else -1
    assert COMPONENT.build(dim=32).encode(["Cat!"], views=["sentence"]).vectors["sentence"].tolist() == [expected.tolist()]


@pytest.mark.parametrize("ngram", [1, 3, 9])
def test_a_sentence_is_its_words_and_their_ngrams(ngram: int) -> None:
    encoder = COMPONENT.build(ngram=ngram)
    found = encoder.encode(["one two one", "one", "two"], views=BOTH)
    one, two = found.vectors["sentence"][1:]
    assert (found.vectors["sentence"][0] == one + two + one).all()
    difference = one - found.tokens["tokens"].values[0]
    assert np.abs(difference).sum() == 1  # the word itself


def test_a_text_does_not_depend_on_its_neighbours() -> None:
    encoder = COMPONENT.build()
    whole = encoder.encode(TEXTS, views=BOTH)
    for row, text in enumerate(TEXTS):
        alone = encoder.encode([text], views=BOTH)
        assert (alone.vectors["sentence"] == whole.vectors["sentence"][row : row + 1]).all()
        taken = whole.tokens["tokens"].take(np.array([row]))
        assert (alone.tokens["tokens"].values == taken.values).all()
        assert (alone.tokens["tokens"].ids == taken.ids).all()


def test_a_prompt_stands_before_the_text() -> None:
    encoder = COMPONENT.build()
    prompted = encoder.encode(["a cat"], views=["sentence"], prompt="query: ")
    assert (prompted.vectors["sentence"] == encoder.encode(["query: a cat"], views=["sentence"]).vectors["sentence"]).all()


def test_only_what_was_asked_for() -> None:
    encoder = COMPONENT.build()
    assert not encoder.encode(["a"], views=["sentence"]).tokens
    assert not encoder.encode(["a"], views=["tokens"]).vectors
    with pytest.raises(OptionError, match=r"sentence and tokens, not 'mean@1'"):
        encoder.encode(["a"], views=["mean@1"])


@pytest.mark.parametrize("texts", [[], [""]])
def test_nothing_to_encode(texts: list[str]) -> None:
    found = COMPONENT.build(dim=16).encode(texts, views=BOTH)
    assert found.vectors["sentence"].shape == (len(texts), 16)
    assert found.tokens["tokens"].values.shape == (0, 16)
    assert len(found.tokens["tokens"]) == len(texts)


@pytest.mark.parametrize("option", ["dim", "ngram"])
def test_impossible_options_are_named(option: str) -> None:
    with pytest.raises(OptionError, match=f"option '{option}' takes a whole number from 1, not 0"):
        COMPONENT.build(**{option: 0})


def test_the_same_in_every_process() -> None:
    code = (
        "import sys, hashlib; from stsbench.builtin.floor import Hashing; from stsbench.builtin.plugin import stsbench_similarities\n"
        "vectors = Hashing().encode(['A girl is styling her hair.'], views=['sentence']).vectors['sentence']\n"
        "stsbench_similarities(); print(hashlib.sha256(vectors.tobytes()).hexdigest(), 'scipy' in sys.modules)"
    )
    run = subprocess.run(
        [sys.executable, "-c", code], env={**os.environ, "PYTHONHASHSEED": "7"}, capture_output=True, text=True, check=True
    )
    here = COMPONENT.build().encode(TEXTS[:1], views=["sentence"]).vectors["sentence"]
    assert run.stdout.split() == [hashlib.sha256(here.tobytes()).hexdigest(), "False"]


def features(text: str) -> list[str]:
    """What is hashed, unhashed."""
    words = re.findall(r"\w+", text.lower())
    return [
        *(f"word {word}" for word in words),
        *("".join(gram) for word in words for gram in zip(f" {word} ", f"{word} ", f"{word} "[1:], strict=False)),
    ]


def test_the_floor_on_real_data(rows_of: Callable[[str], list[dict[str, Any]]]) -> None:
    """A figure that moves here needs a higher `numerics`; and hashing must cost little against the same features unhashed."""
    rows = rows_of("mteb/stsbenchmark-sts/test")
    gold = np.array([row["score"] for row in rows])
    sides = [[row[key] for row in rows] for key in ("sentence1", "sentence2")]
    left, right = (COMPONENT.build().encode(side, views=["sentence"]).vectors["sentence"].astype(np.float64) for side in sides)
    found = measure(gold, rankable(Cosine().score(left, right))[0])
    assert found.n == 1379
    assert found.figures["spearman"] == pytest.approx(0.623820, abs=1e-6)
    count = CountVectorizer(analyzer=features).fit(sides[0] + sides[1])
    unhashed = 1 - paired_cosine_distances(*[count.transform(side) for side in sides])
    assert found.figures["spearman"] == pytest.approx(spearmanr(gold, unhashed).statistic, abs=0.02)
