"""A file of weights that the user chose, such as an int8 export: what it is, and what its numbers depend on beside it."""

from __future__ import annotations

import platform
import re
from functools import cache
from pathlib import Path, PurePosixPath

from stsbench.plugin import ModelError, OptionError, content_digest, processor_flags
from stsbench_transformers.checkpoints.checkpoint import Checkpoint

READ_BY = {".onnx": "onnxruntime", ".xml": "openvino"}
_SETS = ("amx_int8", "avx512_vnni", "avx_vnni", "avx512f", "avx2", "i8mm", "asimddp")  # the best that integer kernels choose from


def check(checkpoint: Checkpoint, weights: str, backend: str, dtype: str) -> None:
    """Raise OptionError or ModelError where the file is not there, or cannot be run as asked for."""
    library = READ_BY.get(PurePosixPath(weights).suffix)
    if library is None:
        raise OptionError(f"option 'weights' names an .onnx file, or the .xml of an OpenVINO model, in the model's folder, not {weights!r}")
    if weights not in checkpoint.names():
        raise ModelError(f"model {checkpoint.label!r} has no file {weights!r}; give the name of one of its files")
    if (numbers := _numbers(weights)) and numbers not in checkpoint.names():
        raise ModelError(f"model {checkpoint.label!r} has {weights}, but not {numbers}, which holds its numbers; put it beside that file")
    if backend not in ("auto", library):
        raise OptionError(f"option 'backend' is {backend}, but {weights} is run by {library}; leave the backend out")
    if dtype != "float32":
        raise OptionError(f"option 'dtype' is {dtype}, but {weights} has its own; leave the dtype out")


def locate(checkpoint: Checkpoint, weights: str) -> Path:
    """A local copy of the file, and of the numbers that lie beside it; raises ModelError."""
    path, *_ = [checkpoint.find(name) for name in _parts(checkpoint, weights)]
    if path is None:
        raise ModelError(f"model {checkpoint.label!r} has no file {weights!r}; give the name of one of its files")
    return path


def identify(checkpoint: Checkpoint, weights: str) -> str:
    """Hash of the contents of the file and of the numbers beside it; on the hub the commit settles what the name is."""
    if (folder := checkpoint.folder) is None:
        return weights
    return "+".join(content_digest(folder / name) for name in _parts(checkpoint, weights))


def computes_in_steps(checkpoint: Checkpoint, export: str) -> bool:
    """Whether the .onnx file of that name in a checkpoint computes in whole numbers; raises ModelError."""
    return holds_steps(locate(checkpoint, export))


def holds_steps(path: Path) -> bool:
    """Whether an .onnx file computes in whole numbers, by the operators that it names: runtimes tell nothing of what they run."""
    file = path.stat()
    return _names_steps(path, file.st_size, file.st_mtime_ns)


@cache
def _names_steps(path: Path, _size: int, _changed: int) -> bool:
    return re.search(rb"uantize|MatMulInteger|MatMulNBits", path.read_bytes()) is not None


def _parts(checkpoint: Checkpoint, weights: str) -> list[str]:
    """The file, and what holds its numbers: the .bin of an OpenVINO model, or the data whose names begin with that of an .onnx file."""
    numbers = _numbers(weights)
    return [weights, *sorted(name for name in checkpoint.names() if name == numbers or name.startswith((f"{weights}_", f"{weights}.")))]


def _numbers(weights: str) -> str:
    return f"{weights.removesuffix('.xml')}.bin" if weights.endswith(".xml") else ""


def instruction_set(cpuinfo: str | None = None) -> str:
    """What integer kernels run in on this processor; two that differ saturate and round otherwise, and so give other numbers."""
    flags = processor_flags(cpuinfo)
    return next((one for one in _SETS if one in flags), platform.machine() or "unknown")
