"""The floor of image encoders."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np

from stsbench.plugin import Embeddings, Fingerprint, Image, Item, OptionError


@dataclass(frozen=True)
class ColourMean:
    """The mean colour of an image: red, green and blue over all its pixels, from 0 to 1. It says what colour alone would score."""

    views = ("sentence",)
    token_views = ()

    @property
    def fingerprint(self) -> Fingerprint:
        """Nothing but what the core adds."""
        return Fingerprint.of()

    def encode(self, texts: Sequence[Item], *, views: Sequence[str], prompt: str = "") -> Embeddings:  # noqa: ARG002
        """A row an image, float32[n, 3]; no prompt goes before an image."""
        if unknown := [view for view in views if view != "sentence"]:
            raise OptionError(f"colour-mean has the view sentence, not {unknown[0]!r}")
        rows = [image.pixels().mean(axis=(0, 1)) / 255 for image in texts if isinstance(image, Image)]
        vectors = np.array(rows, dtype=np.float32).reshape(len(texts), 3)
        return Embeddings({"sentence": vectors}, truncated=np.zeros(len(texts), dtype=np.bool_))
