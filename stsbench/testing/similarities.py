"""What the contract asks of a similarity, rule by rule."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from functools import cached_property
from typing import Any

import numpy as np

from stsbench.contracts.arrays import described, is_plain
from stsbench.contracts.data import Float64, Index, Tokens, frozen
from stsbench.errors import StsbenchError
from stsbench.host import capabilities
from stsbench.testing.check import ROUNDING, Offered, Rule, expect
from stsbench.testing.samples import content, fit_data, sparse_vectors, texts, tokens, vectors, writable

PART = ("test", "default")  # split and subset of the sample pairs


@dataclass(frozen=True, eq=False)
class SimilaritySubject(Offered):
    """A similarity under test, with pairs of what it needs."""

    @property
    def needs(self) -> str:
        """`vectors`, `tokens` or `texts`."""
        return self.component.needs

    @cached_property
    def sides(self) -> tuple[Any, Any]:
        """Left and right of the sample pairs, read-only."""
        if self.needs == "vectors":
            left, right = vectors()
            return frozen(left), frozen(right)
        return tokens() if self.needs == "tokens" else texts()

    @property
    def all_rows(self) -> Index:
        """The rows of the sample pairs."""
        return np.arange(len(self.sides[0]), dtype=np.intp)

    def fitted(self, built: Any) -> Any:
        """The object itself, or what its `fit` returns where it fits."""
        return built if self.component.fits == "none" else built.fit(fit_data(self.needs, self.component.fits))

    @cached_property
    def scorer(self) -> Any:
        """The similarity, ready to score."""
        return capabilities.for_part(self.fitted(self.built), *PART)

    @cached_property
    def whole(self) -> bool:
        """Whether it is given all pairs of a part at once."""
        return capabilities.is_whole(self.built)

    def score(self, rows: Index, *, swapped: bool = False) -> Float64:
        """Scores of the chosen sample pairs, in that order."""
        left, right = (take(side, rows) for side in self.sides)
        scores: Float64 = self.scorer.score(right, left) if swapped else self.scorer.score(left, right)
        return scores

    @cached_property
    def scores(self) -> Float64:
        """Scores of all sample pairs, in one call."""
        return self.score(self.all_rows)


def take(side: Any, rows: Index) -> Any:
    """The chosen rows of one side, as the core hands them over: read-only, in order."""
    if isinstance(side, Tokens):
        return side.take(rows)
    return frozen(side[rows]) if isinstance(side, np.ndarray) else tuple(side[row] for row in rows)


def scale(scores: Float64) -> float:
    """The largest magnitude, at least the smallest positive number."""
    return max(float(np.abs(scores).max(initial=0.0)), np.finfo(np.float64).tiny)


def one_score_a_pair(subject: SimilaritySubject) -> None:
    """The result is a plain numpy array float64[n].

    End with numpy.asarray(scores, dtype=numpy.float64), of one dimension.
    """
    expect(is_plain(subject.scores) and subject.scores.dtype == np.float64, f"it returned {described(subject.scores)}")
    expect(
        subject.scores.shape == subject.all_rows.shape, f"it returned the shape {subject.scores.shape} for {len(subject.all_rows)} pairs"
    )


def scores_are_finite(subject: SimilaritySubject) -> None:
    """No score is NaN or infinite: not for zero and constant vectors, texts without tokens or with one, or empty texts.

    Say what a zero vector, or a text without tokens, scores: 0.0 is usual.
    """
    rows = np.flatnonzero(~np.isfinite(subject.scores))
    expect(not len(rows), f"{len(rows)} scores are not, the first being that of {subject.needs} pair {rows[:1]}")


def sides_are_equal(subject: SimilaritySubject) -> None:
    """Left and right can be swapped, as `symmetric` declares.

    Declare symmetric=False where the two sides have different roles.
    """
    rows = unscaled(subject)
    swapped = subject.score(rows, swapped=True)
    gap = float(np.abs(swapped - subject.scores[rows]).max()) / scale(subject.scores[rows])
    expect(gap <= tolerance(subject, ROUNDING), f"scores differ by {gap:.1e} of the largest")


def higher_means_more_similar(subject: SimilaritySubject) -> None:
    """Pairs of identical rows score no lower, on average, than pairs that were put together at random.

    Negate a distance.
    """
    left = take(subject.sides[0], ordinary(subject))
    other = take(subject.sides[0], np.roll(ordinary(subject), 1))
    identical, random = (float(np.mean(subject.scorer.score(left, right))) for right in (left, other))
    expect(identical >= random, f"identical pairs score {identical:.4g} on average, others {random:.4g}")


def rows_are_independent(subject: SimilaritySubject) -> None:
    """A pair's score is bitwise the same alone and among any others.

    Score each pair by itself: matrix products sum in an order that depends on how many rows there are.
    """
    backwards = subject.score(subject.all_rows[::-1])[::-1]
    alone = np.concatenate([subject.score(subject.all_rows[row : row + 1]) for row in subject.all_rows])
    for scores, where in ((backwards, "in reverse order"), (alone, "when scored alone")):
        gaps = np.abs(scores - subject.scores)
        expect(
            float(gaps.max()) <= tolerance(subject, 0.0) * scale(subject.scores),
            f"pair {int(gaps.argmax())} differs by {gaps.max():.1e} {where}",
        )


def repeats_are_identical(subject: SimilaritySubject) -> None:
    """The same call twice, and the same reference built twice, give bitwise the same scores.

    Draw from a generator that is made in the call with a fixed seed.
    """
    expect(np.array_equal(subject.score(subject.all_rows), subject.scores), "a second call gave other scores")
    left, right = subject.sides
    twin = capabilities.for_part(subject.fitted(subject.resolved.build()), *PART).score(left, right)
    expect(np.array_equal(twin, subject.scores), "a second object of the same reference gave other scores")


def input_is_untouched(subject: SimilaritySubject) -> None:
    """What is given is left as it is, by `score`, `matrix` and `fit`; arrays may be read-only."""
    calls = {"score": subject.scorer.score}
    if (matrix := capabilities.matrix(subject.scorer)) is not None:
        calls["matrix"] = matrix
    for name, call in calls.items():
        given = [writable(take(side, ordinary(subject))) for side in subject.sides]
        before = content(given[0]), content(given[1])
        call(*given)
        expect(before == (content(given[0]), content(given[1])), f"its input changed in {name}()")
    if subject.component.fits != "none":
        data = writable(fit_data(subject.needs, subject.component.fits))
        known = content(data)
        subject.resolved.build().fit(data)
        expect(known == content(data), "the data that it was fitted on changed")


def matrix_agrees(subject: SimilaritySubject) -> None:
    """`matrix` gives float64[n, m] whose diagonal is what `score` gives.

    Return float64[n, m]: every left row with every right one.
    """
    left, right = (take(side, ordinary(subject)) for side in subject.sides)
    scores = subject.scorer.matrix(left, take(subject.sides[1], ordinary(subject)[:-1]))
    count = len(ordinary(subject))
    expect(is_plain(scores) and scores.dtype == np.float64, f"it returned {described(scores)}")
    expect(scores.shape == (count, count - 1), f"it returned the shape {scores.shape} for {count} and {count - 1} rows")
    expected = subject.scorer.score(left, right)[:-1]
    gap = float(np.abs(np.diagonal(scores) - expected).max()) / scale(expected)
    expect(gap <= tolerance(subject, ROUNDING), f"the diagonal differs by {gap:.1e} of the largest score")


def sparse_scores_the_same(subject: SimilaritySubject) -> None:
    """Sparse vectors score what they score written out, alone and among others, and are left as they are.

    Declare sparse=True only where `score` and `matrix` take a csr_array of scipy and read its values; write none out.
    """
    left, right = sparse_vectors()
    before = content(left), content(right)
    scores, dense = subject.scorer.score(left, right), subject.scorer.score(left.toarray(), right.toarray())
    expect(is_plain(scores) and scores.dtype == np.float64 and scores.shape == dense.shape, f"it returned {described(scores)}")
    rows = unscaled(subject)
    gap = float(np.abs(scores - dense)[rows].max()) / scale(dense[rows])
    expect(gap <= ROUNDING, f"scores differ by {gap:.1e} of the largest")
    alone = np.concatenate([subject.scorer.score(left[[row]], right[[row]]) for row in subject.all_rows])
    expect(np.array_equal(alone, scores), "scored alone, sparse pairs score otherwise")
    if (matrix := capabilities.matrix(subject.scorer)) is not None:
        few = ordinary(subject)
        gap = float(np.abs(np.diagonal(matrix(left[few], right[few])) - scores[few]).max()) / scale(scores[few])
        expect(gap <= ROUNDING, f"the diagonal of matrix differs by {gap:.1e} of the largest score")
    expect((content(left), content(right)) == before, "its input changed")


def fit_makes_another(subject: SimilaritySubject) -> None:
    """`fit` returns a new object, leaves the old one as it was, and always learns the same.

    Return a copy: fitted(self, name=value), or dataclasses.replace.
    """
    original = subject.resolved.build()
    data = fit_data(subject.needs, subject.component.fits)
    before = outcome(original, subject)
    fitted = original.fit(data)
    expect(fitted is not original, "it returned itself")
    expect(outcome(original, subject) == before, "the original scores differently once something was fitted from it")
    expect(outcome(fitted, subject) == outcome(original.fit(data), subject), "fitted twice on the same data, it scores differently")
    expect(isinstance(outcome(fitted, subject), bytes), "it cannot score once it is fitted")


def parts_are_kept_apart(subject: SimilaritySubject) -> None:
    """`for_part` gives the scorer of that part, the same every time, whatever other parts it was told of.

    Return a copy from for_part, and change nothing of the original.
    """
    original = subject.fitted(subject.resolved.build())
    first = capabilities.for_part(original, *PART)
    before = outcome(first, subject)
    capabilities.for_part(original, "another", "default")
    expect(outcome(first, subject) == before, "told of another part, the scorer of the first one scores differently")
    expect(outcome(capabilities.for_part(original, *PART), subject) == before, "told of one part twice, it scores differently")


def outcome(scorer: Any, subject: SimilaritySubject) -> bytes | str:
    """The scores as bytes, or the sentence with which it declines."""
    try:
        return bytes(np.asarray(scorer.score(*subject.sides)).tobytes())
    except StsbenchError as error:
        return str(error)


def tolerance(subject: SimilaritySubject, strict: float) -> float:
    """`strict`, or what padding may change where a scorer loads a model (it has a fingerprint then)."""
    return max(strict, subject.tolerance) if capabilities.fingerprint(subject.built) else strict


def unscaled(subject: SimilaritySubject) -> Index:
    """Rows of the sample pairs but those of very large and very small vectors, beside which others would vanish."""
    return np.delete(subject.all_rows, np.s_[4:10]) if subject.needs == "vectors" else subject.all_rows


def ordinary(subject: SimilaritySubject) -> Index:
    """Rows of the sample pairs that are neither empty nor scaled; all of them for what is given all at once."""
    if subject.whole:
        return subject.all_rows
    return np.arange(3, dtype=np.intp) if subject.needs == "texts" else np.arange(16, len(subject.all_rows), dtype=np.intp)


def similarity_rules(subject: SimilaritySubject) -> Iterator[Rule]:
    """The rules that a similarity's declarations and members ask for."""
    yield from (one_score_a_pair, scores_are_finite, repeats_are_identical, input_is_untouched)
    if subject.component.fits != "pairs":  # what it learns from the samples' gold scores need not favour identical pairs
        yield higher_means_more_similar
    if not subject.whole:
        yield rows_are_independent
    if capabilities.scorer_of_part(subject.built) is not None:
        yield parts_are_kept_apart
    if subject.component.symmetric:
        yield sides_are_equal
    if subject.component.fits != "none":
        yield fit_makes_another
    if subject.component.sparse and subject.component.fits == "none":
        yield sparse_scores_the_same
    if capabilities.matrix(subject.built) is not None:
        yield matrix_agrees
