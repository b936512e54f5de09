"""An export beside a checkpoint's own weights: whether it is of them, and whether ONNX Runtime is faster with it. The trial is kept."""

from __future__ import annotations

import os
import platform
from collections.abc import Sequence
from contextlib import suppress
from dataclasses import asdict, dataclass, replace
from importlib.metadata import version
from importlib.util import find_spec
from pathlib import Path
from time import perf_counter
from typing import TYPE_CHECKING

import numpy as np

from stsbench.plugin import StsbenchError, digest
from stsbench_transformers.batching.batches import split_batches
from stsbench_transformers.batching.engine import Engine
from stsbench_transformers.batching.independence import distance
from stsbench_transformers.batching.probing import find_lengths, judged, make_probes, states
from stsbench_transformers.checkpoints.checkpoint import EXPORT
from stsbench_transformers.checkpoints.limits import count_layers
from stsbench_transformers.kept import read_kept, write_kept
from stsbench_transformers.quantised import instruction_set
from stsbench_transformers.running import Work
from stsbench_transformers.tokens.tokenised import Ids, Tokenised
from stsbench_transformers.views import View

if TYPE_CHECKING:
    from stsbench_transformers.sessions import OnnxModel

_FORMAT = "3"  # of what is kept
_WORTH = 1.05  # times as fast: below, the library that is there anyway stays, and noise decides nothing
_TURNS, _SECONDS, _MOST, _LONG = 3, 0.2, 96, 40  # of each library; seconds of a turn about, its texts at most, and their tokens


@dataclass(frozen=True)
class Trial:
    """Why the export cannot stand for the weights (empty where it can), and how many times as fast it is as what runs them, by name."""

    obstacle: str
    rate: float = 0.0
    other: str = ""

    @property
    def won(self) -> bool:
        """Whether ONNX Runtime is to be taken where nobody chose."""
        return not self.obstacle and self.rate >= _WORTH

    @property
    def why(self) -> str:
        """What it found, as a clause."""
        return f"{self.rate:.2f} times as fast as {self.other} with {EXPORT} in a trial here"


def lies_beside(work: Work) -> bool:
    """Whether a folder's export might give what is asked for as its weights do: the last layer, in float32, on the CPU."""
    if work.running.dtype != "float32" or work.file or work.running.device not in ("auto", "cpu") or find_spec("onnxruntime") is None:
        return False
    depth = count_layers(work.checkpoint.label, work.checkpoint.read("config.json"))
    wanted = {layer for view in (*work.vector_views, *work.kept_tokens) for layer in view.layers or (-1,)}
    return wanted == {depth} and EXPORT in work.checkpoint.names()


def recall(work: Work) -> Trial | None:
    """What was found here before, with the same files, libraries and threads; None where nothing was, or nothing can be kept."""
    with suppress(OSError, ValueError, TypeError):
        if (note := _note(work)) is not None:
            return Trial(**read_kept(note))
    return None


def load(work: Work, why: str = "") -> OnnxModel:
    """The export on ONNX Runtime; raises ModelError, OptionError."""
    from stsbench_transformers.sessions import OnnxModel

    return replace(OnnxModel.load(work, EXPORT), chosen=why)


def compare(work: Work, engine: Engine) -> Trial:
    """The export against the engine that runs the weights: the same vectors alone, at every length that may matter, then by turns."""
    trial = _compare(work, engine)
    with suppress(OSError):  # where it cannot be kept, it is found again
        if (note := _note(work)) is not None:
            write_kept(note, asdict(trial))
    return trial


def _compare(work: Work, engine: Engine) -> Trial:
    config = work.checkpoint.read("config.json")
    depth = count_layers(work.checkpoint.label, config)
    try:
        session = load(work)
    except StsbenchError as error:
        return Trial(f"{EXPORT} cannot be run ({error})")
    for views, tolerance in judged(depth, "float32"):
        for probe in make_probes(engine, find_lengths(config, work.limit)):
            given, expected = (states(one, views)([probe]) for one in (session, engine))
            if (apart := distance(given, expected)) > tolerance:
                return Trial(f"{EXPORT} differs by {apart:.0e} from the weights on a text of {len(probe)} tokens")
    return Trial("", _race(session, engine, View("mean", (depth,)), min(work.limit or _LONG, _LONG)), engine.facts["backend"])


def _race(session: OnnxModel, engine: Engine, view: View, longest: int) -> float:
    """How many times as fast the first is as the second, by the best of some turns of short texts of up to `longest` tokens."""
    lengths = np.random.default_rng(0).integers(min(6, longest), longest + 1, _MOST)
    texts = sorted(make_probes(engine, lengths.tolist()), key=len)
    few = texts[:: _MOST // 8]
    _turn(engine, few, view)
    share = min(1.0, _SECONDS / max(_turn(engine, few, view), 1e-6) * len(few) / len(texts))
    some = texts[:: max(1, round(1 / share))]
    _turn(session, some, view)
    turns = [(_turn(session, some, view), _turn(engine, some, view)) for _ in range(_TURNS)]
    return min(theirs for _, theirs in turns) / min(ours for ours, _ in turns)


def _turn(engine: Engine, texts: Sequence[Ids], view: View) -> float:
    unmarked = [np.zeros(len(ids), dtype=np.bool_) for ids in texts]
    given = Tokenised(list(texts), unmarked, np.zeros(len(texts), dtype=np.bool_))
    batches = list(split_batches([len(ids) for ids in texts], engine.budget, engine.packing))
    start = perf_counter()
    engine.collect(given, range(len(texts)), batches, [view])
    return perf_counter() - start


def _note(work: Work) -> Path | None:
    """Where the trial is kept: by machine, libraries, threads, checkpoint, and how long texts may be, up to which both were compared."""
    if not work.running.cache_dir:
        return None
    libraries = [f"{name} {version(name)}" for name in ("openvino", "onnxruntime", "torch") if find_spec(name)]
    machine = [platform.node(), instruction_set(), str(os.cpu_count()), str(work.running.threads)]
    facts = [_FORMAT, work.checkpoint.identity, work.checkpoint.commit or "", str(work.limit), *libraries, *machine]
    return Path(work.running.cache_dir) / "models" / f"{digest(facts)}.trial"
