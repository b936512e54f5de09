"""Drawing triplets from the grammars: the same for the same seed, on every machine and with every version of Python."""

from __future__ import annotations

import hashlib
from itertools import chain, islice, zip_longest

from stsbench.builtin.stress.grammars import Triplet, triplets
from stsbench.contracts.items import Triplets


def draw(phenomenon: str, number: int, seed: int) -> Triplets:
    """`number` triplets of one phenomenon, in turn from each of its rules, none twice; fewer where the grammar makes no more.

    A rule's triplets are taken in the order of a hash of seed and text, which is as good as chance and depends on nothing else.
    """
    turns = zip_longest(*(_shuffled(rule, seed) for rule in triplets(phenomenon)))
    drawn = list(islice(dict.fromkeys(filter(None, chain.from_iterable(turns))), number))
    anchor, positive, negative = zip(*drawn, strict=True)
    return Triplets(anchor, positive, negative, (phenomenon,) * len(drawn))


def _shuffled(made: list[Triplet], seed: int) -> list[Triplet]:
    return sorted(made, key=lambda triplet: hashlib.blake2b("\0".join((str(seed), *triplet)).encode(), digest_size=16).digest())
