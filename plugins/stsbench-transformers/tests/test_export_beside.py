"""An export beside the weights: run by ONNX Runtime where it agrees with them, taken by `auto` where a trial finds that faster."""

from __future__ import annotations

import warnings
from collections.abc import Callable
from importlib.util import find_spec
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from stsbench_transformers import backends, export_trial, quantised
from stsbench_transformers.encoder import Bert

from stsbench.plugin import Float32, Location, OptionError

pytestmark = pytest.mark.skipif(
    find_spec("onnxruntime") is None or find_spec("onnx") is None, reason="needs stsbench-transformers[onnx], and onnx to write files"
)
FILE = "onnx/model.onnx"
SCRIPT = """
import sys
from stsbench.plugin import Location, ModelError
from stsbench_transformers.encoder import Bert
encoder = Bert(Location("tiny", hub="org/tiny"), weights=sys.argv[1])
try:
    encoder.encode(["a dog"], views=encoder.views)
    print(dict(encoder.fingerprint.fields))
except ModelError as error:
    print(error)
"""
TEXTS = ["a dog", "a man is playing a guitar", ""]


@pytest.fixture(scope="module")
def beside(make_tiny: Callable[..., Path], tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A folder with safetensors and an export of them: to be read only."""
    import torch
    import transformers

    folder = make_tiny(tmp_path_factory.mktemp("beside") / "model")
    (folder / "onnx").mkdir()
    model = transformers.AutoModel.from_pretrained(folder, attn_implementation="eager").eval()

    class Last(torch.nn.Module):
        def __init__(self) -> None:
            super().__init__()
            self.model = model

        def forward(self, input_ids: torch.Tensor, attention_mask: torch.Tensor) -> torch.Tensor:
            states: torch.Tensor = self.model(input_ids=input_ids, attention_mask=attention_mask).last_hidden_state
            return states

    names, ids = ["input_ids", "attention_mask", "last_hidden_state"], torch.ones(2, 6, dtype=torch.long)
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")  # the exporter is an old one, and traces
        torch.onnx.export(
            Last(),
            (ids, ids),
            str(folder / FILE),
            input_names=names[:2],
            output_names=names[2:],
            dynamic_axes={name: {0: "b", 1: "t"} for name in names},
            dynamo=False,
        )
    return folder


def vectors(encoder: Bert) -> Float32:
    (view,) = encoder.views
    return encoder.encode(TEXTS, views=encoder.views).vectors[view]


@pytest.mark.parametrize("pooling", ["mean", "cls"])
def test_the_export_gives_what_the_weights_give_under_the_same_name(beside: Path, locate: Callable[[Path], Location], pooling: Any) -> None:
    by_torch, by_session = (Bert(locate(beside), pooling=(pooling,), backend=name) for name in ("torch", "onnxruntime"))
    assert by_session.runs_on == f"onnxruntime ({FILE})"
    np.testing.assert_allclose(vectors(by_session), vectors(by_torch), atol=1e-5)
    assert by_session.provenance["backend"] == "onnxruntime"
    assert by_session.fingerprint == by_torch.fingerprint


def test_an_export_of_other_weights_is_refused_and_never_chosen(
    make_tiny: Callable[..., Path], beside: Path, locate: Callable[[Path], Location], tmp_path: Path
) -> None:
    folder = make_tiny(tmp_path / "other", seed=1)
    (folder / "onnx").mkdir()
    (folder / FILE).write_bytes((beside / FILE).read_bytes())
    for _ in range(2):  # found, and remembered
        with pytest.raises(
            OptionError, match=r"onnx/model.onnx differs by .* from the weights on a text of 3 tokens; leave the backend out"
        ):
            vectors(Bert(locate(folder), backend="onnxruntime", cache_dir=str(tmp_path)))
    chosen = Bert(locate(folder), cache_dir=str(tmp_path))
    vectors(chosen)
    assert chosen.provenance["backend"] != "onnxruntime"
    (folder / FILE).write_bytes(b"no model")
    with pytest.raises(OptionError, match="is no model that onnxruntime runs"):
        vectors(Bert(locate(folder), backend="onnxruntime"))


def test_auto_takes_the_faster_one_by_a_trial_that_is_remembered(
    beside: Path, locate: Callable[[Path], Location], tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    races: list[float] = []

    def race(rate: float) -> Callable[..., float]:
        def raced(*_given: Any) -> float:
            races.append(rate)
            return rate

        return raced

    def run(cache: str) -> Bert:
        encoder = Bert(locate(beside), cache_dir=cache)
        expected = vectors(Bert(locate(beside), backend="torch"))
        np.testing.assert_allclose(vectors(encoder), expected, atol=1e-5)
        return encoder

    usual = Bert(locate(beside)).runs_on.partition(",")[0]
    monkeypatch.setattr(export_trial, "_race", race(1.2))
    for _ in range(2):
        won = run(str(tmp_path / "fast"))
        assert won.provenance["backend"] == "onnxruntime"
        assert won.provenance["backend.why"] == f"1.20 times as fast as {usual} with onnx/model.onnx in a trial here"
        assert won.runs_on == f"onnxruntime, {won.provenance['backend.why']}"
    assert races == [1.2]
    monkeypatch.setattr(export_trial, "_race", race(1.04))  # which may be noise
    for _ in range(2):
        assert run(str(tmp_path / "slow")).provenance["backend"] == usual
    assert races == [1.2, 1.04]
    assert run("").provenance["backend"] == usual  # nothing can be remembered
    asked = Bert(locate(beside), layers=(0, -1), cache_dir=str(tmp_path / "fast"))
    asked.encode(TEXTS, views=asked.views)
    assert asked.provenance["backend"] == usual  # the file gives the last layer alone
    assert races == [1.2, 1.04]
    vectors(Bert(locate(beside), cache_dir=str(tmp_path / "fast"), max_length=8))
    assert races == [1.2, 1.04, 1.04]  # what was compared on texts of one length says nothing of others


def test_a_trial_times_both_by_turns(beside: Path, locate: Callable[[Path], Location]) -> None:
    encoder = Bert(locate(beside), backend="torch")
    trial = export_trial.compare(encoder.work, encoder.engine)
    assert trial.obstacle == ""
    assert trial.other == "torch"
    assert 0.01 < trial.rate < 1000
    waiting: dict[str, int] = {}

    def turn(engine: object, texts: object, view: object) -> float:
        name = type(engine).__name__
        waiting[name] = waiting.get(name, 0) + 1
        return 3.0 if name == "OnnxModel" else 6.0 / waiting[name]  # the best of three turns after two others is 6 / 5

    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(export_trial, "_turn", turn)
        assert export_trial.compare(encoder.work, encoder.engine).rate == pytest.approx(6 / 5 / 3)


def test_what_cannot_be_is_said(beside: Path, tiny: Path, locate: Callable[[Path], Location]) -> None:
    refused: tuple[tuple[Path, dict[str, Any], str], ...] = (
        (tiny, {}, r"but model 'tiny' has no onnx/model.onnx; leave the backend out"),
        (beside, {"layers": (0, -1)}, "gives the last layer alone"),
        (beside, {"pooling": ("pooler",)}, "gives the last layer alone"),
        (beside, {"dtype": "bfloat16"}, "which computes in float32, and 'dtype' is bfloat16"),
        (beside, {"device": "cuda"}, "'device' is cuda, but onnx/model.onnx is run on the CPU"),
    )
    for folder, options, message in refused:
        encoder = Bert(locate(folder), backend="onnxruntime", **options)
        with pytest.raises(OptionError, match=message):
            encoder.encode(TEXTS, views=encoder.views)


@pytest.fixture
def stepped(make_tiny: Callable[..., Path], tmp_path: Path, words: list[str]) -> Path:
    """A folder whose only weights are an export that puts its states into steps of an eighth."""
    import onnx
    from onnx import TensorProto, helper, numpy_helper

    folder = make_tiny(tmp_path / "stepped")
    (folder / "model.safetensors").unlink()
    (folder / "onnx").mkdir()
    nodes = [
        helper.make_node("Gather", ["words", "input_ids"], ["states"]),
        helper.make_node("QuantizeLinear", ["states", "step", "zero"], ["steps"]),
        helper.make_node("DequantizeLinear", ["steps", "step", "zero"], ["last_hidden_state"]),
    ]
    table = np.random.default_rng(3).normal(size=(len(words), 16)).astype(np.float32)
    constants = {"words": table, "step": np.float32(0.125), "zero": np.int8(0)}
    inputs = [helper.make_tensor_value_info(name, TensorProto.INT64, ["b", "t"]) for name in ("input_ids", "attention_mask")]
    outputs = [helper.make_tensor_value_info("last_hidden_state", TensorProto.FLOAT, ["b", "t", 16])]
    held = [numpy_helper.from_array(np.asarray(value), name) for name, value in constants.items()]
    graph = helper.make_graph(nodes, "stepped", inputs, outputs, held)
    onnx.save(helper.make_model(graph, opset_imports=[helper.make_opsetid("", 17)], ir_version=8), folder / FILE)
    return folder


def test_an_int8_export_that_is_all_there_is_has_its_instruction_set_and_library_in_its_identity(
    stepped: Path, beside: Path, locate: Callable[[Path], Location], monkeypatch: pytest.MonkeyPatch
) -> None:
    here = Bert(locate(stepped))
    facts = dict(here.fingerprint.fields)
    assert facts["instructions"] == quantised.instruction_set()
    session = Bert(locate(stepped), backend="onnxruntime")
    assert dict(session.fingerprint.fields)["library"] == "onnxruntime"
    assert (facts["library"] == "onnxruntime") == (find_spec("openvino") is None)
    states = vectors(session)
    assert session.provenance["instructions"] == quantised.instruction_set()
    assert np.any(states)
    monkeypatch.setattr(quantised, "instruction_set", lambda: "another")
    assert Bert(locate(stepped)).fingerprint != here.fingerprint
    plain = dict(Bert(locate(beside)).fingerprint.fields)
    assert not {"instructions", "library"} & plain.keys()


def test_an_int8_export_that_is_all_there_is_on_the_hub_is_to_be_named(
    stepped: Path, make_hub: Callable[[Path], Any], serve_hub: Callable[[Any], str], ask_hub: Callable[..., list[str]]
) -> None:
    """So that its identity is known from its name alone, without a connection."""
    hub = serve_hub(make_hub(stepped))
    (line,) = ask_hub(hub, SCRIPT, "", imported=("torch",))
    assert line == (
        "onnx/model.onnx is all that model 'org/tiny' has, and computes in whole numbers, which depend on the processor; "
        "say so with weights=onnx/model.onnx"
    )
    (line,) = ask_hub(hub, SCRIPT, "onnx/model.onnx", imported=("torch",))
    assert "'instructions': " in line


def test_an_export_that_openvino_cannot_read_here_is_run_by_onnxruntime(
    stepped: Path, locate: Callable[[Path], Location], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(backends, "_obstacle", lambda _work: "it is not installed")
    encoder = Bert(locate(stepped))
    assert encoder.runs_on.startswith("onnxruntime (onnx/model.onnx")
    vectors(encoder)
    assert encoder.provenance["backend"] == "onnxruntime"
