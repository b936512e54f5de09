"""Comparison of kept results: the built-in encoder in three sizes on files made here."""

from __future__ import annotations

import json
import math
import re
from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from scipy.stats import false_discovery_control, kendalltau, pearsonr, spearmanr
from sklearn.metrics import average_precision_score, roc_auc_score

from stsbench.api.compare import compare
from stsbench.api.compare.details import figures_within
from stsbench.api.compare.methods import Setting
from stsbench.api.compare.reporting import changes
from stsbench.api.compare.result import Compared
from stsbench.api.evaluate import evaluate
from stsbench.api.session import Session
from stsbench.contracts.components.component import Component
from stsbench.contracts.components.protocols import BenchmarkCard
from stsbench.contracts.data import Pairs, Part, Source
from stsbench.contracts.events import Event, Resampling, Warned
from stsbench.contracts.figures import percent
from stsbench.errors import DataError, StoreError, UsageError
from stsbench.evidence.joint import joint_scores
from stsbench.evidence.sampling import panel_of
from stsbench.evidence.systems import choose, kept_systems
from stsbench.host.registry import Registry
from stsbench.runner.request import unheard
from stsbench.stats.comparing.paired import pairs_of
from stsbench.stats.comparing.panel import Benchmarked, Panel
from stsbench.stats.intervals import percentile
from stsbench.stats.metrics.spearman import spearman_influence as influence
from stsbench.stats.resampling import Sample
from stsbench.stores.results import ResultsFolder
from tests.conftest import Made, known


def made(
    name: str, *pairs: Pairs, private: bool = False, aggregation: Any = "mean", protocol: str = "plain", task: Any = "graded"
) -> Component[Any]:
    def build() -> Any:
        """A benchmark double."""
        parts = tuple(Part("test", f"part{place}", one, Source("file")) for place, one in enumerate(pairs))
        return Made(BenchmarkCard(name, private=private, aggregation=aggregation, protocol=protocol, task=task), parts)

    return Component(name, build)


def some(n: int, seed: int, salt: str = "") -> Pairs:
    generator = np.random.default_rng(seed)
    gold = generator.integers(0, 11, size=n) / 2
    return Pairs(
        tuple(f"text{salt} {row}" for row in range(n)), tuple(f"other{salt} {row}" for row in range(n)), gold,
        tuple("even" if row % 2 else "odd" for row in range(n)),
    )  # fmt: skip


@dataclass(frozen=True)
class Noisy:
    """A pair scorer double that knows the answer up to noise."""

    gold: dict[str, float]
    noise: float
    seed: int

    def score(self, left: Sequence[str], right: Sequence[str]) -> Any:
        return np.array([
            self.gold[text] + self.noise * np.random.default_rng([self.seed, *text.encode()]).normal() if self.noise >= 0 else 1.0
            for text in left
        ])  # fmt: skip


ONE, TWO, SMALL = some(120, 1), some(80, 2, "b"), some(9, 3, "c")
SHARED = Pairs((*TWO.left, *ONE.left[:40]), (*TWO.right, *ONE.right[:40]), np.concatenate([TWO.gold, ONE.gold[:40]]))
CHAINED = Pairs(ONE.left, ("hub",) * 120, ONE.gold)  # every pair is connected with every other
YES, NO = (replace(pairs, gold=(pairs.gold > 3).astype(float)) for pairs in (ONE, TWO))  # scores still follow the degree
GOLD = {str(text): gold for pairs in (ONE, TWO, SMALL) for text, gold in zip(pairs.left, pairs.gold.tolist(), strict=True)}


@dataclass(frozen=True)
class Steep:
    """A pair scorer double whose scores of the pairs of TWO are above 10, so that they are kept in another unit than those of ONE."""

    def score(self, left: Sequence[str], right: Sequence[str]) -> Any:
        return np.array([(3.0 if text.startswith("textb") else 1.0) * GOLD[text] for text in left])


def steep() -> Any:
    """A pair scorer double."""
    return Steep()


def scorer(name: str, noise: float, seed: int = 0) -> Component[Any]:
    def build() -> Any:
        """A pair scorer double."""
        return Noisy(GOLD, noise, seed)

    return Component(name, build, needs="texts")


BENCHMARKS = (
    made("one", ONE), made("two", TWO), made("shared", SHARED), made("small", SMALL), made("secret", ONE, private=True),
    made("parts", ONE, TWO), made("together", ONE, TWO, aggregation="all"), made("weighted", ONE, TWO, aggregation="wmean"),
    made("labelled", *(replace(pairs, group=(label,) * len(pairs)) for label, pairs in (("a", ONE), ("b", TWO)))),
    made("chained", CHAINED), made("binary", YES, task="binary"), made("binaries", YES, NO, aggregation="all", task="binary"),
)  # fmt: skip
SCORERS = (
    Component("steep", steep, needs="texts"),
    scorer("good", 1.0),
    scorer("fair", 1.6, 1),
    scorer("poor", 9.0, 2),
    scorer("flat", -1.0),
    scorer("twin", 1.0),
)


@pytest.fixture
def registry(registry_of: Callable[..., Registry]) -> Registry:
    return registry_of(("doubles", "1", {"similarities": list(SCORERS), "benchmarks": list(BENCHMARKS)}))


@pytest.fixture
def kept(registry: Registry, tmp_path: Path) -> Callable[..., Path]:
    def run(*benchmarks: str, systems: Sequence[str] = ("good", "fair", "poor")) -> Path:
        evaluate(list(systems), benchmarks=list(benchmarks), results=tmp_path, registry=registry)
        return tmp_path

    return run


def compared(folder: Path, registry: Registry, *systems: str, **options: Any) -> Compared:
    on = {name: options.pop(name) for name in ("benchmarks", "primary") if name in options}
    session = Session.opened(registry, listen=options.pop("listen", unheard))
    return compare(systems, folder, session, Setting(**{"resamples": 499, **options}), **on)


def scores(name: str, pairs: Pairs) -> Any:
    return next(one for one in SCORERS if one.name == name).build().score(pairs.left, pairs.right)


def test_two_systems_on_one_benchmark(kept: Callable[..., Path], registry: Registry) -> None:
    found = compared(kept("one"), registry, "poor", "good")
    first, second = (spearmanr(ONE.gold, scores(name, ONE)).statistic for name in ("good", "poor"))
    document = json.loads(json.dumps(found.document(), allow_nan=False))
    assert document["first"] == "good · pair"
    assert document["difference"] == pytest.approx(first - second, abs=1e-6)
    assert document["low"] < document["difference"] < document["high"]
    assert document["p"] == document["comparisons"][0]["p"] == pytest.approx(2 / 500)
    assert document["method"] == "bootstrap"
    assert document["sentence"].startswith("On one (120 pairs), good · pair agrees better with people than poor · pair by ")
    assert "499 resamples)." in document["sentence"]


def precision(name: str, *pairs: Pairs) -> float:
    """Average precision of all pairs together."""
    known = np.concatenate([one.gold for one in pairs]), np.concatenate([scores(name, one) for one in pairs])
    return float(average_precision_score(*known))


@pytest.mark.parametrize("method", ["bootstrap", "influence"])
@pytest.mark.parametrize(("benchmark", "pairs"), [("binary", (YES,)), ("binaries", (YES, NO))])
def test_binary_benchmarks_are_compared_by_average_precision(
    kept: Callable[..., Path], registry: Registry, method: str, benchmark: str, pairs: tuple[Pairs, ...]
) -> None:
    found = compared(kept(benchmark), registry, method=method)
    expected = {f"{name} · pair": precision(name, *pairs) for name in ("good", "fair", "poor")}
    assert {one.system: one.value for one in found.standings} == pytest.approx(expected, abs=1e-6)
    for one in found.standings:
        assert 0 < known(one.low) < known(one.value) < known(one.high) < 1
    last = next(one for one in found.comparisons if (one.first, one.second) == ("good · pair", "poor · pair"))
    assert last.difference == pytest.approx(expected["good · pair"] - expected["poor · pair"], abs=1e-6)
    assert last.low < last.difference < last.high
    good, fair = (percent(expected[f"{name} · pair"]) for name in ("good", "fair"))
    assert found.sentence().startswith(f"On {benchmark} ({sum(map(len, pairs))} pairs), good · pair ")
    assert f"): average precision {good} against {fair} (p" in found.sentence()
    assert "Spearman" not in found.sentence()


def test_groups_of_a_binary_benchmark_are_compared_by_average_precision(kept: Callable[..., Path], registry: Registry) -> None:
    found = compared(kept("binary"), registry, "good", "poor")
    assert [group.n for group in found.groups] == [60, 60]
    for group in found.groups:
        rows = [row for row, label in enumerate(YES.group) if label == group.group]
        assert group.first_value == pytest.approx(precision("good", YES.take(rows)), abs=1e-6)
        assert known(group.low) < known(group.difference) < known(group.high)


@pytest.mark.parametrize(
    ("metric", "title", "benchmark", "pairs", "peer"),
    [
        ("kendall", "Kendall", "one", ONE, kendalltau), ("pearson", "Pearson", "one", ONE, pearsonr),
        ("roc_auc", "ROC AUC", "binary", YES, roc_auc_score),
    ],
)  # fmt: skip
def test_another_figure_is_compared_where_it_is_asked_for(
    kept: Callable[..., Path], registry: Registry, metric: str, title: str, benchmark: str, pairs: Pairs, peer: Any
) -> None:
    found = compared(kept(benchmark), registry, "good", "poor", metric=metric)
    first, second = (float(getattr(own := peer(pairs.gold, scores(name, pairs)), "statistic", own)) for name in ("good", "poor"))
    assert [one.value for one in found.standings] == pytest.approx([first, second], abs=1e-6)
    assert found.comparisons[0].p_max_t == pytest.approx(2 / 500)
    sentence = (
        f"On {benchmark} (120 pairs), good · pair agrees better with people than poor · pair by {percent(first - second)} points (95 %"
    )
    assert found.sentence().startswith(sentence)
    assert f"): {title} {percent(first)} against {percent(second)} (p" in found.sentence()
    assert found.groups[0].first_value is not None


def test_a_figure_that_there_is_none_of_is_not_compared(kept: Callable[..., Path], registry: Registry) -> None:
    folder = kept("one")
    with pytest.raises(
        UsageError, match="there is no figure 'share'; choose spearman, pearson, kendall, gamma, average_precision, roc_auc"
    ):
        compared(folder, registry, metric="share")
    with pytest.raises(UsageError, match="the results on one have no average precision; compare by kendall, pearson, spearman"):
        compared(folder, registry, metric="average_precision")


def test_figures_of_several_metrics_are_not_averaged(kept: Callable[..., Path], registry: Registry) -> None:
    folder = kept("binary", "two")
    with pytest.raises(
        UsageError, match="binary is measured by average precision, and two is measured by Spearman, which are never averaged"
    ):
        compared(folder, registry, "good", "poor")
    assert compared(folder, registry, "good", "poor", benchmarks=["two"]).metric == "spearman"


@pytest.mark.parametrize("method", ["permutation", "zou", "williams"])
def test_tests_of_spearman_compare_nothing_else(kept: Callable[..., Path], registry: Registry, method: str) -> None:
    with pytest.raises(UsageError, match="compares Spearman and not average precision; take --method bootstrap or influence"):
        compared(kept("binary"), registry, "good", "poor", method=method)


def test_a_figure_that_cannot_be_resampled_is_not_compared(kept: Callable[..., Path], registry: Registry) -> None:
    folder = kept("one")
    systems = choose(kept_systems(ResultsFolder(folder), "pair"), ())
    material = joint_scores(ResultsFolder(folder), systems, Session.opened(registry).benchmarks_of(systems))
    material = [replace(one, metric=replace(one.metric, title="Somers' D", resampled=None)) for one in material]
    with pytest.raises(UsageError, match="one is measured by Somers' D, of which no interval and no test is known; choose other"):
        panel_of(material, ["good", "fair", "poor"], "pairs", 99)


def test_scores_of_all_parts_are_on_one_scale_whatever_unit_each_is_kept_in(kept: Callable[..., Path], registry: Registry) -> None:
    folder = kept("parts", systems=("steep", "good"))
    systems = choose(kept_systems(ResultsFolder(folder), "pair"), ())
    (material,) = joint_scores(ResultsFolder(folder), systems, Session.opened(registry).benchmarks_of(systems))
    exponents = {record.exponent for system in systems for record in system.files["parts", "plain"].parts.values()}
    assert len(exponents) > 1
    for place, system in enumerate(systems):
        raw = np.concatenate([scores(system.label.partition(" ")[0], pairs) for pairs in (ONE, TWO)])
        together = np.concatenate([own[:, place] for own in material.scores])
        assert together / np.abs(together).max() == pytest.approx(raw / np.abs(raw).max(), abs=1e-6)


def test_scores_that_are_equal_tie_though_they_are_kept_in_two_units(kept: Callable[..., Path], registry: Registry) -> None:
    folder = kept("together", systems=("steep", "good"))
    raw = np.concatenate([scores("steep", pairs) for pairs in (ONE, TWO)])
    expected = spearmanr(np.concatenate([ONE.gold, TWO.gold]), raw).statistic
    systems = choose(kept_systems(ResultsFolder(folder), "pair"), ())
    (one,) = (system for system in systems if system.label.startswith("steep"))
    assert one.figure(("together", "plain")) == pytest.approx(expected, abs=1e-6)
    (value,) = (each.value for each in compared(folder, registry).standings if each.system == one.label)
    assert value == pytest.approx(expected, abs=1e-6)


def test_groups_are_of_pairs_that_the_benchmark_ranks_together(kept: Callable[..., Path], registry: Registry) -> None:
    folder = kept("parts", "together", systems=("fair", "good"))
    systems = choose(kept_systems(ResultsFolder(folder), "pair"), ())
    material = joint_scores(ResultsFolder(folder), systems, Session.opened(registry).benchmarks_of(systems))
    place = next(place for place, one in enumerate(systems) if one.label.startswith("fair"))
    found = {(one.benchmark, one.name): one.value for one in figures_within(material, {"fair": place})}
    even = [pairs.take(range(1, len(pairs), 2)) for pairs in (ONE, TWO)]
    apart = [spearmanr(pairs.gold, scores("fair", pairs)).statistic for pairs in even]
    whole = spearmanr(np.concatenate([pairs.gold for pairs in even]), np.concatenate([scores("fair", pairs) for pairs in even])).statistic
    assert [found["parts", f"part{number}: even"] for number in (0, 1)] == pytest.approx(apart, abs=1e-6)
    assert found["together", "even"] == pytest.approx(whole, abs=1e-6)
    assert ("parts", "even") not in found


def test_a_perfect_figure_of_a_group_has_no_interval(kept: Callable[..., Path], registry: Registry) -> None:
    folder = kept("one", systems=("steep", "good"))
    systems = choose(kept_systems(ResultsFolder(folder), "pair"), ())
    material = joint_scores(ResultsFolder(folder), systems, Session.opened(registry).benchmarks_of(systems))
    place = next(place for place, one in enumerate(systems) if one.label.startswith("steep"))
    for one in figures_within(material, {"steep": place}):
        assert one.value == pytest.approx(1.0)
        assert (one.low, one.high) == (None, None)
    assert all(known(one.low) < known(one.value) < known(one.high) for one in figures_within(material, {"good": 1 - place}))


@pytest.mark.parametrize(("costs", "says"), [((None, 90.0), False), ((30.0, None), False), ((30.0, 90.0), True), ((90.0, 90.0), False)])
def test_what_costs_less_is_known_to(
    kept: Callable[..., Path], registry: Registry, costs: tuple[float | None, float | None], says: bool
) -> None:
    found = compared(kept("one"), registry, "good", "poor")
    standings = tuple(replace(one, texts_per_second=rate, pareto=True) for one, rate in zip(found.standings, costs, strict=True))
    sentences = " ".join(changes(replace(found, standings=standings)))
    assert ("Where cost counts: poor · pair cost less than what is better" in sentences) is says


def test_a_group_that_is_a_part_by_itself_is_there_once(kept: Callable[..., Path], registry: Registry) -> None:
    folder = kept("labelled", systems=("fair", "good"))
    systems = choose(kept_systems(ResultsFolder(folder), "pair"), ())
    material = joint_scores(ResultsFolder(folder), systems, Session.opened(registry).benchmarks_of(systems))
    assert [one.name for one in figures_within(material, {"fair": 0})] == ["part0", "part1"]


def test_an_interval_is_of_draws_that_spread_as_influence_functions_say(kept: Callable[..., Path], registry: Registry) -> None:
    folder = kept("one", systems=("good", "fair"))
    found = compared(folder, registry).comparisons[0]
    systems = choose(kept_systems(ResultsFolder(folder), "pair"), ())
    material = joint_scores(ResultsFolder(folder), systems, Session.opened(registry).benchmarks_of(systems))
    labels = [one.label for one in systems]
    drawn = panel_of(material, labels, "pairs", 499).draws(499, 0)[:, 0, [labels.index(found.first), labels.index(found.second)]]
    drawn = drawn[:, 0] - drawn[:, 1]
    (first, one), (second, other) = (influence(ONE.gold, np.asarray(scores(name, ONE))) for name in ("good", "fair"))
    error = math.sqrt(((one - other) ** 2).sum()) / 120
    assert found.first == "good · pair"
    assert drawn.std(ddof=1) > 1.02 * error  # or nothing would be tested
    expected = first - second + (drawn - (first - second)) * error / drawn.std(ddof=1)
    limits = np.quantile(expected, [0.025, 0.975], method="weibull")
    assert [found.low, found.high] == pytest.approx(limits.tolist(), abs=1e-6)
    assert found.p == pytest.approx(min(1, 2 * (1 + min((expected <= 0).sum(), (expected >= 0).sum())) / 500))


def test_a_rerun_gives_the_same_and_another_seed_does_not(kept: Callable[..., Path], registry: Registry) -> None:
    folder = kept("one")
    assert compared(folder, registry) == compared(folder, registry)
    assert compared(folder, registry).comparisons[0].low != compared(folder, registry, seed=1).comparisons[0].low


def test_benjamini_hochberg_is_beside_holm(kept: Callable[..., Path], registry: Registry) -> None:
    found = compared(kept("one"), registry)
    p = [one.p for one in found.comparisons]
    assert [one.p_bh for one in found.comparisons] == pytest.approx(false_discovery_control(p).tolist())
    assert all(known(one.p) <= known(one.p_bh) <= known(one.p_holm) for one in found.comparisons)


def test_differences_by_benchmark_are_adjusted_over_benchmarks(kept: Callable[..., Path], registry: Registry) -> None:
    found = compared(kept("one", "two"), registry, "good", "fair").by_benchmark
    p = sorted(known(one.p) for one in found)
    assert len(p) == 2
    assert sorted(known(one.p_holm) for one in found) == pytest.approx(sorted([min(1, 2 * p[0]), min(1, max(2 * p[0], p[1]))]))
    assert [one.p_bh for one in found] == pytest.approx(false_discovery_control([one.p for one in found]).tolist())


def test_a_difference_on_one_of_several_benchmarks_is_that_on_it_alone(kept: Callable[..., Path], registry: Registry) -> None:
    folder = kept("one", "two")
    both = compared(folder, registry, "good", "fair")
    for name in ("one", "two"):
        (own,) = (one for one in both.by_benchmark if one.benchmark == name)
        (alone,) = compared(folder, registry, "good", "fair", benchmarks=[name]).comparisons
        assert (own.difference, own.low, own.high, own.p) == (alone.difference, alone.low, alone.high, alone.p)
    (mean,) = both.comparisons
    assert mean.high - mean.low < min(one.high - one.low for one in both.by_benchmark)


def test_ranks_letters_and_corrections_of_all_systems(kept: Callable[..., Path], registry: Registry) -> None:
    found = compared(kept("one", "two"), registry)
    assert [one.system for one in found.standings] == ["good · pair", "fair · pair", "poor · pair"]
    assert (found.standings[2].best_rank, found.standings[2].worst_rank, found.standings[2].letters) == (
        3,
        3,
        "b" if found.standings[0].letters == found.standings[1].letters else "c",
    )
    assert sum(one.chance_of_best for one in found.standings) == pytest.approx(1)
    for one in found.comparisons:
        assert known(one.p) <= known(one.p_holm)
        assert one.p_max_t is not None
    assert len(found.by_benchmark) == 6


@pytest.mark.parametrize(("name", "expected"), [("parts", "mean"), ("together", "all"), ("weighted", "wmean")])
def test_parts_make_the_figure_that_the_records_hold(name: str, expected: str, kept: Callable[..., Path], registry: Registry) -> None:
    value = compared(kept(name), registry, "good", "poor").comparisons[0].first_value
    parts = [spearmanr(one.gold, scores("good", one)).statistic for one in (ONE, TWO)]
    whole = spearmanr(np.concatenate([ONE.gold, TWO.gold]), np.concatenate([scores("good", ONE), scores("good", TWO)])).statistic
    figures = {"mean": np.mean(parts), "all": whole, "wmean": np.average(parts, weights=[120, 80])}
    assert value == pytest.approx(figures[expected], abs=1e-5)


def test_pairs_that_benchmarks_share_are_drawn_together(kept: Callable[..., Path], registry: Registry) -> None:
    found = compared(kept("one", "shared"), registry)
    assert [one["benchmarks"] for one in found.generator] == ["one, shared"]
    apart = compared(kept("one", "two"), registry, benchmarks=["one", "two"])
    assert [one["benchmarks"] for one in apart.generator] == ["one", "two"]


def test_systems_with_identical_ranks_say_so(kept: Callable[..., Path], registry: Registry) -> None:
    found = compared(kept("one", systems=["good", "twin"]), registry)
    assert found.comparisons[0].identical
    assert found.comparisons[0].p == 1
    assert "rank all pairs alike" in found.sentence()


def test_groups_and_disagreements(kept: Callable[..., Path], registry: Registry) -> None:
    found = compared(kept("one"), registry, "good", "poor", pairs=3, texts=True)
    assert [(one.group, one.n) for one in found.groups] == [("even", 60), ("odd", 60)]
    odd = np.arange(0, 120, 2)
    assert found.groups[1].first_value == pytest.approx(spearmanr(ONE.gold[odd], scores("good", ONE)[odd]).statistic, abs=1e-6)
    assert all(one.p_holm is not None and one.p is not None and one.p_holm >= one.p for one in found.groups)
    own = np.column_stack([np.asarray(scores(name, ONE))[odd] for name in ("good", "poor")])
    panel = Panel((Benchmarked("one/odd", (Sample(ONE.gold[odd], own, np.arange(60)),)),), 60)
    (expected,) = panel.differences(panel.draws(499, 0), pairs_of(2))
    assert found.groups[1].difference == pytest.approx(expected.value, abs=1e-9)
    assert (found.groups[1].low, found.groups[1].high) == pytest.approx(percentile(expected.draws), abs=1e-9)
    assert [one.p_bh for one in found.groups] == pytest.approx(false_discovery_control([one.p or 0 for one in found.groups]).tolist())
    assert len(found.disagreements) == 3
    gaps = np.abs(np.argsort(np.argsort(scores("good", ONE))) - np.argsort(np.argsort(scores("poor", ONE))))
    assert found.disagreements[0].row == int(gaps.argmax()) + 1
    assert found.disagreements[0].left == ONE.left[gaps.argmax()]


def test_private_texts_and_gold_are_never_shown(kept: Callable[..., Path], registry: Registry) -> None:
    found = compared(kept("secret"), registry, "good", "poor", texts=True)
    assert found.disagreements
    assert {(one.left, one.right, one.gold) for one in found.disagreements} == {(None, None, None)}
    assert not any(str(text) in json.dumps(found.document()) for text in (*ONE.left, *ONE.right))
    assert found.groups == ()  # the labels are a private benchmark's, too
    assert found.hidden == ("secret",)


def test_their_owner_may_be_shown_them(kept: Callable[..., Path], registry: Registry) -> None:
    shown = compared(kept("secret"), registry, "good", "poor", texts=True, private=True)
    assert shown.hidden == ()
    assert [one.group for one in shown.groups] == ["even", "odd"]
    rows = {one.row - 1: (one.left, one.right, one.gold) for one in shown.disagreements}
    assert rows == {row: (ONE.left[row], ONE.right[row], ONE.gold[row]) for row in rows}
    assert known(shown.groups[0].difference) > 0


def test_how_many_more_pairs_tell_systems_apart_follows_from_the_error(kept: Callable[..., Path], registry: Registry) -> None:
    found = compared(kept("one"), registry, "good", "poor", method="influence")
    best, outlook = found.comparisons[0], known(found.outlook)
    assert best.high - best.low == pytest.approx(2 * 1.959964 * best.error, abs=1e-6)
    assert (outlook.points, outlook.there) == (1.0, 120)
    assert outlook.pairs == math.ceil(120 * (2.801585 * best.error / 0.01) ** 2)
    assert found.document()["outlook"]["pairs"] == outlook.pairs
    assert re.search(
        r"^About [\d,]+ more such pairs would be enough to find a difference of 1 point between .* four times", outlook.sentence()
    )
    assert outlook.enough  # so that no more are needed, and none are asked for
    wide = known(compared(kept("one"), registry, "good", "poor", method="influence", margin=50.0).outlook)
    assert wide.pairs < 120
    assert wide.sentence().startswith("So many pairs are enough to find a difference of 50 points")


@pytest.mark.parametrize("method", ["influence", "permutation", "zou", "williams", "steiger", "meng", "dunn-clark", "hittner"])
def test_every_method_gives_an_interval_and_a_p(method: str, kept: Callable[..., Path], registry: Registry) -> None:
    found = compared(kept("one"), registry, "good", "poor", method=method)
    one = found.comparisons[0]
    assert 0 < one.low < one.difference < one.high
    assert 0 <= known(one.p) < 0.01
    assert (found.warning is not None) == (method not in ("influence", "permutation", "zou"))


@pytest.mark.parametrize("unit", ["clusters", "sentences"])
def test_other_units_are_resampled(unit: Any, kept: Callable[..., Path], registry: Registry) -> None:
    found = compared(kept("one"), registry, "good", "poor", unit=unit)
    assert found.comparisons[0].low < found.comparisons[0].difference < found.comparisons[0].high
    words = {"clusters": "clusters of pairs that share texts", "sentences": "texts"}[unit]
    assert found.sentence().endswith(f"paired bootstrap, 499 resamples of {words}).")
    influence = compared(kept("one"), registry, "good", "poor", unit=unit, method="influence")
    assert influence.sentence().endswith(f"influence function by {words}).")
    with pytest.raises(UsageError, match=f"takes pairs one by one; leave out --resample {unit}"):
        compared(kept("one"), registry, "good", "poor", unit=unit, method="zou")


def test_a_name_that_several_systems_share_means_the_plain_one(registry: Registry, tmp_path: Path) -> None:
    evaluate(
        ["hashing,dim=64", "hashing,dim=128"],
        ["cosine", "dot"],
        ["one"],
        transforms=["none", "centre"],
        results=tmp_path,
        registry=registry,
    )
    systems = kept_systems(ResultsFolder(tmp_path), "cosine")
    chosen = choose(systems, ["dim=64", "dim=128", "dim=64 centre"])
    assert [(one.primary, len(one.key[3])) for one in chosen] == [(True, 0), (True, 0), (True, 1)]


def test_a_name_that_stands_alone_means_all_that_it_fits(registry: Registry, tmp_path: Path) -> None:
    """And what no name leaves out, all systems of other similarities, is told."""
    evaluate(["hashing,dim=64", "hashing,dim=128"], ["cosine", "dot"], ["one"], results=tmp_path, registry=registry)
    systems = kept_systems(ResultsFolder(tmp_path), "cosine")
    assert [one.label for one in choose(systems, ["dim=64"])] == ["hashing,dim=64 · cosine", "hashing,dim=64 · dot"]
    assert [one.label for one in choose(systems, ["dot"])] == ["hashing,dim=128 · dot", "hashing,dim=64 · dot"]
    assert [one.label for one in choose(systems, ["dim=64", "dim=128"])] == ["hashing,dim=64 · cosine", "hashing,dim=128 · cosine"]
    told: list[object] = []
    compare([], tmp_path, Session.opened(registry, listen=told.append), Setting(resamples=99))
    assert [one.message for one in told if isinstance(one, Warned)] == [
        "2 systems left out, all of them scored with another similarity than cosine; name systems to compare them"
    ]
    told.clear()
    compare(["dim=64"], tmp_path, Session.opened(registry, listen=told.append), Setting(resamples=99))
    assert not [one for one in told if isinstance(one, Warned)]


def test_what_leaves_too_little_to_draw_is_one_sentence(kept: Callable[..., Path], registry: Registry) -> None:
    folder = kept("chained")
    with pytest.raises(UsageError, match=r"chained has 1 cluster of pairs, and nothing can be said .* resample pairs instead"):
        compared(folder, registry, "good", "poor", unit="clusters")
    with pytest.raises(UsageError, match=r"a resample leaves gold or scores constant.* more pairs, or resample pairs"):
        compared(folder, registry, "good", "poor", unit="sentences")


def test_the_sentence_of_several_systems_allows_for_all_their_comparisons(kept: Callable[..., Path], registry: Registry) -> None:
    """By max-T, as letters do: the least p of a bootstrap, times the number of comparisons, may be too large for Holm."""
    found = compared(kept("one"), registry)
    for p, sure in ((0.09, " cannot be told apart from "), (0.04, " agrees better with people than ")):
        one = replace(found, comparisons=(replace(found.comparisons[0], p=0.03, p_holm=1 - p, p_max_t=p), *found.comparisons[1:]))
        assert sure in one.sentence()
        assert "(95 % interval of it alone -0.39 to 18.83): Spearman " in one.sentence()
        assert f" (p = {p:.3f} among 3 comparisons by max-T, paired bootstrap, " in one.sentence()
    assert found.floor == pytest.approx(3 * 2 / 500)
    influence = compared(kept("one"), registry, method="influence")
    assert f"p = {influence.comparisons[0].p_holm:.3f} among 3 comparisons by Holm, influence function)." in influence.sentence()
    assert influence.floor == 0


@pytest.mark.parametrize("method", ["influence", "permutation", "zou", "williams", "hittner"])
def test_letters_and_rank_sets_say_what_the_sentence_says(method: str, kept: Callable[..., Path], registry: Registry) -> None:
    """Where the test that was asked for and the bootstrap's max-T differ, and for all other pairs of systems."""
    folder = kept("one")
    asked, drawn = (compared(folder, registry, method=each).comparisons[0] for each in (method, "bootstrap"))
    level = 1 - (known(asked.p_holm) + known(drawn.p_max_t)) / 2  # between the two, so that one tells the best systems apart
    found = compared(folder, registry, method=method, level=level)
    apart = {(each.first, each.second) for each in found.comparisons if known(each.p_holm) <= 1 - level}
    assert ((found.comparisons[0].first, found.comparisons[0].second) in apart) == (" agrees better with people than " in found.sentence())
    stands = {each.system: each for each in found.standings}
    for each in found.comparisons:
        assert bool(set(stands[each.first].letters) & set(stands[each.second].letters)) == ((each.first, each.second) not in apart)
    for name, stand in stands.items():
        assert stand.best_rank == 1 + sum(name == worse for _, worse in apart)
        assert stand.worst_rank == 3 - sum(name == better for better, _ in apart)


def test_triplets_are_right_or_wrong_and_agree_with_nobody(kept: Callable[..., Path], registry: Registry) -> None:
    found = compared(kept("one"), registry, "good", "poor")
    first = replace(found.comparisons[0], p_holm=0.01, p_max_t=0.01)
    said = replace(found, metric="triplet_accuracy", comparisons=(first, *found.comparisons[1:])).sentence()
    assert ", good · pair is right more often than poor · pair by " in said
    assert "people" not in said


def test_where_the_best_rank_alike_the_next_is_told_of(registry: Registry, tmp_path: Path) -> None:
    evaluate(["good", "poor", "twin"], benchmarks=["one"], results=tmp_path, registry=registry)
    said = compared(tmp_path, registry).sentence()
    assert "good · pair and twin · pair rank all pairs alike: both have Spearman " in said
    assert ". good · pair agrees better with people than poor · pair by " in said
    alone = compared(tmp_path, registry, "good", "twin")
    assert alone.sentence().count(".") == 2
    assert alone.disagreements == ()


def test_one_system_by_two_names_is_no_comparison(kept: Callable[..., Path], registry: Registry) -> None:
    with pytest.raises(UsageError, match=r"^all of 'good', 'good pair' are good · pair; a comparison takes at least two systems$"):
        compared(kept("one"), registry, "good", "good pair")


def test_a_whole_word_is_meant_before_a_part_of_one(registry: Registry, tmp_path: Path) -> None:
    evaluate(["hashing"], ["soft-cosine", "soft-cosine-idf,fit=self", "cosine"], ["one"], results=tmp_path, registry=registry)
    systems = kept_systems(ResultsFolder(tmp_path), "cosine")
    chosen = choose(systems, ["hashing soft-cosine", "hashing cosine", "hashing tokens soft-cosine-idf"])
    assert [one.key[4].split("/")[1].partition(",")[0] for one in chosen] == ["soft-cosine", "cosine", "soft-cosine-idf"]


@pytest.mark.parametrize(
    ("benchmarks", "options", "message"),
    [
        (["small"], {}, "small has 9 pairs in a part, and nothing can be said of systems on fewer than 10"),
        (["one"], {"resamples": 0}, "the number of resamples is at least 1"),
        (["one"], {"resamples": -3}, "the number of resamples is at least 1"),
        (["one"], {"resamples": 10**11}, "the number of resamples is at least 1 and at most 1,000,000"),
        (["one"], {"resamples": 38}, "38 resamples make no interval of 95 %; take at least 39"),
        (["one"], {"resamples": 100, "level": 0.99}, "100 resamples make no interval of 99 %; take at least 199"),
        (["one"], {"seed": -1}, "a seed is a whole number from 0, not -1"),
        (["one"], {"method": "t-test"}, "there is no test 't-test'"),
        (["one"], {"level": 1.5}, "level of an interval"),
        (["one"], {"benchmarks": ["two"]}, "no results are on 'two'; they are on one"),
        (["one", "two"], {"method": "zou"}, "compares on one list of pairs"),
    ],
)
def test_bad_requests_are_one_sentence(
    benchmarks: list[str], options: dict[str, Any], message: str, kept: Callable[..., Path], registry: Registry
) -> None:
    with pytest.raises(UsageError, match=message) as error:
        compared(kept(*benchmarks), registry, **options)
    assert "\n" not in str(error.value)


def test_constant_scores(kept: Callable[..., Path], registry: Registry) -> None:
    with pytest.raises(UsageError, match=r"flat · pair on one is undefined \(constant scores\)"):
        compared(kept("one", systems=["good", "flat"]), registry)


def test_systems_of_different_benchmarks(kept: Callable[..., Path], registry: Registry) -> None:
    kept("one", "two", systems=["good"])
    folder = kept("one", systems=["poor"])
    with pytest.raises(UsageError, match="poor · pair was not scored on two, good · pair was under plain; run both there"):
        compared(folder, registry)
    assert compared(folder, registry, benchmarks=["one"]).benchmarks == ("one",)


def edit(folder: Path, system: str, change: Callable[[dict[str, Any]], None]) -> None:
    (path,) = folder.glob(f"results/*/{system}-*.json")
    document = json.loads(path.read_text())
    change(document)
    path.write_text(json.dumps(document))


def edit_records(folder: Path, system: str, **changes: object) -> None:
    edit(folder, system, lambda document: document.update(records=[record | changes for record in document["records"]]))


def test_systems_of_different_pairs(kept: Callable[..., Path], registry: Registry) -> None:
    folder = kept("one")
    edit_records(folder, "poor", digest="0" * 32)
    with pytest.raises(UsageError, match="were scored on different pairs of one"):
        compared(folder, registry)


def test_systems_of_different_protocols(kept: Callable[..., Path], registry: Registry) -> None:
    folder = kept("one", systems=["good", "poor"])
    edit(folder, "poor", lambda document: document["benchmark"].update(protocol="other"))
    with pytest.raises(UsageError, match=r"was scored on one under protocol (other and not plain|plain and not other)"):
        compared(folder, registry)


def test_a_failed_cell(kept: Callable[..., Path], registry: Registry) -> None:
    folder = kept("one")
    edit_records(folder, "poor", status="failed", reason="out of memory", figures={})
    with pytest.raises(UsageError, match=r"poor · pair on one is failed \(out of memory\)"):
        compared(folder, registry)


def test_scores_that_are_not_kept(kept: Callable[..., Path], registry: Registry) -> None:
    folder = kept("one")
    next(folder.glob("scores/*/poor-*.parquet")).unlink()
    with pytest.raises(StoreError, match="the scores of poor · pair on one are not kept"):
        compared(folder, registry)


def test_data_that_changed_since(kept: Callable[..., Path], registry_of: Callable[..., Registry]) -> None:
    folder = kept("one")
    other = registry_of(("doubles", "1", {"similarities": list(SCORERS), "benchmarks": [made("one", TWO)]}))
    with pytest.raises(DataError, match="the data of one are not those that the results are of"):
        compared(folder, other)


@pytest.mark.parametrize(
    ("names", "message"),
    [(["good", "best"], "no system of the results is called 'best'"), (["good"], "at least two systems"), (["good", "o"], "may be any of")],
)
def test_names_that_mean_no_pair_of_systems(names: list[str], message: str, kept: Callable[..., Path], registry: Registry) -> None:
    with pytest.raises(UsageError, match=message):
        compared(kept("one"), registry, *names)


def test_an_empty_folder(tmp_path: Path, registry: Registry) -> None:
    with pytest.raises(UsageError, match="there are no results in"):
        compared(tmp_path, registry)


def test_an_error_names_the_nearest_systems_and_counts_the_others(registry: Registry, tmp_path: Path) -> None:
    evaluate(
        ["hashing"],
        ["cosine", "dot", "euclidean", "manhattan", "pearson", "chebyshev", "angular"],
        ["one"],
        results=tmp_path,
        registry=registry,
    )
    with pytest.raises(UsageError) as raised:
        compared(tmp_path, registry, "hash manhatten", "hash cosine")
    assert str(raised.value) == (
        "no system of the results is called 'hash manhatten'; they hold hashing · angular; hashing · chebyshev; hashing · cosine; "
        "hashing · dot; hashing · euclidean; hashing · manhattan; 1 more"
    )
    with pytest.raises(UsageError, match="called 'wave pearson'; they hold hashing · pearson; hashing"):
        compared(tmp_path, registry, "wave pearson", "hash cosine")


def test_a_listener_hears_of_the_resamples(kept: Callable[..., Path], registry: Registry) -> None:
    heard: list[Event] = []
    compared(kept("one", "two"), registry, resamples=200, listen=heard.append)
    assert heard == [Resampling(done, 400) for done in (128, 200, 328, 400)]


def test_results_on_a_private_file_need_its_path_again(tmp_path: Path, registry: Registry) -> None:
    rows = [f"{left},{right},{gold}" for left, right, gold in zip(ONE.left, ONE.right, ONE.gold, strict=True)]
    (tmp_path / "own.csv").write_text("\n".join(["sentence1,sentence2,score", *rows]))
    path = f"csv:{tmp_path / 'own.csv'}"
    evaluate(["good", "poor"], benchmarks=[path], results=tmp_path / "kept", registry=registry)
    with pytest.raises(UsageError, match=r"on a file, private-\w+, of which records hold no path; name it with -b \S*csv:PATH$"):
        compared(tmp_path / "kept", registry)
    named = compared(tmp_path / "kept", registry, benchmarks=[path])
    assert named.comparisons[0].first == "good · pair"
    board = 'name = "b"\ntitle = "B"\nprotocol = "plain"\nbenchmarks = [{}]\n[[system]]\nencoder = "good"\n'
    (tmp_path / "kept" / "board.toml").write_text(board.format(json.dumps(path)))
    assert compared(tmp_path / "kept", registry) == named, "a board says where its files are"
    (tmp_path / "kept" / "board.toml").write_text(board.format('"one"'))
    with pytest.raises(UsageError, match="of which records hold no path"):
        compared(tmp_path / "kept", registry)


@pytest.mark.parametrize(
    ("setting", "said"),
    [
        ({"resamples": "x"}, "resamples takes a whole number, not 'x'"),
        ({"seed": 1.5}, "seed takes a whole number, not 1.5"),
        ({"level": "0.9"}, "level takes a number, not '0.9'"),
        ({"method": None}, "method takes a name, not None"),
        ({"metric": ["kendall"]}, r"metric takes a name, not \['kendall'\]"),
        ({"pairs": True}, "pairs takes a whole number, not True"),
    ],
)
def test_a_setting_of_another_kind_is_refused_in_a_sentence(setting: dict[str, Any], said: str) -> None:
    with pytest.raises(UsageError, match=said):
        Setting(**setting)


def test_of_systems_that_are_not_told_from_the_best_the_one_that_takes_most_pairs_is_spoken_of(
    kept: Callable[..., Path], registry: Registry
) -> None:
    found = compared(kept("two"), registry, method="bootstrap")
    best = found.comparisons[0].first
    others = {each.second: each for each in found.comparisons if each.first == best and not each.identical}
    open_ = {name: each for name, each in others.items() if not found.tells(each)}
    outlook = known(found.outlook)
    assert outlook.first == best
    assert outlook.enough == (not open_)
    near = {name: each for name, each in open_.items() if each.low <= 0} or open_
    if near:
        assert outlook.second == max(near, key=lambda name: near[name].error)
    assert [found.tells(each) for each in others.values()] == [known(each.p_max_t) <= 0.05 for each in others.values()]


@pytest.mark.parametrize("resamples", [0, -3, 10**11])
def test_a_number_of_resamples_that_nobody_can_use_is_refused_before_anything_is_scored(resamples: int) -> None:
    with pytest.raises(UsageError, match="the number of resamples is at least 1 and at most 1,000,000"):
        Setting(resamples=resamples)
