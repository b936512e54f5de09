"""The hooks of this distribution. Importing it imports neither torch nor transformers."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from typing import Literal

from stsbench.plugin import Component, Encoder, Execution, Location, Views, hookimpl
from stsbench_transformers.views import Pooling


def bert(
    model: Location,
    /,
    *,
    pooling: Views[Sequence[Pooling]] = ("mean",),
    layers: Views[Sequence[int]] = (-1,),
    view: Views[Sequence[str]] = (),
    revision: str | None = None,
    max_length: int | None = None,
    dtype: Literal["float32", "bfloat16", "float16"] = "float32",
    device: Execution[str] = "auto",
    batch_tokens: Execution[int] = 0,
    threads: Execution[int] = 0,
    backend: Execution[Literal["auto", "torch", "openvino"]] = "auto",
    cache_dir: Execution[str] = "",
) -> Encoder:
    """Pooled hidden states of a Hugging Face transformer: each pooling of each layer is a view, all from one forward pass.

    Poolings crossed with `layers`: `cls` (first token, before any pooler), `mean`, `max` and `mean-sqrt-length` over all tokens,
    [CLS] and [SEP] included. Poolings with layers of their own: `pooler` (the model's tanh pooler), and means over the mean of
    several layers: `first-last` (0 and last), `first1-last` (1 and last), `last-two`, `last-four`. Layer 0 is the embedding
    output; negative layers count from the end. `view` names views directly and replaces both (`mean@6`, `cls@0`, `mean@0:3:6`,
    `tokens@6`). Weights are read from safetensors only. `max_length` counts special tokens; by default it is the tokenizer's
    limit, or the model's number of positions where that is less. `batch_tokens` is the number of tokens, padding included, that
    go through the model at once (0: 1024 on a CPU, what half of the free memory takes on a CUDA device, else 32768), `threads` the
    number of CPU threads (0: the backend's default). `backend` is `torch`, or `openvino` on a CPU, whose converted model is kept in
    `cache_dir`; `auto` takes openvino where it is installed and computes in `dtype`, which the processor has to have where it is not
    float32 (`stsbench doctor`).
    """
    from stsbench_transformers.encoder import PooledTransformer

    return PooledTransformer.build(
        model,
        pooling=pooling,
        layers=layers,
        view=view,
        revision=revision,
        max_length=max_length,
        dtype=dtype,
        device=device,
        batch_tokens=batch_tokens,
        threads=threads,
        backend=backend,
        cache_dir=cache_dir,
    )


@hookimpl
def stsbench_encoders() -> Iterable[Component[Encoder]]:
    """The encoder `bert`."""
    return [Component("bert", bert, gives=frozenset({"vectors", "tokens"}), numerics=2)]
