"""A model that its repository brings as an ONNX file: read by OpenVINO, without torch."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import numpy as np
import openvino
from openvino import opset13 as ops

from stsbench_transformers.graphs.architecture import UnknownArchitecture

_STATES = ("last_hidden_state", "token_embeddings")


def read_export(path: Path) -> tuple[openvino.Model, int]:
    """The model from `input_ids` and `attention_mask` to its last hidden state, float32[b, t, d], and d. Raises UnknownArchitecture.

    Token types, where the file takes them, are those of a first text.
    """
    try:
        given = openvino.Core().read_model(path)
    except RuntimeError as error:
        raise UnknownArchitecture("it is no model that openvino knows") from error
    inputs = {name: one for one in given.inputs for name in one.get_names()}
    outputs = {name: one for one in given.outputs for name in one.get_names()}
    ids, mask, types = (inputs.get(name) for name in ("input_ids", "attention_mask", "token_type_ids"))
    states = next((outputs[name] for name in _STATES if name in outputs), None)
    if ids is None or mask is None or states is None or len(given.inputs) > 2 + (types is not None):
        raise UnknownArchitecture(f"it takes {', '.join(sorted(inputs))} and gives {', '.join(sorted(outputs))}")
    if types is not None:
        types.replace(ops.multiply(ids.node, np.int64(0)).output(0))
    width = states.get_partial_shape()[2]
    if width.is_dynamic:
        raise UnknownArchitecture("its last hidden state has no fixed width")
    last: Any = states.node.input_value(0)
    return openvino.Model([ops.result(last)], [ids.node, mask.node], "states"), int(width.get_length())


def holds_steps(model: openvino.Model) -> bool:
    """Whether weights are whole numbers of eight bits or fewer, beside which openvino puts states into steps as it runs."""
    constants = (one.get_element_type() for one in model.get_ops() if one.get_type_name() == "Constant")
    return any(kind.is_integral_number() and kind.bitwidth <= 8 for kind in constants)
