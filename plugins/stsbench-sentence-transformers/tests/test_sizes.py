"""Several numbers of dimensions are views of one forward pass, and each is what the library gives with `truncate_dim`."""

from __future__ import annotations

from collections.abc import Callable
from functools import wraps
from pathlib import Path
from typing import Literal

import numpy as np
import pytest
from stsbench_sentence_transformers.encoder import SentenceEncoder

from stsbench.plugin import Location, OptionError

TEXTS = ["a dog", "the cat sleeps", "a", "a dog and the cat"]
SIZES = (2, 5, 7)


@pytest.mark.parametrize("backend", ["torch", "library"])
@pytest.mark.parametrize("normalize", [False, True])
def test_sizes_are_those_of_the_library_from_one_forward_pass(
    backend: Literal["torch", "library"],
    normalize: bool,
    make_tiny: Callable[..., Path],
    locate: Callable[[Path], Location],
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    from sentence_transformers import SentenceTransformer
    from transformers import BertModel

    folder = make_tiny()
    encoder = SentenceEncoder(locate(folder), truncate_dim=SIZES, normalize=normalize, backend=backend)
    encoder.prepare()
    passes: list[int] = []
    forward = BertModel.forward

    @wraps(forward)  # whose parameters say that it takes a mask
    def counted(model: BertModel, *given: object, **options: object) -> object:
        passes.append(1)
        return forward(model, *given, **options)

    monkeypatch.setattr(BertModel, "forward", counted)
    encoder.encode(TEXTS, views=encoder.views[:1])
    once = len(passes)
    vectors = encoder.encode(TEXTS, views=encoder.views).vectors
    assert once == len(passes) - once == 1
    monkeypatch.undo()
    assert list(vectors) == ["sentence/2", "sentence/5", "sentence/7"]
    for size in SIZES:
        theirs = SentenceTransformer(str(folder), truncate_dim=size, device="cpu").encode(TEXTS, normalize_embeddings=normalize)
        assert vectors[f"sentence/{size}"].flags.c_contiguous
        np.testing.assert_allclose(vectors[f"sentence/{size}"], theirs, atol=1e-6)


def test_a_view_is_named_directly_beside_the_whole(minilm: Location) -> None:
    encoder = SentenceEncoder(minilm, view=("sentence", "sentence/64"))
    vectors = encoder.encode(TEXTS, views=encoder.views).vectors
    np.testing.assert_array_equal(vectors["sentence"][:, :64], vectors["sentence/64"], strict=True)
    assert encoder.fingerprint == SentenceEncoder(minilm).fingerprint
    with pytest.raises(OptionError, match="takes sentence, or a number of its dimensions as in sentence/64, not 'mean@6'"):
        SentenceEncoder(minilm, view=("mean@6",))
    with pytest.raises(OptionError, match="takes a number of dimensions after /, as in sentence/64, not 'sentence/0'"):
        SentenceEncoder(minilm, view=("sentence/0",))
    with pytest.raises(OptionError, match="'truncate_dim' is 385, but vectors of 'model' have 384 dimensions; give fewer"):
        SentenceEncoder(minilm, truncate_dim=(64, 385))
