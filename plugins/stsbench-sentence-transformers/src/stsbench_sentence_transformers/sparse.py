"""The encoder `sparse-encoder`: a weight for some of the words of a vocabulary, as SPLADE gives."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from functools import cached_property
from typing import TYPE_CHECKING, Any

import numpy as np
from stsbench_transformers.windows import Join

from stsbench.plugin import Embeddings, Fingerprint, OptionError
from stsbench_sentence_transformers.reading.sides import read_sparse
from stsbench_sentence_transformers.sides import SidedEncoder, Task

if TYPE_CHECKING:
    from stsbench_transformers.checkpoints.decision import Decision


@dataclass(frozen=True, eq=False, kw_only=True)
class SparseTexts(SidedEncoder):
    """Sparse vectors of a model of the library's SparseEncoder (SPLADE and its kin), one sparse view named `sentence`.

    `side` says what texts are called, for a model that reads queries otherwise than documents: `none` (the default, as the library's own
    evaluator for graded pairs does), all of them a `query` or a `document`, or the left ones queries and the right ones documents
    (`pair`), with the prompts that the model has for these. `max_active_dims` keeps that many of the largest values of a vector; by
    default as many as the model's settings say. What is longer than the model reads is cut, or with `windows=max` or `windows=mean`
    read whole: divided between words into windows that fit, each read as a text of its own after the prompt, and joined by the largest
    values, as SPLADE joins those of tokens, or by the mean, where each weighs as its tokens are many. The library runs the model,
    `batch_size` texts at a time; weights are read from safetensors only, and code that comes with a model is not run.
    """

    max_active_dims: int | None = None
    windows: Join | None = None

    views = ()
    sparse_views = ("sentence",)
    token_views = ()

    def __post_init__(self) -> None:
        super().__post_init__()
        if self.max_active_dims is not None and self.max_active_dims < 1:
            raise OptionError(f"option 'max_active_dims' must be at least 1, not {self.max_active_dims}")

    @cached_property
    def decision(self) -> Decision:
        """How it is run; raises ModelError."""
        return read_sparse(self.checkpoint, self.side)

    @property
    def fingerprint(self) -> Fingerprint:
        """That of the model, and how many values are kept."""
        return super().fingerprint.extended(max_active_dims=self.max_active_dims)

    def encode(self, texts: Sequence[str], *, views: Sequence[str], prompt: str = "") -> Embeddings:
        """Sparse vectors float32[u, d] of each text with `prompt`, in order; a text depends on the others only by rounding."""
        if unknown := [view for view in views if view != "sentence"]:
            raise OptionError(f"this encoder has no view {unknown[0]!r}; it has sentence")
        from scipy.sparse import csr_array, vstack

        prompt, task = self._told(prompt)
        if not texts:
            width = self._run([""], prompt="a", task=task).shape[1]
            return Embeddings(sparse={"sentence": csr_array((0, width), dtype=np.float32)}, truncated=np.zeros(0, dtype=np.bool_))
        windows = self._divide(texts, prompt, task) if self.windows else None
        parts, rows, cut = self._encode(texts if windows is None else windows.texts, prompt, task)
        if windows is not None:
            cut = np.zeros(len(texts), dtype=np.bool_)
        if not views:
            return Embeddings(truncated=cut)
        given = csr_array(vstack(parts, format="csr")[rows])
        return Embeddings(sparse={"sentence": given if windows is None else windows.join(given, str(self.windows))}, truncated=cut)

    def _load(self) -> Any:
        from stsbench_sentence_transformers.running.sides import load_sparse

        model = load_sparse(self.checkpoint, self.decision, self.dtype, self.device)
        model.max_active_dims = self.max_active_dims or model.max_active_dims
        return model

    def _run(self, texts: list[str], *, prompt: str, task: Task) -> Any:
        from stsbench_sentence_transformers.running.sides import weigh

        return weigh(self.loaded, texts, prompt, task, self.batch_size)
