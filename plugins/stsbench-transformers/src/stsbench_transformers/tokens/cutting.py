"""Which texts are longer than an encoder reads, by its tokenizer alone: no weights are read."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np

from stsbench_transformers.tokens.tokenised import Flags
from stsbench_transformers.tokens.tokenizer import LibraryTokenizer

_CHUNK = 8192  # texts tokenised at a time


def find_truncated(tokenizer: LibraryTokenizer, texts: Sequence[str], max_length: int) -> Flags:
    """Which texts have more than `max_length` tokens, special ones included, bool[u]."""
    chunks = (texts[start : start + _CHUNK] for start in range(0, len(texts), _CHUNK))
    longer = (len(ids) > max_length for chunk in chunks for ids in tokenizer.cut(chunk, None)[0])
    return np.fromiter(longer, np.bool_, len(texts))
