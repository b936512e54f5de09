"""The encoder `bert`: poolings of any checkpoint of a Hugging Face transformer, by its own configuration."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import KW_ONLY, dataclass, replace
from functools import cached_property
from typing import Literal

from stsbench.plugin import Execution, Location, Views
from stsbench_transformers.pooled import PooledStates
from stsbench_transformers.quantised import check
from stsbench_transformers.running import Running, Work, only
from stsbench_transformers.views import Pooling, choose_views, read_view
from stsbench_transformers.windows import WindowOptions, choose_windows, split_views


@dataclass(frozen=True)
class Bert(Running, WindowOptions, PooledStates):
    """Pooled hidden states of a Hugging Face transformer: each pooling of each layer is a view, all from one forward pass.

    Poolings crossed with `layers`: `cls` (first token, before any pooler), `last-token`, and `mean`, `max`, `mean-sqrt-length` and
    `weighted-mean` (by place, as SGPT has it) over all tokens, [CLS] and [SEP] included; `include_prompt=false` leaves the tokens of
    the prompt out of all of them. Poolings with layers of their own: `pooler` (the model's tanh pooler), and means over the mean of
    several layers: `first-last` (0 and last), `first1-last` (1 and last), `last-two`, `last-four`. Layer 0 is the embedding
    output; negative layers count from the end. `view` names views directly and replaces both (`mean@6`, `cls@0`, `mean@0:3:6`,
    `tokens@6`). `truncate_dim` keeps the first dimensions of vectors, one view a size (`truncate_dim=64+128` gives `mean@6/64` and
    `mean@6/128`). Weights are read from safetensors only. `max_length` counts special tokens; by default it is the tokenizer's
    limit, or the model's number of positions where that is less. What is longer is cut, or with `windows=mean+max` read whole: as few
    windows as hold it, all as long as can be alike, each with the prompt and special tokens and `overlap` tokens of the one before; views
    are the mean of their vectors, each as heavy as its tokens are many, their largest values (`mean@6.mean-windows`), and the windows
    themselves as tokens of the text (`mean@6.windows`). `batch_tokens` is the number of tokens, padding included, that
    go through the model at once (0: some hundreds on a CPU, what half of the free memory takes on a CUDA device, else 32768), `threads`
    the number of CPU threads (0: the backend's default). `backend` is `torch`, `openvino` on a CPU, whose converted model is kept in
    `cache_dir`, or `onnxruntime`, which runs the last layer of the model's own onnx/model.onnx once that agrees with the weights; `auto`
    takes openvino where it is installed and computes in `dtype`, which the processor has to have where it is not float32 (`stsbench
    doctor`), or onnxruntime where a folder brings the file and a trial, kept in `cache_dir`, finds that faster.
    """

    model: Location
    _: KW_ONLY
    pooling: Views[Sequence[Pooling]] = ("mean",)
    layers: Views[Sequence[int]] = (-1,)
    truncate_dim: Views[Sequence[int]] = ()
    view: Views[Sequence[str]] = ()
    revision: str | None = None
    max_length: int | None = None
    include_prompt: bool = True
    backend: Execution[Literal["auto", "torch", "openvino", "onnxruntime"]] = "auto"

    def __post_init__(self) -> None:
        super().__post_init__()
        _ = self.work

    @cached_property
    def work(self) -> Work:
        """What is to be run: the options, resolved against the model's configuration; raises ModelError or OptionError."""
        from stsbench_transformers.checkpoints.checkpoint import Checkpoint
        from stsbench_transformers.checkpoints.decision import decide
        from stsbench_transformers.checkpoints.limits import count_layers

        checkpoint = Checkpoint.of(self.model, self.revision)
        decision = decide(checkpoint, include_prompt=self.include_prompt)
        if self.weights:
            check(checkpoint, self.weights, self.backend, self.dtype)
        elif checkpoint.folder is not None and not checkpoint.exported:
            checkpoint.require_safetensors()
        config = checkpoint.read("config.json")
        width = config.get("hidden_size")
        depth = count_layers(checkpoint.label, config)
        names, windows = split_views(self.view)
        vectors, tokens = choose_views(
            self.pooling, self.layers, names, depth, self.truncate_dim, width if isinstance(width, int) else None
        )
        named = [replace(window, of=str(read_view(window.of, depth))) for window in windows]
        windows = choose_windows(named, tuple(map(str, vectors)), self)
        limit = None if decision.limits is None else decision.limits.resolve(self.max_length)
        return Work(checkpoint, decision, vectors, tokens, limit, only(Running, self), windows)
