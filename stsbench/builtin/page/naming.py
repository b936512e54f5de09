"""How a page names systems: whole in its table, without what all have in common in its charts."""

from __future__ import annotations

from collections import Counter
from collections.abc import Sequence
from functools import lru_cache
from typing import TYPE_CHECKING, Final

from stsbench.builtin.page.wording import clipped
from stsbench.contracts import ref as refs
from stsbench.contracts.wording import visible

if TYPE_CHECKING:
    from stsbench.contracts.board import Row

ONLY_VIEWS: Final = ("sentence", "pair")  # what the view of an encoder or pair scorer that has one is called
DOT: Final = " · "


def name(text: str) -> str:
    """A name as charts show it."""
    return clipped(visible(text), 60)


@lru_cache(maxsize=1024)
def short(ref: str) -> str:
    """A canonical reference without the distribution."""
    return visible(refs.short(ref))


def halves(row: Row) -> tuple[str, str]:
    """A row's label in two: whose vectors, and what is made of them (view, transforms, similarity; "" where the label does not say)."""
    chains = [short(one) for one in row.transforms]
    for views in ([row.view], []):
        for similarity in (short(row.similarity), row.similarity):
            rest = DOT.join(filter(None, [*views, *chains, similarity]))
            if rest and row.label.endswith(DOT + rest):
                return visible(row.label[: -len(DOT + rest)]), visible(rest)
    return visible(row.label), ""


def source(row: Row, *, transforms: bool = True) -> str:
    """What a row's similarity reads: the encoder, its view where it has several, and `transforms`."""
    first, rest = halves(row)
    if not rest:
        return name(first)
    view = [row.view] if row.view not in ONLY_VIEWS else []
    return name(DOT.join([first, *view, *(short(one) for one in row.transforms if transforms)]))


def brief(rows: Sequence[Row]) -> list[str]:
    """Names for a chart of `rows`: without the similarity, where they are still unlike each other."""
    sources = [source(row) for row in rows]
    times = Counter(sources)
    return [one if times[one] == 1 else name(row.label) for one, row in zip(sources, rows, strict=True)]
