"""Making records: the figures of a system on a part of a benchmark or on the whole, with all that tells them apart."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from stsbench.contracts.data import Part
from stsbench.contracts.identity import WHOLE
from stsbench.contracts.records import Counts, Fit, Record
from stsbench.errors import StsbenchError
from stsbench.runner.keys import aggregate_key, fit_digest, part_key, signature
from stsbench.runner.leak import leaks, shared_pairs
from stsbench.runner.score import Scored, flags
from stsbench.runner.system import Planned, PlannedBenchmark, PlannedEncoder, System
from stsbench.stats.aggregation import over_parts
from stsbench.stats.metrics import Measured, metrics_of


def _fit(planned: Planned, part: Part) -> Fit | None:
    if planned.fit_on is None:
        return None
    return Fit(on=planned.fit_on, digest=fit_digest(planned, part), transductive=planned.saw(part), supervised=planned.supervised)


def _common(encoder: PlannedEncoder, system: System) -> dict[str, Any]:
    return {
        **system.variant._asdict(),
        "similarity": system.variant.similarity or None,
        "prompts": encoder.prompts,
    }


def _figures(measured: Measured | StsbenchError, benchmark: PlannedBenchmark, parts: Sequence[Part]) -> dict[str, Any]:
    main = benchmark.card.main
    if isinstance(measured, StsbenchError):
        return {"status": "failed", "reason": str(measured), "main": main}
    if measured.reason is not None:
        return {"status": "undefined", "reason": measured.reason, "main": main}
    positives = sum(int((part.pairs.gold == 1).sum()) for part in parts) if benchmark.card.task == "binary" else None
    return {"status": "ok", "figures": dict(measured.figures), "main": main, "positives": positives}


def part_facts(encoder: PlannedEncoder, system: System, part: Part, counts: Counts) -> dict[str, Any]:
    """What a record says of a system on a part beside figures and counts: its size, what was fitted, and what had been seen of it before."""
    seen = {
        "transductive": any(one.saw(part) for one in system.components if one.fit_on is not None),
        "supervised": bool(encoder.trained) or any(one.supervised for one in system.components),
        "leaked": leaks(system.scorer, [part]) > 0 or shared_pairs(encoder.trained, [part]) > 0,
        "overlap": any(not one.supervised and shared_pairs(one.fit_parts, [part]) for one in system.components),
    }
    return {
        "n": len(part.pairs),
        "fit": _fit(system.scorer, part),
        "transform_fits": tuple(_fit(one, part) for one in system.transforms),
        "flags": flags(part, counts, **seen),
    }


def whole_facts(own: Sequence[Record]) -> dict[str, Any]:
    """What the record of a whole benchmark says beside figures, given the records of its parts in their order."""
    truncated = [record.counts.truncated_texts for record in own]
    return {
        "n": sum(record.n for record in own),
        "fit": own[0].fit if len(own) == 1 else None,
        "transform_fits": own[0].transform_fits if len(own) == 1 else (),
        "counts": Counts(
            **{name: sum(getattr(record.counts, name) for record in own) for name in Counts.model_fields if name != "truncated_texts"},
            truncated_texts=None if None in truncated else sum(value for value in truncated if value is not None),
        ),
        "flags": tuple(dict.fromkeys(flag for record in own for flag in record.flags)),
    }


def part_record(
    encoder: PlannedEncoder, system: System, benchmark: PlannedBenchmark, position: int, outcome: Scored | StsbenchError
) -> Record:
    """One system on one part: its figures, what they rest on, and what it had seen of the part before."""
    part = benchmark.parts[position]
    counts = outcome.counts if isinstance(outcome, Scored) else Counts()
    return Record(
        **_common(encoder, system),
        **_figures(outcome.measured if isinstance(outcome, Scored) else outcome, benchmark, [part]),
        split=part.split,
        subset=part.subset,
        exponent=outcome.exponent if isinstance(outcome, Scored) else None,
        counts=counts,
        **part_facts(encoder, system, part, counts),
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
    scored = [outcome for outcome in outcomes if isinstance(outcome, Scored)]
    how, wanted, pairs = benchmark.card.aggregation, metrics_of(benchmark.card.task), [part.pairs for part in benchmark.parts]
    measured = next((outcome for outcome in outcomes if isinstance(outcome, StsbenchError)), None) or over_parts(
        [one.measured for one in scored], how, wanted, pairs, [(one.scores, one.exponent) for one in scored]
    )
    kinds = {(part.source.kind, part.source.revision) for part in benchmark.parts}
    source, revision = next(iter(kinds)) if len(kinds) == 1 else (None, None)
    return Record(
        **_common(encoder, system),
        **_figures(measured, benchmark, benchmark.parts),
        split=WHOLE,
        subset=WHOLE,
        aggregation=how,
        **whole_facts(own),
        digest=own[0].digest if len(own) == 1 else aggregate_key([record.digest or "" for record in own], "digest"),
        source=source,
        revision=revision,
        key=aggregate_key([record.key for record in own], how),
        signature=signature(encoder, system, benchmark, None),
    )
