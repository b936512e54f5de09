"""How a sentence-transformers model is run, read from its files as the library reads them, and whether it takes the library."""

from __future__ import annotations

import re
from collections.abc import Mapping
from logging import getLogger
from typing import Any

from stsbench_transformers.checkpoints.checkpoint import Checkpoint, blaming
from stsbench_transformers.checkpoints.decision import Decision, padding_side, read_prompts
from stsbench_transformers.checkpoints.limits import LengthLimits, count_layers, require_positions
from stsbench_transformers.checkpoints.sources import find_code
from stsbench_transformers.views import View

from stsbench.plugin import ModelError
from stsbench_sentence_transformers.reading.files import PARTS, Files, short
from stsbench_sentence_transformers.reading.kinds import require_crossing, require_dense
from stsbench_sentence_transformers.reading.pipeline import ACTIVATIONS, Dense, Pipeline, normalise

_POOLINGS = {
    "cls": "cls",
    "max": "max",
    "mean": "mean",
    "mean_sqrt_len_tokens": "mean-sqrt-length",
    "weightedmean": "weighted-mean",
    "lasttoken": "last-token",
}
_MODULE = re.compile(r"\d+_[A-Z]\w*/")  # how the library calls the folders of modules
_SENTENCE = "sentence_embedding"
_TRANSFORMER = {  # settings of the first module that leave it what it is, and the values that do
    "transformer_task": ("feature-extraction",),
    "modality_config": ({"text": {"method": "forward", "method_output_name": "last_hidden_state"}},),
    "module_output_name": ("token_embeddings",),
    "do_lower_case": (False,),
}
_SIMILARITIES = ("cosine", "dot", "euclidean", "manhattan")  # as the library names them, and stsbench too


class NotOurs(Exception):
    """A model that is left to sentence-transformers; the message, a clause, says why."""


@blaming
def read_model(checkpoint: Checkpoint, *, remote: bool) -> tuple[Decision, Pipeline | None]:
    """The decision, and what follows the transformer where our own backends can run it; `remote`: code of the model is run.

    Raises ModelError for files that are no model of sentence vectors.
    """
    files = Files(checkpoint)
    if files.modules is None and not files.config:
        raise ModelError(
            f"model {checkpoint.label!r} has neither modules.json nor config.json; "
            "give the folder or hub id of a sentence-transformers model"
        )
    _require_modules(files)
    require_dense(checkpoint, files.modules or (), files.settings)
    require_positions(checkpoint.label, files.config)
    if (elsewhere := files.reading.get("tokenizer_name_or_path")) is not None:
        raise ModelError(
            f"model {checkpoint.label!r} takes its tokenizer from another place ({str(elsewhere).rpartition('/')[2]}); "
            "save that tokenizer in the model's folder, and take tokenizer_name_or_path out of sentence_bert_config.json"
        )
    try:
        pipeline, reason = _read_pipeline(files, remote), ""
    except NotOurs as found:
        pipeline, reason = None, str(found)
    stated = files.reading.get("max_seq_length")
    decision = Decision(
        modules=tuple(map(short, files.kinds)),
        pooling=files.pooling,
        dimensions=files.settings.get("truncate_dim"),
        limits=LengthLimits.of(files.config, files.tokenizer.get("model_max_length"), stated) if files.transformer else None,
        padding=padding_side(files.tokenizer) if files.transformer else "",
        prompts=read_prompts(checkpoint) if files.modules is not None else {},
        default_prompt=files.settings.get("default_prompt_name"),
        similarity=named if (named := files.settings.get("similarity_fn_name")) in _SIMILARITIES else None,
        folders=files.weighed,
        route=None if files.routes is None else files.routes.taken,
        base=files.base,
        code=find_code(checkpoint, files.config, files.tokenizer) if remote else None,
        library=reason,
        include_prompt=files.include_prompt,
    )
    return decision, pipeline


def _require_modules(files: Files) -> None:
    """Say what a transformer alone is given; raise ModelError for folders of modules beside it, which the library would leave out."""
    if files.modules is not None:
        return
    if files.checkpoint.folder is not None:
        folders = sorted({name.partition("/")[0] for name in files.checkpoint.names() if _MODULE.match(name)})
        if folders:
            raise ModelError(
                f"model {files.checkpoint.label!r} has modules ({', '.join(folders)}) and no modules.json, without which they have no part "
                "in it; check that all its files are there"
            )
    if len(files.pooling) == 1:
        getLogger(__name__).warning(
            "%s has no modules.json, so its vectors are what the library makes of any transformer: pooling %s",
            files.checkpoint.label,
            *files.pooling,
        )


@blaming
def read_kinds(checkpoint: Checkpoint) -> frozenset[str]:
    """What the model reads: texts, or images too. Raises ModelError."""
    return frozenset({"text", "image"}) if Files(checkpoint).sees else frozenset({"text"})


@blaming
def read_crossing(checkpoint: Checkpoint) -> Decision:
    """The decision for a cross-encoder of one label; raises ModelError for what is none."""
    files = Files(checkpoint)
    if not files.config:
        raise ModelError(f"model {checkpoint.label!r} has no config.json; give the folder or hub id of a cross-encoder")
    require_crossing(checkpoint, files.modules or (), files.settings)
    require_positions(checkpoint.label, files.config)
    labels = len(files.config.get("id2label") or {}) or int(files.config.get("num_labels") or 2)  # 2 is what transformers takes for granted
    if labels != 1:
        raise ModelError(f"model {checkpoint.label!r} gives {labels} numbers a pair, not one score; choose a cross-encoder with one label")
    stated = files.reading.get("max_seq_length")
    return Decision(
        modules=("Transformer",) if files.modules is None else tuple(map(short, files.kinds)),
        pooling=(),
        dimensions=None,
        limits=LengthLimits.of(files.config, files.tokenizer.get("model_max_length"), stated),
        padding=padding_side(files.tokenizer),
        prompts=read_prompts(checkpoint) if files.modules is not None else {},
        folders=files.weighed,
        default_prompt=files.settings.get("default_prompt_name"),  # which the library puts before every text
        base=files.base,
        library="a cross-encoder is run by the library alone",
    )


def _read_pipeline(files: Files, remote: bool) -> Pipeline:
    checkpoint, config, kinds = files.checkpoint, files.config, files.kinds
    if remote:
        raise NotOurs("the model may bring code of its own")
    if kinds[0] != "Transformer":
        raise NotOurs(f"the model starts with the module {short(kinds[0])}")
    if files.first or kinds[1:2] != ("Pooling",):
        raise NotOurs("its transformer lies in a folder of its own" if files.first else "no pooling follows its transformer")
    if files.base is not None:
        beside = files.base is checkpoint
        raise NotOurs(f"the model is an adapter of {'the weights beside it' if beside else files.base.label}")
    if config.get("is_encoder_decoder") or config.get("auto_map") or PARTS & set(config):
        raise NotOurs("the model is no plain encoder")
    if files.templated:
        raise NotOurs("texts are written into a chat template")
    try:
        depth, width = count_layers(checkpoint.label, config), int(config["hidden_size"])
    except (ModelError, KeyError, TypeError, ValueError) as error:
        raise NotOurs(f"models of type {config.get('model_type')} are run by the library alone") from error
    for name, value in files.reading.items():
        if name != "max_seq_length" and value not in (*_TRANSFORMER.get(name, ()), None):
            raise NotOurs(f"sentence_bert_config.json sets {name}")
    if not files.pooling or not set(files.pooling) <= set(_POOLINGS):
        raise NotOurs(f"pooling {'+'.join(files.pooling) or 'of no kind'} is not known here")
    if config.get("model_type") == "fnet" and "lasttoken" in files.pooling:
        raise NotOurs("pooling lasttoken takes one token of a Fourier transform, which libraries round apart")
    width *= len(files.pooling)
    steps: list[Any] = []
    for kind, path in zip(kinds[2:], files.paths[2:], strict=True):
        if kind == "Normalize" and _of_sentences(files.read(path)):
            steps.append(normalise)
        elif kind == "Dense":
            steps.append(_read_dense(files, path, width))
            width = steps[-1].shape[0]
        else:
            raise NotOurs(f"the module {kind} is not known here")
    return Pipeline(tuple(View(_POOLINGS[name], (depth,)) for name in files.pooling), tuple(steps), width)


def _of_sentences(config: Mapping[str, Any]) -> bool:
    """Whether a module changes the sentence's vector in its place, as it does unless its file says otherwise."""
    return config.get("module_input_name", _SENTENCE) == _SENTENCE and config.get("module_output_name") in (None, _SENTENCE)


def _read_dense(files: Files, path: str, width: int) -> Dense:
    config = files.read(path)
    activation = str(config.get("activation_function", "torch.nn.modules.activation.Tanh"))
    name = activation.rpartition(".")[2]
    if not activation.startswith("torch.") or name not in ACTIVATIONS or config.get("use_residual") or not _of_sentences(config):
        raise NotOurs("a dense layer does more than a linear map and tanh")
    if config.get("in_features") != width or not isinstance(made := config.get("out_features"), int):
        raise NotOurs("a dense layer takes or gives vectors of another width")
    return Dense(files.checkpoint, path, (made, width), bool(config.get("bias", True)), name)
