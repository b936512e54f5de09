"""The encoder `model2vec`: token vectors looked up in a table, and their mean."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import KW_ONLY, dataclass
from functools import cached_property
from importlib.metadata import version
from typing import TYPE_CHECKING

import numpy as np

from stsbench.plugin import Embeddings, Fingerprint, Location, ModelCard, OptionError, Tokens
from stsbench_model2vec.files import StaticFiles

if TYPE_CHECKING:
    from stsbench_model2vec.table import Bags, TokenTable


@dataclass(frozen=True)
class StaticEncoder:
    """Mean of static token vectors, of a checkpoint of model2vec such as `minishlab/potion-base-8M`; no torch.

    A token's vector is the same in every text; principal components and token weights that a model was distilled with are in its table,
    and a vocabulary or numbers that were quantised are read as the library reads them. `max_length` is the number of tokens that are
    kept (by default the model's own, which is 512 where it states none; 0: all of them), `normalize` whether vectors have length 1 (by
    default as the model says), and `truncate_dim` keeps the first components of each token. Unknown tokens are left out; a text without
    tokens is a zero vector.
    """

    model: Location
    _: KW_ONLY
    revision: str | None = None
    max_length: int | None = None
    normalize: bool | None = None
    truncate_dim: int | None = None

    views = ("sentence",)
    token_views = ("tokens",)
    stored = False  # computing it again is as fast as reading it

    def __post_init__(self) -> None:
        if self.max_length is not None and self.max_length < 0:
            raise OptionError(f"option 'max_length' must be a number of tokens, or 0 to keep all of them, not {self.max_length}")
        if self.truncate_dim is not None and self.truncate_dim < 1:
            raise OptionError(f"option 'truncate_dim' must be at least 1, not {self.truncate_dim}")
        _ = self.files

    @cached_property
    def files(self) -> StaticFiles:
        """Where its files are; raises ModelError or OptionError."""
        return StaticFiles.of(self.model, self.revision)

    @property
    def fingerprint(self) -> Fingerprint:
        """Weights, commit, truncation of texts and dimensions, and normalisation."""
        return Fingerprint.of(
            weights=self.files.identity,
            revision=self.files.commit,
            max_length="model" if self.max_length is None else self.max_length,
            normalize="model" if self.normalize is None else self.normalize,
            truncate_dim=self.truncate_dim,
        )

    @property
    def card(self) -> ModelCard:
        """What the model's README declares, and the number of its weights once they are here."""
        return self.files.card

    @property
    def provenance(self) -> Mapping[str, str]:
        """What the model says for itself, where it runs, and library versions, once the table is loaded."""
        if "table" not in vars(self):
            return {}
        return {
            "device": "cpu",
            "dtype": self.table.embedding.dtype.name,
            "max_length": str(self.table.limit or "none"),
            "normalize": str(self.table.normalize).lower(),
            **{name: version(name) for name in ("model2vec", "tokenizers")},
        }

    @cached_property
    def table(self) -> TokenTable:
        """The loaded vectors and their tokenizer."""
        from stsbench_model2vec.table import TokenTable

        return TokenTable.load(self.files, max_length=self.max_length, normalize=self.normalize, truncate_dim=self.truncate_dim)

    def prepare(self) -> None:
        """Load the table."""
        self.table  # noqa: B018 - kept

    def close(self) -> None:
        """Let go of the table."""
        vars(self).pop("table", None)

    def encode(self, texts: Sequence[str], *, views: Sequence[str], prompt: str = "") -> Embeddings:
        """Mean of the token vectors of `prompt + text`, float32[u, d], and the token vectors; a text without tokens is a zero vector."""
        for view in views:
            if view not in (*self.views, *self.token_views):
                raise OptionError(f"model2vec has the views sentence and tokens, not {view!r}")
        bags = self.table.tokenise([prompt + text for text in texts])
        vectors = {"sentence": self.table.means(bags)} if "sentence" in views else {}
        tokens = {"tokens": self._tokens(bags)} if "tokens" in views else {}
        return Embeddings(vectors, tokens, bags.truncated)

    def _tokens(self, bags: Bags) -> Tokens:
        pieces = {number: self.table.model.tokenizer.id_to_token(number) or "" for number in np.unique(bags.ids).tolist()}
        values = self.table.rows(bags.ids).astype(np.float32)
        return Tokens(values, bags.offsets, bags.ids, np.zeros(len(bags.ids), dtype=np.bool_), pieces)
