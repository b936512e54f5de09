"""What the tokenizer in `tokenizer.json` says by itself: no weights are read, and no library but `tokenizers`."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING

import numpy as np

from stsbench_transformers.checkpoint import Checkpoint
from stsbench_transformers.tokenised import Flags

if TYPE_CHECKING:
    from tokenizers import Tokenizer

_CHUNK = 8192  # texts tokenised at a time


def read_tokenizer(checkpoint: Checkpoint) -> Tokenizer | None:
    """The tokenizer in `tokenizer.json`, or None where there is none or `tokenizer_config.json` has it lower-case texts otherwise."""
    path, settings = checkpoint.find("tokenizer.json"), checkpoint.read("tokenizer_config.json")
    normalizer = (checkpoint.read("tokenizer.json").get("normalizer") or {}) if path is not None else {}
    if path is None or settings.get("do_lower_case", normalizer.get("lowercase")) != normalizer.get("lowercase"):
        return None
    from tokenizers import Tokenizer

    return Tokenizer.from_file(str(path))


def find_truncated(checkpoint: Checkpoint, texts: Sequence[str], max_length: int | None) -> Flags | None:
    """Which texts have more than `max_length` tokens, special ones included, bool[u]; None where `tokenizer.json` cannot tell."""
    if max_length is None:
        return np.zeros(len(texts), dtype=np.bool_)
    tokenizer = read_tokenizer(checkpoint)
    if tokenizer is None:
        return None
    tokenizer.no_truncation()
    tokenizer.no_padding()
    chunks = (texts[start : start + _CHUNK] for start in range(0, len(texts), _CHUNK))
    longer = (len(one.ids) > max_length for chunk in chunks for one in tokenizer.encode_batch(list(chunk)))
    return np.fromiter(longer, np.bool_, len(texts))
