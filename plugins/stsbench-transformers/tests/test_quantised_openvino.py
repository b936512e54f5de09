"""A file of int8 weights that OpenVINO runs: its vectors, the system that it is, its batches, and what it is refused for."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

import numpy as np
import pytest
from stsbench_transformers import quantised
from stsbench_transformers.encoder import Bert

from stsbench.plugin import Float32, Location, ModelError, OptionError

WIDTH = 32
FILE = "openvino/model_int8.xml"
TEXTS = ["a dog", "a man is playing a guitar"]


def write(path: Path, table: Float32, mix: Float32) -> Float32:
    """An IR whose states are rows of a table times a matrix of int8 steps with a scale a row; gives the matrix that these are."""
    openvino = pytest.importorskip("openvino", reason="needs stsbench-transformers[openvino]")
    from openvino import opset13 as ops

    scale = np.abs(mix).max(axis=1, keepdims=True) / 127
    steps = np.rint(mix / scale).astype(np.int8)
    ids, mask = (ops.parameter([-1, -1], np.int64) for _ in range(2))
    ids.output(0).set_names({"input_ids"})
    mask.output(0).set_names({"attention_mask"})
    states = ops.gather(ops.constant(table), ids, np.int64(0))
    matrix = ops.multiply(ops.convert(ops.constant(steps), "f32"), ops.constant(scale.astype(np.float32)))
    given = ops.result(ops.matmul(states, matrix, False, True))
    given.output(0).set_names({"last_hidden_state"})
    path.parent.mkdir(exist_ok=True)
    openvino.save_model(openvino.Model([given], [ids, mask], "tiny"), path, compress_to_fp16=False)
    return np.asarray(steps * scale, dtype=np.float32)


@pytest.fixture
def folder(make_tiny: Callable[..., Path], tmp_path: Path) -> Path:
    return make_tiny(tmp_path / "both")


@pytest.fixture
def expected(folder: Path, words: list[str]) -> Float32:
    """The file is written; what its states are by word, as far as float32 computes them."""
    random = np.random.default_rng(3)
    table, mix = (random.normal(size=size).astype(np.float32) for size in ((len(words), WIDTH), (WIDTH, WIDTH)))
    return table @ write(folder / FILE, table, mix).T


@pytest.mark.parametrize("kept", [True, False])
def test_its_vectors_are_those_of_the_file(
    folder: Path, expected: Float32, tmp_path: Path, locate: Callable[[Path], Location], kept: bool
) -> None:
    encoder = Bert(locate(folder), weights=FILE, cache_dir=str(tmp_path / "cache") if kept else "")
    assert encoder.runs_on == f"openvino ({FILE}, {quantised.instruction_set()})"
    vectors = encoder.encode(TEXTS, views=("mean@2",)).vectors["mean@2"]
    for ids, vector in zip(encoder.engine.tokenise(TEXTS, None).ids, vectors, strict=True):
        right = expected[ids].mean(axis=0)
        assert np.linalg.norm(vector - right) < 0.02 * np.linalg.norm(right)  # states are put into steps as it runs
    assert encoder.provenance["backend"] == "openvino"
    assert encoder.provenance["instructions"] == quantised.instruction_set()


def test_its_identity_holds_the_numbers_beside_it(folder: Path, expected: Float32, locate: Callable[[Path], Location]) -> None:
    def named() -> dict[str, object]:
        return dict(Bert(locate(folder), weights=FILE).fingerprint.fields)

    first = named()
    assert first["instructions"] == quantised.instruction_set()
    (folder / "openvino" / "model_int8_other.bin").write_bytes(b"of another model")
    assert named()["file"] == first["file"]
    (folder / FILE).with_suffix(".bin").write_bytes(expected.tobytes())
    assert named()["file"] != first["file"]


def test_the_data_of_an_onnx_file_are_part_of_its_identity(folder: Path, locate: Callable[[Path], Location]) -> None:
    (folder / "onnx").mkdir()
    (folder / "onnx" / "model.onnx").write_bytes(b"a graph")
    named = []
    for numbers in (b"its numbers", b"other numbers"):
        (folder / "onnx" / "model.onnx_data").write_bytes(numbers)
        named.append(dict(Bert(locate(folder), weights="onnx/model.onnx").fingerprint.fields)["file"])
    assert named[0] != named[1]


@pytest.mark.usefixtures("expected")
def test_whole_numbers_are_tried_to_the_bit(folder: Path, monkeypatch: pytest.MonkeyPatch, locate: Callable[[Path], Location]) -> None:
    """A difference in rounding moves a number to the next step now and then, which a short trial need not meet."""
    from stsbench_transformers.graphs import converted

    asked: list[str] = []

    def tried(_engine: object, _lengths: object, _depth: object, numbers: str) -> str:
        asked.append(numbers)
        return "even"

    monkeypatch.setattr(converted, "try_packing", tried)
    encoder = Bert(locate(folder), weights=FILE)
    encoder.encode(TEXTS, views=("mean@2",))
    assert asked == ["int8"]
    assert encoder.provenance["batches"].startswith("one length at a time")


@pytest.mark.parametrize(("content", "whole"), [(b"..DynamicQuantizeLinear..", True), (b"MatMulInteger", True), (b"MatMul, Gather", False)])
def test_what_an_onnx_file_computes_in_is_told_by_its_operators(tmp_path: Path, content: bytes, whole: bool) -> None:
    (tmp_path / "model.onnx").write_bytes(content)
    assert quantised.holds_steps(tmp_path / "model.onnx") is whole


@pytest.mark.usefixtures("expected")
def test_what_cannot_be_is_said(folder: Path, locate: Callable[[Path], Location]) -> None:
    with pytest.raises(
        OptionError, match=r"'backend' is onnxruntime, but openvino/model_int8.xml is run by openvino; leave the backend out"
    ):
        Bert(locate(folder), weights=FILE, backend="onnxruntime")
    with pytest.raises(OptionError, match=r"'weights' is openvino/model_int8.xml, but it runs on the CPU only, and 'device' is 'cuda'"):
        Bert(locate(folder), weights=FILE, device="cuda").encode(TEXTS, views=("mean@2",))
    with pytest.raises(OptionError, match="export gives the states of layer 2 alone; leave out other layers"):
        Bert(locate(folder), weights=FILE, layers=(0,)).encode(TEXTS, views=("mean@0",))
    (folder / FILE).write_text("no model")
    with pytest.raises(OptionError, match=r"openvino/model_int8.xml of model 'both' cannot be read \(it is no model that openvino knows\)"):
        Bert(locate(folder), weights=FILE).encode(TEXTS, views=("mean@2",))
    (folder / FILE).with_suffix(".bin").unlink()
    with pytest.raises(ModelError, match=r"not openvino/model_int8.bin, which holds its numbers; put it beside that file"):
        Bert(locate(folder), weights=FILE)
