"""Which encoders, transforms and similarities go together, judged by what they declare; nothing is built."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from stsbench.contracts.identity import WHOLE
from stsbench.contracts.ref import CHAIN, NO_CHAIN, split_chain
from stsbench.errors import PlanError
from stsbench.host.registry import Registry
from stsbench.host.resolved import Resolved
from stsbench.runner.plain import PlainEncoder
from stsbench.runner.system import Choice, NotRun

Chain = tuple[Resolved[Any], ...]


@dataclass(frozen=True)
class Pairing:
    """An encoder with the chains of transforms and the similarities that can read what it gives; none for a pair scorer."""

    choice: Choice
    encoder: Resolved[Any] | PlainEncoder
    possible: tuple[tuple[Chain, Resolved[Any]], ...] = ()


def pair_up(
    registry: Registry, execution: Mapping[str, object], choices: Sequence[Choice]
) -> tuple[tuple[Pairing, ...], tuple[NotRun, ...]]:
    """The possible pairings, and those that are left out because they cannot work.

    Raises PlanError where an encoder, transform or similarity takes part in none, or a required pairing is impossible.
    """
    pairings, left_out = [], []
    wanted: dict[tuple[str, str], bool] = {}  # similarities and chains, and whether they are used
    for choice in choices:
        named = choice.encoder
        encoder = registry.resolve_encoder(named, execution=execution) if isinstance(named, str) else PlainEncoder(named)
        if isinstance(encoder, Resolved) and encoder.kind == "similarity":
            pairings.append(Pairing(choice, encoder))
            continue
        possible, impossible = [], []
        combinations = list(_combinations(registry, execution, choice))
        dense = _refuse_sparse(registry, encoder, combinations)
        for chain, similarity in combinations:
            reason = _mismatch(encoder, chain, similarity, dense)
            if reason is not None and choice.required:
                raise PlanError(f"the board names an impossible system: {reason}")
            if reason is None:
                possible.append((chain, similarity))
            else:
                impossible.append(NotRun(encoder.label, similarity.label, WHOLE, reason))
            for name in (("similarity", similarity.label), ("transform", chain_label(chain))):
                wanted[name] = wanted.get(name, False) or reason is None
        if not possible:
            reasons = "; ".join(dict.fromkeys(pairing.reason for pairing in impossible))
            raise PlanError(f"encoder {encoder.label} ends up in no system: {reasons or 'no similarity was named; add one with -s'}")
        pairings.append(Pairing(choice, encoder, tuple(possible)))
        left_out += impossible
    if idle := [name for name, used in wanted.items() if not used]:
        raise PlanError(f"{' '.join(idle[0])} ends up in no system: " + "; ".join(dict.fromkeys(one.reason for one in left_out)))
    return tuple(pairings), tuple(left_out)


def without_views(pairing: Pairing, label: str, available: Mapping[str, Sequence[str]]) -> list[NotRun]:
    """The pairings for which the encoder, built with its options, has no view of the kind that it may give; `available` has them by need.

    Raises PlanError where that leaves no pairing, or a required one is among them.
    """
    lacking = [similarity for _, similarity in pairing.possible if not available[similarity.component.needs]]
    gives = " and ".join(sorted(kind for kind, views in available.items() if views and kind != "texts")) or "nothing"
    reasons = {
        similarity.label: f"{similarity.label} needs {similarity.component.needs}, and {label} as given has {gives} alone"
        for similarity in lacking
    }
    if reasons and pairing.choice.required:
        raise PlanError(f"the board names an impossible system: {next(iter(reasons.values()))}")
    if reasons and len(lacking) == len(pairing.possible):
        raise PlanError(f"encoder {label} ends up in no system: {'; '.join(reasons.values())}")
    return [NotRun(label, name, WHOLE, reason) for name, reason in reasons.items()]


def _combinations(registry: Registry, execution: Mapping[str, object], choice: Choice) -> Iterator[tuple[Chain, Resolved[Any]]]:
    """Every similarity under every chain that the choice names, each once."""
    similarities = [registry.resolve("similarity", text, execution=execution) for text in dict.fromkeys(choice.similarities)]
    for text in dict.fromkeys(choice.transforms or (NO_CHAIN,)):
        chain = tuple(registry.resolve("transform", ref, execution=execution) for ref in split_chain(text))
        yield from ((chain, similarity) for similarity in similarities)


def chain_label(chain: Chain) -> str:
    """Short readable name of a chain."""
    return CHAIN.join(one.label for one in chain) or NO_CHAIN


def reading_dense(chain: Chain, similarity: Resolved[Any]) -> Resolved[Any] | None:
    """The first of these that sparse vectors would reach and that does not take them; None where there is none."""
    for transform in chain:
        if not transform.component.sparse:
            return transform
        if "sparse" not in transform.component.gives:
            return None
    return None if similarity.component.sparse else similarity


def _refuse_sparse(registry: Registry, encoder: Resolved[Any] | PlainEncoder, combinations: Sequence[tuple[Chain, Resolved[Any]]]) -> str:
    """Why all that reads dense vectors alone cannot work with this encoder, in one sentence with what reads those that it gives."""
    dense = list(dict.fromkeys(one.label for combination in combinations if (one := reading_dense(*combination))))
    similarities, transforms = (
        ", ".join(component.name for component, _ in registry.offers(kind) if component.sparse) for kind in ("similarity", "transform")
    )
    return (
        f"{' and '.join(dense)} read{'s' if len(dense) == 1 else ''} dense vectors, and {encoder.label} gives sparse ones, "
        f"which these similarities read: {similarities}; and these transforms: {transforms}"
    )


def _mismatch(encoder: Resolved[Any] | PlainEncoder, chain: Chain, similarity: Resolved[Any], dense: str) -> str | None:
    """Why a pairing cannot work, `dense` where that is for want of dense vectors; None if it can."""
    gives = encoder.component.gives if isinstance(encoder, Resolved) else {"vectors"}
    needs = similarity.component.needs
    if chain and needs != "vectors":
        return f"{similarity.label} needs {needs}, and {chain_label(chain)} transforms vectors"
    if needs == "vectors" and "sparse" in gives:
        return None if needs in gives or reading_dense(chain, similarity) is None else dense
    if needs != "texts" and needs not in gives:
        return f"{similarity.label} needs {needs}, and {encoder.label} gives {' and '.join(sorted(gives))}"
    return None
