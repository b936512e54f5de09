"""Which library computes the hidden states. All of them agree within rounding; only the loaded one is imported."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from importlib.metadata import PackageNotFoundError, version
from importlib.util import find_spec
from pathlib import Path
from typing import TYPE_CHECKING, Protocol

from stsbench.plugin import Float32, OptionError, Tokens, digest
from stsbench_transformers.checkpoint import lacks_pooler
from stsbench_transformers.tokenised import Tokenised
from stsbench_transformers.views import View

if TYPE_CHECKING:
    from stsbench_transformers.backbone import Backbone
    from stsbench_transformers.encoder import PooledTransformer

_FORMAT = "2"  # of the converted model's folder


class Engine(Protocol):
    """A loaded model with its tokenizer."""

    @property
    def facts(self) -> Mapping[str, str]:
        """Backend, device and versions."""
        ...

    def tokenise(self, texts: Sequence[str], max_length: int | None) -> Tokenised:
        """Ids of each text, special tokens included."""
        ...

    def collect(
        self, tokenised: Tokenised, order: Sequence[int], batches: Iterable[slice], views: Sequence[View]
    ) -> tuple[dict[str, Float32], dict[str, Tokens]]:
        """Vectors and tokens of the texts in `order`, which `batches` cuts, for each view."""
        ...


def load_engine(encoder: PooledTransformer) -> Engine:
    """The model on the backend that was asked for; `auto` is OpenVINO where it can be had. Raises OptionError or ModelError."""
    obstacle = _obstacle(encoder)
    if encoder.backend == "openvino" and obstacle is not None:
        raise OptionError(f"option 'backend' is openvino, {obstacle}")
    if encoder.backend == "torch" or obstacle is not None:
        return _load_torch(encoder, encoder.dtype, encoder.device)
    from stsbench_transformers.graph import Graph, supports

    if not supports(encoder.dtype):
        if encoder.backend == "openvino":
            raise OptionError(f"option 'backend' is openvino, but this CPU does not compute in {encoder.dtype}; leave the backend out")
        return _load_torch(encoder, encoder.dtype, encoder.device)
    folder = converted(encoder)
    if not (folder / "graph.json").exists() and not _built(encoder, folder):
        from stsbench_transformers.convert import convert

        backbone = _load_torch(encoder, "float32", "cpu")
        try:
            convert(backbone, folder)
        except Exception as error:  # whatever the tracer meets in a model that it cannot follow
            if encoder.backend == "openvino":
                raise OptionError(
                    f"model {encoder.checkpoint.label!r} cannot be converted ({type(error).__name__}); leave the backend out"
                ) from error
            return _load_torch(encoder, encoder.dtype, encoder.device)
    graph = Graph.load(folder, dtype=encoder.dtype, threads=encoder.threads)
    if _wants_pooler(encoder) and not graph.pooler:
        raise lacks_pooler(encoder.checkpoint)
    return graph


def _built(encoder: PooledTransformer, folder: Path) -> bool:
    """Whether the model could be converted from its weights alone."""
    from stsbench_transformers.architecture import UnknownArchitecture
    from stsbench_transformers.converted import convert_weights

    try:
        convert_weights(encoder.checkpoint, folder)
    except UnknownArchitecture:
        return False
    return True


def converted(encoder: PooledTransformer) -> Path:
    """The folder of the converted model: one for each checkpoint and version of OpenVINO, whatever the views and the dtype."""
    checkpoint = encoder.checkpoint
    facts = (_FORMAT, checkpoint.identity, checkpoint.commit or "", version("openvino"))
    return Path(encoder.cache_dir) / "models" / digest(facts)


def _obstacle(encoder: PooledTransformer) -> str | None:
    """Why OpenVINO cannot be used, or None."""
    if encoder.device not in ("auto", "cpu"):
        return f"which runs on the CPU only, and 'device' is {encoder.device!r}; leave one of them out"
    if not encoder.cache_dir:
        return "which keeps its converted model in a folder, and there is none; give cache_dir"
    try:
        version("openvino")
    except PackageNotFoundError:
        return "which is not installed; install it with pip install 'stsbench-transformers[openvino]'"
    if encoder.device == "auto" and _has_gpu():
        return "which runs on the CPU only, and there is a GPU; add device=cpu"
    return None


def _has_gpu() -> bool:
    """Whether torch could use a GPU, asked without importing it where there is no sign of one."""
    signs = (Path("/dev/nvidiactl"), Path("/proc/driver/nvidia"), Path("/dev/kfd"), Path("/System/Library/Frameworks/Metal.framework"))
    if find_spec("torch") is None or not any(sign.exists() for sign in signs):
        return False
    from stsbench_transformers.backbone import choose_device

    return choose_device("auto").type != "cpu"


def _load_torch(encoder: PooledTransformer, dtype: str, device: str) -> Backbone:
    from stsbench_transformers.backbone import Backbone

    return Backbone.load(encoder.checkpoint, dtype=dtype, device=device, pooler=_wants_pooler(encoder), threads=encoder.threads)


def _wants_pooler(encoder: PooledTransformer) -> bool:
    return any(view.pooling == "pooler" for view in encoder.vector_views)
