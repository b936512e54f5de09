"""The choice of views, without a model."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import pytest
from stsbench_transformers.views import choose_views

from stsbench.plugin import OptionError


def names(
    pooling: Sequence[str] = ("mean",), layers: Sequence[int] = (-1,), view: Sequence[str] = (), depth: int = 6
) -> tuple[tuple[str, ...], ...]:
    return tuple(tuple(map(str, views)) for views in choose_views(pooling, layers, view, depth))


@pytest.mark.parametrize(
    ("pooling", "expected"),
    [
        ("cls", "cls@6"),
        ("mean", "mean@6"),
        ("max", "max@6"),
        ("mean-sqrt-length", "mean-sqrt-length@6"),
        ("pooler", "pooler"),
        ("first-last", "mean@0:6"),
        ("first1-last", "mean@1:6"),
        ("last-two", "mean@5:6"),
        ("last-four", "mean@3:4:5:6"),
    ],
)
def test_each_pooling_has_a_canonical_name(pooling: str, expected: str) -> None:
    assert names([pooling])[0] == (expected,)


def test_poolings_are_crossed_with_layers() -> None:
    vectors, tokens = names(["cls", "mean", "max"], [0, 3, -1])
    assert vectors == tuple(f"{pooling}@{layer}" for pooling in ("cls", "mean", "max") for layer in (0, 3, 6))
    assert tokens == ("tokens@0", "tokens@3", "tokens@6")


def test_a_pooling_with_layers_of_its_own_is_not_crossed() -> None:
    assert names(["pooler", "first-last"], [1, 2]) == (("pooler", "mean@0:6"), ("tokens@0:6",))


def test_one_layer_under_two_names_is_one_view() -> None:
    assert names(["mean"], [6, -1, 0, -7]) == (("mean@6", "mean@0"), ("tokens@6", "tokens@0"))
    assert names(["mean", "first1-last"], [1], depth=1)[0] == ("mean@1",)


def test_view_replaces_pooling_and_layers() -> None:
    assert names(["cls"], [3], ["mean@0:3:6", "max@-1", "pooler"])[0] == ("mean@0:3:6", "max@6", "pooler")
    assert names(view=["mean@6:0"])[0] == ("mean@0:6",)
    assert names(view=["tokens@6", "tokens@0:6"]) == ((), ("tokens@6", "tokens@0:6"))


def test_every_name_denotes_its_own_view() -> None:
    vectors, tokens = names(["cls", "mean", "max", "mean-sqrt-length", "pooler", "first-last", "last-four"], range(7))
    assert names(view=vectors)[0] == vectors
    assert names(view=tokens)[1] == tokens


@pytest.mark.parametrize(
    ("options", "message"),
    [
        ({"layers": [7]}, "'layers' names layer 7, but the model has layers 0 .* to 6, or -1 to -7"),
        ({"layers": [-8]}, "'layers' names layer -8"),
        ({"pooling": ["last-four"], "depth": 2}, "'pooling' names layer -4, but the model has layers 0 .* to 2"),
        ({"view": ["mean@7"]}, "'view' names layer 7"),
        ({"view": ["mean"]}, "'view' takes pooler, or a pooling .* as in mean@6 or mean@0:6, not 'mean'"),
        ({"view": ["median@6"]}, "not 'median@6'"),
        ({"view": ["mean@"]}, "not 'mean@'"),
        ({"view": ["mean@6 "]}, "not 'mean@6 '"),
        ({"view": ["mean@0:6:-1"]}, "names a layer twice"),
        ({"pooling": []}, "choose no view"),
        ({"layers": []}, "choose no view"),
    ],
)
def test_a_view_that_cannot_be_is_refused(options: dict[str, Any], message: str) -> None:
    with pytest.raises(OptionError, match=message):
        names(**options)


def test_sizes_are_crossed_with_views_and_named_directly() -> None:
    vectors, tokens = choose_views(("cls", "mean"), (-1,), (), 6, (64, 128), 384)
    assert list(map(str, vectors)) == ["cls@6/64", "cls@6/128", "mean@6/64", "mean@6/128"]
    assert list(map(str, tokens)) == ["tokens@6"]
    assert names(view=["mean@-1", "mean@6/64", "pooler/8"])[0] == ("mean@6", "mean@6/64", "pooler/8")
    for wrong, said in {"mean@6/0": "as in mean@6/64", "mean@6/x": "as in mean@6/64", "tokens@6/64": "cuts vectors, not tokens"}.items():
        with pytest.raises(OptionError, match=said):
            names(view=[wrong])
    with pytest.raises(OptionError, match="'truncate_dim' is 400, but vectors of the model have 384 dimensions; give fewer"):
        choose_views(("mean",), (-1,), (), 6, (400,), 384)
    with pytest.raises(OptionError, match="'truncate_dim' must be at least 1, not 0"):
        choose_views(("mean",), (-1,), (), 6, (0,), 384)
