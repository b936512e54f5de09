"""Views: a pooling over one layer, or over the mean of several, by canonical name such as `mean@6` or `mean@0:6`."""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass, replace
from typing import Literal, get_args

from stsbench.plugin import OptionError
from stsbench_transformers.sizes import require_width, split_size, with_sizes

Crossed = Literal["cls", "mean", "max", "mean-sqrt-length", "weighted-mean", "last-token"]
Pooling = Literal[Crossed, "pooler", "first-last", "first1-last", "last-two", "last-four"]

CROSSED: tuple[str, ...] = get_args(Crossed)
JOINT = {"first-last": (0, -1), "first1-last": (1, -1), "last-two": (-2, -1), "last-four": (-4, -3, -2, -1)}
_NAME = re.compile(r"(?P<pooling>[a-z-]+)@(?P<layers>-?\d+(:-?\d+)*)\Z")


@dataclass(frozen=True, slots=True)
class View:
    """A pooling and the layers whose mean it pools; `tokens` keeps every token, `pooler` has no layers of its own.

    `size` is the number of dimensions that are kept; None for all, which is what a backend is asked for.
    """

    pooling: str
    layers: tuple[int, ...] = ()
    size: int | None = None

    def __str__(self) -> str:
        name = f"{self.pooling}@{':'.join(map(str, self.layers))}" if self.layers else self.pooling
        return name if self.size is None else f"{name}/{self.size}"

    @property
    def whole(self) -> View:
        """The same with all its dimensions."""
        return replace(self, size=None)


def read_view(name: str, depth: int) -> View:
    """The view that a name such as `mean@6`, `cls@-1`, `mean@0:6`, `mean@6/64`, `tokens@6` or `pooler` denotes; raises OptionError."""
    whole, size = split_size(name)
    if whole == "pooler":
        return View("pooler", size=size)
    match = _NAME.match(whole)
    if match is None or match["pooling"] not in (*CROSSED, "tokens"):
        known = ", ".join((*CROSSED, "tokens"))
        raise OptionError(
            f"option 'view' takes pooler, or a pooling ({known}), @ and layers, as in mean@{depth} or mean@0:{depth}, not {name!r}"
        )
    layers = [resolve_layer(int(layer), depth, "view") for layer in match["layers"].split(":")]
    if len(set(layers)) < len(layers):
        raise OptionError(f"option 'view' names a layer twice in {name!r}; name each layer once")
    if match["pooling"] == "tokens" and size is not None:
        raise OptionError(f"option 'view' cuts vectors, not tokens, in {name!r}; leave out /{size}")
    return View(match["pooling"], tuple(sorted(layers)), size)


def resolve_layer(layer: int, depth: int, option: str) -> int:
    """The layer counted from 0 (embedding output) to `depth` (last layer); negative ones count from the end. Raises OptionError."""
    if not -depth - 1 <= layer <= depth:
        raise OptionError(
            f"option {option!r} names layer {layer}, but the model has layers 0 (embeddings) to {depth}, or -1 to {-depth - 1}"
        )
    return layer if layer >= 0 else layer + depth + 1


def choose_views(
    pooling: Sequence[str], layers: Sequence[int], view: Sequence[str], depth: int, sizes: Sequence[int] = (), width: int | None = None
) -> tuple[tuple[View, ...], tuple[View, ...]]:
    """Vector views and token views that the options choose, each once, in the order of the options.

    `view` replaces `pooling`, `layers` and `sizes`. A token view comes with each layer, or joint layers, that is pooled. `width` is
    how many dimensions there are, where that is known. Raises OptionError.
    """
    names = view or with_sizes([str(one) for one in _crossed(pooling, layers, depth)], sizes)
    chosen = [read_view(name, depth) for name in names]
    if not chosen:
        raise OptionError("options 'pooling' and 'layers' choose no view; give at least one of each, as in pooling=mean,layers=-1")
    for each in chosen:
        require_width(each.size, width)
    tokens = (View("tokens", one.layers) for one in chosen if one.layers)
    return tuple(dict.fromkeys(one for one in chosen if one.pooling != "tokens")), tuple(dict.fromkeys(tokens))


def _crossed(pooling: Sequence[str], layers: Sequence[int], depth: int) -> list[View]:
    single = [resolve_layer(layer, depth, "layers") for layer in layers]
    chosen: list[View] = []
    for name in pooling:
        if name == "pooler":
            chosen.append(View("pooler"))
        elif name in JOINT:
            joint = {resolve_layer(layer, depth, "pooling") for layer in JOINT[name]}
            chosen.append(View("mean", tuple(sorted(joint))))
        else:
            chosen += [View(name, (layer,)) for layer in single]
    return chosen
