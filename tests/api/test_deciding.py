"""A decision: what is decided is what scikit-learn gives on the same scores, and a file is read as what a stranger may have written."""

from __future__ import annotations

import json
import re
from collections.abc import Callable
from pathlib import Path
from subprocess import CompletedProcess
from typing import Any

import numpy as np
import pandas as pd
import pytest
from pydantic import ValidationError
from sklearn.isotonic import IsotonicRegression
from sklearn.metrics import precision_recall_curve

from stsbench import load_decision
from stsbench.api.deciding import LoadedDecision, bytes_of, decide
from stsbench.api.scoring import score_pairs
from stsbench.api.session import Session
from stsbench.builtin.benchmarks.mini import Mini
from stsbench.contracts.events import Event, Warned
from stsbench.errors import DataError, StoreError, StsbenchError, UsageError

CANARY = "heliotrope canary 7741"


@pytest.fixture(scope="module")
def own(tmp_path_factory: pytest.TempPathFactory) -> str:
    """The pairs of mini as a private file, with a canary."""
    path = tmp_path_factory.mktemp("own") / "own.csv"
    pairs = Mini().load()[0].pairs
    rows = [f'"{left}","{right}",{gold}' for left, right, gold in zip(*pairs.texts, pairs.gold, strict=True) if '"' not in left + right]
    path.write_text("\n".join(["sentence1,sentence2,score", *rows, f"{CANARY},{CANARY},5"]), encoding="utf-8")
    return f"csv:{path}"


@pytest.fixture(scope="module")
def session() -> Session:
    return Session.opened(cache=False)


@pytest.fixture(scope="module")
def decision(own: str, session: Session) -> LoadedDecision:
    return decide("hashing", own, session, duplicate_from=4)


@pytest.fixture
def written(decision: LoadedDecision, tmp_path: Path) -> Path:
    path = tmp_path / "decision.json"
    path.write_bytes(bytes_of(decision))
    return path


def test_what_is_decided_is_what_scikit_learn_decides_on_the_same_scores(own: str, session: Session, decision: LoadedDecision) -> None:
    scores = score_pairs(own, ["hashing"], ["cosine"], session).scores[:, 0]
    gold = session.benchmark(own).parts[0].pairs.gold
    asked = np.linspace(-1, 1, 301)
    regression = IsotonicRegression(out_of_bounds="clip").fit(scores, gold)
    assert decision.calibrated(asked) == pytest.approx(regression.predict(asked), abs=1e-12)
    precision, recall, places = precision_recall_curve(gold >= 4, scores)
    f1 = 2 * precision * recall / np.maximum(precision + recall, 1e-300)
    best = places[np.flatnonzero(np.isclose(f1[:-1], f1.max(), atol=1e-12))[-1]]
    assert (decision.is_duplicate(scores) == (scores >= best)).all()
    assert decision.data.positives == int((gold >= 4).sum())
    assert (decision.data.low, decision.data.high, decision.data.n) == (gold.min(), gold.max(), len(gold))


def test_a_decision_is_the_same_when_it_is_loaded(decision: LoadedDecision, written: Path) -> None:
    loaded = load_decision(written)
    assert loaded == decision
    assert repr(loaded).startswith("<Decision of hashing · cosine on ")
    assert loaded.threshold is not None
    edge = loaded.threshold.value
    assert loaded.is_duplicate([edge, np.nextafter(edge, -1)]).tolist() == [True, False]
    with pytest.raises(ValidationError, match="frozen"):
        loaded.threshold = None  # type: ignore[misc]


def test_texts_are_scored_by_the_same_system(decision: LoadedDecision, own: str, session: Session) -> None:
    pairs = session.benchmark(own).parts[0].pairs
    left, right = pairs.texts
    scores = decision.score(left[:20], right[:20])
    assert scores.tolist() == score_pairs(own, ["hashing"], ["cosine"], session).scores[:20, 0].tolist()
    assert decision.score([], []).shape == (0,)
    with pytest.raises(UsageError, match="2 left and 1 right texts"):
        decision.score(left[:2], right[:1])


@pytest.mark.parametrize("encoder", ["hashing,dim=64", "token-jaccard", "wordllama"])
def test_another_system_is_refused(encoder: str, decision: LoadedDecision) -> None:
    with pytest.raises(UsageError, match="the decision is of hashing · cosine as it was then"):
        decision.score(["a"], ["b"], encoder=encoder)


def test_the_same_system_written_otherwise_is_the_same(decision: LoadedDecision) -> None:
    assert decision.score(["a b"], ["a c"], encoder="stsbench/hashing").shape == (1,)


def test_another_transform_similarity_or_fit_is_another_system(own: str, session: Session) -> None:
    known = {
        decide("hashing", own, session, similarity=similarity, transform=transform).system.key
        for similarity in ("cosine", "dot")
        for transform in ("none", "centre,fit=mini", f"centre,fit={own.replace(',', '%2C')}")
    }
    assert len(known) == 6


@pytest.mark.parametrize(("encoder", "transform"), [("hashing", "centre"), ("tfidf", "none")])
def test_a_system_that_is_fitted_on_what_it_scores_decides_nothing(encoder: str, transform: str, own: str, session: Session) -> None:
    with pytest.raises(UsageError, match="is fitted on the texts that it scores"):
        decide(encoder, own, session, transform=transform)


def test_no_text_and_no_path_is_in_the_file(written: Path, own: str) -> None:
    data = written.read_text()
    assert "canary" not in data
    assert "own.csv" not in data
    assert json.loads(data)["data"]["private"] is True


def test_binary_pairs_need_no_grade_and_weights_count(tmp_path: Path, session: Session) -> None:
    pairs = Mini().load()[0].pairs
    rows = [
        (left.replace(",", ""), right.replace(",", ""), int(gold >= 3), 1 + number % 3)
        for number, (left, right, gold) in enumerate(zip(*pairs.texts, pairs.gold, strict=True))
    ]
    for name, chosen in (("weighted", rows), ("repeated", [row for row in rows for _ in range(row[3])])):
        lines = [f"{left},{right},{label},{weight}" for left, right, label, weight in chosen]
        (tmp_path / f"{name}.csv").write_text("\n".join(["sentence1,sentence2,label,often", *lines]), encoding="utf-8")
    weighted, repeated = (
        decide("hashing", f"csv:{tmp_path}/{name}.csv,score=label,task=binary{more}", session, goal="recall=0.9")
        for name, more in (("weighted", ",weight=often"), ("repeated", ""))
    )
    assert weighted.threshold is not None
    assert repeated.threshold is not None
    assert weighted.threshold.value == repeated.threshold.value
    assert weighted.threshold.duplicate_from == 1
    assert weighted.calibration.values == pytest.approx(repeated.calibration.values, abs=1e-12)
    assert repeated.threshold.recall.model_dump() == pytest.approx(weighted.threshold.recall.model_dump(), abs=1e-12)  # no more pairs


def test_duplicates_are_the_same_in_any_file_and_of_any_raters(tmp_path: Path, session: Session) -> None:
    tenths = [row % 4 + 2 for row in range(40)]
    texts = {"left": [f"text {row}" for row in range(40)], "right": [f"text {row * 7 % 40}" for row in range(40)]}
    frame = pd.DataFrame({**texts, "score": np.array(tenths, dtype="f4") / 10})
    frame.to_csv(tmp_path / "gold.csv", index=False)
    frame.to_parquet(tmp_path / "gold.parquet")
    raters = {name: np.round(np.array(tenths) / 10 + more, 1) for name, more in (("one", -0.2), ("two", -0.2), ("three", 0.4))}
    pd.DataFrame(texts | raters).to_csv(tmp_path / "raters.csv", index=False)
    for reference in (f"csv:{tmp_path}/gold.csv", f"parquet:{tmp_path}/gold.parquet", f"csv:{tmp_path}/raters.csv,score=one+two+three"):
        for least in (3, 4, 5):
            decided = decide("hashing", reference, session, duplicate_from=least / 10)
            assert decided.data.positives == sum(one >= least for one in tenths), (reference, least)


@pytest.mark.parametrize(
    ("more", "error", "says"),
    [
        ({"duplicate_from": 9}, DataError, "0 of 281 different pairs of .* are duplicates, and a threshold takes 5 of each side at least"),
        ({"duplicate_from": -1}, DataError, "281 of 281 different pairs"),
        ({"duplicate_from": 4, "goal": "precision"}, UsageError, "a goal is f1, accuracy, precision=SHARE or recall=SHARE"),
        ({"duplicate_from": 4, "goal": "f2"}, UsageError, "a goal is f1"),
        ({"duplicate_from": 4, "goal": "recall=1.5"}, UsageError, "not 'recall=1.5'"),
        ({"duplicate_from": 4, "goal": "recall=nan"}, UsageError, "not 'recall=nan'"),
        ({"similarity": "cosin"}, UsageError, "did you mean cosine"),
    ],
)
def test_what_cannot_be_decided_is_said(more: dict[str, Any], error: type[StsbenchError], says: str, own: str, session: Session) -> None:
    with pytest.raises(error, match=says):
        decide("hashing", own, session, **more)


def test_pairs_that_are_there_twice_decide_no_more_surely(own: str, tmp_path: Path, session: Session, decision: LoadedDecision) -> None:
    header, *rows = Path(own.removeprefix("csv:")).read_text(encoding="utf-8").splitlines()
    path = tmp_path / "twice.csv"
    path.write_text("\n".join([header, *(row for row in rows for _ in range(5))]), encoding="utf-8")
    twice = decide("hashing", f"csv:{path}", session, duplicate_from=4)
    assert twice.threshold is not None
    assert decision.threshold is not None
    assert twice.data.n == 5 * decision.data.n
    assert twice.threshold.value == decision.threshold.value
    assert twice.threshold.recall.model_dump() == pytest.approx(decision.threshold.recall.model_dump(), abs=1e-12)
    assert twice.calibration.error == pytest.approx(decision.calibration.error, abs=1e-12)


def test_triplets_and_a_handful_of_pairs_decide_nothing(tmp_path: Path, session: Session) -> None:
    with pytest.raises(UsageError, match="is of triplets, which have no threshold and no scale"):
        decide("hashing", "stress", session)
    (tmp_path / "few.csv").write_text("sentence1,sentence2,score\n" + "".join(f"a b,a {row},{row}\n" for row in range(9)))
    with pytest.raises(DataError, match="has 9 pairs, and nothing can be decided on fewer than 10"):
        decide("hashing", f"csv:{tmp_path}/few.csv", session)


def test_parts_that_are_averaged_are_said_to_be_taken_for_one_scale() -> None:
    heard: list[Event] = []
    session = Session.opened(cache=False, listen=heard.append)
    for reference in ("mini,by=group", "mini", "mini,by=group,aggregation=all"):
        decide("hashing", reference, session, duplicate_from=3.0)
    said = [event.message for event in heard if isinstance(event, Warned) and "on one scale" in event.message]
    assert len(said) == 1
    assert "parts, whose figures are averaged; one threshold" in said[0]


def test_without_a_grade_there_is_no_threshold(own: str, session: Session) -> None:
    plain = decide("hashing", own, session)
    assert plain.threshold is None
    with pytest.raises(UsageError, match="decide again with --duplicate-from"):
        plain.is_duplicate([0.5])


NO_SCORES = (
    [np.nan], [np.inf], ["high"], [None], np.ma.masked_array([0.1, 0.9], [False, True]), np.array([0.9 + 2j]), ["0.9"], [True],
    np.array(["2020-01-01"], "M8[ns]"), [[0.1], [0.1, 0.2]],
)  # fmt: skip


@pytest.mark.parametrize("scores", NO_SCORES)
def test_what_is_no_score_is_refused(scores: Any, decision: LoadedDecision) -> None:
    for ask in (decision.is_duplicate, decision.calibrated):
        with pytest.raises(UsageError, match="score"):
            ask(scores)


def test_scores_of_any_layout_are_the_same_scores(decision: LoadedDecision) -> None:
    wide = np.linspace(-1, 1, 64)
    expected = decision.calibrated(wide[::4].tolist())
    strided, turned = wide[::4], np.asfortranarray(wide.reshape(16, 4))[:, 0]
    for scores in (strided, turned, strided.astype(">f8"), np.ma.masked_array(strided), list(strided), strided.astype(object)):
        np.testing.assert_array_equal(decision.calibrated(scores), expected)


def _changed(*place: str, value: Any) -> Callable[[dict[str, Any]], None]:
    def change(document: dict[str, Any]) -> None:
        for key in place[:-1]:
            document = document[key]
        document[place[-1]] = value

    return change


@pytest.mark.parametrize(
    ("change", "says"),
    [
        (_changed("threshold", "value", value="0.5"), "field threshold.value"),
        (_changed("threshold", "value", value=float("nan")), "field threshold.value"),
        (_changed("threshold", "precision", "value", value=1.2), "field threshold.precision.value"),
        (_changed("threshold", "recall", value=None), "field threshold.recall"),
        (_changed("calibration", "scores", value=[0.5, 0.5]), "field calibration: scores must rise"),
        (_changed("calibration", "scores", value=[]), "field calibration.scores"),
        (_changed("calibration", "values", value=[1.0]), "scores must rise and values must not fall"),
        (_changed("calibration", "error", value=-1), "field calibration.error"),
        (_changed("system", "key", value="../etc"), "field system.key"),
        (_changed("kind", value="a board"), "field kind"),
        (_changed("schema_version", value=2), "was written by a newer stsbench"),
        (_changed("extra", value=1), "field extra"),
        (_changed("software", value={"numpy": 2}), "field software"),
    ],
)
def test_a_file_that_says_something_else_is_refused(change: Callable[[dict[str, Any]], None], says: str, written: Path) -> None:
    document = json.loads(written.read_text())
    change(document)
    written.write_text(json.dumps(document))
    with pytest.raises(StoreError, match=says):
        load_decision(written)


@pytest.mark.parametrize("data", [b"", b"{", b"[]", b"null", b"\xff\xfe", b"[" * 100_000, b'{"kind": 1, "kind": 2}', b"3"])
def test_what_is_no_decision_is_refused(data: bytes, tmp_path: Path) -> None:
    (tmp_path / "d.json").write_bytes(data)
    with pytest.raises(StoreError, match="cannot be read as a decision"):
        load_decision(tmp_path / "d.json")


def test_what_is_not_there_no_file_or_too_large_is_refused(tmp_path: Path) -> None:
    with (tmp_path / "large.json").open("wb") as file:
        file.truncate(65 * 2**20)
    for path, says in (
        (tmp_path / "absent", "No such file"),
        (tmp_path, "directory"),
        (Path("/dev/zero"), "a device, a pipe or a socket"),
        (tmp_path / "large.json", "larger than any decision"),
    ):
        with pytest.raises(StoreError, match=says):
            load_decision(path)


def test_commands_write_and_use_a_decision(own: str, tmp_path: Path, stsbench: Callable[..., CompletedProcess[str]]) -> None:
    path = tmp_path / "decision.json"
    done = stsbench("decide", "-e", "hashing", "-b", own, "--duplicate-from", "4", "-o", str(path))
    assert done.returncode == 0, done.stderr
    assert "a duplicate from" in done.stdout
    assert CANARY not in done.stdout
    loaded = load_decision(path)
    texts = ["a man plays guitar", "a man plays guitar now", "stocks fell"]
    document = json.loads(stsbench("matrix", "--decision", str(path), "--json", *texts).stdout)
    assert document["system"] == "hashing · cosine"
    assert np.array(document["calibrated"]) == pytest.approx(loaded.calibrated(document["scores"]))
    wanted = np.argwhere(loaded.is_duplicate(document["scores"]) & ~np.eye(3, dtype=bool)).tolist()
    assert document["duplicates"] == wanted == [[0, 1], [1, 0]]
    table = stsbench("matrix", "--decision", str(path), *texts).stdout
    assert len(re.findall(r"\d=", table)) == 2
    assert "= a duplicate: of those so marked" in table
    assert stsbench("matrix", "--decision", str(path), "-e", "hashing,dim=64", *texts).returncode == 2
    first = stsbench("matrix", "--decision", str(path), "--csv", *texts).stdout.splitlines()[1].split(",")
    assert [float(value) for value in first[1:]] == document["calibrated"][0]
