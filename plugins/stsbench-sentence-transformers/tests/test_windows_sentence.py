from __future__ import annotations

import numpy as np
import pytest
from stsbench_sentence_transformers.encoder import SentenceEncoder

from stsbench.plugin import Location, OptionError

SHORT = ["A man plays the guitar.", "", "Stocks fell on Monday."]
SENTENCES = [f"On day {number} a man plays the guitar, while nobody looks at the old house near the river." for number in range(60)]
LONG = " ".join(SENTENCES)


def cosine(left: np.ndarray, right: np.ndarray) -> float:
    return float(left @ right / np.linalg.norm(left) / np.linalg.norm(right))


def test_texts_that_fit_have_the_vectors_that_they_have_without(minilm: Location) -> None:
    plain = SentenceEncoder(minilm)
    whole = SentenceEncoder(minilm, windows=("mean", "max"))
    assert whole.views == ("sentence.mean-windows", "sentence.max-windows")
    assert whole.token_views == ("sentence.windows",)
    assert whole.fingerprint == plain.fingerprint
    expected = plain.encode(SHORT, views=["sentence"]).vectors["sentence"]
    given = whole.encode(SHORT, views=[*whole.views, *whole.token_views])
    for values in (*given.vectors.values(), given.tokens["sentence.windows"].values):
        assert values.tobytes() == expected.tobytes()


def test_a_long_text_is_read_whole_and_has_length_1_as_others_have(minilm: Location) -> None:
    plain, whole = SentenceEncoder(minilm), SentenceEncoder(minilm, windows=("mean",), overlap=16)
    texts = [LONG, "Stocks fell. " + LONG + " A cat sleeps."]
    cut = plain.encode(texts, views=[]).truncated
    assert cut is not None
    assert cut.all()
    given = whole.encode(texts, views=["sentence.mean-windows-16", "sentence.windows-16"])
    assert given.truncated is not None
    assert not given.truncated.any()
    vectors, tokens = given.vectors["sentence.mean-windows-16"], given.tokens["sentence.windows-16"]
    np.testing.assert_allclose(np.linalg.norm(vectors, axis=1), 1, rtol=0, atol=1e-6)
    assert (tokens.lengths > 1).all()
    mean = tokens.take(np.array([0])).values.mean(axis=0)
    assert cosine(vectors[0], mean) > 0.9999  # windows are of one length, or nearly
    changed = whole.encode([LONG + " Stocks fell on Monday."], views=["sentence.mean-windows-16"]).vectors["sentence.mean-windows-16"][0]
    assert cosine(changed, vectors[0]) < 1 - 1e-6  # the end of a text counts


def test_sizes_are_cut_within_each_window(minilm: Location) -> None:
    sizes = SentenceEncoder(minilm, windows=("mean",), truncate_dim=(64, 128), normalize=True)
    assert sizes.views == ("sentence/64.mean-windows", "sentence/128.mean-windows")
    given = sizes.encode([LONG], views=sizes.views)
    assert [values.shape for values in given.vectors.values()] == [(1, 64), (1, 128)]
    (named,) = (
        SentenceEncoder(minilm, view=("sentence/64.mean-windows",), normalize=True)
        .encode([LONG], views=["sentence/64.mean-windows"])
        .vectors.values()
    )
    assert (named == given.vectors["sentence/64.mean-windows"]).all()


def test_the_library_reads_no_windows(minilm: Location) -> None:
    with pytest.raises(OptionError, match="windows are read by our own backends, and the library was asked for; leave them out"):
        SentenceEncoder(minilm, windows=("mean",), backend="library")
