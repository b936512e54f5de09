"""Error rates of the board's statistics by simulation: coverage of intervals, false positives of tests, coverage of rank sets.

    python benchmarks/simulate_statistics.py [--repetitions 2000] [--resamples 999] [--only NAME]

Prints Markdown tables; the results of the last run are in benchmarks/README.md.
"""

from __future__ import annotations

import argparse
from collections.abc import Callable

import numpy as np

from stsbench.stats.comparing import classical
from stsbench.stats.comparing.paired import bootstrap_p, difference_errors, influence_test, max_t, pairs_of, rescaled, zou_test
from stsbench.stats.comparing.ranking import better_than, rank_sets, select
from stsbench.stats.intervals import bonett_wright, fisher_z, percentile
from stsbench.stats.metrics.spearman import spearman
from stsbench.stats.metrics.spearman import spearman_influence as influence
from stsbench.stats.resampling import Sample, bootstrap

Array = np.ndarray
Model = Callable[[np.random.Generator, int], tuple[Array, Array]]


def binormal(generator: np.random.Generator, n: int) -> tuple[Array, Array]:
    """Normal values, gold rounded so that it has ties."""
    truth = generator.normal(size=n)
    return np.round(truth * 2) / 2, 0.8 * truth + 0.6 * generator.normal(size=n)


def heteroscedastic(generator: np.random.Generator, n: int) -> tuple[Array, Array]:
    """Uniform gold from 0 to 5 in fifths and scores that scatter most in the middle, as on STS."""
    gold = np.round(generator.uniform(0, 5, size=n) * 5) / 5
    return gold, gold / 5 + generator.normal(size=n) * (0.04 + 0.14 * np.sin(np.pi * gold / 5))


def levels(generator: np.random.Generator, n: int) -> tuple[Array, Array]:
    """Gold of five levels."""
    gold = generator.integers(0, 5, size=n).astype(float)
    return gold, gold + 0.8 * generator.normal(size=n)


MODELS: dict[str, Model] = {"binormal, tied gold": binormal, "STS-like": heteroscedastic, "five levels": levels}


def drawn(gold: Array, scores: Array, resamples: int, generator: np.random.Generator) -> Array:
    return bootstrap([Sample(gold, scores, np.arange(len(gold)))], len(gold), resamples=resamples, generator=generator)[:, 0]


def coverage(repetitions: int, resamples: int) -> None:
    print(
        "| data | n | rho | percentile bootstrap | influence on z | Bonett-Wright | Fisher |\n"
        "| --- | ---: | ---: | ---: | ---: | ---: | ---: |"
    )
    for name, model in MODELS.items():
        big = np.random.default_rng(0)
        truth = float(np.mean([influence(*model(big, 200_000))[0] for _ in range(20)]))
        for n in (100, 250, 1379):
            generator, held = np.random.default_rng(n), np.zeros(4)
            for _ in range(repetitions):
                gold, scores = model(generator, n)
                rho, values = influence(gold, scores)
                error = float(np.sqrt((values**2).sum())) / n
                draws = drawn(gold, scores[:, None], resamples, generator)[:, 0]
                intervals = (percentile(draws), fisher_z(rho, error), bonett_wright(rho, n), fisher_z(rho, (1 - rho**2) / np.sqrt(n - 3)))
                held += [low <= truth <= high for low, high in intervals]
            print(f"| {name} | {n} | {truth:.3f} | " + " | ".join(f"{100 * share:.1f}" for share in held / repetitions) + " |", flush=True)


def resamples(repetitions: int, fewer: int) -> None:
    """The interval by `fewer` resamples beside that by the default number, of the same 250 pairs and different draws."""
    n, more = 250, 9999
    print(f"\n| data | covered, {fewer:,} resamples | covered, {more:,} | one holds the truth and the other not | mean width, ratio |")
    print("| --- | ---: | ---: | ---: | ---: |")
    for name, model in MODELS.items():
        big = np.random.default_rng(0)
        truth = float(np.mean([influence(*model(big, 200_000))[0] for _ in range(20)]))
        generator, held, width, apart = np.random.default_rng([n, 11]), np.zeros(2), np.zeros(2), 0
        for _ in range(repetitions):
            gold, scores = model(generator, n)
            both = [percentile(drawn(gold, scores[:, None], number, generator)[:, 0]) for number in (fewer, more)]
            hits = [low <= truth <= high for low, high in both]
            held, width, apart = held + hits, width + [high - low for low, high in both], apart + (hits[0] != hits[1])
        shares = " | ".join(f"{100 * share:.1f}" for share in (*held / repetitions, apart / repetitions))
        print(f"| {name} | {shares} | {width[0] / width[1]:.3f} |", flush=True)


def on_sts(generator: np.random.Generator, n: int, shared: float, more: float = 1.0) -> tuple[Array, Array]:
    """Two systems whose errors have the share `shared` in common, scattered as on STS; those of the second are `more` times as large."""
    gold = np.round(generator.uniform(0, 5, size=n) * 5) / 5
    common = generator.normal(size=n) * np.sqrt(shared)
    errors = common[:, None] + np.sqrt(1 - shared) * generator.normal(size=(n, 2))
    return gold, gold[:, None] / 5 + (0.04 + 0.14 * np.sin(np.pi * gold / 5))[:, None] * errors * [1, more]


def normal(generator: np.random.Generator, n: int, shared: float, more: float = 1.0) -> tuple[Array, Array]:
    """The same with normal values and tied gold."""
    truth = generator.normal(size=n)
    errors = (generator.normal(size=n) * np.sqrt(shared))[:, None] + np.sqrt(1 - shared) * generator.normal(size=(n, 2))
    return np.round(truth * 2) / 2, truth[:, None] + 0.6 * errors * [1, more]


def uneven(generator: np.random.Generator, n: int, shared: float, more: float = 1.0) -> tuple[Array, Array]:
    """The same with errors that are large where gold is low, as of pairs that share words and not meaning."""
    gold = np.round(generator.uniform(0, 5, size=n) * 5) / 5
    errors = (generator.normal(size=n) * np.sqrt(shared))[:, None] + np.sqrt(1 - shared) * generator.normal(size=(n, 2))
    return gold, gold[:, None] / 5 + (0.05 + 0.3 * (1 - gold / 5))[:, None] * errors * [1, more]


PAIRS = {"STS-like": on_sts, "normal": normal, "uneven": uneven}


def tests(repetitions: int, resamples: int) -> None:
    """Two systems of one quality. The paired bootstrap's draws are rescaled, as by default; beside it without that."""
    print(
        "\n| data | n | systems correlate | paired bootstrap | its draws as they are | influence | Zou, Bonett-Wright "
        "| Williams | Steiger | Meng |"
    )
    print("| --- | ---: | ---: | ---: | ---: | ---: | ---: | ---: | ---: | ---: |")
    cases = [(data, n, shared) for data in PAIRS for n, shared in ((100, 0.5), (250, 0.0), (250, 0.5), (1379, 0.5))]
    for data, n, shared in cases:
        generator, rejected, between = np.random.default_rng([n, int(10 * shared)]), np.zeros(7), 0.0
        for _ in range(repetitions):
            gold, scores = PAIRS[data](generator, n, shared)
            first, second = (influence(gold, column)[0] for column in scores.T)
            error = gap_of(gold, scores)[1]
            draws = drawn(gold, scores, resamples, generator)
            apart = draws[:, 0] - draws[:, 1]
            figure = spearman(scores[:, 0], scores[:, 1])
            between += figure
            case = (first, second, figure, n)
            p = [bootstrap_p(values) for values in (rescaled(apart, first - second, error), apart)]
            p += [influence_test(first - second, error)[1], zou_test(*case)[1]]
            p += [test(*case).p for test in (classical.williams, classical.steiger, classical.meng)]
            rejected += np.array(p) <= 0.05
        shares = " | ".join(f"{100 * share:.1f}" for share in rejected / repetitions)
        print(f"| {data} | {n} | {between / repetitions:.2f} | {shares} |", flush=True)


def extremes(repetitions: int, resamples: int) -> None:
    """False positives with few pairs, and with systems that are one but for a few ranks."""
    print(
        "\n| data | n | errors shared | paired bootstrap | its draws as they are | influence |\n| --- | ---: | ---: | ---: | ---: | ---: |"
    )
    cases = [(data, n, shared) for data in PAIRS for n, shared in ((20, 0.5), (30, 0.5), (100, 0.99), (100, 0.9999), (1379, 1 - 1e-9))]
    for data, n, shared in cases:
        generator, rejected = np.random.default_rng([n, 13]), np.zeros(3)
        for _ in range(repetitions):
            gold, scores = PAIRS[data](generator, n, shared)
            gap, error = gap_of(gold, scores)
            draws = drawn(gold, scores, resamples, generator)
            apart = draws[:, 0] - draws[:, 1]
            p = [bootstrap_p(values) for values in (rescaled(apart, gap, error), apart)]
            rejected += np.array([*p, influence_test(gap, error)[1]]) <= 0.05
        print(
            f"| {data} | {n} | {shared:.10g} | " + " | ".join(f"{100 * share:.1f}" for share in rejected / repetitions) + " |", flush=True
        )


def differences(repetitions: int, resamples: int) -> None:
    """Coverage of intervals of the difference of a system and one that errs more, by half or twice as much."""
    print("\n| data | n | errors | difference | paired bootstrap | its draws as they are | influence |")
    print("| --- | ---: | ---: | ---: | ---: | ---: | ---: |")
    for data, n, more in [(data, n, more) for data in PAIRS for n in (50, 100, 250, 1379) for more in (1.5, 2.0)]:
        big, generator, held = np.random.default_rng(0), np.random.default_rng([n, int(10 * more)]), np.zeros(3)
        truth = float(np.mean([gap_of(*PAIRS[data](big, 200_000, 0.5, more))[0] for _ in range(10)]))
        for _ in range(repetitions):
            gold, scores = PAIRS[data](generator, n, 0.5, more)
            gap, error = gap_of(gold, scores)
            draws = drawn(gold, scores, resamples, generator)
            apart = draws[:, 0] - draws[:, 1]
            intervals = percentile(rescaled(apart, gap, error)), percentile(apart), influence_test(gap, error)[0]
            held += [low <= truth <= high for low, high in intervals]
        shares = " | ".join(f"{100 * share:.1f}" for share in held / repetitions)
        print(f"| {data} | {n} | x {more} | {truth:.3f} | {shares} |", flush=True)


def gap_of(gold: Array, scores: Array) -> tuple[float, float]:
    """The difference of two systems and its influence-function standard error."""
    (first, units), (second, others) = (influence(gold, column) for column in scores.T)
    return first - second, float(np.sqrt(((units - others) ** 2).sum())) / len(gold)


def ranks(repetitions: int, resamples: int) -> None:
    """Boards of six systems, two of which are far ahead and four close together."""
    print("\n| n | all rank sets hold the true ranks | mean width |\n| ---: | ---: | ---: |")
    noise = np.array([0.60, 0.62, 0.80, 0.82, 0.84, 0.86])
    for n in (250, 1379):
        generator, held, width = np.random.default_rng([n, 7]), 0, 0.0
        for _ in range(repetitions):
            truth, common = generator.normal(size=n), generator.normal(size=n)
            scores = truth[:, None] + noise * (0.7 * common[:, None] + np.sqrt(0.51) * generator.normal(size=(n, 6)))
            gold = np.round(truth * 2) / 2
            draws = drawn(gold, scores, resamples, generator)
            influences = [influence(gold, column) for column in scores.T]
            estimates, units = np.array([rho for rho, _ in influences]), np.column_stack([values for _, values in influences]) / n
            errors = difference_errors(units.T @ units, pairs_of(6))
            apart = [(draws[:, a] - draws[:, b], float(estimates[a] - estimates[b])) for a, b in zip(*pairs_of(6), strict=True)]
            alone = [bootstrap_p(rescaled(gaps, gap, error)) for (gaps, gap), error in zip(apart, errors.tolist(), strict=True)]
            adjusted = max_t(estimates, draws, pairs_of(6), errors, np.array(alone))
            sets = rank_sets(better_than(estimates, adjusted, pairs_of(6)))
            held += all(low <= place <= high for place, (low, high) in enumerate(sets, 1))
            width += float(np.mean([high - low + 1 for low, high in sets]))
        print(f"| {n} | {100 * held / repetitions:.1f} | {width / repetitions:.2f} |", flush=True)


def selected(repetitions: int, resamples: int) -> None:
    """The best of 400 systems of one quality on 500 pairs, chosen on halves; `resamples` is not used, since nothing is resampled."""
    del resamples
    n, systems = 500, 400
    print("\n| errors shared | best overstates by | chosen on halves, is off by | covered, best | covered, chosen on halves |")
    print("| ---: | ---: | ---: | ---: | ---: |")
    for shared in (0.0, 0.5):
        generator, held, off = np.random.default_rng([systems, int(10 * shared)]), np.zeros(2), np.zeros(2)
        truth = float(np.mean([influence(*_equal(generator, 200_000, 1, shared)[:2])[0] for _ in range(40)]))
        for _ in range(repetitions):
            gold, *scores = _equal(generator, n, systems, shared)
            influences = [influence(gold, column) for column in scores]
            figures, units = np.array([rho for rho, _ in influences]), np.column_stack([values for _, values in influences]) / n
            best = int(figures.argmax())
            best_of_halves = select(figures, units, splits=200, generator=generator)
            naive = fisher_z(figures[best], float(np.sqrt((units[:, best] ** 2).sum())))
            held += [low <= truth <= high for low, high in (naive, (best_of_halves.low, best_of_halves.high))]
            off += 100 * np.array([best_of_halves.observed - truth, best_of_halves.value - truth])
        over, left, naively, well = *(off / repetitions), *(100 * held / repetitions)
        print(f"| {shared} | {over:.2f} | {left:.2f} | {naively:.1f} | {well:.1f} |", flush=True)


def _equal(generator: np.random.Generator, n: int, systems: int, shared: float) -> tuple[Array, ...]:
    gold = np.round(generator.uniform(0, 5, size=n) * 5) / 5
    errors = np.sqrt(shared) * generator.normal(size=n) + np.sqrt(1 - shared) * generator.normal(size=(systems, n))
    return gold, *(gold / 5 + (0.04 + 0.14 * np.sin(np.pi * gold / 5)) * errors)


if __name__ == "__main__":
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--repetitions", type=int, default=2000)
    parser.add_argument("--resamples", type=int, default=999)
    parser.add_argument("--only", choices=("coverage", "tests", "extremes", "differences", "ranks", "selected", "resamples"))
    given = parser.parse_args()
    for simulation in (coverage, tests, extremes, differences, ranks, selected, resamples):
        if given.only in (None, simulation.__name__):
            simulation(given.repetitions, given.resamples)
