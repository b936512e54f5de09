"""Making records: the figures of a system on a part of a benchmark or on the whole, with all that tells them apart."""

from __future__ import annotations

from typing import Any

import numpy as np

from stsbench.contracts.data import Part
from stsbench.contracts.records import Counts, Fit, Record
from stsbench.errors import StsbenchError
from stsbench.runner.detected import part_detection, whole_detection
from stsbench.runner.keys import aggregate_key, fit_digest, part_key, signature
from stsbench.runner.leak import leaks, shared_pairs
from stsbench.runner.score import Scored, flags
from stsbench.runner.system import Planned, PlannedBenchmark, PlannedEncoder, System
from stsbench.stats.correlation import Metrics, aggregate, metrics, rankable


def _fit(planned: Planned, part: Part) -> Fit | None:
    if planned.fit_on is None:
        return None
    return Fit(on=planned.fit_on, digest=fit_digest(planned, part), transductive=planned.saw(part), supervised=planned.supervised)


def _common(encoder: PlannedEncoder, system: System) -> dict[str, Any]:
    return {
        "view": system.view,
        "transforms": tuple(one.ref for one in system.transforms),
        "similarity": system.similarity.ref if system.similarity else None,
        "prompts": encoder.prompts,
    }


def _figures(measured: Metrics | StsbenchError) -> dict[str, Any]:
    if isinstance(measured, StsbenchError):
        return {"status": "failed", "reason": str(measured)}
    return {
        "status": "ok" if measured.reason is None else "undefined",
        "reason": measured.reason,
        "spearman": measured.spearman,
        "pearson": measured.pearson,
        "kendall": measured.kendall,
    }


def part_record(
    encoder: PlannedEncoder, system: System, benchmark: PlannedBenchmark, position: int, outcome: Scored | StsbenchError
) -> Record:
    """One system on one part: its figures, what they rest on, and what it had seen of the part before."""
    part = benchmark.parts[position]
    counts = outcome.counts if isinstance(outcome, Scored) else Counts()
    seen = {
        "transductive": any(one.saw(part) for one in system.components if one.fit_on is not None),
        "supervised": bool(encoder.trained) or any(one.supervised for one in system.components),
        "leaked": leaks(system.scorer, [part]) > 0 or shared_pairs(encoder.trained, [part]) > 0,
        "overlap": any(not one.supervised and shared_pairs(one.fit_parts, [part]) for one in system.components),
    }
    return Record(
        **_common(encoder, system),
        **_figures(outcome.metrics if isinstance(outcome, Scored) else outcome),
        split=part.split,
        subset=part.subset,
        n=len(part.pairs),
        exponent=outcome.exponent if isinstance(outcome, Scored) else None,
        detection=part_detection(benchmark, part, outcome),
        fit=_fit(system.scorer, part),
        transform_fits=tuple(_fit(one, part) for one in system.transforms),
        counts=counts,
        flags=flags(part, counts, **seen),
        digest=part.pairs.digest,
        source=part.source.kind,
        revision=part.source.revision,
        key=part_key(encoder, system, benchmark, part),
        signature=signature(encoder, system, benchmark, part),
    )


def aggregate_record(
    encoder: PlannedEncoder, system: System, benchmark: PlannedBenchmark, own: list[Record], outcomes: list[Scored | StsbenchError]
) -> Record:
    """The figure of the whole benchmark: over all pairs together, or the (weighted) mean over its parts."""
    measured: Metrics | StsbenchError
    scored = [outcome for outcome in outcomes if isinstance(outcome, Scored)]
    errors = [outcome for outcome in outcomes if isinstance(outcome, StsbenchError)]
    how = benchmark.card.aggregation
    if errors:
        measured = errors[0]
    elif len(scored) == 1:
        measured = scored[0].metrics
    elif how == "all":
        together = np.concatenate([one.raw for one in scored])  # the stored scores have been divided and rounded part by part
        measured = metrics(np.concatenate([part.pairs.gold for part in benchmark.parts]), rankable(together)[0])
    else:
        measured = aggregate([one.metrics for one in scored], how)
    kinds = {(part.source.kind, part.source.revision) for part in benchmark.parts}
    source, revision = next(iter(kinds)) if len(kinds) == 1 else (None, None)
    truncated = [record.counts.truncated_texts for record in own]
    return Record(
        **_common(encoder, system),
        **_figures(measured),
        split="*",
        subset="*",
        n=sum(record.n for record in own),
        aggregation=how,
        detection=whole_detection(benchmark, own, scored) if isinstance(measured, Metrics) and measured.reason is None else None,
        fit=own[0].fit if len(own) == 1 else None,
        transform_fits=own[0].transform_fits if len(own) == 1 else (),
        counts=Counts(
            **{name: sum(getattr(record.counts, name) for record in own) for name in Counts.model_fields if name != "truncated_texts"},
            truncated_texts=None if None in truncated else sum(value for value in truncated if value is not None),
        ),
        flags=tuple(dict.fromkeys(flag for record in own for flag in record.flags)),
        digest=own[0].digest if len(own) == 1 else aggregate_key([record.digest or "" for record in own], "digest"),
        source=source,
        revision=revision,
        key=aggregate_key([record.key for record in own], how),
        signature=signature(encoder, system, benchmark, None),
    )
