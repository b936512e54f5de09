"""Tasks of mteb as benchmarks: what is read of them, from where, and what is refused."""

from __future__ import annotations

import subprocess
import sys
from collections.abc import Callable
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd
import pytest
from stsbench_mteb.task import TaskOfMteb

from stsbench.plugin import DataError, OptionError
from stsbench.runner.prompting import mteb_prompts

Put = Callable[[str, list[dict[str, Any]]], Path]
ROWS = [{"sentence1": "a", "sentence2": "b", "score": 1.0}, {"sentence1": "c", "sentence2": "NA", "score": 4.5}]


def test_pairs_of_a_task_are_those_of_the_mirror(put: Put) -> None:
    (part,) = TaskOfMteb("sts12", mirror=str(put("mteb/sts12-sts/test.jsonl", ROWS))).load()
    assert (part.place, part.source.kind, part.source.revision) == (("test", "default"), "mirror", None)
    assert (part.pairs.left, part.pairs.right, part.pairs.gold.tolist()) == (("a", "c"), ("b", "NA"), [1, 4.5])


@pytest.mark.parametrize("width", ["float32", "float64"])
def test_gold_is_what_was_written_however_narrow_it_is_kept(tmp_path: Path, width: str) -> None:
    path = tmp_path / "mteb/sts12-sts/test.parquet"
    path.parent.mkdir(parents=True)
    frame = pd.DataFrame({"sentence1": list("abc"), "sentence2": list("def"), "score": [0.7, 4.2, 3.0]})
    frame.astype({"score": width}).to_parquet(path)
    (part,) = TaskOfMteb("STS12", mirror=str(tmp_path)).load()
    assert part.pairs.gold.tolist() == [0.7, 4.2, 3.0]


def test_texts_of_a_csv_stay_texts(tmp_path: Path) -> None:
    path = tmp_path / "mteb/sts12-sts/test.csv"
    path.parent.mkdir(parents=True)
    path.write_text("sentence1,sentence2,score\nnull,NA,1\nc,None,4\n")
    (part,) = TaskOfMteb("STS12", mirror=str(tmp_path)).load()
    assert (part.pairs.left, part.pairs.right) == (("null", "c"), ("NA", "None"))


def test_subsets_and_splits_are_chosen(put: Put) -> None:
    for subset in ("en-en", "es-en"):
        mirror = put(f"mteb/sts17-crosslingual-sts/{subset}/test.jsonl", [{**ROWS[0], "sentence1": subset}, ROWS[1]])
    benchmark = TaskOfMteb("STS17", subset=("es-en", "en-en"), mirror=str(mirror))
    assert [(part.subset, part.pairs.left[0]) for part in benchmark.load()] == [("en-en", "en-en"), ("es-en", "es-en")]
    assert benchmark.card.name == "mteb-STS17/en-en+es-en"
    assert benchmark.card.languages == ("eng-Latn", "spa-Latn")


def test_translations_stand_beside_those_of_the_next_text(put: Put) -> None:
    rows = [{"sentence1": text, "sentence2": text.upper()} for text in ("a", "b", "b")]
    benchmark = TaskOfMteb("BornholmBitextMining", mirror=str(put("mteb/BornholmBitextMining/test.jsonl", rows)))
    (part,) = benchmark.load()
    assert list(zip(*part.pairs.texts, part.pairs.gold.tolist(), strict=True)) == [
        ("a", "A", 1), ("b", "B", 1), ("b", "B", 1), ("a", "B", 0), ("b", "A", 0),
    ]  # fmt: skip
    assert (benchmark.card.task, benchmark.card.protocol) == ("binary", "translations"), "no figure of mteb's is meant"
    assert "F1 of nearest neighbours" in benchmark.card.notes[0]


@pytest.mark.parametrize(
    ("name", "options", "says"),
    [
        ("STS1", {}, r"mteb has no task 'STS1'; did you mean STS\d+ or STS\d+\? mteb's documentation lists its tasks"),
        ("Banking77Classification", {}, "the task Banking77Classification of mteb is of the type Classification; choose one of STS, Pair"),
        ("STS12", {"split": ("tset",)}, "STS12 has no split 'tset'; did you mean test[?] there is test"),
        ("STS17", {"subset": ("en-enn",)}, r"STS17 has no subset 'en-enn'; did you mean en-en or .*\? there are .* and 3 more"),
    ],
)
def test_what_mteb_does_not_have_is_named(name: str, options: dict[str, Any], says: str) -> None:
    with pytest.raises(OptionError, match=f"^{says}"):
        TaskOfMteb(name, **options)


@pytest.mark.parametrize(
    ("rows", "says"),
    [
        (
            [{"sentence1": "a", "score": 1.0}],
            "STS12 (test, default) of mteb is not in the form that its type has (",
        ),
        ([{**ROWS[0], "sentence2": None}, ROWS[1]], "row 1 of STS12 (test, default) of mteb holds something other than two texts"),
        ([{**ROWS[0], "score": None}, ROWS[1]], "STS12 (test, default) of mteb has gold scores that are hidden or missing"),
        ([{**row, "score": -1} for row in ROWS], "STS12 (test, default) of mteb has gold scores that are hidden or missing"),
    ],
)
def test_rows_that_are_no_pairs_are_refused(put: Put, rows: list[dict[str, Any]], says: str) -> None:
    with pytest.raises(DataError) as raised:
        TaskOfMteb("STS12", mirror=str(put("mteb/sts12-sts/test.jsonl", rows))).load()
    assert str(raised.value).startswith(says)


def test_a_split_that_the_mirror_lacks_is_named(put: Put) -> None:
    mirror = put("mteb/sts12-sts/train.jsonl", ROWS)
    with pytest.raises(
        DataError, match=r"^the mirror has no split 'test' of STS12 \(there: train\); add the file, or leave the mirror out$"
    ):
        TaskOfMteb("STS12", mirror=str(mirror)).load()


def test_what_mteb_loads_by_code_of_its_own_does_not_come_from_a_mirror(put: Put) -> None:
    mirror = put("BASF-AI/PubChemSMILESPairClassification/test.jsonl", ROWS)
    with pytest.raises(DataError, match=r"^PubChemSMILESPC is loaded by code of its own, which asks the hub; leave the mirror out for it$"):
        TaskOfMteb("PubChemSMILESPC", mirror=str(mirror)).load()


def test_a_folder_that_mteb_would_take_for_the_data_set_is_refused(put: Put, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.delenv("STSBENCH_MIRROR", raising=False)
    monkeypatch.chdir(put("mteb/sts12-sts/test.jsonl", ROWS))
    with pytest.raises(
        DataError, match=r"^the working folder holds mteb/sts12-sts, which mteb would take for the data set of that name; run"
    ):
        TaskOfMteb("STS12").load()


def test_no_hub_is_one_sentence(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.delenv("STSBENCH_MIRROR", raising=False)
    import mteb.abstasks.abstask as loading

    def unreachable(**_: Any) -> None:
        raise ConnectionError("a message with\nlines")

    monkeypatch.setattr(loading, "load_dataset", unreachable)
    with pytest.raises(
        DataError, match=r"^mteb cannot load the data of STS12 from the hub \(ConnectionError\); try again later, or give a"
    ):
        TaskOfMteb("STS12").load()


@pytest.mark.parametrize(("commit", "kept"), [("a0d554a64d88156834ff5ae9920b964011b16384", True), ("b" * 40, False)])
def test_the_revision_is_what_the_hub_gave(monkeypatch: pytest.MonkeyPatch, commit: str, kept: bool) -> None:
    monkeypatch.delenv("STSBENCH_MIRROR", raising=False)
    import mteb.abstasks.abstask as loading
    from datasets import Dataset, DatasetDict

    rows = Dataset.from_list(ROWS)
    rows.info.download_checksums = {f"hf://datasets/mteb/sts12-sts@{commit}/test.parquet": {}}
    monkeypatch.setattr(loading, "load_dataset", lambda **_: DatasetDict({"test": rows}))
    assert TaskOfMteb("STS12").kind.metadata.dataset["revision"] == "a0d554a64d88156834ff5ae9920b964011b16384"
    if kept:
        assert TaskOfMteb("STS12").load()[0].source.revision == commit
    else:
        with pytest.raises(DataError, match=r"^STS12 was given at revision bbbbbbbb where a0d554a6 is pinned; load it once with network"):
            TaskOfMteb("STS12").load()


def test_nothing_of_mteb_is_loaded_by_listing() -> None:
    code = (
        "import sys; from stsbench.host.registry import Registry; registry = Registry.installed(); "
        "[component.help for kind in ('encoder', 'similarity', 'benchmark') for component, _ in registry.offers(kind)]; "
        "print('mteb-task' in str([component.name for component, _ in registry.offers('benchmark')]), 'mteb' in sys.modules)"
    )
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    assert done.stdout.split() == ["True", "False"]


ALSO = {"SICK-BR-PC": ("train", "validation"), "DisCoTexPairClassification": ("train",)}  # splits that mteb asks for besides


@pytest.mark.slow
def test_the_definitions_of_the_core_read_what_mteb_reads(put: Put) -> None:
    """The binary tasks that the core defines: rows with labels of all kinds, drawn, left out and numbered as mteb does it."""
    from stsbench.builtin.benchmarks.components import benchmarks
    from stsbench.builtin.benchmarks.definitions import binary_tasks

    components: Any = {component.name: component for component in benchmarks()}
    rng = np.random.default_rng(11)
    compared = 0
    for task in binary_tasks():
        if task.name == "SlovakRTE" or task.protocol != "mteb":  # class labels, which no text file has; none of mteb's
            continue
        labels: list[Any] = [int(key) if key.isdecimal() else key for key in task.worth] or [0, 1]
        labels += ([1] if isinstance(labels[0], int) else ["something else"]) if task.worth else []
        subsets = tuple(task.subsets)[:2] if len(task.subsets) > 1 else None
        for folder in subsets or (task.config or "",):
            for split in (*task.eval_splits, *ALSO.get(task.name, ())):
                count = 2100 if task.subsample and split in task.eval_splits else 12
                given = (labels[place] for place in rng.integers(len(labels), size=count))
                columns = tuple(task.columns.by_role.values())
                rows = [
                    {**dict(zip(columns, (f"l{row}", f"r{row}", label), strict=True)), "id": "", "source": ""}
                    for row, label in enumerate(given)
                ]
                if task.nested:
                    rows = [{name: [row[name] for row in rows] for name in columns}]
                mirror = put("/".join(filter(None, [task.path, folder, f"{split}.jsonl"])), rows)
        theirs = TaskOfMteb(task.name, subset=subsets, mirror=str(mirror)).load()
        ours = components[task.name].build(subset=subsets, mirror=str(mirror)).load()
        assert [(part.place, part.pairs.digest) for part in ours] == [(part.place, part.pairs.digest) for part in theirs], task.name
        compared += 1
    assert compared == 49


@pytest.mark.parametrize(
    ("name", "kind"), [("STS17/en-en", "STS"), ("TERRa.V2", "PairClassification"), ("Tatoeba/ara-eng", "BitextMining")]
)
def test_prompts_go_by_the_name_and_type_that_mteb_has(name: str, kind: str) -> None:
    task, _, subset = name.partition("/")
    card = TaskOfMteb(task, subset=(subset,) if subset else None).card
    assert mteb_prompts({kind: "of the type: "}, card) == ("of the type: ", "of the type: ")
    assert mteb_prompts({kind: "of the type: ", task: "of the task: "}, card) == ("of the task: ", "of the task: ")
