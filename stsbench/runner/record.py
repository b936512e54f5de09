"""Making records: the figures of a system on a part of a benchmark or on the whole, with all that tells them apart."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from stsbench.contracts.data import Part
from stsbench.contracts.identity import WHOLE
from stsbench.contracts.kinds import Task
from stsbench.contracts.records import Counts, Fit, Record
from stsbench.errors import StsbenchError
from stsbench.runner.keys import aggregate_key, fit_digest, part_key, signature
from stsbench.runner.refused import leaks, shared_pairs
from stsbench.runner.score import Scored
from stsbench.runner.system import Planned, PlannedBenchmark, PlannedEncoder, System
from stsbench.stats.aggregation import over_parts
from stsbench.stats.metrics import Measured, metrics_of

TRUNCATED_SHARE = 0.01  # above this share of truncated texts a row is flagged


def _fit(planned: Planned, part: Part) -> Fit | None:
    if planned.fit_on is None:
        return None
    return Fit(on=planned.fit_on, digest=fit_digest(planned, part), transductive=planned.saw(part), supervised=planned.supervised)


def _measured(
    encoder: PlannedEncoder, system: System, benchmark: PlannedBenchmark, part: Part | None, measured: Measured | StsbenchError
) -> dict[str, Any]:
    """What any record says: which system it is of, on which part (None: all), and what came of it."""
    said: dict[str, Any] = {"status": "ok"}
    if isinstance(measured, StsbenchError):
        said = {"status": "failed", "reason": str(measured)}
    elif measured.reason is not None:
        said = {"status": "undefined", "reason": measured.reason}
    else:
        parts = [part] if part else benchmark.parts
        said |= {"figures": dict(measured.figures), "positives": positives(benchmark.card.task, parts)}
    return {
        **system.variant._asdict(),
        "similarity": system.variant.similarity or None,
        "prompts": encoder.prompts_on(benchmark.card),
        "split": part.split if part else WHOLE,
        "subset": part.subset if part else WHOLE,
        "main": benchmark.card.main,
        "signature": signature(encoder, system, benchmark, part),
        **said,
    }


def positives(task: Task, parts: Sequence[Part]) -> int | None:
    """The positive pairs of parts; None where pairs are graded."""
    return sum(int((part.pairs.gold == 1).sum()) for part in parts) if task == "binary" else None


def part_facts(encoder: PlannedEncoder, system: System, part: Part, counts: Counts) -> dict[str, Any]:
    """What a record says of a system on a part beside figures and counts: its size, what was fitted, what had been seen of it before.

    Flags are what a reader must see beside the figure.
    """
    transductive = any(one.saw(part) for one in system.components if one.fit_on is not None)
    flags = {
        "truncated": (counts.truncated_texts or 0) > TRUNCATED_SHARE * counts.unique_texts,
        "transductive": transductive,  # fitted on these very texts
        "supervised": bool(encoder.trained) or any(one.supervised for one in system.components),  # has seen gold scores
        "leaked": any(leaks(one, [part]) for one in system.components) or shared_pairs(encoder.trained, [part]) > 0,  # of these pairs
        "overlap": not transductive  # fitted on some of these pairs, without their gold
        and any(not one.supervised and shared_pairs(one.fit_parts, [part]) for one in system.components),
        "differs": part.source.differs is not None,
    }
    return {
        "n": len(part.pairs),
        "fit": _fit(system.scorer, part),
        "transform_fits": tuple(_fit(one, part) for one in system.transforms),
        "flags": tuple(name for name, holds in flags.items() if holds),
    }


def whole_facts(records: Sequence[Record]) -> dict[str, Any]:
    """What the record of a whole benchmark says beside figures, given the records of its parts in their order."""
    truncated = [record.counts.truncated_texts for record in records]
    return {
        "n": sum(record.n for record in records),
        "fit": records[0].fit if len(records) == 1 else None,
        "transform_fits": records[0].transform_fits if len(records) == 1 else (),
        "counts": Counts(
            **{name: sum(getattr(record.counts, name) for record in records) for name in Counts.model_fields if name != "truncated_texts"},
            truncated_texts=None if None in truncated else sum(value for value in truncated if value is not None),
        ),
        "flags": tuple(dict.fromkeys(flag for record in records for flag in record.flags)),
    }


def part_record(
    encoder: PlannedEncoder, system: System, benchmark: PlannedBenchmark, position: int, outcome: Scored | StsbenchError
) -> Record:
    """One system on one part: its figures, what they rest on, and what it had seen of the part before."""
    part = benchmark.parts[position]
    counts = outcome.counts if isinstance(outcome, Scored) else Counts()
    return Record(
        **_measured(encoder, system, benchmark, part, outcome.measured if isinstance(outcome, Scored) else outcome),
        exponent=outcome.exponent if isinstance(outcome, Scored) else None,
        counts=counts,
        **part_facts(encoder, system, part, counts),
        digest=part.pairs.digest,
        source=part.source.kind,
        revision=part.source.revision,
        key=part_key(encoder, system, benchmark, part),
    )


def aggregate_record(
    encoder: PlannedEncoder, system: System, benchmark: PlannedBenchmark, records: list[Record], outcomes: list[Scored | StsbenchError]
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
        **_measured(encoder, system, benchmark, None, measured),
        aggregation=how,
        **whole_facts(records),
        digest=records[0].digest if len(records) == 1 else aggregate_key([record.digest or "" for record in records], "digest"),
        source=source,
        revision=revision,
        key=aggregate_key([record.key for record in records], how),
    )
