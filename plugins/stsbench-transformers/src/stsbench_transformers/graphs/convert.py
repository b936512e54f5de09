"""From a torch module to an OpenVINO graph with every hidden state as an output, kept once it agrees with torch. Imports torch."""

from __future__ import annotations

import warnings
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager, suppress
from importlib import import_module
from pathlib import Path
from typing import Any

import openvino
import torch
from torch import Tensor

from stsbench.plugin import Float32
from stsbench_transformers.batching.batches import PACKINGS, Packing
from stsbench_transformers.batching.independence import distance, find_packing
from stsbench_transformers.batching.probing import find_lengths, judged, make_probes, states
from stsbench_transformers.graphs.converted import keep
from stsbench_transformers.graphs.graph import Graph
from stsbench_transformers.loading import quiet
from stsbench_transformers.pytorch.backbone import Backbone
from stsbench_transformers.tokens.tokenised import Ids
from stsbench_transformers.tokens.tokenizer import LibraryTokenizer
from stsbench_transformers.views import View

_TOLERANCE = 1e-4  # between a token's states on both backends, relative to their length
_SHORT = 64  # tokens of the longest text whose every layer is compared


class Disagrees(Exception):
    """The traced model computes something else than torch does."""


class _AllStates(torch.nn.Module):
    """Hidden states 0 to depth (the last after a final norm, where the model has one), and the pooler's output if its weights are there."""

    def __init__(self, model: Any, pooler: bool) -> None:
        super().__init__()
        self.model, self.pooler = model, pooler

    def forward(self, input_ids: Tensor, attention_mask: Tensor) -> tuple[Tensor, ...]:
        output = self.model(input_ids=input_ids, attention_mask=attention_mask, output_hidden_states=True, return_dict=True)
        depth = self.model.config.num_hidden_layers
        return (*output.hidden_states[:depth], output.last_hidden_state, *([output.pooler_output] if self.pooler else []))


def convert(backbone: Backbone, tokenizer: LibraryTokenizer, folder: Path, max_length: int | None) -> None:
    """Trace the model and keep it in `folder`, once it agrees with torch on texts of every length that may make a difference.

    Raises Disagrees, or whatever the tracer meets in a model that it cannot follow.
    """
    ids = torch.full((2, 6), tokenizer.filler)
    ids[:, :4] = torch.tensor(backbone.tokenizer("a b").input_ids[:4] * 4)[:4]
    mask = torch.tensor([[1] * 6, [1, 1, 1, 1, 0, 0]])  # with padding, so that no mask is left out of the graph
    _report_to_nobody()
    with quiet(), _silent(), torch.inference_mode():
        graph = openvino.convert_model(
            _AllStates(backbone.model, backbone.pooler), example_input={"input_ids": ids, "attention_mask": mask}
        )
    facts = {
        "depth": backbone.model.config.num_hidden_layers,
        "width": backbone.model.config.hidden_size,
        "pooler": backbone.pooler,
    }

    def check(written: Path) -> Mapping[str, object]:
        made = Graph.load(written, tokenizer, dtype="float32", threads=backbone.threads)
        lengths = find_lengths(backbone.model.config.to_dict(), max_length)
        return {"packing": compare(backbone, made, lengths), "checked": lengths[-1]}

    keep(folder, graph, facts, check)


def compare(backbone: Backbone, graph: Graph, lengths: Sequence[int]) -> Packing:
    """The largest batches in which the graph gives texts of these lengths what torch gives each alone. Raises Disagrees.

    All layers, and the pooler, are compared on the shorter texts, the last one on all.
    """
    every = [*(View("tokens", (layer,)) for layer in range(graph.depth)), *[View("pooler")] * backbone.pooler]
    probes, twins = (make_probes(backbone, lengths, seed) for seed in (0, 1))
    _compare_alone(backbone, graph, every, [one for one in probes if len(one) <= _SHORT], _TOLERANCE)
    packings = []
    for views, tolerance in judged(graph.depth, "float32"):
        alone = _compare_alone(backbone, graph, views, probes, tolerance)
        with _running(lengths[-1]):
            packings.append(find_packing(states(graph, views), alone, probes, twins, tolerance))
    return max(packings, key=PACKINGS.index)


def _compare_alone(backbone: Backbone, graph: Graph, views: Sequence[View], probes: Sequence[Ids], tolerance: float) -> list[Float32]:
    expected = [states(backbone, views)([wanted])[0] for wanted in probes]
    for probe, wanted in zip(probes, expected, strict=True):
        with _running(len(probe)):
            given = states(graph, views)([probe])
        if (apart := distance(given, [wanted])) > tolerance:
            raise Disagrees(f"differs by {apart:.0e} from torch on a text of {len(probe)} tokens when it is converted")
    return expected


@contextmanager
def _running(length: int) -> Iterator[None]:
    try:
        yield
    except RuntimeError as error:
        raise Disagrees(f"fails on texts of up to {length} tokens when it is converted") from error


def _report_to_nobody() -> None:
    """Leave out what OpenVINO sends to its makers of each conversion where nobody has refused it, each report by a process of its own."""
    with suppress(ImportError):
        telemetry: Any = import_module("openvino_telemetry")
        telemetry.Telemetry = import_module("openvino.tools.ovc.telemetry_stub").Telemetry


@contextmanager
def _silent() -> Iterator[None]:
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        yield
