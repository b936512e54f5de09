"""A loaded model, whichever library runs it."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from typing import Protocol

from stsbench.plugin import Float32, Tokens
from stsbench_transformers.batching.batches import Packing
from stsbench_transformers.tokens.tokenised import Tokenised
from stsbench_transformers.views import View


class Engine(Protocol):
    """A loaded model with its tokenizer."""

    @property
    def facts(self) -> Mapping[str, str]:
        """Backend, device and versions."""
        ...

    @property
    def budget(self) -> int:
        """How many tokens, padding included, go through the model at once unless the user says so."""
        ...

    @property
    def packing(self) -> Packing:
        """Which texts may share a batch."""
        ...

    @property
    def checked(self) -> int:
        """How long texts may be, in tokens, before it has to be compared with torch again."""
        ...

    def tokenise(self, texts: Sequence[str], max_length: int | None) -> Tokenised:
        """Ids of each text, special tokens included."""
        ...

    def collect(
        self, tokenised: Tokenised, order: Sequence[int], batches: Iterable[slice], views: Sequence[View], skip: int = 0
    ) -> tuple[dict[str, Float32], dict[str, Tokens]]:
        """Vectors and tokens of the texts in `order`, which `batches` cuts, for each view; poolings leave out the first `skip` tokens."""
        ...
