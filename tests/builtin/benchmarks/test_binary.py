"""Paraphrase and duplicate-question sets: their definitions, and reading them from a mirror in the layouts that the hub has."""

from __future__ import annotations

import json
import re
from pathlib import Path
from typing import Any, cast

import pytest

from stsbench.builtin.benchmarks.components import benchmarks
from stsbench.builtin.benchmarks.definitions import binary_tasks, tasks
from stsbench.contracts.components.component import Component
from stsbench.contracts.components.options import Location
from stsbench.contracts.components.protocols import Benchmark
from stsbench.contracts.data import Pairs
from stsbench.contracts.items import Triplets
from stsbench.errors import DataError, OptionError
from stsbench.host import capabilities
from stsbench.stats.metrics import METRICS

COMPONENTS = cast("dict[str, Component[Benchmark]]", {component.name: component for component in benchmarks()})  # no suite is built here
TWITTER = "mteb/twittersemeval2015-pairclassification"
QUORA = ("QuoraQuestionPairs", "QuoraQuestionTriplets")
LEFT_OUT = {  # tasks of mteb that a definition cannot tell
    "PubChemSMILESPC": "several configurations, each with its own names of columns, are one list",
    "TERRa.V2": "the pairs of TERRa, told from it only by prompts that mteb gives to queries and documents",
}


def put(mirror: Path, name: str, rows: list[dict[str, Any]]) -> str:
    path = mirror / name
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_text("\n".join(map(json.dumps, rows)), "utf-8")
    return str(mirror)


def test_each_task_is_defined_whole() -> None:
    names = [task.name for task in binary_tasks()]
    assert names == sorted(set(names))
    assert len(names) == 52 - len(LEFT_OUT) + len(QUORA)  # the pair classification tasks of mteb, and two that are of no task of it
    assert not set(names) & set(LEFT_OUT)
    assert not {task.name for task in binary_tasks()} & {task.name for task in tasks()}
    for task in binary_tasks():
        assert re.fullmatch(r"[0-9a-f]{40}", task.revision), task.name
        assert set(task.eval_splits) <= set(task.expected), task.name
        assert set(task.worth.values()) <= {0, 1}
        for counts in task.expected.values() if task.name not in QUORA else ():
            assert counts.positives is not None
            assert counts.unique_pairs is not None
            assert 0 < counts.positives < counts.pairs
            assert counts.unique_pairs <= counts.pairs
        card = COMPONENTS[task.name].build().card
        assert (card.task, card.name, card.protocol) == (task.task, task.name, "plain" if task.name in QUORA else "mteb")
        assert METRICS[card.main].title in COMPONENTS[task.name].help
    assert {COMPONENTS[task.name].build().card.task for task in tasks()} == {"graded"}


def test_rows_in_lists_of_one_row_and_rows_of_their_own_are_the_same_pairs(tmp_path: Path) -> None:
    rows = [("a", "b", 1), ("c", "d", 0), ("e", "f", 1)]
    one = {name: [row[place] for row in rows] for place, name in enumerate(("sent1", "sent2", "labels"))}
    nested = put(tmp_path / "nested", f"{TWITTER}/test.jsonl", [one])
    flat = put(tmp_path / "flat", f"{TWITTER}/test.jsonl", [{"sent1": a, "sent2": b, "labels": y} for a, b, y in rows])
    (first,), (second,) = (COMPONENTS["TwitterSemEval2015"].build(mirror=mirror).load() for mirror in (nested, flat))
    assert first.pairs.digest == second.pairs.digest
    assert (first.pairs.left, first.pairs.right, first.pairs.gold.tolist()) == (("a", "c", "e"), ("b", "d", "f"), [1, 0, 1])


def test_counts_that_differ_are_said(tmp_path: Path) -> None:
    mirror = put(tmp_path, f"{TWITTER}/test.jsonl", [{"sent1": "a", "sent2": "b", "labels": 1}, {"sent1": "c", "sent2": "d", "labels": 0}])
    (part,) = COMPONENTS["TwitterSemEval2015"].build(mirror=mirror).load()
    assert part.source.differs is not None
    assert "2 pairs, expected 16,777" in part.source.differs
    assert "1 positive pairs, expected 3,790" in part.source.differs
    assert "characters" not in part.source.differs  # not known of these tasks


def test_subsets_are_folders(tmp_path: Path) -> None:
    for subset in ("de", "en"):
        mirror = put(tmp_path, f"mteb/PawsXPairClassification/{subset}/test.jsonl", [{"sentence1": subset, "sentence2": "b", "labels": 1}])
    parts = COMPONENTS["PawsXPairClassification"].build("test", subset=("de", "en"), mirror=mirror).load()
    assert [(part.subset, part.pairs.left) for part in parts] == [("de", ("de",)), ("en", ("en",))]


def test_labels_are_0_and_1(tmp_path: Path) -> None:
    mirror = put(tmp_path, f"{TWITTER}/test.jsonl", [{"sent1": "a", "sent2": "b", "labels": 1}, {"sent1": "c", "sent2": "d", "labels": 2}])
    with pytest.raises(DataError, match=r"row 2 of TwitterSemEval2015 \(test\) from the mirror has a label that is neither 0 nor 1"):
        COMPONENTS["TwitterSemEval2015"].build(mirror=mirror).load()


def read(mirror: Path, name: str, rows: list[dict[str, Any]], file: str, **options: Any) -> list[tuple[str, str, float]]:
    """The pairs of a task whose mirror holds these rows."""
    parts = COMPONENTS[name].build(mirror=put(mirror, file, rows), **options).load()
    return [row for part in parts for row in zip(*part.pairs.texts, part.pairs.gold.tolist(), strict=True)]


NLI: list[dict[str, Any]] = [{"premise": f"p{row}", "hypothesis": f"h{row}", "label": label} for row, label in enumerate([0, 1, 2, 0])]


def test_labels_that_a_task_does_not_take_are_left_out(tmp_path: Path) -> None:
    assert read(tmp_path, "KLUE-NLI", NLI, "klue/klue/nli/validation.jsonl") == [("p0", "h0", 1), ("p2", "h2", 0), ("p3", "h3", 1)]
    absent = [*NLI, {"premise": "p", "hypothesis": "h", "label": None}]  # ids beside it are read as 0.0 and 2.0
    assert read(tmp_path, "KorNLI", absent, "kakaobrain/kor_nli/xnli/test.jsonl") == [("p0", "h0", 1), ("p2", "h2", 0), ("p3", "h3", 1)]
    with pytest.raises(DataError, match=r"^KLUE-NLI \(validation\) from the mirror has no row with one of the labels 0, 2; use a mirror"):
        read(tmp_path, "KLUE-NLI", NLI[1:2], "klue/klue/nli/validation.jsonl")


def test_every_other_label_may_be_worth_the_same_but_not_one_that_is_missing(tmp_path: Path) -> None:
    rows: list[dict[str, Any]] = [
        {"sentence1": label, "sentence2": "b", "label": label} for label in ("paraphrase", "non-paraphrase", "else")
    ]
    file = "PNLPhub/C-ExaPPC/test.jsonl"
    assert read(tmp_path, "CExaPPC", rows, file) == [("paraphrase", "b", 1), ("non-paraphrase", "b", 0), ("else", "b", 0)]
    with pytest.raises(DataError, match=r"row 2 of CExaPPC \(test\) from the mirror has a gold score that is missing"):
        read(tmp_path, "CExaPPC", [rows[0], {**rows[1], "label": None}], file)


def test_a_class_label_is_known_by_its_id_or_else_by_its_name(tmp_path: Path) -> None:
    datasets = pytest.importorskip("datasets")
    labels = {"label": datasets.ClassLabel(names=["not_entailment", "entailment"])}
    texts = {name: datasets.Value("string") for name in ("text1", "text2")}
    rows = {"text1": ["a", "b"], "text2": ["c", "d"], "label": [1, 0]}
    folder = tmp_path / "slovak-nlp/sklep/rte"
    folder.mkdir(parents=True)
    datasets.Dataset.from_dict(rows, features=datasets.Features(texts | labels)).to_parquet(folder / "test.parquet")
    (part,) = COMPONENTS["SlovakRTE"].build(mirror=str(tmp_path)).load()
    assert part.pairs.gold.tolist() == [1, 0]


def test_rows_without_two_texts_are_left_out_where_the_task_says_so(tmp_path: Path) -> None:
    whole: dict[str, Any] = {"analysis_text": "because", "statement": "so", "verdict": "Pravda"}
    rows = [
        {**whole, "statement": " "},
        {**whole, "analysis_text": None},
        whole,
        {**whole, "verdict": "Nepravda"},
        {**whole, "verdict": "Zavádzanie"},
    ]
    found = read(tmp_path, "DemagogSKNLI", rows, "NaiveNeuron/DemagogSK/test.jsonl")
    assert found == [("because", "so", 1), ("because", "so", 0)]


def test_duplicate_questions_of_quora_are_pairs_and_their_triplets_a_benchmark_of_their_own(tmp_path: Path) -> None:
    rows = [{"sentence1": "a", "sentence2": "b", "label": 1}, {"sentence1": "c", "sentence2": "d", "label": 0}]
    mirror = put(tmp_path, "sentence-transformers/quora-duplicates/pair-class/train.jsonl", rows)
    (part,) = COMPONENTS[QUORA[0]].build(mirror=mirror).load()
    assert (part.place, part.pairs.gold.tolist()) == (("train", "pair-class"), [1, 0])
    assert part.source.differs is not None
    assert part.source.differs.endswith("differs from its definition: 2 pairs, expected 404,290")
    says = "QuoraQuestionPairs/triplet holds 101,762 triplets, which are the benchmark QuoraQuestionTriplets; leave out subset=triplet"
    with pytest.raises(OptionError, match=f"^{says}$"):
        COMPONENTS[QUORA[0]].build(subset=("triplet",))
    put(tmp_path, "sentence-transformers/quora-duplicates/triplet/train.jsonl", [{"anchor": "a", "positive": "b", "negative": "c"}])
    triplets = COMPONENTS[QUORA[1]].build(mirror=mirror)
    (part,) = triplets.load()
    assert (triplets.card.task, capabilities.expected_pairs(triplets)) == ("triplets", 2 * 101_762)
    assert (part.pairs.left, part.pairs.right, part.pairs.gold.tolist()) == (("a", "a"), ("b", "c"), [1, 0])


def test_a_file_of_triplets_is_a_benchmark_without_a_score(tmp_path: Path) -> None:
    path = tmp_path / "own.csv"
    path.write_text("anchor,near,far,kind\na,b,c,x\nd,e,f,y\n")
    location = Location("a file", path=path, digest="0123456789abcdef" * 2)
    columns = {"left": "anchor", "right": "near", "negative": "far"}
    benchmark = COMPONENTS["csv"].build(location, **columns, group="kind")
    (part,) = benchmark.load()
    assert benchmark.card.task == "triplets"
    expected = Pairs.of_triplets(Triplets(("a", "d"), ("b", "e"), ("c", "f"), ("x", "y")))
    assert (part.pairs.digest, part.pairs.group) == (expected.digest, expected.group)
    by_kind = COMPONENTS["csv"].build(location, **columns, group="kind", by="group").load()
    assert [part.pairs.right for part in by_kind] == [("b", "c"), ("e", "f")]
    with pytest.raises(OptionError, match="negative= makes the rows triplets, which have no score"):
        COMPONENTS["csv"].build(location, **columns, score="kind")
    with pytest.raises(DataError, match=r"has no column .fur. .* did you mean far. name it with negative="):
        COMPONENTS["csv"].build(location, **{**columns, "negative": "fur"}).load()
    path.write_text("anchor,near,far\na,b,\nd,,f\n".replace("d,,f", 'd,"",f'))
    assert "empty text" in COMPONENTS["csv"].build(location, **columns).load()[0].source.notes[0]


def test_files_hold_binary_pairs_where_it_is_said(tmp_path: Path) -> None:
    path = tmp_path / "own.csv"
    path.write_text("left,right,score\na,b,1\nc,d,0\n")
    location = Location("a file", path=path, digest="0123456789abcdef" * 2)
    benchmark = COMPONENTS["csv"].build(location, task="binary")
    assert benchmark.card.task == "binary"
    assert benchmark.load()[0].pairs.gold.tolist() == [1, 0]
    assert COMPONENTS["csv"].build(location).card.task == "graded"
    path.write_text("left,right,score\na,b,1\nc,d,0.5\n")
    with pytest.raises(DataError, match="row 2 of private-01234567 has a label that is neither 0 nor 1"):
        benchmark.load()
