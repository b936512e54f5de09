"""Texts as pictures: black on white, in the font that comes with Pillow, laid out by Pillow alone, so that no machine's fonts count."""

from __future__ import annotations

import io
import unicodedata
from dataclasses import dataclass
from functools import cache
from typing import TYPE_CHECKING, Any

import numpy as np

from stsbench.plugin import DataError, Image, digest

if TYPE_CHECKING:
    from PIL.ImageFont import FreeTypeFont

MARGIN = 8  # pixels on each side
LEADING = 1.3  # height of a line, as a share of the font's size
_PLAIN = str.maketrans({"‘": "'", "’": "'", "“": '"', "”": '"', "–": "-", "—": "-", "…": "...", "\u00a0": " "})


@dataclass(frozen=True)
class Pen:
    """How texts are drawn: the font's `size` and the picture's `width` in pixels; it is as high, or higher where a text needs it."""

    size: int
    width: int

    def draw(self, text: str) -> Image:
        """The picture of a text, known by its pixels, whatever a library makes of them in a file."""
        from PIL import Image as Pillow
        from PIL import ImageDraw

        font = _font(self.size)
        lines = self._lines(drawable(text))
        leading = round(LEADING * self.size)
        picture = Pillow.new("L", (self.width, max(self.width, 2 * MARGIN + leading * len(lines))), 255)
        pen: Any = ImageDraw.Draw(picture)
        for row, line in enumerate(lines):
            pen.text((MARGIN, MARGIN + row * leading), line, fill=0, font=font)
        stream = io.BytesIO()
        picture.save(stream, "PNG", compress_level=1)
        return Image(digest([np.asarray(picture).tobytes(), f"{picture.size}"], "drawn text"), stream.getvalue())

    def _lines(self, text: str) -> list[str]:
        """The text in lines that fit, broken at white space where that can be."""
        font, room = _font(self.size), self.width - 2 * MARGIN
        lines: list[str] = []
        for paragraph in text.split("\n"):
            line = ""
            for word in paragraph.split():
                if line and font.getlength(f"{line} {word}") > room:
                    lines.append(line)
                    line = ""
                line = f"{line} {word}" if line else word
                while len(line) > 1 and font.getlength(line) > room:  # a word that is longer than a line
                    fits = max(1, next(size for size in range(len(line), -1, -1) if font.getlength(line[:size]) <= room))
                    lines.append(line[:fits])
                    line = line[fits:]
            lines.append(line)
        return lines


def drawable(text: str) -> str:
    """The text in characters of the font as far as there are such: plain quotes and dashes, letters without their accents."""
    whole = unicodedata.normalize("NFKC", text.translate(_PLAIN))
    kept = [char if _has(char) else _bare(char) for char in whole]
    return "".join(kept)


def changed(text: str) -> bool:
    """Whether a text loses an accent, or has a character of which a box is drawn."""
    return any(not _has(char) and not char.isspace() for char in unicodedata.normalize("NFKC", text.translate(_PLAIN)))


def refuse_scripts(texts: list[str], name: str) -> None:
    """Raises DataError for texts with letters of which the font has none: those of other scripts than Latin."""
    foreign = [row for row, text in enumerate(texts) if any(char.isalpha() and not _is_latin(char) for char in text)]
    if foreign:
        raise DataError(
            f"{len(foreign)} of {len(texts)} texts of {name} hold letters of another script than Latin, which the font has not; "
            "draw a benchmark of English, or of another language in Latin script"
        )


def _is_latin(char: str) -> bool:
    plain = unicodedata.normalize("NFKD", char)
    return all(not one.isalpha() or unicodedata.name(one, "").startswith(("LATIN", "MODIFIER LETTER")) for one in plain)


def _bare(char: str) -> str:
    """A letter without its accents, where the font has that."""
    bare = "".join(one for one in unicodedata.normalize("NFKD", char) if not unicodedata.combining(one))
    return bare if bare and all(map(_has, bare)) else "" if unicodedata.combining(char) else char


@cache
def _has(char: str) -> bool:
    """Whether the font has the character: what it has not, it draws as it draws one that nothing is."""
    font = _font(24)
    return char.isspace() or bytes(font.getmask(char)) != bytes(font.getmask("\uffff"))


@cache
def _font(size: int) -> FreeTypeFont:
    """Aileron Regular (CC0), which Pillow carries; basic layout, whatever else is installed."""
    from PIL.ImageFont import FreeTypeFont, Layout, load_default

    font = load_default(size)
    if not isinstance(font, FreeTypeFont):
        raise DataError("this build of Pillow draws no text, since it lacks FreeType; install Pillow from its wheel")
    return font.font_variant(layout_engine=Layout.BASIC)
