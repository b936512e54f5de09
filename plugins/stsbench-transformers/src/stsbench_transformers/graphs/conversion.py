"""The converted model of an encoder: found in its folder, or made there from weights, from an ONNX export, or by tracing."""

from __future__ import annotations

import shutil
import tempfile
import weakref
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from dataclasses import replace
from importlib.metadata import version
from pathlib import Path
from typing import TYPE_CHECKING

from stsbench.plugin import ModelError, StsbenchError, digest
from stsbench_transformers.batching.batches import PACKINGS
from stsbench_transformers.batching.probing import LONGEST
from stsbench_transformers.checkpoints.checkpoint import EXPORT
from stsbench_transformers.checkpoints.limits import require_embeddings
from stsbench_transformers.graphs.architecture import UnknownArchitecture
from stsbench_transformers.graphs.converted import convert_export, convert_weights, keep_facts
from stsbench_transformers.graphs.graph import FACTS, Graph
from stsbench_transformers.quantised import computes_in_steps
from stsbench_transformers.running import CannotRun

if TYPE_CHECKING:
    from stsbench_transformers.pytorch.backbone import Backbone
    from stsbench_transformers.running import Work

_FORMAT = "9"  # of the converted model's folder
_REFUSED = ".refused"


def load_converted(work: Work) -> Graph:
    """The converted model, made if it is not there; without a folder to keep it in, it lives as long as what is returned.

    Raises CannotRun where it cannot be converted, or the result does not agree with torch.
    """
    if work.running.cache_dir:
        return _load(work, converted(work))
    folder = Path(tempfile.mkdtemp(prefix="stsbench-"))
    try:
        graph = _load(work, folder / "model")
    except BaseException:
        shutil.rmtree(folder, ignore_errors=True)
        raise
    weakref.finalize(graph, shutil.rmtree, folder, ignore_errors=True)
    return graph


def converted(work: Work) -> Path:
    """The folder of the converted model: one for each checkpoint and version of the libraries that make it, whatever views and dtype."""
    checkpoint = work.checkpoint
    facts = [_FORMAT, checkpoint.identity, checkpoint.commit or "", version("openvino"), version("transformers"), *work.quantised.values()]
    return Path(work.running.cache_dir) / "models" / digest(facts)


def check_further(work: Work, graph: Graph, longest: int) -> Graph:
    """The graph, compared with torch on texts of `longest` tokens too, and of up to twice as many as before. Raises CannotRun."""
    from stsbench_transformers.graphs.convert import compare

    most = min(max(longest, 2 * graph.checked), work.limit or LONGEST, LONGEST)
    backbone = _load_torch(work)
    with _remembered(work, graph.folder):
        packing = compare(backbone, replace(graph, dtype="float32"), (3, most))
    further = replace(graph, checked=most, packing=max(graph.packing, packing, key=PACKINGS.index))
    with suppress(OSError):
        keep_facts(graph.folder, {name: getattr(further, name) for name in FACTS})
    return further


def _load(work: Work, folder: Path) -> Graph:
    if work.tokenizer.obstacle:
        raise CannotRun(work.tokenizer.obstacle)
    require_embeddings(work.checkpoint.label, work.checkpoint.read("config.json"), (), work.tokenizer.filler)
    if (refused := folder.with_suffix(_REFUSED)).exists():
        raise CannotRun(refused.read_text(encoding="utf-8"))
    if not (folder / "graph.json").exists():
        try:
            _make(work, folder)
        except OSError as error:
            raise CannotRun(f"its converted model cannot be written ({error.strerror})") from error
    return Graph.load(folder, work.tokenizer, dtype=work.running.dtype, threads=work.running.threads)


def _make(work: Work, folder: Path) -> None:
    if work.running.weights or work.checkpoint.exported:
        file = work.running.weights or EXPORT
        if not work.file and computes_in_steps(work.checkpoint, file):
            raise ModelError(
                f"{file} is all that model {work.checkpoint.label!r} has, and computes in whole numbers, which depend on the processor; "
                f"say so with weights={file}"
            )
        try:
            convert_export(work.checkpoint, folder, work.tokenizer, work.limit, file)
        except UnknownArchitecture as reason:
            raise CannotRun(f"{file} of model {work.checkpoint.label!r} cannot be read ({reason})") from reason
        return
    try:
        convert_weights(work.checkpoint, folder)
    except UnknownArchitecture as reason:
        if not work.running.cache_dir:
            raise CannotRun("the model has to be traced, which pays only where there is a cache folder to keep the result") from reason
        _trace(work, folder)


def _trace(work: Work, folder: Path) -> None:
    from stsbench_transformers.graphs.convert import convert

    backbone = _load_torch(work)
    try:
        with _remembered(work, folder):
            convert(backbone, work.tokenizer, folder, work.limit)
    except (StsbenchError, OSError, CannotRun):
        raise
    except Exception as error:  # whatever the tracer meets in a model that it cannot follow
        raise CannotRun(f"model {work.checkpoint.label!r} cannot be converted ({type(error).__name__}); leave the backend out") from error


def _load_torch(work: Work) -> Backbone:
    from stsbench_transformers.pytorch.backbone import Backbone

    return Backbone.load(work.checkpoint, dtype="float32", device="cpu", pooler=False, threads=work.running.threads)


@contextmanager
def _remembered(work: Work, folder: Path) -> Iterator[None]:
    """`Disagrees` becomes CannotRun, also the next time."""
    from stsbench_transformers.graphs.convert import Disagrees

    try:
        yield
    except Disagrees as error:
        reason = f"model {work.checkpoint.label!r} {error}; leave the backend out"
        with suppress(OSError):  # where it cannot be kept, it is found again
            folder.parent.mkdir(parents=True, exist_ok=True)
            folder.with_suffix(_REFUSED).write_text(reason, encoding="utf-8")
        raise CannotRun(reason) from error
