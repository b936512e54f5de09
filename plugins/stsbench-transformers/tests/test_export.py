"""A repository's onnx/model.onnx, read by OpenVINO: the files are written here, byte by byte, so that no library has to."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from importlib.util import find_spec
from pathlib import Path

import numpy as np
import pytest
from stsbench_transformers.encoder import Bert

from stsbench.plugin import Float32, Location, ModelError, OptionError

pytestmark = pytest.mark.skipif(find_spec("openvino") is None, reason="needs the extra stsbench-transformers[openvino]")

WIDTH = 16


def varint(number: int) -> bytes:
    return bytes([number]) if number < 128 else bytes([number % 128 + 128]) + varint(number // 128)


def field(number: int, value: int | str | bytes | list[bytes]) -> bytes:
    """A field of a protocol buffer: a whole number, a text, bytes, or a list of such fields."""
    if isinstance(value, int):
        return varint(number << 3) + varint(value)
    data = b"".join(value) if isinstance(value, list) else value.encode() if isinstance(value, str) else value
    return varint(number << 3 | 2) + varint(len(data)) + data


def value(name: str, kind: int, *shape: int | str) -> list[bytes]:
    dimensions = [field(1, [field(1 if isinstance(one, int) else 2, one)]) for one in shape]
    return [field(1, name), field(2, [field(1, [field(1, kind), field(2, dimensions)])])]


def node(operation: str, inputs: list[str], output: str) -> bytes:
    return field(1, [*(field(1, one) for one in inputs), field(2, output), field(4, operation)])


def constant(name: str, array: Float32) -> bytes:
    kind = {"float32": 1, "int64": 7}[array.dtype.name]
    return field(5, [*(field(1, size) for size in array.shape), field(2, kind), field(8, name), field(9, array.tobytes())])


def export(folder: Path, words: Float32, types: Float32, *, output: str = "last_hidden_state", more: Sequence[str] = ()) -> None:
    """States that are a word's vector plus that of its token type."""
    nodes = [
        node("Gather", ["words", "input_ids"], "a"),
        node("Gather", ["types", "token_type_ids"], "b"),
        node("Add", ["a", "b"], "sum"),
        node("Identity", ["sum"], output),
    ]
    inputs = [field(11, value(name, 7, "batch", "length")) for name in ("input_ids", "attention_mask", "token_type_ids", *more)]
    outputs = [field(12, value(output, 1, "batch", "length", WIDTH))]
    graph = [*nodes, field(2, "tiny"), constant("words", words), constant("types", types), *inputs, *outputs]
    (folder / "onnx").mkdir()
    (folder / "onnx" / "model.onnx").write_bytes(b"".join([field(1, 8), field(8, [field(1, ""), field(2, 17)]), field(7, graph)]))


@pytest.fixture
def exported(make_tiny: Callable[..., Path], tmp_path: Path) -> Path:
    """A folder without safetensors."""
    folder = make_tiny(tmp_path / "exported")
    (folder / "model.safetensors").unlink()
    return folder


@pytest.fixture
def arrays(words: list[str]) -> tuple[Float32, Float32]:
    generator = np.random.default_rng(3)
    return generator.normal(size=(len(words), WIDTH)).astype(np.float32), generator.normal(size=(2, WIDTH)).astype(np.float32)


@pytest.mark.parametrize("output", ["last_hidden_state", "token_embeddings"])
@pytest.mark.parametrize("kept", [True, False])
def test_the_last_layer_comes_from_the_file(
    exported: Path, arrays: tuple[Float32, Float32], locate: Callable[[Path], Location], tmp_path: Path, output: str, kept: bool
) -> None:
    export(exported, *arrays, output=output)
    encoder = Bert(locate(exported), cache_dir=str(tmp_path / "cache") if kept else "")
    texts = ["a dog", "a man is playing a guitar"]
    pooled = encoder.encode(texts, views=("mean@2",)).vectors["mean@2"]
    ids = encoder.engine.tokenise(texts, None).ids
    expected = [arrays[0][row].mean(axis=0) + arrays[1][0] for row in ids]
    np.testing.assert_allclose(pooled, expected, atol=1e-6)
    assert encoder.provenance["backend"] == "openvino"


def test_other_layers_are_refused(
    exported: Path, arrays: tuple[Float32, Float32], locate: Callable[[Path], Location], tmp_path: Path
) -> None:
    export(exported, *arrays)
    encoder = Bert(locate(exported), layers=(0, -1), cache_dir=str(tmp_path / "cache"))
    with pytest.raises(OptionError, match="gives the states of layer 2 alone"):
        encoder.encode(["a dog"], views=encoder.views)


def test_what_cannot_be_read_is_said(
    exported: Path, arrays: tuple[Float32, Float32], locate: Callable[[Path], Location], tmp_path: Path
) -> None:
    export(exported, *arrays, more=("position_ids",))
    with pytest.raises(ModelError, match="is read by backend=openvino alone"):
        Bert(locate(exported), backend="torch").encode(["a dog"], views=("mean@2",))
    for cache in ("", str(tmp_path / "cache")):
        with pytest.raises(
            OptionError, match=r"onnx/model.onnx of model 'exported' cannot be read \(it takes attention_mask, input_ids, position_ids"
        ):
            Bert(locate(exported), backend="openvino", cache_dir=cache).encode(["a dog"], views=("mean@2",))
    (exported / "onnx" / "model.onnx").write_bytes(b"no model")
    with pytest.raises(OptionError, match="it is no model that openvino knows"):
        Bert(locate(exported), backend="openvino").encode(["a dog"], views=("mean@2",))


def test_safetensors_come_first(
    make_tiny: Callable[..., Path], arrays: tuple[Float32, Float32], locate: Callable[[Path], Location], tmp_path: Path
) -> None:
    folder = make_tiny(tmp_path / "both")
    plain = Bert(locate(folder)).encode(["a dog"], views=("mean@2",)).vectors["mean@2"]
    export(folder, *arrays)
    assert np.array_equal(Bert(locate(folder)).encode(["a dog"], views=("mean@2",)).vectors["mean@2"], plain)
