"""`stsbench.as_evaluator` in the library's own trainer: a real training of tiny static vectors."""

from __future__ import annotations

import csv
import logging
import re
from collections.abc import Callable
from itertools import product
from pathlib import Path
from runpy import run_path
from typing import Any

import pytest

import stsbench

WORDS, VERBS = ("man", "dog", "cat"), ("plays", "eats", "is")
ROWS = [
    (f"a {left} {verb} {mood}", f"the {right} {other} .", 3.0 * (left == right) + 1.5 * (verb == other) + 0.5 * (mood == "a"))
    for left, right, verb, other, mood in product(WORDS, WORDS, VERBS, VERBS, ("a", "not"))
]


# pairs of the train split of STS-B in each benchmark of the suite, and in its own test split
SHARED = {"STS12": 1002, "STS13": 596, "STS14": 1861, "STS15": 1102, "STS16": 197, "STSBenchmark": 12, "SICK-R": 115}


def written(folder: Path) -> list[dict[str, str]]:
    with (folder / "stsbench_results.csv").open(newline="", encoding="utf-8") as stream:
        return list(csv.DictReader(stream))


def trained(model: Any, evaluator: Any, folder: Path, epochs: int = 3) -> Any:
    from datasets import Dataset
    from sentence_transformers import SentenceTransformerTrainer, SentenceTransformerTrainingArguments
    from sentence_transformers.sentence_transformer.losses import CosineSimilarityLoss

    left, right, gold = zip(*ROWS, strict=True)
    each_epoch: dict[str, Any] = {"eval_strategy": "epoch", "save_strategy": "epoch", "load_best_model_at_end": True}
    quiet: dict[str, Any] = {"report_to": [], "disable_tqdm": True, "use_cpu": True}
    arguments = SentenceTransformerTrainingArguments(
        str(folder), num_train_epochs=epochs, learning_rate=0.2, metric_for_best_model=evaluator.primary_metric, **each_epoch, **quiet
    )
    data = Dataset.from_dict({"left": left, "right": right, "label": [score / 5 for score in gold]})
    trainer = SentenceTransformerTrainer(model, arguments, train_dataset=data, loss=CosineSimilarityLoss(model), evaluator=evaluator)
    trainer.train()
    return trainer


def test_a_training_is_measured_each_epoch_and_the_best_checkpoint_is_kept(make_tiny: Callable[..., Path], tmp_path: Path) -> None:
    from sentence_transformers import SentenceTransformer

    model = SentenceTransformer(str(make_tiny(static=True)), device="cpu")
    pairs = stsbench.pairs(ROWS, name="own")
    evaluator = stsbench.as_evaluator(pairs, "cosine", baseline="hashing", margin=1.0)
    before = evaluator(model)
    trainer = trained(model, evaluator, tmp_path / "out")
    rows = written(tmp_path / "out" / "eval")
    assert [(row["epoch"], row["steps"]) for row in rows] == [("1.0", "21"), ("2.0", "42"), ("3.0", "63")]
    figures = [float(row["own_spearman_cosine"]) for row in rows]
    assert figures == [one["eval_own_spearman_cosine"] for one in trainer.state.log_history if "eval_own_spearman_cosine" in one]
    assert trainer.state.best_metric == max(figures) > before["own_spearman_cosine"]
    assert trainer.state.best_model_checkpoint.endswith(f"checkpoint-{21 * (1 + figures.index(max(figures)))}")
    assert {row["verdict"] for row in rows} <= {"better", "equivalent", "not worse", "worse", "cannot tell"}
    assert rows[-1]["verdict"] == evaluator.verdict
    (cell,) = stsbench.evaluate(model, "cosine", stsbench.pairs(ROWS, name="own")).cells()
    assert cell["spearman"] == pytest.approx(max(figures), abs=1e-12), "the best checkpoint is loaded at the end"
    model.save_pretrained(str(tmp_path / "saved"))
    card = (tmp_path / "saved" / "README.md").read_text()
    assert "Spearman Cosine" in card
    assert "name: own" in card


def test_the_model_encodes_as_the_library_does(make_tiny: Callable[..., Path], tmp_path: Path) -> None:
    """With its default prompt, and its figures are those of the library's own evaluator."""
    from sentence_transformers import SentenceTransformer
    from sentence_transformers.sentence_transformer.evaluation import EmbeddingSimilarityEvaluator

    model = SentenceTransformer(str(make_tiny(prompts={"query": "the "}, default="query")), device="cpu")
    left, right, gold = map(list, zip(*ROWS, strict=True))
    theirs = EmbeddingSimilarityEvaluator(left, right, gold, main_similarity="cosine", name="own")(model)
    ours = stsbench.as_evaluator(stsbench.pairs(ROWS, name="own"), trainer="sentence-transformers,batch_size=2")(model)
    assert ours["own_spearman_cosine"] == pytest.approx(theirs["own_spearman_cosine"], abs=1e-6)
    assert ours["own_pearson_cosine"] == pytest.approx(theirs["own_pearson_cosine"], abs=1e-6)


@pytest.mark.filterwarnings("ignore:Sparse CSR tensor support")  # of the evaluator of the library
def test_a_sparse_encoder_is_measured_as_the_library_scores_it(words: list[str], tmp_path: Path) -> None:
    import torch
    from sentence_transformers import SparseEncoder
    from sentence_transformers.base.modules import Transformer
    from sentence_transformers.sparse_encoder.evaluation import SparseEmbeddingSimilarityEvaluator
    from sentence_transformers.sparse_encoder.modules import SpladePooling
    from transformers import BertConfig, BertForMaskedLM, BertTokenizer

    sizes: dict[str, Any] = {"hidden_size": 16, "num_hidden_layers": 2, "num_attention_heads": 2, "intermediate_size": 32}
    with torch.random.fork_rng():
        torch.manual_seed(0)
        BertForMaskedLM(BertConfig(vocab_size=len(words), **sizes)).save_pretrained(tmp_path)
    BertTokenizer(vocab={word: row for row, word in enumerate(words)}).save_pretrained(tmp_path)
    model = SparseEncoder(modules=[Transformer(str(tmp_path), transformer_task="fill-mask"), SpladePooling("max")], device="cpu")
    left, right, gold = map(list, zip(*ROWS, strict=True))
    theirs = SparseEmbeddingSimilarityEvaluator(left, right, gold, main_similarity="dot", similarity_fn_names=["dot"], name="own")(model)
    ours = stsbench.as_evaluator(stsbench.pairs(ROWS, name="own"), "dot")(model)
    assert ours["own_spearman_dot"] == pytest.approx(theirs["own_spearman_dot"], abs=1e-4)
    assert ours["own_pearson_dot"] == pytest.approx(theirs["own_pearson_dot"], abs=1e-4)


def test_a_collapsed_model_is_told_and_never_the_best(
    make_tiny: Callable[..., Path], tmp_path: Path, caplog: pytest.LogCaptureFixture
) -> None:
    import torch
    from sentence_transformers import SentenceTransformer

    model = SentenceTransformer(str(make_tiny(static=True)), device="cpu")
    evaluator = stsbench.as_evaluator(stsbench.pairs(ROWS, name="own"))
    figure = evaluator(model, str(tmp_path))["own_spearman_cosine"]
    with torch.no_grad():
        next(model.parameters()).fill_(1.0)
    with caplog.at_level(logging.WARNING, logger="stsbench"):
        collapsed = evaluator(model, str(tmp_path))
    assert collapsed == {"own_spearman_cosine": float("-inf")}
    assert collapsed["own_spearman_cosine"] < figure
    assert "own says nothing of the model as it is: constant scores" in caplog.text
    assert [row["own_pearson_cosine"] for row in written(tmp_path)][1] == ""


@pytest.mark.parametrize("size", [0, -1])
def test_a_batch_has_a_text_at_least(size: int) -> None:
    with pytest.raises(stsbench.OptionError, match="batch_size is a number of texts of at least 1"):
        stsbench.as_evaluator("mini", trainer=f"sentence-transformers,batch_size={size}")


def test_the_recipe_says_what_a_model_was_trained_on_and_what_it_gained(
    make_tiny: Callable[..., Path], tmp_path: Path, mirror: Path, capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    """Stopped after its first checkpoint and gone on with, on the real data, from the script to the rows of the suite."""
    pytest.importorskip("vl_convert", reason="the extra html is not installed")
    from transformers import DefaultFlowCallback, TrainerCallback

    class Stopping(TrainerCallback):
        def on_save(self, *_: Any, **__: Any) -> None:
            raise KeyboardInterrupt

    recipe = run_path(str(Path(__file__).parents[1] / "examples" / "finetune.py"))
    given = ["--model", str(make_tiny(static=True)), "--out", str(tmp_path / "out"), "--steps", "6", "--mirror", str(mirror)]
    with monkeypatch.context() as patched:
        patched.setattr("transformers.trainer.DEFAULT_CALLBACKS", [DefaultFlowCallback, Stopping])
        with pytest.raises(KeyboardInterrupt):
            recipe["main"](given)
    assert [path.name for path in (tmp_path / "out" / "checkpoints").glob("checkpoint-*")] == ["checkpoint-2"]
    recipe["main"](given)
    printed = capsys.readouterr().out
    assert re.search(r"^On STSBenchmark \(without STSBenchmark:train\) \(1,367 pairs\), (before|after)\b", printed, re.M)
    assert {path.name for path in (tmp_path / "out").iterdir()} == {"model", "loss.svg", "roc.svg"}
    model = tmp_path / "out" / "model"
    session = stsbench.Session.opened(mirror=mirror)
    texts = {text for side in session.benchmark("STSBenchmark:train").parts[0].pairs.texts for text in side}
    assert not [text for text in texts if len(text) > 20 and text in (model / "README.md").read_text(encoding="utf-8")]
    report = stsbench.evaluate(f"sentence-transformers:{model}", "cosine", "sts-english", mirror=mirror, cache=False)
    flags = {cell["benchmark"]: cell["flags"] for cell in report.cells()}
    assert {name: shared for name, (shared, _) in recipe["shared"](session).items()} == SHARED
    assert flags == {name: ["supervised", "leaked"] if shared else ["supervised"] for name, shared in SHARED.items()}
    assert all(f"{name}: {shared} of " in printed for name, shared in SHARED.items())
    plain = stsbench.evaluate(f"sentence-transformers:{model},trained_on=mini", "cosine", "STS12", mirror=mirror, cache=False)
    assert plain.cells()[0]["flags"] == ["supervised"], "what is declared goes before what the folder says"


@pytest.mark.parametrize("content", ['{"trained_on": "mini"}', '{"trained_on": [3]}', '["mini"]', "{"])
def test_what_a_model_was_trained_on_is_read_or_refused(make_tiny: Callable[..., Path], content: str) -> None:
    folder = make_tiny(static=True)
    (folder / "stsbench.json").write_text('{"trained_on": ["mini"]}', encoding="utf-8")
    report = stsbench.evaluate([f"{name}:{folder}" for name in ("sentence-transformers",)], "cosine", "mini", cache=False)
    assert [cell["flags"] for cell in report.cells()] == [["supervised", "leaked"]]
    (folder / "stsbench.json").write_text(content, encoding="utf-8")
    with pytest.raises(stsbench.ModelError, match=r"stsbench\.json of model 'tiny' (is to name benchmarks|is not a JSON|cannot be read)"):
        stsbench.evaluate(f"sentence-transformers:{folder}", "cosine", "mini", cache=False)
