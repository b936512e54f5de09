"""What a similarity reads: an encoder's view as a chain of transforms, fitted for one part of a benchmark, leaves it."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from functools import cached_property
from typing import Any, TypeAlias

import numpy as np

from stsbench.contracts.arrays import PLACE, canonical, counts, described, form, is_csr, is_plain, is_sparse
from stsbench.contracts.data import FitData, Float64, Index, Part, Sparse, Tokens, frozen
from stsbench.contracts.items import Item, identities
from stsbench.host import capabilities
from stsbench.host.resolved import blame
from stsbench.runner.encoding.encode import Encoded
from stsbench.runner.encoding.spool import within
from stsbench.runner.keys import fit_digest
from stsbench.runner.system import Planned

FLOAT_BITS = 32  # of a component of what encoders give
Chain: TypeAlias = tuple[tuple[Planned, Any], ...]  # transforms as planned, and as fitted

ROOM = 2**25  # values of sparse vectors that are scored at a time, of both sides (400 MiB at most)


@dataclass(frozen=True)
class Side:
    """The unique-text rows of the left and right texts of one part."""

    left: Index
    right: Index


@dataclass(frozen=True, eq=False)
class Space:
    """One view and chain of transforms on one part. The chain is fitted, and the part's texts transformed, when first needed."""

    encoded: Encoded | None
    texts: Sequence[tuple[str, Item]]
    sides: Mapping[int, Side]
    view: str
    transforms: tuple[Planned, ...]
    part: Part
    fits: dict[tuple[str, ...], Any] = field(default_factory=dict)  # of the job: transforms whose fit is the same on every part

    def size(self) -> dict[str, int]:
        """How many components its vectors have, and how many bytes those of a text take: of tokens and sparse ones, on average."""
        assert self.encoded is not None
        if (spool := self.encoded.tokens.get(self.view)) is not None:
            return {"dimension": spool.dimensions, "bytes": round(FLOAT_BITS // 8 * spool.dimensions * float(spool.lengths.mean()))}
        vectors = self.own[1] if self.transforms else self.encoded.vectors[self.view]
        dimension = vectors.shape[1]
        if is_sparse(vectors):
            return {"dimension": dimension, "bytes": round((FLOAT_BITS // 8 + PLACE) * float(counts(vectors).mean()))}
        bits = capabilities.bits(self.transforms[-1].component) if self.transforms else FLOAT_BITS
        return {"dimension": dimension, "bytes": -(-dimension * bits // 8)}

    def chunks(self, side: Side, most: int) -> Iterator[slice]:
        """Slices of the part's pairs that are scored together: at most `most` pairs, and of tokens what memory allows."""
        if self.encoded is not None and self.view in self.encoded.tokens:
            return self.encoded.tokens[self.view].chunks(side.left, side.right, most)
        if self.encoded is not None and is_sparse(held := self.encoded.vectors.get(self.view)):
            size = counts(held)
            return within(size[side.left] + size[side.right], ROOM, most)
        return (slice(start, min(start + most, len(side.left))) for start in range(0, len(side.left), most))

    def take(self, rows: Index) -> Float64 | Sparse | Tokens:
        """Vectors float64[n, d], sparse or not, or tokens, of rows of this part's texts."""
        assert self.encoded is not None
        if self.view in self.encoded.tokens:
            return self.encoded.tokens[self.view].take(rows)
        if not self.transforms:
            return self.raw(rows)
        order, vectors = self.own
        return _kept(vectors[order[rows]])

    def fit_data(self, component: Planned, chain: Chain | None = None) -> FitData:
        """What a component is fitted on after a chain (None: the whole): texts, each once, with vectors or tokens, and their pairs."""
        parts, digest = component.fit_parts or (self.part,), fit_digest(component, self.part)
        rows = self.rows_of(parts)
        texts = tuple(self.texts[row][1] for row in rows)
        pairs: dict[str, Any] = {}
        if component.supervised:
            order = np.empty(len(self.texts), dtype=np.intp)
            order[rows] = np.arange(len(rows))
            sides = [self.sides[id(one)] for one in parts]
            pairs["left"] = order[np.concatenate([side.left for side in sides])]
            pairs["right"] = order[np.concatenate([side.right for side in sides])]
            pairs["gold"] = np.concatenate([one.pairs.gold for one in parts])
        if component.resolved.component.needs == "texts" or self.encoded is None:
            return FitData(texts, digest, **pairs)
        if self.view in self.encoded.tokens:
            return FitData(texts, digest, tokens=self.encoded.tokens[self.view].take(rows), **pairs)
        return FitData(texts, digest, vectors=self.apply(self.fitted if chain is None else chain, self.raw(rows)), **pairs)

    def rows_of(self, parts: Iterable[Part]) -> Index:
        """Rows of the unique texts of `parts`, in an order that the texts alone decide."""
        rows = np.unique(np.concatenate([np.concatenate([self.sides[id(one)].left, self.sides[id(one)].right]) for one in parts]))
        texts = [self.texts[row] for row in rows.tolist()]
        names = identities(item for _, item in texts)
        return np.asarray(rows[sorted(range(len(rows)), key=lambda place: (texts[place][0], names[place]))], dtype=np.intp)

    def raw(self, rows: Index) -> Float64 | Sparse:
        """The encoder's own vectors, float64[n, d], sparse or not."""
        assert self.encoded is not None
        return _kept(self.encoded.vectors[self.view][rows].astype(np.float64))

    @cached_property
    def fitted(self) -> Chain:
        """The chain, each transform fitted on what those before it leave of its texts."""
        chain: Chain = ()
        for planned in self.transforms:
            chain += ((planned, self._fit(planned, chain)),)
        return chain

    def _fit(self, planned: Planned, chain: Chain) -> Any:
        """A transform fitted after a chain: once for all parts, unless any of them is fitted on the part's own texts."""
        if planned.fit_on is None:
            return planned.component
        if any(one.transductive for one in (planned, *(one for one, _ in chain))):
            return self._fitted_anew(planned, chain)
        key = self.view, *(one.ref for one, _ in chain), planned.ref
        if key not in self.fits:
            self.fits[key] = self._fitted_anew(planned, chain)
        return self.fits[key]

    def _fitted_anew(self, planned: Planned, chain: Chain) -> Any:
        data, transform = self.fit_data(planned, chain), planned.resolved.build()  # scikit-learn's fit changes the object itself
        return transform.fit(data if planned.supervised else data.vectors)

    @cached_property
    def own(self) -> tuple[Index, Float64 | Sparse]:
        """Where each row is found, and the transformed vectors of this part's texts.

        All texts are transformed in one call: the same text, left and right, gets the same vector to the last bit.
        """
        rows = self.rows_of([self.part])
        order = np.zeros(len(self.texts), dtype=np.intp)
        order[rows] = np.arange(len(rows))
        return order, self.apply(self.fitted, self.raw(rows))

    def apply(self, chain: Chain, vectors: Float64 | Sparse) -> Float64 | Sparse:
        """The vectors after the chain; raises PluginError where a transform fails or returns what the contract forbids."""
        for planned, transform in chain:
            expected = is_sparse(vectors) and "sparse" in planned.resolved.component.gives
            check = _checked_sparse if expected else _checked
            vectors = _kept(check(planned, transform.transform(vectors), vectors.shape[0]).copy())  # it may keep its own, and use it again
        return vectors


def _kept(vectors: Float64 | Sparse) -> Float64 | Sparse:
    """Vectors that nothing changes; sparse ones are a copy for each who reads them."""
    return vectors if is_sparse(vectors) else frozen(vectors)


def _checked_sparse(planned: Planned, vectors: Any, count: int) -> Sparse:
    if not is_csr(vectors) or vectors.dtype != np.float64 or vectors.shape[0] != count or not vectors.shape[1]:
        raise blame(
            planned.resolved, "transforming", f"it returned {form(vectors)} for {count} sparse vectors; a csr_array of float64 is due"
        )
    try:
        rows = canonical(vectors, np.float64)
    except ValueError as error:
        raise blame(planned.resolved, "transforming", f"it returned a broken csr_array: {error}") from error
    if not np.isfinite(rows.data).all():
        raise blame(planned.resolved, "transforming", "it returned NaN or infinity")
    return rows


def _checked(planned: Planned, vectors: Any, count: int) -> Float64:
    if not is_plain(vectors) or vectors.dtype != np.float64 or vectors.ndim != 2 or len(vectors) != count or not vectors.shape[1]:
        raise blame(
            planned.resolved, "transforming", f"it returned {described(vectors)} for {count} vectors; the contract is float64[{count}, k]"
        )
    if not np.isfinite(vectors).all():
        row = int(np.flatnonzero(~np.isfinite(vectors).all(axis=1))[0])
        raise blame(planned.resolved, "transforming", f"it returned NaN or infinity, first in row {row} of {count}")
    return vectors
