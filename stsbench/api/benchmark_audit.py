"""The audit of a benchmark: its data and what other data share with them, the ceiling of its ties, and what words alone score."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from contextlib import suppress
from dataclasses import asdict, dataclass, replace
from typing import Any

import numpy as np

from stsbench.api.session import Session
from stsbench.audit.pairs import Labels, Overlap, Repeats, Texts, labels_of, overlap_of, repeats_of, texts_of
from stsbench.builtin.benchmarks.mirror import mirror_of
from stsbench.contracts.components.options import Location
from stsbench.contracts.components.protocols import Suite
from stsbench.contracts.data import Float64, Pairs
from stsbench.contracts.defaults import FLOOR
from stsbench.contracts.ref import Ref, as_texts
from stsbench.errors import OptionError, StsbenchError, UnknownName
from stsbench.evidence.joint import JointScores, agreed, joined
from stsbench.host.registry import Registry
from stsbench.host.resolved import Resolved
from stsbench.runner.system import PlannedBenchmark
from stsbench.stats.agreement import Agreement
from stsbench.stats.correlation import rankable
from stsbench.stats.metrics import METRICS, SPEARMAN, measure

SPLITS = ("train", "validation", "dev", "test")
ENGLISH = ("sts-english", "STSBenchmark:train", "STSBenchmark:validation")  # what an English benchmark is compared with unless told


@dataclass(frozen=True)
class Floor:
    """The figure that the benchmark goes by, of word overlap; None with a `reason` where it could not be measured, or has none."""

    scorer: str
    metric: str
    figure: float | None
    reason: str | None = None


@dataclass(frozen=True)
class BenchmarkAudit:
    """What is known of a benchmark's data. `notes` say how they were read. `rows` names each pair of the joined list by split, subset
    and row from 1.

    `agreement` is that of the raters whose mean is gold, None where the data have none.
    `ceiling` is the highest Spearman of scores without ties; None with a `ceiling_reason` where there is none. `not_compared`: others that
    could not be read, with the reason.
    """

    name: str
    ref: str
    protocol: str
    private: bool
    n: int
    differs: str | None
    notes: tuple[str, ...]
    texts: Texts
    labels: Labels
    repeats: Repeats
    agreement: Agreement | None
    ceiling: float | None
    ceiling_reason: str | None
    floor: Floor
    overlaps: Mapping[str, Overlap]
    not_compared: Mapping[str, str]
    rows: tuple[tuple[str, str, int], ...]
    pairs: Pairs

    def document(self) -> dict[str, Any]:
        """All figures as JSON values; no text."""
        plain = ("name", "ref", "protocol", "private", "n", "differs", "ceiling", "ceiling_reason")
        repeats = asdict(self.repeats) | {"conflicting_rows": self.repeats.conflicting_rows, "conflicts": len(self.repeats.conflicts)}
        conflicts = [{"rows": [self.place(row) for row in one.rows], "gold": list(one.gold)} for one in self.repeats.conflicts]
        return {
            **{name: getattr(self, name) for name in plain},
            "notes": list(self.notes),
            "texts": asdict(self.texts) | {"repetition": self.texts.repetition},
            "labels": asdict(self.labels),
            "repeats": repeats,
            "agreement": None if self.agreement is None else asdict(self.agreement),
            "conflicts": conflicts,
            "floor": asdict(self.floor),
            "overlaps": [{"with": name, **asdict(one)} for name, one in self.overlaps.items()],
            "not_compared": [{"benchmark": name, "reason": reason} for name, reason in self.not_compared.items()],
        }

    def place(self, row: int) -> dict[str, Any]:
        """Where a pair of the joined list stands in the data."""
        split, subset, number = self.rows[row]
        return {"split": split, "subset": subset, "row": number}


def audit_benchmark(
    name: str, session: Session | None = None, *, against: Sequence[str] | None = None, private: bool = False
) -> list[BenchmarkAudit]:
    """What the data of a benchmark, or of each member of a suite, are worth.

    `against` are benchmarks, splits or suites to look for the same pairs in; by default the other splits, and for English data the
    tasks of `sts-english` with the rest of STSBenchmark, where reading those takes no network that the benchmark itself does not
    take. Groups of private ones among them are in it only where it is `private`, for their owner.

    Raises UsageError, DataError or PluginError where the benchmark, or one that `against` names, cannot be read.
    """
    session = Session.of(session)
    others = _Others(session, private)
    return [_audit(benchmark, others, against) for benchmark in session.load([name])]


class _Others:
    """The benchmarks to compare with, each read once; what cannot be read is known by its reason."""

    def __init__(self, session: Session, private: bool) -> None:
        self.session, self.registry, self.private = session, session.registry, private
        self.known: dict[str, list[PlannedBenchmark] | StsbenchError] = {}

    def read(self, ref: str) -> list[PlannedBenchmark] | StsbenchError:
        if ref not in self.known:
            try:
                self.known[ref] = self.session.load([ref])
            except StsbenchError as error:
                self.known[ref] = error
        return self.known[ref]

    def members(self, ref: str) -> list[str]:
        """The benchmarks of a suite, so that one that cannot be read costs only itself; else the one that is named."""
        resolved, built = self.build(ref)
        return list(self.registry.members(resolved, built)) if isinstance(built, Suite) else [ref]

    def build(self, ref: str | Ref) -> tuple[Resolved[Any], Any]:
        """What a reference means, and the benchmark or suite itself."""
        resolved = self.registry.resolve("benchmark", ref, execution=self.session.setup.execution)
        return resolved, resolved.build()

    def splits(self, benchmark: PlannedBenchmark) -> list[str]:
        """The other splits that the benchmark has."""
        component, ref = benchmark.resolved.component, benchmark.resolved.ref
        if component.target is None or component.target.name != "split":
            return []
        splits = []
        for split in SPLITS:
            with suppress(OptionError):
                splits.append(str(self.build(Ref(ref.name, split, ref.options))[0].ref))
        return splits


def _audit(benchmark: PlannedBenchmark, others: _Others, against: Sequence[str] | None) -> BenchmarkAudit:
    lists = [part.pairs for part in benchmark.parts]
    pairs = joined(lists)
    chosen = _default(benchmark, others) if against is None else [ref for named in as_texts(against) for ref in others.members(named)]
    overlaps, not_compared = _overlaps(benchmark, pairs, chosen, others, strict=against is not None)
    card = benchmark.card
    ceiling, reason = _ceiling(benchmark)
    return BenchmarkAudit(
        name=benchmark.name,
        ref=benchmark.ref,
        protocol=card.protocol,
        private=card.private,
        n=len(pairs),
        differs=benchmark.differs,
        notes=benchmark.notes,
        texts=texts_of(pairs),
        labels=labels_of(pairs, card.score_range),
        repeats=repeats_of(pairs),
        agreement=agreed(lists),
        ceiling=ceiling,
        ceiling_reason=reason,
        floor=_floor(benchmark, others.registry),
        overlaps=overlaps,
        not_compared=not_compared,
        rows=tuple((part.split, part.subset, row) for part in benchmark.parts for row in range(1, len(part.pairs) + 1)),
        pairs=pairs,
    )


def _default(benchmark: PlannedBenchmark, others: _Others) -> list[str]:
    splits = others.splits(benchmark)
    texts = any("text" in part.pairs.reads for part in benchmark.parts)
    english = texts and all(language.startswith("eng") for language in benchmark.card.languages)
    mirror = others.session.setup.execution.get("mirror")
    at_hand = mirror_of(None if mirror is None else str(mirror)) is not None or all(part.source.kind == "hub" for part in benchmark.parts)
    return [*splits, *(ref for named in ENGLISH for ref in others.members(named))] if english and at_hand else splits


def _overlaps(
    benchmark: PlannedBenchmark, pairs: Pairs, chosen: Sequence[str], others: _Others, *, strict: bool
) -> tuple[dict[str, Overlap], dict[str, str]]:
    overlaps: dict[str, Overlap] = {}
    missing: dict[str, str] = {}
    for ref in chosen:
        read = others.read(ref)
        if isinstance(read, StsbenchError):
            if strict:
                raise read
            missing[ref] = str(read)
            continue
        for other in read:
            if not _are_one(benchmark, other):  # a benchmark shares all with itself
                there = joined([part.pairs for part in other.parts])
                hidden = other.card.private and not others.private and there.group
                overlaps[other.name] = overlap_of(pairs, replace(there, group=()) if hidden else there)
    return overlaps, missing


def _are_one(benchmark: PlannedBenchmark, other: PlannedBenchmark) -> bool:
    """Whether these are the same splits of the same data, however they are named; a copy of a file, or a split like another, is not."""
    places = ([(part.place, part.pairs.digest) for part in each.parts] for each in (benchmark, other))
    return _origin(benchmark.resolved) == _origin(other.resolved) and next(places) == next(places)


def _origin(resolved: Resolved[Any]) -> tuple[str, object]:
    """Where data come from, whichever of their splits is named."""
    named, target = resolved.component.target, resolved.target
    if named is None or named.name == "split":
        return resolved.id, None
    return resolved.id, target.path if isinstance(target, Location) else target


def _ceiling(benchmark: PlannedBenchmark) -> tuple[float | None, str | None]:
    """The ceiling of the benchmark's figure: over all pairs together, or the (weighted) mean over its parts; or why there is none."""
    if (main := METRICS[benchmark.card.main]) is not SPEARMAN:
        return None, f"ties of gold do not bound {main.title}"
    joint = _material(benchmark, [np.empty((len(part.pairs), 0)) for part in benchmark.parts])
    lists = joint.lists()
    if any(len(pairs) < 2 for pairs, _, _ in lists):
        return None, "one pair only"
    if any((pairs.gold == pairs.gold[0]).all() for pairs, _, _ in lists):
        return None, "constant gold"
    return joint.ceiling, None


def _floor(benchmark: PlannedBenchmark, registry: Registry) -> Floor:
    main, name = METRICS[benchmark.card.main], FLOOR.rpartition("/")[2]
    try:
        resolved = registry.resolve_encoder(FLOOR)
    except UnknownName:
        return Floor(name, main.title, None, f"{name} is not installed; pip install 'stsbench[lexical]' brings it")
    if any(part.pairs.reads - resolved.component.reads for part in benchmark.parts):
        return Floor(str(resolved.ref), main.title, None, "it reads texts only")
    scorer = resolved.build()
    lists = _material(benchmark, [scorer.score(*part.pairs.texts)[:, None] for part in benchmark.parts]).lists()
    measured = [(measure(pairs.gold, rankable(column[:, 0])[0], [main], pairs.weights), weight) for pairs, column, weight in lists]
    reason = next((result.reason for result, _ in measured if result.reason), None)
    figure = None if reason else float(sum(weight * result.figures[main.name] for result, weight in measured))
    return Floor(str(resolved.ref), main.title, figure, reason)


def _material(benchmark: PlannedBenchmark, scores: Sequence[Float64]) -> JointScores:
    card = benchmark.card
    return JointScores(benchmark.name, card.protocol, card.aggregation, card.private, benchmark.parts, tuple(scores), ())
