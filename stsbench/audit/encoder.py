"""An encoder's audit on one list of pairs, put together from its parts."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np

from stsbench.audit.cosines import PairFigures, measure_pairs
from stsbench.audit.fragility import Fragility, Products, measure_fragility
from stsbench.audit.geometry import Hubness, Isotropy, Norms, measure_hubness, measure_isotropy, measure_norms
from stsbench.audit.rescaling import Family, Identified, rescalings
from stsbench.audit.table import AuditRow, Measure, compare
from stsbench.contracts.data import Float64, Index, Pairs
from stsbench.contracts.defaults import RESAMPLES


@dataclass(frozen=True, eq=False)
class EncodedPart:
    """What is audited: vectors float64[u, d] of the unique texts, and the pairs as rows of them.

    `identified` is what the encoder's training identifies its space up to; `score_range` is that of gold, where it is known.
    """

    vectors: Float64
    texts: Sequence[str]
    left: Index
    right: Index
    pairs: Pairs
    score_range: tuple[float, float] | None = None
    identified: Identified = "unknown"


@dataclass(frozen=True, slots=True)
class EncoderAudit:
    """One view of an encoder on one list of n pairs of u unique texts; `command` makes it again."""

    encoder: str
    view: str
    benchmark: str
    command: str
    n: int
    texts: int
    identified: Identified
    norms: Norms
    isotropy: Isotropy
    hubness: Hubness | None
    pairs: PairFigures
    fragility: Fragility | None
    families: tuple[Family, ...]
    measures: tuple[Measure, ...]


def audit(
    encoder: str,
    view: str,
    benchmark: str,
    command: str,
    subject: EncodedPart,
    rows: Sequence[AuditRow],
    *,
    resamples: int = RESAMPLES,
    seed: int = 0,
) -> EncoderAudit:
    """Everything that is asked of one view on one list of pairs; `rows` are the measures to compare, plain cosine first."""
    left, right = subject.vectors[subject.left], subject.vectors[subject.right]
    gold = np.asarray(subject.pairs.gold)
    products = Products.of(left, right)
    cosines = products.plain
    return EncoderAudit(
        encoder,
        view,
        benchmark,
        command,
        len(gold),
        len(subject.vectors),
        subject.identified,
        measure_norms(subject.vectors, subject.texts, subject.left, subject.right, cosines, gold),
        measure_isotropy(subject.vectors),
        measure_hubness(subject.vectors),
        measure_pairs(subject.pairs, cosines, left, right, subject.vectors, subject.score_range),
        measure_fragility(products, seed),
        rescalings(subject.vectors, left, right, products, gold, subject.identified, seed),
        compare(gold, rows, resamples=resamples, seed=seed),
    )
