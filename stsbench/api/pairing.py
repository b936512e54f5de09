"""Pairs for people to rate, of texts alone: found by several systems, and drawn over strata from the most alike to the least."""

from __future__ import annotations

from collections.abc import Sequence
from contextlib import ExitStack
from dataclasses import dataclass
from pathlib import Path
from tempfile import TemporaryDirectory

import numpy as np

from stsbench.api.session import Session
from stsbench.audit.searching import Search
from stsbench.builtin.benchmarks.given import GivenPairs
from stsbench.contracts.data import Float64, Index, Pairs, Part, Source
from stsbench.contracts.events import Warned
from stsbench.contracts.items import pick
from stsbench.contracts.protocols import BenchmarkCard
from stsbench.contracts.texts import normalised, not_unicode
from stsbench.contracts.wording import counted
from stsbench.errors import PluginError, UsageError
from stsbench.host.given import Given
from stsbench.runner.request import Request
from stsbench.stats.pairing import STRATA, DrawnPairs, draw_pairs, nearest

MOST = 50_000  # texts: every one is compared with every other
ONE_BY_ONE = 20_000  # comparisons of a similarity that has no faster way
FEWEST = 10


@dataclass(frozen=True, eq=False)
class TextPairs:
    """The pairs that were `drawn` of `texts`, which differ in more than case, punctuation and white space; `systems` found them."""

    texts: tuple[str, ...]
    drawn: DrawnPairs
    systems: tuple[str, ...]

    @property
    def left(self) -> tuple[str, ...]:
        """The text of each pair that comes first in the file."""
        return pick(self.texts, self.drawn.left.tolist())

    @property
    def right(self) -> tuple[str, ...]:
        """The other one."""
        return pick(self.texts, self.drawn.right.tolist())

    @property
    def population(self) -> str:
        """What a figure of these pairs is a figure of, in a sentence."""
        return (
            f"{counted(len(self.drawn), 'pair')} of {self.drawn.population:,}, which are all of {len(self.texts):,} different texts: evenly "
            f"many of each of {STRATA} strata, from the most alike to the least by {counted(len(self.systems), 'system')}, so that a figure "
            "of them is one of all pairs in which each stratum counts the same; weighted by `stands_for`, it is one of all pairs as they are"
        )


def pairs_of_texts(
    texts: Sequence[str], encoders: Sequence[str], similarities: Sequence[str], session: Session, *, size: int, seed: int = 0
) -> TextPairs:
    """`size` pairs of different texts, found by every encoder with every similarity; the same for the same seed.

    Texts that are alike but for case, punctuation and white space are taken once. Raises UsageError for what makes no pairs, and where no
    system can search so many texts; those that cannot are left out, which is said. Raises PluginError where a component fails.
    """
    if bad := not_unicode(texts):
        raise UsageError(f"text {bad[0] + 1} holds bytes or half characters that are no text; write it as UTF-8")
    different = tuple({normalised(text): text for text in reversed(texts) if text.strip()}.values())[::-1]
    if not FEWEST <= len(different) <= MOST:
        raise UsageError(f"pairs are drawn of {FEWEST} to {MOST:,} different texts, and here are {len(different):,}; give as many")
    if size < 1 or seed < 0:
        raise UsageError(f"the number of pairs is at least 1 and the seed at least 0, not {size} and {seed}")
    with ExitStack() as ends:
        if session.setup.cache is None:  # where vectors of the first look wait for the second
            session = session.having(cache=Path(ends.enter_context(TemporaryDirectory(prefix="stsbench-"))))
        found = _neighbours(different, encoders, similarities, session)
        names = list(found)

        def score(left: Index, right: Index) -> Float64:
            part = _part(pick(different, left.tolist()), pick(different, right.tolist()))
            scored = _scores(part, encoders, similarities, session)
            return np.column_stack([scored[name] for name in names])

        drawn = draw_pairs(len(different), list(found.values()), score, size, np.random.default_rng(seed))
    return TextPairs(different, drawn, tuple(names))


def _part(left: tuple[str, ...], right: tuple[str, ...]) -> Part:
    return Part("given", "default", Pairs(left, right, np.zeros(len(left))), Source("memory"))
