"""What encoders, scorers and benchmarks may offer beside what they must: a protocol of one or two members each.

The core reads them in `stsbench.host.capabilities` alone, each checked, and as a plugin's code; None is as good as not offered.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from typing import TYPE_CHECKING, Any, Protocol

from stsbench.contracts.fingerprint import Fingerprint

if TYPE_CHECKING:
    from stsbench.contracts.data import Embeddings, FitData, Flags, Float64, Index
    from stsbench.contracts.models.card import ModelCard
    from stsbench.contracts.models.services import Cost, Purse

    from .protocols import Similarity


class HasPrompts(Protocol):
    """An encoder with the named prompts of its model's configuration, which `prompt_name=` chooses from."""

    @property
    def prompts(self) -> Mapping[str, str]: ...


class HasSides(Protocol):
    """An encoder that reads left texts otherwise than right ones: the name of each side, with the prompt that goes with it.

    The prompt that `encode` is given begins with that name in angle brackets, as `<query>`; then comes the side's prompt, or the one that
    the system chose instead. None where both sides are read alike.
    """

    @property
    def sides(self) -> tuple[tuple[str, str], tuple[str, str]] | None: ...


class HasReads(Protocol):
    """An encoder that reads less than its component may: of `text` and `image` what its model does."""

    @property
    def reads(self) -> frozenset[str]: ...


class HasSparseViews(Protocol):
    """An encoder with vector views of which few values are not 0, beside its `views`, which are dense: `gives` holds `sparse` then."""

    @property
    def sparse_views(self) -> tuple[str, ...]: ...


class HasTaskPrompts(Protocol):
    """An encoder with the prompts that mteb's registry has for its model, by names of tasks, kinds of tasks and sides: for `prompt=mteb`.

    None for a model that the registry does not know.
    """

    @property
    def task_prompts(self) -> Mapping[str, str] | None: ...


class HasPublished(Protocol):
    """An encoder that knows what others published of its model, by cosine, so that a run says whether its figures are as published."""

    def published(self, benchmark: str, protocol: str) -> tuple[float | None, str, str] | None:
        """Spearman's correlation on a benchmark under a protocol (None: unknown), where it is found, and the reference that it is of.

        None for an unknown model.
        """
        ...


class HasProvenance(Protocol):
    """An encoder that tells facts known once it ran, such as the device; no number depends on them."""

    @property
    def provenance(self) -> Mapping[str, str]: ...


class HasRunsOn(Protocol):
    """An encoder or pair scorer that tells, without loading its model, what would run it: for `stsbench show` and `plan`."""

    @property
    def runs_on(self) -> str: ...


class HasCard(Protocol):
    """An encoder with what its model says of itself."""

    @property
    def card(self) -> ModelCard: ...


class HasStored(Protocol):
    """An encoder that says whether its vectors are kept: False for one that is faster than reading them from a disk."""

    @property
    def stored(self) -> bool: ...


class HasDecided(Protocol):
    """An encoder that tells how its model is run, resolved from its files: for `stsbench show`, `plan` and the provenance."""

    @property
    def decided(self) -> Mapping[str, str]: ...


class HasMadeFor(Protocol):
    """An encoder that names the similarity that its model was trained for; None where its files name none."""

    @property
    def made_for(self) -> str | None: ...


class HasTrainedOn(Protocol):
    """An encoder or pair scorer whose files name the benchmarks that it was trained on, where no `trained_on=` does: they change flags."""

    @property
    def trained_on(self) -> tuple[str, ...]: ...


class HasIdentifiedUpTo(Protocol):
    """An encoder that says by view up to which maps its training determines the vectors: `O(d)`, `diag`, `GL(d)`."""

    @property
    def identified_up_to(self) -> Mapping[str, str]: ...


class HasHosts(Protocol):
    """A component that sends texts off the machine, with every host that it would send them to: known once it is built, unconnected.

    A host is written `api.openai.com`, or `127.0.0.1:8000` with a port that is not that of https; `host_of(url)` tells that of a URL.
    """

    @property
    def hosts(self) -> tuple[str, ...]: ...


class HasCost(Protocol):
    """An encoder whose answers cost money."""

    def cost(self, texts: Sequence[str], *, prompt: str = "") -> Cost:
        """What encoding these texts costs, told without a connection; of no texts, whether the price is known."""
        ...

    def pay_from(self, purse: Purse) -> None:
        """Pay for what is sent from now on from that purse: hold what a request may cost before it is sent, and settle after it."""
        ...


class HasShips(Protocol):
    """An executor that may send the folder of a local model to a worker that has not got it: the most bytes of one, 0 for none."""

    @property
    def ships(self) -> int: ...


class HasTolerance(Protocol):
    """An encoder whose model may change in silence: what its answers to one text may differ by, relative to the vector's length.

    A run that asks it anyway asks for a few stored texts again, and goes no further where they differ by more.
    """

    @property
    def tolerance(self) -> float: ...


class HasTruncated(Protocol):
    """An encoder that tells which texts it would cut, without loading its model."""

    def truncated(self, texts: Sequence[str], *, prompt: str = "") -> Flags | None:
        """bool[u], one a text; None where it cannot tell."""
        ...


class EncodesInBatches(Protocol):
    """An encoder that gives what it has as it finishes, so that a failure costs only what was under way; `encode` gives the whole."""

    def encode_batches(self, texts: Sequence[str], *, views: Sequence[str], prompt: str = "") -> Iterator[tuple[Index, Embeddings]]:
        """Places among `texts` with their Embeddings, in any order, each place once. What it raises it raises after what is finished."""
        ...


class Prepares(Protocol):
    """An encoder that loads its model when it is told to, so that its first call can be timed like the others."""

    def prepare(self) -> None: ...


class HasClose(Protocol):
    """An encoder or scorer that holds something, such as a loaded model, which it lets go once its cells are done."""

    def close(self) -> None: ...


class HasFingerprint(Protocol):
    """A scorer that reads something beside its options, such as a model or a file: what of it can change a score."""

    @property
    def fingerprint(self) -> Fingerprint: ...


class HasBits(Protocol):
    """A transform that tells how many bits a component of its vectors takes where they are kept: 8 or 1 for one that quantises."""

    @property
    def bits(self) -> int: ...


class HasMatrix(Protocol):
    """A similarity of vectors that scores every left row with every right one faster than pair by pair."""

    def matrix(self, left: Any, right: Any) -> Float64:
        """float64[n, m], finite; its diagonal is what `score` gives."""
        ...


class Fitting(Protocol):
    """A similarity that learns from texts or from a train split, as its component's `fits` declares."""

    def fit(self, data: FitData) -> Similarity:
        """A new frozen similarity; the original is left as it was."""
        ...


class ScoresPart(Protocol):
    """A pair scorer whose scores are looked up by where a pair stands: it is told which part it scores, before it is asked for scores."""

    def for_part(self, split: str, subset: str) -> Similarity:
        """The scorer of that part of a benchmark: a new one, or itself."""
        ...


class ScoresWhole(Protocol):
    """A pair scorer of which `whole` is True is given all pairs of a part in one call, in their order: a score may depend on the others.

    Its scores cannot be verified by a sample of the pairs, and texts are not searched with it.
    """

    @property
    def whole(self) -> bool: ...


class ScoresRelatively(Protocol):
    """A similarity of which `relative` is True has scores whose errors are as small as they are, such as probabilities far below 1.

    Of others, what differs by less than 1e-10 of the largest score is equal but for rounding, and tied.
    """

    @property
    def relative(self) -> bool: ...


class HasSplits(Protocol):
    """A benchmark that tells, without loading, the splits that its reference selects."""

    @property
    def splits(self) -> tuple[str, ...]: ...


class HasTexts(Protocol):
    """A benchmark that can give its texts without a gold score, which it need not have: for `stsbench score`."""

    def texts(self) -> tuple[tuple[str, ...], tuple[str, ...]]:
        """The left and the right texts, one of each a pair; raises DataError in one sentence."""
        ...


class HasExpectedPairs(Protocol):
    """A benchmark that tells, without loading, how many pairs it holds; None where that is not known."""

    @property
    def expected_pairs(self) -> int | None: ...
