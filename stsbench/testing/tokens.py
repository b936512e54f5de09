"""What the contract asks of token views."""

from __future__ import annotations

import numpy as np

from stsbench.contracts.data import Tokens
from stsbench.testing.check import Rule, expect
from stsbench.testing.encoded import EncoderSubject, named
from stsbench.testing.samples import PLAIN


def tokens_are_ragged(subject: EncoderSubject) -> None:
    """A token view is Tokens whose offsets never fall; texts with words have tokens."""
    for view in subject.built.token_views:
        tokens = subject.embeddings.tokens[view]
        expect(isinstance(tokens, Tokens), f"view {view!r} is {type(tokens).__name__}")
        expect(tokens.values.shape[1] > 0, f"view {view!r} has vectors of no dimension")
        expect(
            tokens.lengths[: len(PLAIN)].all(), f"view {view!r} has no tokens for {named(subject.items[int(np.argmin(tokens.lengths))])}"
        )


def ids_have_pieces(subject: EncoderSubject) -> None:
    """Every token id is at least 0 and has a piece, and equal texts have equal ids.

    Pass pieces={id: text} with every id that occurs.
    """
    for view in subject.built.token_views:
        tokens = subject.embeddings.tokens[view]
        expect(not len(tokens.ids) or tokens.ids.min() >= 0, f"view {view!r} has the id {tokens.ids.min(initial=0)}")
        absent = [number for number in np.unique(tokens.ids).tolist() if not isinstance(tokens.pieces.get(number), str)]
        expect(not absent, f"{len(absent)} ids of view {view!r} have no piece, the first being {absent[:1]}")


def ids_do_not_depend_on_neighbours(subject: EncoderSubject) -> None:
    """A text alone has the ids and special marks that it has among others.

    Number by a fixed vocabulary, or by a hash of the piece; not by the order in which a call meets them.
    """
    for view in subject.built.token_views:
        for row, text in enumerate(subject.items):
            alone = subject.encode([text], (view,)).tokens[view]
            among = subject.embeddings.tokens[view].take(np.array([row], dtype=np.intp))
            same = np.array_equal(alone.ids, among.ids) and np.array_equal(alone.special, among.special)
            expect(same, f"view {view!r} of {named(text)} has other ids alone than among other texts")


TOKEN_RULES: tuple[Rule, ...] = (tokens_are_ragged, ids_have_pieces, ids_do_not_depend_on_neighbours)
