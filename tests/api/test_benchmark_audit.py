"""`stsbench audit benchmark`: on files of our own, and on the real data beside the facts that are known of them."""

from __future__ import annotations

import json
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path

import numpy as np
import pytest
from typer.testing import CliRunner

from stsbench.api.benchmark_audit import BenchmarkAudit, audit_benchmark
from stsbench.api.session import Session
from stsbench.cli.app import app
from stsbench.contracts.components.component import Component
from stsbench.contracts.components.protocols import BenchmarkCard
from stsbench.contracts.data import Pairs, Part, Source
from stsbench.errors import DataError, UnknownName
from stsbench.host.registry import Registry
from stsbench.stats.correlation import tie_ceiling

CANARY = "zanzibar"


@dataclass(frozen=True)
class Rated:
    """A benchmark double."""

    card: BenchmarkCard
    parts: tuple[Part, ...]

    def load(self) -> tuple[Part, ...]:
        return self.parts


@pytest.fixture
def pairs(tmp_path: Path) -> Path:
    path = tmp_path / "pairs.csv"
    path.write_text(
        "sentence1,sentence2,score,part\n"
        f"a {CANARY} sings,a bird sings,4,secret\na bird sings,A {CANARY} sings!,1,secret\none two,three four,0,open\none,one,5,open\n"
    )
    return path


def test_a_file_is_audited_without_a_network_and_without_its_texts(pairs: Path) -> None:
    done = CliRunner().invoke(app, ["audit", "benchmark", f"csv:{pairs}", "--texts"])
    assert done.exit_code == 0, done.output
    assert "4 pairs" in done.stdout
    assert "repeated: 1 pairs occur more than once, in 2 rows; in both orders: 1; with several gold scores: 1, in 2 rows" in done.stdout
    assert "compared with nothing; name other data with --against" in done.stdout
    assert not [word for word in (CANARY, "secret", str(pairs)) if word in done.output]


def test_texts_of_public_data_are_shown_on_request(pairs: Path) -> None:
    shown = CliRunner().invoke(app, ["audit", "benchmark", f"csv:{pairs},public=true", "--texts"]).stdout
    assert f"a {CANARY} sings | a bird sings" in shown
    assert CANARY not in CliRunner().invoke(app, ["audit", "benchmark", f"csv:{pairs},public=true"]).stdout


def test_json_holds_every_figure(pairs: Path) -> None:
    done = CliRunner().invoke(
        app,
        [
            "audit",
            "benchmark",
            f"csv:{pairs},group=part",
            "--against",
            f"csv:{pairs},public=true,left=sentence2,right=sentence1,group=part",
            "--json",
        ],
    )
    (found,) = json.loads(done.stdout)["benchmarks"]
    assert found["repeats"] == {"pairs": 1, "rows": 2, "swapped": 1, "conflicts": 1, "conflicting_rows": 2}
    places = [{"split": "all", "subset": "default", "row": row} for row in (1, 2)]
    assert found["conflicts"] == [{"rows": places, "gold": [4.0, 1.0]}]
    assert found["overlaps"] == [
        {"with": "pairs", "distinct": 3, "here": 4, "there": 4, "of_here": 4, "of_there": 4, "groups": {"secret": 2, "open": 2}}
    ]
    assert found["labels"]["range"] is None
    assert CANARY not in done.stdout


def test_a_copy_shares_every_pair_and_the_data_themselves_are_compared_with_nothing(pairs: Path, tmp_path: Path) -> None:
    (copy := tmp_path / "train.csv").write_bytes(pairs.read_bytes())
    found = [audit_benchmark(f"csv:{pairs}", Session.opened(), against=[f"csv:{other}"])[0] for other in (copy, pairs)]
    assert [[(one.distinct, one.here, one.there) for one in each.overlaps.values()] for each in found] == [[(3, 4, 4)], []]


def test_a_split_that_is_the_copy_of_another_shares_every_pair(tmp_path: Path) -> None:
    folder = tmp_path / "mteb" / "stsbenchmark-sts"
    folder.mkdir(parents=True)
    rows = [{"sentence1": f"a{row}", "sentence2": f"b{row}", "score": row} for row in range(4)]
    for split in ("train", "test"):
        (folder / f"{split}.jsonl").write_text("".join(json.dumps(row) + "\n" for row in rows))
    session = Session.opened(mirror=str(tmp_path))
    for name in ("STSBenchmark", "STSBenchmark:test"):
        (found,) = audit_benchmark(name, session, against=["STSBenchmark", "STSBenchmark:test", "STSBenchmark:train"])
        assert [(one.distinct, one.of_here) for one in found.overlaps.values()] == [(4, 4)]


def test_groups_of_private_data_are_not_named(pairs: Path) -> None:
    (found,) = audit_benchmark("mini", Session.opened(), against=[f"csv:{pairs},group=part"])
    assert [one.groups for one in found.overlaps.values()] == [{}]


def test_the_floor_is_measured_or_its_absence_is_said(pairs: Path, registry_of: Callable[..., Registry]) -> None:
    (found,) = audit_benchmark(f"csv:{pairs}", Session.opened(registry_of()))
    assert found.floor.figure is None
    assert found.floor.reason == "token-jaccard is not installed; pip install 'stsbench[lexical]' brings it"


def test_what_cannot_be_read_is_an_error_where_it_was_named(pairs: Path, tmp_path: Path) -> None:
    with pytest.raises(UnknownName, match="did you mean"):
        audit_benchmark("STS21", Session.opened())
    with pytest.raises(DataError, match=r"does not exist|no file"):
        audit_benchmark(f"csv:{pairs}", Session.opened(), against=[f"csv:{tmp_path / 'none.csv'}"])


def test_hidden_scores_are_counted_and_refused(tmp_path: Path) -> None:
    folder = tmp_path / "C-MTEB" / "AFQMC"
    folder.mkdir(parents=True)
    rows = [{"sentence1": f"a{row}", "sentence2": f"b{row}", "score": -1 if row else 1} for row in range(4)]
    (folder / "validation.jsonl").write_text("".join(json.dumps(row) + "\n" for row in rows))
    with pytest.raises(DataError, match=r"row 2 of AFQMC .* hidden one \(so have 3 of 4\)"):
        audit_benchmark("AFQMC", Session.opened(mirror=str(tmp_path)))


def test_a_mirror_without_the_other_splits_says_so(tmp_path: Path) -> None:
    folder = tmp_path / "mteb" / "stsbenchmark-sts"
    folder.mkdir(parents=True)
    rows = [{"sentence1": f"a{row}", "sentence2": f"b{row}", "score": row} for row in range(4)]
    (folder / "test.jsonl").write_text("".join(json.dumps(row) + "\n" for row in rows))
    (found,) = audit_benchmark("STSBenchmark", Session.opened(mirror=str(tmp_path)), against=None)
    assert "has no split 'train'" in found.not_compared["stsbench/STSBenchmark:train"]
    assert found.name.startswith("STSBenchmark~")
    assert found.differs


def test_the_known_facts_of_the_english_tasks(mirror: Path) -> None:
    """Counts by normalised pairs in either order; the ceiling and conflicts of STS12 are often given without MSRvid."""
    found = {
        one.name: one
        for one in audit_benchmark(
            "sts-english",
            Session.opened(mirror=str(mirror)),
            against=["STSBenchmark:train", *Registry.installed().resolve("benchmark", "sts-english").build().benchmarks],
        )
    }
    assert {name: round(one.texts.repetition, 2) for name, one in found.items()} == {
        "STS12": 1.26, "STS13": 1.14, "STS14": 1.18, "STS15": 1.16, "STS16": 1.27, "STSBenchmark": 1.08, "SICK-R": 3.27,
    }  # fmt: skip
    every = {text for one in found.values() for text in (*one.pairs.left, *one.pairs.right)}
    assert (sum(one.texts.total for one in found.values()), len(every)) == (47700, 29023)
    assert [len(found[name].repeats.conflicts) for name in ("SICK-R", "STS15", "STS12")] == [101, 8, 17]
    assert [round(found[name].ceiling or 0, 5) for name in ("STSBenchmark", "STS16", "STS12")] == [0.99882, 0.98581, 0.99774]
    train = {name: one.overlaps["STSBenchmark:train"] for name, one in found.items()}
    assert {name: round(one.here / one.of_here, 3) for name, one in train.items() if name.startswith("STS1")} == {
        "STS12": 0.322, "STS13": 0.397, "STS14": 0.496, "STS15": 0.367, "STS16": 0.166,
    }  # fmt: skip
    assert train["STSBenchmark"].here == 12
    years = [found["STSBenchmark"].overlaps[f"STS{year}"] for year in range(12, 17)]
    assert [one.distinct for one in years] == [252, 72, 204, 199, 285]
    assert [one.there for one in years] == [256, 72, 205, 199, 285]
    assert years[0].groups == {"MSRvid": 129, "MSRpar": 127}


def test_sts12_without_msrvid(mirror: Path) -> None:
    (one,) = audit_benchmark("STS12", Session.opened(mirror=str(mirror)), against=[])
    rest = [row for row, group in enumerate(one.pairs.group) if group != "MSRvid"]
    assert round(tie_ceiling(one.pairs.take(rest).gold), 5) == 0.99615
    inside = set(rest)
    assert sum(len({gold for row, gold in zip(c.rows, c.gold, strict=True) if row in inside}) > 1 for c in one.repeats.conflicts) == 15


def test_what_a_benchmark_of_another_kind_goes_by_is_what_its_floor_is_measured_by() -> None:
    """Of triplets the share in the right order; no ceiling of ties is told where the figure is no rank correlation."""
    (found,) = audit_benchmark("stress", Session.opened(), against=[])
    assert (found.ceiling, found.ceiling_reason) == (None, "ties of gold do not bound accuracy over triplets")
    assert found.floor.metric == "accuracy over triplets"
    assert found.floor.figure is not None
    assert 0 <= found.floor.figure < 0.5


def test_parts_that_were_rated_by_more_or_fewer_people_are_audited_too(registry_of: Callable[..., Registry]) -> None:
    """Their columns are not the same people, so nothing is said of how far these agree."""

    def rated(subset: str, raters: int) -> Part:
        ratings = np.arange(4.0 * raters).reshape(4, raters) % 5
        texts = tuple("abcd"), tuple("efgh")
        return Part("test", subset, Pairs(*texts, ratings.mean(axis=1), ratings=ratings), Source("memory"))

    def audited(*parts: Part) -> BenchmarkAudit:
        made = Component("rated", lambda: Rated(BenchmarkCard("rated"), parts))
        (found,) = audit_benchmark("rated", Session.opened(registry_of(("doubles", "1", {"benchmarks": [made]}))), against=[])
        return found

    assert audited(rated("one", 2), rated("two", 3)).agreement is None
    same = audited(rated("one", 3), rated("two", 3)).agreement
    assert same is not None
    assert (same.raters, same.pairs) == (3, 8)
