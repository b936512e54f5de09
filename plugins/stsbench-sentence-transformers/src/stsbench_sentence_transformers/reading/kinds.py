"""Folders of sentence-transformers that hold no model of one vector a text: refused with what they are."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

from stsbench_transformers.checkpoints.checkpoint import Checkpoint

from stsbench.plugin import ModelError

DENSE = "SentenceTransformer"
_SPARSE = "is a sparse encoder (SPLADE and the like), whose vectors have one weight a word of the vocabulary; run it as sparse-encoder:"
_MULTI = "is a multi-vector encoder (ColBERT and the like), which gives one vector a token; run it as multi-vector:"
_CROSS = "is a cross-encoder, which reads both texts together; run it as cross-encoder:"
_REFUSED = {"SparseEncoder": _SPARSE, "MultiVectorEncoder": _MULTI, "CrossEncoder": _CROSS}
_PACKAGES = {  # parts of a module's class path that tell what the model is, where its settings do not
    "sparse_encoder": _SPARSE,
    "multi_vector_encoder": _MULTI,
    "pylate": _MULTI,
    "cross_encoder": _CROSS,
}


def require_dense(checkpoint: Checkpoint, modules: Sequence[Mapping[str, Any]], settings: Mapping[str, Any]) -> None:
    """Raise ModelError for what gives no dense vector a text."""
    kind = str(settings.get("model_type", DENSE)) if modules else DENSE
    packages = {part for module in modules for part in str(module.get("type", "")).split(".")}
    reason = _REFUSED.get(kind) or next((text for name, text in _PACKAGES.items() if name in packages), None)
    if str(settings.get("similarity_fn_name")).lower() in ("maxsim", "meanmaxsim"):
        reason = _MULTI
    if reason is None and kind != DENSE:
        reason = f"is a {kind}, which is not known here; give a SentenceTransformer"
    if reason is not None:
        raise ModelError(f"model {checkpoint.label!r} {reason}")


def require_crossing(checkpoint: Checkpoint, modules: Sequence[Mapping[str, Any]], settings: Mapping[str, Any]) -> None:
    """Raise ModelError for a folder whose modules are those of another kind of model: its head for pairs would be random."""
    kind = str(settings.get("model_type") or DENSE)
    if modules and kind != "CrossEncoder":
        more = "; run it as sentence-transformers:" if kind == DENSE else "; give a cross-encoder"
        raise ModelError(f"model {checkpoint.label!r} is a {kind}, which reads one text at a time{more}")
