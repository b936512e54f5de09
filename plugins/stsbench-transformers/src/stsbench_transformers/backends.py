"""Which library computes the hidden states. All of them agree within rounding; only the loaded one is imported."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import replace
from importlib.metadata import PackageNotFoundError, version
from logging import getLogger
from typing import TYPE_CHECKING, Protocol

from stsbench.plugin import Float32, OptionError, Tokens
from stsbench_transformers.arithmetic import Arithmetic, find_place
from stsbench_transformers.batches import Packing
from stsbench_transformers.checkpoint import lacks_pooler
from stsbench_transformers.probing import find_lengths, try_packing
from stsbench_transformers.refusal import CannotRun
from stsbench_transformers.tokenised import Tokenised
from stsbench_transformers.views import View

if TYPE_CHECKING:
    from stsbench_transformers.encoder import PooledTransformer


_TRIED = 1024  # tokens of the longest text on which torch is tried, each time that it loads a model


class Engine(Protocol):
    """A loaded model with its tokenizer."""

    @property
    def facts(self) -> Mapping[str, str]:
        """Backend, device and versions."""
        ...

    @property
    def budget(self) -> int:
        """How many tokens, padding included, go through the model at once unless the user says so."""
        ...

    @property
    def packing(self) -> Packing:
        """Which texts may share a batch."""
        ...

    @property
    def checked(self) -> int:
        """How long texts may be, in tokens, before it has to be compared with torch again."""
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
    """The model on the backend that was asked for; `auto` is OpenVINO where it can be had. Raises OptionError or ModelError.

    Only in float32 does torch stand in for OpenVINO where that meets a model that it cannot run: below it the two differ.
    """
    planned = settle(encoder)
    planned.require()
    if encoder.backend == "torch":
        planned.warn(encoder.checkpoint.label)
        return _load_torch(encoder)
    try:
        if (obstacle := _obstacle(encoder)) is not None:
            raise CannotRun(obstacle)
        if encoder.device == "auto" and find_place("auto") != "cpu":
            raise CannotRun("it runs on the CPU only, and there is a GPU; add device=cpu")
        return _load_graph(encoder)
    except CannotRun as reason:
        return _run_instead(encoder, reason)


def extend(encoder: PooledTransformer, engine: Engine, longest: int) -> Engine:
    """An engine that is right for texts of `longest` tokens too: the same where it agrees with torch on them, else torch.

    Raises OptionError where OpenVINO was asked for.
    """
    from stsbench_transformers.conversion import check_further
    from stsbench_transformers.graph import Graph

    assert isinstance(engine, Graph)
    try:
        return check_further(encoder, engine, longest)
    except CannotRun as reason:
        return _run_instead(encoder, reason)


def _run_instead(encoder: PooledTransformer, reason: CannotRun) -> Engine:
    if encoder.backend == "openvino":
        raise OptionError(f"option 'backend' is openvino, but {reason}") from reason
    planned = settle(encoder)
    if planned.identity is not None and planned.library == "openvino":
        raise OptionError(
            f"option 'dtype' is {encoder.dtype}, which openvino was to compute in, but {reason}; add backend=torch"
        ) from reason
    return _load_torch(encoder, str(reason))


def settle(encoder: PooledTransformer) -> Arithmetic:
    """What the encoder computes in, by which library, and where, told without loading the model."""
    place = find_place(encoder.device) if encoder.dtype != "float32" else ""
    own = encoder.backend != "torch" and place == "cpu" and _obstacle(encoder) is None
    library = "openvino" if own or encoder.backend == "openvino" else "torch"
    return Arithmetic(encoder.dtype, library, place, encoder.backend == "torch", "backend=torch")


def foresee(encoder: PooledTransformer) -> str:
    """The backend that would run, and why torch where it is torch, as far as can be told without importing either."""
    arithmetic = settle(encoder).foreseen
    if encoder.backend == "torch":
        return f"torch{arithmetic}"
    obstacle = _obstacle(encoder)
    return f"openvino{arithmetic}" if obstacle is None else f"torch{arithmetic}, not openvino: {obstacle}"


def _load_graph(encoder: PooledTransformer) -> Engine:
    from stsbench_transformers.conversion import load_converted
    from stsbench_transformers.graph import supports

    if not supports(encoder.dtype):
        raise CannotRun(f"this CPU does not compute in {encoder.dtype}")
    graph = load_converted(encoder)
    if _wants_pooler(encoder) and not graph.pooler:
        raise lacks_pooler(encoder.checkpoint)
    return graph


def _obstacle(encoder: PooledTransformer) -> str | None:
    """Why OpenVINO cannot be used whatever the model, or None."""
    if encoder.device not in ("auto", "cpu"):
        return f"it runs on the CPU only, and 'device' is {encoder.device!r}; leave one of them out"
    if encoder.dtype == "float16":
        return "it computes in float32 and bfloat16, and 'dtype' is float16; leave one of them out"
    try:
        version("openvino")
    except PackageNotFoundError:
        return "it is not installed; install it with pip install 'stsbench-transformers[openvino]'"
    return None


def _load_torch(encoder: PooledTransformer, instead: str = "") -> Engine:
    from stsbench_transformers.backbone import Backbone

    pooler = _wants_pooler(encoder)
    loaded = Backbone.load(
        encoder.checkpoint, dtype=encoder.dtype, device=encoder.device, pooler=pooler, threads=encoder.threads, instead=instead
    )
    if instead and loaded.device.type == "cpu":
        getLogger(__name__).warning("%s runs on torch, not on openvino: %s", encoder.checkpoint.label, instead)
    config = loaded.model.config
    lengths = find_lengths(config.to_dict(), min(encoder.max_length or _TRIED, _TRIED))
    return replace(loaded, packing=try_packing(loaded, lengths, config.num_hidden_layers, encoder.dtype))


def _wants_pooler(encoder: PooledTransformer) -> bool:
    return any(view.pooling == "pooler" for view in encoder.vector_views)
