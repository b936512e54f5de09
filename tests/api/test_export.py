"""Each export is read back by the program that it is meant for."""

from __future__ import annotations

import json
import os
import subprocess
import sys
from io import BytesIO
from pathlib import Path

import numpy as np
import pandas as pd
import pyarrow as pa
import pytest
import yaml

import stsbench
from stsbench.api.encoding import encode_pairs
from stsbench.api.exporting import export, write_export
from stsbench.api.session import Session
from stsbench.builtin.peers import PEERS
from stsbench.builtin.writers.latex import LatexWriter
from stsbench.contracts.boards.board import Leaderboard
from stsbench.errors import StoreError, UnknownName, UsageError
from stsbench.evidence.folder import BoardFolder
from stsbench.stores.records import load_all, slug
from stsbench.testing.boards import HOSTILE, MARK, hostile

ROOT = Path(__file__).parents[2]
ENGLISH, MINI = ROOT / "leaderboards" / "sts-english", ROOT / "leaderboards" / "mini"

READ_BY_MTEB = """
import json, sys
from pathlib import Path
from mteb.results import TaskResult
found = {}
for path in sorted(Path(sys.argv[1]).glob("*/*/*.json")):
    result = TaskResult.from_disk(path)
    found["/".join(path.parts[-3:])] = [result.task_name, result.get_score(), result.languages]
print(json.dumps(found))
"""


def test_mteb_reads_its_result_files_with_its_own_class(tmp_path: Path) -> None:
    files = export(BoardFolder(ENGLISH), "mteb")
    write_export(files, tmp_path)
    done = subprocess.run(
        [sys.executable, "-W", "ignore", "-c", READ_BY_MTEB, str(tmp_path)], env=os.environ, capture_output=True, text=True, check=False
    )
    assert done.returncode == 0, done.stderr
    found = json.loads(done.stdout.splitlines()[-1])
    assert found.keys() == files.keys()
    figures = {
        (slug(file.encoder.label), file.encoder.fingerprint[:8], file.benchmark.name): record.figure
        for file in load_all(ENGLISH)
        for record in file.records
        if (record.is_whole, record.view, record.transforms) == (True, "sentence", ())
        and (record.similarity or "").startswith("stsbench/cosine")
    }
    checked = 0
    for name, (task, score, languages) in found.items():
        model, revision, _ = name.split("/")
        assert languages == ["eng"]
        if (model, revision, task) in figures:
            assert score == pytest.approx(figures[model, revision, task], abs=1e-6)
            checked += 1
    assert checked == 21  # three encoders of one view, seven tasks


@pytest.mark.parametrize("form", list(PEERS))
def test_no_model_takes_the_place_of_another(form: str) -> None:
    file = next(one for one in load_all(ENGLISH) if one.encoder.label == "wordllama")
    facts = {**file.encoder.facts, "revision": "0123abcd"}
    encoders = [
        file.encoder.model_copy(update={"label": label, "fingerprint": digest * 4, "facts": facts})
        for label, digest in (("model,prompt=query:", "01234567"), ("model,prompt=query;", "89abcdef"))
    ]
    alone, other, both = (
        PEERS[form]([file.model_copy(update={"encoder": encoder}) for encoder in own]) for own in ([encoders[0]], [encoders[1]], encoders)
    )
    assert alone.keys() == other.keys()
    assert len(both) == 2 * len(alone)


def test_a_task_of_which_a_part_has_no_figure_has_no_mean_over_the_others() -> None:
    file = next(one for one in load_all(ENGLISH) if one.encoder.label == "wordllama" and one.benchmark.name == "STS16")
    parts = [one for one in file.records if not one.is_whole]
    nothing = {"subset": "other", "status": "undefined", "reason": "constant scores", "figures": {}}
    holed = file.model_copy(update={"records": (*file.records, *(one.model_copy(update=nothing) for one in parts))})
    assert PEERS["mteb"]([file])
    assert not PEERS["mteb"]([holed])
    assert PEERS["eval-results"]([holed]) == PEERS["eval-results"]([file])  # an entry a part, and no mean


def test_the_scores_of_an_mteb_file_have_the_keys_of_a_published_one(tmp_path: Path) -> None:
    place = next(
        name for name in export(BoardFolder(ENGLISH), "mteb") if name.startswith("wordllama/") and name.endswith("STSBenchmark.json")
    )
    (entry,) = json.loads(export(BoardFolder(ENGLISH), "mteb")[place])["scores"]["test"]
    theirs = {f"{name}_{metric}" for name in ("cosine", "manhattan", "euclidean") for metric in ("spearman", "pearson")}
    assert {"main_score", "hf_subset", "languages", *theirs} <= entry.keys()
    assert entry["main_score"] == entry["cosine_spearman"] == 0.758624
    assert all(key in theirs or key.startswith("stsbench_") or key in ("main_score", "hf_subset", "languages") for key in entry)


def test_the_hub_client_reads_eval_results() -> None:
    from huggingface_hub import parse_eval_result_entries

    files = export(BoardFolder(ENGLISH), "eval-results")
    name = next(name for name in files if name.startswith("wordllama-f") and name.endswith(".eval_results/stsbench-cosine.yaml"))
    entries = parse_eval_result_entries(yaml.safe_load(files[name]))
    assert {entry.task_id: entry.value for entry in entries}["STSBenchmark_test"] == 0.758624
    assert {entry.dataset_id for entry in entries} >= {"mteb/stsbenchmark-sts", "mteb/sickr-sts"}
    assert len(entries) == 7
    assert all(entry.notes is not None and entry.notes.startswith("stsbench|benchmark=") for entry in entries)


def test_the_hub_client_reads_the_model_index() -> None:
    from huggingface_hub import ModelCard, ModelCardData

    files = export(BoardFolder(ENGLISH), "model-index")
    card = ModelCard(next(content for name, content in files.items() if name.startswith("wordllama-f")).decode())
    assert isinstance(card.data, ModelCardData)
    assert card.data.eval_results is not None
    figures = {(one.dataset_name, one.metric_type): one.metric_value for one in card.data.eval_results}
    assert figures["STSBenchmark", "spearman_cosine"] == 0.758624
    assert ("SICK-R", "pearson_soft-cosine") not in figures  # token views are another model


def test_pandas_reads_parquet_and_csv_as_the_same_table(tmp_path: Path) -> None:
    write_export(export(BoardFolder(MINI), "parquet"), tmp_path / "board.parquet")
    found = pd.read_parquet(tmp_path / "board.parquet")
    content = export(BoardFolder(MINI), "csv")["board.csv"]
    text = pd.read_csv(BytesIO(content), keep_default_na=False, na_values=[""])
    assert list(found.columns) == list(text.columns)
    assert found["spearman"].tolist() == pytest.approx(text["spearman"].tolist(), abs=1e-9, nan_ok=True)
    assert found["rank"].dropna().astype(int).tolist() == text["rank"].dropna().astype(int).tolist()
    assert str(found["primary"].dtype) == "bool"
    assert found["system"].tolist() == text["system"].tolist()


def test_a_parser_of_latex_reads_the_table() -> None:
    from pylatexenc.latexwalker import LatexEnvironmentNode, LatexWalker

    (content,) = export(BoardFolder(MINI), "latex").values()
    nodes, *_ = LatexWalker(content.decode(), tolerant_parsing=False).get_latex_nodes()
    (table,) = [node for node in nodes if isinstance(node, LatexEnvironmentNode)]
    assert table.environmentname == "tabular"
    rows = [line for line in content.decode().splitlines() if line.endswith(r"\\")]
    assert len({line.count(" & ") for line in rows}) == 1
    assert rows[1].count("\\textbf{58.09}") == 2  # the best of the only benchmark and of the average
    best = [line for line in rows[1:] if "\\textbf" in line]
    assert all("dagger" not in line for line in best)
    board, dagger = _board(MINI), "$^{\\dagger}$"
    assert dagger not in content.decode(), "no other model may be the first"
    rival = board.models[1].main
    tied = [row.model_copy(update={"best_rank": 1}) if row == rival else row for row in board.rows]
    (content,) = LatexWriter().render(board.model_copy(update={"rows": tuple(tied)})).values()
    (marked,) = [line for line in content.decode().splitlines() if dagger in line and line.endswith(r"\\")]
    assert marked.startswith(rival.model)


def _board(folder: Path) -> Leaderboard:
    from stsbench.evidence.folder import derived
    from stsbench.host.registry import Registry

    return derived(BoardFolder(folder), Registry.installed(), print)[0]


def test_hostile_names_are_inert_in_latex() -> None:
    from pylatexenc.latex2text import LatexNodes2Text
    from pylatexenc.latexwalker import LatexWalker

    from stsbench.builtin.writers.latex import LatexWriter

    text = LatexWriter().render(hostile())["board.tex"].decode()
    LatexWalker(text, tolerant_parsing=False).get_latex_nodes()
    shown = LatexNodes2Text().latex_to_text(text)
    assert all(f"{MARK}{number}" in shown for number in range(len(HOSTILE)))
    assert "<script>alert(1)</script> &amp;" in shown
    assert "[link](http://localhost) \\ \\| $x$" in shown


def test_vectors_are_read_back_as_arrow(tmp_path: Path) -> None:
    content, facts = encode_pairs("hashing,dim=16", "mini", Session.opened(cache=False, execution={}))
    table = pa.ipc.open_file(content).read_all()
    left, right = (np.stack(table[f"{side}:sentence"].to_numpy()).astype(np.float64) for side in ("left", "right"))
    assert left.shape == (280, 16)
    norms = np.linalg.norm(left, axis=1) * np.linalg.norm(right, axis=1)
    cosine = (left * right).sum(axis=1) / np.where(norms == 0, 1, norms)
    expected = stsbench.evaluate("hashing,dim=16", "cosine", "mini").cells()[0]["spearman"]
    assert pd.Series(cosine.round(10)).corr(pd.Series(table["gold"].to_numpy()), method="spearman") == pytest.approx(expected, abs=1e-6)
    assert json.loads(table.schema.metadata[b"stsbench"])["fingerprint"] == facts["fingerprint"]


def test_no_text_of_private_data_is_in_an_export(tmp_path: Path) -> None:
    canary = "vermilion heron counts"
    rows = [f"{canary} {i % 4},{canary} as well {i},{i % 5}" for i in range(12)]
    (tmp_path / "pairs.csv").write_text("sentence1,sentence2,score\n" + "\n".join(rows) + "\n")
    stsbench.evaluate("hashing", "cosine", f"csv:{tmp_path}/pairs.csv", results=tmp_path / "results")
    for form in ("latex", "markdown", "csv", "json", "parquet"):
        (content,) = export(BoardFolder(tmp_path / "results"), form).values()
        assert canary.encode() not in content
    for form in ("mteb", "model-index", "eval-results"):
        with pytest.raises(StoreError, match=r"nothing in .* has a place in the form"):
            export(BoardFolder(tmp_path / "results"), form)
    content, facts = encode_pairs("hashing", f"csv:{tmp_path}/pairs.csv", Session.opened(cache=False, execution={}))
    assert canary.encode() not in content
    assert facts["columns"] == ["split", "subset", "pair", "left:sentence", "right:sentence"]


def test_what_cannot_be_exported_is_said(tmp_path: Path) -> None:
    with pytest.raises(StoreError, match=r"there are no results in .*; name a board's folder, or one that"):
        export(BoardFolder(tmp_path), "csv")
    with pytest.raises(UnknownName, match="beside the writers there are mteb, model-index, eval-results"):
        export(BoardFolder(MINI), "latexx")
    (tmp_path / "one").write_text("a file")
    with pytest.raises(UsageError, match="is a file, and this form has"):
        write_export(export(BoardFolder(ENGLISH), "mteb"), tmp_path / "one")
    with pytest.raises(UsageError, match="it scores pairs of texts"):
        encode_pairs("bm25", "mini", Session.opened(cache=False, execution={}))
