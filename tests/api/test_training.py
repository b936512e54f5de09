"""Benchmarks as the evaluator of a trainer: the figures are those of `evaluate`, and what cannot be measured is refused at once."""

from __future__ import annotations

import math
from collections.abc import Callable, Iterable, Sequence
from hashlib import sha256
from pathlib import Path
from typing import Any

import pytest

import stsbench
from stsbench.api.session import Session
from stsbench.contracts.components.component import Component
from stsbench.contracts.components.protocols import Evaluator, Gauge
from stsbench.contracts.events import Warned
from stsbench.errors import DataError, PluginError, StsbenchError, UsageError
from stsbench.hookspecs import hookimpl
from stsbench.host.discovery import register
from stsbench.host.registry import Registry

ROWS = [("na" * (row % 5) + " text", "so" * (row % 7) + " text", row % 4) for row in range(20)]


class Bare:
    """A training library that takes the measure as it is."""

    def evaluating(self, measure: Gauge) -> Gauge:
        return measure


class BarePlugin:
    @hookimpl
    def stsbench_evaluators(self) -> Iterable[Component[Evaluator]]:
        return [Component("bare", Bare)]


class Letters:
    """Vectors of counts of letters."""

    def encode(self, texts: Sequence[str]) -> list[list[float]]:
        return [[float(text.count(letter)) for letter in "aeiourstn "] + [1.0] for text in texts]


class Noise:
    def encode(self, texts: Sequence[str]) -> list[list[float]]:
        return [[byte - 127.5 for byte in sha256(text.encode()).digest()] for text in texts]


class Rare:
    """Only a pair in a hundred gets another score than the others."""

    def encode(self, texts: Sequence[str]) -> list[list[float]]:
        return [[1.0, float(text.startswith("Be"))] for text in texts]


class Constant:
    def encode(self, texts: Sequence[str]) -> list[list[float]]:
        return [[1.0, 2.0] for _ in texts]


class Broken:
    def encode(self, texts: Sequence[str]) -> list[list[float]]:
        raise MemoryError


@pytest.fixture(scope="module")
def registry() -> Registry:
    installed = Registry.installed()
    return Registry((*installed.plugins, register(BarePlugin(), distribution="bare", version="1")))


@pytest.fixture
def measure_of(registry: Registry) -> Callable[..., Any]:
    heard: list[str] = []

    def make(*benchmarks: Any, **more: Any) -> Any:
        session = Session.opened(
            registry, cache=False, listen=lambda event: heard.append(str(event)) if isinstance(event, Warned) else None
        )
        return stsbench.as_evaluator(*benchmarks, trainer="bare", session=session, **more)

    make.heard = heard  # type: ignore[attr-defined]
    return make


def test_figures_are_those_of_evaluate(measure_of: Callable[..., Any]) -> None:
    measure = measure_of("mini", "euclidean", transform="centre")
    (cell,) = stsbench.evaluate(Letters(), "euclidean", "mini", transforms="centre").cells()
    wanted = {f"mini_{metric}_euclidean": cell[metric] for metric in ("spearman", "pearson", "kendall")}
    assert measure.of(Letters()).figures == wanted
    assert (measure.main, measure.name, set(measure.names)) == ("mini_spearman_euclidean", "mini", set(wanted))
    assert measure.of(Letters()).verdict is None


def test_several_benchmarks_have_a_mean(measure_of: Callable[..., Any], tmp_path: Path) -> None:
    (tmp_path / "own.csv").write_text("left,right,score\n" + "".join(f"{left},{right},{score}\n" for left, right, score in ROWS))
    measure = measure_of(["mini", f"csv:{tmp_path}/own.csv,name=own"])
    figures = measure.of(Letters()).figures
    assert measure.main == "mean_spearman_cosine"
    assert figures[measure.main] == (figures["mini_spearman_cosine"] + figures["own_spearman_cosine"]) / 2
    assert set(figures) == set(measure.names)


def test_a_baseline_is_compared_with_as_compare_does(measure_of: Callable[..., Any]) -> None:
    measure = measure_of("mini", baseline="hashing", margin=1)
    measured = measure.of(Noise())
    report = stsbench.evaluate([Noise(), "hashing"], "cosine", "mini")
    (found,) = report.compare(setting=stsbench.Setting(resamples=1999, margin=1)).comparisons
    assert (found.first, found.verdict_of_second) == ("hashing · cosine", "worse")
    told = [measured.figures[f"mini_spearman_cosine_{limit}"] for limit in ("difference", "difference_low", "difference_high")]
    assert told == [-found.difference, -found.high, -found.low]
    assert measured.verdict == "worse"
    assert "worse than hashing · cosine by" in measure_of.heard[-1]  # type: ignore[attr-defined]
    assert measure_of("mini", baseline="token-jaccard", margin=1).of(Noise()).verdict == "worse", "a pair scorer"
    assert measure_of("mini", baseline=Noise(), margin=1).of(Letters()).verdict == "better"


def test_benchmarks_and_baselines_are_objects_too(measure_of: Callable[..., Any]) -> None:
    measure = measure_of(stsbench.pairs(ROWS, name="own"), baseline=Noise())
    (cell,) = stsbench.evaluate(Letters(), "cosine", stsbench.pairs(ROWS, name="own")).cells()
    assert measure.of(Letters()).figures[measure.main] == cell["spearman"]


def test_pairs_that_count_more_count_more(measure_of: Callable[..., Any]) -> None:
    rows = [(*row, 1 + number % 3) for number, row in enumerate(ROWS)]
    weighted, repeated = (
        stsbench.pairs(
            dict(zip(("left", "right", "score", "often"), zip(*chosen, strict=True), strict=True)), weight=weight, name=f"own-{len(chosen)}"
        )
        for chosen, weight in ((rows, "often"), ([row for row in rows for _ in range(row[3])], ""))
    )
    figures = [next(iter(measure_of(benchmark).of(Letters()).figures.values())) for benchmark in (weighted, repeated)]
    assert figures[0] == pytest.approx(figures[1], abs=1e-12)


def test_a_figure_that_is_undefined_is_below_all_others(measure_of: Callable[..., Any]) -> None:
    measure = measure_of("mini", baseline="hashing", margin=1)
    measured = measure.of(Constant())
    assert measured.figures == {"mini_spearman_cosine": -math.inf}
    assert measured.verdict is None
    assert "mini says nothing of the model as it is: constant scores" in measure_of.heard[-1]  # type: ignore[attr-defined]


def test_scores_that_cannot_be_resampled_end_no_training(measure_of: Callable[..., Any]) -> None:
    measured = measure_of("mini", baseline="hashing", margin=1).of(Rare())
    assert set(measured.figures) == {f"mini_{metric}_cosine" for metric in ("spearman", "pearson", "kendall")}
    assert measured.verdict == "cannot tell"
    assert "a resample may hold equal ones" in measure_of.heard[-1]  # type: ignore[attr-defined]


def test_a_model_that_fails_ends_the_measurement(measure_of: Callable[..., Any]) -> None:
    with pytest.raises(PluginError, match="MemoryError"):
        measure_of("mini").of(Broken())


@pytest.mark.parametrize(
    ("arguments", "more", "error", "says"),
    [
        (("minni",), {}, UsageError, "did you mean mini"),
        (("csv:absent.csv",), {}, DataError, "does not exist"),
        (("mini", "cosin"), {}, UsageError, "did you mean cosine"),
        (("mini", "bertscore"), {}, UsageError, "bertscore"),
        (("mini",), {"margin": 1}, UsageError, "a margin is about a baseline"),
        (("mini",), {"baseline": "hashin", "margin": 1}, UsageError, "did you mean hashing"),
        (("mini",), {"baseline": "hashing", "margin": -1}, UsageError, "a margin is a number of points above 0"),
        ((["mini", "stress"],), {}, UsageError, "have no mean; make an evaluator of the benchmarks of each"),
    ],
)
def test_what_cannot_be_measured_is_refused_before_training(
    arguments: tuple[Any, ...], more: dict[str, Any], error: type[StsbenchError], says: str, measure_of: Callable[..., Any]
) -> None:
    with pytest.raises(error, match=says):
        measure_of(*arguments, **more)


def test_a_trainer_that_is_not_installed_is_named() -> None:
    with pytest.raises(UsageError, match="did you mean sentence-transformers"):
        stsbench.as_evaluator("mini", trainer="sentence-transformer")
