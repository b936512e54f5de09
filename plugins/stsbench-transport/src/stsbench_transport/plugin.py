"""The hooks of this distribution. POT is imported by the first score."""

from __future__ import annotations

from collections.abc import Iterable

from stsbench.plugin import Component, Similarity, hookimpl
from stsbench_transport.entropic import Sinkhorn
from stsbench_transport.movers import IdfMover, Mover, RotatorsDistance


@hookimpl
def stsbench_similarities() -> Iterable[Component[Similarity]]:
    """Word mover's distance, exact, weighted by idf or entropic, and word rotator's distance."""
    return [
        Component("wmd", Mover, needs="tokens", numerics=2),
        Component("wmd-idf", IdfMover, needs="tokens", fits="texts", numerics=2),
        Component("wrd", RotatorsDistance, needs="tokens", numerics=2),
        Component("sinkhorn", Sinkhorn, needs="tokens"),
    ]
