"""What a run would do, as plain data."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

from stsbench.api.evaluate import Keep, prepare
from stsbench.api.report import shorten
from stsbench.contracts.data import UniqueTexts
from stsbench.host.registry import Registry
from stsbench.runner.system import Choice, Plan


def describe_plan(
    registry: Registry,
    choices: Sequence[Choice],
    benchmarks: Sequence[str],
    *,
    keep: Keep | None,
    limit: int | None,
    execution: Mapping[str, object],
    allow_network: Sequence[str] = (),
) -> dict[str, Any]:
    """Jobs with their systems and texts, benchmarks with their pairs, and what is left out; no model is loaded."""
    plan, _ = prepare(registry, choices, benchmarks, keep=keep, limit=limit, execution=execution, allow_network=allow_network)
    total = sum(len(job.systems) for job in plan.jobs) * len(plan.benchmarks)
    return {
        "cells": plan.cells(),
        "known": total - plan.cells(),
        "jobs": [_job(plan, position) for position in range(len(plan.jobs))],
        "benchmarks": [
            {
                "name": one.name,
                "ref": one.ref,
                "protocol": one.card.protocol,
                "aggregation": one.card.aggregation,
                "parts": len(one.parts),
                "n": sum(len(part.pairs) for part in one.parts),
                "source": "+".join(sorted({part.source.kind for part in one.parts})),
            }
            for one in plan.benchmarks
        ],
        "left_out": [one.reason for one in plan.left_out],
        "failed": [one.reason for one in plan.failed],
        "warnings": list(plan.warnings),
    }


def _job(plan: Plan, position: int) -> dict[str, Any]:
    job = plan.jobs[position]
    texts = UniqueTexts.of((part.pairs for part in plan.texts(job)), job.encoder.prompts) if job.views else None
    return {
        "encoder": job.encoder.label,
        "ref": job.encoder.ref,
        "fingerprint": job.encoder.fingerprint.hex,
        "systems": [" > ".join([system.view, *map(shorten, system.refs)]) for system in job.systems],
        "cells": sum(map(len, job.missing)),
        "texts": len(texts) if texts else 0,
        "characters": sum(len(text) for _, text in texts.texts) if texts else 0,
    }
