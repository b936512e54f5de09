"""From a torch module to an OpenVINO graph with every hidden state as an output, kept once it agrees with torch. Imports torch."""

from __future__ import annotations

import warnings
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import numpy as np
import openvino
import torch
from torch import Tensor

from stsbench_transformers.backbone import Backbone
from stsbench_transformers.converted import keep
from stsbench_transformers.graph import Graph
from stsbench_transformers.quiet import quiet
from stsbench_transformers.tokenizer import LibraryTokenizer
from stsbench_transformers.views import View

TOLERANCE = 1e-4  # between a token's states on both backends, relative to their length
_PROBES = (
    "A man plays the guitar.",
    "Stocks fell 3.5 % on Monday, while nobody looked at the old house near the river.",
    "no",
    "Ein Mädchen liest.",
)


class Disagreement(Exception):
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


def convert(backbone: Backbone, tokenizer: LibraryTokenizer, folder: Path) -> None:
    """Trace the model and keep it in `folder`, once it agrees with torch in every hidden state of a few texts.

    Raises Disagreement, or whatever the tracer meets in a model that it cannot follow.
    """
    ids = torch.full((2, 6), tokenizer.filler)
    ids[:, :4] = torch.tensor(backbone.tokenizer("a b").input_ids[:4] * 4)[:4]
    mask = torch.tensor([[1] * 6, [1, 1, 1, 1, 0, 0]])  # with padding, so that no mask is left out of the graph
    with quiet(), _silent(), torch.inference_mode():
        graph = openvino.convert_model(
            _AllStates(backbone.model, backbone.pooler), example_input={"input_ids": ids, "attention_mask": mask}
        )
    facts = {
        "depth": backbone.model.config.num_hidden_layers,
        "width": backbone.model.config.hidden_size,
        "pooler": backbone.pooler,
    }
    keep(
        folder,
        graph,
        facts,
        check=lambda written: _compare(backbone, Graph.load(written, tokenizer, dtype="float32", threads=backbone.threads)),
    )


def _compare(backbone: Backbone, graph: Graph) -> None:
    views = [View("tokens", (layer,)) for layer in range(graph.depth + 1)] + [View("pooler")] * backbone.pooler
    given = backbone.tokenise(_PROBES, None)
    order = sorted(range(len(_PROBES)), key=lambda row: len(given.ids[row]))
    states = []
    for engine in (backbone, graph):
        vectors, tokens = engine.collect(given, order, [slice(0, len(order))], views)
        states.append({**vectors, **{view: one.values for view, one in tokens.items()}})
    expected, found = states
    apart = max(float((np.linalg.norm(found[view] - one, axis=1) / np.linalg.norm(one, axis=1)).max()) for view, one in expected.items())
    if not apart <= TOLERANCE:  # also where it is not a number
        raise Disagreement(f"differs by {apart:.0e} from torch when it is converted")


@contextmanager
def _silent() -> Iterator[None]:
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        yield
