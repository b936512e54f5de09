"""Folders of sentence-transformers that hold no model of one vector a text: refused with what they are."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from pathlib import PurePosixPath
from typing import Any

from stsbench_transformers.checkpoint import Checkpoint

from stsbench.plugin import ModelError

DENSE = "SentenceTransformer"
_SPARSE = "is a sparse encoder (SPLADE and the like), whose vectors have one weight a word of the vocabulary; give a model of dense vectors"
_MULTI = "is a multi-vector encoder (ColBERT and the like), which gives one vector a token; give a model of one vector a text"
_CROSS = "is a cross-encoder, which reads both texts together; run it as cross-encoder:"
_REFUSED = {"SparseEncoder": _SPARSE, "MultiVectorEncoder": _MULTI, "CrossEncoder": _CROSS}
_PACKAGES = {  # parts of a module's class path that tell what the model is, where its settings do not
    "sparse_encoder": _SPARSE,
    "multi_vector_encoder": _MULTI,
    "pylate": _MULTI,
    "cross_encoder": _CROSS,
}


def require_dense(checkpoint: Checkpoint, modules: Sequence[Mapping[str, Any]], settings: Mapping[str, Any]) -> str | None:
    """The route that every text takes where the first module is a router, else None; raises ModelError for what is no dense model."""
    kind = str(settings.get("model_type") or DENSE) if modules else DENSE
    packages = {part for module in modules for part in str(module.get("type", "")).split(".")}
    found = _REFUSED.get(kind) or next((text for name, text in _PACKAGES.items() if name in packages), None)
    if str(settings.get("similarity_fn_name")).lower() in ("maxsim", "meanmaxsim"):
        found = _MULTI
    if found is None and kind != DENSE:
        found = f"is a {kind}, which is not known here; give a SentenceTransformer"
    if found is not None:
        raise ModelError(f"model {checkpoint.label!r} {found}")
    names = [str(module.get("type", "")).rpartition(".")[2] for module in modules[:1]]
    return _route(checkpoint, str(modules[0]["path"])) if names and names[0] in ("Router", "Asym") else None


def require_crossing(checkpoint: Checkpoint, modules: Sequence[Mapping[str, Any]], settings: Mapping[str, Any]) -> None:
    """Raise ModelError for a folder whose modules are those of another kind of model: its head for pairs would be random."""
    kind = str(settings.get("model_type") or DENSE)
    if modules and kind != "CrossEncoder":
        more = "; run it as sentence-transformers:" if kind == DENSE else "; give a cross-encoder"
        raise ModelError(f"model {checkpoint.label!r} is a {kind}, which reads one text at a time{more}")


def _route(checkpoint: Checkpoint, path: str) -> str:
    """The route that a router sends a text along that is neither called a query nor a document."""
    names = [str(PurePosixPath(path, name)) for name in ("router_config.json", "config.json")]
    config = next((found for name in names if (found := checkpoint.read(name))), {})
    chosen, routes = dict(config.get("parameters") or {}), list(config.get("structure") or {})
    first = routes[0] if routes and chosen.get("allow_empty_key", True) else None
    mapped = dict(chosen.get("route_mappings") or {})
    route = mapped.get("(None, 'text')") or mapped.get("(None, None)") or ("text" if "text" in routes else None)
    if (route := route or chosen.get("default_route") or first) is None:
        raise ModelError(
            f"model {checkpoint.label!r} sends texts along routes ({', '.join(routes) or 'none named'}) and names no default_route, "
            f"while both texts of a pair are read alike here; add default_route to {names[0]}"
        )
    return str(route)
