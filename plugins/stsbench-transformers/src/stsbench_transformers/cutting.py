"""What the tokenizer in `tokenizer.json` says by itself: no weights are read, and no library but `tokenizers`."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import TYPE_CHECKING, Any

import numpy as np

from stsbench_transformers.checkpoint import Checkpoint
from stsbench_transformers.tokenised import Flags

if TYPE_CHECKING:
    from tokenizers import Tokenizer

_CHUNK = 8192  # texts tokenised at a time


def read_tokenizer(checkpoint: Checkpoint) -> Tokenizer | None:
    """The tokenizer in `tokenizer.json`, or None where there is none or `tokenizer_config.json` has it normalise texts otherwise."""
    path, settings = checkpoint.find("tokenizer.json"), checkpoint.read("tokenizer_config.json")
    if path is None or not _normalises_so(settings, checkpoint.read("tokenizer.json").get("normalizer") or {}):
        return None
    from tokenizers import Tokenizer

    return Tokenizer.from_file(str(path))


def _normalises_so(settings: Mapping[str, Any], normalizer: Mapping[str, Any]) -> bool:
    """Whether transformers, which builds BERT's normalizer from the settings and their defaults, comes to the one that is there."""
    if normalizer.get("type") != "BertNormalizer":
        return all(settings.get(name) is None for name in ("do_lower_case", "strip_accents", "tokenize_chinese_chars"))
    asked = settings.get("do_lower_case", True), settings.get("strip_accents"), settings.get("tokenize_chinese_chars", True)
    return _in_effect(*asked) == _in_effect(*(normalizer.get(name) for name in ("lowercase", "strip_accents", "handle_chinese_chars")))


def _in_effect(lowercase: object, strip_accents: object, chinese: object) -> tuple[object, ...]:
    return lowercase, lowercase if strip_accents is None else strip_accents, chinese


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
