"""The tokenizer that transformers makes of a checkpoint, settled once and kept; read again by the library `tokenizers` alone.

`tokenizer.json` is not it: transformers rebuilds a tokenizer from its class, its settings and its added tokens.
"""

from __future__ import annotations

from collections.abc import Sequence
from contextlib import suppress
from dataclasses import asdict, dataclass, field
from functools import cached_property
from importlib.metadata import version
from pathlib import Path
from typing import Any

import numpy as np
from tokenizers import Tokenizer

from stsbench.plugin import digest
from stsbench_transformers.checkpoints.checkpoint import Checkpoint
from stsbench_transformers.kept import read_kept, write_kept
from stsbench_transformers.tokens.tokenised import Flags, Ids, Tokenised, tokenise

_FORMAT = "3"  # of the kept document
_CHUNK = 8192  # texts tokenised at a time
_PROBES = (
    "",
    "   ",
    "a",
    " a  b ",
    "A Man is playing THE guitar; isn't he?",
    "Café naïve Übergröße, e\u0301 \ufb01 \u212b",
    "你好世界 日本語のテキスト 안녕하세요",
    "مرحبا שלום नमस्ते",
    "3.14159 1,000 0x1F a_b-c/d@e.f #tag",
    "tab\tline\nbreak\r\n\u00a0\u200bend",
    "😀👩‍👩‍👧 \u0007 \ufffd",
    "word " * 40,
)


@dataclass(frozen=True)
class LibraryTokenizer:
    """The tokenizer as `tokenizers` writes it, and what transformers knows besides; `obstacle` says why there is none, if so."""

    document: str = ""
    side: str = "right"  # on which long texts are cut
    filler: int = 0
    specials: int = 0
    split: bool = False  # whether special tokens that stand in a text are text
    special: list[int] = field(default_factory=list)  # ids of special tokens, wherever they stand
    obstacle: str = ""

    @cached_property
    def backend(self) -> Tokenizer:
        """The tokenizer itself."""
        made = Tokenizer.from_str(self.document)
        made.no_padding()
        made.no_truncation()
        made.encode_special_tokens = self.split
        return made

    def tokenise(self, texts: Sequence[str], max_length: int | None) -> Tokenised:
        """Ids of each text with special tokens, cut to `max_length` of them."""
        return tokenise(self.cut, texts, max_length, self.specials)

    def cut(self, texts: Sequence[str], max_length: int | None) -> tuple[list[Ids], list[Flags]]:
        """Ids and special-token flags of each text."""
        if max_length is None:
            self.backend.no_truncation()
        else:
            self.backend.enable_truncation(max_length, direction=self.side)
        cuts = self.backend.encode_batch_fast(list(texts))
        return [np.array(one.ids, dtype=np.int64) for one in cuts], [np.array(one.special_tokens_mask, dtype=np.bool_) for one in cuts]

    @property
    def closes(self) -> bool:
        """Whether it puts a special token behind every text."""
        if self.obstacle:
            return False
        (ids,), (marks,) = self.cut(["a"], None)
        return bool(marks[-1:].any()) and int(ids[-1]) in self.special

    def longer(self, texts: Sequence[str], max_length: int) -> Flags:
        """Which texts have more than `max_length` tokens, special ones included, bool[u]."""
        chunks = (texts[start : start + _CHUNK] for start in range(0, len(texts), _CHUNK))
        return np.fromiter((len(ids) > max_length for chunk in chunks for ids in self.cut(chunk, None)[0]), np.bool_, len(texts))

    def pieces(self, ids: list[int]) -> list[str]:
        """The vocabulary's text of each id."""
        return [self.backend.id_to_token(one) or "" for one in ids]


def settle(checkpoint: Checkpoint, cache_dir: str) -> LibraryTokenizer:
    """The tokenizer that transformers uses for the checkpoint, from `cache_dir` if it was asked before. Raises ModelError.

    Otherwise transformers is imported and asked; the answer is kept where there is a folder for it.
    """
    if not cache_dir:
        return _ask(checkpoint)
    facts = (_FORMAT, checkpoint.identity, checkpoint.commit or "", version("transformers"), version("tokenizers"))
    path = Path(cache_dir) / "models" / f"{digest(facts)}.tokenizer.json"
    try:
        return LibraryTokenizer(**read_kept(path))
    except (OSError, ValueError, TypeError):  # not there, or not as it was written
        tokenizer = _ask(checkpoint)
        with suppress(OSError):  # a folder that cannot be written costs time, and nothing else
            write_kept(path, asdict(tokenizer))
        return tokenizer


def _ask(checkpoint: Checkpoint) -> LibraryTokenizer:
    from transformers import AutoTokenizer

    from stsbench_transformers.loading import quiet

    with quiet():
        try:
            theirs = AutoTokenizer.from_pretrained(checkpoint.source, revision=checkpoint.commit or "main", trust_remote_code=False)
        except Exception as error:  # whatever the library and those beneath it meet in files that are broken
            raise checkpoint.blame(error) from error
        checkpoint.require_vocabulary(theirs)
        return translate(theirs)


def translate(theirs: Any) -> LibraryTokenizer:
    """A tokenizer of transformers as one that `tokenizers` runs alone, with an obstacle where it cannot or comes to other ids."""
    special = list(theirs.all_special_ids)
    if not getattr(theirs, "is_fast", False):
        return LibraryTokenizer(obstacle="its tokenizer is not of the tokenizers library", special=special)
    filler = theirs.pad_token_id
    ours = LibraryTokenizer(
        theirs.backend_tokenizer.to_str(),
        theirs.truncation_side,
        0 if filler is None else filler,
        theirs.num_special_tokens_to_add(),
        bool(theirs.split_special_tokens),
        special,
    )
    added = (token.content for token in theirs.added_tokens_decoder.values())
    texts = [*_PROBES, *(f"a{token}b {token} C  {token}" for token in added)]
    if any(_differ(theirs, ours, texts, length) for length in (None, ours.specials + 2)):
        return LibraryTokenizer(obstacle="its tokenizer does in Python what the tokenizers library alone does not", special=special)
    return ours


def _differ(theirs: Any, ours: LibraryTokenizer, texts: Sequence[str], max_length: int | None) -> bool:
    (ids, special), (known, marked) = ours.cut(texts, max_length), cut_as_transformers(theirs, texts, max_length)
    return not (all(map(np.array_equal, ids, known)) and all(map(np.array_equal, special, marked)))


def cut_as_transformers(tokenizer: Any, texts: Sequence[str], max_length: int | None) -> tuple[list[Ids], list[Flags]]:
    """Ids and special-token flags of each text, by a tokenizer of transformers."""
    encodings = tokenizer(
        list(texts),
        truncation=max_length is not None,
        max_length=max_length,
        padding=False,
        return_attention_mask=False,
        return_token_type_ids=False,
        return_special_tokens_mask=True,
        verbose=False,
    )
    ids = [np.array(row, dtype=np.int64) for row in encodings["input_ids"]]
    return ids, [np.array(row, dtype=np.bool_) for row in encodings["special_tokens_mask"]]
