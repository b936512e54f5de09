"""Models that are as they should be, and what is said of those that are not."""

from __future__ import annotations

import json
import shutil
from collections.abc import Callable
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from stsbench_transformers.checkpoints.checkpoint import Checkpoint
from stsbench_transformers.checkpoints.decision import decide
from stsbench_transformers.encoder import Bert

from stsbench.plugin import Embeddings, Location, ModelError, OptionError

TEXTS = ["a man plays .", "the dogs eats the cat", "not"]


@pytest.fixture
def folder(tiny: Path, tmp_path: Path) -> Path:
    return shutil.copytree(tiny, tmp_path / "changed")


def edit(folder: Path, name: str, **changes: Any) -> None:
    path = folder / name
    path.write_text(json.dumps({**json.loads(path.read_text()), **changes}))


def encode(location: Location, **options: Any) -> Embeddings:
    encoder = Bert(location, **options)
    return encoder.encode(TEXTS, views=encoder.views)


def test_two_checkpoints_have_two_fingerprints_and_two_results(
    make_tiny: Callable[..., Path], locate: Callable[[Path], Location], tmp_path: Path
) -> None:
    first, second = (locate(make_tiny(tmp_path / name, seed=seed)) for name, seed in (("one", 1), ("two", 2)))
    assert Bert(first).fingerprint.hex != Bert(second).fingerprint.hex
    assert not np.allclose(encode(first).vectors["mean@2"], encode(second).vectors["mean@2"], atol=1e-3)


def test_a_model_after_a_training_step_has_another_fingerprint(folder: Path, locate: Callable[[Path], Location]) -> None:
    import torch
    from transformers import AutoModel

    before = locate(folder)
    vectors = encode(before).vectors["mean@2"]
    fingerprint = Bert(before).fingerprint
    model = AutoModel.from_pretrained(folder)
    optimizer = torch.optim.SGD(model.parameters(), lr=0.5)
    model(input_ids=torch.tensor([[2, 5, 6, 3]])).last_hidden_state[0, 0, :3].sum().backward()
    optimizer.step()
    model.save_pretrained(folder)
    after = locate(folder)
    assert Bert(after).fingerprint.hex != fingerprint.hex
    assert np.abs(encode(after).vectors["mean@2"] - vectors).max() > 1e-3


def test_the_fingerprint_holds_what_views_share(tiny: Path, locate: Callable[[Path], Location]) -> None:
    location = locate(tiny)
    base = Bert(location).fingerprint
    decision = decide(Checkpoint.of(location, None)).identity
    assert dict(base.fields) == {"weights": location.identity, "dtype": "float32", "max_length": "20", "decision": decision}
    assert Bert(location, pooling=("cls",), layers=(0, 1), device="cpu", batch_tokens=7, threads=2).fingerprint == base
    others = [Bert(location, max_length=8), Bert(location, dtype="bfloat16")]
    assert len({base.hex, *(one.fingerprint.hex for one in others)}) == 3


def test_bfloat16_is_computed_as_such_and_returned_as_float32(minilm: Location) -> None:
    full, half = (Bert(minilm, dtype=dtype, backend="torch") for dtype in ("float32", "bfloat16"))
    exact, rough = (one.encode(TEXTS, views=("mean@6", "tokens@6")) for one in (full, half))
    assert str(half.backbone.model.dtype) == "torch.bfloat16"
    assert rough.vectors["mean@6"].dtype == rough.tokens["tokens@6"].values.dtype == np.float32
    difference = np.abs(exact.vectors["mean@6"] - rough.vectors["mean@6"]).max()
    assert 1e-4 < difference < 5e-2


def test_the_dtype_is_read_back_from_the_weights(tiny: Path, locate: Callable[[Path], Location], monkeypatch: pytest.MonkeyPatch) -> None:
    from transformers import AutoModel

    load = AutoModel.from_pretrained
    monkeypatch.setattr(AutoModel, "from_pretrained", lambda *args, dtype, **options: load(*args, **options))
    with pytest.raises(ModelError, match="'tiny' was loaded as float32 instead of float16; choose another dtype"):
        encode(locate(tiny), dtype="float16", backend="torch")


def test_weights_saved_in_half_precision_are_computed_in_float32(folder: Path, locate: Callable[[Path], Location]) -> None:
    from transformers import AutoModel

    AutoModel.from_pretrained(folder).bfloat16().save_pretrained(folder)
    encoder = Bert(locate(folder), backend="torch")
    encoder.encode(TEXTS, views=encoder.views)
    assert str(encoder.backbone.model.dtype) == "torch.float32"


def test_pooler_is_the_model_s_own(tiny: Path, locate: Callable[[Path], Location]) -> None:
    import torch
    from transformers import AutoModel

    vectors = encode(locate(tiny), pooling=("pooler", "cls")).vectors
    dense = AutoModel.from_pretrained(tiny).pooler.dense
    with torch.no_grad():
        np.testing.assert_allclose(vectors["pooler"], torch.tanh(dense(torch.from_numpy(vectors["cls@2"]))).numpy(), atol=1e-6)


def test_a_model_without_a_pooler_has_no_pooler_view(
    make_tiny: Callable[..., Path], locate: Callable[[Path], Location], tmp_path: Path
) -> None:
    location = locate(make_tiny(tmp_path / "bare", add_pooling_layer=False))
    encode(location, pooling=("cls", "mean"))
    with pytest.raises(ModelError, match="'bare' has no pooler weights; choose pooling=cls"):
        encode(location, pooling=("mean", "pooler"))


def test_weights_that_lack_a_tensor_are_refused(folder: Path, locate: Callable[[Path], Location]) -> None:
    from safetensors.torch import load_file, save_file

    tensors = load_file(folder / "model.safetensors")
    del tensors["encoder.layer.1.output.dense.weight"]
    save_file(tensors, folder / "model.safetensors", {"format": "pt"})
    with pytest.raises(ModelError, match=r"'changed' lack 1 of its tensors \(such as encoder.layer.1.output.dense.weight\)"):
        encode(locate(folder))


def test_pickled_weights_are_refused_when_the_encoder_is_built(folder: Path, locate: Callable[[Path], Location]) -> None:
    import torch
    from safetensors.torch import load_file

    torch.save(load_file(folder / "model.safetensors"), folder / "pytorch_model.bin")
    assert encode(locate(folder)).vectors  # beside safetensors they are not touched
    (folder / "model.safetensors").unlink()
    with pytest.raises(ModelError, match=r"'changed' has weights in pickled files only .* save it anew with save_pretrained"):
        Bert(locate(folder))


def test_a_folder_that_is_not_a_model(folder: Path, locate: Callable[[Path], Location], tmp_path: Path) -> None:
    (folder / "model.safetensors").unlink()
    with pytest.raises(ModelError, match=r"'changed' has no weights in a .safetensors file"):
        Bert(locate(folder))
    (folder / "config.json").unlink()
    with pytest.raises(ModelError, match=r"'changed' has no config.json; give the folder or hub id"):
        Bert(locate(folder))
    with pytest.raises(ModelError, match=r"'gone' is not a folder; give the folder that holds config.json"):
        Bert(Location("gone", path=tmp_path / "gone", digest="0"))
    with pytest.raises(ModelError, match="is not a folder"):
        Bert(Location("vocab.txt", path=folder / "vocab.txt", digest="0"))


@pytest.mark.parametrize("text", ["{", "[]", "\ufeff{}"])
def test_a_configuration_that_is_no_json_object(folder: Path, locate: Callable[[Path], Location], text: str) -> None:
    (folder / "config.json").write_text(text, encoding="utf-8")
    with pytest.raises(
        ModelError, match=r"config.json of model 'changed' (cannot be read as JSON|is not a JSON object); fetch the model again"
    ):
        Bert(locate(folder))


def test_broken_weights_are_named_without_a_path(folder: Path, locate: Callable[[Path], Location]) -> None:
    (folder / "model.safetensors").write_bytes(b"truncated")
    with pytest.raises(ModelError, match="'changed' cannot be loaded") as caught:
        encode(locate(folder))
    assert str(folder.parent) not in str(caught.value)


def test_an_unknown_kind_of_model(folder: Path, locate: Callable[[Path], Location]) -> None:
    edit(folder, "config.json", model_type="no-such-kind")
    with pytest.raises(ModelError, match=r"'changed' cannot be loaded .*no-such-kind"):
        encode(locate(folder))


def test_options_that_cannot_be(tiny: Path, locate: Callable[[Path], Location]) -> None:
    location = locate(tiny)
    with pytest.raises(OptionError, match="'revision' is for models on the hub, and 'tiny' is a folder"):
        Bert(location, revision="main")
    with pytest.raises(OptionError, match=r"'layers' names layer 3, but the model has layers 0 .* to 2"):
        Bert(location, layers=(3,))
    with pytest.raises(OptionError, match="'max_length' must be 1 to 24"):
        Bert(location, max_length=25)
    with pytest.raises(OptionError, match="'batch_tokens' and 'threads' take a positive number"):
        Bert(location, threads=-1)
    with pytest.raises(OptionError, match="'device' is 'toaster', which torch cannot use here"):
        encode(location, device="toaster")


def test_named_prompts_are_offered(folder: Path, locate: Callable[[Path], Location]) -> None:
    assert Bert(locate(folder)).prompts == {}
    (folder / "config_sentence_transformers.json").write_text(json.dumps({"prompts": {"query": "query: ", "none": None}}))
    assert Bert(locate(folder)).prompts == {"query": "query: "}


def test_nothing_is_written_to_the_terminal_while_a_model_is_loaded(
    tiny: Path, locate: Callable[[Path], Location], capfd: pytest.CaptureFixture[str]
) -> None:
    from transformers.utils import logging

    before = logging.get_verbosity(), logging.is_progress_bar_enabled()
    encode(locate(tiny))
    assert capfd.readouterr() == ("", "")
    assert (logging.get_verbosity(), logging.is_progress_bar_enabled()) == before
