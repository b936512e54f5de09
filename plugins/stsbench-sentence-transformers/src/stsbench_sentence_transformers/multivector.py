"""The encoder `multi-vector`: a vector for each token, as ColBERT gives."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace
from functools import cached_property
from typing import TYPE_CHECKING, Any

import numpy as np

from stsbench.plugin import Embeddings, OptionError, Tokens
from stsbench_sentence_transformers.reading.sides import Side, read_tokens
from stsbench_sentence_transformers.sides import SidedEncoder, Task

if TYPE_CHECKING:
    from stsbench_transformers.checkpoints.decision import Decision


@dataclass(frozen=True, eq=False, kw_only=True)
class MultiVector(SidedEncoder):
    """Token vectors of a model of the library's MultiVectorEncoder (ColBERT and its kin), one token view named `tokens`.

    `side` says what texts are called: `pair` (the default), the left ones queries and the right ones documents, with the prompts, query
    expansion and skip lists that the model has for these, as late interaction is scored; or all of them `query`, `document` or `none`,
    which the library reads as documents without a prompt. `maxsim-sum` is the library's MaxSim, `maxsim` the mean of both directions.
    A text that is longer than the model reads is cut; with `windows=true` documents are read whole: divided between words into windows
    that fit, each read as a text of its own after the prompt, and a document has the tokens of all its windows. Queries stay as they are.
    The library runs the model, `batch_size` texts at a time; weights are read from safetensors only, and code that comes with a model is
    not run.
    """

    side: Side = "pair"
    windows: bool = False

    views = ()
    token_views = ("tokens",)

    def __post_init__(self) -> None:
        super().__post_init__()
        if self.windows and self.side == "query":
            raise OptionError(
                "windows are of documents, and side=query makes queries of all texts; leave out 'windows', or take another side"
            )

    @cached_property
    def decision(self) -> Decision:
        """How it is run; raises ModelError."""
        return read_tokens(self.checkpoint, self.side)

    def encode(self, texts: Sequence[str], *, views: Sequence[str], prompt: str = "") -> Embeddings:
        """The vectors of each text's tokens with `prompt`, in order; a text depends on the others only by rounding."""
        if unknown := [view for view in views if view != "tokens"]:
            raise OptionError(f"this encoder has no view {unknown[0]!r}; it has tokens")
        prompt, task = self._told(prompt)
        if not texts:
            return Embeddings(tokens={"tokens": self._run(["a"], prompt=prompt, task=task).take(np.empty(0, dtype=np.intp))})
        windows = self._divide(texts, prompt, task) if self.windows and task != "query" else None
        parts, rows, cut = self._encode(texts if windows is None else windows.texts, prompt, task)
        if windows is not None:
            cut = np.zeros(len(texts), dtype=np.bool_)
        if not views:
            return Embeddings(truncated=cut)
        given = Tokens.concatenate(parts).take(rows)
        if windows is not None:
            given = replace(given, offsets=given.offsets[windows.offsets])
        return Embeddings(tokens={"tokens": given}, truncated=cut)

    def _load(self) -> Any:
        from stsbench_sentence_transformers.running.sides import load_tokens

        return load_tokens(self.checkpoint, self.decision, self.dtype, self.device)

    def _run(self, texts: list[str], *, prompt: str, task: Task) -> Any:
        from stsbench_sentence_transformers.running.sides import split

        return split(self.loaded, texts, prompt, task, self.batch_size)
