from __future__ import annotations

import re
import subprocess
import sys
from typing import Any

import pytest

from stsbench.builtin.benchmarks.components import benchmarks
from stsbench.builtin.benchmarks.definitions import tasks, visual_tasks
from stsbench.contracts.components.component import Component
from stsbench.contracts.components.protocols import BenchmarkCard, Suite
from stsbench.contracts.ref import Ref
from stsbench.errors import OptionError

COMPONENTS: dict[str, Component[Any]] = {component.name: component for component in benchmarks()}
SUITES = ("sts-english", "simcse", "mteb-eng-v1", "mteb-eng-v2", "sts-multilingual")


def parsed(ref: Ref) -> dict[str, Any]:
    options = {option.name: option for option in COMPONENTS[ref.name].options}
    return {key: options[key].parse(raw) for key, raw in ref.options}


def test_the_tasks_are_52_and_each_is_defined_whole() -> None:
    assert len(tasks()) == 52
    assert "StakeholderGrounding" not in COMPONENTS
    names = [task.name for task in tasks()]
    assert len(set(map(str.lower, names))) == 52
    for task in tasks():
        assert re.fullmatch(r"[0-9a-f]{40}", task.revision), task.name
        assert re.fullmatch(r"[\w.-]+/[\w.-]+", task.path), task.name
        assert set(task.eval_splits) <= set(task.expected), task.name
        assert task.superseded_by is None or task.superseded_by in names
        assert all(language.count("-") == 1 for spoken in task.subsets.values() for language in spoken)
        for counts in task.expected.values():
            assert counts.gold_min is not None
            assert counts.gold_max is not None
            assert task.score_range[0] <= counts.gold_min < counts.gold_max <= task.score_range[1], task.name
            assert counts.unique_left is not None
            assert counts.unique_right is not None
            assert counts.unique_pairs is not None
            assert 0 < max(counts.unique_left, counts.unique_right) <= counts.unique_pairs <= counts.pairs


def test_the_seven_visual_tasks_are_defined_whole() -> None:
    assert [task.name for task in visual_tasks()] == [
        *(f"STS{year}VisualSTS" for year in range(12, 17)),
        "STS17MultilingualVisualSTS",
        "STSBenchmarkMultilingualVisualSTS",
    ]
    of_texts = {task.name: task for task in tasks()}
    for task in visual_tasks():
        assert re.fullmatch(r"[0-9a-f]{40}", task.revision), task.name
        assert (task.columns.left, task.columns.right, task.columns.score) == ("sentence1", "sentence2", ("score",))
        assert tuple(task.columns.items) == ("image",)
        assert task.score_range == (0.0, 5.0)
        texts = of_texts[task.name.replace("MultilingualVisualSTS" if "17" in task.name else "VisualSTS", "STS" * ("Bench" in task.name))]
        assert task.subsets == texts.subsets
        for split in task.eval_splits:  # a picture a text: as many of them as of texts
            drawn, written = task.expected[split], texts.expected[split]
            assert (drawn.pairs, drawn.unique_left, drawn.unique_right) == (written.pairs, written.unique_left, written.unique_right)


def test_the_definitions_are_parsed_once() -> None:
    assert tasks() is tasks()


def test_every_task_says_what_it_is() -> None:
    for task in tasks():
        component = COMPONENTS[task.name]
        card = component.build().card
        assert card.name == task.name
        assert (card.protocol, card.aggregation) == ("mteb", "mean")
        assert re.match(rf"[\d,]+ pairs \(.*\), .*; the task {re.escape(task.name)} of mteb\.\n", component.help)
        assert component.target is not None
        assert not component.target.required


def test_listing_imports_nothing_heavy() -> None:
    code = "import sys; from stsbench.builtin.benchmarks.components import benchmarks; benchmarks(); print(*sys.modules)"
    loaded = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True).stdout.split()
    assert not {"datasets", "pandas", "pyarrow", "scipy", "torch", "sacremoses", "huggingface_hub"} & set(loaded)


def test_an_alias_is_the_same_benchmark() -> None:
    assert COMPONENTS["STS-B"].build().card == COMPONENTS["STSBenchmark"].build().card
    assert COMPONENTS["STSB"].build().card.languages == ("cmn-Hans",)


def test_subsets_narrow_the_languages() -> None:
    assert COMPONENTS["STS17"].build(subset=("en-en",)).card.languages == ("eng-Latn",)
    assert COMPONENTS["STS17"].build(subset=("es-en",)).card.languages == ("spa-Latn", "eng-Latn")


@pytest.mark.parametrize(
    ("name", "target", "options", "message"),
    [
        ("STS12", "tset", {}, r"STS12 has no split 'tset'; did you mean 'test'\? there is test"),
        ("STSBenchmark", "dev", {}, "STSBenchmark has no split 'dev'; there are test, train, validation"),
        ("STS17", "", {"subset": ("en-en", "en-dee")}, r"STS17 has no subset 'en-dee'; did you mean 'en-de'\? there are ko-ko, ar-ar, "),
        ("STS17", "", {"protocol": "simcse"}, "STS17 is not part of the SimCSE protocol"),
        ("SICK-R", "", {"by": "group"}, "SICK-R has no groups; leave out by=group"),
    ],
)
def test_what_a_task_does_not_have_is_named(
    name: str, target: str, options: dict[str, Any] | dict[str, tuple[str, str]] | dict[str, str], message: str
) -> None:
    with pytest.raises(OptionError, match=message):
        COMPONENTS[name].build(target, **options)


def test_simcse_without_its_tokeniser_says_how_to_install_it(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setitem(sys.modules, "sacremoses", None)
    with pytest.raises(OptionError, match=re.escape("pip install 'stsbench[simcse]'")):
        COMPONENTS["STSBenchmark"].build(protocol="simcse")
    COMPONENTS["STS12"].build(protocol="simcse")  # its texts are tokenised already


@pytest.mark.parametrize("name", SUITES)
def test_every_suite_resolves_and_holds_no_task_beside_its_successor(name: str) -> None:
    pytest.importorskip("sacremoses")
    suite = COMPONENTS[name].build()
    assert isinstance(suite, Suite)
    cards = []
    for text in suite.benchmarks:
        ref = Ref.parse(text)
        benchmark = COMPONENTS[ref.name].build(**parsed(ref))
        assert callable(benchmark.load)
        assert isinstance(benchmark.card, BenchmarkCard)
        cards.append(benchmark.card)
    assert {card.protocol for card in cards} == {suite.protocol}
    assert not {card.superseded_by for card in cards} & {card.name for card in cards}
    assert len({card.name for card in cards}) == len(cards)


def test_all_suites_are_tested() -> None:
    assert {name for name, component in COMPONENTS.items() if isinstance_of_suite(component)} == set(SUITES)


def isinstance_of_suite(component: Component[Any]) -> bool:
    needs = component.target is not None or any(option.required for option in component.options)
    return not needs and isinstance(component.build(), Suite)


def test_the_english_suites_are_english() -> None:
    for name in ("sts-english", "mteb-eng-v1", "mteb-eng-v2"):
        for text in COMPONENTS[name].build().benchmarks:
            ref = Ref.parse(text)
            assert COMPONENTS[ref.name].build(**parsed(ref)).card.languages == ("eng-Latn",)


def test_notes_are_those_of_the_protocol() -> None:
    pytest.importorskip("sacremoses")
    assert "together" in COMPONENTS["SICK-R"].build().card.notes[0]
    assert "4,927 test pairs of SICK alone" in COMPONENTS["SICK-R"].build(protocol="simcse").card.notes[0]
