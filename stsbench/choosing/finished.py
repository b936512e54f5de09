"""What is left of a job: its labels as a weighted benchmark, and a board of its candidates on it."""

from __future__ import annotations

import json
import math
from collections.abc import Iterator, Sequence
from pathlib import Path
from typing import Final

import numpy as np

from stsbench.choosing.decision import DecisionSoFar
from stsbench.choosing.job import Candidate
from stsbench.contracts.data import Float64, Pairs
from stsbench.contracts.defaults import RESAMPLES
from stsbench.contracts.identity import ONLY_VIEWS
from stsbench.contracts.ref import CHAIN, escape
from stsbench.stats.comparing.paired import influence_test
from stsbench.stats.intervals import fisher_z
from stsbench.stats.resampling import Sample, resamplable
from stsbench.stores.canonical import csv_bytes

PAIRS: Final = "labelled.csv"
BOARD: Final = "board"
CAUTION: Final = 1.25  # a bootstrap of few labels may be as much wider than the influence function's interval
FIGURES: Final = (
    "Figures are of the labelled pairs alone, each with the weight of how many pairs it stands for; `stsbench choose status` uses how "
    "candidates rank the pairs without a label, too, so that its figures differ from these by chance."
)
_COLUMNS: Final = ("left", "right", "score", "weight")


def benchmark_csv(decision: DecisionSoFar, pool: Pairs) -> bytes:
    """The csv file of all labelled pairs: texts, mean rating, weight, and a column a rater, numbered in the order of their names.

    Weights have mean 1, and their weighted figures are those of the whole pool but for chance: each pair counts as often as it stands for.
    """
    labels, values = decision.ratings.labels, decision.ratings.values
    there = np.flatnonzero(labels.labelled)
    raters = [f"rater_{number}" for number in range(1, len(decision.ratings.raters) + 1)]
    left, right = pool.texts
    rows = [
        [left[row], right[row], f"{gold:z.6f}", f"{weight:z.9f}", *("" if np.isnan(said) else f"{said:z.6f}" for said in by_rater)]
        for row, gold, weight, by_rater in zip(
            labels.rows[there].tolist(), labels.gold[there], labels.weights(), values[there], strict=True
        )
    ]
    return csv_bytes([[*_COLUMNS, *raters], *rows], quoted=True)


def reference(path: Path, name: str, *, weighted: bool = True) -> str:
    """The benchmark in that file, in which all quotes are those of csv."""
    return f"csv:{escape(path.as_posix())}{',weight=weight' * weighted},quote=double,name={name}"


def board_toml(decision: DecisionSoFar, scores: Float64, benchmark: str, name: str) -> str:
    """A board of all candidates on the labels, those of the leader's similarity ranked, with a gate where there is another one."""
    primary = decision.job.candidates[decision.standing.leader].similarity if decision.standing else ""
    lines = [
        f"name = {_text(name)}", 'title = "Chosen on own data"', f"description = {_text(FIGURES)}",
        'protocol = "plain"', f"benchmarks = [{_text(benchmark)}]",
        *([f"primary = {_text(primary)}"] if primary else []),
        'rank = "systems"  # every candidate of that similarity, sizes and poolings of one model too',
        *(line for table in (*_tables(decision.job.candidates), _gate(decision, scores)) for line in ("", *table)),
    ]  # fmt: skip
    return "\n".join(lines) + "\n"


def _gate(decision: DecisionSoFar, scores: Float64) -> list[str]:
    """What the model in use has to hold, in points: what the labels show of the one that leads today, and of its lead on the best other."""
    known = decision.standing
    if known is None or known.other is None or decision.leader is None or decision.other is None:
        return []
    labels = decision.ratings.labels
    there = np.flatnonzero(labels.labelled)
    columns = scores[labels.rows[there]][:, [known.leader, known.other]]
    if not all(resamplable(values, RESAMPLES) for values in (labels.gold[there], *columns.T)):
        return ["# No gate yet: too many labels are the same for an interval, so rate more pairs and finish again."]
    figures, influences = Sample(labels.gold[there], columns, np.arange(len(there)), weights=labels.weights()).influences
    errors = CAUTION * np.linalg.norm(np.column_stack([influences, influences[:, 0] - influences[:, 1]]), axis=0) / len(there)
    least = math.floor(100 * fisher_z(float(figures[0]), float(errors[0])).low)
    (low, _), _ = influence_test(float(figures[0] - figures[1]), float(errors[2]))
    if low < -1:  # a margin is of 100 points at most
        return ["# No gate yet: the labels leave open which of the two is better by far, so rate more pairs and finish again."]
    return [
        "# The model in use. Name another one of the board here, and `stsbench leaderboard check` says whether it will do as well.",
        "[[require]]", f"system = {_text(decision.leader)}", *([f"at_least = {least}.0"] if least > 1 else []),
        f"not_worse_than = {_text(decision.other)}", f"margin = {max(1.0, math.ceil(-200 * low) / 2)}",
    ]  # fmt: skip


def _tables(candidates: Sequence[Candidate]) -> Iterator[list[str]]:
    """A table for each encoder, view and chain of transforms, with the similarities of its candidates."""
    alike: dict[tuple[str, str, tuple[str, ...]], list[str]] = {}
    for candidate in candidates:
        alike.setdefault((candidate.typed, candidate.view, candidate.transforms), []).append(candidate.similarity)
    for (encoder, view, transforms), similarities in alike.items():
        table = ["[[system]]", f"encoder = {_text(encoder)}"]
        if view not in ONLY_VIEWS:
            table.append(f"views = [{_text(view)}]")
        if transforms:
            table.append(f"transforms = [{_text(CHAIN.join(transforms))}]")
        if any(similarities):
            listed = ", ".join(map(_text, similarities))
            table += [f"similarities = [{listed}]", f"evidence = [{listed}]"]
        yield table


def _text(value: str) -> str:
    return json.dumps(value, ensure_ascii=False).replace("\x7f", "\\u007f")
