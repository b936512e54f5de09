"""Encoding every unique text once, and checking at the boundary what an encoder returns."""

from __future__ import annotations

import time
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import closing, suppress
from dataclasses import dataclass, field, replace
from functools import partial
from typing import Any

import numpy as np

from stsbench.contracts.arrays import canonical, described, form, is_csr, is_plain, is_sparse, type_name
from stsbench.contracts.data import Embeddings, Flags, Float32, Index, Sparse, Tokens, UniqueTexts, Vectors, frozen
from stsbench.contracts.events import Encoding, Event
from stsbench.contracts.items import Item, called, sizes
from stsbench.contracts.records import PRICE
from stsbench.contracts.wording import counted
from stsbench.errors import PluginError, StsbenchError
from stsbench.host import capabilities
from stsbench.host.resolved import blame
from stsbench.runner.encoding.again import compare_builds, refuse_change, vectors_in
from stsbench.runner.encoding.pace import Pace
from stsbench.runner.encoding.recall import Cut, Recalled, recall, schedule
from stsbench.runner.encoding.spool import TokenSpool, default_memory
from stsbench.runner.request import Setup
from stsbench.runner.system import PlannedEncoder
from stsbench.stores.embeddings import EmbeddingStore, Rate


@dataclass(frozen=True)
class Encoded:
    """The embeddings of all unique texts, by row of `texts`: float32[u, d] or sparse a vector view, a TokenSpool a token view."""

    texts: UniqueTexts
    vectors: dict[str, Vectors]
    tokens: dict[str, TokenSpool]
    truncated: Flags | None
    measured: Mapping[str, str] = field(default_factory=dict)  # what encoding cost, for the provenance

    def close(self) -> None:
        """Let the tokens go."""
        for spool in self.tokens.values():
            spool.close()


def encode_texts(
    planned: PlannedEncoder,
    texts: UniqueTexts,
    views: Sequence[str],
    setup: Setup,
    store: EmbeddingStore | None = None,
) -> Encoded:
    """Every view of every text: vectors that the store holds are read, the others encoded in chunks and stored chunk by chunk.

    The chunks depend on the texts alone, so that an encoder's batches, and with them the last digits, do not depend on chance. They are
    of some seconds, which is all that a failure costs, and larger where an encoder is faster than a store. The encoder is not touched
    where nothing is missing. Tokens of all views together take at most the setup's `memory`. Raises PluginError where it fails or returns
    what the contract forbids.
    """
    token_views = [view for view in views if view in planned.encoder.token_views]
    vector_views = [view for view in views if view not in token_views]
    known = recall(store, texts.texts, vector_views, capabilities.sparse_views(planned.encoder))
    capabilities.pay_from(planned.encoder, setup.purse)
    anew = partial(encode_checked, planned)
    if store is not None:
        compare_builds(planned, anew, texts, known, store, setup.listen)
    cut = Cut(setup.chunk)
    if capabilities.in_batches(planned.encoder):  # each is kept at once, however many texts it is one of
        cut = Cut(max(1, len(texts)), piece=None)
    elif not capabilities.is_stored(planned.encoder):
        cut = Cut(setup.chunk, piece=None)
    work = list(schedule(texts.texts, known, token_views, cut))
    if store is not None and work:
        refuse_change(planned, anew, texts, known, store)
    share = (default_memory() if setup.memory is None else setup.memory) // max(1, len(token_views))
    tokens = {view: TokenSpool(len(texts), share) for view in token_views}
    try:
        pace = _encode_missing(planned, texts, known, work, tokens, setup.listen, store)
    except BaseException:
        for spool in tokens.values():
            spool.close()
        raise
    truncated = None if (known.truncated < 0).any() else frozen(known.truncated.astype(np.bool_))
    measured = pace.facts()
    with suppress(StsbenchError):  # what an encoder cannot say of itself costs no figure
        if pace.calls and (device := capabilities.provenance(planned.encoder).get("device")):
            measured["measured.device"] = device
    with suppress(StsbenchError):
        if (cost := capabilities.cost(planned.encoder)) and cost.price is not None:
            measured |= {PRICE: f"{cost.price:.6f}", f"{PRICE}_basis": cost.basis}
    vectors = {view: frozen(held) if is_plain(held) else held[:] for view, held in known.vectors.items()}
    return Encoded(texts, vectors, tokens, truncated, measured)


def _encode_missing(
    planned: PlannedEncoder,
    texts: UniqueTexts,
    known: Recalled,
    work: Sequence[tuple[str, Index, tuple[str, ...]]],
    tokens: Mapping[str, TokenSpool],
    listen: Callable[[Event], None],
    store: EmbeddingStore | None,
) -> Pace:
    """Encode what there is to do, chunk by chunk: vectors go where they were missing and into the store, tokens into their spools.

    What it cost is returned.
    """
    pace = Pace(warm=bool(work) and capabilities.prepare(planned.encoder))
    total = sum(len(rows) for _, rows, _ in work)
    done, started = 0, time.monotonic()
    items = called(item for _, item in texts.texts)
    listen(Encoding(planned.label, 0, total, len(texts) - total, items))
    for prompt, chunk, lacking in work:
        for rows, embeddings in _finished(planned, texts, chunk, lacking, prompt, pace):
            fresh = _keep_missing(planned, known, rows, [view for view in lacking if view not in tokens], embeddings)
            if store is not None and fresh:
                store.write(prompt, [texts.texts[row][1] for row in rows], fresh, embeddings.truncated)
            for view, spool in tokens.items():
                now = embeddings.tokens[view].values.shape[1]
                if spool.dimensions not in (0, now):
                    raise _offence(planned, f"it returned tokens of {now} dimensions for view {view!r} after {spool.dimensions}")
                spool.append(rows, embeddings.tokens[view])
            done += len(rows)
            listen(Encoding(planned.label, done, total, len(texts) - total, items))
    if store is not None and total:
        characters = sum(sizes(texts.texts[row][1] for _, rows, _ in work for row in rows))
        store.remember(Rate(max(characters, 1), time.monotonic() - started))
    return pace


def _finished(
    planned: PlannedEncoder, texts: UniqueTexts, chunk: Index, views: Sequence[str], prompt: str, pace: Pace
) -> Iterator[tuple[Index, Embeddings]]:
    """What is finished of a chunk of rows, checked: the whole, or each batch as it comes of an encoder that gives those."""
    given = [texts.texts[row][1] for row in chunk]
    if (encode := capabilities.in_batches(planned.encoder)) is None:
        with pace.call(len(given)):
            embeddings = encode_checked(planned, given, views, prompt)
        yield chunk, embeddings
        return
    left = np.ones(len(chunk), dtype=np.bool_)
    with closing(encode(given, views=tuple(views), prompt=prompt)) as batches:
        started = time.perf_counter()
        for batch in batches:
            took = time.perf_counter() - started
            places: Any
            places, embeddings = batch if isinstance(batch, tuple) and len(batch) == 2 else (None, batch)
            if not is_plain(places) or places.dtype != np.intp or places.ndim != 1 or not _take(places, left):
                raise _offence(planned, f"it gave a batch of {described(places)}; places are intp[k] below {len(left)}, each once")
            checked = check_embeddings(planned, embeddings, len(places), views)
            pace.calls.append((len(places), took))
            yield chunk[places], checked
            started = time.perf_counter()
    if left.any():
        raise _offence(planned, f"it ended without {left.sum()} of {len(left)} texts")


def _take(places: Index, left: Flags) -> bool:
    """Whether all places were left until now, each named once; from now on they are not."""
    inside = places[(places >= 0) & (places < len(left))]
    free = int(left.sum())
    left[inside] = False
    return free - int(left.sum()) == len(places)


def _keep_missing(
    planned: PlannedEncoder, known: Recalled, rows: Index, views: Sequence[str], embeddings: Embeddings
) -> dict[str, tuple[Index, Vectors]]:
    """Fill what was missing of `views` among `rows`; by view the positions in `rows` that were, and their vectors."""
    fresh: dict[str, tuple[Index, Vectors]] = {}
    for view in views:  # an encoder may give more than it was asked for
        values = vectors_in(embeddings, view)
        if view in known.vectors and known.vectors[view].shape[1] != values.shape[1]:
            before = known.vectors[view].shape[1]
            raise _offence(planned, f"it returned vectors of {values.shape[1]} dimensions for view {view!r} after {before}")
        positions = np.flatnonzero(known.missing[view][rows])
        fresh[view] = positions, values[positions]
        known.put(view, rows[positions], values[positions])
    known.truncated[rows] = -1 if embeddings.truncated is None else embeddings.truncated
    return fresh


def encode_checked(planned: PlannedEncoder, texts: Sequence[Item], views: Sequence[str], prompt: str) -> Embeddings:
    """Texts encoded in one call, checked."""
    embeddings = planned.encoder.encode(list(texts), views=tuple(views), prompt=prompt)  # a list of its own: keys are of ours
    return check_embeddings(planned, embeddings, len(texts), views)


def check_embeddings(planned: PlannedEncoder, embeddings: Any, count: int, views: Sequence[str]) -> Embeddings:
    """The embeddings if they keep the contract: every view, one row a text, float32, finite. Raises PluginError that says what is off."""
    if not isinstance(embeddings, Embeddings):
        raise _offence(planned, f"it returned {type_name(embeddings)}, not Embeddings")
    if not all(isinstance(one, Mapping) for one in (embeddings.vectors, embeddings.tokens, embeddings.sparse)):
        raise _offence(planned, "it returned Embeddings whose vectors and tokens are not mappings by view")
    checked = Embeddings(dict(embeddings.vectors), dict(embeddings.tokens), embeddings.truncated, dict(embeddings.sparse))
    sparse_views = capabilities.sparse_views(planned.encoder)
    for view in views:
        if view not in sparse_views and (view in checked.sparse or is_sparse(checked.vectors.get(view))):
            advice = "give dense ones, as `toarray()` does, or name the view in sparse_views"
            raise _offence(planned, f"it returned sparse vectors for view {view!r}, of which dense ones are expected; {advice}")
        kind = "tokens" if view in planned.encoder.token_views else "sparse" if view in sparse_views else "vectors"
        if view not in getattr(checked, kind):
            what = "sparse vectors" if kind == "sparse" else kind
            raise _offence(planned, f"it returned nothing for view {view!r}, of which {what} are expected")
    sparse = {view: _check_sparse(planned, view, values, count) for view, values in checked.sparse.items()}
    for view, values in checked.vectors.items():
        if not is_plain(values):
            raise _offence(planned, f"it returned {type_name(values)} for view {view!r}, not a plain numpy array; convert it to float32")
        if values.ndim != 2 or len(values) != count or values.shape[1] == 0:
            raise _offence(
                planned, f"it returned an array of shape {values.shape} for view {view!r} and {count} texts; one row a text is expected"
            )
        if values.dtype != np.float32:
            raise _offence(planned, f"it returned {values.dtype} for view {view!r}; the contract is float32")
        _require_finite(planned, view, values)
    for view, tokens in checked.tokens.items():
        if not isinstance(tokens, Tokens) or len(tokens) != count:
            what = f"tokens of {len(tokens)} texts" if isinstance(tokens, Tokens) else type_name(tokens)
            raise _offence(planned, f"it returned {what} for view {view!r} and {count} texts")
        _require_finite(planned, view, tokens.values)
    marks = checked.truncated
    if marks is not None and not (is_plain(marks) and marks.shape == (count,) and marks.dtype == np.bool_):
        raise _offence(planned, f"it returned truncation marks as {described(marks)} for {count} texts; bool[n] is expected")
    return replace(checked, sparse=sparse)


def _check_sparse(planned: PlannedEncoder, view: str, values: Any, count: int) -> Sparse:
    """The rows in their one form; raises PluginError."""
    if not is_csr(values) or values.dtype != np.float32 or values.shape[0] != count or not values.shape[1]:
        expected = f"a csr_array of float32 with a row for each of {count} texts is expected"
        raise _offence(planned, f"it returned {form(values)} for view {view!r}; {expected}")
    try:
        rows = canonical(values, np.float32)
    except ValueError as error:
        raise _offence(planned, f"it returned a broken csr_array for view {view!r}: {error}") from error
    bad = np.flatnonzero(~np.isfinite(rows.data))
    if len(bad):
        row = int(np.searchsorted(rows.indptr, bad[0], side="right")) - 1
        raise _offence(planned, f"it returned NaN or infinity for view {view!r}, the first in row {row} of the batch")
    return rows


def _require_finite(planned: PlannedEncoder, view: str, values: Float32) -> None:
    finite = np.isfinite(values).all(axis=1)
    if not finite.all():
        rows = np.flatnonzero(~finite)
        raise _offence(
            planned,
            f"it returned NaN or infinity for view {view!r} in {counted(len(rows), 'row')}, the first being row {rows[0]} of the batch",
        )


def _offence(planned: PlannedEncoder, error: str) -> PluginError:
    if planned.resolved is not None:
        return blame(planned.resolved, "encoding", error)
    return PluginError(f"the encoder object {planned.label!r} failed while it was encoding: {error}")
