"""What is said of a failure in a run on private data: who, where and of what kind, and no word of a foreign message."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from typing import Any

import numpy as np
import pytest

from stsbench.api.encoding import encode_pairs
from stsbench.api.evaluate import evaluate
from stsbench.api.planning import describe_plan
from stsbench.api.session import Session
from stsbench.contracts.components.component import Component
from stsbench.contracts.data import Embeddings
from stsbench.contracts.events import CellFinished, Warned
from stsbench.contracts.fingerprint import Fingerprint
from stsbench.errors import ModelError, PluginError
from stsbench.host.registry import Registry
from stsbench.runner.request import Request
from stsbench.runner.system import Choice

CANARY = "zanzibar"


class Double:
    """An encoder that fails where `at` says, and repeats the text that it failed at."""

    views, token_views, fingerprint = ("sentence",), (), Fingerprint.of(a=1)

    def __init__(self, at: str) -> None:
        self.at = at

    def fail(self, where: str) -> None:
        if where == self.at:
            raise ValueError(f"no such word: {CANARY}")
        if self.at == f"our {where}":
            raise ModelError("its tokenizer has no padding token; try backend=torch")

    def encode(self, texts: Any, *, views: Any, prompt: str = "") -> Embeddings:
        self.fail("encode")
        return Embeddings({"sentence": np.ones((len(texts), 2), dtype=np.float32)})

    def truncated(self, texts: Any, *, prompt: str) -> None:
        self.fail("truncated")

    def close(self) -> None:
        self.fail("close")

    def score(self, left: Any, right: Any) -> Any:
        self.fail("score")
        return np.zeros(len(left))

    def fit(self, data: Any) -> Any:
        self.fail("fit")
        return self

    def transform(self, vectors: Any) -> Any:
        self.fail("transform")
        return vectors


@pytest.fixture
def doubles(registry_of: Callable[..., Registry]) -> Registry:
    def build(*, at: str = "") -> Any:
        return Double(at)

    offered = {
        "encoders": [Component("double", build)],
        "similarities": [Component("double", build, fits="texts"), Component("scorer", build, needs="texts")],
        "transforms": [Component("double", build)],
    }
    return registry_of(("stsbench-double", "1.2", offered))


@pytest.fixture
def private(tmp_path: Path) -> str:
    (tmp_path / "own.csv").write_text(f"left,right,score\n{CANARY},two,1\nthree,four,2\nfive,six,3\n")
    return f"csv:{tmp_path}/own.csv"


WHERE = [
    ("encode", ("double,at=encode",), "cosine", "none"),
    ("score", ("hashing",), "double,at=score", "none"),
    ("score", ("scorer,at=score",), "cosine", "none"),
    ("fit", ("hashing",), "double,at=fit", "none"),
    ("transform", ("hashing",), "cosine", "double,at=transform"),
]


@pytest.mark.parametrize(("stage", "encoders", "similarity", "transform"), WHERE)
def test_class_and_place_are_said_and_the_message_is_not(
    doubles: Registry, private: str, stage: str, encoders: tuple[str, ...], similarity: str, transform: str
) -> None:
    events: list[Any] = []
    report = evaluate(encoders, similarity, private, transforms=transform, registry=doubles, cache=False, listen=events.append)
    (cell,) = report.cells()
    assert cell["status"] == "failed"
    assert f"ValueError in {__name__}, line {Double.fail.__code__.co_firstlineno + 2}; its message is left out" in cell["reason"]
    assert "stsbench-double 1.2" in cell["reason"]
    assert CANARY not in str([cell, *events])
    assert [event.error for event in events if isinstance(event, CellFinished)] == [None]


def test_what_is_ours_is_said_in_full(doubles: Registry, private: str) -> None:
    (cell,) = evaluate(["double,at=our%20encode"], "cosine", private, registry=doubles, cache=False).cells()
    assert cell["reason"] == "its tokenizer has no padding token; try backend=torch"


def test_other_commands_say_no_more(doubles: Registry, private: str) -> None:
    events: list[Any] = []
    evaluate(["double,at=close"], "cosine", private, registry=doubles, cache=False, listen=events.append)
    (said,) = [event.message for event in events if isinstance(event, Warned) and "closed" in event.message]
    found = [said]
    with pytest.raises(PluginError) as raised:
        encode_pairs("double,at=encode", private, Session.opened(doubles, cache=False, execution={}))
    found.append(str(raised.value))
    with pytest.raises(PluginError) as raised:
        describe_plan(Request((Choice("double,at=truncated", ("cosine",)),), (private,)), Session(doubles))
    found.append(str(raised.value))
    assert raised.value.__suppress_context__  # what --debug would show
    for one in found:
        assert f"ValueError in {__name__}" in one
        assert CANARY not in one


def test_an_object_that_fails_is_told_of_in_the_same_way(private: str) -> None:
    class Plain:
        def encode(self, texts: Any) -> Any:
            raise ValueError(texts)

    (cell,) = evaluate([Plain()], "cosine", private, cache=False).cells()
    assert "the encoder object 'Plain' failed while it was encoding: ValueError in" in cell["reason"]
    assert CANARY not in cell["reason"]


def test_names_of_columns_stay_out_of_records_and_tell_readings_apart(tmp_path: Path) -> None:
    (tmp_path / "own.csv").write_text("left,right,score,diagnosis\none,two,1,2\nthree,four,2,1\nfive,six,3,3\n")
    (tmp_path / "other.csv").write_text("left,right,score,diagnosis\none,two,1,2\nthree,four,2,1\nfive,six,3,4\n")
    own, other = f"csv:{tmp_path}/own.csv,group=diagnosis", f"csv:{tmp_path}/other.csv,group=diagnosis"
    registry = Registry.installed()
    (one, again, scored, elsewhere, public) = (
        str(registry.resolve("benchmark", text).ref)
        for text in (own, own, f"csv:{tmp_path}/own.csv,score=diagnosis", other, f"{own},public=true")
    )
    assert one == again
    labels = str(registry.resolve("benchmark", f"{own},map=ill:0+well:1").ref)
    assert "diagnosis" not in one + scored + elsewhere + labels
    assert "ill" not in labels
    assert one.partition("group=")[2] not in (scored.partition("score=")[2], elsewhere.partition("group=")[2])
    assert "group=diagnosis" in public
    evaluate(["hashing"], "cosine", own, results=tmp_path / "kept", cache=False)
    for file in (tmp_path / "kept").rglob("*"):
        assert "diagnosis" not in file.name
        assert not file.is_file() or b"diagnosis" not in file.read_bytes()


def test_an_object_whose_rows_are_of_different_lengths_is_told_so_on_private_data_too(
    private: str, registry_of: Callable[..., Registry]
) -> None:
    class Ragged:
        def encode(self, texts: list[str]) -> list[list[float]]:
            return [[1.0] * len(text) for text in texts]

    report = evaluate(Ragged(), "cosine", private, registry=registry_of())
    assert report.cells()[0]["reason"].endswith("its rows are of different lengths, where each must hold as many numbers as the others")
