"""Ranks among all texts, neighbours, triplets and thresholds of whole systems, against loops over the texts themselves."""

from __future__ import annotations

from pathlib import Path
from types import SimpleNamespace
from typing import Any

import numpy as np
import pytest
from scipy.special import logsumexp
from scipy.stats import rankdata, spearmanr
from sklearn.metrics import average_precision_score, f1_score

from stsbench.api.beyond import measure
from stsbench.api.choosing import Candidates, start_job
from stsbench.api.session import Session
from stsbench.audit.beyond import Settings, roc_plot
from stsbench.choosing.folder import JobFolder
from stsbench.contracts.components.component import Component
from stsbench.contracts.components.protocols import BenchmarkCard
from stsbench.contracts.data import Pairs, Part, Source
from stsbench.errors import DataError, UsageError
from stsbench.runner.request import Request
from stsbench.runner.system import Choice


def drawn(seed: int, n: int = 80) -> Pairs:
    generator = np.random.default_rng(seed)
    words = [f"w{number}" for number in range(15)]
    texts = [" ".join(generator.choice(words, 6)) for _ in range(50)]
    left, right = generator.integers(0, 50, size=(2, n))
    gold = generator.integers(0, 6, size=n).astype(float)
    return Pairs(tuple(texts[one] for one in left), tuple(texts[one] for one in right), gold, tuple(f"g{one % 3}" for one in left // 17))


PAIRS = drawn(1)


def made(name: str, pairs: Pairs, **card: Any) -> Component[Any]:
    def build() -> Any:
        """A benchmark double."""
        part = Part("test", "default", pairs, Source("file"))
        return SimpleNamespace(card=BenchmarkCard(name, score_range=(0, 5), **card), load=lambda: (part,))

    return Component(name, build)


@pytest.fixture
def registry(registry_of: Any) -> Any:
    constant = Pairs(PAIRS.left, PAIRS.right, np.full(len(PAIRS), 5.0))
    beyond = Pairs(PAIRS.left, PAIRS.right, np.full(len(PAIRS), 6.0))
    benchmarks = [made("graded", PAIRS), made("other", drawn(2)), made("constant", constant), made("off-scale", beyond)]
    failing = SimpleNamespace(score=lambda left, right: 1 / 0)

    def fails() -> Any:
        """A similarity double that fails."""
        return failing

    def holed() -> Any:
        """A similarity double whose matrix has a hole."""

        def matrix(left: Any, right: Any) -> Any:
            found = left @ right.T
            found[0, -1] = np.nan
            return found

        return SimpleNamespace(score=lambda left, right: (left * right).sum(axis=1), matrix=matrix)

    similarities = [Component("failing", fails), Component("holed", holed)]
    return registry_of(("doubles", "1", {"benchmarks": benchmarks, "similarities": similarities}))


def measured(registry: Any, similarity: str = "cosine", benchmark: str = "graded", **more: Any) -> Any:
    (found,) = measure(Request((Choice("hashing", (similarity,)),), (benchmark,)), Session(registry), **more)
    return found


def similarity_of(registry: Any, name: str) -> Any:
    encoder = registry.resolve("encoder", "hashing").build()
    scorer = registry.resolve("similarity", name).build()
    texts = sorted({*PAIRS.left, *PAIRS.right}, key=str)
    vectors = encoder.encode(texts, views=encoder.views).vectors[encoder.views[0]].astype(float)
    number = {text: place for place, text in enumerate(texts)}

    def score(one: str, other: str) -> float:
        return round(float(scorer.score(vectors[[number[one]]], vectors[[number[other]]])[0]), 9)

    return texts, score


def test_scores_far_below_one_are_ranked_by_their_own_digits_as_a_run_ranks_them(registry: Any, tmp_path: Path) -> None:
    """Of a softmax at a temperature of .01 most are below 1e-10 of the largest: beside their logarithms, and in a job of choosing."""
    similarity = "attention-softmax,unit=true,root=false,temperature=0.01"
    texts, _ = similarity_of(registry, "cosine")
    encoder = registry.resolve("encoder", "hashing").build()
    vectors = encoder.encode(texts, views=encoder.views).vectors[encoder.views[0]].astype(float)
    logits = 100 * vectors @ vectors.T / np.outer(*[np.linalg.norm(vectors, axis=1)] * 2)
    weights = logits - logsumexp(logits, axis=1)[:, None]
    left, right = ([texts.index(text) for text in side] for side in (PAIRS.left, PAIRS.right))
    both = np.logaddexp(weights[left, right], weights[right, left]).round(9)
    assert measured(registry, similarity).figures.spearman == pytest.approx(spearmanr(both, PAIRS.gold).statistic, abs=1e-9)
    start_job(tmp_path / "job", PAIRS, "", Candidates(("hashing",), (similarity, "dot")), Session(registry))
    kept = JobFolder(tmp_path / "job").scores[:, 0]
    assert len(np.unique(kept)) == len(np.unique(both))
    np.testing.assert_array_equal(rankdata(kept), rankdata(both))


def test_a_matrix_with_a_hole_has_no_ranks(registry: Any) -> None:
    found = measured(registry, "holed")
    assert found.figures is None
    assert "holed" in found.reason
    assert "its matrix returned NaN or infinity" in found.reason


@pytest.mark.parametrize("similarity", ["cosine", "manhattan", "chebyshev"])
def test_ranks_are_those_of_a_loop_over_all_texts(registry: Any, similarity: str) -> None:
    texts, score = similarity_of(registry, similarity)
    positive = {(one, other) for one, other, gold in zip(PAIRS.left, PAIRS.right, PAIRS.gold, strict=True) if gold >= 4 and one != other}
    ranks = []
    for query, target in positive:
        partners = {other for pair in positive if query in pair for other in pair}
        own = [score(query, text) for text in texts if text != query and (text == target or text not in partners)]
        best = score(query, target)
        ranks.append(1 + sum(one > best for one in own) + (sum(one == best for one in own) - 1) / 2)
    found = measured(registry, similarity).figures.ranking
    assert found.n == len(positive) > 10
    assert found.candidates == len(texts) - 1
    assert found.mrr == pytest.approx(np.mean(1 / np.array(ranks)), abs=1e-9)
    assert dict(found.hits) == pytest.approx({k: np.mean(np.array(ranks) <= k) for k in (1, 3, 10)})


def test_neighbours_are_those_of_a_loop_over_texts_that_no_pair_joins(registry: Any) -> None:
    texts, score = similarity_of(registry, "cosine")
    rows = list(zip(PAIRS.left, PAIRS.right, PAIRS.group, strict=True))
    labels = {text: {group for one, other, group in rows if text in (one, other)} for text in texts}
    clear = [text for text in texts if len(labels[text]) == 1]
    shares = []
    for text in clear:
        joined = {partner for one, other, _ in rows if text in (one, other) for partner in (one, other)}
        others = [one for one in clear if one != text and one not in joined]
        best = max(score(text, one) for one in others)
        nearest = [labels[one] == labels[text] for one in others if score(text, one) == best]
        shares.append(np.mean(nearest))
    found = measured(registry).figures.neighbours
    assert (found.n, found.labels) == (len(clear), 3)
    assert found.accuracy == pytest.approx(np.mean(shares))


def test_thresholds_are_chosen_where_it_is_said(registry: Any) -> None:
    found = measured(registry, threshold_on="other").figures.detection
    assert found.chosen_on == "other:test"
    _, score = similarity_of(registry, "cosine")
    positive, scores = PAIRS.gold >= 4, np.array([score(one, other) for one, other in zip(PAIRS.left, PAIRS.right, strict=True)])
    assert found.average_precision == pytest.approx(average_precision_score(positive, scores), abs=1e-6)
    assert found.f1 == pytest.approx(f1_score(positive, scores >= found.f1_threshold))
    own = measured(registry).figures.detection
    assert own.chosen_on == "the same pairs"
    assert own.f1 >= found.f1
    assert own.f1_threshold != found.f1_threshold


def test_what_has_no_figure_says_why(registry: Any) -> None:
    figures = measured(registry, "euclidean", "constant").figures
    assert (figures.spearman, figures.cosine_loss, figures.triplets.n, figures.detection.roc_auc) == (None, None, 0, None)
    assert set(figures.reasons) == {"spearman", "cosine_loss", "contrastive_loss", "triplets", "detection", "neighbours"}
    found = measured(registry, "failing")
    assert found.figures is None
    assert "ZeroDivisionError" in found.reason
    assert "not of a scale from 0 to 5" in measured(registry, benchmark="off-scale").reason


def test_comparisons_one_by_one_are_bounded(registry: Any) -> None:
    few = measured(registry, "soft-cosine", most=10).figures
    assert few.ranking is None
    assert "comparisons one by one; raise --most" in few.reasons["ranking"]
    assert measured(registry, "soft-cosine").figures.ranking is not None


@pytest.mark.parametrize(
    ("options", "error", "message"),
    [
        ({"settings": Settings(positive=1.5)}, UsageError, "shares of the gold scale"),
        ({"settings": Settings(gap=0)}, UsageError, "shares of the gold scale"),
        ({"threshold_on": "sts-english"}, UsageError, "'sts-english' is a suite"),
        ({"threshold_on": "constant"}, DataError, "constant has a single gold score"),
    ],
)
def test_what_cannot_be_asked(registry: Any, options: dict[str, Any], error: type[Exception], message: str) -> None:
    with pytest.raises(error, match=message):
        measured(registry, **options)


def test_the_curve_is_data_and_a_plot(registry: Any) -> None:
    found = measured(registry)
    curve = found.document()["figures"]["detection"]["curve"]
    assert (curve["false_positive"][0], curve["true_positive"][0]) == (0, 0)
    assert (curve["false_positive"][-1], curve["true_positive"][-1]) == (1, 1)
    values = roc_plot([("one", found.figures.detection.curve)])["layer"][1]["data"]["values"]  # type: ignore[index]
    assert [value["false"] for value in values] == curve["false_positive"]
