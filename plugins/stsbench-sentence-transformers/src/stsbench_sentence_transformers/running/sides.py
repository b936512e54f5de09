"""Sparse and multi-vector encoders as the library runs them, in batches in which a text gets what it gets alone. Imports torch."""

from __future__ import annotations

from collections.abc import Sequence
from functools import partial
from typing import Any

import numpy as np
import torch
from sentence_transformers import MultiVectorEncoder, SparseEncoder
from stsbench_transformers.batching.batches import Packing
from stsbench_transformers.checkpoints.checkpoint import Checkpoint
from stsbench_transformers.checkpoints.decision import Decision
from stsbench_transformers.checkpoints.limits import UNLIMITED

from stsbench.plugin import Flags, Float32, ModelError, OptionError, Sparse, Tokens
from stsbench_sentence_transformers.reading.sides import prompt_of
from stsbench_sentence_transformers.running.alone import grouped, try_texts
from stsbench_sentence_transformers.running.confirming import require_padding
from stsbench_sentence_transformers.running.loading import load
from stsbench_sentence_transformers.windows import Windows

Task = str | None


def load_sided(kind: type[Any], checkpoint: Checkpoint, decision: Decision, dtype: str, device: str) -> Any:
    """The model, all in `dtype`, and made and prompted as its files say; raises ModelError or OptionError."""
    model = load(kind, checkpoint, decision, dtype, device)
    modules = tuple(type(module).__name__ for module in model)
    prompts = {name: prompt_of(model.prompts, name) or "" for name in ("query", "document")}
    if decision.modules != modules or any(prompt_of(decision.prompts, name) != prompt for name, prompt in prompts.items()):
        raise ModelError(
            f"sentence-transformers runs model {checkpoint.label!r} as {' > '.join(modules)} with the prompts {prompts}, where its files "
            f"say {' > '.join(decision.modules)}; this is a fault of stsbench, please report it"
        )
    for task in ("query", "document"):
        require_padding(checkpoint, getattr(reading(model, task), "tokenizer", None))
    return model.to(getattr(torch, dtype))


load_sparse, load_tokens = partial(load_sided, SparseEncoder), partial(load_sided, MultiVectorEncoder)


def reading(model: Any, task: Task) -> Any:
    """The module that reads texts of that task."""
    first = model[0]
    return first.sub_modules[first._resolve_route(task=task, modality="text")][0] if hasattr(first, "sub_modules") else first


def weigh(model: Any, texts: list[str], prompt: str, task: Task, batch_size: int) -> Sparse:
    """Sparse vectors of texts, float32[n, d]."""
    from scipy.sparse import csr_array

    check: Any = torch.sparse.check_sparse_tensor_invariants  # torch warns unless it is told that it need not
    with check(enable=False):
        rows = model.encode(texts, prompt=prompt, task=task, batch_size=batch_size, save_to_cpu=True, show_progress_bar=False).coalesce()
    places, values = rows.indices().numpy(), rows.values().float().numpy()
    return csr_array((values, (places[0], places[1])), shape=tuple(rows.shape), dtype=np.float32)


def split(model: Any, texts: list[str], prompt: str, task: Task, batch_size: int) -> Tokens:
    """The token vectors that the library scores texts by: those that its mask leaves."""
    given = model.encode(texts, prompt=prompt, task=task, batch_size=batch_size, output_value=None, show_progress_bar=False)
    masks = [one["attention_mask"].bool().cpu() for one in given]
    values = [one["token_embeddings"].float().cpu()[mask].numpy() for one, mask in zip(given, masks, strict=True)]
    ids = np.concatenate([one["input_ids"].cpu()[mask].numpy() for one, mask in zip(given, masks, strict=True)])
    known = np.unique(ids).tolist()
    pieces = dict(zip(known, map(str, model.tokenizer.convert_ids_to_tokens(known)), strict=True))
    offsets = np.concatenate([[0], np.cumsum([len(own) for own in values])])
    return Tokens(np.concatenate(values), offsets.astype(np.intp), ids, np.isin(ids, model.tokenizer.all_special_ids), pieces)


def find_batches(model: Any, run: Any, prompt: str, task: Task, dtype: str) -> Packing:
    """The largest batches in which texts of a task get what they get alone; `run` gives rows of them."""
    module = getattr(reading(model, task), "auto_model", None)
    config = {} if module is None else dict(module.config.to_dict())
    return try_texts(run, partial(count_tokens, model, prompt, task), dtype, config)


def count_tokens(model: Any, prompt: str, task: Task, texts: list[str]) -> list[int]:
    """Tokens of each text as the model reads it."""
    mask = model.preprocess(texts, prompt=prompt, task=task)["attention_mask"]
    counts: list[int] = mask.sum(dim=1).tolist()
    return counts


def spread(run: Any, count: Any, packing: Packing, texts: list[str]) -> tuple[list[Any], np.ndarray[Any, np.dtype[np.intp]]]:
    """What `run` gives of texts that may share a batch, part by part, and where each text is found in them."""
    groups = grouped(count, packing, texts)
    return [run([texts[row] for row in rows]) for rows in groups], np.argsort(np.concatenate(groups))


def find_limit(model: Any, task: Task) -> int | None:
    """Tokens of a text at most, special ones and the prompt's included; None where there is no limit."""
    module = reading(model, task)
    limit: int | None = getattr(module, "max_seq_length", None)
    expansion = getattr(module, "query_expansion", None) if task == "query" else None
    by_task = getattr(module, f"{task}_length", None) if task else None
    if expansion is not None and expansion["strategy"] == "fixed":
        limit = expansion["length"]
    elif by_task is not None:
        limit = max(by_task, expansion["length"]) if expansion is not None else by_task
    return None if limit is None or limit >= UNLIMITED else limit


def find_cut(model: Any, texts: Sequence[str], task: Task) -> Flags | None:
    """Which texts the tokenizer cuts, bool[n]; None where it cannot tell."""
    module = reading(model, task)
    tokenizer: Any = getattr(module, "tokenizer", None)
    if not getattr(tokenizer, "is_fast", False):
        return None
    limit = find_limit(model, task)
    if not texts or limit is None:
        return np.zeros(len(texts), dtype=np.bool_)
    encodings = tokenizer(list(texts), truncation=True, max_length=limit, add_special_tokens=_marks(module), verbose=False).encodings
    return np.array([bool(encoding.overflowing) for encoding in encodings], dtype=np.bool_)


def divide(model: Any, texts: Sequence[str], prompt: str, task: Task) -> Windows:
    """The windows of texts that follow `prompt`; raises OptionError where its tokenizer cannot tell them, or the prompt leaves no room."""
    module, limit = reading(model, task), find_limit(model, task)
    tokenizer: Any = getattr(module, "tokenizer", None)
    if limit is not None and not getattr(tokenizer, "is_fast", False):
        raise OptionError("windows are told by a tokenizer of the tokenizers library, which this model has not; leave them out")
    encode = partial(tokenizer, add_special_tokens=_marks(module), verbose=False)
    return Windows.of(texts, prompt, limit, lambda text: encode(text).encodings[0])


def _marks(module: Any) -> bool:
    """Whether it puts special tokens around a text."""
    return type(module).__name__ != "SparseStaticEmbedding"


def probe(rows: Sparse | Tokens) -> list[Float32]:
    """Rows to compare, a text each."""
    return [own.reshape(-1) for own in rows] if isinstance(rows, Tokens) else list(rows.toarray())
