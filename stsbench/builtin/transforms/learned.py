"""A linear map that is learned from pairs with gold scores, so that the cosine after it says more of them."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import Literal

import numpy as np

from stsbench.builtin.transforms.rows import require_positive
from stsbench.contracts.components.fitted import fitted, required
from stsbench.contracts.data import FitData, Float64, Index
from stsbench.errors import OptionError
from stsbench.stats.losses import Loss, contrastive_slopes, cosent_slopes, cosine_slopes, reaching, scaled_gold, triplet_slopes
from stsbench.stats.metrics.spearman import spearman

Name = Literal["cosine", "contrastive", "triplet", "cosent"]

HELD = 10  # one pair in so many is held back
PATIENCE = 10  # steps without a better correlation on the pairs held back, after which learning ends
STEPS = 200  # at most
TINY = 1e-100  # takes the place of the squared length of a zero vector, whose cosine is 0
BATCH = 32  # pairs that CoSENT compares with one another
POSITIVE, GAP = 0.8, 0.2  # of the scale: golds of positive pairs, and how far those of a triplet are apart, as `audit metrics` has them


@dataclass(frozen=True, eq=False)
class Cosines:
    """Cosines of pairs of vectors x after the map x + V M V'x, as a function of M.

    The axes V are orthonormal, so what is outside them stays: with a = V'x and b = a + M a, the product of two mapped vectors is
    that of the x, less that of the a, and that of the b. `sides` are a of the left and the right vectors, float64[n, k] each.
    """

    sides: tuple[Float64, Float64]
    outside: Float64
    rest: tuple[Float64, Float64]

    @classmethod
    def of(cls, left: Float64, right: Float64, axes: Float64) -> Cosines:
        """Those of unit vectors, or zero ones, float64[n, d], under maps along axes float64[d, k]."""
        a, b = left @ axes, right @ axes
        rest = tuple(np.maximum((x**2).sum(axis=1) - (inner**2).sum(axis=1), 0.0) for x, inner in ((left, a), (right, b)))
        return cls((a, b), (left * right).sum(axis=1) - (a * b).sum(axis=1), (rest[0], rest[1]))

    def at(self, m: Float64) -> tuple[Float64, tuple[Float64, Float64], tuple[Float64, Float64]]:
        """The cosines, float64[n], with b and the squared lengths of both sides."""
        left, right = (a + a @ m.T for a in self.sides)
        squares = [np.maximum(rest + (b**2).sum(axis=1), TINY) for rest, b in zip(self.rest, (left, right), strict=True)]
        cosines = (self.outside + (left * right).sum(axis=1)) / np.sqrt(squares[0] * squares[1])
        return cosines, (left, right), (squares[0], squares[1])

    def slope(self, m: Float64, loss: Loss) -> tuple[float, Float64]:
        """A loss of the cosines, and its gradient by M."""
        cosines, (left, right), (of_left, of_right) = self.at(m)
        value, slopes = loss(cosines)
        along, by_left, by_right = slopes / np.sqrt(of_left * of_right), slopes * cosines / of_left, slopes * cosines / of_right
        gradient = (along[:, None] * right - by_left[:, None] * left).T @ self.sides[0]
        gradient += (along[:, None] * left - by_right[:, None] * right).T @ self.sides[1]
        return value, gradient


@dataclass(frozen=True, eq=False, kw_only=True)
class LearnedMap:
    """A linear map trained on the pairs and gold scores of `fit=`: x + V M V'x, V being at most `rank` principal axes of its texts.

    `loss` of the cosines is that of sentence-transformers (CosineSimilarityLoss, ContrastiveLoss of golds from .8 of the scale,
    TripletLoss of cosine distances over pairs that share a text, CoSENTLoss over batches of 32), with `ridge` times |M|^2: the map
    starts as the identity and is drawn towards it. A tenth of the pairs, which `seed` draws, is held back, and the map is kept whose
    cosine has the highest Spearman correlation on them, be it the identity. A system with it is refused on pairs that it was
    trained on, unless `leak=true`.
    """

    loss: Name = "cosine"
    rank: int | None = 64
    ridge: float = 0.001
    seed: int = 0
    map: tuple[Float64, Float64] | None = field(default=None, init=False)

    def __post_init__(self) -> None:
        require_positive("rank", self.rank)
        if not 0.0 <= self.ridge < float("inf"):
            raise OptionError(f"option 'ridge' takes a number of at least 0, not {self.ridge}")
        if self.seed < 0:
            raise OptionError(f"option 'seed' takes a number of at least 0, not {self.seed}")

    def fit(self, data: FitData) -> LearnedMap:
        """The map learned from these pairs; raises OptionError where they are too few, or have no gold that the loss asks for."""
        vectors, left, right, gold = data.vectors, data.left, data.right, data.gold
        if not isinstance(vectors, np.ndarray) or left is None or right is None or gold is None:
            raise OptionError("learned-map learns from pairs of dense vectors with gold scores; name a benchmark with fit=")
        lengths = np.linalg.norm(vectors, axis=1, keepdims=True)
        unit = vectors / np.where(lengths > 0, lengths, 1.0)
        axes = np.linalg.eigh(unit.T @ unit)[1][:, ::-1][:, : self.rank]  # along which unit vectors are longest
        order = np.random.default_rng(self.seed).permutation(len(gold))
        held, kept = np.split(order, [max(2, len(gold) // HELD)])
        if len(kept) < 2 or len(np.unique(gold[held])) < 2:
            raise OptionError(f"learned-map holds back {len(held)} of {len(gold)} pairs, which must differ in gold; fit it on more pairs")
        try:
            loss = self._loss(left[kept], right[kept], scaled_gold(gold, gold.min(), gold.max())[kept])
        except ValueError as error:
            raise OptionError(f"learned-map cannot learn with loss={self.loss}: {error}; choose another loss, or other pairs") from error
        learn, test = (Cosines.of(unit[left[rows]], unit[right[rows]], axes) for rows in (kept, held))
        return fitted(self, map=(axes, _learned(learn, loss, self.ridge, test, gold[held])))

    def _loss(self, left: Index, right: Index, gold: Float64) -> Loss:
        if self.loss == "triplet":
            return triplet_slopes(left, right, gold, GAP)
        if self.loss == "contrastive":
            return contrastive_slopes(reaching(gold, POSITIVE))
        return cosine_slopes(gold) if self.loss == "cosine" else cosent_slopes(gold, BATCH)

    def transform(self, vectors: Float64) -> Float64:
        """float64[n, d]."""
        axes, m = required(self.map, "learned-map")
        mapped: Float64 = vectors + (vectors @ axes) @ (m.T @ axes.T)
        return mapped


def _learned(learn: Cosines, loss: Loss, ridge: float, held: Cosines, gold: Float64) -> Float64:
    """M after the step of L-BFGS, from 0, at which Spearman's correlation on the pairs held back is highest."""
    from scipy.optimize import minimize

    k = learn.sides[0].shape[1]

    def objective(flat: Float64) -> tuple[float, Float64]:
        m = flat.reshape(k, k)
        value, gradient = learn.slope(m, loss)
        return value + ridge * float((m**2).sum()), (gradient + 2.0 * ridge * m).ravel()

    def correlation(m: Float64) -> float:
        cosines = held.at(m)[0]
        return spearman(gold, cosines, np.ones(len(gold))) if np.ptp(cosines) > 0 else -1.0

    best, since = (np.zeros((k, k)), correlation(np.zeros((k, k)))), 0

    def look(intermediate_result: object) -> None:
        nonlocal best, since
        m = np.asarray(intermediate_result.x).reshape(k, k)  # type: ignore[attr-defined]
        reached = correlation(m)
        best, since = ((m.copy(), reached), 0) if reached > best[1] else (best, since + 1)
        if since == PATIENCE:
            raise StopIteration

    minimize(objective, np.zeros(k * k), jac=True, method="L-BFGS-B", callback=look, options={"maxiter": STEPS})
    return best[0]
