"""Sparse and multi-vector encoders: the library's own vectors and scores, on tiny random models of each kind."""

from __future__ import annotations

import json
import shutil
from collections.abc import Callable
from pathlib import Path
from typing import Any

import numpy as np
import pytest

from stsbench import pairs
from stsbench.api.session import Session
from stsbench.errors import ModelError
from stsbench.host.registry import Registry
from stsbench.runner.request import Request
from stsbench.testing import encoder_checks

pytestmark = pytest.mark.filterwarnings("ignore:Sparse invariant checks")  # of the library alone

LEFT = [
    "the cat sat on the mat",
    "a dog",
    "the dog, the cat!",
    "a cat , a dog . the mat",
    "the cat sat on the mat on the mat on the mat on the mat",
]
RIGHT = ["a cat sat", "the dog sat on a mat", "the cat . the dog", "a", "the cat sat on the mat"]


def scores(encoder: str, similarity: str) -> Any:
    """What stsbench scores the pairs with, before it rounds."""
    given = pairs([*zip(LEFT, RIGHT, range(5), strict=True)], name="given")
    session = Session(Registry.installed()).offering(given)
    plan = session.plan(Request.of(encoder, similarity, str(given)))
    ((_, _, raw),) = session.scores(plan)
    return raw


SIDES = {"none": (None, None), "query": ("query", "query"), "document": ("document", "document"), "pair": ("query", "document")}


def encoded(model: Any, texts: list[str], task: str | None, default: str | None = None) -> Any:
    method = {"query": model.encode_query, "document": model.encode_document}.get(str(task))
    return method(texts) if method else model.encode(texts, prompt=default or "")


@pytest.mark.parametrize("side", SIDES)
@pytest.mark.parametrize("similarity", ["dot", "cosine", "euclidean", "manhattan"])
def test_splade_scores_what_the_library_scores(splade: Callable[..., Path], similarity: str, side: str) -> None:
    from sentence_transformers import SparseEncoder

    folder = splade(prompts={"query": "query : ", "passage": "passage : "}, similarity_fn_name=similarity)
    model = SparseEncoder(str(folder), device="cpu")
    left, right = (encoded(model, texts, task) for texts, task in zip((LEFT, RIGHT), SIDES[side], strict=True))
    expected = model.similarity_pairwise(left, right).numpy()
    given = scores(f"sparse-encoder:{folder},side={side}", similarity)
    np.testing.assert_allclose(given, expected, rtol=1e-5, atol=1e-5)
    assert len(set(expected.round(4))) > 3, "the scores tell the pairs apart"


@pytest.mark.parametrize("side", ["query", "document", "pair"])
def test_a_router_sends_queries_and_documents_where_the_library_does(splade: Callable[..., Path], side: str) -> None:
    from sentence_transformers import SparseEncoder

    folder = splade(routed=True)
    model = SparseEncoder(str(folder), device="cpu")
    left, right = (encoded(model, texts, task) for texts, task in zip((LEFT, RIGHT), SIDES[side], strict=True))
    given = scores(f"sparse-encoder:{folder},side={side}", "dot")
    np.testing.assert_allclose(given, model.similarity_pairwise(left, right).numpy(), rtol=1e-5, atol=1e-5)


def test_a_model_with_a_head_for_masked_words_is_splade_as_the_library_makes_it(base: Callable[..., Path]) -> None:
    from sentence_transformers import SparseEncoder

    folder = base("masked", True)
    model = SparseEncoder(str(folder), device="cpu")
    expected = model.similarity_pairwise(model.encode(LEFT), model.encode(RIGHT)).numpy()
    np.testing.assert_allclose(scores(f"sparse-encoder:{folder}", "dot"), expected, rtol=1e-5, atol=1e-5)


def test_only_the_largest_values_are_kept_where_that_is_asked_for(splade: Callable[..., Path]) -> None:
    folder = splade(max_active_dims=6)
    registry = Registry.installed()
    for asked, kept in (("", 6), (",max_active_dims=3", 3)):
        encoder = registry.resolve("encoder", f"sparse-encoder:{folder}{asked}").build()
        rows = encoder.encode(LEFT, views=("sentence",)).sparse["sentence"]
        assert (np.diff(rows.indptr) == kept).all()


@pytest.mark.parametrize("side", SIDES)
@pytest.mark.parametrize(("theirs", "ours"), [("maxsim", "maxsim-sum"), ("meanmaxsim", "bertscore-recall,special=all")])
def test_late_interaction_scores_what_the_library_scores(colbert: Callable[..., Path], theirs: str, ours: str, side: str) -> None:
    from sentence_transformers import MultiVectorEncoder

    folder = colbert(similarity_fn_name=theirs)
    model = MultiVectorEncoder(str(folder), device="cpu")
    left, right = (encoded(model, texts, task) for texts, task in zip((LEFT, RIGHT), SIDES[side], strict=True))
    expected = model.similarity_pairwise(left, right).numpy()
    np.testing.assert_allclose(scores(f"multi-vector:{folder},side={side}", ours), expected, rtol=1e-5, atol=1e-5)
    assert len(set(expected.round(4))) == 5, "the scores tell the pairs apart"


def test_maxsim_of_the_core_is_that_of_the_library_on_random_tokens() -> None:
    import torch
    from sentence_transformers.util import maxsim_pairwise

    from stsbench.builtin.similarities.tokensets import maxsim_sum
    from stsbench.plugin import Tokens

    random = np.random.default_rng(0)

    def side(lengths: list[int]) -> tuple[Tokens, list[Any]]:
        rows = [random.normal(size=(length, 8)) for length in lengths]
        rows = [(own / np.linalg.norm(own, axis=1, keepdims=True)).astype(np.float32) for own in rows]
        total = sum(lengths)
        offsets = np.concatenate([[0], np.cumsum(lengths)]).astype(np.intp)
        return Tokens(np.concatenate(rows), offsets, np.arange(total), np.zeros(total, bool)), [torch.tensor(own) for own in rows]

    (left, a), (right, b) = side([1, 5, 9, 30]), side([7, 2, 9, 1])
    np.testing.assert_allclose(maxsim_sum().score(left, right), maxsim_pairwise(a, b).numpy(), rtol=0, atol=1e-5)


def test_a_model_that_pylate_saved_is_run_with_its_marks_and_its_skip_list(colbert: Callable[..., Path]) -> None:
    from sentence_transformers import MultiVectorEncoder

    folder = colbert()
    modules = json.loads((folder / "modules.json").read_text())[:2]
    (folder / "modules.json").write_text(json.dumps(modules))
    settings = {"model_type": "ColBERT", "query_prefix": "query ", "document_prefix": "passage ", "query_length": 12}
    (folder / "config_sentence_transformers.json").write_text(json.dumps(settings))
    model = MultiVectorEncoder(str(folder), device="cpu")
    expected = model.similarity_pairwise(model.encode_query(LEFT), model.encode_document(RIGHT)).numpy()
    np.testing.assert_allclose(scores(f"multi-vector:{folder}", "maxsim-sum"), expected, rtol=1e-5, atol=1e-5)


def test_what_the_library_would_fill_in_at_random_is_refused(
    base: Callable[..., Path], colbert: Callable[..., Path], splade: Callable[..., Path], make_tiny: Callable[..., Path], tmp_path: Path
) -> None:
    registry = Registry.installed()
    plain, dense = base("bare", False), make_tiny("dense")
    for ref, says in (
        (f"multi-vector:{plain}", "the projection that the library would put behind it is random"),
        (f"multi-vector:{dense}", "is a SentenceTransformer, and no multi-vector encoder; what the library would add"),
        (f"multi-vector:{colbert(normalised=False)}", "does not scale its token vectors to length 1"),
        (f"sparse-encoder:{plain}", "what the library would put behind it is random"),
        (f"sparse-encoder:{dense}", "is a SentenceTransformer, and no sparse encoder"),
    ):
        with pytest.raises(ModelError, match=says):
            registry.resolve("encoder", ref).build()
    routed = splade(routed=True)
    config = json.loads((routed / "router_config.json").read_text())
    config["parameters"].update(default_route=None, allow_empty_key=False)
    (routed / "router_config.json").write_text(json.dumps(config))
    with pytest.raises(ModelError, match="names no default_route"):
        registry.resolve("encoder", f"sparse-encoder:{routed}").build()
    registry.resolve("encoder", f"sparse-encoder:{routed},side=pair").build()
    shutil.rmtree(tmp_path / "dense")


def test_texts_that_are_cut_are_told_by_their_side(colbert: Callable[..., Path], splade: Callable[..., Path]) -> None:
    registry = Registry.installed()
    late = registry.resolve("encoder", f"multi-vector:{colbert()}").build()
    texts = ["the cat", " ".join(["cat"] * 11), " ".join(["cat"] * 15)]
    for mark, expected in (("<query>", [False, True, True]), ("<document>", [False, False, True])):
        assert late.encode(texts, views=("tokens",), prompt=mark).truncated.tolist() == expected, "12 tokens a query, 16 a document"
    sparse = registry.resolve("encoder", f"sparse-encoder:{splade()}").build()
    assert sparse.encode([*texts, " ".join(["cat"] * 19)], views=("sentence",)).truncated.tolist() == [False, False, False, True]


def test_both_keep_the_contract(splade: Callable[..., Path], colbert: Callable[..., Path]) -> None:
    for check in [*encoder_checks(f"sparse-encoder:{splade()}"), *encoder_checks(f"multi-vector:{colbert()}")]:
        check()


def test_the_dtype_of_a_transformer_behind_a_router_is_read_back(splade: Callable[..., Path]) -> None:
    from sentence_transformers import SparseEncoder
    from stsbench_sentence_transformers.running.loading import load

    def deaf(*args: Any, model_kwargs: Any, **options: Any) -> Any:
        return SparseEncoder(*args, **options)

    made: Any = deaf
    encoder = Registry.installed().resolve("encoder", f"sparse-encoder:{splade(routed=True)},side=pair").build()
    with pytest.raises(ModelError, match="'splade' was loaded as float32 instead of float16; choose another dtype"):
        load(made, encoder.checkpoint, encoder.decision, "float16", "cpu")


def test_the_provenance_says_what_computes_in_a_dtype(
    splade: Callable[..., Path], colbert: Callable[..., Path], monkeypatch: pytest.MonkeyPatch
) -> None:
    from stsbench_transformers import arithmetic

    monkeypatch.setattr(arithmetic, "native_dtypes", lambda: {"float32", "bfloat16"})
    for ref in (f"sparse-encoder:{splade()}", f"multi-vector:{colbert()}"):
        encoder = Registry.installed().resolve("encoder", f"{ref},dtype=bfloat16,device=cpu").build()
        encoder.prepare()
        assert encoder.provenance["arithmetic"] == encoder.arithmetic.identity == dict(encoder.fingerprint.fields)["arithmetic"]
