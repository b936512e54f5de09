"""From material to a panel: what is drawn for each pair, with what benchmarks share drawn once."""

from __future__ import annotations

import math
from collections.abc import Mapping, Sequence
from typing import Literal

import numpy as np

from stsbench.contracts.data import Float64, Index, Pairs
from stsbench.contracts.defaults import RESAMPLES
from stsbench.contracts.wording import counted
from stsbench.errors import UsageError
from stsbench.evidence.joint import JointScores
from stsbench.stats.comparing.panel import Benchmarked, Panel
from stsbench.stats.resampling import MOST, Sample, resamplable, shared_units

FEWEST = 10  # pairs below which no interval of a figure is worth printing

Unit = Literal["pairs", "clusters", "sentences"]


def require_resamples(resamples: int, level: float | None = None) -> None:
    """Raises UsageError for a number of resamples that nobody can use, or that is too small for an interval of that level."""
    if not 1 <= resamples <= MOST:
        raise UsageError(f"the number of resamples is at least 1 and at most {MOST:,} ({RESAMPLES} is usual), not {resamples}")
    if level is not None and resamples < (least := math.ceil(2 / (1 - level) - 1 - 1e-9)):
        raise UsageError(f"{resamples} resamples make no interval of {100 * level:g} %; take at least {least} ({RESAMPLES} is usual)")


def panel_of(material: Sequence[JointScores], labels: Sequence[str], unit: Unit, resamples: int) -> Panel:
    """The panel of all systems on all benchmarks.

    `unit` is what is drawn: `pairs`; `clusters`, groups of pairs that are connected through texts they repeat; or `sentences`, a
    pair counting as often as both its texts. Raises UsageError for fewer than 10 pairs, for gold or scores that are (nearly)
    constant, for fewer than 10 clusters, for fewer than 1 resample, for
    figures of several metrics, and for one that cannot be resampled.
    """
    require_resamples(resamples)
    if others := [joint for joint in material if joint.metric != material[0].metric]:
        first, other = (f"{joint.name} is measured by {joint.metric.title}" for joint in (material[0], others[0]))
        raise UsageError(f"{first}, and {other}, which are never averaged; choose benchmarks of one figure with -b")
    lists = [(one, *own) for one in material for own in one.lists()]
    for joint, pairs, scores, _ in lists:
        _require_resamplable(joint, pairs, dict(zip(labels, scores.T, strict=True)), resamples)
    rows, units = _UNITS[unit]([pairs for _, pairs, _, _ in lists])
    for (joint, *_), (drawn, *_) in zip(lists, rows, strict=True):
        if (number := len(np.unique(drawn))) < FEWEST and unit == "clusters":
            few = counted(number, "cluster")
            raise UsageError(
                f"{joint.name} has {few} of pairs, and nothing can be said of systems on fewer than {FEWEST}; resample pairs instead"
            )
    samples = [
        Sample(pairs.gold, scores, *drawn, metric=joint.metric, weights=pairs.weights)
        for (joint, pairs, scores, _), drawn in zip(lists, rows, strict=True)
    ]
    owners = [joint.name if joint.protocol == "plain" else f"{joint.name}@{joint.protocol}" for joint in material]
    benchmarks = []
    for name, joint in zip(owners, material, strict=True):
        places = [place for place, (owner, *_) in enumerate(lists) if owner is joint]
        benchmarks.append(Benchmarked(name, tuple(samples[place] for place in places), tuple(lists[place][3] for place in places)))
    return Panel(tuple(benchmarks), units)


def _require_resamplable(joint: JointScores, pairs: Pairs, scores: Mapping[str, Float64], resamples: int) -> None:
    """Raises UsageError where a resample of the pairs of a list may have no figure of some system, by its label."""
    if len(pairs) < FEWEST:
        raise UsageError(
            f"{joint.name} has {counted(len(pairs), 'pair')} in a part, and nothing can be said of systems on fewer than {FEWEST}; "
            "compare on more pairs"
        )
    if joint.metric.resampled is None:
        raise UsageError(
            f"{joint.name} is measured by {joint.metric.title}, of which no interval and no test is known; choose other benchmarks with -b"
        )
    of_systems = {f"the scores of {label}": values for label, values in scores.items() if joint.metric.resampled.varies}
    for what, values in {"the gold scores": pairs.gold, **of_systems}.items():
        if not resamplable(values, resamples):
            most = int(np.unique(values, return_counts=True)[1].max())
            raise UsageError(
                f"{what} on {joint.name} are equal in {most} of {counted(len(pairs), 'pair')}, so that a resample may hold equal ones "
                f"alone, which leaves {joint.metric.title} undefined; compare on more pairs, or on scores that differ more"
            )


def repeats_texts(pairs: Pairs) -> bool:
    """Whether a text is in two pairs or more on average, so that pairs are far from independent (SICK-R: 6,077 texts in 9,927 pairs)."""
    texts = [text for both in pairs.sides for text in both]
    return 2 * len(set(texts)) <= len(texts)


Rows = tuple[Index] | tuple[Index, Index]


def _by_pair(lists: Sequence[Pairs]) -> tuple[list[Rows], int]:
    rows, units = shared_units([pairs.keys for pairs in lists])
    return [(own,) for own in rows], units


def _by_sentence(lists: Sequence[Pairs]) -> tuple[list[Rows], int]:
    places: dict[str, int] = {}
    sides: list[list[Index]] = [
        [np.fromiter((places.setdefault(both[side], len(places)) for both in pairs.sides), np.intp, len(pairs)) for side in (0, 1)]
        for pairs in lists
    ]
    return [(left, right) for left, right in sides], len(places)


def _by_cluster(lists: Sequence[Pairs]) -> tuple[list[Rows], int]:
    from scipy.sparse import coo_array
    from scipy.sparse.csgraph import connected_components

    sides, texts = _by_sentence(lists)
    left, right = (np.concatenate([own[side] for own in sides if len(own) == 2]) for side in (0, 1))
    number, labels = connected_components(coo_array((np.ones(len(left)), (left, right)), shape=(texts, texts)), directed=False)
    return [(labels[own[0]].astype(np.intp),) for own in sides], int(number)


_UNITS = {"pairs": _by_pair, "clusters": _by_cluster, "sentences": _by_sentence}
