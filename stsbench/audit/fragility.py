"""How much cosine depends on the scale of single dimensions, and how stable its ranking is when they are rescaled.

The derivative of a cosine c of unit vectors u and v with respect to log D, D being a diagonal rescaling, is 2 u_j v_j - c (u_j^2 + v_j^2);
over j it adds up to 0.
"""

from __future__ import annotations

import math
from dataclasses import dataclass

import numpy as np

from stsbench.builtin.similarities.kernels import settled, unit
from stsbench.contracts.data import Float64
from stsbench.stats.metrics import PEARSON, figure

SCALES = (0.1, 0.25, 0.5, 1.0)
DRAWS = 20
STABLE = 0.95


@dataclass(frozen=True, slots=True)
class Stability:
    """Pearson correlation of cosines before and after D = exp(s z), z standard normal: predicted, and the mean of simulated draws.

    `simulated` is None where a draw makes all cosines the same.
    """

    scale: float
    predicted: float
    simulated: float | None


@dataclass(frozen=True, slots=True)
class Fragility:
    """`value` is per unit of log scale, at least 0; `scale95` the s at which the predicted correlation is .95 (None: at none).

    The prediction is local: trust it for s <= .25, look at the simulation beyond.
    """

    value: float
    scale95: float | None
    stability: tuple[Stability, ...]


@dataclass(frozen=True, eq=False)
class Products:
    """Of n pairs of unit vectors the products of components: u v, u^2 and v^2, float64[n, d] each. All that a diagonal D acts on."""

    cross: Float64
    left: Float64
    right: Float64

    @classmethod
    def of(cls, left: Float64, right: Float64) -> Products:
        """The products of the rows of float64[n, d] and float64[n, d]; zero rows stay zero."""
        first, second = unit(left), unit(right)
        return cls(first * second, first**2, second**2)

    def cosines(self, squares: Float64) -> Float64:
        """Cosines under each D, float64[n, m], from the squares of the diagonals as columns, float64[d, m]; 0 where a vector is zero."""
        lengths = np.sqrt((self.left @ squares) * (self.right @ squares))
        return settled(np.clip((self.cross @ squares) / np.where(lengths == 0.0, 1.0, lengths), -1.0, 1.0))

    @property
    def plain(self) -> Float64:
        """Cosines, float64[n]."""
        return self.cosines(np.ones((self.cross.shape[1], 1)))[:, 0]


def sensitivities(products: Products) -> Float64:
    """Derivative of each cosine with respect to the log scale of each dimension, float64[n, d]; each row adds up to 0."""
    return 2 * products.cross - products.plain[:, None] * (products.left + products.right)


def fragility(products: Products) -> float | None:
    """Root mean square change of cosine per unit of log scale that its own order does not explain, over the deviation of cosines.

    The change that all pairs share and the change that is proportional to cosine itself keep every rank, so they are taken out
    first. None where cosines are constant.
    """
    cosines = products.plain
    centred = cosines - cosines.mean()
    squares = float(centred @ centred)
    if squares < 1e-24 * len(cosines):
        return None
    changes = sensitivities(products)
    changes -= changes.mean(axis=0)
    changes -= np.outer(centred, centred @ changes / squares)
    return math.sqrt(float((changes**2).sum()) / squares)


def measure_fragility(products: Products, seed: int = 0) -> Fragility | None:
    """Fragility with predicted stability 1 / sqrt(1 + s^2 value^2) and the simulated one, at each of `SCALES`; None if undefined."""
    value = fragility(products)
    if value is None:
        return None
    cosines = products.plain
    stability = []
    for scale in SCALES:
        moved = products.cosines(log_normal(products.cross.shape[1], scale, seed) ** 2)
        agreement = [figure(PEARSON, cosines, column) for column in moved.T]
        known = [one for one in agreement if one is not None]
        mean = sum(known) / len(known) if len(known) == len(agreement) else None
        stability.append(Stability(scale, 1 / math.sqrt(1 + (scale * value) ** 2), mean))
    return Fragility(value, math.sqrt(1 / STABLE**2 - 1) / value if value else None, tuple(stability))


def log_normal(dimensions: int, scale: float, seed: int) -> Float64:
    """Diagonals exp(scale z) as columns, float64[dimensions, DRAWS]; z is the same for all encoders of that many dimensions."""
    generator = np.random.Generator(np.random.PCG64([seed, dimensions]))
    return np.exp(scale * generator.standard_normal((dimensions, DRAWS)))
