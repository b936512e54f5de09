"""Views: a pooling over one layer, or over the mean of several, by canonical name such as `mean@6` or `mean@0:6`."""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Literal, get_args

from stsbench.plugin import OptionError

Crossed = Literal["cls", "mean", "max", "mean-sqrt-length", "weighted-mean", "last-token"]
Pooling = Literal[Crossed, "pooler", "first-last", "first1-last", "last-two", "last-four"]

CROSSED: tuple[str, ...] = get_args(Crossed)
JOINT = {"first-last": (0, -1), "first1-last": (1, -1), "last-two": (-2, -1), "last-four": (-4, -3, -2, -1)}
_NAME = re.compile(r"(?P<pooling>[a-z-]+)@(?P<layers>-?\d+(:-?\d+)*)\Z")


@dataclass(frozen=True, slots=True)
class View:
    """A pooling and the layers whose mean it pools; `tokens` keeps every token, `pooler` has no layers of its own."""

    pooling: str
    layers: tuple[int, ...] = ()

    def __str__(self) -> str:
        return f"{self.pooling}@{':'.join(map(str, self.layers))}" if self.layers else self.pooling


def read_view(name: str, depth: int) -> View:
    """The view that a name such as `mean@6`, `cls@-1`, `mean@0:6`, `tokens@6` or `pooler` denotes; raises OptionError."""
    if name == "pooler":
        return View("pooler")
    match = _NAME.match(name)
    if match is None or match["pooling"] not in (*CROSSED, "tokens"):
        known = ", ".join((*CROSSED, "tokens"))
        raise OptionError(
            f"option 'view' takes pooler, or a pooling ({known}), @ and layers, as in mean@{depth} or mean@0:{depth}, not {name!r}"
        )
    layers = [resolve_layer(int(layer), depth, "view") for layer in match["layers"].split(":")]
    if len(set(layers)) < len(layers):
        raise OptionError(f"option 'view' names a layer twice in {name!r}; name each layer once")
    return View(match["pooling"], tuple(sorted(layers)))


def resolve_layer(layer: int, depth: int, option: str) -> int:
    """The layer counted from 0 (embedding output) to `depth` (last layer); negative ones count from the end. Raises OptionError."""
    if not -depth - 1 <= layer <= depth:
        raise OptionError(
            f"option {option!r} names layer {layer}, but the model has layers 0 (embeddings) to {depth}, or -1 to {-depth - 1}"
        )
    return layer if layer >= 0 else layer + depth + 1


def choose_views(
    pooling: Sequence[str], layers: Sequence[int], view: Sequence[str], depth: int
) -> tuple[tuple[View, ...], tuple[View, ...]]:
    """Vector views and token views that the options choose, each once, in the order of the options.

    `view` replaces `pooling` and `layers`. A token view comes with each layer, or joint layers, that is pooled. Raises OptionError.
    """
    chosen = [read_view(name, depth) for name in view] if view else _crossed(pooling, layers, depth)
    if not chosen:
        raise OptionError("options 'pooling' and 'layers' choose no view; give at least one of each, as in pooling=mean,layers=-1")
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
