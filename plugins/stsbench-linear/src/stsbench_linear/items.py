"""Users and items through a linear model of how often, or how much, each user took each item."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import KW_ONLY, dataclass
from functools import cached_property, lru_cache
from typing import Any, Literal

import numpy as np

from stsbench.plugin import Embeddings, Fingerprint, Float64, Location, ModelError, OptionError, Views
from stsbench_linear.factors import Model, Spectrum

VIEWS = ("raw", "embedding", "back")


@dataclass(frozen=True, eq=False)
class Taken:
    """`x`, a scipy sparse matrix [users, items] of float64, and the names of its rows and columns."""

    x: Any
    users: tuple[str, ...]
    items: tuple[str, ...]

    def weighed(self, by: Literal["users", "items"]) -> Taken:
        """Each value times log((1 + n) / (1 + df)) + 1 of its user, df being how many of the n items that took; or of its item."""
        from scipy.sparse import diags_array

        axis = 1 if by == "users" else 0
        taken = np.asarray((self.x > 0).sum(axis=axis)).ravel()
        idf = diags_array(np.log((1 + self.x.shape[axis]) / (1 + taken)) + 1)
        return Taken((idf @ self.x if by == "users" else self.x @ idf).tocsr(), self.users, self.items)


@lru_cache(maxsize=2)
def read_counts(file: Location, user: str, item: str, value: str | None) -> Taken:
    """The counts of a csv file; values of the same user and item are added up. Raises ModelError, which repeats nothing of the file."""
    import pandas as pd
    from scipy.sparse import csr_array

    if file.path is None or not file.path.is_file():
        raise ModelError("counts are read from a csv file with a row for each user and item; write counts:./counts.csv")
    columns = {user: str, item: str} | ({} if value is None else {value: float})
    try:
        table = pd.read_csv(file.path, usecols=list(columns), dtype=columns, keep_default_na=False, encoding="utf-8-sig")
    except ValueError as error:  # its message may quote what is in the file
        raise ModelError(
            "counts need a csv file with columns user, item and value, a finite number of at least 0 in each row of the last; "
            "user=, item= and value= name other columns, and value=none counts rows"
        ) from error
    amounts = np.ones(len(table)) if value is None else table[value].to_numpy(np.float64)
    if not (np.isfinite(amounts).all() and (amounts >= 0).all() and amounts.any()):
        raise ModelError("counts must be finite and at least 0, and not all 0; leave other rows out of the file")
    rows, users = pd.factorize(table[user], sort=True)
    places, items = pd.factorize(table[item], sort=True)
    x = csr_array((amounts, (rows, places)), shape=(len(users), len(items)))
    return Taken(x, tuple(users), tuple(items))


@lru_cache(maxsize=2)
def learned(file: Location, columns: tuple[str, str, str | None], by: Literal["users", "items"] | None) -> tuple[Taken, Spectrum]:
    """Taken, weighed or not, and their spectrum, which all objectives, penalties and scales share."""
    counts = read_counts(file, *columns)
    counts = counts if by is None else counts.weighed(by)
    return counts, Spectrum.of(counts.x)


@dataclass(frozen=True, eq=False)
class CountsEncoder(Model):
    """Items, or users, as a linear model of user-item counts has them: a text is the name of an item, and its vector what is known of it.

    The target is a csv file with the columns `user`, `item` and `value` (none: each row counts 1). `of` says what a text names, and
    `weigh=tf-idf` lessens users who take much where items are compared, and items that many take where users are. `objective`,
    `penalty`, `k`, `sigma` and `shrink` are those of `linear`. Views: `raw`, the counts themselves; `embedding`, rows of B for items and
    of XA for users; `back`, the predictions XAB', of an item for all users or of a user for all items. `raw` and `back` are given in
    coordinates along the singular vectors, which leaves products and distances as they are. What the file does not name is a zero vector.
    """

    file: Location
    _: KW_ONLY
    user: str = "user"
    item: str = "item"
    value: str | None = "value"
    of: Literal["items", "users"] = "items"
    weigh: Literal["none", "tf-idf"] = "none"
    view: Views[Sequence[Literal["raw", "embedding", "back"]]] = ("embedding",)

    token_views = ()

    @property
    def views(self) -> tuple[str, ...]:
        """Those that the options name."""
        return tuple(self.view)

    @property
    def fingerprint(self) -> Fingerprint:
        """The file; the core adds the options."""
        return Fingerprint.of(counts=self.file.identity)

    @cached_property
    def _learned(self) -> tuple[Taken, Spectrum]:
        by: Literal["users", "items"] = "users" if self.of == "items" else "items"
        return learned(self.file, (self.user, self.item, self.value), by if self.weigh == "tf-idf" else None)

    @cached_property
    def rows(self) -> dict[str, int]:
        """The row of each name."""
        counts, _ = self._learned
        return {name: row for row, name in enumerate(counts.items if self.of == "items" else counts.users)}

    def vectors(self, view: str) -> Float64:
        """All vectors of a view, float64[n, d]."""
        counts, spectrum = self._learned
        if view == "raw":
            return spectrum.vectors * spectrum.values if self.of == "items" else np.asarray(counts.x @ spectrum.vectors)
        factors = self.factors(spectrum)
        if view == "embedding":
            return factors.b if self.of == "items" else np.asarray(counts.x @ factors.a)
        kept = spectrum.vectors[:, : len(factors.sigma)]  # singular vectors: X A B' = X V diag(kept) V'
        shares = (kept.T @ factors.a * (kept.T @ factors.b)).sum(axis=1)
        return np.asarray((kept * factors.sigma if self.of == "items" else counts.x @ kept) * shares)

    def encode(self, texts: Sequence[str], *, views: Sequence[str], prompt: str = "") -> Embeddings:
        """The vectors of these names, float32; zero vectors for those that the file does not hold."""
        if unknown := [view for view in views if view not in VIEWS]:
            raise OptionError(f"counts have the views raw, embedding and back, not {unknown[0]!r}")
        places = np.array([self.rows.get(prompt + text, -1) for text in texts], dtype=np.intp)
        known = (places >= 0)[:, None]
        vectors = {view: np.ascontiguousarray(np.where(known, self.vectors(view)[places], 0.0), dtype=np.float32) for view in views}
        return Embeddings(vectors, truncated=np.zeros(len(texts), dtype=np.bool_))
