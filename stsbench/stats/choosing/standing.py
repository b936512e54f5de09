"""Where a choice stands: who leads, how sure that is, what more labels would give, and whether to stop."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from stsbench.contracts.data import Float64
from stsbench.contracts.defaults import LEVEL
from stsbench.stats.choosing.belief import Belief, bounded
from stsbench.stats.choosing.pool import PairPool
from stsbench.stats.comparing.ranking import chance_of_best
from stsbench.stats.intervals import Interval, percentile

REGRET = 0.01  # Spearman that a chosen system may lack of the best one's
LOOKS = 1.2  # how much wider an interval is for being read where a rule stops: as for four looks, for those at growing labels are alike


@dataclass(frozen=True)
class Lead:
    """What labels say of the choice.

    `leader` and `other` are places of the system that leads and of the best one that is no near-duplicate of it (None: there is none),
    `ahead` the leader's Spearman less that of the best of all such others, whichever it is, and `lead` its interval, in [-2, 2].
    `chances` float64[s] are those of being the best, a set of near-duplicates sharing its own; `regret` is what the leader is expected to
    lack of the best, and `beyond` the chance that it lacks more than `REGRET`. `stop` says whether that is small enough.
    """

    leader: int
    other: int | None
    ahead: float | None
    lead: Interval | None
    chances: Float64
    regret: float
    beyond: float
    stop: bool


def standing(pool: PairPool, belief: Belief, regret: float = REGRET, level: float = LEVEL) -> Lead:
    """The standing of candidates. It stops where the chance of a regret above `regret` is at most 1 - `level`.

    The interval is that of draws, as much wider as Pocock's limits (1977) of so many looks are than those of one: it is read where the
    leader looks best. The chance is a posterior one, which looking again and again does not make untrue (Berger and Wolpert 1988) as
    far as the prior is right; how often the rule errs on real pools, looks included, is in benchmarks/README.md.
    """
    leader = int(belief.means.argmax())
    lacks = belief.draws.max(axis=1) - belief.draws[:, leader]
    others = pool.unlike(leader)
    beyond = float((lacks > regret).mean())
    sets = chance_of_best(belief.draws[:, pool.distinct])
    chances = np.zeros(len(pool.first))
    chances[pool.distinct] = sets
    chances = chances[pool.first] * pool.shares * len(pool.distinct)
    other = ahead = lead = None
    if len(others):
        other = int(others[belief.means[others].argmax()])
        draws = belief.draws - belief.draws.mean(axis=0) + belief.means  # a lead is of the figures that are told, not of so many draws
        leads = draws[:, leader] - draws[:, others].max(axis=1)
        ahead = bounded(float(leads.mean()), 2)
        lead = Interval(*(bounded(ahead + LOOKS * (limit - ahead), 2) for limit in percentile(leads, level)))
    return Lead(leader, other, ahead, lead, chances, float(lacks.mean()), beyond, beyond <= 1 - level)


def forecast(belief: Belief, more: int) -> float:
    """The regret expected after `more` labels, by the value of what they would tell (Raiffa and Schlaifer 1961).

    New labels move the means by as much as they narrow the belief: its covariance falls as the number of labels grows.
    """
    share = np.sqrt(more / (belief.labels + more))
    moved = belief.means + share * (belief.draws - belief.means)
    return float(belief.draws.max(axis=1).mean() - moved.max(axis=1).mean())
