"""What the contract asks of some encoders: of token views, and of those that send texts to a service, its hosts, price and batches."""

from __future__ import annotations

from itertools import pairwise

import numpy as np

from stsbench.contracts.data import Tokens
from stsbench.contracts.models.services import as_hosts
from stsbench.errors import UsageError
from stsbench.host import capabilities
from stsbench.testing.check import Rule, expect
from stsbench.testing.encoded import EncoderSubject, named
from stsbench.testing.samples import PLAIN, TEXTS


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


def hosts_are_named(subject: EncoderSubject) -> None:
    """Hosts that texts are sent to are named as --allow-network names them, before anything is sent.

    Set hosts to a tuple such as ("api.example.com", "127.0.0.1:8000"), of what stsbench.plugin.host_of makes of a URL.
    """
    for host in capabilities.hosts(subject.built):
        try:
            known = as_hosts([host])
        except (UsageError, AttributeError, TypeError):
            known = frozenset()
        expect(known == {host}, f"hosts names {host!r}, which is no HOST or HOST:PORT in lower case")


def cost_is_a_bound(subject: EncoderSubject) -> None:
    """A cost is tokens of at least 0 and at most `most`; a text or a prompt more costs no less.

    Return Cost(tokens, most, price), with as many tokens as there can be as `most`: no more than that is spent.
    """
    if capabilities.cost(subject.built) is None:
        return
    asked = [((), ""), (PLAIN, ""), (TEXTS, ""), (TEXTS, "Represent this sentence: ")]
    costs = [bill for texts, prompt in asked if (bill := capabilities.cost(subject.built, texts, prompt)) is not None]
    expect(len(costs) == len(asked), "it tells the cost of some texts, and not of others")
    for bill in costs:
        expect(0 <= bill.tokens <= bill.most, f"it tells {bill.tokens} tokens, of at most {bill.most}")
        expect(bill.price is None or bill.price >= 0, f"it tells a price of {bill.price} dollars")
    for fewer, more in pairwise(costs):
        expect((fewer.tokens, fewer.most) <= (more.tokens, more.most), f"{fewer.tokens} tokens become {more.tokens} with more to encode")


def batches_hold_each_text_once(subject: EncoderSubject) -> None:
    """`encode_batches` gives each item once, at its place, and what `encode` gives it.

    Yield pairs of places intp[k], which count from 0 in the items of the call, and Embeddings of k rows.
    """
    if (encode := capabilities.in_batches(subject.built)) is None:
        return
    seen = np.zeros(len(subject.items), dtype=np.intp)
    for places, embeddings in encode(list(subject.items), views=subject.every, prompt=""):
        seen[places] += 1
        subject.expect_same(embeddings, places.tolist(), where="in a batch")
    for place, times in enumerate(seen.tolist()):
        expect(times == 1, f"item {place} came {times} times")


SERVICE_RULES = (hosts_are_named, cost_is_a_bound, batches_hold_each_text_once)
