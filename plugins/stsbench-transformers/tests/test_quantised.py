"""A file of weights chosen by name: the system that it is, what runs it, and what it is refused for."""

from __future__ import annotations

from collections.abc import Callable
from importlib.util import find_spec
from pathlib import Path

import numpy as np
import pytest
from stsbench_transformers import quantised
from stsbench_transformers.encoder import Bert

from stsbench.plugin import Float32, Location, ModelError, OptionError, content_digest

pytestmark = pytest.mark.skipif(
    find_spec("onnxruntime") is None or find_spec("onnx") is None, reason="needs stsbench-transformers[onnx], and onnx to write files"
)
WIDTH = 16
FILE = "onnx/model.onnx"
TEXTS = ["a dog", "a man is playing a guitar"]


def write(path: Path, table: Float32, *, scaled: bool = False) -> None:
    """A file whose states are the rows of a table, divided by the largest of the whole batch where they are `scaled`."""
    import onnx
    from onnx import TensorProto, helper, numpy_helper

    nodes = [helper.make_node("Gather", ["words", "input_ids"], ["states"])]
    nodes += [helper.make_node("ReduceMax", ["states"], ["largest"]), helper.make_node("Div", ["states", "largest"], ["last_hidden_state"])]
    nodes = nodes if scaled else [nodes[0], helper.make_node("Identity", ["states"], ["last_hidden_state"])]
    inputs = [helper.make_tensor_value_info(name, TensorProto.INT64, ["b", "t"]) for name in ("input_ids", "attention_mask")]
    outputs = [helper.make_tensor_value_info("last_hidden_state", TensorProto.FLOAT, ["b", "t", WIDTH])]
    graph = helper.make_graph(nodes, "tiny", inputs, outputs, [numpy_helper.from_array(table, "words")])
    path.parent.mkdir(exist_ok=True)
    onnx.save(helper.make_model(graph, opset_imports=[helper.make_opsetid("", 17)], ir_version=8), path)


def make_table(words: list[str]) -> Float32:
    return np.random.default_rng(3).normal(size=(len(words), WIDTH)).astype(np.float32)


@pytest.fixture
def both(make_tiny: Callable[..., Path], tmp_path: Path, words: list[str]) -> Path:
    """A folder with safetensors and an export of other states."""
    folder = make_tiny(tmp_path / "both")
    write(folder / FILE, make_table(words))
    return folder


def test_the_file_is_run_and_is_a_system_of_its_own(both: Path, locate: Callable[[Path], Location]) -> None:
    plain, chosen = Bert(locate(both)), Bert(locate(both), weights=FILE)
    assert chosen.runs_on == f"onnxruntime ({FILE}, {quantised.instruction_set()})"
    vectors = chosen.encode(TEXTS, views=("mean@2",)).vectors["mean@2"]
    assert np.abs(vectors - plain.encode(TEXTS, views=("mean@2",)).vectors["mean@2"]).max() > 1e-2
    openvino = pytest.importorskip("openvino")
    (both / "model.safetensors").unlink()
    exported = Bert(locate(both), backend="openvino").encode(TEXTS, views=("mean@2",)).vectors["mean@2"]
    np.testing.assert_allclose(vectors, exported, atol=1e-6)
    assert openvino.__version__
    assert chosen.provenance["backend"] == "onnxruntime"
    assert chosen.provenance["instructions"] == quantised.instruction_set()


def test_the_identity_holds_the_file_and_the_instruction_set(
    both: Path, locate: Callable[[Path], Location], monkeypatch: pytest.MonkeyPatch
) -> None:
    here = Bert(locate(both), weights=FILE).fingerprint
    facts = dict(here.fields)
    assert facts["file"] == content_digest(both / FILE)
    assert facts["instructions"] == quantised.instruction_set()
    assert "instructions" not in dict(Bert(locate(both)).fingerprint.fields)
    monkeypatch.setattr(quantised, "instruction_set", lambda: "another")
    assert Bert(locate(both), weights=FILE).fingerprint != here


@pytest.mark.parametrize(
    ("flags", "named"),
    [("avx avx2 avx512f avx512_vnni", "avx512_vnni"), ("avx avx2", "avx2"), ("avx2 avx_vnni", "avx_vnni"), ("asimd asimddp", "asimddp")],
)
def test_the_instruction_set_is_the_best_that_the_processor_lists(flags: str, named: str) -> None:
    assert quantised.instruction_set(f"processor\t: 0\nflags\t\t: {flags}\n") == named


def test_what_cannot_be_is_said(both: Path, locate: Callable[[Path], Location]) -> None:
    with pytest.raises(ModelError, match=r"model 'both' has no file 'onnx/other.onnx'; give the name of one of its files"):
        Bert(locate(both), weights="onnx/other.onnx")
    with pytest.raises(OptionError, match=r"names an .onnx file, or the .xml of an OpenVINO model"):
        Bert(locate(both), weights="model.safetensors")
    with pytest.raises(OptionError, match=r"'backend' is torch, but onnx/model.onnx is run by onnxruntime"):
        Bert(locate(both), weights=FILE, backend="torch")
    with pytest.raises(OptionError, match="has its own; leave the dtype out"):
        Bert(locate(both), weights=FILE, dtype="bfloat16")
    with pytest.raises(OptionError, match=r"but onnx/model.onnx differs by .* from the weights"):
        Bert(locate(both), backend="onnxruntime").encode(TEXTS, views=("mean@2",))
    with pytest.raises(OptionError, match="gives the states of layer 2 alone"):
        Bert(locate(both), weights=FILE, layers=(0,)).encode(TEXTS, views=("mean@0",))
    (both / FILE).write_bytes(b"no model")
    with pytest.raises(ModelError, match="is no model that onnxruntime runs"):
        Bert(locate(both), weights=FILE).encode(TEXTS, views=("mean@2",))


def test_a_file_whose_numbers_depend_on_the_batch_is_run_text_by_text(
    make_tiny: Callable[..., Path], tmp_path: Path, locate: Callable[[Path], Location], words: list[str]
) -> None:
    """As dynamic quantisation does, whose scale is that of the whole batch: here a state is divided by the largest of them all."""
    folder = make_tiny(tmp_path / "scaled")
    write(folder / FILE, make_table(words), scaled=True)
    encoder = Bert(locate(folder), weights=FILE)
    together = encoder.encode(TEXTS, views=("mean@2",)).vectors["mean@2"]
    assert encoder.provenance["batches"] == "one text at a time, since a batch changes the model's vectors"
    for row, text in enumerate(TEXTS):
        np.testing.assert_array_equal(together[row], encoder.encode([text], views=("mean@2",)).vectors["mean@2"][0], strict=True)


def test_a_board_is_checked_also_where_the_instruction_set_is_another(
    both: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, write_board: Callable[..., Path]
) -> None:
    from typer.testing import CliRunner

    from stsbench.cli.app import app

    def run(*arguments: str) -> tuple[int, str]:
        done = CliRunner().invoke(app, arguments, env={"STSBENCH_CACHE_DIR": str(tmp_path / "cache"), "COLUMNS": "300"})
        return done.exit_code, done.output

    board = write_board(tmp_path / "board", {"encoder": f"bert:./both,weights={FILE}", "similarities": ["cosine"]})
    monkeypatch.chdir(both.parent)
    assert run("run", "--board", str(board))[0] == 0
    held = {path.relative_to(board): path.read_bytes() for path in board.rglob("*") if path.is_file()}
    made_in = quantised.instruction_set()
    assert "1 cell and 64 pairs computed anew" in run("leaderboard", "verify", str(board))[1]
    monkeypatch.setattr(quantised, "instruction_set", lambda: "another")
    assert run("leaderboard", "check", str(board)) == (0, "board: every derived file agrees with its evidence\n")
    verified = run("leaderboard", "verify", str(board))
    assert verified[0] == 1
    assert f"it is of the instruction set {made_in}; verify it on a processor with that" in verified[1]
    assert {path.relative_to(board): path.read_bytes() for path in board.rglob("*") if path.is_file()} == held
    anew = run("run", "--board", str(board))
    assert anew[0] == 0
    assert "556 of 556 texts" in anew[1], "no vector of another instruction set is taken for one of this"
    assert "removed 2 records of systems or benchmarks that the board no longer names" in anew[1]
    assert run("leaderboard", "check", str(board))[0] == 0


@pytest.mark.parametrize("pooling", ["cls", "mean", "max", "mean-sqrt-length", "weighted-mean", "last-token"])
@pytest.mark.parametrize("skip", [0, 2, 9])
def test_poolings_are_those_of_torch(pooling: str, skip: int) -> None:
    import torch
    from stsbench_transformers.pytorch.pooling import pool as by_torch
    from stsbench_transformers.sessions import pool

    hidden = np.random.default_rng(0).normal(size=(3, 6, 4)).astype(np.float32)
    mask = np.arange(6) < np.array([6, 4, 1])[:, None]
    theirs = by_torch(pooling, torch.from_numpy(hidden), torch.from_numpy(mask), skip).numpy()
    np.testing.assert_allclose(pool(pooling, hidden, mask, skip), theirs, atol=1e-6)


def test_texts_of_the_same_tokens_are_encoded_once(
    make_tiny: Callable[..., Path], tmp_path: Path, locate: Callable[[Path], Location]
) -> None:
    encoder = Bert(locate(make_tiny(tmp_path / "plain")), backend="torch", max_length=4)
    encoder.prepare()
    rows: list[int] = []
    encoder.backbone.model.register_forward_pre_hook(lambda _module, _given, named: rows.append(len(named["input_ids"])), with_kwargs=True)
    texts = ["a dog", "A  DOG", "a dog", "a man is", "a man is playing"]  # the last two are cut to the same
    given = encoder.encode(texts, views=("mean@2",))
    assert sum(rows) == 2
    np.testing.assert_array_equal(given.vectors["mean@2"][[0, 0, 3]], given.vectors["mean@2"][[1, 2, 4]], strict=True)
    np.testing.assert_array_equal(given.truncated, [False, False, False, True, True], strict=True)
