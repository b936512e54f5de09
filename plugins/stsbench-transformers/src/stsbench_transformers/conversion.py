"""The converted model of an encoder: found in its folder, or made there from weights, from an ONNX export, or by tracing."""

from __future__ import annotations

import shutil
import tempfile
import weakref
from importlib.metadata import version
from pathlib import Path
from typing import TYPE_CHECKING

from stsbench.plugin import StsbenchError, digest
from stsbench_transformers.architecture import UnknownArchitecture
from stsbench_transformers.backends import CannotRun
from stsbench_transformers.converted import convert_export, convert_weights
from stsbench_transformers.graph import Graph

if TYPE_CHECKING:
    from stsbench_transformers.encoder import PooledTransformer

_FORMAT = "5"  # of the converted model's folder


def load_converted(encoder: PooledTransformer) -> Graph:
    """The converted model, made if it is not there; without a folder to keep it in, it lives as long as what is returned.

    Raises CannotRun where it cannot be converted, or the result does not agree with torch.
    """
    if encoder.cache_dir:
        return _load(encoder, converted(encoder))
    folder = Path(tempfile.mkdtemp(prefix="stsbench-"))
    try:
        graph = _load(encoder, folder / "model")
    except BaseException:
        shutil.rmtree(folder, ignore_errors=True)
        raise
    weakref.finalize(graph, shutil.rmtree, folder, ignore_errors=True)
    return graph


def converted(encoder: PooledTransformer) -> Path:
    """The folder of the converted model: one for each checkpoint and version of the libraries that make it, whatever the views and the dtype."""
    checkpoint = encoder.checkpoint
    facts = (_FORMAT, checkpoint.identity, checkpoint.commit or "", version("openvino"), version("transformers"))
    return Path(encoder.cache_dir) / "models" / digest(facts)


def _load(encoder: PooledTransformer, folder: Path) -> Graph:
    if encoder.tokenizer.obstacle:
        raise CannotRun(encoder.tokenizer.obstacle)
    if not (folder / "graph.json").exists():
        try:
            _make(encoder, folder)
        except OSError as error:
            raise CannotRun(f"its converted model cannot be written ({error.strerror})") from error
    return Graph.load(folder, encoder.tokenizer, dtype=encoder.dtype, threads=encoder.threads)


def _make(encoder: PooledTransformer, folder: Path) -> None:
    exported = encoder.checkpoint.exported
    try:
        (convert_export if exported else convert_weights)(encoder.checkpoint, folder)
    except UnknownArchitecture as reason:
        if exported:
            raise CannotRun(f"onnx/model.onnx of model {encoder.checkpoint.label!r} cannot be read ({reason})") from reason
        if not encoder.cache_dir:
            raise CannotRun("the model has to be traced, which pays only where there is a cache folder to keep the result") from reason
        _trace(encoder, folder)


def _trace(encoder: PooledTransformer, folder: Path) -> None:
    refused = folder.with_suffix(".refused")
    if refused.exists():
        raise CannotRun(refused.read_text(encoding="utf-8"))
    from stsbench_transformers.backbone import Backbone
    from stsbench_transformers.convert import Disagreement, convert

    backbone = Backbone.load(encoder.checkpoint, dtype="float32", device="cpu", pooler=False, threads=encoder.threads)
    try:
        convert(backbone, encoder.tokenizer, folder)
    except (StsbenchError, OSError):
        raise
    except Disagreement as found:
        reason = f"model {encoder.checkpoint.label!r} {found}; leave the backend out"
        folder.parent.mkdir(parents=True, exist_ok=True)
        refused.write_text(reason, encoding="utf-8")
        raise CannotRun(reason) from found
    except Exception as error:  # whatever the tracer meets in a model that it cannot follow
        raise CannotRun(
            f"model {encoder.checkpoint.label!r} cannot be converted ({type(error).__name__}); leave the backend out"
        ) from error
