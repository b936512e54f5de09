"""Supervised similarities: what they are trained on, and that they are refused where they have seen the pairs."""

from __future__ import annotations

from typing import Any

import pytest

from stsbench.api.evaluate import evaluate
from stsbench.errors import OptionError, PlanError
from stsbench.host.registry import Registry


def run(registry: Registry, trained: str, benchmark: str = "one") -> Any:
    """What came of a similarity, or of a chain of transforms under cosine, that is trained on pairs."""
    similarity, chains = ("cosine", [trained]) if trained.startswith("learned-map") else (trained, [])
    return evaluate("double,view=a", similarity, benchmark, transforms=chains, registry=registry)


def test_a_supervised_similarity_is_trained_elsewhere_and_flagged(registry: Registry) -> None:
    record = run(registry, "ridge,fit=two").entries[0].record
    assert record.flags == ("supervised",)
    assert record.fit is not None
    assert (record.fit.on, record.fit.supervised, record.fit.transductive) == ("stsbench-double/two", True, False)


@pytest.mark.parametrize(
    "similarity",
    ["ridge,fit=one", "ridge,fit=one,leak=false", "learned-diagonal,fit=sharing", "learned-map,fit=one", "learned-map,fit=sharing"],
)
def test_training_on_pairs_of_the_benchmark_is_refused(registry: Registry, similarity: str) -> None:
    with pytest.raises(PlanError, match=r"is trained on (12|7|8) of the pairs of one; choose other training data with fit="):
        run(registry, similarity)


def test_leak_allows_it_and_is_flagged_and_part_of_the_name(registry: Registry) -> None:
    record = run(registry, "ridge,fit=one,leak=true").entries[0].record
    assert record.flags == ("supervised", "leaked")
    assert record.similarity == "stsbench/ridge,fit=stsbench-double/one,leak=true"
    clean = run(registry, "ridge,fit=two,leak=true").entries[0].record
    assert clean.flags == ("supervised",)


def test_a_trained_transform_is_flagged_as_a_trained_similarity_is(registry: Registry) -> None:
    for benchmark in ("one", "two"):
        learned, ridge = (run(registry, f"{name},fit=sharing,leak=true", benchmark).entries[0].record for name in ("learned-map", "ridge"))
        assert learned.flags == ridge.flags == (("supervised", "leaked") if benchmark == "one" else ("supervised",))
        assert (learned.fit, learned.transform_fits) == (None, (ridge.fit,))
    assert learned.transforms == ("stsbench/learned-map,fit=stsbench-double/sharing,leak=true",)


def test_what_leak_and_fit_take(registry: Registry) -> None:
    with pytest.raises(OptionError, match="option 'leak' takes true or false, not 'maybe'"):
        run(registry, "ridge,fit=two,leak=maybe")
    with pytest.raises(OptionError, match="which fit= must name"):
        run(registry, "ridge")
    with pytest.raises(OptionError, match="has no option 'leak'"):
        run(registry, "csls,leak=true")
