"""What the labels of a job say so far: of the candidates, of the people, and of whether to go on."""

from __future__ import annotations

from dataclasses import asdict, dataclass, replace
from pathlib import Path
from typing import Any, Literal

import numpy as np

from stsbench.choosing.folder import JobFolder
from stsbench.choosing.job import ChoosingJob
from stsbench.choosing.rounds import Ratings, is_open, ratings_of
from stsbench.contracts.boards.board import Facts
from stsbench.contracts.boards.tables import COSTS
from stsbench.contracts.data import Float64
from stsbench.leaderboard.costs import worth_their_cost
from stsbench.stats.agreement import Agreement, agreement
from stsbench.stats.choosing.belief import FEWEST, Belief, believe, bounded
from stsbench.stats.choosing.drawing import Drawn, propose
from stsbench.stats.choosing.pool import PairPool
from stsbench.stats.choosing.standing import Lead, forecast, standing
from stsbench.stats.intervals import percentile

MORE = 20  # labels ahead that are looked at


@dataclass(frozen=True, kw_only=True)
class CandidateStand:
    """A candidate: what its Spearman over all pairs is believed to be, with its interval, and the chance that it is the best one.

    `alike` names the first candidate that ranks the pairs nearly as it does, if it is another; these count once, with the `chance` of all.
    `facts` are what it costs, and `pareto` whether no other is as good for less.
    """

    candidate: str
    spearman: float
    low: float
    high: float
    chance: float
    facts: Facts
    alike: str | None = None
    pareto: bool = False

    def document(self) -> dict[str, Any]:
        """Everything as plain data, of the facts those of costs."""
        costs = {name: getattr(self.facts, name) for name in COSTS}
        return {name: value for name, value in vars(self).items() if name != "facts"} | costs


@dataclass(frozen=True, kw_only=True, eq=False)
class DecisionSoFar:
    """Where a job stands; of the candidates nothing, with a `reason`, where labels are too few or say nothing.

    `forecast` is the regret that is expected after 20 more labels. `agreement` is that of the raters, None of one alone.
    """

    job: ChoosingJob
    ratings: Ratings
    reason: str | None = None
    stands: tuple[CandidateStand, ...] = ()
    standing: Lead | None = None
    forecast: float | None = None
    agreement: Agreement | None = None

    @property
    def leader(self) -> str | None:
        """The candidate that leads."""
        return None if self.standing is None else self._name(self.standing.leader)

    @property
    def other(self) -> str | None:
        """The best one that is no near-duplicate of it."""
        return None if self.standing is None or self.standing.other is None else self._name(self.standing.other)

    def _name(self, place: int) -> str:
        return self.job.names[self.job.candidates[place].system]

    def document(self) -> dict[str, Any]:
        """Everything as plain data; no text."""
        known, lead = self.standing, None if self.standing is None else self.standing.lead
        twice = [abs(one.again - one.first) for one in self.ratings.twice]
        return {
            "job": self.job.id,
            "pairs": self.job.pairs,
            "population": self.job.population,
            "asked": len(self.ratings.rows),
            "labels": self.ratings.rated,
            "goal": self.job.goal,
            "prior": self.job.prior or None,
            "reason": self.reason,
            "leader": self.leader,
            "other": self.other,
            "lead": None if known is None or lead is None else {"value": known.ahead, **lead._asdict()},
            "regret": None if known is None else known.regret,
            "regret_after": None if self.forecast is None else {"labels": MORE, "regret": self.forecast},
            "beyond": None if known is None else known.beyond,
            "stop": known is not None and known.stop,
            "candidates": [one.document() for one in self.stands],
            "raters": list(self.ratings.raters),
            "agreement": None if self.agreement is None else asdict(self.agreement),
            "twice": {"pairs": len(twice), "difference": float(np.mean(twice)) if twice else None},
        }


def decide(folder: JobFolder) -> DecisionSoFar:
    """What the labels say."""
    job, ratings, pool = folder.job, ratings_of(folder.rounds, folder.labels), PairPool.of(folder.scores)
    people = None
    if len(ratings.raters) > 1:
        people = agreement(ratings.values[ratings.labels.labelled], np.random.default_rng([len(ratings.raters), 3]))
    elsewhere = np.array([one.elsewhere for one in job.candidates], dtype=np.float64) if job.prior else None
    belief = _belief(pool, job, ratings, elsewhere)
    if isinstance(belief, str):
        return DecisionSoFar(job=job, ratings=ratings, reason=belief, agreement=people)
    known = standing(pool, belief)
    limits = [percentile(column) for column in belief.draws.T]
    names = [job.names[one.system] for one in job.candidates]
    stands = [
        CandidateStand(
            candidate=names[place], spearman=bounded(belief.means[place]),
            low=bounded(limits[place].low), high=bounded(limits[place].high),
            chance=float(known.chances[pool.first == pool.first[place]].sum()), facts=candidate.facts,
            alike=None if pool.first[place] == place else names[pool.first[place]],
        )
        for place, candidate in enumerate(job.candidates)
    ]  # fmt: skip
    worth = worth_their_cost([(one.spearman, one.facts) for one in stands])
    stands = [replace(one, pareto=pareto) for one, pareto in zip(stands, worth, strict=True)]
    ordered = tuple(sorted(stands, key=lambda one: -one.spearman))
    return DecisionSoFar(job=job, ratings=ratings, stands=ordered, standing=known, forecast=forecast(belief, MORE), agreement=people)


def draw(folder: JobFolder, size: int) -> Drawn:
    """The next pairs to ask about, those whose labels tell most with higher chances; all that are left where they are fewer.

    What a board says of the candidates has no part in it, so that labels put it to a fair test. Raises ValueError where there is none left.
    """
    asked = np.array([row for earlier in folder.rounds for row in earlier.drawn], dtype=np.intp)
    pool = PairPool.of(folder.scores)
    belief = _belief(pool, folder.job, ratings_of(folder.rounds, folder.labels))
    chances = None if isinstance(belief, str) else standing(pool, belief).chances
    generator = np.random.default_rng([folder.job.seed, len(folder.rounds)])
    return propose(pool, asked, min(size, folder.job.pairs - len(asked)), chances, generator)


def _belief(pool: PairPool, job: ChoosingJob, ratings: Ratings, elsewhere: Float64 | None = None) -> Belief | str:
    """What is believed of the candidates, or why nothing is; the same for the same labels."""
    if ratings.rated < FEWEST:
        return f"{ratings.rated} of at least {FEWEST} labels are there"
    if np.unique(ratings.labels.gold[ratings.labels.labelled]).size == 1:
        return "all labels are the same"
    return believe(pool, ratings.labels, np.random.default_rng([job.seed, ratings.rated, 2]), elsewhere)


def step_after(path: Path, decision: DecisionSoFar) -> tuple[Literal["finish", "label", "next"], tuple[Path, ...]]:
    """The command of choosing that comes next, and the files of the last round where nobody has answered them.

    Where every pair was asked about, labels are enough to finish with, or more of them are to come.
    """
    folder = JobFolder(path)
    rounds = folder.rounds
    if decision.standing is not None and decision.standing.stop:
        return "finish", ()
    if rounds and is_open(rounds[-1], folder.labels):
        pages = (folder.page_of(rounds[-1].number, form) for form in ("html", "csv"))
        return "label", tuple(page for page in pages if page.is_file())
    if sum(len(earlier.drawn) for earlier in rounds) < folder.job.pairs:
        return "next", ()
    return "label" if decision.standing is None else "finish", ()
