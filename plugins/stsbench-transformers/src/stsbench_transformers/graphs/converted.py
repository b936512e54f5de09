"""The folder of a converted model: graph and a few facts, written complete or not at all. Imports no torch."""

from __future__ import annotations

import shutil
from collections.abc import Callable, Mapping
from errno import EIO
from pathlib import Path
from typing import Any
from uuid import uuid4

import openvino

from stsbench_transformers.batching.probing import find_lengths, try_packing
from stsbench_transformers.checkpoints.checkpoint import Checkpoint
from stsbench_transformers.checkpoints.limits import count_layers
from stsbench_transformers.checkpoints.weights import find_prefix, read_tensors
from stsbench_transformers.graphs.architecture import UnknownArchitecture, build
from stsbench_transformers.graphs.export import holds_steps, read_export
from stsbench_transformers.graphs.graph import Graph
from stsbench_transformers.kept import write_kept
from stsbench_transformers.quantised import locate
from stsbench_transformers.tokens.tokenizer import LibraryTokenizer

Check = Callable[[Path], Mapping[str, object]]


def keep(folder: Path, graph: Any, facts: Mapping[str, object], check: Check = lambda _written: {}) -> None:
    """Write `model.xml`, `model.bin` and `graph.json` into `folder`, which appears complete, and past `check`, or not at all.

    What `check` finds is kept with the facts.
    """
    temporary = folder.with_name(f".{folder.name}.{uuid4().hex[:12]}.tmp")
    try:
        temporary.mkdir(parents=True)
        try:
            openvino.save_model(graph, temporary / "model.xml", compress_to_fp16=False)
        except RuntimeError as error:  # of a stream that takes no more
            raise OSError(EIO, "the disk may be full") from error
        keep_facts(temporary, facts)
        keep_facts(temporary, {**facts, **check(temporary)})
        try:
            temporary.rename(folder)
        except OSError:
            if not folder.exists():  # else another process was first
                raise
    finally:
        shutil.rmtree(temporary, ignore_errors=True)


def keep_facts(folder: Path, facts: Mapping[str, object]) -> None:
    """Write `graph.json`, with sums of the model's files; raises OSError."""
    write_kept(folder / "graph.json", facts, ("model.xml", "model.bin"))


def convert_weights(checkpoint: Checkpoint, folder: Path) -> None:
    """Convert a model of BERT's family from its safetensors alone; raises UnknownArchitecture, ModelError."""
    checkpoint.download()
    config = checkpoint.read("config.json")
    weights = _read_weights(checkpoint)
    graph, pooler = build(config, weights, find_prefix(checkpoint, weights, config))
    keep(folder, graph, {"depth": config["num_hidden_layers"], "width": config["hidden_size"], "pooler": pooler})


def convert_export(checkpoint: Checkpoint, folder: Path, tokenizer: LibraryTokenizer, max_length: int | None, file: str) -> None:
    """Convert an export of a model, which gives its last hidden state alone; raises UnknownArchitecture, ModelError."""
    checkpoint.download(export=True)
    config = checkpoint.read("config.json")
    path = locate(checkpoint, file)
    depth = count_layers(checkpoint.label, config)
    graph, width = read_export(path)

    def check(written: Path) -> Mapping[str, object]:
        made = Graph.load(written, tokenizer, dtype="float32", threads=0)
        numbers = "int8" if holds_steps(graph) else "float32"
        return {"packing": try_packing(made, find_lengths(config, max_length), depth, numbers)}

    keep(folder, graph, {"depth": depth, "width": width, "first": depth, "pooler": False}, check)


def _read_weights(checkpoint: Checkpoint) -> dict[str, Any]:
    from safetensors import SafetensorError

    path = checkpoint.find("model.safetensors")
    if path is None:
        raise UnknownArchitecture("its weights are in several files")
    try:
        return read_tensors(path)
    except (SafetensorError, OSError, KeyError, TypeError, AttributeError) as error:  # broken, or in a dtype that numpy has not
        raise UnknownArchitecture("its weights cannot be read by numpy") from error
