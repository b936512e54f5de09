"""Filling the cache folder ahead of a run, and letting go of what it holds."""

from __future__ import annotations

from collections.abc import Sequence
from contextlib import closing

from stsbench.api.session import Session
from stsbench.contracts.defaults import SIMILARITY
from stsbench.contracts.items import called, identity
from stsbench.errors import UsageError
from stsbench.runner.request import Request
from stsbench.runner.run import verify_stored
from stsbench.stores.cache import StoreInfo, forget, inspect, remove


def warm(encoders: Sequence[str], benchmarks: Sequence[str], session: Session) -> dict[str, tuple[int, str]]:
    """Encode the texts of these benchmarks into the stores of these encoders: how many unique ones each has vectors of, by its label, and
    what they are called.

    Raises UsageError for an encoder of which nothing is kept, before anything is encoded, and PluginError where one fails.
    """
    plan = session.plan(Request.of(encoders, SIMILARITY, benchmarks))
    for job in plan.jobs:
        if not job.views or (store := session.store(job.encoder)) is None:
            why = "it computes as fast as a file is read" if job.views else "it scores pairs of texts"
            raise UsageError(f"no vectors of {job.encoder.label} are kept, since {why}; leave it out")
        store.close()
    texts = {}
    for job in plan.jobs:
        with session.encoded(plan, job) as running:
            running.require()
            texts[job.encoder.label] = len(running.texts), called(item for _, item in running.texts)
    return texts


def ask_again(encoders: Sequence[str], benchmarks: Sequence[str], session: Session) -> dict[str, tuple[int, float, float]]:
    """By label of each encoder: how many of its kept vectors were encoded anew, by how much they differ at most, and what is allowed.

    Raises PluginError where an encoder fails.
    """
    plan = session.plan(Request.of(encoders, SIMILARITY, benchmarks))
    compared = {}
    for job in plan.jobs:
        if job.views and (store := session.store(job.encoder, create=False)):
            with closing(store):
                compared[job.encoder.label] = verify_stored(plan, job, session.setup, store)
    return compared


def forget_benchmarks(benchmarks: Sequence[str], session: Session) -> int:
    """Erase the vectors of every text of these benchmarks, of all encoders; how many there were.

    Raises UsageError, DataError or PluginError where any of them cannot be read, before anything is erased.
    """
    texts = {item for one in session.load(benchmarks) for part in one.parts for item in (*part.pairs.left, *part.pairs.right)}
    return 0 if session.setup.cache is None else forget(session.setup.cache, sorted(texts, key=identity))


def forget_encoders(prefixes: Sequence[str], session: Session) -> list[StoreInfo]:
    """Delete the stores whose folder name starts with one of these, as `cache info` shows them; raises UsageError where none does."""
    stores = inspect(session.setup.cache) if session.setup.cache else []
    for prefix in prefixes:
        if not any(store.folder.name.startswith(prefix) for store in stores):
            raise UsageError(f"no encoder's store starts with {prefix!r}; `stsbench cache info` shows those there are")
    gone = [store for store in stores if store.folder.name.startswith(tuple(prefixes))]
    for store in gone:
        remove(store)
    return gone
