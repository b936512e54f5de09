"""What a run would do, as plain data."""

from __future__ import annotations

from collections.abc import Sequence
from contextlib import closing
from typing import Any

import numpy as np

from stsbench.api.session import Session
from stsbench.contracts.arrays import described, is_plain
from stsbench.contracts.events import Event, Warned
from stsbench.contracts.items import called, sizes
from stsbench.contracts.ref import short
from stsbench.contracts.work import Executor
from stsbench.evidence.folder import BoardFolder
from stsbench.evidence.held import Keep
from stsbench.evidence.spec import choices_of, development_benchmarks, evidence_of
from stsbench.host import capabilities
from stsbench.host.resolved import blame
from stsbench.runner.encoding.recall import Text, recall
from stsbench.runner.record import TRUNCATED_SHARE
from stsbench.runner.refused import discreet
from stsbench.runner.request import Request
from stsbench.runner.system import Job, Plan, PlannedBenchmark, PlannedEncoder
from stsbench.runner.workers.cutting import Effort, foresee
from stsbench.runner.workers.queued import is_shared
from stsbench.stores.embeddings import EmbeddingStore


def describe_plan(request: Request, session: Session, keep: Keep | None = None) -> dict[str, Any]:
    """Jobs with their systems and texts, benchmarks with their pairs, and what is left out; no model is loaded."""
    plan, _ = session.plan_of_missing(request, keep)
    said: list[str] = []  # of stores

    def listen(event: Event) -> None:
        said.extend([event.message] if isinstance(event, Warned) else [])

    stored = session.having(cache=None if keep is not None and keep.fresh else session.setup.cache, listen=listen)
    total = sum(len(job.systems) * len(plan.measured(job)) for job in plan.jobs)
    jobs = [_job(plan, job, stored) for job in plan.jobs]
    return {
        "cells": plan.cells(),
        "known": total - plan.cells(),
        "jobs": jobs,
        "workers": None if session.setup.executor is None else _workers(session.setup.executor, plan, jobs),
        "benchmarks": [_benchmark(benchmark) for benchmark in plan.benchmarks],
        "left_out": list(dict.fromkeys(one.reason for one in plan.left_out)),
        "failed": [one.reason for one in plan.failed],
        "warnings": [*plan.warnings, *said],
    }


def describe_board_plan(folder: BoardFolder, session: Session, *, fresh: bool = False) -> dict[str, Any]:
    """The same for a board's next run; `development` is the plan on splits that its `selected` tables choose on, if there are any."""
    spec, choices = folder.spec, choices_of(folder.spec)
    keep = Keep(folder.results, fresh=fresh, evidence=evidence_of(spec, session.registry))
    described = describe_plan(Request(choices, spec.benchmarks), session, keep)
    if elsewhere := development_benchmarks(spec):
        described["development"] = describe_plan(Request(choices, elsewhere), session, Keep(folder.development, fresh=fresh))
    return described


def _workers(executor: Executor, plan: Plan, described: Sequence[dict[str, Any]]) -> dict[str, Any]:
    """What is started, what each takes, whose vectors are computed there, in how many shards, and how long at the rates of earlier runs.

    Where it is not known how many there are, it is told of one; where a rate is not known, of nothing.
    """
    needs = dict(executor.needs)
    pending = [(job, each) for job, each in zip(plan.jobs, described, strict=True) if each["to_encode"] and each["cells"]]
    shared = [each for job, each in pending if is_shared(job)]
    here = [each["encoder"] for job, each in pending if not is_shared(job)]
    unknown = [each["encoder"] for each in shared if not each["seconds"]]
    count = needs.get("workers")
    facts = {
        "needs": needs,
        "encoders": [each["encoder"] for each in shared],
        "here": here,
        "unknown": unknown,
        "of_one": not isinstance(count, int),
    }
    if not shared or unknown:
        return {**facts, "shards": None, "seconds": None}
    left = [each["missing_characters"] for each in shared]
    works = [Effort(characters, characters / each["seconds"], known=True) for characters, each in zip(left, shared, strict=True)]
    foreseen = foresee(works, count if isinstance(count, int) else 1)
    return {**facts, "shards": foreseen.shards, "seconds": foreseen.seconds}


def _benchmark(benchmark: PlannedBenchmark) -> dict[str, Any]:
    return {
        **{name: getattr(benchmark, name) for name in ("name", "ref")},
        **{name: getattr(benchmark.card, name) for name in ("protocol", "aggregation")},
        "parts": len(benchmark.parts),
        "n": sum(len(part.pairs) for part in benchmark.parts),
        "source": "+".join(sorted({part.source.kind for part in benchmark.parts})),
        "notes": list(benchmark.notes),
    }


def _job(plan: Plan, job: Job, session: Session) -> dict[str, Any]:
    texts = plan.unique_texts(job).texts if job.views else ()
    missing: Sequence[Text] = texts
    seconds = None
    if texts and (store := session.store(job.encoder, create=False)):
        with closing(store):
            missing = _missing(store, job, texts)
            seconds = store.rate.estimate(_characters(missing)) if store.rate else None
    return {
        "encoder": job.encoder.label,
        "ref": job.encoder.ref,
        "fingerprint": job.encoder.fingerprint.hex,
        "systems": [" · ".join([system.view, *map(short, system.refs)]) for system in job.systems],
        "cells": sum(map(len, job.missing)),
        "texts": len(texts),
        "items": called(item for _, item in texts),
        "characters": sum(len(item) for _, item in texts if isinstance(item, str)),
        "stored": len(texts) - len(missing),
        "to_encode": len(missing),
        "missing_characters": _characters(missing),
        "truncated": (cut := _truncated(job, texts, plan.private)),
        "windows": (cut or 0) > TRUNCATED_SHARE * len(texts) and _offers_windows(job.encoder),
        "seconds": seconds,
        "cost": _cost(job, missing),
        "decided": dict(capabilities.decided(job.encoder.encoder)),
        "runs_on": capabilities.runs_on(job.encoder.encoder),
    }


def _missing(store: EmbeddingStore, job: Job, texts: Sequence[Text]) -> Sequence[Text]:
    """The texts of which a view has to be encoded; token views are kept nowhere."""
    if any(view in job.encoder.encoder.token_views for view in job.views):
        return texts
    known = recall(store, texts, job.views, capabilities.sparse_views(job.encoder.encoder))
    missing = np.logical_or.reduce(list(known.missing.values()))
    return [one for one, lacking in zip(texts, missing, strict=True) if lacking]


def _offers_windows(encoder: PlannedEncoder) -> bool:
    return encoder.resolved is not None and encoder.resolved.component.option("windows") is not None


def _cost(job: Job, texts: Sequence[Text]) -> dict[str, Any] | None:
    """Tokens and dollars of the texts that have to be encoded, as estimated and at most, where the encoder asks for any."""
    by_prompt = {prompt: [text for other, text in texts if other == prompt] for prompt in dict.fromkeys(prompt for prompt, _ in texts)}
    costs = [capabilities.cost(job.encoder.encoder, some, prompt) for prompt, some in by_prompt.items()]
    if not (costs := [cost for cost in costs if cost is not None]):
        return None
    tokens, most = sum(cost.tokens for cost in costs), sum(cost.most for cost in costs)
    price = {"price": costs[0].price, "basis": costs[0].basis}
    return {"tokens": tokens, "dollars": costs[0].dollars(tokens), "most_tokens": most, "most_dollars": costs[0].dollars(most), **price}


def _truncated(job: Job, texts: Sequence[Text], private: bool) -> int | None:
    """How many texts the encoder would cut, where it can tell without its model. Raises PluginError where it fails at that."""
    encoder = job.encoder
    tell = capabilities.truncated(encoder.encoder)
    if not texts or tell is None or encoder.resolved is None:
        return None
    count = 0
    for prompt in dict.fromkeys(prompt for prompt, _ in texts):
        given = tuple(text for own, text in texts if own == prompt)
        with discreet(private):
            cut = tell(list(given), prompt=prompt)
        if cut is None:
            return None
        if not is_plain(cut) or cut.dtype != np.bool_ or cut.shape != (len(given),):
            raise blame(encoder.resolved, "tokenising", f"truncated() returned {described(cut)}; the contract is bool, one a text")
        count += int(cut.sum())
    return count


def _characters(texts: Sequence[Text]) -> int:
    """What work is shared out and foretold by: characters, and for each image those of a text that takes as long."""
    return sum(sizes(item for _, item in texts))
