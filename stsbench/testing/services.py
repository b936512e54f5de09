"""What the contract asks of an encoder that sends texts to a service: its hosts, its price, and batches as they are finished."""

from __future__ import annotations

from itertools import pairwise

import numpy as np

from stsbench.contracts.models.services import as_hosts
from stsbench.errors import UsageError
from stsbench.host import capabilities
from stsbench.testing.check import expect
from stsbench.testing.encoded import EncoderSubject
from stsbench.testing.samples import PLAIN, TEXTS


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
