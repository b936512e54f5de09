"""Families of transformers, each with the sizes of a tiny one and the tokenizer that goes with it."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from typing import Any

from .vocabularies import byte_pairs, piece_pairs, sentence_pieces, word_pieces

_FITS: dict[str, Any] = {"model_max_length": 80}  # the positions that are left after the padding id's
_BERT = ("[PAD]", "[CLS]", "[SEP]", "[MASK]", "[UNK]")
_SIZES = {"hidden_size": 32, "num_hidden_layers": 2, "num_attention_heads": 2, "intermediate_size": 48, "max_position_embeddings": 80}
_DECODER = {**_SIZES, "num_key_value_heads": 1, "head_dim": 16, "max_position_embeddings": 640}


def _bert(*, lower: bool = True, **settings: Any) -> Any:
    from transformers import BertTokenizer

    return BertTokenizer(vocab=word_pieces(lower, *_BERT), do_lower_case=lower, **settings)


def _mpnet(**settings: Any) -> Any:
    from transformers import MPNetTokenizer

    return MPNetTokenizer(vocab=word_pieces(True, "<s>", "<pad>", "</s>", "<mask>", "[UNK]"), **{**_FITS, **settings})


def _paired(name: str, *specials: str, pairs: Callable[..., Any] = byte_pairs, **more: Any) -> Callable[..., Any]:
    def make(**settings: Any) -> Any:
        import transformers

        vocab, merges = pairs(*specials)
        return getattr(transformers, name)(vocab=dict(vocab), merges=list(merges), **{**more, **settings})

    return make


def _pieced(name: str, *specials: str, last: tuple[str, ...] = (), **more: Any) -> Callable[..., Any]:
    def make(**settings: Any) -> Any:
        import transformers

        vocab = [*sentence_pieces(specials), *((one, 0.0) for one in last)]
        return getattr(transformers, name)(vocab=vocab, **{**more, **settings})

    return make


@dataclass(frozen=True)
class Family:
    """What people call it, the names of a configuration and a model in transformers, sizes, and the tokenizer."""

    title: str
    config: str
    model: str
    tokenizer: Callable[..., Any]
    sizes: Mapping[str, Any] = field(default_factory=lambda: _SIZES)


_ROBERTA = _paired("RobertaTokenizer", "<s>", "<pad>", "</s>", "<unk>", "<mask>", **_FITS)
_XLMR = ("<s>", "<pad>", "</s>", "<unk>")
_OFFSET = {**_SIZES, "max_position_embeddings": 82}
_PADDED = {"pad_token": "<pad>", "add_bos_token": True}

FAMILIES = {
    "bert": Family("BERT", "BertConfig", "BertModel", _bert),
    "roberta": Family("RoBERTa", "RobertaConfig", "RobertaModel", _ROBERTA, _OFFSET),
    "xlm-roberta": Family(
        "XLM-RoBERTa", "XLMRobertaConfig", "XLMRobertaModel", _pieced("XLMRobertaTokenizer", *_XLMR, last=("<mask>",), **_FITS), _OFFSET
    ),
    "camembert": Family(
        "CamemBERT",
        "CamembertConfig",
        "CamembertModel",
        _pieced(
            "CamembertTokenizer", "<s>NOTUSED", "<pad>", "</s>NOTUSED", "<unk>", "<unk>NOTUSED", last=("<s>", "</s>", "<mask>"), **_FITS
        ),
        _OFFSET,
    ),
    "mpnet": Family("MPNet", "MPNetConfig", "MPNetModel", _mpnet, _OFFSET),
    "distilbert": Family(
        "DistilBERT",
        "DistilBertConfig",
        "DistilBertModel",
        _bert,
        {"dim": 32, "n_layers": 2, "n_heads": 2, "hidden_dim": 48, "max_position_embeddings": 80},
    ),
    "albert": Family(
        "ALBERT",
        "AlbertConfig",
        "AlbertModel",
        _pieced("AlbertTokenizer", "<pad>", "<unk>", "[CLS]", "[SEP]", "[MASK]"),
        {**_SIZES, "embedding_size": 16},
    ),
    "electra": Family("ELECTRA", "ElectraConfig", "ElectraModel", _bert, {**_SIZES, "embedding_size": 16}),
    "mobilebert": Family(
        "MobileBERT",
        "MobileBertConfig",
        "MobileBertModel",
        _bert,
        {**_SIZES, "embedding_size": 16, "intra_bottleneck_size": 16, "num_feedforward_networks": 2},
    ),
    "fnet": Family(
        "FNet",
        "FNetConfig",
        "FNetModel",
        _pieced("FNetTokenizer", "<pad>", "<unk>", "[CLS]", "[SEP]", "[MASK]"),
        {"hidden_size": 32, "num_hidden_layers": 2, "intermediate_size": 48, "max_position_embeddings": 80},
    ),
    "deberta": Family(
        "DeBERTa",
        "DebertaConfig",
        "DebertaModel",
        _paired("DebertaTokenizer", "[CLS]", "[PAD]", "[SEP]", "[UNK]", "[MASK]"),
        {
            **_SIZES,
            "relative_attention": True,
            "max_relative_positions": 40,
            "pos_att_type": ["c2p", "p2c"],
            "position_biased_input": False,
            "type_vocab_size": 0,
            "max_position_embeddings": 640,
        },
    ),
    "deberta-v2": Family(
        "DeBERTa v2 and v3",
        "DebertaV2Config",
        "DebertaV2Model",
        _pieced("DebertaV2Tokenizer", "[PAD]", "[CLS]", "[SEP]", "[UNK]", last=("[MASK]",)),
        {
            **_SIZES,
            "relative_attention": True,
            "position_buckets": 16,
            "norm_rel_ebd": "layer_norm",
            "share_att_key": True,
            "pos_att_type": ["p2c", "c2p"],
            "position_biased_input": False,
            "type_vocab_size": 0,
            "max_position_embeddings": 640,
        },
    ),
    "modernbert": Family(
        "ModernBERT",
        "ModernBertConfig",
        "ModernBertModel",
        _bert,
        {**_SIZES, "num_hidden_layers": 3, "local_attention": 16, "max_position_embeddings": 640},
    ),
    "nomic_bert": Family("NomicBERT", "NomicBertConfig", "NomicBertModel", _bert, {**_SIZES, "max_position_embeddings": 640}),
    "clip_text": Family(
        "CLIP, text alone", "CLIPTextConfig", "CLIPTextModel", _bert, {**_SIZES, "max_position_embeddings": 77, "projection_dim": 16}
    ),
    "t5": Family(
        "T5 encoder",
        "T5Config",
        "T5EncoderModel",
        _pieced("T5Tokenizer", "<pad>", "</s>", "<unk>", extra_ids=4),
        {"d_model": 32, "num_layers": 2, "num_heads": 2, "d_kv": 16, "d_ff": 48, "feed_forward_proj": "gated-gelu"},
    ),
    "gpt2": Family(
        "GPT-2",
        "GPT2Config",
        "GPT2Model",
        _paired("GPT2Tokenizer", "<|endoftext|>"),
        {"n_embd": 32, "n_layer": 2, "n_head": 2, "n_inner": 48, "n_positions": 128},
    ),
    "qwen3": Family("Qwen3", "Qwen3Config", "Qwen3Model", _paired("Qwen2Tokenizer", "<|endoftext|>"), _DECODER),
    "llama": Family(
        "Llama",
        "LlamaConfig",
        "LlamaModel",
        _paired("LlamaTokenizer", "<unk>", "<s>", "</s>", "<pad>", pairs=piece_pairs, **_PADDED),
        _DECODER,
    ),
    "mistral": Family(
        "Mistral",
        "MistralConfig",
        "MistralModel",
        _paired("LlamaTokenizer", "<unk>", "<s>", "</s>", "<pad>", pairs=piece_pairs, **_PADDED),
        {**_DECODER, "sliding_window": 24},
    ),
    "xlnet": Family(
        "XLNet",
        "XLNetConfig",
        "XLNetModel",
        _pieced("XLNetTokenizer", "<unk>", "<s>", "</s>", "<cls>", "<sep>", "<pad>", "<mask>"),
        {"d_model": 32, "n_layer": 2, "n_head": 2, "d_inner": 48},
    ),
}
