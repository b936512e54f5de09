"""Transforms of sentence vectors that need no more than the core's own dependencies."""

from __future__ import annotations

from typing import TYPE_CHECKING

from stsbench.builtin.transforms import components, rows
from stsbench.contracts.component import Component

if TYPE_CHECKING:
    from stsbench.contracts.protocols import Transform


def transforms() -> list[Component[Transform]]:
    """The built-in transforms."""
    return [
        Component("normalise", rows.Normalise),
        Component("layer-norm", rows.LayerNorm),
        Component("truncate", components.truncate),
        Component("quantise-binary", rows.Binary),
        Component("quantise-int8", components.quantise_int8, fits="texts"),
        Component("centre", components.centre, fits="texts"),
        Component("standardise", components.standardise, fits="texts"),
        Component("pca", components.pca, fits="texts"),
        Component("whiten", components.whiten, fits="texts"),
        Component("all-but-the-top", components.all_but_the_top, fits="texts"),
    ]
