"""What components offer beside what they must is read in one module, checked, and costs nobody else where a plugin gets it wrong."""

from __future__ import annotations

import ast
import inspect
from collections.abc import Callable
from pathlib import Path
from typing import Any

import numpy as np
import pytest

import stsbench
from stsbench.contracts.components import capabilities as declared
from stsbench.host import capabilities
from stsbench.host.guarded import Guarded
from stsbench.host.registry import Registry
from stsbench.plugin import Component, Embeddings, Fingerprint, PluginError

ROOT = Path(stsbench.__file__).parent
PROTOCOLS = {name: one for name, one in vars(declared).items() if inspect.isclass(one) and one.__module__ == declared.__name__}
MEMBERS = {member for one in PROTOCOLS.values() for member in vars(one) if not member.startswith("_")}
WORDS = {"prompts": 3, "provenance": 3, "decided": "by pooling", "identified_up_to": ["diag"], "made_for": 3, "runs_on": 3, "card": "card"}
OTHERS = {
    "trained_on": "mini",
    "stored": "no",
    "whole": 3,
    "fingerprint": "f",
    "splits": "test",
    "expected_pairs": "many",
    "views": "sentence",
}
READERS = {"card": "model_card", "stored": "is_stored", "whole": "is_whole"}


def held(**members: Any) -> Any:
    return Guarded(type("Held", (), members)(), lambda stage, error: PluginError(f"it failed while it was {stage}: {error}"))


def test_they_are_read_in_one_module() -> None:
    read: dict[str, set[str]] = {}
    for path in ROOT.rglob("*.py"):
        for node in ast.walk(ast.parse(path.read_text(encoding="utf-8"))):
            if isinstance(node, ast.Call) and isinstance(node.func, ast.Name):
                words = {str(one.value) for one in node.args if isinstance(one, ast.Constant)} & MEMBERS
                if words and node.func.id in ("getattr", "hasattr", "_read", "_texts", "_method", "_calling"):
                    read.setdefault(path.relative_to(ROOT).as_posix(), set()).update(words)
                assert node.func.id != "isinstance" or not {getattr(one, "id", "") for one in node.args} & set(PROTOCOLS), path
    assert read == {"host/capabilities.py": MEMBERS - {"fit"}}  # which a component declares: it is no question


@pytest.mark.parametrize("name", PROTOCOLS)
def test_each_is_exported_to_plugins(name: str) -> None:
    assert getattr(stsbench.plugin, name) is PROTOCOLS[name]
    assert name in stsbench.plugin.__all__
    assert inspect.getdoc(PROTOCOLS[name])


@pytest.mark.parametrize(("member", "value"), (WORDS | OTHERS).items())
def test_what_is_something_else_is_refused_by_name_and_none_is_as_good_as_nothing(member: str, value: object) -> None:
    read = getattr(capabilities, READERS.get(member, member))
    with pytest.raises(PluginError, match=f"failed while it was asked for its {member}: it is of type {type(value).__name__}, where "):
        read(held(**{member: value}))
    assert read(held(**{member: None})) == read(held()) == read(object())


@pytest.mark.parametrize("member", WORDS | OTHERS)
def test_what_fails_to_be_told_is_the_plugins_failure(member: str) -> None:
    def fails(_: object) -> Any:
        raise RuntimeError("out of luck")

    with pytest.raises(PluginError, match=f"asked for its {member}"):
        getattr(capabilities, READERS.get(member, member))(held(**{member: property(fails)}))


def test_facts_are_texts() -> None:
    class Unspeakable:
        def __str__(self) -> str:
            raise RuntimeError("out of luck")

    assert capabilities.decided(held(decided={"layers": 3})) == {"layers": "3"}
    with pytest.raises(PluginError, match="asked for its provenance"):
        capabilities.provenance(held(provenance={"device": Unspeakable()}))


def test_a_scorer_of_a_part_is_asked_for_once() -> None:
    asked = []

    def for_part(self: Any, split: str, subset: str) -> Any:
        asked.append((split, subset))
        return self

    scorer = held(for_part=for_part, whole=True)
    assert capabilities.for_part(scorer, "test", "en") is scorer
    assert capabilities.is_whole(scorer)
    assert asked == [("test", "en")]
    plain = held()
    assert capabilities.for_part(plain, "test", "en") is plain


def test_an_encoder_that_fails_to_say_what_it_was_made_for_costs_its_own_cells_only(registry_of: Callable[..., Registry]) -> None:
    class Failing:
        views, token_views = ("sentence",), ()
        fingerprint = Fingerprint.of(weights="none")

        @property
        def made_for(self) -> str:
            raise RuntimeError("out of luck")

        def encode(self, texts: Any, *, views: Any, prompt: str = "") -> Embeddings:
            return Embeddings({"sentence": np.ones((len(texts), 2), dtype=np.float32)})

    def failing() -> Any:
        """A double."""
        return Failing()

    registry = registry_of(("stsbench-double", "0.9", {"encoders": [Component("failing", failing)]}))
    report = stsbench.evaluate(["failing", "hashing"], "cosine", "mini", registry=registry, cache=False)
    assert {cell["encoder"]: cell["status"] for cell in report.cells()} == {"hashing": "ok", "failing": "failed"}
    assert any("'failing'" in one.reason and "asked for its made_for" in one.reason for one in report.failed)
