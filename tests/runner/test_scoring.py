"""Scores of pairs without gold: a column for every system that was asked for, and a word on each that there is none for."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from typing import Any

import numpy as np
import pytest

from stsbench.api.scoring import score_pairs
from stsbench.api.session import Session
from stsbench.contracts.components.component import Component
from stsbench.contracts.data import Embeddings
from stsbench.contracts.events import Event, Warned
from stsbench.host.registry import Registry
from stsbench.testing.samples import as_tokens
from tests.runner.conftest import DoubleEncoder, embed


@pytest.fixture
def pairs(tmp_path: Path) -> str:
    path = tmp_path / "pairs.csv"
    path.write_text("left,right\none text,another text\nhello,hello there\n", encoding="utf-8")
    return f"csv:{path}"


def test_systems_of_one_name_stand_under_their_references(pairs: str, registry: Registry) -> None:
    session = Session.opened(registry, cache=False)
    both = score_pairs(pairs, ["double,view=a", "double,view=b"], ["cosine"], session)
    assert len(both.systems) == 2
    assert [name.split(" · ")[1] for name in both.systems] == ["a", "b"]
    assert both.systems[0].startswith("stsbench-double/double")
    for view, column in zip("ab", both.scores.T, strict=True):
        alone = score_pairs(pairs, [f"double,view={view}"], ["cosine"], session)
        assert alone.systems == ("double · cosine",)
        assert alone.scores[:, 0].tolist() == column.tolist()
    assert both.scores[0, 0] != both.scores[0, 1]


def test_what_cannot_be_scored_is_said(pairs: str, registry_of: Callable[..., Registry]) -> None:
    def of_tokens() -> Any:
        """A double with vectors and tokens."""
        return DoubleEncoder(views=("a",), token_views=("t",), answer=lambda texts, prompt: Embeddings(
            {"a": embed(texts, prompt)}, {"t": as_tokens([np.array([1, 2, len(text)]) for text in texts])}
        ))  # fmt: skip

    def of_vectors() -> Any:
        """A double with vectors."""
        return DoubleEncoder(views=("a",))

    encoders = [Component("tokens", of_tokens, gives=frozenset({"vectors", "tokens"})), Component("vectors-alone", of_vectors)]
    heard: list[Event] = []
    session = Session.opened(registry_of(("doubles", "1", {"encoders": encoders})), cache=False, listen=heard.append)
    scored = score_pairs(pairs, ["tokens", "vectors-alone"], ["cosine", "maxsim"], session)
    assert scored.systems == ("tokens · a · cosine", "tokens · t · maxsim", "vectors-alone · cosine")
    assert Warned("left out: maxsim needs tokens, and vectors-alone gives vectors") in heard
