from __future__ import annotations

from collections.abc import Callable
from itertools import pairwise
from pathlib import Path
from typing import Literal

import numpy as np
import pytest
from stsbench_transformers.encoder import Bert
from stsbench_transformers.tokens.tokenised import Ids, Tokenised
from stsbench_transformers.windows import Division, split_views

from stsbench.plugin import Location, OptionError

LONG = "a man plays the dog eats a cat . the man is not a dog . a cat plays the man . the dog eats the cat"
SHORT = ["a man plays .", "", "the dog eats a cat .", "a ."]
Locate = Callable[[Path], Location]


@pytest.mark.parametrize("backend", ["torch", "openvino"])
def test_texts_that_fit_have_the_vectors_that_they_have_without(backend: Literal["torch", "openvino"], tiny: Path, locate: Locate) -> None:
    plain = Bert(locate(tiny), backend=backend).encode(SHORT, views=["mean@2"], prompt="the ")
    encoder = Bert(locate(tiny), backend=backend, windows=("mean", "max"))
    whole = encoder.encode(SHORT, views=[*encoder.views, *encoder.token_views], prompt="the ")
    assert encoder.views == ("mean@2.mean-windows", "mean@2.max-windows")
    assert encoder.token_views == ("mean@2.windows",)
    for view in encoder.views:
        assert whole.vectors[view].tobytes() == plain.vectors["mean@2"].tobytes()
    assert whole.tokens["mean@2.windows"].values.tobytes() == plain.vectors["mean@2"].tobytes()


@pytest.mark.parametrize("backend", ["torch", "openvino"])
@pytest.mark.parametrize("overlap", [0, 3])
def test_a_long_text_is_the_mean_and_the_largest_of_its_windows(
    backend: Literal["torch", "openvino"], overlap: int, tiny: Path, locate: Locate
) -> None:
    encoder = Bert(locate(tiny), backend=backend, windows=("mean", "max"), overlap=overlap, max_length=12)
    suffix = f"-{overlap}" if overlap else ""
    given = encoder.encode([SHORT[0], LONG, SHORT[0]], views=[*encoder.views, *encoder.token_views], prompt="the ")
    words = LONG.split()
    count = -(-(len(words) - overlap) // (9 - overlap))  # 12 with [CLS], the prompt and [SEP]
    starts = [number * (len(words) - overlap) // count for number in range(count + 1)]
    parts = [words[start : stop + overlap] for start, stop in pairwise(starts)]
    alone = Bert(locate(tiny), backend=backend, max_length=12)
    vectors = alone.encode([" ".join(part) for part in parts], views=["mean@2"], prompt="the ").vectors["mean@2"]
    expected = np.average(vectors, axis=0, weights=[len(part) for part in parts])
    np.testing.assert_allclose(given.vectors[f"mean@2.mean-windows{suffix}"][1], expected, rtol=0, atol=1e-6)
    np.testing.assert_allclose(given.vectors[f"mean@2.max-windows{suffix}"][1], vectors.max(axis=0), rtol=0, atol=1e-6)
    tokens = given.tokens[f"mean@2.windows{suffix}"]
    np.testing.assert_allclose(tokens.take(np.array([1])).values, vectors, rtol=0, atol=1e-6)
    assert tokens.lengths.tolist() == [1, count, 1]
    assert tokens.pieces[1] == "window 2"
    assert given.truncated is not None
    assert not given.truncated.any()


def test_nothing_is_cut_and_the_fingerprint_is_what_all_views_share(tiny: Path, locate: Locate) -> None:
    plain, whole = Bert(locate(tiny)), Bert(locate(tiny), windows=("mean",))
    assert plain.fingerprint == whole.fingerprint
    texts = [LONG, LONG + " .", "a"]
    marks = [one.truncated(texts) for one in (plain, whole)]
    assert [None if one is None else one.tolist() for one in marks] == [[True, True, False], [False] * 3]
    cut = plain.encode(texts, views=["mean@2"]).truncated
    assert cut is not None
    assert cut.tolist() == [True, True, False]


def test_a_text_and_the_number_of_tokens_a_batch_change_no_vector(tiny: Path, locate: Locate) -> None:
    texts = [LONG, *SHORT, LONG * 2]
    several = Bert(locate(tiny), windows=("mean",)).encode(texts, views=["mean@2.mean-windows"]).vectors["mean@2.mean-windows"]
    single = Bert(locate(tiny), windows=("mean",), batch_tokens=1)
    for row, text in enumerate(texts):
        alone = single.encode([text], views=["mean@2.mean-windows"]).vectors["mean@2.mean-windows"][0]
        np.testing.assert_allclose(alone, several[row], rtol=0, atol=1e-5)


def test_all_views_come_from_one_pass_over_the_windows(tiny: Path, locate: Locate, monkeypatch: pytest.MonkeyPatch) -> None:
    from stsbench_transformers.pytorch.backbone import Backbone

    encoder = Bert(locate(tiny), backend="torch", windows=("mean", "max"), pooling=("cls", "mean"))
    encoder.prepare()
    lengths: list[int] = []
    forward = Backbone.forward

    def counted(self: Backbone, ids: list[Ids], *, inner: bool) -> object:
        lengths.extend(map(len, ids))
        return forward(self, ids, inner=inner)

    monkeypatch.setattr(Backbone, "forward", counted)
    given = encoder.encode([LONG], views=[*encoder.views, *encoder.token_views])
    assert len(given.vectors) == 4
    assert len(lengths) == 2
    assert max(lengths) <= 20


def test_windows_are_named_by_view_too(tiny: Path, locate: Locate) -> None:
    named = Bert(locate(tiny), view=("mean@-1.max-windows-2", "cls@1.windows-2"))
    assert named.views == ("mean@2.max-windows-2",)
    assert named.token_views == ("mean@2.windows-2", "cls@1.windows-2")
    options = Bert(locate(tiny), windows=("max",), overlap=2)
    first, second = (one.encode([LONG], views=["mean@2.max-windows-2"]).vectors["mean@2.max-windows-2"] for one in (named, options))
    assert (first == second).all()
    assert split_views(["mean@2", "cls@1"]) == (("mean@2", "cls@1"), ())


def test_what_does_not_fit_is_one_sentence(tiny: Path, locate: Locate) -> None:
    place = locate(tiny)
    with pytest.raises(OptionError, match=r"windows that overlap alike, or views without windows; name each kind for itself"):
        Bert(place, view=("mean@2", "mean@2.mean-windows"))
    with pytest.raises(OptionError, match=r"names windows of tokens@2, which is no vector; name a pooling, as in mean@6.windows"):
        Bert(place, view=("tokens@2.windows",))
    with pytest.raises(OptionError, match=r"'overlap' is of windows; say what becomes of them, as in windows=mean\+max"):
        Bert(place, overlap=2)
    with pytest.raises(OptionError, match="'overlap' must be a number of tokens that two windows share, not -1"):
        Bert(place, windows=("mean",), overlap=-1)
    with pytest.raises(OptionError, match="room for 4 tokens beside the special ones and the prompt, and option 'overlap' is 4; give less"):
        Bert(place, windows=("mean",), overlap=4, max_length=6).encode([LONG], views=["mean@2.mean-windows-4"])
    with pytest.raises(OptionError, match="room for 0 tokens beside the special ones and the prompt, too few; shorten the prompt"):
        Bert(place, windows=("mean",), max_length=6).encode([LONG], views=["mean@2.mean-windows"], prompt="a man plays . ")
    with pytest.raises(OptionError, match=r"without the view 'mean@2'; it has mean@2.mean-windows, mean@2.windows"):
        Bert(place, windows=("mean",)).encode([LONG], views=["mean@2"])


def test_an_overlap_that_leaves_no_room_is_refused_before_the_model_is_loaded(
    tiny: Path, locate: Locate, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("stsbench_transformers.pooled.PooledStates.engine", property(lambda _: pytest.fail("the model was loaded")))
    place = locate(tiny)
    for options in ({"overlap": 6, "windows": ("mean",)}, {"view": ("mean@2.windows-7",)}):
        with pytest.raises(OptionError, match=r"'overlap' is [67], and a window has 6 tokens; give less, or a larger max_length"):
            Bert(place, max_length=6, **options)
    narrow = Bert(place, windows=("mean",), overlap=4, max_length=6)
    with pytest.raises(OptionError, match="room for 4 tokens beside the special ones and the prompt, and option 'overlap' is 4; give less"):
        narrow.truncated(["a man", LONG])
    with pytest.raises(OptionError, match="room for 1 tokens beside the special ones and the prompt, and option 'overlap' is 4"):
        narrow.truncated([LONG], prompt="the man plays ")
    assert not np.any(narrow.truncated(["a man", "the dog eats ."])), "what fits needs no windows"


@pytest.mark.parametrize("length", [*range(9, 40), 1000])
@pytest.mark.parametrize("overlap", [0, 1, 5])
def test_windows_hold_every_token_in_order_and_are_as_long_as_each_other(length: int, overlap: int) -> None:
    ids = np.concatenate([[-1, 7], np.arange(100, 100 + length), [-2]])
    special = np.concatenate([[True, False], np.zeros(length, dtype=bool), [True]])
    whole = Tokenised([ids], [special], np.zeros(1, dtype=bool))
    division = Division.of(whole, np.array([7]), 11, overlap)
    parts = [one[2:-1].tolist() for one in division.windows.ids]
    assert all(one[:2].tolist() == [-1, 7] and one[-1] == -2 and len(one) <= 11 for one in division.windows.ids)
    assert parts[0] + [token for part in parts[1:] for token in part[overlap:]] == list(range(100, 100 + length))
    assert all(before[len(before) - overlap :] == after[:overlap] for before, after in pairwise(parts))
    assert max(map(len, parts)) - min(map(len, parts)) <= 1
    assert division.counts.tolist() == list(map(len, parts))
