"""The floor of image encoders: what colours alone would score."""

from __future__ import annotations

from abc import ABC, abstractmethod
from collections.abc import Sequence
from dataclasses import KW_ONLY, dataclass

import numpy as np

from stsbench.plugin import Embeddings, Fingerprint, Float32, Image, Item, OptionError


class Plain(ABC):
    """An encoder of pixels without a model."""

    views = ("sentence",)
    token_views = ()

    @property
    def fingerprint(self) -> Fingerprint:
        """Nothing but what the core adds."""
        return Fingerprint.of()

    def encode(self, texts: Sequence[Item], *, views: Sequence[str], prompt: str = "") -> Embeddings:  # noqa: ARG002
        """A row an image, from 0 (black) to 1; no prompt goes before an image."""
        if unknown := [view for view in views if view != "sentence"]:
            raise OptionError(f"it has the view sentence, not {unknown[0]!r}")
        rows = [self.row(image) for image in texts if isinstance(image, Image)]
        vectors = np.array(rows, dtype=np.float32).reshape(len(texts), self.width)
        return Embeddings({"sentence": vectors}, truncated=np.zeros(len(texts), dtype=np.bool_))

    @property
    @abstractmethod
    def width(self) -> int:
        """Components of a vector."""

    @abstractmethod
    def row(self, image: Image) -> Float32:
        """The vector of an image."""


@dataclass(frozen=True)
class ColourMean(Plain):
    """The mean colour of an image: red, green and blue over all its pixels. It says what colour alone would score."""

    width = 3

    def row(self, image: Image) -> Float32:
        """The mean of each colour."""
        pixels = image.pixels().reshape(-1, 3)
        return np.asarray(pixels.sum(axis=0, dtype=np.int64) / (255 * len(pixels)), dtype=np.float32)


@dataclass(frozen=True)
class Thumbnail(Plain):
    """An image shrunk to `side` x `side` pixels, each the mean of those that it stands for, as one vector: where its colours are.

    `ink=true` turns light into dark, so that what is drawn on white counts and the white does not.
    """

    _: KW_ONLY
    side: int = 16
    ink: bool = False

    def __post_init__(self) -> None:
        if not 1 <= self.side <= 256:
            raise OptionError("option 'side' takes 1 to 256 pixels")

    @property
    def width(self) -> int:
        """Three colours a pixel."""
        return 3 * self.side**2

    def row(self, image: Image) -> Float32:
        """The colours of the small picture, row by row."""
        from PIL import Image as Pillow

        small = Pillow.fromarray(image.pixels()).resize((self.side, self.side), Pillow.Resampling.BOX)
        values = np.asarray(small, dtype=np.float32).reshape(-1) / 255
        return np.asarray(1 - values if self.ink else values, dtype=np.float32)
