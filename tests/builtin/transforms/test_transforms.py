"""Known answers, and scikit-learn, torch, numpy's SVD and sentence-transformers as oracles."""

from __future__ import annotations

from typing import Any

import numpy as np
import pytest
from numpy.typing import NDArray
from sklearn.decomposition import PCA
from sklearn.preprocessing import StandardScaler, normalize

from stsbench.builtin.plugin import stsbench_transforms
from stsbench.errors import OptionError

Array = NDArray[np.float64]
COMPONENTS = {component.name: component for component in stsbench_transforms()}


def fitted(name: str, vectors: Array, **options: Any) -> Any:
    built: Any = COMPONENTS[name].build(**options)
    return built.fit(vectors) if COMPONENTS[name].fits == "texts" else built


@pytest.fixture
def vectors() -> Array:
    random = np.random.default_rng(5)
    return random.normal(size=(200, 24)) @ random.normal(size=(24, 24)) + random.normal(size=24)


SQUARE = np.array([[3.0, 1], [3, -1], [-1, 1], [-1, -1]])  # mean (1, 0), deviations 2 and 1 along the axes


@pytest.mark.parametrize(
    ("name", "options", "expected"),
    [
        ("centre", {}, [[2, 1], [2, -1], [-2, 1], [-2, -1]]),
        ("standardise", {}, [[1, 1], [1, -1], [-1, 1], [-1, -1]]),
        ("whiten", {}, [[1, 1], [1, -1], [-1, 1], [-1, -1]]),
        ("whiten", {"k": 1}, [[1], [1], [-1], [-1]]),
        ("whiten", {"ridge": 2.0}, np.array([[2, 1], [2, -1], [-2, 1], [-2, -1]]) / np.sqrt([9, 6])),  # 4 and 1, and twice their mean
        ("pca", {"k": 1}, [[2], [2], [-2], [-2]]),
        ("all-but-the-top", {"k": 1}, [[0, 1], [0, -1], [0, 1], [0, -1]]),
        ("quantise-binary", {}, [[1, 1], [1, -1], [-1, 1], [-1, -1]]),
        ("quantise-int8", {}, [[127, 127], [127, -128], [-128, 127], [-128, -128]]),
        ("truncate", {"k": 1}, [[3], [3], [-1], [-1]]),
        ("layer-norm", {}, [[1, -1], [1, -1], [-1, 1], [0, 0]]),
        ("normalise", {}, SQUARE / np.sqrt([[10], [10], [2], [2]])),
    ],
)
def test_known_answers(name: str, options: dict[str, Any], expected: Any) -> None:
    np.testing.assert_allclose(fitted(name, SQUARE, **options).transform(SQUARE), expected, atol=1e-12)


def test_scikit_learn(vectors: Array) -> None:
    new = vectors[::-1] * 1.5
    np.testing.assert_allclose(
        fitted("standardise", vectors).transform(new), StandardScaler().fit(vectors).transform(new), rtol=1e-9, atol=1e-9
    )
    np.testing.assert_allclose(fitted("normalise", vectors).transform(new), normalize(new), rtol=1e-9, atol=1e-9)
    signs = []
    for name, oracle in (("pca", PCA(7)), ("whiten", PCA(7, whiten=True))):
        found, expected = fitted(name, vectors, k=7).transform(new), oracle.fit(vectors).transform(new)
        if name == "whiten":
            expected *= np.sqrt(len(vectors) / (len(vectors) - 1))  # scikit-learn divides by n - 1
        signs = np.sign((found * expected).sum(axis=0))
        np.testing.assert_allclose(found, expected * signs, rtol=1e-9, atol=1e-9)


def test_singular_values(vectors: Array) -> None:
    centred = vectors - vectors.mean(axis=0)
    _, values, axes = np.linalg.svd(centred, full_matrices=False)
    rest = centred - centred @ axes[:3].T @ axes[:3]
    np.testing.assert_allclose(fitted("all-but-the-top", vectors, k=3).transform(vectors), rest, atol=1e-9)
    whitened = fitted("whiten", vectors, k=5).transform(vectors)
    np.testing.assert_allclose(whitened.T @ whitened / len(vectors), np.eye(5), atol=1e-9)
    expected = centred @ axes[:5].T / (values[:5] / np.sqrt(len(vectors)))
    np.testing.assert_allclose(np.abs(whitened), np.abs(expected), atol=1e-9)


def test_layer_normalisation_of_torch(vectors: Array) -> None:
    torch = pytest.importorskip("torch")
    expected = torch.nn.functional.layer_norm(torch.from_numpy(vectors), (24,), eps=0.0).numpy()
    np.testing.assert_allclose(fitted("layer-norm", vectors).transform(vectors), expected, rtol=1e-9, atol=1e-12)


def test_codes_of_sentence_transformers(vectors: Array) -> None:
    quantize = pytest.importorskip("sentence_transformers.util.quantization").quantize_embeddings
    expected = quantize(vectors[:50].astype(np.float32), "int8", calibration_embeddings=vectors.astype(np.float32))
    found = fitted("quantise-int8", vectors.astype(np.float32).astype(np.float64)).transform(vectors[:50].astype(np.float32))
    assert (found != expected).mean() < 0.001  # a code may fall on the other side of a step, since theirs are float32
    assert np.abs(found - expected).max() <= 1
    assert (fitted("quantise-int8", vectors).transform(vectors * 10).max(), found.dtype) == (127, np.float64)
    bits = np.unpackbits(quantize(vectors.astype(np.float32), "ubinary"), axis=1)
    assert (fitted("quantise-binary", vectors).transform(vectors) == 2.0 * bits - 1).all()


def test_a_step_begins_where_it_begins() -> None:
    axis = np.array([[0.0], [255.0]])
    below = np.nextafter(np.array([[1.0], [128.0], [255.0]]), 0)  # whose distance from -128 rounds to the next step
    assert fitted("quantise-int8", axis).transform(below)[:, 0].tolist() == [-128, -1, 126]


def test_what_never_varies_is_left_out_or_left_alone() -> None:
    flat = np.hstack([SQUARE, np.full((4, 1), 0.1)])
    assert fitted("whiten", flat).transform(flat).shape == (4, 2)
    assert fitted("quantise-int8", flat).transform(flat)[:, 2].tolist() == [0] * 4
    assert fitted("standardise", flat).transform(flat)[:, 2].tolist() == [0] * 4
    with pytest.raises(OptionError, match="option 'k' of whiten is 3, but the vectors that it is fitted on vary along 2 axes only"):
        fitted("whiten", flat, k=3)
    with pytest.raises(OptionError, match="all the same"):
        fitted("pca", flat[:1])


@pytest.mark.parametrize("name", [name for name, component in COMPONENTS.items() if component.fits == "texts"])
def test_not_fitted_yet(name: str) -> None:
    with pytest.raises(OptionError, match="give it fit=self"):
        COMPONENTS[name].build().transform(SQUARE)


@pytest.mark.parametrize(
    ("name", "options"), [("truncate", {}), ("truncate", {"k": 0}), ("pca", {"k": 0}), ("whiten", {"ridge": -1.0}), ("whiten", {"k": -1})]
)
def test_options_out_of_range(name: str, options: dict[str, Any]) -> None:
    with pytest.raises(OptionError):
        COMPONENTS[name].build(**options)


def test_truncating_to_more_than_there_is() -> None:
    with pytest.raises(OptionError, match="vectors have 2 components"):
        fitted("truncate", SQUARE, k=3).transform(SQUARE)
