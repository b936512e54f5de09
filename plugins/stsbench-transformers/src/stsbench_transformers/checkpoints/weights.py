"""Tensors of safetensors files, and the prefix under which they hold the model itself. Imports no torch."""

from __future__ import annotations

import json
import re
from collections.abc import Iterable, Mapping
from pathlib import Path, PurePosixPath
from typing import Any

import numpy as np

from stsbench.plugin import ModelError
from stsbench_transformers.checkpoints.checkpoint import Checkpoint

_WORDS = "embeddings.word_embeddings.weight"
_OWN = {  # what may stand before the names of the tensors of BERT's relatives, by their type
    "albert": "albert.",
    "bert": "bert.",
    "camembert": "roberta.",
    "data2vec-text": "data2vec_text.",
    "deberta": "deberta.",
    "deberta-v2": "deberta.",
    "distilbert": "distilbert.",
    "electra": "electra.",
    "ernie": "ernie.",
    "ibert": "ibert.",
    "mpnet": "mpnet.",
    "roberta": "roberta.",
    "roberta-prelayernorm": "roberta_prelayernorm.",
    "xlm-roberta": "roberta.",
    "xlm-roberta-xl": "roberta.",
    "xmod": "roberta.",
}


def read_tensors(path: Path) -> dict[str, Any]:
    """Every tensor of the file by name; bfloat16, which numpy has not, as float32. Raises what safetensors raises."""
    from safetensors import safe_open

    with safe_open(str(path), framework="numpy") as file:
        kinds = {name: file.get_slice(name).get_dtype() for name in file.keys()}  # noqa: SIM118 - it is no mapping
        tensors = {name: file.get_tensor(name) for name, kind in kinds.items() if kind != "BF16"}
    return tensors | _widen(path, [name for name, kind in kinds.items() if kind == "BF16"])


def _widen(path: Path, names: Iterable[str]) -> dict[str, Any]:
    header, start = _read_header(path)
    data = np.memmap(path, dtype=np.uint8, mode="r", offset=start)
    widened = {}
    for name in names:
        first, stop = header[name]["data_offsets"]
        half = np.frombuffer(data[first:stop].tobytes(), dtype="<u2")
        widened[name] = (half.astype(np.uint32) << 16).view(np.float32).reshape(header[name]["shape"])
    return widened


def _read_header(path: Path) -> tuple[dict[str, Any], int]:
    """What a safetensors file declares, and where its data start."""
    with path.open("rb") as file:
        length = int.from_bytes(file.read(8), "little")
        header: dict[str, Any] = json.loads(file.read(min(length, 100_000_000)))
    return header, 8 + length


def name_tensors(checkpoint: Checkpoint, folder: str = "") -> set[str]:
    """The names of all tensors that the safetensors files of a model in `folder` declare, without reading them; raises ModelError."""
    files = [name for name in checkpoint.names() if PurePosixPath(name).match("model*.safetensors")]
    files = [name for name in files if PurePosixPath(name).parent == PurePosixPath(folder)]
    try:
        headers = [_read_header(path)[0] for name in files if (path := checkpoint.find(name)) is not None]
    except (OSError, ValueError, RecursionError) as error:
        raise checkpoint.blame(error) from error
    return {name for header in headers for name in header if name != "__metadata__"}


def find_prefix(checkpoint: Checkpoint, names: Iterable[str], config: Mapping[str, Any]) -> str:
    """What stands before the names of the model's tensors: nothing, what its type prescribes, or the only thing that there is.

    Raises ModelError where several models are in the weights and none is named so, or two are: a teacher beside its student, say.
    """
    prefixes = {name.removesuffix(_WORDS) for name in names if name.endswith(_WORDS)}
    usual = prefixes & {"", _OWN.get(str(config.get("model_type")), "")}
    if len(usual or prefixes) > 1:
        raise _several(checkpoint, usual or prefixes)
    return next(iter(usual or prefixes), "")


def key_mapping(checkpoint: Checkpoint, config: Mapping[str, Any]) -> dict[str, str]:
    """How transformers has to rename the tensors so that it finds a model of BERT's relatives, as `key_mapping`; raises ModelError."""
    if (usual := _OWN.get(str(config.get("model_type")))) is None:
        return {}
    prefix = find_prefix(checkpoint, name_tensors(checkpoint), config)
    return {} if prefix in ("", usual) else {f"^{re.escape(prefix)}": ""}


def require_one(checkpoint: Checkpoint, prefix: str, folders: Iterable[str] = ("",)) -> None:
    """Raise ModelError where weights in a folder hold a tensor with the prefix of its type, which transformers prefers, and without."""
    for names in (name_tensors(checkpoint, folder) for folder in folders):
        if prefix and any(f"{prefix}.{name}" in names for name in names):
            raise _several(checkpoint, ("", f"{prefix}."))


def _several(checkpoint: Checkpoint, prefixes: Iterable[str]) -> ModelError:
    return ModelError(
        f"the weights of model {checkpoint.label!r} hold several models (under {' and '.join(map(repr, sorted(prefixes)))}), and nothing "
        "says which is meant; save the one to be run by itself"
    )
