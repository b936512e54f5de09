"""What encoders, transforms, similarities, benchmarks, evaluators and writers must offer; and a benchmark that an option names."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from functools import cached_property
from typing import TYPE_CHECKING, Any, Protocol

from stsbench.contracts.fingerprint import Fingerprint, digest
from stsbench.contracts.kinds import MAIN, Aggregation, Task

if TYPE_CHECKING:
    from stsbench.contracts.boards.board import Leaderboard
    from stsbench.contracts.data import Embeddings, Float64, Part


class Encoder(Protocol):
    """Turns texts into vectors or token vectors. It sees texts only: never a benchmark, a split or a gold score.

    `fingerprint` holds all that the views share and that can change a number: weights and tokenizer (a revision, or a hash of
    local files), dtype, truncation. The core adds the component's id, its `numerics` and its identity options.
    `views` are the vector views, `token_views` the token views that its options chose, by canonical name such as `mean@6`
    (one view only: `sentence`). An encoder that offers a choice takes the option `view=` that names views directly.
    What it may offer besides is in `capabilities`: `HasPrompts`, `HasTruncated`, `HasClose` and others.
    """

    @property
    def fingerprint(self) -> Fingerprint: ...

    @property
    def views(self) -> tuple[str, ...]: ...

    @property
    def token_views(self) -> tuple[str, ...]: ...

    def encode(self, texts: Sequence[str], *, views: Sequence[str], prompt: str = "") -> Embeddings:
        """One row a text, in order, float32, finite, for each requested vector or token view. The same text gets the same vector."""
        ...


class Similarity(Protocol):
    """Scores pairs row by row: higher always means more similar, and a score depends on nothing but the fit and its row.

    `left` and `right` are float64[n, d], Tokens, or sequences of str, as the component's `needs` declares; the result is
    float64[n], finite. What it may offer besides is in `capabilities`: `Fitting`, `HasMatrix`, `HasFingerprint`, `HasClose`, and for pair
    scorers `ScoresPart` and `ScoresWhole`, what has scores of any size `ScoresRelatively`.
    """

    def score(self, left: Any, right: Any) -> Float64: ...


class Transform(Protocol):
    """Maps vectors float64[u, d] to float64[u, k], finite, row by row: scikit-learn's `fit` and `transform`.

    Any scikit-learn transformer of dense arrays will do. A component that declares `fits="texts"` is built anew for every fit and
    given the vectors of the texts that it is fitted on, each once (`fit` may return itself); one that declares `fits="pairs"` is given
    `FitData`, with pairs and gold scores; else `transform` alone is called.
    """

    def transform(self, vectors: Float64, /) -> Float64: ...


@dataclass(frozen=True, slots=True)
class BenchmarkCard:
    """What a benchmark says of itself. `name` is shown and recorded; for private data it holds no part of a path.

    `prompted_as` is the name and the type of mteb's task that prompts go by (`prompt=mteb`), where `name` and `task` do not say them.
    """

    name: str
    protocol: str = "plain"
    aggregation: Aggregation = "mean"
    languages: tuple[str, ...] = ()
    licence: str = "unknown"
    score_range: tuple[float, float] | None = None
    private: bool = False
    superseded_by: str | None = None
    notes: tuple[str, ...] = ()
    task: Task = "graded"
    prompted_as: tuple[str, str] | None = None

    @property
    def main(self) -> str:
        """The metric that the benchmark goes by."""
        return MAIN[self.task]


class Benchmark(Protocol):
    """Pairs with gold scores, loaded on demand. It may have `splits` and `expected_pairs` (`HasSplits`, `HasExpectedPairs`) besides."""

    @property
    def card(self) -> BenchmarkCard: ...

    def load(self) -> tuple[Part, ...]:
        """All parts that the reference selects, in a fixed order; raises DataError in one sentence."""
        ...


@dataclass(frozen=True, slots=True)
class Suite:
    """A named list of benchmark references that are evaluated under one protocol."""

    title: str
    benchmarks: tuple[str, ...]
    protocol: str


@dataclass(frozen=True)
class Reading:
    """Figures by name, of those that a `Gauge` names; one that is undefined has none.

    On a baseline, where there is one, `verdict` says how the model stands to it, and `outcome` whether it is not worse by the margin: met,
    not met, or cannot tell.
    """

    figures: Mapping[str, float]
    verdict: str | None = None
    outcome: str | None = None


@dataclass(frozen=True)
class Gauge:
    """What a training library asks of a model now and then.

    `name` says what it is measured by; `of(model)` measures an object with `encode(list[str]) -> array`, and raises StsbenchError where it
    fails. Figures are `names`, higher ones better, and `main` is the one to choose a checkpoint by, which is always there: it is minus
    infinity where it is undefined.
    """

    name: str
    of: Callable[[Any], Reading]
    main: str
    names: tuple[str, ...]


class Evaluator(Protocol):
    """Makes what a training library calls an evaluator of a measure. Building one loads no such library; `evaluating` may."""

    def evaluating(self, measure: Gauge) -> Any:
        """What that library's trainer takes."""
        ...


class Writer(Protocol):
    """Renders a leaderboard. It returns bytes by file name; the core compares them or writes them atomically."""

    def render(self, board: Leaderboard) -> Mapping[str, bytes]: ...


@dataclass(frozen=True)
class NamedBenchmark:
    """A benchmark, which the core hands over for an option of this type, whose value names it; as text it is its canonical reference.

    It is built and loaded when something of it is first asked for, which may raise what a benchmark raises.
    """

    ref: str
    build: Callable[[], Benchmark] = field(repr=False, compare=False)

    def __str__(self) -> str:
        return self.ref

    @cached_property
    def card(self) -> BenchmarkCard:
        """What it says of itself, known without loading."""
        return self.build().card

    @cached_property
    def parts(self) -> tuple[Part, ...]:
        """Its pairs."""
        return self.build().load()

    @property
    def texts(self) -> list[str]:
        """Every left text of all pairs in order, then every right one, as often as it occurs; raises DataError."""
        return [text for side in (0, 1) for part in self.parts for text in part.pairs.texts[side]]

    @property
    def digest(self) -> str:
        """Identity of the data (32 hex digits), which belongs into a fingerprint."""
        return digest(part.pairs.digest for part in self.parts)
