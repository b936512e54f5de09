"""Token similarities beside their peers, which are called pair by pair: BERTScore here, soft cosine in `soft_cosine.py`.

bert_score gets token vectors that are at hand, as the similarity here does, and no text: `greedy_cos_idf`, as its own loop calls it.

The kernel is the compiled one; where there is none, and with --numpy, the one in numpy.

python benchmarks/token_kernels.py [--pairs N] [--dimensions D ...] [--rounds N] [--numpy] [--json]
"""

from __future__ import annotations

import argparse
import json
from statistics import median
from typing import Any

import numpy as np
import torch
from bert_score.utils import greedy_cos_idf
from soft_cosine import VOCABULARY, texts, timed, tokens_of

from stsbench.builtin.similarities import compiled, matching
from stsbench.builtin.similarities.idf import occurrence
from stsbench.contracts.data import Tokens


def padded(vectors: torch.Tensor) -> tuple[torch.Tensor, torch.Tensor, torch.Tensor]:
    """One text as a batch of its own, as bert_score pads it: vectors, mask and idf weights."""
    length = len(vectors)
    batch = torch.nn.utils.rnn.pad_sequence([vectors], batch_first=True, padding_value=2.0)
    weights = torch.nn.utils.rnn.pad_sequence([torch.ones(length, dtype=vectors.dtype)], batch_first=True)
    return batch, torch.arange(length).expand(1, length) < torch.tensor([length]).unsqueeze(1), weights


def looped(left: list[torch.Tensor], right: list[torch.Tensor]) -> Any:
    """F1 of bert_score, one pair after the other."""
    with torch.no_grad():
        return np.array([float(greedy_cos_idf(*padded(x), *padded(y))[2]) for x, y in zip(left, right, strict=True)])


def ours(left: Tokens, right: Tokens) -> Any:
    """The same of all pairs at once."""
    return matching.f1(left, right, (occurrence(left), occurrence(right)))


def measured(dimensions: int, pairs: int, rounds: int) -> dict[str, Any]:
    """Pairs a second of both on the same vectors, by turns, and the largest difference of two scores."""
    generator = np.random.default_rng(0)
    vectors = generator.normal(size=(VOCABULARY, dimensions)).astype(np.float32)
    left, right = (tokens_of(texts(generator, pairs), vectors) for _ in range(2))
    exact = [[torch.tensor(one, dtype=torch.float64) for one in side] for side in (left, right)]
    single = [[one.float() for one in side] for side in exact]
    difference = float(np.abs(looped(*exact) - ours(left, right)).max())
    turns = [(timed(lambda: ours(left, right))[0], timed(lambda: looped(*single))[0]) for _ in range(rounds)]
    ratios = sorted(theirs / own for own, theirs in turns)
    return {
        "dimensions": dimensions,
        "stsbench": pairs / median(own for own, _ in turns),
        "bert_score": pairs / median(theirs for _, theirs in turns),
        "ratio": median(ratios),
        "ratios": ratios,
        "difference": difference,
    }


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--pairs", type=int, default=8192, help="a run hands a similarity so many at a time")
    parser.add_argument("--dimensions", type=int, nargs="+", default=[64, 128, 256, 384, 768])
    parser.add_argument("--rounds", type=int, default=3)
    parser.add_argument("--numpy", action="store_true")
    parser.add_argument("--json", action="store_true")
    given = parser.parse_args()
    kernel = "numpy" if given.numpy or compiled.code() is None else "compiled"
    if kernel == "numpy":
        matching.__dict__["nearest"] = matching.by_blocks  # the numpy form, whatever was compiled
    rows = [measured(dimensions, given.pairs, given.rounds) for dimensions in given.dimensions]
    if given.json:
        print(json.dumps({"pairs": given.pairs, "kernel": kernel, "rows": rows}))
        return
    print(f"Kernel: {kernel}")
    print(f"{'dimensions':>10}{'stsbench':>12}{'bert_score':>12}{'ratio':>8}{'least':>8}{'most':>8}{'difference':>13}")
    for row in rows:
        ends = f"{row['ratio']:8.1f}{row['ratios'][0]:8.1f}{row['ratios'][-1]:8.1f}"
        print(f"{row['dimensions']:10}{row['stsbench']:12.0f}{row['bert_score']:12.0f}{ends}{row['difference']:13.1e}")


if __name__ == "__main__":
    main()
