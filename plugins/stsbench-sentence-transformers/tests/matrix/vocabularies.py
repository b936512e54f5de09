"""Vocabularies trained on the page, once each."""

from __future__ import annotations

from collections.abc import Sequence
from functools import cache

from tokenizers import Tokenizer, models, normalizers, pre_tokenizers, trainers

from .page import PAGE

_SIZE = 320


def _train(
    model: models.Model, trainer: trainers.Trainer, split: pre_tokenizers.PreTokenizer, normalizer: normalizers.Normalizer | None = None
) -> Tokenizer:
    tokenizer = Tokenizer(model)
    tokenizer.pre_tokenizer = split
    if normalizer is not None:
        tokenizer.normalizer = normalizer
    tokenizer.train_from_iterator(PAGE.splitlines(), trainer)
    return tokenizer


@cache
def word_pieces(lower: bool, *specials: str) -> dict[str, int]:
    """Word pieces and their ids, `specials` first."""
    trainer = trainers.WordPieceTrainer(vocab_size=_SIZE, special_tokens=list(specials), show_progress=False)
    split = pre_tokenizers.BertPreTokenizer()
    trained = _train(models.WordPiece(unk_token=specials[-1]), trainer, split, normalizers.BertNormalizer(lowercase=lower))
    return dict(sorted(trained.get_vocab().items(), key=lambda one: one[1]))


@cache
def byte_pairs(*specials: str) -> tuple[dict[str, int], list[tuple[str, str]]]:
    """Pairs of bytes with their ids, and the merges that make them."""
    alphabet = pre_tokenizers.ByteLevel.alphabet()
    trainer = trainers.BpeTrainer(vocab_size=_SIZE + 256, special_tokens=list(specials), initial_alphabet=alphabet, show_progress=False)
    return _pairs(_train(models.BPE(), trainer, pre_tokenizers.ByteLevel(add_prefix_space=False)))


@cache
def piece_pairs(*specials: str) -> tuple[dict[str, int], list[tuple[str, str]]]:
    """Pairs of sentence pieces with their ids, bytes for what is unknown, and the merges."""
    tokens = [*specials, *(f"<0x{one:02X}>" for one in range(256))]
    trainer = trainers.BpeTrainer(vocab_size=_SIZE + 256, special_tokens=tokens, show_progress=False)
    return _pairs(_train(models.BPE(byte_fallback=True), trainer, pre_tokenizers.Metaspace()))


@cache
def sentence_pieces(specials: Sequence[str]) -> list[tuple[str, float]]:
    """Sentence pieces with their scores, `specials` in front."""
    trainer = trainers.UnigramTrainer(vocab_size=_SIZE, unk_token="<unk>", special_tokens=["<unk>"], show_progress=False)
    trained = _train(models.Unigram(), trainer, pre_tokenizers.Metaspace(), normalizers.NFKC())
    scored = sorted(trained.get_vocab().items(), key=lambda one: one[1])
    return [*((one, 0.0) for one in specials), *((piece, -3.0 - row / 40) for piece, row in scored if piece not in specials)]


def _pairs(trained: Tokenizer) -> tuple[dict[str, int], list[tuple[str, str]]]:
    import json

    model = json.loads(trained.to_str())["model"]
    return model["vocab"], [tuple(one) for one in model["merges"]]
