"""Keys and signatures: what a record rests on, as a hash and as a line that reproduces it."""

from __future__ import annotations

from collections.abc import Iterable

from stsbench.contracts.data import Part
from stsbench.contracts.fingerprint import digest
from stsbench.contracts.identity import WHOLE
from stsbench.contracts.ref import CHAIN, Ref, escape, split_chain, unescape
from stsbench.errors import RefError
from stsbench.runner.system import Planned, PlannedBenchmark, PlannedEncoder, System

_PREFIX = "stsbench"


def fit_digest(component: Planned, part: Part) -> str:
    """Digest of the data that a similarity or transform is fitted on for this part; empty without a fit."""
    if component.fit_on is None:
        return ""
    named = [] if component.fit_on == "self" else [component.fit_on]  # the same data named otherwise are another system
    return digest([*named, *(one.pairs.digest for one in component.fit_parts or (part,))])


def part_key(encoder: PlannedEncoder, system: System, benchmark: PlannedBenchmark, part: Part) -> str:
    """Hash of all that can change the scores of a system on a part."""
    similarity = system.similarity.fingerprint.hex if system.similarity else ""
    fit = fit_digest(system.scorer, part)
    transforms = [field for one in system.transforms for field in (one.fingerprint.hex, fit_digest(one, part))]
    card = benchmark.card
    return digest(
        (
            "record",
            encoder.fingerprint.hex,
            system.view,
            similarity,
            fit,
            *encoder.prompts_on(card),
            card.protocol,
            part.split,
            part.subset,
            part.pairs.digest,
            *transforms,
            *([f"trained_on {encoder.trained_on}"] if encoder.trained else []),
            *([] if encoder.task_prompts is None else _prompts_of_fits(encoder, system)),
        )
    )


def system_key(encoder: PlannedEncoder, system: System) -> str:
    """Hash of all that can change a system's score of two texts; of one that is fitted on data of its own."""
    fitted: list[str] = []
    for component in system.components:
        fitted += [component.fingerprint.hex, component.fit_on or "", *(part.pairs.digest for part in component.fit_parts)]
    return digest(("system", encoder.fingerprint.hex, system.view, *encoder.prompts, *fitted, *_prompts_of_fits(encoder, system)))


def _prompts_of_fits(encoder: PlannedEncoder, system: System) -> list[str]:
    """The prompts of the data that its components are fitted on, which go by those data."""
    cards = dict.fromkeys(card for one in system.components for card in one.fit_cards)
    return [prompt for card in cards for prompt in encoder.prompts_on(card)]


def aggregate_key(part_keys: Iterable[str], aggregation: str) -> str:
    """Hash of all that can change an aggregate."""
    return digest(("aggregate", aggregation, *part_keys))


def signature(encoder: PlannedEncoder, system: System, benchmark: PlannedBenchmark, part: Part | None) -> str:
    """The line that reproduces a number; `part` None stands for the aggregate over all parts."""
    parts = benchmark.parts if part is None else (part,)
    sources = sorted({f"{one.source.kind}@{one.source.revision}" if one.source.revision else one.source.kind for one in parts})
    similarity, prompts = system.similarity, encoder.prompts_on(benchmark.card)
    fields = {
        "benchmark": str(benchmark.resolved.ref),
        "name": escape(benchmark.name),
        "split": escape(part.split if part else WHOLE),
        "subset": escape(part.subset if part else WHOLE),
        "source": "+".join(sources),
        "n": str(sum(len(one.pairs) for one in parts)),
        "digest": (parts[0].pairs.digest if len(parts) == 1 else digest(one.pairs.digest for one in parts))[:16],
        "protocol": escape(benchmark.card.protocol),
        "aggregation": benchmark.card.aggregation,
        "encoder": str(encoder.resolved.written_out(system.view)) if encoder.resolved else escape(encoder.label),
        "revision": escape(dict(encoder.fingerprint.fields).get("revision", "")),
        "fingerprint": encoder.fingerprint.hex[:16],
        "view": escape(system.view),
        "transforms": CHAIN.join(map(written_out, system.transforms)),
        "similarity": str(similarity.resolved.written_out("")) if similarity else "",
        "fit": system.scorer.fit_on or "",
        "prompts": "+".join(map(escape, prompts)) if any(prompts) else "",
    }
    return "|".join([_PREFIX, *(f"{name}={value}" for name, value in fields.items())])


def written_out(transform: Planned) -> str:
    """The reference of a transform with all that identifies it, its fit too."""
    ref = transform.resolved.written_out("")
    return str(ref if transform.fit_on is None else ref.with_options(fit=transform.fit_on))


def parse_signature(line: str) -> dict[str, str]:
    """The fields of a signature, references as text and all else decoded; raises RefError if the line is none."""
    prefix, *fields = line.strip().split("|")
    pairs = [field.partition("=") for field in fields]
    if prefix != _PREFIX or not pairs or not all(equals for _, equals, _ in pairs):
        raise RefError("this is not a signature; one starts with 'stsbench|benchmark=' and is printed beside every figure")
    values = {name: value for name, _, value in pairs}
    for name in ("benchmark", "encoder", "similarity"):
        if values.get(name) and not values[name].startswith("object"):
            Ref.parse(values[name])
    if values.get("transforms"):
        split_chain(values["transforms"])
    return {
        name: value if name in ("benchmark", "encoder", "transforms", "similarity", "prompts") else unescape(value)
        for name, value in values.items()
    }
