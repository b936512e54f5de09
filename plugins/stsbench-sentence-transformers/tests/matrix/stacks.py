"""Modules that stand on a transformer, or without one, by the words of a case."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from pathlib import Path
from typing import Any

from .base import randomise, save_base
from .case import Case
from .families import FAMILIES
from .page import PAGE
from .vocabularies import word_pieces

_ACTIVATIONS = {"tanh": "Tanh", "none": "Identity", "relu": "ReLU"}


def make_module(words: str, below: Sequence[Any], folder: Path) -> Any:
    """The module that `words` name, such as `pooling cls mean`, `dense 8 tanh` or `normalize`, on top of those `below`."""
    name, *details = words.split()
    return _MODULES[name](details, below, folder)


def _width(below: Sequence[Any]) -> int:
    return int(below[-1].get_embedding_dimension())


def _pooling(modes: Sequence[str], below: Sequence[Any], _folder: Path) -> Any:
    from sentence_transformers.sentence_transformer.modules import Pooling

    kept = [one for one in modes if one != "no-prompt"]
    return Pooling(_width(below), tuple(kept), include_prompt="no-prompt" not in modes)


def _dense(details: Sequence[str], below: Sequence[Any], _folder: Path) -> Any:
    import torch
    from sentence_transformers.base.modules import Dense

    width, activation, *more = details
    wide = [module for module in below if hasattr(module, "get_embedding_dimension")]
    return Dense(
        _width(wide),
        int(width),
        bias="no-bias" not in more,
        activation_function=getattr(torch.nn, _ACTIVATIONS[activation])(),
        use_residual="residual" in more,
    )


def _normalize(_details: Sequence[str], _below: Sequence[Any], _folder: Path) -> Any:
    from sentence_transformers.base.modules import Normalize

    return Normalize()


def _layer_norm(_details: Sequence[str], below: Sequence[Any], _folder: Path) -> Any:
    from sentence_transformers.sentence_transformer.modules import LayerNorm

    module = LayerNorm(_width(below))
    randomise(module)
    return module


def _static(_details: Sequence[str], _below: Sequence[Any], _folder: Path) -> Any:
    from sentence_transformers.sentence_transformer.modules import StaticEmbedding
    from transformers import BertTokenizer

    tokenizer = BertTokenizer(vocab=word_pieces(True, "[PAD]", "[CLS]", "[SEP]", "[MASK]", "[UNK]"))
    return StaticEmbedding(tokenizer, embedding_dim=32)


def _vocabulary() -> list[str]:
    return sorted({word.strip(".,:;?!\"'").lower() for word in PAGE.split()} - {""})


def _bag(_details: Sequence[str], _below: Sequence[Any], _folder: Path) -> Any:
    from sentence_transformers.sentence_transformer.modules import BoW

    return BoW(_vocabulary())


def _words(_details: Sequence[str], _below: Sequence[Any], _folder: Path) -> Any:
    import numpy as np
    from sentence_transformers.sentence_transformer.modules import WordEmbeddings
    from sentence_transformers.sentence_transformer.modules.tokenizer import WhitespaceTokenizer

    vocabulary = _vocabulary()
    vectors = np.random.default_rng(0).normal(size=(len(vocabulary), 32)).astype(np.float32)
    return WordEmbeddings(WhitespaceTokenizer(vocabulary), vectors, max_seq_length=60)


def _cnn(_details: Sequence[str], below: Sequence[Any], _folder: Path) -> Any:
    from sentence_transformers.sentence_transformer.modules import CNN

    return CNN(_width(below), out_channels=8, kernel_sizes=[1, 3])


def _lstm(_details: Sequence[str], below: Sequence[Any], _folder: Path) -> Any:
    from sentence_transformers.sentence_transformer.modules import LSTM

    return LSTM(_width(below), hidden_dim=8)


def _router(_details: Sequence[str], below: Sequence[Any], folder: Path) -> Any:
    from sentence_transformers.base.modules import Router

    query, document = (_static([], below, folder) for _ in range(2))
    return Router.for_query_document([query], [document])


_MODULES: dict[str, Callable[[Sequence[str], Sequence[Any], Path], Any]] = {
    "pooling": _pooling,
    "dense": _dense,
    "normalize": _normalize,
    "layer-norm": _layer_norm,
    "static": _static,
    "bag": _bag,
    "words": _words,
    "cnn": _cnn,
    "lstm": _lstm,
    "router": _router,
}


def make_whole(name: str, folder: Path) -> None:
    """Save the model of a case that is made of no modules of its own."""
    _WHOLE[name](folder)


def _splade(folder: Path) -> None:
    from sentence_transformers import SparseEncoder
    from sentence_transformers.base.modules import Transformer
    from sentence_transformers.sparse_encoder.modules import SpladePooling

    base = folder.with_name("masked")
    save_base(Case("masked", "bert", head="BertForMaskedLM"), base)
    modules = [Transformer(str(base), transformer_task="fill-mask"), SpladePooling("max")]
    SparseEncoder(modules=modules, device="cpu").save_pretrained(str(folder), create_model_card=False)


def _clip(folder: Path) -> None:
    import transformers

    tokenizer = FAMILIES["bert"].tokenizer(model_max_length=77)
    text = {"vocab_size": len(tokenizer), "hidden_size": 32, "intermediate_size": 48, "num_hidden_layers": 2, "num_attention_heads": 2}
    image = {
        "hidden_size": 32,
        "intermediate_size": 48,
        "num_hidden_layers": 1,
        "num_attention_heads": 2,
        "image_size": 32,
        "patch_size": 16,
    }
    config = transformers.CLIPConfig(text_config={**text, "eos_token_id": tokenizer.sep_token_id}, vision_config=image, projection_dim=16)
    model = transformers.CLIPModel(config)
    randomise(model)
    model.save_pretrained(folder)
    tokenizer.save_pretrained(folder)


_WHOLE = {"splade": _splade, "clip-without-images": _clip}
