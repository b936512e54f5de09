"""What labels say of every candidate's Spearman over the whole pool.

The ranks x_i of a pair under all candidates are known, its gold rank g_i is not. Over the pool rho_s = mean(x_s g), and that depends on g
through its projection onto the span of the candidates' ranks alone: the least-squares fit g = F b + e of the pool gives rho = L b exactly,
with F the pool's features and L their loadings, whatever the relation truly is. So the coefficients b are all there is to learn, and
labels, weighted by their chances, are a sample of that regression.

With fewer labels than candidates b needs a prior: a flat one for intercept and consensus, and for the others b_k of variance
t s^2 l_k / sum(l), l the variances of the features: gold may lie off the consensus as candidates do, who have these variances. The tails
are Student's, for gold may lie far off it along a few features, and along most hardly at all. How far (t), labels say by the restricted
likelihood (Patterson and Thompson 1971); it is averaged over, not maximised, and s^2 is integrated out. With more labels the prior fades,
and the estimate becomes that of the weighted regression.

No prior is right of every pool. So a share of what labels show beside the line, each by the line through the others, is taken to be there
in the pairs without a label too: the whole of it is the difference estimator of sampling theory (Cassel, Saerndal and Wretman 1976), which
is right on average whatever the prior says, and less sure. A part costs little where the prior is right, and mends much where it is not.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import NamedTuple

import numpy as np

from stsbench.contracts.data import Float64, Index
from stsbench.stats.choosing.labels import Labelled
from stsbench.stats.choosing.pool import PairPool
from stsbench.stats.orders import midranks
from stsbench.stats.weights import varied

FEWEST = 20  # labels below which nothing is said
STRENGTHS = np.geomspace(0.3, 30.0, 8)  # t: variance along the features, as a share of the residual one
TAILS = 2.0  # degrees of freedom of its distribution
ROUNDS = 8  # in which that settles
BESIDE = 0.3  # share of what labels show beside the line that is taken for the pool's
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
    even = tempered(weights)
    centres = [(np.eye(1, len(pool.variances))[0], STRENGTHS)]
    if elsewhere is not None and np.isfinite(elsewhere).sum() > 1:
        centres.append((_resembled(pool, elsewhere), CLOSER * STRENGTHS))
    unlabelled = _unlabelled(pool, rows)
    models = [_Regression.of(pool, centre, strengths, (rows, gold, even), unlabelled) for centre, strengths in centres]
    evidence = np.array([model.evidence for model in models])
    trust = (2 * WORTH / (2 * WORTH + len(rows))) ** 2
    shares = trust * _shares(evidence) + (1 - trust) * np.vstack([_shares(evidence[:1]), np.zeros_like(evidence[1:])])
    weighed = [share @ model.means() for model, share in zip(models, shares, strict=True)]
    expected = sum(model.outward @ mean for model, mean in zip(models, weighed, strict=True))
    counts = generator.multinomial(draws, shares.ravel()).reshape(shares.shape)
    drawn = [model.drawn(row, generator) @ model.outward.T for model, row in zip(models, counts, strict=True)]
    missed = sum(share @ model.missed for model, share in zip(models, shares, strict=True))
    others = weights / len(rows) - 1 / len(pool.ranks)  # the share of the pool that each stands for, but for itself
    beside = BESIDE * (others * missed)[:, None] * pool.ranks[rows]
    # what is labelled is known, and the others are predicted (Royall 1970)
    means = expected + gold @ pool.ranks[rows] / len(pool.ranks) + beside.sum(axis=0)
    spread = np.concatenate(drawn) - expected + generator.standard_normal((draws, len(rows))) @ beside
    return Belief(len(rows), means, means + WIDER * spread)


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


class _Shrunk(NamedTuple):
    """Coefficients of k features under each strength t: `means` [t, k], `roots` [t, k, k] of their covariances in units of s^2, the
    `residuals`' sums of squares [t], and `evidence` [t].
    """

    means: Float64
    roots: Float64
    residuals: Float64
    evidence: Float64

    @classmethod
    def of(cls, features: Float64, gold: Float64, strengths: Float64, freedom: float) -> _Shrunk:
        """Those of features [n, k] and gold [n].

        The prior of a coefficient is Student's, a normal one whose precision is multiplied by a gamma variable of mean 1. Coefficients and
        these variables are taken as independent given labels, and settle in a few rounds in which each is given what is expected of the
        other (Bishop and Tipping 2000).
        """
        identity = np.eye(features.shape[1])
        squares, products, rest = features.T @ features, features.T @ gold, gold @ gold
        closer = np.ones((len(strengths), len(products)))
        for left in reversed(range(ROUNDS)):
            precisions = closer / strengths[:, None]
            covariances = np.linalg.inv(squares + precisions[:, :, None] * identity)
            means = covariances @ products
            residuals = np.maximum(rest - means @ products, 1e-9 * rest)
            if left:
                sizes = means**2 * freedom / residuals[:, None] + np.diagonal(covariances, axis1=1, axis2=2)
                closer = (TAILS + 1) / (TAILS + sizes / strengths[:, None])
        roots = np.linalg.cholesky(covariances)
        determinants = np.log(np.diagonal(roots, axis1=1, axis2=2)).sum(axis=1) + np.log(precisions).sum(axis=1) / 2
        tails = TAILS / 2 * (np.log(closer) - closer).sum(axis=1)
        return cls(means, roots, residuals, determinants - freedom / 2 * np.log(residuals) + tails)


@dataclass(frozen=True)
class _Regression:
    """A regression of gold on an intercept, a centre and features; the latter's coefficients have variances t s^2 and tails.

    `outward` [s, 2 + 2 k] gives what the pairs without a label add to the figures. The first two coefficients are those of intercept and
    centre, `fixed` but for a `scatter`, once the others' part is taken out of the features; the next are those of what is left of them,
    `shrunk`, and the last residuals of those pairs, of which nothing is known but s^2. By strength, `evidence` [t] is a bound of the
    restricted likelihood's logarithm, and `missed` [t, n] what each label's gold is beside the line through the others.
    """

    outward: Float64
    freedom: float
    fixed: Float64
    scatter: Float64
    shrunk: _Shrunk
    evidence: Float64
    missed: Float64

    @classmethod
    def of(
        cls, pool: PairPool, centre: Float64, strengths: Float64, labelled: tuple[Index, Float64, Float64], unlabelled: Float64
    ) -> _Regression:
        rows, gold, weights = labelled
        scales = np.sqrt(pool.variances / pool.variances.sum())
        features = pool.features[rows]
        inward = np.column_stack([np.ones(len(rows)), features @ centre, features * scales])
        outward = np.column_stack([np.zeros(len(pool.loadings)), pool.loadings @ centre, pool.loadings * scales])
        roots = np.sqrt(weights)
        basis, triangle = np.linalg.qr(roots[:, None] * inward[:, :2])
        scatter = np.linalg.inv(triangle)
        slopes = scatter @ (basis.T @ (roots[:, None] * inward[:, 2:]))
        for side in (inward, outward):
            side[:, 2:] -= side[:, :2] @ slopes
        outward -= pool.ranks[rows].T @ inward / len(pool.ranks)
        along = basis.T @ (roots * gold)
        freedom = float(weights.sum()) - 2
        left, rest = roots[:, None] * inward[:, 2:], roots * gold - basis @ along
        shrunk = _Shrunk.of(left, rest, strengths, freedom)
        leverages = (basis**2).sum(axis=1) + ((left @ shrunk.roots) ** 2).sum(axis=2)
        return cls(
            outward=np.column_stack([outward, unlabelled]),
            freedom=freedom,
            fixed=scatter @ along,
            scatter=scatter,
            shrunk=shrunk,
            evidence=shrunk.evidence + np.linalg.slogdet(scatter)[1],
            missed=(rest - shrunk.means @ left.T) / (roots * np.maximum(1 - leverages, 1e-9)),
        )

    def means(self) -> Float64:
        """Expected coefficients, by strength, float64[strengths, 2 + 2 k]."""
        means = self.shrunk.means
        return np.column_stack([np.broadcast_to(self.fixed, (len(means), 2)), means, np.zeros_like(means)])

    def drawn(self, counts: Index, generator: np.random.Generator) -> Float64:
        """So many coefficients drawn from the posterior of each strength, float64[sum of counts, 2 + 2 k]."""
        places = np.repeat(np.arange(len(counts)), counts)
        axes = slice(2, 2 + self.shrunk.means.shape[1])
        normal = generator.standard_normal((len(places), self.outward.shape[1]))
        normal[:, :2] = normal[:, :2] @ self.scatter.T
        for place in np.flatnonzero(counts):
            normal[places == place, axes] = normal[places == place, axes] @ self.shrunk.roots[place].T
        normal *= np.sqrt(self.shrunk.residuals[places] / generator.chisquare(self.freedom, len(places)))[:, None]
        normal[:, :2] += self.fixed
        normal[:, axes] += self.shrunk.means[places]
        return normal
