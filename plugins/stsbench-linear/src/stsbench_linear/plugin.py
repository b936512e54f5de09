"""The hooks of this distribution."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from typing import Literal

from stsbench.plugin import Component, Encoder, Location, OptionError, Views, hookimpl
from stsbench_linear.encoder import LinearEncoder


def linear(
    corpus: Location,
    /,
    *,
    objective: Literal[1, 2] = 1,
    penalty: float = 100.0,
    k: int | None = 256,
    min_df: int = 12,
    sigma: float = 0.0,
    shrink: float = 0.0,
    view: Views[Sequence[Literal["embedding", "back"]]] = ("embedding",),
) -> Encoder:
    """Linear matrix factorisation over bags of words, in closed form, learned from a file with one sentence a line.

    `objective=1` minimises |X - XAB'|^2 + penalty |AB'|^2 and leaves a diagonal D free, which `sigma` and `shrink` choose as powers
    of the singular values and of their shrinkage; `objective=2` has penalty (|XA|^2 + |B|^2) and leaves none. `k` is the rank (none:
    all of it), `min_df` the number of sentences that must hold a word. Views: `embedding` is XA, `back` is XAB'.
    Source: Steck, Ekanadham and Kallus 2024.
    """
    if not 0.0 <= penalty < float("inf") or min_df < 1 or (k is not None and k < 1):
        raise OptionError(f"linear takes a finite penalty of at least 0 and k and min_df of at least 1, not {penalty}, {k} and {min_df}")
    if objective == 2 and (sigma or shrink):
        raise OptionError("objective 2 leaves no scale free; give sigma and shrink with objective=1 only")
    return LinearEncoder(corpus, objective, penalty, k, min_df, sigma, shrink, tuple(view))


@hookimpl
def stsbench_encoders() -> Iterable[Component[Encoder]]:
    """The encoder `linear`."""
    return [Component("linear", linear)]
