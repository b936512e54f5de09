"""A benchmark of texts as a benchmark of pictures."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, replace

from stsbench.plugin import BenchmarkCard, Image, NamedBenchmark, OptionError, Pairs, Part
from stsbench_vision.drawing import MARGIN, Pen, changed, refuse_scripts


@dataclass(frozen=True, kw_only=True)
class Visual:
    """The pairs of a benchmark of texts, each text drawn as a picture, with the same gold: what an image encoder reads of text.

    `of=STS-B` names it (a file too, its commas written %2C: `of=csv:pairs.csv%2Cscore=label`). Black on white, in the font that Pillow
    carries (Aileron, Latin script), `size` pixels high, on pictures `width` pixels wide and high, or higher where a text needs it. What
    the font lacks is drawn without its accent, or as a box, and told.
    """

    of: NamedBenchmark
    size: int = 24
    width: int = 336

    def __post_init__(self) -> None:
        if not 6 <= self.size <= 200 or not 4 * MARGIN + self.size <= self.width <= 4096:
            raise OptionError("options 'size' and 'width' take 6 to 200 pixels, and 4,096 at most with room for a letter")

    @property
    def card(self) -> BenchmarkCard:
        """That of the texts, under a name of its own."""
        card = self.of.card
        usual = Visual.size, Visual.width
        how = "" if (self.size, self.width) == usual else f"-{self.size}px-{self.width}px"
        return replace(card, name=f"visual-{card.name}{how}", notes=(*card.notes, "Its texts are drawn as pictures."), prompted_as=None)

    def load(self) -> tuple[Part, ...]:
        """The same parts, with a picture for each text."""
        texts = sorted(set(self.of.texts))
        refuse_scripts(texts, self.of.card.name)
        pen = Pen(self.size, self.width)
        pictures = {text: pen.draw(text) for text in texts}
        lossy = sum(map(changed, texts))
        said = (f"drawn without some accents or with boxes: {lossy:,} of {len(texts):,} texts",) if lossy else ()
        return tuple(_pictured(part, pictures, said) for part in self.of.parts)


def _pictured(part: Part, pictures: Mapping[str, Image], said: tuple[str, ...]) -> Part:
    pairs = part.pairs
    left, right = (tuple(pictures[text] for text in side) for side in pairs.texts)
    drawn = Pairs(left, right, pairs.gold, pairs.group, pairs.weights, pairs.ratings)
    return replace(part, pairs=drawn, source=replace(part.source, notes=(*part.source.notes, *said)))
