"""What a job of choosing is made of: candidates, the pairs that people are asked about, and what they said; no text is in any of it."""

from __future__ import annotations

from functools import cached_property
from typing import Annotated, Final

from pydantic import Field, model_validator

from stsbench.contracts.boards.board import Facts
from stsbench.contracts.identity import Frozen, OfSystem, SystemId
from stsbench.leaderboard.build import labelled
from stsbench.stores.canonical import json_bytes
from stsbench.stores.documents import Document

LOWEST, HIGHEST = 0, 5  # of the scale that people rate on
LEAST_CHANCE = 1e-12  # of a pair to be drawn; a round gives each of a billion more
LONGEST_NAME = 40  # characters of a rater's

Value = Annotated[float, Field(ge=LOWEST, le=HIGHEST)]


class Candidate(OfSystem):
    """A system to choose from, with the short name of its `model` and what was `typed` for it. A pair scorer has no similarity.

    `elsewhere` is its figure on the board that was asked for, None where that does not know it, and `facts` are what it costs, as measured.
    """

    model: str
    typed: str
    elsewhere: float | None = None
    facts: Facts = Facts()


class ChoosingJob(Frozen):
    """What is chosen from and on what: `pool` is the digest of the pairs, `scores` the file that holds every candidate's of each.

    `population` says what the pairs are of, where they were drawn, `goal` how many labels were planned, and `prior` which board's figures
    are taken into account.
    """

    schema_version: int = 1
    id: Annotated[str, Field(pattern=r"^[0-9a-f]{12}$")]
    seed: Annotated[int, Field(ge=0)]
    pool: str
    pairs: Annotated[int, Field(gt=0)]
    population: str = ""
    goal: Annotated[int, Field(gt=0)]
    prior: str = ""
    candidates: tuple[Candidate, ...]
    scores: Annotated[str, Field(pattern=r"^scores-[0-9a-f]{8}\.npy$")]

    @cached_property
    def names(self) -> dict[SystemId, str]:
        """What every candidate is called, as a board of them calls it: in short, with more where two would read alike."""
        return labelled({one.system: one.model for one in self.candidates})


class AskedPair(Frozen):
    """A pair that people are asked about: its row in the pool, from 0, whether its texts change sides, and whether it is asked again."""

    row: Annotated[int, Field(ge=0)]
    swapped: bool
    again: bool = False


class Round(Frozen):
    """What one page asks, in its order; `drawn` are the rows in the order in which they were drawn, with the chance of each then."""

    schema_version: int = 1
    job: str
    number: Annotated[int, Field(ge=1)]
    items: tuple[AskedPair, ...]
    drawn: tuple[int, ...]
    chances: tuple[Annotated[float, Field(ge=LEAST_CHANCE, le=1)], ...]

    @model_validator(mode="after")
    def _has_a_chance_each(self) -> Round:
        if len(self.drawn) != len(self.chances):
            raise ValueError("every pair that was drawn has a chance")
        return self

    def names(self) -> dict[str, AskedPair]:
        """The items by the name that pages and sheets know each by."""
        return {f"{self.job}-{self.number}-{place}": item for place, item in enumerate(self.items, 1)}


class RaterLabels(Frozen):
    """What one person said of one round: values by item, None for one that was passed over."""

    schema_version: int = 1
    job: str
    round: int
    rater: Annotated[str, Field(min_length=1, max_length=LONGEST_NAME)]
    values: dict[str, Value | None]

    def without_gaps(self) -> dict[str, float]:
        """Only what was rated."""
        return {name: value for name, value in self.values.items() if value is not None}


JOB: Final = Document("job.json", ChoosingJob, "a job of choosing", "restore it, or start a new job in another folder")
ROUND: Final = Document("round", Round, "what was asked in a round", "restore it, or start a new job in another folder")
LABELS: Final = Document("labels", RaterLabels, "labels of a person", "delete it and give the person's file again")


def written(value: Frozen) -> bytes:
    """The canonical bytes of a document, every figure as it is."""
    return json_bytes(value.model_dump(mode="json"))
