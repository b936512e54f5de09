"""A loaded checkpoint: from texts to the ids of their tokens, and from these to vectors, with the library's arithmetic."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace
from functools import cached_property
from itertools import chain
from typing import Any

import numpy as np
from scipy.sparse import csr_array

from stsbench.plugin import Flags, Float32, Index, ModelError, OptionError
from stsbench_model2vec.files import StaticFiles

Ids = np.ndarray[Any, np.dtype[np.int64]]
_CHUNK = 8192  # texts tokenised at a time


@dataclass(frozen=True)
class Bags:
    """Ids of the tokens of consecutive texts, int64[t], with offsets intp[n + 1], and which texts were cut, bool[n]."""

    ids: Ids
    offsets: Index
    truncated: Flags

    def row(self, number: int) -> Ids:
        """The ids of one text."""
        return self.ids[self.offsets[number] : self.offsets[number + 1]]


@dataclass(frozen=True)
class TokenTable:
    """A vector for each token. `limit` is the number of tokens that a text may have, None where it is kept whole."""

    model: Any
    limit: int | None
    normalize: bool
    width: int
    label: str  # what messages call it

    @classmethod
    def load(cls, files: StaticFiles, *, max_length: int | None, normalize: bool | None, truncate_dim: int | None) -> TokenTable:
        """The checkpoint, with what it says itself where an option is None; raises ModelError or OptionError."""
        from model2vec import StaticModel

        folder = files.fetch()
        try:
            model = StaticModel.from_pretrained(folder)
        except Exception as error:  # whatever the library and those beneath it meet in files that are broken
            said = (str(error).strip().splitlines() or [""])[0].replace(str(folder), files.label)
            raise ModelError(
                f"model {files.label!r} cannot be loaded ({type(error).__name__}: {said}); check that its files are complete"
            ) from error
        if truncate_dim is not None and truncate_dim > model.dim:
            raise OptionError(
                f"option 'truncate_dim' is {truncate_dim}, but vectors of {files.label!r} have {model.dim} dimensions; give fewer"
            )
        limit = model.max_length if max_length is None else max_length or None
        return cls(model, limit, model.normalize if normalize is None else normalize, truncate_dim or model.dim, files.label)

    @cached_property
    def embedding(self) -> np.ndarray[Any, np.dtype[Any]]:
        """The rows as they are kept, in float16, float32, float64 or int8."""
        rows: np.ndarray[Any, np.dtype[Any]] = self.model.embedding[:, : self.width]
        return rows

    @property
    def size(self) -> int:
        """How many ids have a vector."""
        return len(self.model.embedding if self.model.token_mapping is None else self.model.token_mapping)

    def tokenise(self, texts: Sequence[str]) -> Bags:
        """The ids that the library averages: cut to `limit` times the median length of a token in characters, then to `limit` tokens.

        Unknown tokens are left out, which count before. A text is cut where it would have others without a limit.
        """
        parts = [self._chunk(texts[start : start + _CHUNK]) for start in range(0, len(texts), _CHUNK)]
        ids = np.concatenate([np.empty(0, dtype=np.int64), *(part.ids for part in parts)])
        lengths = np.concatenate([np.zeros(1, dtype=np.intp), *(np.diff(part.offsets) for part in parts)])
        return Bags(ids, np.cumsum(lengths), np.concatenate([np.zeros(0, dtype=np.bool_), *(part.truncated for part in parts)]))

    def _chunk(self, texts: Sequence[str]) -> Bags:
        if self.limit is None:
            return self._split(texts)[0]
        most = self.limit * self.model.median_token_length
        bags, counts = self._split([text[:most] for text in texts], self.limit)
        if not (rows := [row for row, text in enumerate(texts) if len(text) > most or counts[row] == self.limit]):
            return bags
        whole, _ = self._split([texts[row] for row in rows])
        truncated = np.zeros(len(texts), dtype=np.bool_)
        truncated[rows] = [not np.array_equal(whole.row(place), bags.row(row)) for place, row in enumerate(rows)]
        return replace(bags, truncated=truncated)

    def _split(self, texts: Sequence[str], limit: int | None = None) -> tuple[Bags, Index]:
        """Ids without unknown tokens, and how many tokens each text has with them."""
        tokenizer = self.model.tokenizer
        if limit is None:
            tokenizer.no_truncation()
        else:
            tokenizer.enable_truncation(limit)
        encoded = [one.ids for one in tokenizer.encode_batch_fast(list(texts), add_special_tokens=False)]
        counts = np.fromiter(map(len, encoded), np.intp, len(encoded))
        ids = np.fromiter(chain.from_iterable(encoded), np.int64, int(counts.sum()))
        known = ids != (-1 if self.model.unk_token_id is None else self.model.unk_token_id)
        if (most := int(ids[known].max(initial=0))) >= self.size:
            raise ModelError(
                f"the tokenizer of model {self.label!r} gives token {most}, but the model has vectors of {self.size}, from 0 on; check "
                "that both belong together"
            )
        offsets = np.concatenate([[0], np.cumsum(known)])[np.concatenate([[0], np.cumsum(counts)])].astype(np.intp)
        return Bags(ids[known], offsets, np.zeros(len(encoded), dtype=np.bool_)), counts

    def rows(self, ids: Ids) -> np.ndarray[Any, np.dtype[Any]]:
        """The vector of each id, times its weight where tokens have one, in the library's dtype."""
        places = ids if self.model.token_mapping is None else self.model.token_mapping[ids]
        taken: np.ndarray[Any, np.dtype[Any]] = self.embedding[places]
        return taken if self.model.weights is None else taken * self.model.weights[ids][:, None]

    def means(self, bags: Bags) -> Float32:
        """The mean of each text's tokens, float32[n, d]; zeros for a text without tokens.

        Each is summed by itself, token after token: it depends on no other text. It is rounded to the table's own dtype, as the library
        rounds it, but for int8.
        """
        lengths = np.diff(bags.offsets)
        used, places = _number(bags.ids, self.size)
        rows = self.rows(used)
        exact = {"float16": np.float32, "int8": np.float64}.get(rows.dtype.name, rows.dtype)
        counts = csr_array((np.ones(len(places), dtype=exact), places, bags.offsets), shape=(len(lengths), max(len(used), 1)))
        summed = counts @ (rows.astype(exact) if len(used) else np.zeros((1, self.width), dtype=exact))
        kept = np.float32 if self.embedding.dtype == np.int8 else self.embedding.dtype
        means = (summed / np.maximum(lengths, 1).astype(exact)[:, None]).astype(kept)
        if self.normalize:
            single = means.astype(np.float32)
            means = (single / (np.linalg.norm(single, axis=1, keepdims=True) + 1e-32)).astype(kept)
        vectors: Float32 = means.astype(np.float32, copy=False)
        return vectors


def _number(ids: Ids, size: int) -> tuple[Ids, Ids]:
    """Those of `size` ids that occur, ascending, and the place of each of `ids` among them."""
    occurs = np.zeros(size, dtype=np.bool_)
    occurs[ids] = True
    return np.flatnonzero(occurs), (np.cumsum(occurs) - 1)[ids]
