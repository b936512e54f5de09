"""What a plan is made of: encoders, similarities and benchmarks, resolved and built, and the systems that they form."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from functools import cached_property
from typing import Any

from stsbench.contracts.components.protocols import BenchmarkCard
from stsbench.contracts.data import Part, UniqueTexts
from stsbench.contracts.fingerprint import Fingerprint, digest
from stsbench.contracts.identity import SystemId, Variant
from stsbench.contracts.records import Shown
from stsbench.contracts.wording import called_together
from stsbench.host.resolved import Resolved
from stsbench.runner.prompting import RULE, mteb_prompts


@dataclass(frozen=True, slots=True)
class Choice:
    """What somebody asks for: an encoder (a reference, or an object with `encode`), some of its views (none: all), similarities.

    `transforms` are chains as text, each an alternative; without any, vectors are taken as they are. `required` makes an impossible
    pairing an error, as on a board; in a grid it is left out and listed. `label` is shown in place of the encoder's own.
    """

    encoder: Any
    similarities: tuple[str, ...]
    views: tuple[str, ...] = ()
    required: bool = False
    label: str = ""
    transforms: tuple[str, ...] = ()


@dataclass(frozen=True, eq=False)
class PlannedEncoder:
    """A built encoder; a pair scorer and a plain object take this place too (`scorer`, and `resolved` is None).

    `trained` are the parts of benchmarks that it is said to have been trained on: they change flags, not vectors. `made_for` is the
    similarity that it was trained for, where it names one, and `hosts` are those that it sends texts to. `task_prompts` are prompts of
    which the benchmark chooses.
    """

    label: str
    encoder: Any
    resolved: Resolved[Any] | None
    fingerprint: Fingerprint
    prompts: tuple[str, str] = ("", "")
    scorer: bool = False
    trained: tuple[Part, ...] = ()
    made_for: str | None = None
    hosts: tuple[str, ...] = ()
    task_prompts: Mapping[str, str] | None = None

    def prompts_on(self, card: BenchmarkCard) -> tuple[str, str]:
        """What is put before the left and the right texts of a benchmark."""
        if self.task_prompts is None:
            return self.prompts
        left, right = mteb_prompts(self.task_prompts, card)
        return self.prompts[0] + left, self.prompts[1] + right

    @cached_property
    def ref(self) -> str:
        """Canonical reference without view options."""
        return str(self.resolved.stem) if self.resolved else self.label

    @property
    def recorded(self) -> Fingerprint:
        """What records go by: the fingerprint, under which vectors are kept by prompt, with what is declared beside it."""
        left, right = self.prompts
        prompted = self.fingerprint.extended(prompt_left=left, prompt_right=right) if left or right else self.fingerprint
        prompted = prompted if self.task_prompts is None else prompted.extended(prompts=RULE)
        return prompted.extended(trained_on=self.trained_on) if self.trained else prompted

    @property
    def trained_on(self) -> str:
        """Identity of the data of `trained`; empty without."""
        return digest(part.pairs.digest for part in self.trained) if self.trained else ""

    @property
    def reproducible(self) -> bool:
        """Whether a reference can name it, so that its results may be kept."""
        return self.resolved is not None


@dataclass(frozen=True, eq=False)
class Planned:
    """A built similarity or transform (`component`) with what it is fitted on: `fit_on` None (no fit), `self`, or a reference.

    `fit_parts` are the parts of that reference, with the card of each; () for `self`. `hosts` are those that it sends texts to.
    """

    resolved: Resolved[Any]
    component: Any
    fingerprint: Fingerprint
    fit_on: str | None = None
    fit_parts: tuple[Part, ...] = ()
    fit_cards: tuple[BenchmarkCard, ...] = ()
    hosts: tuple[str, ...] = ()

    @cached_property
    def ref(self) -> str:
        """Canonical reference."""
        return str(self.resolved.ref)

    @property
    def private(self) -> bool:
        """Whether anything that it is fitted on is."""
        return any(card.private for card in self.fit_cards)

    @property
    def transductive(self) -> bool:
        """Whether it is fitted on the very texts that it is measured on."""
        return self.fit_on == "self"

    def saw(self, part: Part) -> bool:
        """Whether the texts of `part` are among those that it is fitted on."""
        return self.transductive or (not self.supervised and part.pairs.digest in {one.pairs.digest for one in self.fit_parts})

    @property
    def supervised(self) -> bool:
        """Whether it has seen gold scores."""
        return self.resolved.component.fits == "pairs"


@dataclass(frozen=True, eq=False)
class PlannedBenchmark:
    """A loaded benchmark. `name` says so when the data differ from their definition."""

    resolved: Resolved[Any]
    card: BenchmarkCard
    parts: tuple[Part, ...]

    @cached_property
    def ref(self) -> str:
        """Canonical reference."""
        return str(self.resolved.ref)

    @property
    def differs(self) -> str | None:
        """How the data depart from their definition, if they do."""
        return next((part.source.differs for part in self.parts if part.source.differs), None)

    @property
    def notes(self) -> tuple[str, ...]:
        """How the data were read, with the part where parts say different things: for those who run it, in no record."""
        said = {part.place: part.source.notes for part in self.parts}
        if len(set(said.values())) == 1:
            return self.parts[0].source.notes
        return tuple(f"{'/'.join(place)}: {note}" for place, notes in said.items() for note in notes)

    @property
    def name(self) -> str:
        """The name that results carry: data that differ from their definition are never scored under its name."""
        data = [part.pairs.digest for part in self.parts]
        return f"{self.card.name}~{(data[0] if len(data) == 1 else digest(data))[:8]}" if self.differs else self.card.name

    @property
    def items(self) -> str:
        """What its pairs are of: texts, images, or texts and images."""
        return called_together(f"{kind}s" for part in self.parts for kind in part.pairs.reads)

    @property
    def shown(self) -> Shown:
        """Name, task and private flag: records of the same data that say otherwise are not this benchmark's."""
        return self.name, self.card.task, self.card.private


@dataclass(frozen=True)
class System:
    """One view of the job's encoder with a chain of transforms and one similarity, or a pair scorer in the encoder's place."""

    view: str
    similarity: Planned | None
    transforms: tuple[Planned, ...] = ()
    pair_scorer: Planned | None = None

    @property
    def scorer(self) -> Planned:
        """What scores the pairs."""
        scorer = self.similarity or self.pair_scorer
        assert scorer is not None
        return scorer

    @property
    def needs(self) -> str:
        """What the similarity reads."""
        return self.scorer.resolved.component.needs

    @property
    def components(self) -> tuple[Planned, ...]:
        """The transforms and what scores the pairs, in the order in which they are applied."""
        return (*self.transforms, self.scorer)

    @property
    def variant(self) -> Variant:
        """What records know it by."""
        return Variant(self.view, tuple(one.ref for one in self.transforms), self.similarity.ref if self.similarity else "")

    @property
    def refs(self) -> tuple[str, ...]:
        """Canonical references of `components`."""
        return tuple(one.ref for one in self.components)


@dataclass(frozen=True)
class Job:
    """One encoder with all its systems, and for each benchmark (by position) the systems that have to be computed.

    Of `unread` benchmarks, by reference, there are none, since it does not read what their pairs are made of: why, in words.
    """

    encoder: PlannedEncoder
    systems: tuple[System, ...]
    missing: tuple[tuple[System, ...], ...]
    unread: Mapping[str, str] = field(default_factory=dict, hash=False)

    @property
    def views(self) -> tuple[str, ...]:
        """Views that have to be encoded, each once."""
        return tuple(dict.fromkeys(system.view for systems in self.missing for system in systems if system.needs != "texts"))

    def known(self, system: System) -> SystemId:
        """What results know one of its systems by."""
        return SystemId(self.encoder.ref, self.encoder.recorded.hex, *system.variant)

    def name_of(self, system: System) -> str:
        """One of its systems in words: encoder, view where there are several, transforms, similarity; a pair scorer alone."""
        if self.encoder.scorer:
            return self.encoder.label
        view = [system.view] if len({other.view for other in self.systems}) > 1 else []
        return " · ".join([self.encoder.label, *view, *(component.resolved.label for component in system.components)])

    def reference_of(self, system: System) -> str:
        """The same in full: canonical references, and the view whether there are others or not."""
        return self.encoder.ref if self.encoder.scorer else " · ".join([self.encoder.ref, system.view, *system.refs])


@dataclass(frozen=True)
class NotRun:
    """A pairing that cannot be run: left out of a grid, or failed before it began (`error`)."""

    encoder: str
    similarity: str
    benchmark: str
    reason: str
    error: Exception | None = None


@dataclass(frozen=True)
class Plan:
    """Everything that a run needs, resolved, built and loaded; no model has been loaded yet."""

    jobs: tuple[Job, ...]
    benchmarks: tuple[PlannedBenchmark, ...]
    left_out: tuple[NotRun, ...] = ()
    failed: tuple[NotRun, ...] = ()
    warnings: tuple[str, ...] = ()
    limit: int | None = None

    @property
    def private(self) -> bool:
        """Whether any text of it is: what a plugin says of a failure is then not repeated."""
        fits = (one for job in self.jobs for system in job.systems for one in system.components)
        return any(benchmark.card.private for benchmark in self.benchmarks) or any(one.private for one in fits)

    @property
    def labels(self) -> tuple[str, ...]:
        """A name for every system of every job: the short one where it is no other's, else the full one."""
        systems = [(job, system) for job in self.jobs for system in job.systems]
        short = [job.name_of(system) for job, system in systems]
        return tuple(
            name if short.count(name) == 1 else job.reference_of(system) for name, (job, system) in zip(short, systems, strict=True)
        )

    def measured(self, job: Job) -> tuple[PlannedBenchmark, ...]:
        """The benchmarks that a job's systems are measured on: those that its encoder reads."""
        return tuple(one for one in self.benchmarks if one.ref not in job.unread)

    def cells(self) -> int:
        """Number of system x benchmark cells that have to be computed."""
        return sum(len(systems) for job in self.jobs for systems in job.missing)

    def texts(self, job: Job) -> Sequence[Part]:
        """The parts whose texts the job's encoder must encode, those of fits included, each once."""
        return [part for part, _ in self._needed(job)]

    def unique_texts(self, job: Job) -> UniqueTexts:
        """The texts of these parts, each once with its prompt."""
        needed = [(part.pairs, job.encoder.prompts_on(card)) for part, card in self._needed(job)]
        return UniqueTexts.of((pairs for pairs, _ in needed), (prompts for _, prompts in needed))

    def _needed(self, job: Job) -> Iterable[tuple[Part, BenchmarkCard]]:
        asked = [one for one, systems in zip(self.benchmarks, job.missing, strict=True) if systems]
        fitted = [one for systems in job.missing for system in systems for one in system.components]
        needed = [(part, one.card) for one in asked for part in one.parts]
        fits = [pair for one in fitted for pair in zip(one.fit_parts, one.fit_cards, strict=True)]
        return {id(part): (part, card) for part, card in [*needed, *fits]}.values()
