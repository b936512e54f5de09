"""The hooks of this distribution. POT is imported by the first score."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Literal

from stsbench.plugin import Component, OptionError, Similarity, hookimpl
from stsbench_transport.entropic import Sinkhorn
from stsbench_transport.movers import IdfMover, Mover, RotatorsDistance

Distance = Literal["euclidean", "cosine"]


def wmd(*, distance: Distance = "euclidean", special: bool = False) -> Mover:
    """Negated word mover's distance: the least cost of moving one text's tokens onto the other's, all of the same weight.

    `distance=cosine` takes 1 - cosine as the cost. `special` moves the tokens that the model adds, too.
    Source: Kusner et al., ICML 2015.
    """
    return Mover(distance, special)


def wmd_idf(*, distance: Distance = "euclidean", special: bool = False) -> IdfMover:
    """Negated word mover's distance in which a token weighs log((n + 1) / (df + 1)), df of the n texts of `fit=` holding it.

    Where all tokens of a text weigh nothing, they weigh the same. Source: Zhao et al., EMNLP 2019 (MoverScore, on single tokens).
    """
    return IdfMover(Mover(distance, special))


def wrd(*, special: bool = False) -> RotatorsDistance:
    """Negated word rotator's distance, in [-2, 0]: a token weighs the norm of its vector, and moving it costs 1 - cosine.

    Source: Yokoi et al., EMNLP 2020.
    """
    return RotatorsDistance(special)


def sinkhorn(*, reg: float = 0.1, distance: Distance = "euclidean", special: bool = False) -> Sinkhorn:
    """Negated cost of the entropic transport plan; `reg` times the pair's largest cost weighs the entropy. It tends to `wmd` as reg does to 0.

    Sinkhorn's iterations end when the plan moves the right weights to 1e-9. With a small `reg` (some .005 and less) 2,000 may
    not suffice for a pair; its plan then counts as it is: exact in the left weights only, with a cost that is off in the fourth digit or so.
    Source: Cuturi, NeurIPS 2013.
    """
    if not 0.0 < reg < float("inf"):
        raise OptionError(f"option 'reg' of sinkhorn takes a number above 0, not {reg}")
    return Sinkhorn(distance, special, reg)


@hookimpl
def stsbench_similarities() -> Iterable[Component[Similarity]]:
    """Word mover's distance, exact, weighted by idf or entropic, and word rotator's distance."""
    return [
        Component("wmd", wmd, needs="tokens", numerics=2),
        Component("wmd-idf", wmd_idf, needs="tokens", fits="texts", numerics=2),
        Component("wrd", wrd, needs="tokens", numerics=2),
        Component("sinkhorn", sinkhorn, needs="tokens"),
    ]
