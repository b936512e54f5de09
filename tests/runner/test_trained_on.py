"""Systems that say what they were trained on, or were fitted elsewhere: flagged where benchmarks share pairs with those data."""

from __future__ import annotations

import json
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from stsbench.api.evaluate import evaluate
from stsbench.errors import OptionError, UnknownName
from stsbench.host.registry import Registry
from stsbench.runner.keys import parse_signature

DIRECTORY = "zanzibar"


def flags(registry: Registry, encoder: str, benchmark: str, similarity: str = "cosine") -> tuple[str, ...]:
    return evaluate(encoder, similarity, benchmark, registry=registry).headlines()[0].record.flags


@pytest.mark.parametrize(
    ("encoder", "similarity"),
    [("double,view=a,trained_on=one", "cosine"), ("lengths,trained_on=one", "cosine")],
    ids=["encoder", "pair scorer"],
)
def test_declared_training_data_are_flagged_where_pairs_are_shared(registry: Registry, encoder: str, similarity: str) -> None:
    assert flags(registry, encoder, "one", similarity) == ("supervised", "leaked")
    assert flags(registry, encoder, "sharing", similarity) == ("supervised", "leaked")
    assert flags(registry, encoder, "two", similarity) == ("supervised",)
    assert flags(registry, encoder.partition(",trained_on")[0], "one", similarity) == ()


def test_any_of_several_counts_whatever_their_order(registry: Registry) -> None:
    found = [
        evaluate(f"double,view=a,trained_on={names}", "cosine", "two", registry=registry).headlines()[0] for names in ("one+two", "two+one")
    ]
    assert [entry.record.flags for entry in found] == [("supervised", "leaked")] * 2
    assert found[0].record.signature == found[1].record.signature
    assert found[0].encoder.ref == "stsbench-double/double,trained_on=stsbench-double/one+stsbench-double/two"
    assert parse_signature(found[0].record.signature)["encoder"].endswith("trained_on=stsbench-double/one+stsbench-double/two,view=a")


def test_a_declaration_changes_neither_vectors_nor_scores_but_the_record(registry: Registry, calls: list[Any], tmp_path: Path) -> None:
    plain = evaluate("double,view=a", "cosine", "one", registry=registry, results=tmp_path / "r", cache=tmp_path / "c")
    calls.clear()
    marked = evaluate("double,view=a,trained_on=one", "cosine", "one", registry=registry, results=tmp_path / "r", cache=tmp_path / "c")
    assert calls == []  # its vectors were kept
    first, second = plain.headlines()[0], marked.headlines()[0]
    assert first.record.figure == second.record.figure
    assert first.record.key != second.record.key
    assert first.encoder.fingerprint != second.encoder.fingerprint
    assert len(list((tmp_path / "r" / "results").rglob("*.json"))) == 2


def test_a_limit_does_not_shorten_the_training_data(registry: Registry) -> None:
    report = evaluate("double,view=a,trained_on=one", "cosine", "sharing", registry=registry, limit=2)
    assert "leaked" in report.headlines()[0].record.flags


def test_private_training_data_leave_no_path_and_no_text(registry: Registry, tmp_path: Path) -> None:
    folder = tmp_path / DIRECTORY
    folder.mkdir()
    (folder / "secret.csv").write_text("sentence1,sentence2,score\nLeft   TEXT 0,right text 0.,4\n")
    report = evaluate(
        f"double,view=a,trained_on=csv:{folder}/secret.csv", "cosine", "one", registry=registry, results=tmp_path / "r", cache=False
    )
    assert report.headlines()[0].record.flags == ("supervised", "leaked")
    kept = "".join(path.read_text() for path in (tmp_path / "r").rglob("*.json"))
    assert json.dumps("leaked") in kept
    assert not [word for word in (DIRECTORY, "secret", "right text") if word in kept]


def test_a_fit_without_gold_on_some_of_the_pairs_is_flagged_as_overlap(registry: Registry) -> None:
    assert flags(registry, "double,view=a", "one", "fitted,fit=sharing") == ("overlap",)
    assert flags(registry, "double,view=a", "one", "fitted,fit=two") == ()
    assert flags(registry, "double,view=a", "one", "fitted") == ("transductive",)


def test_what_the_option_takes(registry: Registry) -> None:
    with pytest.raises(UnknownName, match="there is no benchmark 'oen'"):
        flags(registry, "double,trained_on=oen", "one")
    with pytest.raises(OptionError, match="takes benchmarks joined by"):
        flags(registry, "double,trained_on=one+", "one")
    with pytest.raises(OptionError, match="has no option 'trained_on'"):
        flags(registry, "double", "one", "cosine,trained_on=one")
    with pytest.raises(OptionError, match="takes one of prompt"):
        flags(registry, "double,prompt=a,prompt_left=b,trained_on=one", "one")


def test_training_data_that_cannot_be_read_cost_the_encoder_its_cells(registry_of: Callable[..., Registry], tmp_path: Path) -> None:
    report = evaluate(["hashing", f"hashing,trained_on=csv:{tmp_path}/none.csv"], "cosine", "mini", registry=registry_of())
    assert [entry.record.status for entry in report.headlines()] == ["ok"]
    (failed,) = report.failed
    assert (failed.encoder, failed.reason.partition(";")[0]) == ("hashing", "the file that the benchmark reference names does not exist")
