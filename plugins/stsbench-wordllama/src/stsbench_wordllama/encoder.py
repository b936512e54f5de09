"""The encoder `wordllama`: token vectors looked up in a table, and their mean."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from functools import cached_property
from importlib.metadata import metadata, version
from typing import Any

import numpy as np

from stsbench.plugin import Embeddings, Fingerprint, Float32, ModelCard, OptionError, Tokens
from stsbench_wordllama.library import load


@dataclass(frozen=True)
class StaticVectors:
    """Token vectors that do not depend on their text. The first `encode` loads the table; `weights` is a hash of its files."""

    weights: str
    views: tuple[str, ...] = ("sentence",)
    token_views: tuple[str, ...] = ("tokens",)

    stored = False  # computing it again is as fast as reading it

    @property
    def fingerprint(self) -> Fingerprint:
        """The weights and the tokenizer."""
        return Fingerprint.of(weights=self.weights)

    @property
    def card(self) -> ModelCard:
        """The licence of the wheel that holds the table, and once it is loaded its size."""
        about = metadata("wordllama")
        licence = (about["License-Expression"] or about["License"] or "").strip().partition("\n")[0]
        return ModelCard(licence=licence or None, parameters=int(self.model.embedding.size) if "model" in vars(self) else None)

    @property
    def provenance(self) -> Mapping[str, str]:
        """Where it runs, and library versions, once the table is loaded."""
        versions = {name: version(name) for name in ("wordllama", "tokenizers")}
        return {"device": "cpu", **versions} if "model" in vars(self) else {}

    @cached_property
    def model(self) -> Any:
        """The library's model: `embedding` float32[v, d] and `tokenizer`."""
        return load()

    def prepare(self) -> None:
        """Load the table."""
        self.model  # noqa: B018 - kept

    def close(self) -> None:
        """Let go of the table."""
        vars(self).pop("model", None)

    def encode(self, texts: Sequence[str], *, views: Sequence[str], prompt: str = "") -> Embeddings:
        """Mean of the token vectors of `prompt + text`, float32[u, d], and the token vectors; a text without tokens is a zero vector."""
        for view in views:
            if view not in (*self.views, *self.token_views):
                raise OptionError(f"this encoder has the views {', '.join((*self.views, *self.token_views))}, not {view!r}")
        encoded = self.model.tokenizer.encode_batch([prompt + text for text in texts], add_special_tokens=False)
        bags = [np.array(one.ids, dtype=np.int64) for one in encoded]
        pooled = [view for view in views if view in self.views]
        means = self._means(bags) if pooled else None
        vectors = {} if means is None else {view: np.ascontiguousarray(means[:, : _size(view)]) for view in pooled}
        tokens = {view: self._tokens(bags, _size(view)) for view in views if view in self.token_views}
        return Embeddings(vectors, tokens, np.zeros(len(texts), dtype=np.bool_))

    def _means(self, bags: list[np.ndarray[Any, np.dtype[np.int64]]]) -> Float32:
        """Each text by itself, so that its vector depends on no other text, not even by rounding."""
        table: Float32 = self.model.embedding
        means = np.zeros((len(bags), table.shape[1]), dtype=np.float32)
        for row, ids in enumerate(bags):
            if len(ids):
                means[row] = table[ids].mean(axis=0, dtype=np.float32)
        return means

    def _tokens(self, bags: list[np.ndarray[Any, np.dtype[np.int64]]], size: int | None) -> Tokens:
        ids = np.concatenate([np.empty(0, dtype=np.int64), *bags])
        offsets = np.concatenate([[0], np.cumsum([len(bag) for bag in bags])]).astype(np.intp)
        pieces = {number: self.model.tokenizer.id_to_token(number) for number in np.unique(ids).tolist()}
        return Tokens(self.model.embedding[ids, :size], offsets, ids, np.zeros(len(ids), dtype=np.bool_), pieces)


def _size(view: str) -> int | None:
    """How many components a view keeps."""
    return int(view.partition("/")[2] or 0) or None
