"""Vectors that are kept: where they are, which of them are there, and in which order the others are encoded."""

from __future__ import annotations

import os
from collections.abc import Callable, Collection, Iterator, Sequence
from dataclasses import dataclass, field
from itertools import groupby
from pathlib import Path

import numpy as np

from stsbench.contracts.arrays import is_sparse, of_rows, stacked
from stsbench.contracts.data import Flags, Float32, Index, Sparse, Vectors
from stsbench.contracts.items import Item, sizes, sorting_keys
from stsbench.contracts.reading import user_path
from stsbench.host import capabilities
from stsbench.host.provider import code_beneath, libraries_beneath
from stsbench.host.registry import Registry
from stsbench.runner.system import PlannedEncoder
from stsbench.stores.embeddings import EmbeddingStore
from stsbench.stores.rows import DENSE, SPARSE

Text = tuple[str, Item]  # prompt and text, or an image
BLOCK = 16384  # texts read from the store at a time, so that their vectors are in memory once
SAMPLE = 8  # texts that are encoded anew when libraries changed
PIECE = 24576  # characters, prompts included, that are encoded before they are kept: smaller ones cost a small model some percent
LEAST = 32  # texts that are encoded together, however long they are: a batch


@dataclass(eq=False)
class SparseRows:
    """Vectors of `size` texts, all 0 until they are set, read and set by row as an array is."""

    size: int
    width: int
    _parts: list[Sparse] = field(default_factory=list)
    _place: Index = field(init=False)  # of each text among the rows of all parts, the first of which is 0 throughout
    _count: int = 1

    def __post_init__(self) -> None:
        self._place = np.zeros(self.size, dtype=np.intp)
        self._parts = [of_rows(np.empty(0, dtype=np.float32), np.empty(0), np.zeros(2), self.width)]

    @property
    def shape(self) -> tuple[int, int]:
        """Texts, and numbers in each of their vectors."""
        return self.size, self.width

    def __setitem__(self, rows: Index, values: Sparse) -> None:
        self._place[rows] = self._count + np.arange(len(rows))
        self._parts.append(values)
        self._count += len(rows)

    def __getitem__(self, rows: Index | slice) -> Sparse:
        if len(self._parts) > 1:
            self._parts = [stacked(self._parts)]
        return self._parts[0][self._place[rows]]


@dataclass(eq=False)
class Recalled:
    """Vectors by view, float32[u, d] or sparse (absent until one is known), with what is `missing` and what was `damaged`, bool[u] each.

    `truncated` is 1, 0 or -1 (unknown) for each text whose vector is known.
    """

    size: int
    vectors: dict[str, Float32 | SparseRows] = field(default_factory=dict)
    missing: dict[str, Flags] = field(default_factory=dict)
    damaged: dict[str, Flags] = field(default_factory=dict)
    builds: dict[str, Index] = field(default_factory=dict)
    truncated: Index = field(default_factory=lambda: np.empty(0, dtype=np.intp))

    def put(self, view: str, rows: Index, values: Vectors) -> None:
        """Fill rows of a view."""
        if view not in self.vectors:
            shape = self.size, values.shape[1]
            self.vectors[view] = SparseRows(*shape) if is_sparse(values) else np.zeros(shape, dtype=np.float32)
        self.vectors[view][rows] = values
        self.missing[view][rows] = False

    def stale(self, store: EmbeddingStore) -> list[int]:
        """Builds of the libraries, other than the present one, whose vectors are among those found and are not trusted yet."""
        builds = {int(build) for view in self.builds for build in np.unique(self.builds[view][~self.missing[view]])}
        return sorted(build for build in builds if not store.trust(build))

    def held(self, view: str, build: int | None = None) -> Flags:
        """Which rows of a view were found and are of that build (None: any), bool[u]."""
        there: Flags = ~self.missing[view]
        return there if build is None else there & (self.builds[view] == build)

    def sample(self, build: int | None = None) -> Index:
        """A few rows that each view holds of that build (None: any), evenly spaced; views that hold the same rows share theirs."""
        held = [np.flatnonzero(self.held(view, build)) for view in self.builds]
        places = [np.unique(np.linspace(0, len(rows) - 1, min(SAMPLE, len(rows))).round().astype(np.intp)) for rows in held]
        return np.unique(np.concatenate([rows[some] for rows, some in zip(held, places, strict=True)]))

    def drop(self, build: int) -> None:
        """Forget what that build made."""
        for view, builds in self.builds.items():
            self.missing[view] |= builds == build


def recall(store: EmbeddingStore | None, texts: Sequence[Text], views: Sequence[str], sparse: Collection[str] = ()) -> Recalled:
    """What the store holds of these texts, in views of which some are `sparse`; without a store, nothing."""
    size = len(texts)
    known = Recalled(size, truncated=np.full(size, -1, dtype=np.intp))
    for view in views:
        known.missing[view], known.damaged[view] = np.ones(size, dtype=np.bool_), np.zeros(size, dtype=np.bool_)
        known.builds[view] = np.full(size, -1, dtype=np.intp)
        if store is None:
            continue
        for prompt in dict.fromkeys(prompt for prompt, _ in texts):
            rows = np.array([row for row, one in enumerate(texts) if one[0] == prompt], dtype=np.intp)
            for some in (rows[start : start + BLOCK] for start in range(0, len(rows), BLOCK)):
                width = known.vectors[view].shape[1] if view in known.vectors else None
                stored = store.read(view, prompt, [texts[row][1] for row in some], width, SPARSE if view in sparse else DENSE)
                known.damaged[view][some[stored.damaged]] = True
                if len(stored.rows):
                    known.put(view, some[stored.rows], stored.values)
                    known.builds[view][some[stored.rows]] = stored.builds
                    known.truncated[some[stored.rows]] = stored.truncated
    return known


@dataclass(frozen=True)
class Cut:
    """Where a sorted list of texts is cut into chunks: at most `most` texts, and from LEAST on at most `piece` characters (None: any)."""

    most: int
    piece: int | None = PIECE

    def chunks(self, rows: Index, sizes: Index) -> Iterator[Index]:
        """The rows, in order, given the characters of each row of the list; what follows a chunk is cut as if it stood alone."""
        ends, start = np.cumsum(sizes[rows]), 0
        while start < len(rows):
            stop = start + self.most
            if self.piece is not None:
                before = int(ends[start - 1]) if start else 0
                stop = min(stop, max(start + LEAST, int(np.searchsorted(ends, before + self.piece, side="right"))))
            yield rows[start:stop]
            start = stop


def schedule(texts: Sequence[Text], known: Recalled, tokens: Sequence[str], cut: Cut) -> Iterator[tuple[str, Index, tuple[str, ...]]]:
    """What to encode together: a prompt, a chunk of rows of `texts` (the longest first, as `sorting_keys` has it), and the views they lack.

    Rows are cut into chunks as the missing ones follow each other in the full sorted list, so that a run which was killed between
    chunks goes on with the chunks that it would have come to. A chunk of which a row was damaged is encoded whole, as it was the
    first time. Token views are kept nowhere, so for them every text is encoded.
    """
    lengths = sizes(item for _, item in texts)
    keys = [(prompt, place) for (prompt, _), place in zip(texts, sorting_keys(item for _, item in texts), strict=True)]
    whole = np.array([len(prompt) + length for (prompt, _), length in zip(texts, lengths, strict=True)], dtype=np.intp)
    order = sorted(range(len(texts)), key=keys.__getitem__)
    for prompt, group in groupby(order, key=lambda row: texts[row][0]):
        rows = np.fromiter(group, dtype=np.intp)
        rest = []
        for some in cut.chunks(rows, whole):
            lacking = tuple(view for view, missing in known.missing.items() if missing[some].any())
            if tokens or any(known.damaged[view][some].any() for view in lacking):
                if tokens or lacking:
                    yield prompt, some, (*lacking, *tokens)
            else:
                rest.append(some)
        for lacking, alike in _alike(np.concatenate([np.empty(0, dtype=np.intp), *rest]), known):
            for some in cut.chunks(alike, whole):
                yield prompt, some, lacking


def _alike(rows: Index, known: Recalled) -> Iterator[tuple[tuple[str, ...], Index]]:
    """Rows that lack the same views, for each such set of views, in order."""
    views = list(known.missing)
    if not views or not len(rows):
        return
    lacks = np.stack([known.missing[view][rows] for view in views], axis=1)
    for pattern in np.unique(lacks, axis=0)[::-1]:
        if pattern.any():
            yield tuple(view for view, lacking in zip(views, pattern, strict=True) if lacking), rows[(lacks == pattern).all(axis=1)]


def cache_folder(cache: str | Path | bool = True) -> Path | None:
    """The folder that is meant: one that is named, `STSBENCH_CACHE_DIR`, or the user's cache folder (True); None for False."""
    if cache is False:
        return None
    if cache is not True:
        return user_path(cache, "the cache folder")
    if named := os.environ.get("STSBENCH_CACHE_DIR"):
        return user_path(named, "STSBENCH_CACHE_DIR")
    from platformdirs import user_cache_path

    return user_cache_path("stsbench", appauthor=False)


def open_store(
    registry: Registry, cache: Path | None, warn: Callable[[str], None], planned: PlannedEncoder, *, create: bool = True
) -> EmbeddingStore | None:
    """The store of an encoder's vectors; None without a cache folder, for a plain object, and for an encoder that asks for none."""
    if cache is None or planned.resolved is None or not capabilities.is_stored(planned.encoder):
        return None
    provider = planned.resolved.provider
    providers = [loaded.provider for loaded in registry.plugins]
    fingerprint = planned.fingerprint.extended(code=code_beneath(provider, providers) or None)
    return EmbeddingStore.open(cache, fingerprint, libraries_beneath(provider, providers), warn, create=create)
