"""What a model is tried on: token ids of lengths around and past every length at which its configuration has it compute otherwise."""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping, Sequence
from typing import TYPE_CHECKING, Any

import numpy as np

from stsbench.plugin import Float32
from stsbench_transformers.batching.batches import PACKINGS, Packing
from stsbench_transformers.batching.independence import ROUNDING, find_packing
from stsbench_transformers.tokens.tokenised import Ids, Tokenised
from stsbench_transformers.views import View

if TYPE_CHECKING:
    from stsbench_transformers.batching.engine import Engine

LONGEST = 2048  # tokens of the longest text that a model is tried on
_LENGTHS = (3, 17, 64)
_SPAN = re.compile(r"window|local_attention|block_size|chunk|bucket|relative|distance|span")
_RELATIVE = re.compile(r"bucket|relative|distance")
TEXT = "A man plays the guitar, while nobody looks at the old house near the river; stocks fell 3.5 % on Monday. Ein Mädchen liest."


def find_lengths(config: Mapping[str, Any], limit: int | None) -> tuple[int, ...]:
    """Lengths in tokens to try a model at, ascending, none above `limit` or LONGEST.

    Windows, blocks and buckets end where a number of the configuration says; relative positions are tried up to the last one.
    """
    most = min(limit or LONGEST, LONGEST)
    named = {name: value for name, value in config.items() if _SPAN.search(name)}
    spans = {span for value in named.values() for span in (value if isinstance(value, list) else [value]) if type(span) is int and span > 1}
    past = {length for span in spans if span < most for length in (span + 1, 2 * span + 1)}
    if any(_RELATIVE.search(name) and value for name, value in named.items()):
        past.add(most)
    if "block_size" in named and spans:  # sparse attention starts where several blocks are full
        past.add(16 * max(spans))
    return tuple(sorted({min(length, most) for length in (*_LENGTHS, *past)}))


def make_probes(engine: Engine, lengths: Sequence[int], seed: int = 0) -> list[Ids]:
    """A text of each length: random tokens of a text, between the special ones that the tokenizer puts around it."""
    given = engine.tokenise([TEXT], None)
    ids, special = given.ids[0], given.special[0]
    body = ids[~special] if not special.all() else np.zeros(1, dtype=np.int64)
    start = 0 if special.all() else int(np.argmin(special))
    end = len(ids) if special.all() else len(ids) - int(np.argmin(special[::-1]))
    random = np.random.default_rng(seed)
    made = []
    for length in lengths:
        inner = max(length - start - (len(ids) - end), 1)
        made.append(np.concatenate([ids[:start], random.choice(body, inner), ids[end:]]))
    return made


def states(engine: Engine, views: Sequence[View]) -> Callable[[Sequence[Ids]], list[Float32]]:
    """What the engine gives texts that go through it in one batch: rows of all views, by text."""

    def run(texts: Sequence[Ids]) -> list[Float32]:
        unmarked = [np.zeros(len(ids), dtype=np.bool_) for ids in texts]
        given = Tokenised(list(texts), unmarked, np.zeros(len(texts), dtype=np.bool_))
        vectors, tokens = engine.collect(given, range(len(texts)), [slice(0, len(texts))], views)
        by_view = [*map(list, tokens.values()), *([row[None] for row in one] for one in vectors.values())]
        return [np.concatenate(parts) for parts in zip(*by_view, strict=True)]

    return run


def judged(depth: int, dtype: str) -> list[tuple[list[View], float]]:
    """What has to agree in the last layer, and how far: single tokens vary more than what is pooled."""
    pooled = [View(pooling, (depth,)) for pooling in ("mean", "cls", "max")]
    return [([View("tokens", (depth,))], 10 * ROUNDING[dtype]), (pooled, ROUNDING[dtype])]


def try_packing(engine: Engine, lengths: Sequence[int], depth: int, dtype: str) -> Packing:
    """The largest batches in which a text has what it has alone."""
    probes, twins = (make_probes(engine, lengths, seed) for seed in (0, 1))
    packings = []
    for views, tolerance in judged(depth, dtype):
        run = states(engine, views)
        packings.append(find_packing(run, [run([one])[0] for one in probes], probes, twins, tolerance))
    return max(packings, key=PACKINGS.index)
