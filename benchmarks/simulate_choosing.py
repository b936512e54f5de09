"""Choosing a system with few labels, simulated on the seven English tasks: regret, the stop rule over repeated looks, and the weights.

STSBENCH_MIRROR=DIR python benchmarks/simulate_choosing.py [--repetitions 200] [--candidates board|twelve] [--noisy] [--prior] [--until 300]

A pool is a benchmark whose gold is hidden; candidates are systems of leaderboards/sts-english that no gold of its pairs was fitted to, by
the scores that are kept there as evidence. Each repetition labels 20 pairs, then 10 at a time, as `stsbench choose` does, and looks after
each. `--noisy` adds to each gold what makes its reliability .8, as of the mean of three people who agree as people do; regret is of the
exact gold in any case. `--prior` gives the candidates' figures on the other benchmarks, the pool's and those that share a pair with it left
out. Prints Markdown; the results of the last runs are in benchmarks/README.md.
"""

from __future__ import annotations

import argparse
import os
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

import numpy as np

from stsbench.api.session import Session
from stsbench.contracts.data import Float64, Index
from stsbench.evidence.folder import BoardFolder
from stsbench.evidence.joint import joint_scores
from stsbench.evidence.systems import complete
from stsbench.stats.choosing.belief import believe
from stsbench.stats.choosing.drawing import propose
from stsbench.stats.choosing.labels import Labelled
from stsbench.stats.choosing.pool import PairPool
from stsbench.stats.choosing.standing import standing
from stsbench.stats.metrics.spearman import spearman, spearman_under

BOARD = Path(__file__).parents[1] / "leaderboards" / "sts-english"
FIRST, STEP, DRAWS = 20, 10, 400
RELIABILITY = 0.8
MARKS = (50, 100, 150, 200, 250, 300)
FINISHED = (100, 200, 300)  # labels at which the finished benchmark is measured
TWELVE = (
    "all-MiniLM-L6-v2 (sentence-transformers) · cosine",
    "all-MiniLM-L6-v2 (sentence-transformers) · truncate,k=64 · cosine",
    "all-MiniLM-L6-v2 (sentence-transformers) · whiten · cosine",
    "all-MiniLM-L6-v2 (bert) · cls@6 · cosine",
    "all-MiniLM-L6-v2 (bert) · max@6 · cosine",
    "all-MiniLM-L6-v2 (bert) · mean@0:6 · cosine",
    "all-MiniLM-L6-v2 (bert) · tokens@6 · bertscore",
    "wordllama · cosine",
    "wordllama · tokens · soft-cosine-idf",
    "bm25 · pair",
    "tfidf · pair",
    "chrf · pair",
)


@dataclass(frozen=True)
class Hidden:
    """A pool with the gold that a simulation hides, each candidate's true figure, and its mean figure where no pair is shared."""

    name: str
    pool: PairPool
    gold: Float64
    figures: Float64
    elsewhere: Float64

    def regret(self, chosen: int) -> float:
        return float(self.figures.max() - self.figures[chosen])


def tasks(labels: tuple[str, ...]) -> list[Hidden]:
    """The benchmarks of the board with the candidates of these labels, all where there are none."""
    folder, session = BoardFolder(BOARD), Session.opened(mirror=os.environ.get("STSBENCH_MIRROR"))
    honest = [system for system in complete(folder.systems) if not any("leaked" in record.flags for record in system.records)]
    chosen = [system for system in honest if not labels or system.label in labels]
    if labels and len(chosen) < len(labels):
        raise SystemExit(f"the board has {len(chosen)} of the {len(labels)} candidates")
    material = [joint.lists()[0] for joint in joint_scores(folder.results, chosen, session.benchmarks_of(chosen, folder.spec.benchmarks))]
    figures = [np.array([spearman(pairs.gold, column) for column in scores.T]) for pairs, scores, _ in material]
    keys = [set(pairs.keys) for pairs, _, _ in material]
    hidden = []
    for place, (name, (pairs, scores, _)) in enumerate(zip(folder.spec.benchmarks, material, strict=True)):
        apart = [other for mine, other in zip(keys, figures, strict=True) if not mine & keys[place]]
        hidden.append(
            Hidden(name, PairPool.of(scores), pairs.gold, figures[place], np.mean(apart, axis=0) if apart else np.full(len(chosen), np.nan))
        )
    return hidden


@dataclass(frozen=True)
class Look:
    """After some labels: the regret of the leader, whether the rule stops and its interval covers, and what weights make of figures."""

    labels: int
    regret: float
    stop: bool
    covered: bool
    weighted: Float64


def looks(task: Hidden, until: int, heard: Float64, prior: bool, generator: np.random.Generator) -> Iterator[Look]:
    """Those of one choice, in which a label of a pair is its `heard` value."""
    rows, draws, chances = np.array([], dtype=np.intp), np.array([], dtype=np.intp), np.array([])
    best = None
    while len(rows) < until:
        drawn = propose(task.pool, rows, STEP if len(rows) else FIRST, best, generator)
        draws = np.concatenate([draws, np.full(len(drawn.rows), draws.max(initial=-1) + 1)])
        rows, chances = np.concatenate([rows, drawn.rows]), np.concatenate([chances, drawn.chances])
        labels = Labelled(rows, draws, chances, heard[rows])
        now = standing(task.pool, believe(task.pool, labels, generator, task.elsewhere if prior else None, draws=DRAWS))
        others = task.figures[task.pool.first != task.pool.first[now.leader]]
        lead = task.figures[now.leader] - others.max()
        best = now.chances
        covered = now.lead is not None and now.lead.low <= lead <= now.lead.high
        figures = weighted(task, rows, labels.weights()) if len(rows) in FINISHED else np.array([])
        yield Look(len(rows), task.regret(now.leader), now.stop, covered, figures)


def weighted(task: Hidden, rows: Index, weights: Float64) -> Float64:
    """Every candidate's Spearman on the finished benchmark, with exact gold."""
    figures: Float64 = spearman_under(task.gold[rows], task.pool.ranks[rows])(weights[:, None])[0]
    return figures


def uniform(task: Hidden, number: int, heard: Float64, generator: np.random.Generator) -> tuple[float, Float64]:
    """Regret of the system that leads on a plain sample of pairs, and the figures of all on it with exact gold."""
    rows = generator.choice(len(task.gold), number, replace=False)
    plain = spearman_under(heard[rows], task.pool.ranks[rows])(np.ones((number, 1)))[0]
    return task.regret(int(plain.argmax())), weighted(task, rows, np.ones(number))


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--repetitions", type=int, default=200)
    parser.add_argument("--candidates", choices=["board", "twelve"], default="board")
    parser.add_argument("--noisy", action="store_true")
    parser.add_argument("--prior", action="store_true")
    parser.add_argument("--until", type=int, default=300)
    given = parser.parse_args()
    pools = tasks(TWELVE if given.candidates == "twelve" else ())
    marks = [mark for mark in MARKS if mark <= given.until]
    print(f"{len(pools[0].figures)} candidates, {given.repetitions} repetitions: {vars(given)}\n")
    at = ", ".join(map(str, marks))
    whole = ", ".join(str(mark) for mark in marks if mark in FINISHED)
    head = ["pool", f"regret at {at}", "uniform's", "stopped %", "labels, median", "wrong % of all", "covered % at the stop"]
    head += [f"bias of weighted figures at {whole}", "uniform's", "their error", "uniform's"]
    print("| " + " | ".join(head) + " |\n| --- |" + " ---: |" * (len(head) - 1))
    rows = [row_of(task, given, marks) for task in pools]
    kept = [[row[place] for row in rows if row[place]] for place in range(len(rows[0]))]
    means = [list(np.mean(cells, axis=0)) if cells else [] for cells in kept]
    print(line("mean", means))
    if 100 in marks:
        mine, plain = means[0][marks.index(100)], np.log(means[1])
        needed = float(np.interp(-np.log(mine), -plain, marks))
        print(
            f"\nA uniform sample has the regret of 100 labels, {mine:.2f}, at {needed:.0f} labels; "
            f"its own at 100 is {means[1][marks.index(100)]:.2f}."
        )


def line(name: str, cells: list[list[float]]) -> str:
    return (
        f"| {name} | " + " | ".join(" ".join(f"{value:.2f}" if value < 10 else f"{value:.0f}" for value in cell) for cell in cells) + " |"
    )


def row_of(task: Hidden, given: argparse.Namespace, marks: list[int]) -> list[list[float]]:
    """One line of the table, which is printed: regrets in points, shares in per cent, errors of figures in points."""
    spread = task.gold.std() * np.sqrt(1 / RELIABILITY - 1) if given.noisy else 0.0
    jobs, plain = [], []
    for repetition in range(given.repetitions):
        generator = np.random.default_rng([repetition, len(task.gold)])
        heard = task.gold + spread * generator.standard_normal(len(task.gold))
        plain.append([uniform(task, mark, heard, generator) for mark in marks])
        jobs.append(list(looks(task, given.until, heard, given.prior, generator)))
    ends = [next((look for look in job if look.stop), None) for job in jobs]
    stopped = [look for look in ends if look]
    middle = float(np.median([look.labels if look else np.inf for look in ends]))
    cells = [[float(100 * np.mean([look.regret for job in jobs for look in job if look.labels == mark])) for mark in marks]]
    cells += [[float(100 * np.mean([once[place][0] for once in plain])) for place in range(len(marks))]]
    cells += [[100 * len(stopped) / len(jobs)], [middle] if np.isfinite(middle) else []]
    cells += [[100 * sum(look.regret > 0.01 for look in stopped) / len(jobs)]]
    cells += [[float(100 * np.mean([look.covered for look in stopped]))] if stopped else []]
    whole = [mark for mark in marks if mark in FINISHED]
    mine = [np.array([look.weighted for job in jobs for look in job if look.labels == mark]) for mark in whole]
    others = [np.array([once[marks.index(mark)][1] for once in plain]) for mark in whole]
    for kind in (mine, others):
        cells += [[100 * float(np.abs(figures.mean(axis=0) - task.figures).mean()) for figures in kind]]
    for kind in (mine, others):
        cells += [[100 * float(np.abs(figures - task.figures).mean()) for figures in kind]]
    print(line(task.name, cells), flush=True)
    return cells


if __name__ == "__main__":
    main()
