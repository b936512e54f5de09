"""What is known of models by name: against mteb's own registry, its own resolution of prompts, and published figures."""

from __future__ import annotations

import json
import re
import sys
from collections.abc import Iterator
from functools import cache
from importlib.util import find_spec
from pathlib import Path
from typing import Any

import pytest
from stsbench_transformers.known.models import published, read_presets, task_prompts

sys.path.insert(0, str(Path(__file__).parent))
import mteb_facts

from stsbench.contracts.ref import Ref, unescape
from stsbench.host.registry import Registry
from stsbench.runner.prompting import mteb_prompts

pytestmark = [
    pytest.mark.filterwarnings("ignore"),  # mteb warns of prompts that a task does not have
    pytest.mark.skipif(find_spec("mteb") is None, reason="needs mteb"),
]
PUBLISHED = Path(__file__).parents[3] / "leaderboards" / "sts-english" / "published.json"


class OfTheHub:
    """As much of a checkpoint as a name is looked up by."""

    folder = None

    def __init__(self, label: str) -> None:
        self.label = label


def prompts_of(model: str) -> Any:
    return task_prompts(OfTheHub(model))  # type: ignore[arg-type]


@cache
def registry() -> Registry:
    return Registry.installed()


def presets() -> dict[str, Ref]:
    return {name: Ref.parse(preset.reference) for name, preset in read_presets().items()}


def test_there_are_presets_of_the_models_that_people_use() -> None:
    names = set(presets())
    assert len(names) >= 40
    assert {"intfloat/e5-small-v2", "Qwen/Qwen3-Embedding-0.6B", "sentence-transformers/all-MiniLM-L6-v2"} <= names


@pytest.mark.parametrize("name", sorted(presets()))
def test_a_preset_resolves_to_an_encoder_with_the_revision_that_mteb_has(name: str) -> None:
    stands, options = presets()[name], dict(presets()[name].options)
    resolved = registry().resolve("encoder", f"preset:{name}")
    assert (resolved.component.name, resolved.target_text) == (stands.name, name)
    assert {"prompt", *options} == set(options)  # whichever it is, the prompt was chosen
    assert set(options) - {"revision"} <= {*options} & {*read_presets()[name].sources, "prompt", "pooling"}
    if "revision" in options:
        assert options["revision"] == mteb_facts.registry()[name].revision
        assert re.fullmatch("[0-9a-f]{40}", options["revision"])
    for benchmark in options.get("trained_on", "").split("+") if "trained_on" in options else ():
        assert (
            registry().resolve("benchmark", benchmark).build().card.name.partition(":")[0] in mteb_facts.registry()[name].training_datasets
        )


def test_what_is_given_beside_a_preset_replaces_what_it_says() -> None:
    def options(text: str) -> dict[str, str]:
        return dict(registry().resolve("encoder", f"preset:intfloat/e5-small-v2{text}").ref.options)

    assert options("")["prompt"] == "query:%20"
    assert options(",prompt_left=a,prompt_right=b").keys() == {"prompt_left", "prompt_right", "revision"}
    assert options(",max_length=64,revision=main") == {"prompt": "query:%20", "max_length": "64", "revision": "main"}


def cards() -> Iterator[tuple[Any, Any]]:
    """Every benchmark of mteb's that stsbench has, as its card and as mteb's task."""
    by_name = {str(task.metadata.name): task for task in mteb_facts.tasks()}
    for component, provider in registry().offers("benchmark"):
        if component.alias_of is None and component.name in by_name:
            full = f"{provider.distribution}/{component.name}"
            yield registry().resolve("benchmark", full).build().card, by_name[component.name]


@pytest.mark.slow
def test_prompts_are_those_that_mteb_resolves_for_every_model_it_has() -> None:
    benchmarks = list(cards())
    assert len(benchmarks) > 50
    compared = 0
    for name, model in mteb_facts.models():
        for card, task in benchmarks:
            expected = tuple(mteb_facts.resolve(model, task, side) for side in mteb_facts.sides(task))
            assert mteb_prompts(prompts_of(name), card) == expected, (name, card.name)
            compared += 1
    assert compared > 20_000
    by_mteb = {name for name, ref in presets().items() if dict(ref.options)["prompt"] == "mteb"}
    assert all(prompts_of(name) is not None for name in by_mteb)


@pytest.mark.slow
def test_the_facts_are_those_of_the_mteb_that_is_installed() -> None:
    assert json.loads(mteb_facts.FACTS.read_text(encoding="utf-8")) == mteb_facts.extract()


def test_prompts_for_queries_reach_no_task_of_similarity() -> None:
    from stsbench.plugin import BenchmarkCard

    assert prompts_of("intfloat/e5-small-v2") == {"query": "query: ", "document": "passage: "}
    assert mteb_prompts(prompts_of("intfloat/e5-small-v2"), BenchmarkCard("STSBenchmark")) == ("", "")
    qwen = prompts_of("Qwen/Qwen3-Embedding-0.6B")
    assert mteb_prompts(qwen, BenchmarkCard("STSBenchmark"))[0] == "Instruct: Retrieve semantically similar text.\nQuery:"
    assert mteb_prompts(qwen, BenchmarkCard("SICK-NL-STS:test"))[1] == "Instruct: Haal semantisch vergelijkbare tekst op\nQuery:"
    left, right = mteb_prompts(qwen, BenchmarkCard("TERRa.V2", task="binary"))
    assert (left, right.startswith("Instruct: ")) == ("", True)
    assert prompts_of("org/unknown") is None


def test_published_figures_are_those_of_the_board() -> None:
    board = {(one["system"], one["benchmark"]): (one["spearman"], one["source"]) for one in json.loads(PUBLISHED.read_text())["figures"]}
    benchmarks = ("STS12", "STS13", "STS14", "STS15", "STS16", "STSBenchmark", "SICK-R")
    known = {(name, one): published(OfTheHub(name), one, "mteb") for name in presets() for one in benchmarks}  # type: ignore[arg-type]
    shared = {cell: figure[:2] for cell, figure in known.items() if cell in board and figure is not None and figure[0] is not None}
    assert len(shared) > 150
    assert shared == {cell: board[cell] for cell in shared}
    assert published(OfTheHub("intfloat/e5-small-v2"), "STS12", "mteb") == (None, "", "")  # type: ignore[arg-type]
    assert published(OfTheHub("org/unknown"), "STS12", "mteb") is None  # type: ignore[arg-type]


def test_a_prompt_with_a_space_at_its_end_is_kept() -> None:
    assert unescape(dict(presets()["intfloat/e5-base-v2"].options)["prompt"]) == "query: "


def test_a_published_figure_is_of_the_revision_that_its_source_tells() -> None:
    def revision(name: str) -> str:
        measured = published(OfTheHub(name), "STS12", "mteb")  # type: ignore[arg-type]
        assert measured is not None
        return dict(Ref.parse(measured[2]).options)["revision"]

    same, other = "sentence-transformers/all-MiniLM-L6-v2", "sentence-transformers/all-mpnet-base-v2"
    assert revision(same) == dict(presets()[same].options)["revision"]
    assert revision(other) == "84f2bcc00d77236f9e89c8a360a00fb1139bf47d" != dict(presets()[other].options)["revision"]
