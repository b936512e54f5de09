"""Choosing a system with few labels, simulated on the seven English tasks: regret, the stop rule over repeated looks, and the weights.

STSBENCH_MIRROR=DIR python benchmarks/simulate_choosing.py [--repetitions 200] [--candidates board|twelve] [--noisy] [--prior] [--factors]

A pool is a benchmark whose gold is hidden; candidates are systems of leaderboards/sts-english that no gold of its pairs was fitted to, by
the scores that are kept there as evidence. Each repetition labels 20 pairs, then 10 at a time, as `stsbench choose` does, and looks after
each. `--noisy` adds to each gold what makes its reliability .8, as of the mean of three people who agree as people do; regret is of the
exact gold in any case. `--prior` looks at the same labels with the candidates' figures on the other benchmarks too, the pool's and those
that share a pair with it left out. `--factors` looks with standard deviations multiplied by others than `belief.WIDER`, from which that is
chosen. `--until 300` says how many labels there are. Prints Markdown, every 50 repetitions; the results are in benchmarks/README.md.
"""

from __future__ import annotations

import argparse
import os
from dataclasses import dataclass, replace
from pathlib import Path

import numpy as np

from stsbench.api.session import Session
from stsbench.contracts.data import Float64, Index
from stsbench.contracts.defaults import LEVEL
from stsbench.evidence.folder import BoardFolder
from stsbench.evidence.joint import joint_scores
from stsbench.evidence.systems import complete
from stsbench.stats.choosing.belief import WIDER, Belief, believe
from stsbench.stats.choosing.drawing import propose
from stsbench.stats.choosing.labels import Labelled
from stsbench.stats.choosing.pool import PairPool
from stsbench.stats.choosing.standing import REGRET, Lead, standing
from stsbench.stats.metrics.spearman import spearman, spearman_under

BOARD = Path(__file__).parents[1] / "leaderboards" / "sts-english"
FIRST, STEP, DRAWS = 20, 10, 400
RELIABILITY = 0.8
MARKS = (50, 100, 150, 200, 250, 300)
EVERY = 50  # repetitions after which tables are printed
SAMPLES = 5  # uniform ones a repetition: all is compared with them, they cost little, and their regrets vary much
SHARE = "share"
STOPS = ("stopped %", "labels, median", "wrong % of all", "covered % then")
FACTORS = (0.9, 1.0, 1.05, 1.1, 1.15, 1.2, 1.25, 1.3)  # of standard deviations
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
    """After some labels: the regret of the leader, whether the rule stops, and whether the interval of its lead covers."""

    labels: int
    regret: float
    stop: bool
    covered: bool

    @classmethod
    def at(cls, task: Hidden, belief: Belief, now: Lead) -> Look:
        lead = task.figures[now.leader] - task.figures[task.pool.unlike(now.leader)].max()
        return cls(belief.labels, task.regret(now.leader), now.stop, now.lead is not None and now.lead.low <= lead <= now.lead.high)


@dataclass(frozen=True)
class Course:
    """One choice: its looks, those with a prior and those at each factor, and by number of labels what the weights make of figures."""

    alone: list[Look]
    prior: list[Look]
    widened: dict[float, list[Look]]
    weighted: dict[int, Float64]


def job(task: Hidden, heard: Float64, generator: np.random.Generator, given: argparse.Namespace) -> Course:
    """A choice in which a label of a pair is its `heard` value; what is asked does not depend on the prior."""
    rows, draws, chances = np.array([], dtype=np.intp), np.array([], dtype=np.intp), np.array([])
    drawing, *believing = generator.spawn(3)
    best, result = None, Course([], [], {factor: [] for factor in FACTORS}, {})
    while len(rows) < given.until:
        drawn = propose(task.pool, rows, STEP if len(rows) else FIRST, best, drawing)
        draws = np.concatenate([draws, np.full(len(drawn.rows), draws.max(initial=-1) + 1)])
        rows, chances = np.concatenate([rows, drawn.rows]), np.concatenate([chances, drawn.chances])
        labels = Labelled(rows, draws, chances, heard[rows])
        belief = believe(task.pool, labels, believing[0], draws=DRAWS)
        now = standing(task.pool, belief)
        best = now.chances
        result.alone.append(Look.at(task, belief, now))
        if given.factors:
            for factor, looks in ((factor, looks) for factor, looks in result.widened.items() if not _stopped(looks)):
                other = replace(belief, draws=belief.means + factor / WIDER * (belief.draws - belief.means))
                looks.append(Look.at(task, other, standing(task.pool, other)))
        if given.prior and (len(rows) in MARKS or not _stopped(result.prior)):
            belief = believe(task.pool, labels, believing[1], task.elsewhere, draws=DRAWS)
            result.prior.append(Look.at(task, belief, standing(task.pool, belief)))
        if len(rows) in FINISHED:
            result.weighted[len(rows)] = weighted(task, rows, labels.weights())
    return result


def _stopped(looks: list[Look]) -> bool:
    """Whether the rule has stopped; of later looks regrets count alone, at `MARKS`."""
    return any(look.stop for look in looks)


def weighted(task: Hidden, rows: Index, weights: Float64) -> Float64:
    """Every candidate's Spearman on the finished benchmark, with exact gold."""
    figures: Float64 = spearman_under(task.gold[rows], task.pool.ranks[rows])(weights[:, None])[0]
    return figures


def uniform(task: Hidden, number: int, heard: Float64, generator: np.random.Generator) -> tuple[float, Float64]:
    """Regret of the system that leads on a plain sample of pairs, and the figures of all on it with exact gold."""
    rows = generator.choice(len(task.gold), number, replace=False)
    plain = spearman_under(heard[rows], task.pool.ranks[rows])(np.ones((number, 1)))[0]
    figures = plain if number not in FINISHED or heard is task.gold else weighted(task, rows, np.ones(number))
    return task.regret(int(plain.argmax())), figures


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--repetitions", type=int, default=200)
    parser.add_argument("--candidates", choices=["board", "twelve"], default="board")
    parser.add_argument("--noisy", action="store_true")
    parser.add_argument("--prior", action="store_true")
    parser.add_argument("--factors", action="store_true")
    parser.add_argument("--until", type=int, default=300)
    given = parser.parse_args()
    pools = tasks(TWELVE if given.candidates == "twelve" else ())
    played: dict[str, list[Played]] = {task.name: [] for task in pools}
    for repetition in range(given.repetitions):
        for task in pools:
            played[task.name].append(play(task, repetition, given))
        if not (repetition + 1) % EVERY or repetition + 1 == given.repetitions:
            print(f"\n## {len(pools[0].figures)} candidates, {repetition + 1} of the repetitions of {vars(given)}\n")
            report(pools, played, given)


@dataclass(frozen=True)
class Played:
    """One repetition: a choice, and by number of labels the regrets of uniform samples and all figures on them."""

    job: Course
    plain: dict[int, list[tuple[float, Float64]]]


def play(task: Hidden, repetition: int, given: argparse.Namespace) -> Played:
    generator = np.random.default_rng([repetition, len(task.gold)])
    spread = task.gold.std() * np.sqrt(1 / RELIABILITY - 1) if given.noisy else 0.0
    heard = task.gold + spread * generator.standard_normal(len(task.gold)) if given.noisy else task.gold
    plain = {mark: [uniform(task, mark, heard, generator) for _ in range(SAMPLES)] for mark in MARKS if mark <= given.until}
    return Played(job(task, heard, generator, given), plain)


def report(pools: list[Hidden], played: dict[str, list[Played]], given: argparse.Namespace) -> None:
    """The tables: regrets in points, shares in per cent, errors of figures in units of Spearman."""
    marks, whole = ([mark for mark in those if mark <= given.until] for those in (MARKS, FINISHED))
    at = ", ".join(map(str, marks))
    jobs = {name: [one.job for one in all_] for name, all_ in played.items()}
    alone = {name: [one.alone for one in all_] for name, all_ in jobs.items()}
    regrets = {name: regrets_of(looks, marks) for name, looks in alone.items()}
    plain = {
        name: [100 * float(np.mean([regret for one in all_ for regret, _ in one.plain[mark]])) for mark in marks]
        for name, all_ in played.items()
    }
    table(
        [f"regret at {at}", "uniform's", SHARE, *STOPS],
        {name: [mine, plain[name], [], *stops_of(alone[name])] for name, mine in regrets.items()},
    )
    mine, others = np.mean(list(regrets.values()), axis=0), np.mean(list(plain.values()), axis=0)
    if 100 in marks:
        here = float(mine[marks.index(100)])
        print(f"\nA uniform sample has the regret of 100 labels, {here:.2f}, at {np.interp(-np.log(here), -np.log(others), marks):.0f}.")
    print()
    table(
        [f"bias at {', '.join(map(str, whole))}", "uniform's", "error", "uniform's"],
        {task.name: errors_of(task, played[task.name], whole) for task in pools}, "{:.4f}",
    )  # fmt: skip
    if given.prior:
        known = {name: [one.prior for one in all_] for name, all_ in jobs.items()}
        print()
        table([f"with the prior, regret at {at}", "without", SHARE, *STOPS], {
            name: [regrets_of(looks, marks), regrets[name], [], *stops_of(looks)] for name, looks in known.items()
        })  # fmt: skip
    if given.factors:
        print()
        widened(jobs)


def widened(jobs: dict[str, list[Course]]) -> None:
    """What the rule does by factor of the standard deviations; last for each pool that at which the others' intervals cover well enough."""
    stops = {factor: [stops_of([one.widened[factor] for one in all_]) for all_ in jobs.values()] for factor in FACTORS}
    chosen = []
    for place in range(len(jobs)):
        means = {
            factor: np.mean([value for other, cells in enumerate(pools) if other != place for value in cells[3]])
            for factor, pools in stops.items()
        }
        chosen.append(next((factor for factor, mean in means.items() if mean >= 100 * LEVEL), FACTORS[-1]))
    left_out = [stops[factor][place] for place, factor in enumerate(chosen)]
    head = [name for name in STOPS if "median" not in name]
    print(f"| factor | {' | '.join(f'{name} | mean' for name in head)} |\n| ---: |" + " ---: |" * 2 * len(head))
    for name, pools in (*stops.items(), (f"of the others: {', '.join(map(str, chosen))}", left_out)):
        columns = [[cells[STOPS.index(one)] for cells in pools] for one in head]
        said = [" ".join(f"{cell[0]:.3g}" if cell else "-" for cell in column) for column in columns]
        means_ = [np.mean([value for cell in column for value in cell]) for column in columns]
        print(f"| {name} | " + " | ".join(f"{cells} | {mean:.1f}" for cells, mean in zip(said, means_, strict=True)) + " |", flush=True)


def regrets_of(jobs: list[list[Look]], marks: list[int]) -> list[float]:
    return [100 * float(np.mean([look.regret for looks in jobs for look in looks if look.labels == mark])) for mark in marks]


def stops_of(jobs: list[list[Look]]) -> list[list[float]]:
    """How often the rule stops, after how many labels in the middle, how often it is wrong, and how often the interval covers then."""
    ends = [next((look for look in looks if look.stop), None) for looks in jobs]
    stopped = [look for look in ends if look]
    middle = float(np.median([look.labels if look else np.inf for look in ends]))
    covered = [100 * float(np.mean([look.covered for look in stopped]))] if stopped else []
    wrong = sum(look.regret > REGRET for look in stopped)
    return [[100 * len(stopped) / len(jobs)], [middle] if np.isfinite(middle) else [], [100 * wrong / len(jobs)], covered]


def errors_of(task: Hidden, played: list[Played], marks: list[int]) -> list[list[float]]:
    """Size of the mean error of a figure, and mean size, averaged over candidates: of finished benchmarks, and of uniform samples."""
    mine = [np.array([one.job.weighted[mark] for one in played]) - task.figures for mark in marks]
    plain = [np.array([figures for one in played for _, figures in one.plain[mark]]) - task.figures for mark in marks]
    return [
        *([float(np.abs(errors.mean(axis=0)).mean()) for errors in kind] for kind in (mine, plain)),
        *([float(np.abs(errors).mean()) for errors in kind] for kind in (mine, plain)),
    ]


def table(head: list[str], lines: dict[str, list[list[float]]], form: str = "{:.2f}") -> None:
    """A line a pool and a last one of means, but of medians; a share is that of the first column in the second."""
    print("| " + " | ".join(["pool", *head]) + " |\n| --- |" + " ---: |" * len(head))
    columns = [[cell for cell in column if cell] for column in zip(*lines.values(), strict=True)]
    mean = [[] if "median" in name or not column else np.mean(column, axis=0).tolist() for name, column in zip(head, columns, strict=True)]
    for name, cells in (*lines.items(), ("mean", mean)):
        if SHARE in head:
            cells[2] = [mine / other if other else 1.0 for mine, other in zip(cells[0], cells[1], strict=True)]
        said = [" ".join((form if value < 10 else "{:.0f}").format(value) for value in cell) for cell in cells]
        print("| " + " | ".join([name, *said]) + " |", flush=True)


if __name__ == "__main__":
    main()
