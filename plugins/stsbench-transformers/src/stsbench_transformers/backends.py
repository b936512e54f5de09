"""Which library computes the hidden states. All of them agree within rounding; only the loaded one is imported."""

from __future__ import annotations

from dataclasses import replace
from importlib.metadata import PackageNotFoundError, version
from importlib.util import find_spec
from logging import getLogger

from stsbench.plugin import OptionError
from stsbench_transformers import export_trial
from stsbench_transformers.arithmetic import Arithmetic, find_place
from stsbench_transformers.batching.engine import Engine
from stsbench_transformers.batching.probing import TEXT, find_lengths, try_packing
from stsbench_transformers.checkpoints.checkpoint import EXPORT, lacks_pooler
from stsbench_transformers.checkpoints.limits import require_embeddings
from stsbench_transformers.quantised import READ_BY, instruction_set
from stsbench_transformers.running import CannotRun, Work

_TRIED = 1024  # tokens of the longest text on which torch is tried, each time that it loads a model


def load_engine(work: Work) -> Engine:
    """The model on the backend that was asked for; `auto` is OpenVINO where it can be had, or ONNX Runtime where a trial finds that faster.

    Only in float32 does one library stand in for another: below it they differ. Raises OptionError or ModelError.
    """
    planned = settle(work)
    planned.require()
    if work.file and planned.library == "onnxruntime":
        return _load_session(work)
    if work.running.backend == "onnxruntime":
        return _load_beside(work)
    if not _may_be_tried(work):
        return _load_weights(work)
    trial = export_trial.recall(work)
    if trial is None and work.running.cache_dir:  # where it cannot be kept, two runs may find otherwise
        engine = _load_weights(work)
        if engine.facts["device"] != "cpu" or not (trial := export_trial.compare(work, engine)).won:
            return engine
    return export_trial.load(work, trial.why) if trial is not None and trial.won else _load_weights(work)


def _may_be_tried(work: Work) -> bool:
    """Whether `auto` weighs an export: of a folder alone, since the hub would be asked what a model has, and give the whole file."""
    return work.running.backend == "auto" and work.checkpoint.folder is not None and export_trial.lies_beside(work)


def _load_beside(work: Work) -> Engine:
    """The export beside the weights, once it agrees with them."""
    _require_session(work, EXPORT)
    if EXPORT not in work.checkpoint.names():
        raise OptionError(f"option 'backend' is onnxruntime, but model {work.checkpoint.label!r} has no {EXPORT}; leave the backend out")
    if not export_trial.lies_beside(work):
        raise OptionError(
            f"option 'backend' is onnxruntime, but {EXPORT} gives the last layer alone; leave out other layers, and the pooler"
        )
    usual = replace(work, running=replace(work.running, backend="auto", device="cpu"))
    trial = export_trial.recall(work) or export_trial.compare(work, _load_weights(usual))
    if trial.obstacle:
        raise OptionError(f"option 'backend' is onnxruntime, but {trial.obstacle}; leave the backend out")
    return export_trial.load(work)


def _load_weights(work: Work) -> Engine:
    planned = settle(work)
    if work.running.backend == "torch":
        planned.warn(work.checkpoint.label)
        return _load_torch(work)
    try:
        if (obstacle := _obstacle(work)) is not None:
            raise CannotRun(obstacle)
        if work.running.device == "auto" and find_place("auto") != "cpu":
            raise CannotRun("it runs on the CPU only, and there is a GPU; add device=cpu")
        return _load_graph(work)
    except CannotRun as reason:
        return _run_instead(work, reason)


def extend(work: Work, engine: Engine, longest: int) -> Engine:
    """An engine that is right for texts of `longest` tokens too: the same where it agrees with torch on them, else torch.

    Raises OptionError where OpenVINO was asked for.
    """
    from stsbench_transformers.graphs.conversion import check_further
    from stsbench_transformers.graphs.graph import Graph

    assert isinstance(engine, Graph)
    try:
        return check_further(work, engine, longest)
    except CannotRun as reason:
        return _run_instead(work, reason)


def _run_instead(work: Work, reason: CannotRun) -> Engine:
    if work.running.weights:
        raise OptionError(f"option 'weights' is {work.running.weights}, but {reason}") from reason
    if work.running.backend == "openvino":
        raise OptionError(f"option 'backend' is openvino, but {reason}") from reason
    planned = settle(work)
    if planned.identity is not None and planned.library == "openvino":
        raise OptionError(
            f"option 'dtype' is {work.running.dtype}, which openvino was to compute in, but {reason}; add backend=torch"
        ) from reason
    return _load_torch(work, str(reason))


def settle(work: Work) -> Arithmetic:
    """What the encoder computes in, by which library, and where, told without loading the model."""
    place = find_place(work.running.device) if work.running.dtype != "float32" else ""
    if _in_session(work):
        return Arithmetic(work.running.dtype, "onnxruntime", "cpu", asked=True)
    converted = work.running.backend != "torch" and place == "cpu" and _obstacle(work) is None
    library = "openvino" if converted or work.running.backend == "openvino" else "torch"
    return Arithmetic(work.running.dtype, library, place, work.running.backend == "torch", "backend=torch")


def _in_session(work: Work) -> bool:
    """Whether ONNX Runtime runs it: a chosen file, what it was named for, or an export that nothing else here can read."""
    if work.running.backend == "onnxruntime" or work.running.weights.endswith(".onnx"):
        return True
    at_hand = work.running.backend == "auto" and work.running.dtype == "float32" and find_spec("onnxruntime") is not None
    return at_hand and work.file.endswith(".onnx") and work.running.device in ("auto", "cpu") and _obstacle(work) is not None


def foresee(work: Work) -> str:
    """The backend that would run, and why torch where it is torch, as far as can be told without importing either."""
    planned = settle(work)
    if work.running.weights:
        return f"{READ_BY[work.running.weights[work.running.weights.rindex('.') :]]} ({work.running.weights}, {instruction_set()})"
    if planned.library == "onnxruntime":
        return f"onnxruntime ({', '.join([work.file or EXPORT, *work.quantised.values()])})"
    if _may_be_tried(work) and (trial := export_trial.recall(work)) and trial.won:
        return f"onnxruntime, {trial.why}"
    arithmetic = planned.foreseen
    if work.running.backend == "torch":
        return f"torch{arithmetic}"
    obstacle = _obstacle(work)
    return f"openvino{arithmetic}" if obstacle is None else f"torch{arithmetic}, not openvino: {obstacle}"


def _load_graph(work: Work) -> Engine:
    from stsbench_transformers.graphs.conversion import load_converted
    from stsbench_transformers.graphs.graph import supports

    if not supports(work.running.dtype):
        raise CannotRun(f"this CPU does not compute in {work.running.dtype}")
    graph = load_converted(work)
    if _wants_pooler(work) and not graph.pooler:
        raise lacks_pooler(work.checkpoint)
    return graph


def _load_session(work: Work) -> Engine:
    _require_session(work, work.file)
    from stsbench_transformers.sessions import OnnxModel

    return OnnxModel.load(work, work.file)


def _require_session(work: Work, file: str) -> None:
    if find_spec("onnxruntime") is None:
        raise OptionError(f"{file} takes onnxruntime; install it with pip install 'stsbench-transformers[onnx]'")
    if work.running.device not in ("auto", "cpu"):
        raise OptionError(f"option 'device' is {work.running.device}, but {file} is run on the CPU; leave it out")
    if work.running.dtype != "float32":
        raise OptionError(f"option 'backend' is onnxruntime, which computes in float32, and 'dtype' is {work.running.dtype}; leave one out")


def _obstacle(work: Work) -> str | None:
    """Why OpenVINO cannot be used whatever the model, or None."""
    if work.running.device not in ("auto", "cpu"):
        return f"it runs on the CPU only, and 'device' is {work.running.device!r}; leave one of them out"
    if work.running.dtype == "float16":
        return "it computes in float32 and bfloat16, and 'dtype' is float16; leave one of them out"
    try:
        version("openvino")
    except PackageNotFoundError:
        return "it is not installed; install it with pip install 'stsbench-transformers[openvino]'"
    return None


def _load_torch(work: Work, instead: str = "") -> Engine:
    from stsbench_transformers.pytorch.backbone import Backbone

    pooler = _wants_pooler(work)
    loaded = Backbone.load(
        work.checkpoint,
        dtype=work.running.dtype,
        device=work.running.device,
        pooler=pooler,
        threads=work.running.threads,
        instead=instead,
    )
    if instead and loaded.device.type == "cpu":
        getLogger(__name__).warning("%s runs on torch, not on openvino: %s", work.checkpoint.label, instead)
    config = loaded.model.config
    require_embeddings(work.checkpoint.label, config.to_dict(), loaded.tokenise([TEXT], None).ids, loaded.tokenizer.pad_token_id or 0)
    lengths = find_lengths(config.to_dict(), min(work.limit or _TRIED, _TRIED))
    return replace(loaded, packing=try_packing(loaded, lengths, config.num_hidden_layers, work.running.dtype))


def _wants_pooler(work: Work) -> bool:
    return any(view.pooling == "pooler" for view in work.vector_views)
