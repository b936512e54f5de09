"""What labels say of every candidate's Spearman over the whole pool.

The ranks x_i of a pair under all candidates are known, its gold rank g_i is not. Over the pool rho_s = mean(x_s g), and that depends on g
through its projection onto the span of the candidates' ranks alone: the least-squares fit g = F b + e of the pool gives rho = L b exactly,
with F the pool's features and L their loadings, whatever the relation truly is. So the coefficients b are all there is to learn, and
labels, weighted by their chances, are a sample of that regression.

With fewer labels than candidates b needs a prior: b_k of variance t s^2 sqrt(l_k) / sum(sqrt(l)), l the variances of the features, and a
flat one for intercept and consensus: gold may lie off the consensus anywhere, and rather where candidates differ more. How far (t), labels
say by the restricted likelihood (Patterson and Thompson 1971); it is averaged over, not maximised, and s^2 is integrated out. With more
labels the prior fades, and the estimate becomes that of the weighted regression.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from stsbench.contracts.data import Float64, Index
from stsbench.stats.choosing.labels import Labelled
from stsbench.stats.choosing.pool import PairPool
from stsbench.stats.orders import midranks
from stsbench.stats.weights import varied

FEWEST = 20  # labels below which nothing is said
STRENGTHS = np.geomspace(0.3, 10.0, 8)  # t: variance off the consensus, as a share of the residual one
LINE = 300  # labels at which weights count half
WIDER = 1.1  # what standard deviations are multiplied by, for what the model leaves out; calibrated in benchmarks/README.md
CLOSER = 0.3  # how much closer gold may lie to what figures from elsewhere say, as a share of the same
WORTH = 20  # labels of the pool's own that figures from elsewhere are worth at most
RIDGE = 0.05  # share of their variance by which figures from elsewhere are taken to be off
DRAWS = 2000


@dataclass(frozen=True)
class Belief:
    """Candidates' Spearman over the pool given `labels` labels: `means` float64[s] and joint `draws` float64[d, s]."""

    labels: int
    means: Float64
    draws: Float64

    @property
    def covariance(self) -> Float64:
        """Joint covariance of the figures, float64[s, s]."""
        centred = self.draws - self.means
        result: Float64 = centred.T @ centred / len(centred)
        return result


def bounded(value: float, most: float = 1.0) -> float:
    """A correlation, or with `most` 2 the difference of two: what is believed of one is of a normal spread, which knows no bounds."""
    return float(min(most, max(-most, value)))


def believe(
    pool: PairPool, labels: Labelled, generator: np.random.Generator, elsewhere: Float64 | None = None, draws: int = DRAWS
) -> Belief:
    """The posterior of every candidate's Spearman; `elsewhere` float64[s] are figures of the candidates on other pairs, NaN if unknown.

    They say which mixture of candidates gold resembles elsewhere; that mixture takes the place of the consensus in a second model, and the
    two are averaged by how well each predicts the labels. Even where the second predicts as well it may mislead about who is best, and
    no labels would mend that; so its average is pooled with the first model alone, as an estimate of another population is with one of n
    labels: by w / (w + n), the weight of least error where the populations differ by as much as w labels leave open (Efron and Morris
    1973). Here w is WORTH / (1 + n / (4 WORTH)), which makes the weight (2 WORTH / (2 WORTH + n))^2: less than of a fixed w late on, where
    leads are so small that what it could cost is more than what it could gain. Raises ValueError below 20 labels, or where all gold is
    equal.
    """
    there = labels.labelled
    rows, weights = labels.rows[there], labels.weights()
    if len(rows) < FEWEST:
        raise ValueError(f"{len(rows)} labels say too little; label {FEWEST} pairs at least")
    gold = midranks(varied(labels.gold[there]), weights)
    gold -= np.average(gold, weights=weights)
    gold /= np.sqrt(np.average(gold**2, weights=weights))
    weights = tempered(weights)
    centres = [(np.eye(1, len(pool.variances))[0], STRENGTHS)]
    if elsewhere is not None and np.isfinite(elsewhere).sum() > 1:
        centres.append((_resembled(pool, elsewhere), CLOSER * STRENGTHS))
    unlabelled = _unlabelled(pool, rows)
    models = [_Regression.of(pool, centre, strengths, (rows, gold, weights), unlabelled) for centre, strengths in centres]
    evidence = np.array([model.evidence for model in models])
    trust = (2 * WORTH / (2 * WORTH + len(rows))) ** 2
    shares = trust * _shares(evidence) + (1 - trust) * np.vstack([_shares(evidence[:1]), np.zeros_like(evidence[1:])])
    weighed = [share @ model.means() for model, share in zip(models, shares, strict=True)]
    expected = sum(model.outward @ mean for model, mean in zip(models, weighed, strict=True))
    counts = generator.multinomial(draws, shares.ravel()).reshape(shares.shape)
    drawn = [
        model.drawn(np.repeat(np.arange(len(row)), row), generator) @ model.outward.T for model, row in zip(models, counts, strict=True)
    ]
    means = expected + gold @ pool.ranks[rows] / len(pool.ranks)  # what is labelled is known, and the others are predicted (Royall 1970)
    return Belief(len(rows), means, means + WIDER * (np.concatenate(drawn) - expected))


def _unlabelled(pool: PairPool, rows: Index) -> Float64:
    """What normal residuals of variance 1 in the pairs but these `rows` make of the figures, per normal number, float64[s, k].

    Figures are of the pool's gold and not of the line through it: the pairs without a label may favour either of two candidates by chance,
    with a standard deviation of s times that of the difference of their ranks over sqrt(n), however well the line is known.
    """
    features = pool.features[rows]
    shares, axes = np.linalg.eigh(np.eye(features.shape[1]) - features.T @ features / len(pool.ranks))
    result: Float64 = pool.loadings @ (axes * np.sqrt(np.maximum(shares, 0.0) / len(pool.ranks)))
    return result


def tempered(weights: Float64) -> Float64:
    """How much each label counts in the regression.

    Were the relation of gold to ranks a line, even weights would be right and tell most; the labels' own make up for a line that it is
    not. Few labels are better off with the former, and many with the latter, towards which this goes. Uneven weights tell as much as fewer
    even ones (Kish 1965).
    """
    uneven = weights ** (len(weights) / (len(weights) + LINE))
    result: Float64 = uneven * (uneven.sum() / (uneven**2).sum())
    return result


def _shares(evidence: Float64) -> Float64:
    """How much models are believed whose likelihoods have these logarithms; the sum is 1."""
    likelihoods = np.exp(evidence - evidence.max())
    shares: Float64 = likelihoods / likelihoods.sum()
    return shares


def _resembled(pool: PairPool, elsewhere: Float64) -> Float64:
    """The mixture of features, float64[k] of length 1, whose correlations with the candidates are most like these."""
    known = np.isfinite(elsewhere)
    scaled = pool.loadings[known] * pool.variances
    likeness = scaled @ pool.loadings[known].T
    mixture = scaled.T @ np.linalg.solve(likeness + RIDGE * np.diag(likeness).mean() * np.eye(len(likeness)), elsewhere[known])
    unit: Float64 = mixture / np.sqrt(mixture @ mixture)
    return unit


@dataclass(frozen=True)
class _Regression:
    """A regression of gold on an intercept, a centre and features; the latter's coefficients have variances t s^2.

    `outward` [s, 2 + 2 k] gives what the pairs without a label add to the figures. The first two coefficients are those of intercept and
    centre, `fixed` but for a `scatter`, once the others' part is taken out of the features; the next are along the eigenvectors of what is
    left of them, with `squares` its eigenvalues and `products` with gold, whose own square is `rest`. The last are residuals of those
    pairs, of which nothing is known but s^2.
    """

    strengths: Float64
    outward: Float64
    squares: Float64
    products: Float64
    rest: float
    freedom: float
    fixed: Float64
    scatter: Float64

    @classmethod
    def of(
        cls, pool: PairPool, centre: Float64, strengths: Float64, labelled: tuple[Index, Float64, Float64], unlabelled: Float64
    ) -> _Regression:
        rows, gold, weights = labelled
        scales = pool.variances**0.25 / np.sqrt((pool.variances**0.5).sum())
        features = pool.features[rows]
        inward = np.column_stack([np.ones(len(rows)), features @ centre, features * scales])
        outward = np.column_stack([np.zeros(len(pool.loadings)), pool.loadings @ centre, pool.loadings * scales])
        roots = np.sqrt(weights)
        basis, triangle = np.linalg.qr(roots[:, None] * inward[:, :2])
        scatter = np.linalg.inv(triangle)
        slopes = scatter @ (basis.T @ (roots[:, None] * inward[:, 2:]))
        for side in (inward, outward):
            side[:, 2:] -= side[:, :2] @ slopes
        left = roots[:, None] * inward[:, 2:]
        squares, axes = np.linalg.eigh(left.T @ left)
        for side in (inward, outward):
            side[:, 2:] = side[:, 2:] @ axes
        outward -= pool.ranks[rows].T @ inward / len(pool.ranks)
        along = basis.T @ (roots * gold)
        rest = roots * gold - basis @ along
        return cls(
            strengths=strengths,
            outward=np.column_stack([outward, unlabelled]),
            squares=np.maximum(squares, 0.0),
            products=inward[:, 2:].T @ (roots * rest),
            rest=float(rest @ rest),
            freedom=float(weights.sum()) - 2,
            fixed=scatter @ along,
            scatter=scatter,
        )

    @property
    def shrunk(self) -> Float64:
        """Variance of each axis' coefficient given labels, by strength, in units of s^2."""
        return self.strengths[:, None] / (1 + self.strengths[:, None] * self.squares)

    @property
    def residuals(self) -> Float64:
        """Sum of squares that is left, by strength."""
        return np.maximum(self.rest - self.shrunk @ self.products**2, 1e-9 * self.rest)

    @property
    def evidence(self) -> Float64:
        """Logarithm of the restricted likelihood, by strength."""
        determinants = np.log1p(self.strengths[:, None] * self.squares).sum(axis=1)
        result: Float64 = np.linalg.slogdet(self.scatter)[1] - self.freedom / 2 * np.log(self.residuals) - determinants / 2
        return result

    def means(self) -> Float64:
        """Expected coefficients, by strength, float64[strengths, 2 + 2 k]."""
        shrunk = self.shrunk * self.products
        return np.column_stack([np.broadcast_to(self.fixed, (len(shrunk), 2)), shrunk, np.zeros_like(shrunk)])

    def drawn(self, places: Index, generator: np.random.Generator) -> Float64:
        """Coefficients drawn from the posterior, with the strength at each of these places, float64[places, 2 + 2 k]."""
        shrunk = self.shrunk[places]
        axes = slice(2, 2 + shrunk.shape[1])
        normal = generator.standard_normal((len(places), self.outward.shape[1]))
        normal[:, :2] = normal[:, :2] @ self.scatter.T
        normal[:, axes] *= np.sqrt(shrunk)
        normal *= np.sqrt(self.residuals[places] / generator.chisquare(self.freedom, len(places)))[:, None]
        normal[:, :2] += self.fixed
        normal[:, axes] += shrunk * self.products
        return normal
