"""A file of weights that the user chose, such as an int8 export: what it is, and what its numbers depend on beside it."""

from __future__ import annotations

import platform
import re
from functools import cache
from pathlib import Path, PurePosixPath

from stsbench.plugin import ModelError, OptionError, content_digest
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
    if backend not in ("auto", library):
        raise OptionError(f"option 'backend' is {backend}, but {weights} is run by {library}; leave the backend out")
    if dtype != "float32":
        raise OptionError(f"option 'dtype' is {dtype}, but {weights} has its own; leave the dtype out")


def locate(checkpoint: Checkpoint, weights: str) -> Path:
    """A local copy of the file, and of what is named like it and lies beside it; raises ModelError."""
    start = weights.removesuffix(".xml")
    for name in checkpoint.names():
        if name.startswith(start) and PurePosixPath(name).parent == PurePosixPath(weights).parent:
            checkpoint.find(name)
    if (path := checkpoint.find(weights)) is None:
        raise ModelError(f"model {checkpoint.label!r} has no file {weights!r}; give the name of one of its files")
    return path


def identify(checkpoint: Checkpoint, weights: str) -> str:
    """Hash of the file's content, and of the data beside an OpenVINO model; on the hub the commit settles what the name is."""
    if checkpoint.folder is None:
        return weights
    beside = [checkpoint.folder / weights.replace(".xml", ".bin")] if weights.endswith(".xml") else []
    return "+".join(content_digest(path) for path in (checkpoint.folder / weights, *beside) if path.is_file())


@cache
def instruction_set(cpuinfo: str | None = None) -> str:
    """What integer kernels run in on this processor; two that differ saturate and round otherwise, and so give other numbers."""
    if cpuinfo is None:
        try:
            cpuinfo = Path("/proc/cpuinfo").read_text(encoding="utf-8", errors="replace")
        except OSError:
            cpuinfo = ""
    listed = re.search(r"^(?:flags|Features)\s*:(.*)$", cpuinfo, re.MULTILINE)
    flags = set(listed[1].split()) if listed else set()
    return next((one for one in _SETS if one in flags), platform.machine() or "unknown")
