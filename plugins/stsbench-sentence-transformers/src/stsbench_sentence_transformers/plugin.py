"""The hooks of this distribution. Importing it imports neither torch nor sentence_transformers."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Literal

from stsbench.plugin import Component, Encoder, Execution, Location, Similarity, hookimpl


def sentence_transformers(
    model: Location,
    /,
    *,
    revision: str | None = None,
    dtype: Literal["float32", "bfloat16", "float16"] = "float32",
    truncate_dim: int | None = None,
    max_length: int | None = None,
    normalize: bool = False,
    trust_remote_code: bool = False,
    device: Execution[str] = "auto",
    batch_size: Execution[int] = 32,
    batch_tokens: Execution[int] = 0,
    threads: Execution[int] = 0,
    backend: Execution[Literal["auto", "torch", "openvino", "library"]] = "auto",
    cache_dir: Execution[str] = "",
) -> Encoder:
    """Sentence vectors of a sentence-transformers model, one view named `sentence`.

    `truncate_dim` keeps the first dimensions (Matryoshka models; by default as many as the model's settings say), before `normalize`
    scales vectors to length 1. `max_length` counts special tokens; by default it is the model's own. Weights are read from safetensors
    only. A default prompt in the model's configuration is not applied unless the system chooses it. `trust_remote_code` runs Python
    code that comes with the model. A model of a transformer, a pooling, dense layers and normalisation is run as `bert` runs it, with
    the same `backend`, `batch_tokens`, `threads` and `cache_dir`; its vectors are those of the library within 1e-5. Any other is run
    by sentence-transformers itself (`backend=library`), `batch_size` texts at a time; the provenance says which it was, and why.
    """
    from stsbench_sentence_transformers.encoder import SentenceEncoder

    return SentenceEncoder.build(
        model,
        revision=revision,
        dtype=dtype,
        truncate_dim=truncate_dim,
        max_length=max_length,
        normalize=normalize,
        trust_remote_code=trust_remote_code,
        device=device,
        batch_size=batch_size,
        batch_tokens=batch_tokens,
        threads=threads,
        backend=backend,
        cache_dir=cache_dir,
    )


def cross_encoder(
    model: Location,
    /,
    *,
    revision: str | None = None,
    dtype: Literal["float32", "bfloat16", "float16"] = "float32",
    max_length: int | None = None,
    device: Execution[str] = "auto",
    batch_size: Execution[int] = 32,
) -> Similarity:
    """Score of a cross-encoder of one label, which reads both texts together: the mean of both orders.

    Scores are what the model's own activation gives. How far apart both orders are is in the record's provenance. `max_length`
    counts the tokens of both texts and special ones; by default it is the model's own. Weights are read from safetensors only.
    A model that was trained on the pairs of a benchmark is no fair row there, and nothing in its files says so: declare it, as in
    `trained_on=STSBenchmark:train`, and its figures on data that share pairs with those are flagged `leaked`.
    """
    from stsbench_sentence_transformers.crossing import CrossScorer

    return CrossScorer.build(model, revision=revision, dtype=dtype, max_length=max_length, device=device, batch_size=batch_size)


@hookimpl
def stsbench_similarities() -> Iterable[Component[Similarity]]:
    """The pair scorer `cross-encoder`."""
    return [Component("cross-encoder", cross_encoder, needs="texts", numerics=2)]


@hookimpl
def stsbench_encoders() -> Iterable[Component[Encoder]]:
    """The encoder `sentence-transformers`."""
    return [Component("sentence-transformers", sentence_transformers, gives=frozenset({"vectors"}), numerics=2)]
