"""The simulated users and items of section 4 of Steck, Ekanadham and Kallus 2024."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from stsbench.plugin import Float64

BLOCK = 2000  # users drawn at a time


@dataclass(frozen=True, eq=False)
class Simulated:
    """`x` float64[users, items] of 0 and 1; `cluster` intp[items], rising: items stand by cluster, in it by falling popularity."""

    x: Float64
    cluster: NDArray[np.intp]

    @property
    def same(self) -> NDArray[np.bool_]:
        """Which two items are of one cluster, bool[items, items]."""
        same: NDArray[np.bool_] = self.cluster[:, None] == self.cluster[None, :]
        return same


def simulate(generator: np.random.Generator, *, users: int = 20_000, items: int = 1_000, clusters: int = 5) -> Simulated:
    """Users who take items of the clusters that they like, popular ones more often.

    Items are assigned to clusters with random probabilities; the r-th item of cluster c has popularity r^-b_c, b_c uniform in
    [.25, 1.5]; a user's liking for clusters is uniform on the simplex; a user takes k items without replacement with probabilities
    proportional to liking times popularity, the density of k falling as k^-.5 up to a tenth of the items. The paper names these
    distributions and not their constants, so the last two are choices.
    """
    cluster = np.sort(generator.choice(clusters, size=items, p=generator.dirichlet(np.full(clusters, 5.0))))
    exponents = generator.uniform(0.25, 1.5, size=clusters)
    rank = np.arange(items) - np.searchsorted(cluster, cluster) + 1
    popularity = -exponents[cluster] * np.log(rank)
    most = max(1, items // 10)
    x = np.zeros((users, items))
    for start in range(0, users, BLOCK):
        number = min(BLOCK, users - start)
        liking = np.log(generator.dirichlet(np.ones(clusters), size=number))
        taken = np.ceil(most * generator.uniform(size=number) ** 2).astype(np.intp)  # its density falls as k^-.5
        keys = liking[:, cluster] + popularity + generator.gumbel(size=(number, items))  # largest keys: draws without replacement
        order = np.argpartition(-keys, most - 1, axis=1)[:, :most]
        order = np.take_along_axis(order, np.argsort(-np.take_along_axis(keys, order, axis=1), axis=1), axis=1)
        rows = np.repeat(np.arange(start, start + number), taken)
        x[rows, order[np.arange(most) < taken[:, None]]] = 1.0
    return Simulated(x, cluster)
