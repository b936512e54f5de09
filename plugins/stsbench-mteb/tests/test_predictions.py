"""Predictions that mteb wrote, as scores."""

from __future__ import annotations

import json
from collections.abc import Callable
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from stsbench_mteb.predictions import PredictionsOfMteb
from stsbench_mteb.quiet import quiet

import stsbench
from stsbench.plugin import DataError, Location, ModelError

MINILM = "sentence-transformers/all-MiniLM-L6-v2"
TEXTS = ["a man plays", "a dog runs: fast", "the cat sleeps.", "is it 7 or 8?", "a cat and a dog", "two men run"]


@pytest.fixture
def predicted(
    tmp_path: Path, put: Callable[..., Path], tiny: Callable[..., Path], evaluated: Callable[..., dict[str, float]]
) -> Callable[[str], tuple[dict[str, float], Path, Path]]:
    """What mteb found for a tiny model on a task, the file of its predictions, and the mirror."""

    def make(name: str) -> tuple[dict[str, float], Path, Path]:
        rng = np.random.default_rng(3)
        pairs = [{"sentence1": left, "sentence2": right} for place, left in enumerate(TEXTS) for right in TEXTS[place + 1 :]]
        put("mteb/sts12-sts/test.jsonl", [{**pair, "score": round(float(rng.uniform(0, 5)), 2)} for pair in pairs])
        mirror = put("mteb/TERRa/dev.jsonl", [{**pair, "labels": int(rng.integers(2))} for pair in pairs])
        with quiet(models=True):
            from mteb.models.model_implementations import MODEL_REGISTRY

            model = MODEL_REGISTRY[MINILM].model_copy(update={"name": str(tiny("mean")), "revision": None}).load_model(device="cpu")
        scores = evaluated(model, name, mirror, prediction_folder=tmp_path / "predictions")
        return scores, tmp_path / f"predictions/{name}_predictions.json", mirror

    return make


@pytest.mark.parametrize(
    ("name", "metric", "key"), [("STS12", "spearman", "spearman"), ("TERRa", "average_precision", "ap")], ids=["graded", "binary"]
)
def test_what_mteb_predicted_gives_what_it_found(predicted: Any, name: str, metric: str, key: str) -> None:
    theirs, path, mirror = predicted(name)
    for similarity in ("cosine", "manhattan", "euclidean", "similarity"):
        report = stsbench.evaluate(f"mteb-predictions:{path},similarity={similarity}", (), f"mteb-task:{name}", mirror=mirror, cache=False)
        (cell,) = report.cells()
        known = "" if similarity == "similarity" and metric == "spearman" else f"{similarity}_"
        assert cell[metric] == pytest.approx(theirs[f"{known}{key}"], abs=1e-6), similarity


def scorer(tmp_path: Path, held: object, similarity: Any = "cosine") -> PredictionsOfMteb:
    path = tmp_path / "given.json"
    path.write_text(held if isinstance(held, str) else json.dumps(held))
    return PredictionsOfMteb(Location("given", path=path, digest="0" * 32), similarity=similarity)


META: dict[str, Any] = {"mteb_model_meta": {}}


@pytest.mark.parametrize(
    ("held", "says"),
    [
        ("{", "given is no file of predictions that mteb wrote; write it with `prediction_folder=` of its evaluate"),
        ({"default": {}}, "given is no file of predictions that mteb wrote"),
        ({**META, "en": {"test": {}}}, "given has no predictions for split 'test' of subset 'default'; predict the whole task"),
        ({**META, "default": {"test": {"dot_scores": [1]}}}, "given has no scores of the similarity cosine (there: dot); choose with"),
        ({**META, "default": {"test": [{"corpus_id": 1}]}}, "given has no scores of the similarity cosine (there: none of pairs)"),
        ({**META, "default": {"test": {"cosine_scores": [1]}}}, "given has 1 scores and the benchmark's part 2 pairs; give those of"),
        ({**META, "default": {"test": {"cosine_scores": [1, None]}}}, "given holds predictions that are no finite numbers"),
    ],
)
def test_files_that_do_not_fit_are_refused(tmp_path: Path, held: object, says: str) -> None:
    with pytest.raises(DataError) as raised:
        scorer(tmp_path, held).for_part("test", "default").score(["a", "b"], ["c", "d"])
    assert str(raised.value).startswith(says)


def test_distances_are_turned_once(tmp_path: Path) -> None:
    for values, turned in (([1, 2.5], [-1, -2.5]), ([-1, -2.5], [-1, -2.5]), ([0, 0], [0, 0])):
        held = {**META, "default": {"test": {"manhattan_distances": values}}}
        assert scorer(tmp_path, held, "manhattan").score(["a", "b"], ["c", "d"]).tolist() == turned
    with pytest.raises(DataError, match="distances below and above 0"):
        scorer(tmp_path, {**META, "default": {"test": {"manhattan_distances": [1, -1]}}}, "manhattan").score(["a", "b"], ["c", "d"])


def test_a_folder_is_no_file(tmp_path: Path) -> None:
    where = Location("given", path=tmp_path, digest="0" * 32)
    with pytest.raises(ModelError, match=r"^predictions are read from a file that mteb wrote; name it, as in mteb-predictions:./STS12"):
        PredictionsOfMteb(where)
