"""Prompts of which the benchmark chooses: what is encoded, recorded and kept for `prompt=mteb`."""

from __future__ import annotations

import json
from collections.abc import Callable
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import pytest

from stsbench import evaluate
from stsbench.contracts.components.component import Component
from stsbench.contracts.components.options import Execution
from stsbench.contracts.components.protocols import BenchmarkCard
from stsbench.errors import OptionError
from stsbench.host.registry import Registry
from stsbench.runner.keys import parse_signature
from stsbench.runner.prompting import mteb_prompts
from tests.runner.conftest import DoubleEncoder, Watched, benchmark, part

NAMED = {
    "STS": "similar: ", "STS12": "news: ", "PairClassification": "same: ", "BitextMining": "same text: ",
    "query": "q: ", "document": "d: ", "TERRa.V2-query": "t: ",
}  # fmt: skip


@pytest.mark.parametrize(
    ("card", "expected"),
    [
        (BenchmarkCard("STS12"), ("news: ", "news: ")),
        (BenchmarkCard("STS12:train"), ("news: ", "news: ")),
        (BenchmarkCard("STS12 (all, by group)"), ("news: ", "news: ")),
        (BenchmarkCard("STS12/MSRpar:test (without STSBenchmark:train)"), ("news: ", "news: ")),
        (BenchmarkCard("STSBenchmark"), ("similar: ", "similar: ")),
        (BenchmarkCard("PpcPC", task="binary"), ("same: ", "same: ")),
        (BenchmarkCard("TERRa.V2", task="binary"), ("same: ", "t: ")),
        (BenchmarkCard("stress", task="triplets"), ("similar: ", "similar: ")),
        (BenchmarkCard("mteb-STS12", prompted_as=("STS12", "STS")), ("news: ", "news: ")),
        (BenchmarkCard("mteb-Tatoeba/a-b", task="binary", prompted_as=("Tatoeba", "BitextMining")), ("same text: ", "same text: ")),
    ],
)
def test_the_name_of_a_task_comes_before_its_kind_and_sides_reach_no_others(card: BenchmarkCard, expected: tuple[str, str]) -> None:
    assert mteb_prompts(NAMED, card) == expected
    assert mteb_prompts({"query": "q: "}, BenchmarkCard("STS12")) == ("", "")


@dataclass(frozen=True)
class Known(DoubleEncoder):
    """A double of whose model mteb's registry has prompts, and of which a figure is published."""

    task_prompts: dict[str, str] | None = field(default_factory=lambda: NAMED)
    figure: float | None = None
    of: str = "registered,"

    def published(self, benchmark: str, protocol: str) -> tuple[float | None, str, str] | None:
        if (benchmark, protocol) != ("STS12", "plain"):
            return None, "", ""
        return self.figure, "a paper", f"{self.of}figure={self.figure}"


@pytest.fixture
def known(registry_of: Callable[..., Registry], watched: Watched) -> Registry:
    def registered(*, figure: float | None = None, of: Execution[str] = "registered,") -> Any:
        """Known to mteb's registry."""
        return Known(views=("a",), watched=watched, figure=figure, of=of)

    def bare() -> Any:
        """Known to it too, which has no prompts for it."""
        return Known(views=("a",), watched=watched, task_prompts={}, prompts={"STS": "own: "})

    def unknown() -> Any:
        """Known to nobody."""
        return DoubleEncoder(views=("a",), watched=watched)

    made = [
        Component("news", benchmark("STS12", part()).build),
        benchmark("other", part(salt="x")),
        benchmark("pairs", part(gold=[0, 1] * 6), task="binary"),
    ]
    encoders = [Component("registered", registered), Component("bare", bare), Component("unknown", unknown)]
    return registry_of(("stsbench-double", "0.9", {"encoders": encoders, "benchmarks": made}))


def test_each_benchmark_has_its_prompt_in_the_record_and_in_the_signature(known: Registry, watched: Watched, tmp_path: Path) -> None:
    report = evaluate("registered,prompt=mteb", "cosine", ["news", "other", "pairs"], registry=known, results=tmp_path)
    expected = {"STS12": "news: ", "other": "similar: ", "pairs": "same: "}
    assert {entry.benchmark.name: entry.record.prompts for entry in report.entries} == {name: (one, one) for name, one in expected.items()}
    said = {entry.benchmark.name: parse_signature(entry.record.signature) for entry in report.entries}
    assert {name: one["prompts"] for name, one in said.items()} == {
        name: "+".join([one.replace(" ", "%20")] * 2) for name, one in expected.items()
    }
    assert all(one["encoder"].endswith("registered,figure=none,prompt=mteb") for one in said.values())
    assert {prompt for _, _, prompt in watched.calls} == set(expected.values())
    plain = evaluate("registered,prompt=similar:%20", "cosine", "other", registry=known)
    assert plain.cells()[0]["spearman"] == next(cell["spearman"] for cell in report.cells() if cell["benchmark"] == "other")
    assert len({json.loads(path.read_text())["encoder"]["fingerprint"] for path in tmp_path.rglob("*.json")}) == 1
    watched.calls.clear()
    evaluate("registered,prompt=mteb", "cosine", ["news", "other"], registry=known, results=tmp_path)
    assert not watched.calls


def test_a_prompt_of_the_data_of_a_fit_that_changed_computes_anew(
    registry_of: Callable[..., Registry], watched: Watched, tmp_path: Path
) -> None:
    def calls(named: dict[str, str]) -> int:
        def registered() -> Any:
            """Known to mteb's registry."""
            return Known(views=("a",), watched=watched, task_prompts=named)

        hooks = {
            "encoders": [Component("registered", registered)],
            "similarities": [Component("fitted", watched.fitted, fits="texts")],
            "benchmarks": [Component("news", benchmark("STS12", part()).build), benchmark("other", part(salt="x"))],
        }
        before = len(watched.calls)
        evaluate("registered,prompt=mteb", "fitted,fit=news", "other", registry=registry_of(("doubles", "1", hooks)), results=tmp_path)
        return len(watched.calls) - before

    assert [calls(NAMED) > 0, calls(NAMED), calls({**NAMED, "STS12": "older news: "}) > 0] == [True, 0, True]


def test_where_the_registry_has_no_prompt_the_model_has_its_own(known: Registry) -> None:
    assert evaluate("bare,prompt=mteb", "cosine", "other", registry=known).entries[0].record.prompts == ("own: ", "own: ")
    with pytest.raises(OptionError, match=r"prompt=mteb finds no prompt: neither mteb's registry.* of unknown.* has any; leave it out"):
        evaluate("unknown,prompt=mteb", "cosine", "other", registry=known)


def test_a_figure_is_as_published_or_not_or_nobody_knows(known: Registry) -> None:
    def said(encoder: str, name: str = "news", **options: Any) -> str | None:
        return evaluate(encoder, "cosine", name, registry=known, **options).entries[0].provenance.get("published.a")

    figure = evaluate("registered", "cosine", "news", registry=known).entries[0].record.figure
    assert figure is not None
    assert said("registered") == said("registered", "other") == "unverified"
    assert str(said(f"registered,figure={figure + 4e-4:.6f}")).startswith("yes: ")
    assert str(said(f"registered,figure={figure + 6e-4:.6f}")).startswith("no: ")
    assert said("unknown") is None
    assert said(f"registered,figure={figure:.6f}", limit=6) is None


def test_a_figure_of_another_system_verifies_nothing(known: Registry) -> None:
    def said(encoder: str) -> str:
        return str(evaluate(encoder, "cosine", "news", registry=known).entries[0].provenance.get("published.a"))

    assert said("registered,figure=0.25,trained_on=other").startswith("no: ")
    for options, apart in {
        "prompt=mteb": "no prompt=",
        "prompt_left=a": "no prompt_left=",
        "of=registered%2Crevision=b%2C": "revision=b",
    }.items():
        verdict = said(f"registered,figure=0.25,{options}")
        assert verdict.startswith("unverified: ")
        assert apart in verdict
    assert "(a paper), which is of other:" in said("registered,figure=0.25,of=other%2C")
