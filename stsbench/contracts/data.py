"""The frozen values that pass from stage to stage: pairs, unique texts, embeddings, tokens, scores."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from functools import cached_property
from itertools import repeat
from types import MappingProxyType
from typing import TYPE_CHECKING, Any, Literal, TypeAlias

import numpy as np
from numpy.typing import NDArray

from stsbench.contracts.arrays import plain, without_digits
from stsbench.contracts.fingerprint import digest
from stsbench.contracts.items import Item, Triplets, check_items, compared, identities, identity, pick
from stsbench.errors import DataError

if TYPE_CHECKING:
    from scipy.sparse import csr_array

Float32 = NDArray[np.float32]
Float64 = NDArray[np.float64]
Ranked = Float32 | Float64  # scores as they are stored and ranked: `stats.correlation.rankable` says which
Index = NDArray[np.intp]
Flags = NDArray[np.bool_]
Sparse: TypeAlias = "csr_array"  # float32[n, d], or float64, of which few values are not 0, by row
Vectors: TypeAlias = "Float32 | Sparse"


def frozen(array: NDArray[Any]) -> NDArray[Any]:
    """A read-only view of `array`: between stages nothing mutates its input."""
    view = array.view()
    view.flags.writeable = False
    return view


@dataclass(frozen=True)
class Pairs:
    """Pairs of items, texts for the most part, with a gold score each (float64, any finite scale, higher means more similar).

    `group` is an optional label a pair, `weights` (float64, positive) how much each counts; None: all the same. Where gold is the mean of
    what several people said, `ratings` float64[n, raters] is that, NaN where one said nothing; no figure of a system depends on it.
    """

    left: tuple[Item, ...]
    right: tuple[Item, ...]
    gold: Float64
    group: tuple[str, ...] = ()
    weights: Float64 | None = None
    ratings: Float64 | None = None

    def __post_init__(self) -> None:
        for name in ("left", "right"):
            object.__setattr__(self, name, tuple(getattr(self, name)))
        object.__setattr__(self, "group", tuple(self.group))
        for name in ("gold", "weights", "ratings"):
            if (values := getattr(self, name)) is not None:  # who made them may go on using theirs
                object.__setattr__(self, name, frozen(plain(values, np.float64, told_apart=True).copy()))
        if not len(self.left) == len(self.right) == len(self.gold) or len(self.group) not in (0, len(self.left)):
            sizes = f"{len(self.left)} left, {len(self.right)} right, {len(self.gold)} gold, {len(self.group)} group"
            raise ValueError(f"left, right, gold and group must have one entry a pair, not {sizes}")
        if not np.isfinite(self.gold).all():
            raise ValueError("gold must be finite")
        if self.weights is not None and self.weights.shape != self.gold.shape:
            raise ValueError("weights must have one entry a pair")
        if self.weights is not None and not ((self.weights > 0) & ~without_digits(self.weights)).all():
            raise ValueError("weights must be from 1e-9 to 1e30, and not below a billionth of the largest of them")
        if self.ratings is not None and (self.ratings.ndim != 2 or len(self.ratings) != len(self.gold)):
            raise ValueError("ratings must have one row a pair and one column a rater")
        for name in ("left", "right"):
            check_items(getattr(self, name), name, "pair")

    def __len__(self) -> int:
        return len(self.left)

    @classmethod
    def of_triplets(cls, triplets: Triplets) -> Pairs:
        """Two pairs a triplet: first every anchor with its positive, of gold 1, then in the same order with its negative, of gold 0.

        Such are the pairs of a benchmark whose card says the task `triplets`.
        """
        gold = np.repeat([1.0, 0.0], len(triplets))
        return cls(triplets.anchor * 2, triplets.positive + triplets.negative, gold, triplets.group * 2)

    @cached_property
    def reads(self) -> frozenset[str]:
        """What one must be able to read to score them: `text`, `image`, or both."""
        return frozenset(kind for kind, _ in identities((*self.left, *self.right)))

    @cached_property
    def texts(self) -> tuple[tuple[str, ...], tuple[str, ...]]:
        """The left and the right texts; raises DataError where an item is no text."""
        left, right = (tuple(item for item in items if isinstance(item, str)) for items in (self.left, self.right))
        if not len(left) == len(right) == len(self):
            raise DataError("some of the items of these pairs are images, of which texts are asked; take a benchmark of texts")
        return left, right

    @cached_property
    def digest(self) -> str:
        """Identity of the data: of all that can change a figure, in order, gold and weights as the exact float64.

        Pairs of texts without weights have the identity that they always had; all others one that no such pairs can have.
        """
        gold = self.gold.astype("<f8")
        if self.reads <= {"text"} and self.weights is None:
            left, right = self.texts
            return digest(part for row in range(len(self)) for part in (left[row], right[row], gold[row].tobytes()))
        return digest((part for row in range(len(self)) for part in (*self._items(row), gold[row].tobytes(), self._weight(row))), "pairs")

    @cached_property
    def contents(self) -> str:
        """Identity of the data as a set: independent of the order of pairs and of float width (gold to 4 decimals)."""
        plainly = self.reads <= {"text"} and self.weights is None
        domain = "" if plainly else "contents"
        pairs: Iterable[tuple[str | bytes, ...]] = (
            zip(*self.texts, strict=True) if plainly else ((*self._items(row), self._weight(row)) for row in range(len(self)))
        )
        rows = sorted(digest((*pair, f"{gold:.4f}"), domain) for pair, gold in zip(pairs, self.gold.tolist(), strict=True))
        return digest(rows, domain)

    def _items(self, row: int) -> tuple[str, ...]:
        return *identity(self.left[row]), *identity(self.right[row])

    def _weight(self, row: int) -> bytes:
        return b"" if self.weights is None else self.weights[row].astype("<f8").tobytes()

    @cached_property
    def sides(self) -> tuple[tuple[str, str], ...]:
        """The texts of each pair without case, punctuation and white space."""
        return tuple(zip(map(compared, self.left), map(compared, self.right), strict=True))

    @cached_property
    def keys(self) -> tuple[tuple[str, str], ...]:
        """What tells pairs apart: `sides` in an order that does not depend on which is left."""
        return tuple((left, right) if left <= right else (right, left) for left, right in self.sides)

    @property
    def rows_by_label(self) -> dict[str, Index]:
        """The rows of the pairs of each label of `group`, in the order of labels."""
        labels = np.array(self.group)
        return {label: np.flatnonzero(labels == label) for label in sorted(set(self.group))}

    def take(self, rows: Sequence[int] | slice) -> Pairs:
        """The chosen rows, in the given order."""
        chosen = range(len(self))[rows] if isinstance(rows, slice) else rows
        taken = np.asarray(chosen, dtype=np.intp)
        weights, ratings = (None if values is None else values[taken] for values in (self.weights, self.ratings))
        group = pick(self.group, chosen) if self.group else ()
        return Pairs(pick(self.left, chosen), pick(self.right, chosen), self.gold[taken], group, weights, ratings)


@dataclass(frozen=True, slots=True)
class Source:
    """Where pairs came from. `revision` is set only when the hub gave it; `differs` says how the data depart from their definition.

    `notes` say how the data were read: columns taken by their names, rows skipped or without text. They are told, and recorded nowhere.
    """

    kind: Literal["hub", "mirror", "file", "wheel", "memory"]
    revision: str | None = None
    differs: str | None = None
    notes: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class Part:
    """One split and subset of a benchmark, loaded."""

    split: str
    subset: str
    pairs: Pairs
    source: Source

    @property
    def place(self) -> tuple[str, str]:
        """Split and subset."""
        return self.split, self.subset


@dataclass(frozen=True)
class UniqueTexts:
    """Every distinct (prompt, text), or image without a prompt, of many pair lists, with the rows of each list's left and right ones."""

    texts: tuple[tuple[str, Item], ...]
    left: tuple[Index, ...]
    right: tuple[Index, ...]

    @classmethod
    def of(cls, pairs: Iterable[Pairs], prompts: Iterable[tuple[str, str]] = repeat(("", ""))) -> UniqueTexts:
        """The unique texts of `pairs` in order of first appearance; `prompts` are the left and right prompt of each."""
        rows: dict[tuple[str, Item], int] = {}

        def index(prompt: str, items: tuple[Item, ...]) -> Index:
            keys = ((prompt if isinstance(item, str) else "", item) for item in items)
            return np.fromiter((rows.setdefault(key, len(rows)) for key in keys), np.intp, len(items))

        sides = [(index(after[0], one.left), index(after[1], one.right)) for one, after in zip(pairs, prompts, strict=False)]
        return cls(tuple(rows), tuple(left for left, _ in sides), tuple(right for _, right in sides))

    def __len__(self) -> int:
        return len(self.texts)


@dataclass(frozen=True)
class Tokens:
    """Token vectors of n texts, ragged.

    `values` float32[t, d] holds all tokens in text order; text i owns rows offsets[i]:offsets[i + 1] (`offsets` intp[n + 1]).
    `ids` int64[t] are vocabulary ids, `special` bool[t] marks tokens that the model adds ([CLS], [SEP]); `pieces` maps each id
    that occurs to its text.
    """

    values: Float32
    offsets: Index
    ids: NDArray[np.int64]
    special: Flags
    pieces: Mapping[int, str] = field(default_factory=dict)

    def __post_init__(self) -> None:
        for name, dtype in (("values", np.float32), ("offsets", np.intp), ("ids", np.int64), ("special", np.bool_)):
            object.__setattr__(self, name, frozen(plain(getattr(self, name), dtype)))
        object.__setattr__(self, "pieces", MappingProxyType(dict(self.pieces)))
        total = len(self.values)
        whole = self.offsets[0] == 0 and self.offsets[-1] == total
        if not (self.values.ndim == 2 and len(self.ids) == len(self.special) == total and whole):
            sizes = (
                f"{total} values, {len(self.ids)} ids, {len(self.special)} special, offsets from {self.offsets[0]} to {self.offsets[-1]}"
            )
            raise ValueError(f"values, ids and special must have one row a token, and offsets run from 0 to their number, not {sizes}")
        if (np.diff(self.offsets) < 0).any():
            raise ValueError("offsets must not fall: each text owns the rows from its offset to the next")

    def __len__(self) -> int:
        return len(self.offsets) - 1

    def __iter__(self) -> Iterator[Float32]:
        return (self.values[start:stop] for start, stop in zip(self.offsets[:-1], self.offsets[1:], strict=True))

    @property
    def lengths(self) -> Index:
        """Number of tokens of each text, intp[n]."""
        return np.diff(self.offsets)

    def take(self, rows: Index) -> Tokens:
        """The tokens of the chosen texts, in the given order; texts may repeat."""
        lengths = self.lengths[rows]
        offsets = np.concatenate([[0], np.cumsum(lengths)]).astype(np.intp)
        gather = np.repeat(self.offsets[rows] - offsets[:-1], lengths) + np.arange(offsets[-1])
        return Tokens(self.values[gather], offsets, self.ids[gather], self.special[gather], self.pieces)

    def copied(self) -> Tokens:
        """The same tokens in arrays of their own."""
        return Tokens(self.values.copy(), self.offsets.copy(), self.ids.copy(), self.special.copy(), self.pieces)

    def content(self) -> Tokens:
        """The same texts without special tokens."""
        keep = ~self.special
        offsets = np.concatenate([[0], np.cumsum(keep)])[self.offsets].astype(np.intp)
        return Tokens(self.values[keep], offsets, self.ids[keep], self.special[keep], self.pieces)

    @classmethod
    def concatenate(cls, parts: Sequence[Tokens]) -> Tokens:
        """The texts of all parts, one after the other; at least one part."""
        offsets = np.concatenate([[0], np.cumsum(np.concatenate([part.lengths for part in parts]))]).astype(np.intp)
        pieces = {key: piece for part in parts for key, piece in part.pieces.items()}
        values, ids, special = (np.concatenate([getattr(part, name) for part in parts]) for name in ("values", "ids", "special"))
        return cls(values, offsets, ids, special, pieces)


@dataclass(frozen=True)
class Embeddings:
    """What an encoder gives for u texts: float32[u, d] per vector view, Tokens per token view, and which texts it truncated.

    `truncated` is bool[u], or None where the encoder cannot tell. `sparse` are the vector views of which few values are not 0, which the
    encoder names in `sparse_views`.
    """

    vectors: Mapping[str, Float32] = field(default_factory=dict)
    tokens: Mapping[str, Tokens] = field(default_factory=dict)
    truncated: Flags | None = None
    sparse: Mapping[str, Sparse] = field(default_factory=dict)


@dataclass(frozen=True)
class FitData:
    """What a component that `fits` is given: texts, each once, and what it needs of them.

    `vectors` float64[u, d], or sparse, or `tokens` are of the same texts. For `fits="pairs"`, `left` and `right` are rows of `texts` and
    `gold` the scores; else they are None. `digest` identifies the data.
    """

    texts: tuple[str, ...]
    digest: str
    vectors: Float64 | Sparse | None = None
    tokens: Tokens | None = None
    left: Index | None = None
    right: Index | None = None
    gold: Float64 | None = None
