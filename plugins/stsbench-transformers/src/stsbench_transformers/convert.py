"""From a torch module to an OpenVINO graph with every hidden state as an output, kept with its tokenizer. Imports torch."""

from __future__ import annotations

import json
import shutil
import warnings
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any
from uuid import uuid4

import openvino
import torch
from torch import Tensor

from stsbench_transformers.backbone import Backbone
from stsbench_transformers.quiet import quiet


class _AllStates(torch.nn.Module):
    """Hidden states 0 to depth (the last after a final norm, where the model has one), and the pooler's output if its weights are there."""

    def __init__(self, model: Any, pooler: bool) -> None:
        super().__init__()
        self.model, self.pooler = model, pooler

    def forward(self, input_ids: Tensor, attention_mask: Tensor) -> tuple[Tensor, ...]:
        output = self.model(input_ids=input_ids, attention_mask=attention_mask, output_hidden_states=True, return_dict=True)
        depth = self.model.config.num_hidden_layers
        return (*output.hidden_states[:depth], output.last_hidden_state, *([output.pooler_output] if self.pooler else []))


def convert(backbone: Backbone, folder: Path) -> None:
    """Write `model.xml`, `model.bin`, `tokenizer.json` and `graph.json` into `folder`, which appears complete or not at all."""
    if not getattr(backbone.tokenizer, "is_fast", False):
        raise NotImplementedError("its tokenizer is not of the tokenizers library")
    filler = backbone.tokenizer.pad_token_id or 0
    ids = torch.full((2, 6), filler)
    ids[:, :4] = torch.tensor(backbone.tokenizer("a b").input_ids[:4] * 4)[:4]
    mask = torch.tensor([[1] * 6, [1, 1, 1, 1, 0, 0]])  # with padding, so that no mask is left out of the graph
    with quiet(), _silent(), torch.inference_mode():
        graph = openvino.convert_model(
            _AllStates(backbone.model, backbone.pooler), example_input={"input_ids": ids, "attention_mask": mask}
        )
    temporary = folder.with_name(f".{folder.name}.{uuid4().hex[:12]}.tmp")
    try:
        temporary.mkdir(parents=True)
        openvino.save_model(graph, temporary / "model.xml", compress_to_fp16=False)
        tokenizer = type(backbone.tokenizer.backend_tokenizer).from_str(backbone.tokenizer.backend_tokenizer.to_str())
        tokenizer.no_truncation()
        tokenizer.no_padding()
        (temporary / "tokenizer.json").write_text(tokenizer.to_str(), encoding="utf-8")
        facts = {
            "depth": backbone.model.config.num_hidden_layers,
            "width": backbone.model.config.hidden_size,
            "filler": filler,
            "side": backbone.tokenizer.truncation_side,
            "pooler": backbone.pooler,
            "specials": backbone.tokenizer.num_special_tokens_to_add(),
        }
        (temporary / "graph.json").write_text(json.dumps(facts), encoding="utf-8")
        if not folder.exists():
            temporary.rename(folder)
    finally:
        shutil.rmtree(temporary, ignore_errors=True)


@contextmanager
def _silent() -> Iterator[None]:
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        yield
