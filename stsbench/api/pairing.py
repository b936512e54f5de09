"""Pairs for people to rate, of texts alone: found by several systems, and drawn over strata from the most alike to the least."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from contextlib import ExitStack
from dataclasses import dataclass
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any

import numpy as np

from stsbench.api.session import Session
from stsbench.audit.searching import Search
from stsbench.builtin.similarities.kernels import unit
from stsbench.contracts.arrays import is_sparse
from stsbench.contracts.data import Float64, Index, Pairs
from stsbench.contracts.items import normalised, not_unicode, pick
from stsbench.contracts.wording import counted
from stsbench.errors import UsageError
from stsbench.runner.system import Job, Plan
from stsbench.stats.pairing import STRATA, DrawnPairs, draw_pairs, nearest

MOST = 50_000  # texts: every one is compared with every other
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
        if len(self.drawn) == self.drawn.population:
            every = f"{counted(len(self.drawn), 'pair')}, which are all of {len(self.texts):,} different texts"
            return f"{every}, so that a figure of them is one of all pairs as they are"
        return (
            f"{counted(len(self.drawn), 'pair')} of {self.drawn.population:,}, which are all of {len(self.texts):,} different texts: "
            f"evenly many of each of {STRATA} strata, from the most alike to the least by {counted(len(self.systems), 'system')}, so that "
            "a figure of them is one of all pairs in which each stratum counts the same"
        )


def pairs_of_texts(
    texts: Sequence[str], encoders: Sequence[str], similarities: Sequence[str], session: Session, *, size: int, seed: int = 0
) -> TextPairs:
    """`size` pairs of different texts, found by every encoder with every similarity; the same for the same seed.

    Texts that are alike but for case, punctuation and white space are taken once. Raises UsageError for what makes no pairs, and where no
    system is one of vectors; others are left out, which is said. Raises PluginError where a component fails.
    """
    if bad := not_unicode(texts):
        raise UsageError(f"text {bad[0] + 1} holds bytes or half characters that are no text; write it as UTF-8")
    first: dict[str, str] = {}
    for text in filter(str.strip, texts):
        first.setdefault(normalised(text), text)
    different = tuple(first.values())
    if not FEWEST <= len(different) <= MOST:
        raise UsageError(f"pairs are drawn of {FEWEST} to {MOST:,} different texts, and here are {len(different):,}; give as many")
    if size < 1 or seed < 0:
        raise UsageError(f"the number of pairs is at least 1 and the seed at least 0, not {size} and {seed}")
    every = Pairs(different, different, np.zeros(len(different)))
    with ExitStack() as ends:
        if session.setup.cache is None:  # where vectors of the first look wait for the second
            session = session.having(cache=Path(ends.enter_context(TemporaryDirectory(prefix="stsbench-"))))
        plan = session.plan_of_pairs(every, encoders, similarities)
        names: list[str] = []
        near: dict[tuple[object, ...], Index] = {}
        for name, job, search in _searches(session, plan, warned=True):
            names.append(name)
            if (space := (id(job), search.system.view, search.system.transforms)) not in near:
                near[space] = _nearest(search)
        if not names:
            raise UsageError(
                "pairs are found by vectors, and no system has any; name an encoder with -e, and a similarity as cosine with -s"
            )

        def score(left: Index, right: Index) -> Float64:
            sides = ((search, search.space.sides[id(search.part)]) for _, _, search in _searches(session, plan))
            return np.column_stack([search.each(side.left[left], side.right[right]) for search, side in sides])

        drawn = draw_pairs(len(different), list(near.values()), score, size, np.random.default_rng(seed))
    return TextPairs(different, drawn, tuple(names))


def _searches(session: Session, plan: Plan, *, warned: bool = False) -> Iterator[tuple[str, Job, Search]]:
    """Every system of vectors with its name, one after the other; vectors are there while it is had."""
    (part,), names = plan.benchmarks[0].parts, iter(plan.labels)
    for job in plan.jobs:
        with session.encoded(plan, job) as running:
            running.require()
            for system, name in zip(job.systems, names, strict=False):
                if system.needs == "vectors":
                    yield name, job, Search.of(system, running.space(system, part), 0)
                elif warned:
                    session.warn(f"{name} takes no part in finding pairs: it is none of vectors, and would compare all texts one by one")


def _nearest(search: Search) -> Index:
    """The nearest texts of each text by cosine, roughly: they are looked at, and the system's own scores say how alike they are."""
    vectors = search.space.take(search.space.sides[id(search.part)].left)
    if is_sparse(vectors):
        rows: Any = unit(vectors).astype(np.float32)
        return nearest(lambda asked: np.asarray((rows[asked] @ rows.T).toarray(), np.float32), rows.shape[0])
    plain = unit(np.asarray(vectors)).astype(np.float32)
    return nearest(lambda asked: plain[asked] @ plain.T, len(plain))
