"""Transforms of sentence vectors that need no more than the core's own dependencies."""

from __future__ import annotations

from typing import TYPE_CHECKING

from stsbench.builtin.transforms import affine, learned, rows
from stsbench.contracts.components.component import Component

if TYPE_CHECKING:
    from stsbench.contracts.components.protocols import Transform


def transforms() -> list[Component[Transform]]:
    """The built-in transforms."""
    return [
        Component("normalise", rows.Normalise, sparse=True, gives=frozenset({"vectors", "sparse"})),
        Component("layer-norm", rows.LayerNorm),
        Component("truncate", rows.Truncate),
        Component("quantise-binary", rows.Binary),
        Component("quantise-int8", rows.Int8, fits="texts"),
        Component("centre", affine.Centre, fits="texts"),
        Component("standardise", affine.Standardise, fits="texts"),
        Component("pca", affine.Pca, fits="texts"),
        Component("whiten", affine.Whiten, fits="texts"),
        Component("all-but-the-top", affine.AllButTheTop, fits="texts"),
        Component("learned-map", learned.LearnedMap, fits="pairs"),
    ]
