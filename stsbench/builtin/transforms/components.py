"""Transforms of sentence vectors, as components."""

from __future__ import annotations

from stsbench.builtin.transforms.affine import AllButTheTop, Centre, Pca, Standardise, Whiten
from stsbench.builtin.transforms.rows import Int8, Truncate
from stsbench.errors import OptionError


def truncate(*, k: int | None = None) -> Truncate:
    """The first `k` components of each vector, as Matryoshka models are made for.

    Source: Kusupati et al., NeurIPS 2022.
    """
    if k is None:
        raise OptionError("transform 'truncate' needs the number of components to keep; write truncate,k=64")
    return Truncate(_positive("k", k))


def quantise_int8() -> Int8:
    """Components in 256 steps between the least and the largest of the texts of `fit=`, unpacked: whole numbers from -128 to 127.

    Both sides share the range; values outside it are clipped, and a component that never varies becomes 0. As in
    sentence-transformers' `quantize_embeddings`.
    """
    return Int8()


def centre() -> Centre:
    """Vectors less the mean vector of the texts of `fit=`."""
    return Centre()


def standardise() -> Standardise:
    """Components less their mean and divided by their standard deviation over the texts of `fit=`; a constant one is only centred."""
    return Standardise()


def pca(*, k: int | None = None) -> Pca:
    """Coordinates on the first `k` principal axes of the texts of `fit=` (default: all along which they vary), centred."""
    return Pca(None if k is None else _positive("k", k))


def whiten(*, k: int | None = None, ridge: float = 0.0) -> Whiten:
    """Centred coordinates on the first `k` principal axes, each divided by its standard deviation over the texts of `fit=`.

    `k` is by default the number of axes along which the texts vary. `ridge` times the mean variance is added to every variance,
    which is needed where there are hardly more texts than dimensions. Cosine after whitening is the Mahalanobis cosine.
    Source: Su et al. 2021 (BERT-whitening).
    """
    if not 0.0 <= ridge < float("inf"):
        raise OptionError(f"option 'ridge' takes a number of at least 0, not {ridge}")
    return Whiten(None if k is None else _positive("k", k), ridge)


def all_but_the_top(*, k: int | None = None) -> AllButTheTop:
    """Centred vectors without their parts along the first `k` principal axes of the texts of `fit=` (default: one in 100 dimensions, at least one).

    Source: Mu and Viswanath, ICLR 2018.
    """
    return AllButTheTop(None if k is None else _positive("k", k))


def _positive(name: str, value: int) -> int:
    if value < 1:
        raise OptionError(f"option {name!r} takes a whole number of at least 1, not {value}")
    return value
