"""The checks of a component or of a whole plugin: one way to them, whatever it is."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Mapping
from functools import partial
from typing import Any, Final

from stsbench.contracts.components.component import Kind
from stsbench.contracts.components.protocols import Evaluator
from stsbench.contracts.defaults import PADDED
from stsbench.contracts.ref import Ref
from stsbench.contracts.work import Executor
from stsbench.host.registry import Registry
from stsbench.testing.benchmarks import BenchmarkSubject, benchmark_rules, parts_hold_pairs
from stsbench.testing.check import Check, Offered, Rule, Subject, expect
from stsbench.testing.encoded import EncoderSubject
from stsbench.testing.encoders import encoder_rules, fingerprint_tells_options_apart, one_row_a_text, values_are_finite
from stsbench.testing.lightness import building_is_light, is_installed
from stsbench.testing.plugins import PluginSubject, plugin_rules
from stsbench.testing.similarities import SimilaritySubject, one_score_a_pair, scores_are_finite, similarity_rules
from stsbench.testing.transforms import TransformSubject, one_row_a_vector, transform_rules
from stsbench.testing.writers import WriterSubject, files_are_bytes, writer_rules

KINDS: Final[Mapping[Kind, tuple[type[Offered], Callable[[Any], Iterable[Rule]]]]] = {
    "encoder": (EncoderSubject, encoder_rules),
    "transform": (TransformSubject, transform_rules),
    "similarity": (SimilaritySubject, similarity_rules),
    "benchmark": (BenchmarkSubject, benchmark_rules),
    "writer": (WriterSubject, writer_rules),
    "executor": (Offered, lambda _: [offers_its_kind]),
    "evaluator": (Offered, lambda _: [offers_its_kind]),
}
PROTOCOLS: Final[Mapping[str, type]] = {"executor": Executor, "evaluator": Evaluator}  # what the kit only asks to be there

BASES: Final[frozenset[Rule]] = frozenset(
    {one_row_a_text, values_are_finite, one_row_a_vector, one_score_a_pair, scores_are_finite, parts_hold_pairs, files_are_bytes}
)
APART: Final[frozenset[Rule]] = frozenset({building_is_light, fingerprint_tells_options_apart})  # what rests on none of them


def resolves(subject: Subject) -> None:
    """An installed plugin offers the name, and building it raises nothing.

    `stsbench plugins` shows what is installed, what it offers, and what failed to load.
    """
    assert subject.built is not None


def offers_its_kind(subject: Offered) -> None:
    """Building it gives what has the members of its kind, and starts nothing.

    Give it those that the contract names; the documentation has them under the hook of the kind.
    """
    members = [name for name in vars(PROTOCOLS[subject.kind]) if not name.startswith("_")]
    missing = [name for name in members if not hasattr(subject.built, name)]
    expect(not missing, f"it has no {', '.join(missing)}")


def checks(
    kind: Kind,
    ref: str,
    *,
    others: Iterable[str] = (),
    tolerance: float = PADDED,
    without: Mapping[str, str] | None = None,
    registry: Registry | None = None,
) -> list[Check]:
    """The checks of a component, with generated texts, vectors, tokens and boards; a benchmark is loaded.

    `others` are encoders that must not share its fingerprint: one for each option that counts. `tolerance` is the relative difference
    that batches may make. `without` leaves rules out, by name, with the reason for each: raises ValueError where it names none.
    """
    return _left(_of_component(kind, ref, registry or Registry.installed(), tolerance, tuple(others)), without or {}, repr(ref))


def plugin_checks(
    name: str,
    *,
    refs: Iterable[str] = (),
    tolerance: float = PADDED,
    without: Mapping[str, str] | None = None,
    registry: Registry | None = None,
) -> list[Check]:
    """The checks of all that a plugin offers, and of itself: by the name of its distribution or entry point.

    `refs` are references to its components that are checked in place of the bare names: with a target, or other options. What needs a
    target, or sends texts off the machine, is checked only where such a reference is given. `tolerance` and `without` are as in `checks`.
    """
    refs = [str(Ref.parse(ref)) for ref in refs]
    subject = PluginSubject("plugin", name, registry or Registry.installed(), tuple(refs))
    return _left(list(_of_plugin(subject, tolerance)), without or {}, repr(name))


encoder_checks = partial(checks, "encoder")
transform_checks = partial(checks, "transform")
similarity_checks = partial(checks, "similarity")
benchmark_checks = partial(checks, "benchmark")
writer_checks = partial(checks, "writer")


def _of_component(kind: Kind, ref: str, registry: Registry, tolerance: float, others: tuple[str, ...] = ()) -> list[Check]:
    made, rules_of = KINDS[kind]

    def rules(subject: Offered) -> Iterator[Rule]:
        yield from rules_of(subject)
        if is_installed(subject):
            yield building_is_light

    return _select(made(kind, ref, registry, tolerance, others), rules)


def _of_plugin(subject: PluginSubject, tolerance: float) -> Iterator[Check]:
    of_itself = _select(subject, plugin_rules)
    yield from of_itself
    if of_itself[0].rule is resolves:  # nothing is known of what it offers
        return
    for offer in subject.offers:
        for ref in offer.given or (() if offer.needs_reference else (offer.plain,)):
            yield from _of_component(offer.kind, ref, subject.registry, tolerance)


def _select(subject: Subject, rules: Callable[[Any], Iterable[Rule]]) -> list[Check]:
    """A check for each rule that applies; `rules` may raise, and then the one check `resolves` fails when it runs."""
    try:
        return [Check(subject, rule, rule in BASES, rule not in APART) for rule in rules(subject)]
    except Exception:  # noqa: BLE001 - collecting tests must not fail: the check does, and says why
        return [Check(subject, resolves)]


def _left(every: list[Check], without: Mapping[str, str], name: str) -> list[Check]:
    """The checks but those whose rules are left out."""
    rules = {check.name for check in every}
    if (unknown := set(without) - rules) and resolves.__name__ not in rules:
        raise ValueError(f"no rule for {name} is called {', '.join(sorted(unknown))}; its rules are {', '.join(sorted(rules))}")
    if not all(reason.strip() for reason in without.values()):
        raise ValueError("without= takes the reason for each rule that is left out")
    return [check for check in every if check.name not in without]
