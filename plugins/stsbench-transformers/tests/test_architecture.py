"""Graphs built from weights against transformers' own modules, on ids with padding."""

from __future__ import annotations

import json
import shutil
from collections.abc import Callable
from importlib.util import find_spec
from pathlib import Path
from typing import TYPE_CHECKING, Any

import numpy as np
import pytest
from stsbench_transformers.encoder import Bert

from stsbench.plugin import Float32, Location, ModelError

if TYPE_CHECKING:
    import openvino

pytestmark = pytest.mark.skipif(find_spec("openvino") is None, reason="needs the extra stsbench-transformers[openvino]")

IDS = np.array([[2, 5, 6, 7, 9, 3], [2, 8, 1, 3, 1, 1]])  # 1 is the padding id of the second family
MASK = np.array([[1, 1, 1, 1, 1, 1], [1, 1, 1, 1, 0, 0]])
SIZES: dict[str, Any] = {
    "vocab_size": 16,
    "hidden_size": 16,
    "num_hidden_layers": 2,
    "num_attention_heads": 2,
    "intermediate_size": 32,
    "max_position_embeddings": 24,
}


def random_model(kind: str, **options: Any) -> tuple[Any, dict[str, Any], dict[str, Float32]]:
    """A model of the family with every parameter random, biases and norms too, its config and its weights as they are saved."""
    import torch
    from transformers import AutoConfig, AutoModel

    config = AutoConfig.for_model(kind, **SIZES, **options)
    with torch.random.fork_rng():
        torch.manual_seed(3)
        model = AutoModel.from_config(config).eval()  # type: ignore[no-untyped-call]
        for parameter in model.parameters():
            torch.nn.init.normal_(parameter, std=0.3)
    return model, config.to_dict(), {name: one.detach().numpy() for name, one in model.state_dict().items()}


def run(graph: openvino.Model) -> list[Float32]:
    import openvino

    compiled = openvino.Core().compile_model(graph, "CPU", {"INFERENCE_PRECISION_HINT": "f32"})
    return list(compiled({0: IDS, 1: MASK}).values())


@pytest.mark.parametrize(
    ("kind", "options"),
    [
        ("bert", {}),
        ("bert", {"hidden_act": "gelu_new", "layer_norm_eps": 1e-3}),
        ("roberta", {"pad_token_id": 1}),
        ("xlm-roberta", {"pad_token_id": 1, "type_vocab_size": 1}),
        ("camembert", {"pad_token_id": 1}),
    ],
)
def test_every_state_is_that_of_the_module(kind: str, options: dict[str, Any]) -> None:
    import torch
    from stsbench_transformers.graphs.architecture import build

    model, config, weights = random_model(kind, **options)
    graph, pooler = build(config, weights)
    with torch.no_grad():
        expected = model(input_ids=torch.from_numpy(IDS), attention_mask=torch.from_numpy(MASK), output_hidden_states=True)
    states = run(graph)
    assert pooler
    assert len(states) == 4
    for mine, theirs in zip(states[:3], expected.hidden_states, strict=True):
        np.testing.assert_allclose(mine[MASK == 1], theirs.numpy()[MASK == 1], atol=1e-5)
    np.testing.assert_allclose(states[3], expected.pooler_output.numpy(), atol=1e-5)


def test_inner_products_are_of_the_rows_of_all_texts_at_once() -> None:
    from stsbench_transformers.graphs.architecture import build

    _, config, weights = random_model("bert")
    products = [node for node in build(config, weights)[0].get_ordered_ops() if node.get_type_name() == "MatMul"]
    inner = [node for node in products if config["intermediate_size"] in node.input(1).get_shape()]
    assert [node.input(0).get_partial_shape().rank.get_length() for node in inner] == [2, 2] * config["num_hidden_layers"]


def test_a_prefix_is_no_matter_and_a_pooler_may_lack() -> None:
    from stsbench_transformers.graphs.architecture import build

    _, config, weights = random_model("bert")
    kept = {f"bert.{name}": one for name, one in weights.items() if not name.startswith("pooler.")}
    plain, prefixed = run(build(config, weights)[0]), build(config, kept, "bert.")
    assert not prefixed[1]
    np.testing.assert_array_equal(plain[2], run(prefixed[0])[2])


@pytest.mark.parametrize(
    "change",
    [
        {"model_type": "distilbert"},
        {"hidden_act": "relu"},
        {"position_embedding_type": "relative_key"},
        {"is_decoder": True},
        {"num_hidden_layers": 3},
        {"quantization_config": {"quant_method": "bitsandbytes", "load_in_8bit": True}},
    ],
)
def test_another_architecture_is_not_taken_for_one_of_the_family(change: dict[str, Any]) -> None:
    from stsbench_transformers.graphs.architecture import UnknownArchitecture, build

    _, config, weights = random_model("bert")
    with pytest.raises(UnknownArchitecture):
        build({**config, **change}, weights)


def test_what_is_not_of_the_family_is_traced(
    tiny: Path, locate: Callable[[Path], Location], tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    import openvino

    traced = []
    original = openvino.convert_model

    def trace(*given: Any, **options: Any) -> openvino.Model:
        traced.append(1)
        return original(*given, **options)

    monkeypatch.setattr(openvino, "convert_model", trace)
    folder = shutil.copytree(tiny, tmp_path / "other")
    path = folder / "config.json"
    path.write_text(json.dumps({**json.loads(path.read_text()), "hidden_act": "relu"}))
    converted, expected = (
        Bert(locate(folder), backend=backend, cache_dir=str(tmp_path / "cache")).encode(["a dog"], views=("mean@2",)).vectors["mean@2"]
        for backend in ("openvino", "torch")
    )
    np.testing.assert_allclose(converted, expected, atol=1e-5)
    assert len(traced) == 1


def test_weights_that_lack_a_tensor_are_named_whatever_the_backend(tiny: Path, locate: Callable[[Path], Location], tmp_path: Path) -> None:
    from safetensors.numpy import load_file, save_file

    folder = shutil.copytree(tiny, tmp_path / "changed")
    weights = load_file(folder / "model.safetensors")
    save_file(
        {name: one for name, one in weights.items() if name != "encoder.layer.1.output.dense.weight"},
        folder / "model.safetensors",
        {"format": "pt"},
    )
    with pytest.raises(ModelError, match=r"'changed' lack 1 of its tensors \(such as encoder.layer.1.output.dense.weight\)"):
        Bert(locate(folder), cache_dir=str(tmp_path)).encode(["a"], views=("mean@2",))


def test_half_precision_weights_are_widened(tiny: Path, locate: Callable[[Path], Location], tmp_path: Path) -> None:
    from transformers import AutoModel

    folder = shutil.copytree(tiny, tmp_path / "half")
    AutoModel.from_pretrained(folder).bfloat16().save_pretrained(folder)
    converted, expected = (
        Bert(locate(folder), backend=backend, cache_dir=str(tmp_path)).encode(["a dog"], views=("mean@2",)).vectors["mean@2"]
        for backend in ("openvino", "torch")
    )
    np.testing.assert_allclose(converted, expected, atol=1e-5)
