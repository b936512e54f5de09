"""Auditing an encoder: one encode, every measure on it, and the questions of `stsbench.audit`."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import asdict
from shlex import quote
from typing import Any, cast, get_args

import numpy as np

from stsbench.api.session import Session
from stsbench.audit.encoder import EncodedPart, EncoderAudit, audit
from stsbench.audit.rescaling import Identified
from stsbench.audit.table import AuditRow, Measure
from stsbench.audit.verdict import verdict
from stsbench.contracts.data import Part, UniqueTexts
from stsbench.contracts.defaults import BENCHMARK, LEVEL, RESAMPLES, own
from stsbench.contracts.ref import CHAIN, NO_CHAIN, as_text, as_texts, escape, short, unescape
from stsbench.errors import DataError, PluginError, UsageError
from stsbench.evidence.sampling import require_resamples
from stsbench.host import capabilities
from stsbench.runner.request import Request
from stsbench.runner.run import EncodedJob, Finished, score_benchmark
from stsbench.runner.system import Choice, PlannedBenchmark, PlannedEncoder, System
from stsbench.stats.metrics import SPEARMAN

SIMILARITIES = ("cosine", "dot", "euclidean", "manhattan", "chebyshev", "pearson", "spearman-dims")
TRANSFORMS = ("centre", "standardise", "all-but-the-top", "whiten")
AFTER = ("cosine", "dot", "euclidean")  # similarities that are tried after each transform
TRAINED = "learned-diagonal"


def audit_encoder(
    encoder: str,
    session: Session | None = None,
    benchmarks: Sequence[str] = (BENCHMARK,),
    *,
    fits: Sequence[str] = ("self",),
    identified: str | None = None,
    limit: int | None = None,
    resamples: int = RESAMPLES,
    seed: int = 0,
) -> tuple[EncoderAudit, ...]:
    """One audit of every view of the encoder on every part of the benchmarks.

    `fits` name what transforms are fitted on: `self`, the texts that are audited (transductive), or a benchmark such as
    `STSBenchmark:train`, on which a diagonal is learned from gold as well. `identified` overrides what the encoder declares that its
    training identifies its space up to. Vectors come from the store where it has them. Raises UsageError, PluginError or DataError.
    """
    require_resamples(resamples, LEVEL)
    if seed < 0:
        raise UsageError(f"a seed is a whole number from 0, not {seed}")
    if identified not in (None, *get_args(Identified)):
        raise UsageError(f"a space is identified up to {', '.join(get_args(Identified))}, not {identified!r}")
    session = Session.of(session)
    plan = session.plan(Request(_choices(as_text(encoder), as_texts(fits)), as_texts(benchmarks), limit))
    (job,) = plan.jobs
    if not job.views or job.encoder.scorer:
        raise UsageError(f"{job.encoder.label} scores pairs and gives no vectors, so there is nothing to audit; name an encoder")
    if sparse := [view for view in job.views if view in capabilities.sparse_views(job.encoder.encoder)]:
        raise UsageError(
            f"an audit measures dense vectors, and view {sparse[0]!r} of {job.encoder.label} is sparse; `stsbench run` scores it"
        )
    for benchmark in plan.benchmarks:
        if any("image" in part.pairs.reads for part in benchmark.parts):
            raise DataError(
                f"an audit of an encoder counts words, and {benchmark.name} holds images; `stsbench run` and `stsbench audit metrics` "
                "measure it on them"
            )
    declared = capabilities.identified_up_to(job.encoder.encoder)
    settings = _settings(limit=limit, identified_up_to=identified, resamples=resamples, seed=seed)
    known = {view: identified or declared.get(view, "unknown") for view in job.views}
    if wrong := [one for one in known.values() if one not in get_args(Identified)]:
        choice = ", ".join(get_args(Identified))
        raise PluginError(f"encoder {job.encoder.label} declares identified_up_to {wrong[0]!r}; it is one of {choice}")
    audits: list[EncoderAudit] = []
    with session.encoded(plan, job) as running:
        running.require()
        for benchmark, systems in zip(plan.benchmarks, job.missing, strict=True):
            finished = score_benchmark(running, benchmark, systems, session.listen)
            for part in benchmark.parts:
                for view in job.views:
                    of_view = [system for system in systems if system.view == view]
                    name = job.encoder.label, view, _place(benchmark, part), _command(job.encoder, view, benchmark, of_view, settings)
                    subject = _subject(running, benchmark, part, view, cast("Identified", known[view]))
                    audits.append(audit(*name, subject, list(_rows(finished, part, of_view)), resamples=resamples, seed=seed))
    return tuple(audits)


def document(audits: Sequence[EncoderAudit]) -> dict[str, Any]:
    """The audits as plain data, each with its verdict; figures that do not exist are None."""
    limits = ("low", "high", "spread")
    families = [[asdict(family) | {name: getattr(family, name) for name in limits} for family in one.families] for one in audits]
    return {"audits": [{**asdict(one), "families": own, "verdict": verdict(one)} for one, own in zip(audits, families, strict=True)]}


def _choices(encoder: str, fits: Sequence[str]) -> tuple[Choice, ...]:
    """Plain similarities, each transform under each fit, and a diagonal learned from every benchmark that is named as a fit.

    Training pairs that are audited too are no reason to leave that out: the row is flagged `leaked`.
    """
    chains = [f"{name},fit={escape(fit)}" for fit in dict.fromkeys(fits) for name in own(*TRANSFORMS)]
    trained = tuple(f"{name},fit={escape(fit)},leak=true" for name in own(TRAINED) for fit in dict.fromkeys(fits) if fit != "self")
    plain = Choice(encoder, own(*SIMILARITIES) + trained)
    return (plain, Choice(encoder, own(*AFTER), transforms=tuple(chains))) if chains else (plain,)


def _settings(**given: object) -> list[str]:
    """The options of the command whose values are not the default."""
    default = {"limit": None, "identified_up_to": None, "resamples": RESAMPLES, "seed": 0}
    return [f"--{name.replace('_', '-')} {quote(str(value))}" for name, value in given.items() if value != default[name]]


def _command(encoder: PlannedEncoder, view: str, benchmark: PlannedBenchmark, systems: Sequence[System], settings: Sequence[str]) -> str:
    """What makes the audit again, in canonical references, which hold no path."""
    ref = short(str(encoder.resolved.with_view(view))) if encoder.resolved else encoder.ref
    fits = dict.fromkeys(short(unescape(one.resolved.reserved.get("fit", "self"))) for system in systems for one in system.transforms)
    return " ".join(["stsbench audit encoder", ref, f"-b {short(benchmark.ref)}", *(f"--fit {fit}" for fit in fits), *settings])


def _place(benchmark: PlannedBenchmark, part: Part) -> str:
    subset = f"/{part.subset}" if part.subset != "default" else ""
    return f"{benchmark.name}{subset}" + (f" ({part.split})" if len(benchmark.parts) > 1 else "")


def _subject(running: EncodedJob, benchmark: PlannedBenchmark, part: Part, view: str, identified: Identified) -> EncodedPart:
    """The vectors of a part's unique texts in float64, with the pairs as rows of them."""
    assert running.encoded is not None
    texts = UniqueTexts.of([part.pairs], [running.job.encoder.prompts_on(benchmark.card)])
    side = running.sides[id(part)]
    rows = np.empty(len(texts), dtype=np.intp)
    rows[texts.left[0]], rows[texts.right[0]] = side.left, side.right
    vectors = running.encoded.vectors[view][rows].astype(np.float64)
    words = [text for _, text in texts.texts if isinstance(text, str)]
    return EncodedPart(vectors, words, texts.left[0], texts.right[0], part.pairs, benchmark.card.score_range, identified)


def _rows(finished: Finished, part: Part, systems: Sequence[System]) -> Iterator[AuditRow]:
    """A row for every system on that part, plain cosine first."""
    records = {record.variant: record for record in finished.file.records if record.place == part.place}
    for system in systems:
        record = records[system.variant]
        transform = CHAIN.join(map(short, record.transforms)) or NO_CHAIN
        scores = finished.scores.get(record.cell)
        measured = record.figures.get(SPEARMAN.name), record.reason
        yield Measure(short(record.similarity or ""), transform, record.flags, *measured), scores
