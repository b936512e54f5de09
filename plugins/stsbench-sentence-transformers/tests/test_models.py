"""Models of several modules, and what is said of those that are not as they should be."""

from __future__ import annotations

import json
from collections.abc import Callable
from pathlib import Path
from typing import Any, Literal

import numpy as np
import pytest
from stsbench_sentence_transformers.encoder import SentenceEncoder
from stsbench_transformers.encoder import Bert
from stsbench_transformers.running import Dtype

from stsbench.plugin import Float32, Location, ModelError, OptionError

TEXTS = ["a man plays .", "the dogs eats the cat", "not"]


def vectors(encoder: SentenceEncoder, **options: Any) -> Float32:
    (view,) = encoder.views
    return encoder.encode(TEXTS, views=(view,), **options).vectors[view]


def test_a_dense_layer_is_part_of_the_model(make_tiny: Callable[..., Path], locate: Callable[[Path], Location]) -> None:
    from sentence_transformers import SentenceTransformer

    folder = make_tiny()
    model = SentenceTransformer(str(folder), device="cpu")
    tolerances: dict[Dtype, float] = {"float32": 1e-6, "bfloat16": 5e-2}
    for dtype, tolerance in tolerances.items():
        encoder = SentenceEncoder(locate(folder), dtype=dtype, backend="library")
        assert vectors(encoder).shape == (3, 8)
        np.testing.assert_allclose(vectors(encoder), model.encode(TEXTS), atol=tolerance)
        assert {str(one.dtype) for one in encoder.library.model.parameters()} == {f"torch.{dtype}"}


def test_static_vectors_have_no_limit(make_tiny: Callable[..., Path], locate: Callable[[Path], Location]) -> None:
    location = locate(make_tiny(static=True))
    encoder = SentenceEncoder(location)
    assert vectors(encoder).shape == (3, 16)
    np.testing.assert_array_equal(encoder.encode(["man " * 5000], views=("sentence",)).truncated, [False], strict=True)
    with pytest.raises(OptionError, match="'max_length' does not apply to 'tiny'"):
        vectors(SentenceEncoder(location, max_length=8))


def test_a_default_prompt_is_offered_but_not_applied(make_tiny: Callable[..., Path], locate: Callable[[Path], Location]) -> None:
    plain = SentenceEncoder(locate(make_tiny("plain")))
    encoder = SentenceEncoder(locate(make_tiny(prompts={"query": "the dog "}, default="query")))
    assert plain.prompts.get("query", "") == ""
    assert encoder.prompts["query"] == "the dog "
    assert np.array_equal(vectors(encoder), vectors(plain))
    assert np.array_equal(vectors(encoder, prompt="the dog "), vectors(plain, prompt="the dog "))
    assert not np.allclose(vectors(encoder, prompt="the dog "), vectors(plain))


def test_a_model_without_modules_gets_mean_pooling(make_tiny: Callable[..., Path], locate: Callable[[Path], Location]) -> None:
    base = make_tiny().with_name("tiny-base")
    assert not (base / "modules.json").exists()
    pooled = Bert(locate(base)).encode(TEXTS, views=("mean@2",)).vectors["mean@2"]
    np.testing.assert_allclose(vectors(SentenceEncoder(locate(base))), pooled, atol=1e-6)


def test_the_fingerprint_holds_every_option_that_changes_a_number(
    make_tiny: Callable[..., Path], locate: Callable[[Path], Location]
) -> None:
    location = locate(make_tiny())
    base = SentenceEncoder(location).fingerprint
    assert dict(base.fields)["weights"] == location.identity
    assert SentenceEncoder(location, device="cpu", batch_size=3).fingerprint == base
    changed: list[dict[str, Any]] = [
        {"dtype": "float16"},
        {"max_length": 9},
        {"normalize": True},
        {"trust_remote_code": True},
    ]
    assert len({base.hex, *(SentenceEncoder(location, **options).fingerprint.hex for options in changed)}) == 5
    assert SentenceEncoder(location, truncate_dim=(4,)).fingerprint == base  # its views are named by their sizes


def test_a_model_after_a_training_step_has_another_fingerprint(make_tiny: Callable[..., Path], locate: Callable[[Path], Location]) -> None:
    import torch
    from sentence_transformers import SentenceTransformer

    folder = make_tiny()
    before = SentenceEncoder(locate(folder))
    first = vectors(before)
    model = SentenceTransformer(str(folder), device="cpu")
    with torch.no_grad():
        model[2].get_parameter("linear.bias").add_(1.0)
    model.save_pretrained(str(folder), create_model_card=False)
    after = SentenceEncoder(locate(folder))
    assert after.fingerprint.hex != before.fingerprint.hex
    assert not np.allclose(vectors(after), first)


def test_a_folder_that_is_not_a_model(make_tiny: Callable[..., Path], locate: Callable[[Path], Location], tmp_path: Path) -> None:
    with pytest.raises(ModelError, match="'gone' is not a folder"):
        SentenceEncoder(Location("gone", path=tmp_path / "gone", digest="0"))
    (tmp_path / "empty").mkdir()
    with pytest.raises(ModelError, match=r"'empty' has neither modules.json nor config.json; give the folder or hub id"):
        SentenceEncoder(locate(tmp_path / "empty"))
    folder = make_tiny()
    for weights in folder.rglob("*.safetensors"):
        weights.unlink()
    with pytest.raises(ModelError, match=r"'tiny' has no weights in a .safetensors file"):
        SentenceEncoder(locate(folder))
    (folder / "modules.json").write_text("[{")
    with pytest.raises(ModelError, match=r"modules.json of model 'tiny' cannot be read as JSON"):
        SentenceEncoder(locate(folder))
    (folder / "modules.json").write_text('{"idx": 0}')
    with pytest.raises(ModelError, match=r"modules.json of model 'tiny' is not a list of modules"):
        SentenceEncoder(locate(folder))


@pytest.mark.parametrize("backend", ["auto", "library"])
def test_a_folder_without_a_tokenizer_is_refused(
    backend: Literal["auto", "library"], make_tiny: Callable[..., Path], locate: Callable[[Path], Location]
) -> None:
    folder = make_tiny()
    for name in ("tokenizer.json", "tokenizer_config.json"):
        (folder / name).unlink()
    with pytest.raises(ModelError, match=r"'tiny' has no tokenizer \(tokenizer.json or vocab.txt\); save it beside the weights"):
        vectors(SentenceEncoder(locate(folder), backend=backend))


def test_a_module_with_pickled_weights_is_refused(make_tiny: Callable[..., Path], locate: Callable[[Path], Location]) -> None:
    import torch
    from safetensors.torch import load_file

    folder = make_tiny()
    (dense,) = folder.glob("*_Dense/model.safetensors")
    torch.save(load_file(dense), dense.with_name("pytorch_model.bin"))
    assert vectors(SentenceEncoder(locate(folder))).shape == (3, 8)  # beside safetensors they are not touched
    dense.unlink()
    with pytest.raises(ModelError, match="'tiny' has weights in pickled files only"):
        SentenceEncoder(locate(folder))


def test_weights_that_lack_a_tensor_are_refused(make_tiny: Callable[..., Path], locate: Callable[[Path], Location]) -> None:
    from safetensors.torch import load_file, save_file

    folder = make_tiny()
    weights = load_file(folder / "model.safetensors")
    name = next(key for key in weights if key.endswith("layer.1.output.dense.weight"))
    save_file({key: value for key, value in weights.items() if key != name}, folder / "model.safetensors", metadata={"format": "pt"})
    with pytest.raises(ModelError, match=r"lack 1 of its tensors \(such as .*layer\.1\.output\.dense\.weight\), which would be random"):
        vectors(SentenceEncoder(locate(folder)))


def test_broken_weights_are_named_without_a_path(make_tiny: Callable[..., Path], locate: Callable[[Path], Location]) -> None:
    folder = make_tiny()
    (folder / "model.safetensors").write_bytes(b"truncated")
    with pytest.raises(ModelError, match="'tiny' cannot be loaded") as caught:
        vectors(SentenceEncoder(locate(folder)))
    assert str(folder.parent) not in str(caught.value)


def test_code_of_the_model_is_not_run_unasked(make_tiny: Callable[..., Path], locate: Callable[[Path], Location]) -> None:
    folder = make_tiny()
    modules = json.loads((folder / "modules.json").read_text())
    modules[2]["type"] = "custom.Module"
    (folder / "modules.json").write_text(json.dumps(modules))
    (folder / "custom.py").write_text(f"open({str(folder / 'ran')!r}, 'w')")
    with pytest.raises(ModelError, match=r"'tiny' cannot be loaded .*custom.Module"):
        vectors(SentenceEncoder(locate(folder)))
    assert not (folder / "ran").exists()


def test_the_dtype_is_read_back_from_the_weights(
    make_tiny: Callable[..., Path], locate: Callable[[Path], Location], monkeypatch: pytest.MonkeyPatch
) -> None:
    from sentence_transformers import SentenceTransformer
    from stsbench_sentence_transformers.running import loading

    monkeypatch.setattr(loading, "SentenceTransformer", lambda *args, model_kwargs, **options: SentenceTransformer(*args, **options))
    with pytest.raises(ModelError, match="'tiny' was loaded as float32 instead of float16; choose another dtype"):
        vectors(SentenceEncoder(locate(make_tiny()), dtype="float16", backend="library"))


def test_options_that_cannot_be(make_tiny: Callable[..., Path], locate: Callable[[Path], Location]) -> None:
    location = locate(make_tiny())
    for name in ("batch_size", "truncate_dim", "max_length"):
        zero: dict[str, Any] = {name: (0,) if name == "truncate_dim" else 0}
        with pytest.raises(OptionError, match=f"{name!r} must be at least 1, not 0"):
            SentenceEncoder(location, **zero)
    with pytest.raises(OptionError, match="'truncate_dim' is 9, but vectors of 'tiny' have 8 dimensions"):
        vectors(SentenceEncoder(location, truncate_dim=(9,)))
    with pytest.raises(OptionError, match="'max_length' must be 1 to 24, the model's number of positions, not 25"):
        vectors(SentenceEncoder(location, max_length=25))
    with pytest.raises(OptionError, match="'max_length' must be 1 to 24"):
        vectors(SentenceEncoder(location, max_length=25, backend="library"))
    with pytest.raises(OptionError, match="'revision' is for models on the hub"):
        SentenceEncoder(location, revision="main")


def test_nothing_is_written_to_the_terminal_while_a_model_is_loaded(
    make_tiny: Callable[..., Path], locate: Callable[[Path], Location], capfd: pytest.CaptureFixture[str]
) -> None:
    location = locate(make_tiny())
    capfd.readouterr()
    vectors(SentenceEncoder(location))
    assert capfd.readouterr() == ("", "")
