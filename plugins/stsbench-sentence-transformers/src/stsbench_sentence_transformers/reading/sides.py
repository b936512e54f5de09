"""Sparse and multi-vector encoders, which may read queries otherwise than documents: how they are run, read from their files."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any, Final, Literal

from stsbench_transformers.checkpoints.checkpoint import Checkpoint, blaming
from stsbench_transformers.checkpoints.decision import Decision, padding_side, read_prompts
from stsbench_transformers.checkpoints.limits import LengthLimits, require_positions

from stsbench.plugin import ModelError
from stsbench_sentence_transformers.reading.files import Files, short
from stsbench_sentence_transformers.reading.routing import Routes

Side = Literal["none", "query", "document", "pair"]
TASKS: Final[Mapping[Side, tuple[str | None, ...]]] = {
    "none": (None,),
    "query": ("query",),
    "document": ("document",),
    "pair": ("query", "document"),
}
_PROMPTS = {"query": ("query",), "document": ("document", "passage", "corpus")}  # as encode_query and encode_document look for them
_SPARSE = {"Transformer", "MLMTransformer", "SpladePooling", "SparseStaticEmbedding", "IDF", "Pooling", "SparseAutoEncoder", "CSRSparsity"}
_TOKENS = ("Transformer", "Dense", "MultiVectorMask", "Normalize")
_STANFORD = {"query": ("query_token_id", "[unused0]"), "document": ("doc_token_id", "[unused1]")}
_MAXSIM = {"maxsim": "maxsim-sum", "meanmaxsim": "bertscore-recall"}  # what the library calls so, by its name here


def prompt_of(prompts: Mapping[str, str], side: str) -> str:
    """The prompt that the library puts before a text of that side."""
    return next((prompts[name] for name in _PROMPTS[side] if name in prompts), "")


@blaming
def read_sparse(checkpoint: Checkpoint, side: Side) -> Decision:
    """The decision for a sparse encoder; raises ModelError for what is none, or would be filled in at random."""
    task, *_ = TASKS[side]
    files = Files(checkpoint, task)
    architectures = [str(name) for name in files.config.get("architectures") or ()]
    if files.modules is None:
        if not any(name.endswith("ForMaskedLM") for name in architectures):
            raise ModelError(
                f"model {checkpoint.label!r} is no sparse encoder: it has neither modules.json nor a head for masked words, and what the "
                "library would put behind it is random"
            )
        modules: tuple[str, ...] = ("Transformer", "SpladePooling")
    else:
        _require(checkpoint, files.settings, ("SparseEncoder",), "sparse encoder")
        modules = tuple(map(short, files.kinds))
        inner = () if files.routes is None else tuple(files.routes.types.values())
        unknown = {short(kind) for kind in (*files.kinds, *inner)} - _SPARSE - {"Router", "Asym"}
        if unknown or any("." in kind for kind in files.kinds):
            raise ModelError(f"model {checkpoint.label!r} has a module that is not known here ({min(unknown or files.kinds)})")
    pooling = [str(files.read(path).get("pooling_strategy", "max")) for path in _of_kind(files, "SpladePooling")]
    return _decision(files, modules, tuple(pooling) or (("max",) if files.modules is None else ()), read_prompts(checkpoint), side)


@blaming
def read_tokens(checkpoint: Checkpoint, side: Side) -> Decision:
    """The decision for a multi-vector encoder; raises ModelError for what is none, or would be filled in at random."""
    files = Files(checkpoint)
    prompts = dict(read_prompts(checkpoint))
    if files.modules is None:
        if "HF_ColBERT" not in (files.config.get("architectures") or ()):
            raise ModelError(
                f"model {checkpoint.label!r} is no multi-vector encoder: it has no modules.json, and the projection that the "
                "library would put behind it is random"
            )
        stated = checkpoint.read("artifact.metadata")
        prompts = {name: f"{stated.get(key) or mark} " for name, (key, mark) in _STANFORD.items()} | prompts
        return _decision(files, _TOKENS, (), prompts, side)
    _require(checkpoint, files.settings, ("MultiVectorEncoder", "ColBERT"), "multi-vector encoder")
    modules = tuple(map(short, files.kinds))
    if files.settings.get("model_type") == "ColBERT":  # saved by PyLate, which kept what follows the layers to itself
        modules += _TOKENS[2:]
    for name in ("query", "document"):  # PyLate's marks, which it put before a prompt
        if (prefix := files.settings.get(f"{name}_prefix")) is not None:
            prompts[name] = prefix + prompts.get(name, "").removeprefix(prefix)
    if modules[0] != "Transformer" or set(modules) - set(_TOKENS) or "MultiVectorMask" not in modules:
        raise ModelError(
            f"model {checkpoint.label!r} is made of modules that are not known here ({' > '.join(modules)}); "
            f"give one of {', '.join(_TOKENS)}"
        )
    if modules[-1] != "Normalize":
        raise ModelError(
            f"model {checkpoint.label!r} does not scale its token vectors to length 1, which MaxSim is here the sum of cosines of"
        )
    return _decision(files, modules, (), prompts, side)


def _require(checkpoint: Checkpoint, settings: Mapping[str, Any], kinds: Sequence[str], what: str) -> None:
    if (kind := str(settings.get("model_type", "SentenceTransformer"))) not in kinds:
        raise ModelError(
            f"model {checkpoint.label!r} is a {kind}, and no {what}; what the library would add to make it one is random"
            + ("; run it as sentence-transformers:" if kind == "SentenceTransformer" else "")
        )


def _of_kind(files: Files, kind: str) -> list[str]:
    if files.modules is None:
        return []
    inner = {} if files.routes is None else dict(files.routes.types)
    return [path for path, own in [*zip(files.paths, files.kinds, strict=True), *inner.items()] if short(own) == kind]


def _decision(files: Files, modules: tuple[str, ...], pooling: tuple[str, ...], prompts: Mapping[str, str], side: Side) -> Decision:
    require_positions(files.checkpoint.label, files.config)
    named = str(files.settings.get("similarity_fn_name"))
    routes = None
    if files.routes is not None:
        taken = [Routes.read(files.checkpoint, files.paths[0], task).taken for task in TASKS[side]]
        routes = " for queries, ".join(taken) + (" for documents" if len(taken) > 1 else "")
    transformer = short(modules[0]) in ("Transformer", "MLMTransformer")
    limits = LengthLimits.of(files.config, files.tokenizer.get("model_max_length"), files.reading.get("max_seq_length"))
    return Decision(
        modules=modules,
        pooling=pooling,
        dimensions=None,
        limits=limits if transformer else None,
        padding=padding_side(files.tokenizer) if transformer else "",
        prompts=prompts,
        folders=files.weighed if files.modules is not None else ("",),
        default_prompt=files.settings.get("default_prompt_name"),
        similarity=_MAXSIM.get(named, named if named in ("cosine", "dot", "euclidean", "manhattan") else None),
        route=routes,
        library="sparse and multi-vector encoders are run by the library alone",
    )
