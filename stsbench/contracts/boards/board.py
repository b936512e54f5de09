"""A board: what is compared (`board.toml`), and the ordered rows that come of it."""

from __future__ import annotations

from operator import not_
from typing import Annotated, Final, Literal, NamedTuple

from pydantic import AfterValidator, Field, FiniteFloat
from pydantic_core import PydanticCustomError

from stsbench.contracts.boards.require import RequireSpec
from stsbench.contracts.boards.statistics import Choosing, Diagram
from stsbench.contracts.defaults import SIMILARITY
from stsbench.contracts.identity import Figured, Frozen, OfSystem
from stsbench.contracts.kinds import CORRELATIONS
from stsbench.contracts.ref import PYTHON

Aggregate = Literal["fisher-z", "borda"]
Ranked = Literal["models", "systems"]
GOLD_SEEN: Final = frozenset({"supervised", "leaked"})  # flags of systems that are compared with none that saw no gold scores


def _named_by_all(ref: str) -> str:
    if ref.startswith(f"{PYTHON}/"):
        raise PydanticCustomError("given", "an object that was given in Python can be computed by nobody else; name what is installed")
    return ref


Named = Annotated[str, AfterValidator(_named_by_all)]


class SystemSpec(Frozen):
    """One `[[system]]` table: encoders (or pair scorers) and the similarities that each of their views is scored with.

    `transforms` are chains, each an alternative (`"none"` is the vectors as they are, which is also the default). `label` is shown in
    place of the encoder's own, and `model` says whose variants its systems are; by default what the encoder loads, whichever loads it.
    `evidence` names the similarities whose scores are committed; by default the board's primary one.
    """

    encoder: Named
    model: Annotated[str, Field(exclude_if=not_)] = ""
    views: tuple[str, ...] = ()
    transforms: tuple[str, ...] = ()
    similarities: tuple[str, ...] = ()
    label: str = ""
    evidence: tuple[str, ...] | None = None


class SelectedSpec(Frozen):
    """One `[[selected]]` table: what choosing the best of the board's systems (or of those of one `encoder`) comes to.

    The choice is made on `development` benchmarks, such as `STSBenchmark:validation`; without any, on halves of the board's own pairs.
    """

    label: str
    encoder: str = ""
    development: Annotated[tuple[str, ...], Field(exclude_if=not_)] = ()


class BoardSpec(Frozen):
    """`board.toml`: the systems, the benchmarks, and how they are compared: by the `main` metric, or by what the benchmarks go by.

    `rank` says what is compared: models as they come, or all systems of the primary similarity. `aggregates` are shown beside the
    macro mean, which alone orders a board. With `selected` the scores of all systems that are chosen from are kept; `require` is what is
    required of some, and changes no figure.
    """

    name: Annotated[str, Field(pattern=r"^[a-z0-9][a-z0-9-]*$")]
    title: str
    description: str = ""
    benchmarks: Annotated[tuple[Named, ...], Field(min_length=1)]
    protocol: str
    primary: str = "cosine"
    main: Annotated[str | None, Field(exclude_if=lambda value: value is None)] = None
    rank: Annotated[Ranked, Field(exclude_if="models".__eq__)] = "models"
    tolerance: Annotated[float, Field(gt=0, lt=1, strict=True)] = 2e-5
    seed: Annotated[int, Field(strict=True, ge=0)] = 0
    writers: tuple[str, ...] = ("markdown", "csv", "json")
    aggregates: tuple[Aggregate, ...] = ()
    system: Annotated[tuple[SystemSpec, ...], Field(min_length=1)]
    selected: tuple[SelectedSpec, ...] = ()
    require: Annotated[tuple[RequireSpec, ...], Field(exclude_if=not_)] = ()

    @property
    def primary_ref(self) -> str:
        """A reference to the primary similarity: the core's own cosine where the board names none."""
        return self.primary if "primary" in self.model_fields_set else SIMILARITY


class BoardBenchmark(Frozen):
    """One benchmark of a board; `ceiling` is the highest Spearman that gold's ties leave to scores without ties."""

    name: str
    ref: str
    n: int
    languages: tuple[str, ...]
    licence: str
    source: str
    digest: str
    notes: tuple[str, ...] = ()
    ceiling: float | None = None


class BoardMetric(Frozen):
    """A metric of a board, and what a sentence calls it."""

    name: str
    title: str

    @property
    def words(self) -> str:
        """What a sentence calls one figure."""
        return f"{self.title} correlation" if self.name in CORRELATIONS else self.title


USUAL: Final = tuple(BoardMetric(name=name, title=name.title()) for name in CORRELATIONS)  # of most boards, whose JSON need not say it


class Portion(Figured):
    """A figure of a part of a benchmark (`kind` part: split and subset) or of the pairs with one label (`kind` group)."""

    kind: Literal["part", "group"]
    name: str
    n: int
    reason: str | None = None


class Cell(Figured):
    """One figure of a board: the record that it comes from, without what the row already says, and the interval of its main figure.

    `texts_low` to `texts_high` is the interval when texts are drawn and not pairs, for benchmarks that repeat their texts. `as_published`
    is the verdict on a figure of a model of which others published some: yes, no or unverified, and why.
    """

    status: Literal["ok", "undefined", "failed", "missing"]
    n: int | None = None
    reason: str | None = None
    flags: tuple[str, ...] = ()
    signature: str | None = None
    low: float | None = None
    high: float | None = None
    texts_low: float | None = None
    texts_high: float | None = None
    portions: tuple[Portion, ...] = ()
    as_published: Annotated[str | None, Field(exclude_if=lambda value: value is None)] = None


Whole = Annotated[int, Field(ge=0, lt=2**53)]  # a float holds all of these
Measure = Annotated[FiniteFloat, Field(ge=0)]


class Facts(Frozen):
    """What decides a choice besides figures; null is unknown. Measured: `texts_per_second` on `device`, `peak_memory` in MiB.

    `items` is what was encoded, and so what `texts_per_second` counts: texts, images, or texts and images.

    `dimension` and `bytes_per_vector` are those of the vectors that the similarity was given, `price` is in dollars a million tokens, of
    what a service encodes; the others are what the model declares.
    """

    dimension: Whole | None = None
    bytes_per_vector: Whole | None = None
    parameters: Whole | None = None
    texts_per_second: Measure | None = None
    device: str | None = None
    peak_memory: Measure | None = None
    licence: str | None = None
    languages: tuple[str, ...] | None = None
    training: tuple[str, ...] | None = None
    made_for: str | None = None
    price: Annotated[Measure | None, Field(exclude_if=lambda value: value is None)] = None
    items: Annotated[str, Field(exclude_if="texts".__eq__)] = "texts"


class Row(OfSystem):
    """One system: a variant of its `model`, or (`main`) the row that shows the model as it comes.

    `loader` is what tells rows of a model apart that read alike otherwise, and `difference` a variant's average less its main row's.
    `average` is null unless every cell is ok. `rank` is among the rows that are compared; equal averages, as they are printed, share it,
    and rows that rank all pairs `alike` (they name each other there) count once. `low` and `high` are the interval of the average.
    `best_rank` to `worst_rank` is the set of ranks that holds the true one, for all compared rows at once; those that share a letter
    cannot be told apart. `aggregates` are those that the board asks for, of compared rows.
    """

    model: str
    main: bool
    loader: str = ""
    difference: float | None = None
    rank: int | None
    label: str
    primary: bool
    average: float | None
    cells: tuple[Cell, ...]
    flags: tuple[str, ...] = ()
    low: float | None = None
    high: float | None = None
    best_rank: int | None = None
    worst_rank: int | None = None
    letters: str | None = None
    chance_of_best: float | None = None
    alike: tuple[str, ...] = ()
    aggregates: dict[Aggregate, float] = Field(default_factory=dict)
    facts: Facts = Facts()

    @property
    def honest(self) -> bool:
        """Whether it has seen no gold scores, so that what has is not to be compared with it."""
        return GOLD_SEEN.isdisjoint(self.flags)


class SelectedRow(Choosing):
    """What choosing the best of `among` systems comes to: `average` is scored on pairs that had no say in the choice.

    `observed` is the best average on all pairs, which overstates by `optimism`. `chosen` has that average, and halves of the pairs
    chose it in `share` of cases; or, where `development` names benchmarks, it leads on their `development_pairs` that the board does
    not have, `average` is its own, and there is no share.
    """

    chosen: str
    average: float
    optimism: float


class PublishedRow(Frozen):
    """A system whose figures others published: no rank, and intervals by Bonett and Wright, since only value and n are known."""

    label: str
    source: str
    average: float | None
    cells: tuple[Cell, ...]
    flags: tuple[str, ...] = ()


class ModelRows(NamedTuple):
    """A model of a board: the row of it as it comes, and its variants."""

    name: str
    main: Row
    variants: tuple[Row, ...]


class Newest(Frozen):
    """When the newest of a board's records was written, and the versions of what wrote it by name."""

    date: str
    versions: dict[str, str]


class Leaderboard(Frozen):
    """Rows by average, those without one last. Made of evidence alone. `published` are the rows of others, which have no rank.

    `diagrams` are what pictures of the systems on top need; they and `newest` are no part of the board as a document.
    """

    spec: BoardSpec
    metrics: Annotated[tuple[BoardMetric, ...], Field(min_length=1, exclude_if=lambda value: value == USUAL)] = USUAL
    columns: tuple[BoardBenchmark, ...]
    rows: tuple[Row, ...]
    selected: tuple[SelectedRow, ...] = ()
    notes: tuple[str, ...] = ()
    published: tuple[PublishedRow, ...] = ()
    diagrams: Annotated[tuple[Diagram, ...], Field(exclude=True)] = ()
    newest: Annotated[Newest | None, Field(exclude=True)] = None

    @property
    def main(self) -> BoardMetric:
        """The metric that it ranks by."""
        return self.metrics[0]

    @property
    def models(self) -> tuple[ModelRows, ...]:
        """The models in the order of their main rows, with their variants in order."""
        variants: dict[str, list[Row]] = {}
        for row in self.rows:
            variants.setdefault(row.model, []).extend([] if row.main else [row])
        return tuple(ModelRows(row.model, row, tuple(variants[row.model])) for row in self.rows if row.main)

    @property
    def table(self) -> tuple[Row | PublishedRow, ...]:
        """The models as they come, other rows that are ranked, and what others published, in one order by average."""
        rows: list[Row | PublishedRow] = [*(row for row in self.rows if row.main or row.rank is not None), *self.published]
        return tuple(sorted(rows, key=lambda row: (row.average is None, -(row.average or 0.0))))

    @property
    def compared(self) -> tuple[Row, ...]:
        """The rows that are ranked: those of the primary similarity with an average that have seen no gold scores, and, where models
        are ranked, show a model as it comes.
        """
        honest = (row for row in self.rows if row.primary and row.average is not None and row.honest)
        return tuple(row for row in honest if row.main or self.spec.rank == "systems")
