"""The table: every checkpoint of the matrix, and what runs it."""

from __future__ import annotations

from importlib.util import find_spec

from .case import By, Case

_STACKS = (
    Case("cls", modules=("pooling cls",)),
    Case("max", modules=("pooling max",)),
    Case("mean", modules=("pooling mean",)),
    Case("mean-sqrt", modules=("pooling mean_sqrt_len_tokens", "normalize")),
    Case("all-poolings", modules=("pooling cls max mean mean_sqrt_len_tokens",)),
    Case("dense", modules=("pooling cls mean", "dense 8 tanh")),
    Case("dense-dense", modules=("pooling mean", "dense 48 none no-bias", "normalize", "dense 8 tanh", "normalize")),
    Case("weighted-mean", modules=("pooling weightedmean",)),
    Case("last-token", modules=("pooling lasttoken", "normalize")),
    Case("cls-and-last-token", modules=("pooling cls lasttoken",)),
    Case("without-prompt", modules=("pooling mean no-prompt",)),
    Case("dense-residual", modules=("pooling mean", "dense 32 none residual"), by="library", why="a dense layer does more"),
    Case("dense-relu", modules=("pooling mean", "dense 32 relu"), by="library", why="a dense layer does more"),
    Case("layer-norm", modules=("pooling mean", "layer-norm"), by="library", why="LayerNorm"),
    Case("cnn", modules=("cnn", "pooling mean"), by="library", why="no pooling follows its transformer"),
    Case("lstm", modules=("lstm", "pooling mean"), by="refused", why="no pooling follows its transformer|KeyError"),
)
_NO_TRANSFORMER = (
    Case("static", "", ("static",), by="library", why="the model starts with the module StaticEmbedding"),
    Case(
        "static-normalized",
        "",
        ("static", "normalize", "dense 8 tanh"),
        by="library",
        why="the model starts with the module StaticEmbedding",
    ),
    Case("bag-of-words", "", ("bag", "dense 16 tanh"), by="library", why="the model starts with the module BoW"),
    Case("word-vectors", "", ("words", "pooling mean"), by="library", why="the model starts with the module WordEmbeddings"),
    Case("word-vectors-lstm", "", ("words", "lstm", "pooling mean"), by="library", why="the model starts with the module WordEmbeddings"),
    Case("bag-alone", "", ("bag",), by="library", why="the model starts with the module BoW"),
    Case("router", "", ("router",), by="library", why="the model starts with the module Router"),
    Case("splade", "", (), by="refused", why="is a sparse encoder"),
    Case("clip-without-images", "", (), by="refused", why="image processor|no plain encoder"),
)
_ALONE = "are run by the library alone"
_PAD = {"pad_token": "<pad>"}
_FAMILIES = (  # each family bare first, under its own name: what the READMEs list
    Case("bert", modules=()),
    Case("roberta", "roberta", ()),
    Case("xlm-roberta", "xlm-roberta", ()),
    Case("camembert", "camembert", ()),
    Case("mpnet", "mpnet", (), by="traced"),
    Case("albert", "albert", (), by="traced"),
    Case("electra", "electra", (), by="traced"),
    Case("mobilebert", "mobilebert", (), by="traced"),
    Case("fnet", "fnet", (), by="traced"),
    Case("deberta", "deberta", (), by="torch", why="converted"),
    Case("deberta-v2", "deberta-v2", (), by="traced"),
    Case("modernbert", "modernbert", (), by="traced"),
    Case("nomic_bert", "nomic_bert", (), by="traced"),
    Case("clip_text", "clip_text", (), by="traced", config={"eos_token_id": 2}),
    Case("llama", "llama", (), by="traced"),
    Case("mistral", "mistral", (), by="traced"),
    Case("qwen3", "qwen3", (), by="traced", head="Qwen3ForCausalLM"),
    Case("distilbert", "distilbert", (), by="library", why=_ALONE, states="traced"),
    Case("t5", "t5", (), by="library", why=_ALONE, states="refused"),
    Case("xlnet", "xlnet", (), by="library", why=_ALONE, states="traced", tokenizer={"model_max_length": 300}),
    Case("gpt2", "gpt2", (), by="library", why=_ALONE, states="traced", tokenizer=_PAD),
    Case("roberta-cls", "roberta", ("pooling cls", "normalize")),
    Case("xlm-roberta-cls", "xlm-roberta", ("pooling cls", "dense 8 none", "normalize")),
    Case("camembert-max", "camembert", ("pooling max",)),
    Case("distilbert-cls", "distilbert", ("pooling cls", "normalize"), by="library", why=_ALONE),
    Case(
        "t5-dense",
        "t5",
        ("pooling mean", "dense 16 none no-bias", "normalize"),
        by="library",
        why=_ALONE,
        tokenizer={"model_max_length": 300},
    ),
    Case("gpt2-weighted", "gpt2", ("pooling weightedmean",), by="library", why=_ALONE, tokenizer=_PAD),
    Case("llama-last", "llama", ("pooling lasttoken",), by="traced"),
    Case("qwen3-last", "qwen3", ("pooling lasttoken", "normalize"), by="traced", tokenizer={"padding_side": "left"}),
    Case(
        "fnet-last", "fnet", ("pooling lasttoken",), by="traced", within=1e-4
    ),  # one token of a Fourier transform, which libraries round apart
    Case("modernbert-weighted", "modernbert", ("pooling weightedmean",), by="traced"),
    Case("bert-gelu-new", config={"hidden_act": "gelu_new"}),
    Case("bert-relu", by="traced", config={"hidden_act": "relu"}),
    Case("bert-masked-lm", modules=(), head="BertForMaskedLM"),
)
_LEFT = {"padding_side": "left"}
_PADDING = (
    Case("left-mean", tokenizer=_LEFT),
    Case("left-last-token", modules=("pooling lasttoken",), tokenizer=_LEFT),
    Case("left-roberta-last-token", "roberta", ("pooling lasttoken",), tokenizer=_LEFT),
    Case("left-gpt2", "gpt2", by="library", why=_ALONE, tokenizer={**_PAD, **_LEFT}),
    Case("right-llama", "llama", ("pooling lasttoken",), by="traced", tokenizer={"padding_side": "right"}),
    Case("left-llama", "llama", ("pooling weightedmean",), by="traced", tokenizer=_LEFT),
    Case("no-padding-token", "gpt2", by="refused", why="no padding token|run by the library alone"),
)
_TOKENIZERS = (
    Case("cased", tokenizer={"lower": False}),
    Case("keeps-accents", tokenizer={"strip_accents": False}),
    Case("cased-strips-accents", tokenizer={"lower": False, "strip_accents": True}),
    Case("chinese-whole", tokenizer={"tokenize_chinese_chars": False}),
    Case("added", added=("<ent>", "guitar")),
    Case("special", special=("<ent>", "[NEW]")),
    Case("added-in-settings", config={"vocab_size": 321}, edits=("added in tokenizer_config.json",)),
    Case("added-in-a-file", config={"vocab_size": 321}, edits=("added in added_tokens.json",)),
    Case("roberta-added", "roberta", added=("<ent>",), special=("[NEW]",)),
    Case("xlm-roberta-added", "xlm-roberta", added=("<ent>",), special=("[NEW]",)),
    Case("vocabulary-alone", edits=("no tokenizer.json",)),
    Case("post-processor", edits=("another post-processor",)),
    Case("no-post-processor", edits=("no post-processor",)),
    Case("normalizer", edits=("another normalizer",)),
    Case("cuts-and-pads", edits=("cuts and pads by itself",)),
    Case(
        "generic-post-processor",
        edits=("another post-processor",),
        files={"tokenizer_config.json": {"tokenizer_class": "PreTrainedTokenizerFast"}},
    ),
    Case(
        "generic-normalizer", edits=("another normalizer",), files={"tokenizer_config.json": {"tokenizer_class": "PreTrainedTokenizerFast"}}
    ),
    Case("settings-say-cased", files={"tokenizer_config.json": {"do_lower_case": False}}),
    Case("settings-say-accents", files={"tokenizer_config.json": {"strip_accents": False}}),
    Case("prefix-space", "roberta", tokenizer={"add_prefix_space": True}),
    Case("settings-say-prefix-space", "roberta", files={"tokenizer_config.json": {"add_prefix_space": True}}),
    Case(
        "qwen3-prefix-space",
        "qwen3",
        ("pooling lasttoken",),
        by="traced",
        files={"tokenizer_config.json": {"add_prefix_space": True}},
    ),
    Case(
        "llama-no-bos",
        "llama",
        ("pooling lasttoken",),
        by="traced",
        files={"tokenizer_config.json": {"add_bos_token": False, "add_eos_token": True}},
    ),
    Case("cut-on-the-left", tokenizer={"truncation_side": "left", "model_max_length": 16}),
    Case("short", tokenizer={"model_max_length": 12}),
    Case("max-seq-length", transformer={"max_seq_length": 9}),
    Case("longer-than-positions", tokenizer={"model_max_length": 200}),
    Case("roberta-positions", "roberta", tokenizer={"model_max_length": 82}),
    Case("saved-lower", tokenizer={"lower": False}, transformer={"do_lower_case": True}),
    Case("saved-lower-roberta", "roberta", transformer={"do_lower_case": True}),
    Case("lower-case", "roberta", by="library", why="do_lower_case", files={"sentence_bert_config.json": {"do_lower_case": True}}),
)
_ADAPTERS: By = "library" if find_spec("peft") else "refused"  # which the extra `adapters` brings
_WEIGHTS = (
    Case("truncate-dim", modules=("pooling mean", "normalize"), files={"config_sentence_transformers.json": {"truncate_dim": 8}}),
    Case("default-prompt", library={"prompts": {"query": "Query: "}, "default_prompt_name": "query"}),
    Case("adapter", by=_ADAPTERS, why="adapter", edits=("adapter",)),
    Case("adapter-bare", modules=(), by=_ADAPTERS, states="refused", why="adapter", edits=("adapter",)),
    Case("adapter-alone", modules=(), by=_ADAPTERS, states="refused", why="adapter", edits=("adapter alone",)),
    Case("teacher", by="refused", why="hold several models", edits=("teacher beside student",)),
    Case("own-prefix", edits=("own prefix",)),
    Case("own-prefix-and-teacher", edits=("own prefix, and a teacher",)),
    Case("two-shards", by="traced", edits=("two shards",)),
    Case("bfloat16", edits=("bfloat16",)),
    Case("bfloat16-dense", modules=("pooling mean", "dense 8 tanh"), edits=("dense in bfloat16",)),
    Case("pickled", by="refused", why="pickled", edits=("pickled",)),
    Case("linked", modules=("pooling mean", "dense 8 tanh"), edits=("linked",)),
    Case("transformer-in-a-folder", by="library", why="in a folder of its own", edits=("transformer in a folder",)),
)
CASES = (*_STACKS, *_NO_TRANSFORMER, *_FAMILIES, *_PADDING, *_TOKENIZERS, *_WEIGHTS)
