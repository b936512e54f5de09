"""Image models of transformers: their vectors are transformers' own, whatever the batch; made small and random here."""

from __future__ import annotations

import json
import shutil
import subprocess
import sys
from collections.abc import Callable
from importlib import import_module
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from stsbench_vision.models import VisionModel

from stsbench.contracts.items import Image
from stsbench.errors import ModelError, OptionError
from stsbench.plugin import Location

LocateFolder = Callable[[Path], Location]


def pictures(count: int = 5) -> list[Image]:
    import io

    from PIL import Image as Pillow

    rng = np.random.default_rng(5)
    made = []
    for row in range(count):
        stream = io.BytesIO()
        Pillow.fromarray(rng.integers(0, 256, (30 + 7 * row, 50 - 3 * row, 3), dtype=np.uint8)).save(stream, "PNG")
        made.append(Image.of(stream.getvalue()))
    return made


def theirs(folder: Path, made: Any, images: list[Image], layer: int) -> tuple[np.ndarray, np.ndarray, np.ndarray]:
    """Mean, maximum and first token of a layer by transformers alone, all images in one batch; last, what its pooler gives."""
    import torch
    from PIL import Image as Pillow

    processors: Any = import_module("transformers").AutoImageProcessor

    given = processors.from_pretrained(folder, backend="pil")([Pillow.fromarray(image.pixels()) for image in images], return_tensors="pt")
    model = getattr(made, "vision_model", made)
    with torch.no_grad():
        output = model(**given, output_hidden_states=True)
    states = output.last_hidden_state if layer == len(output.hidden_states) - 1 else output.hidden_states[layer]
    if states.dim() == 4:
        return states.mean(dim=(2, 3)).numpy(), states.amax(dim=(2, 3)).numpy(), output.pooler_output.flatten(1).numpy()
    patches = states[:, -16:]
    last = states[:, 0] if output.pooler_output is None else output.pooler_output
    return patches.mean(dim=1).numpy(), patches.amax(dim=1).numpy(), torch.stack([states[:, 0], last]).numpy()


def apart(values: np.ndarray, expected: np.ndarray) -> float:
    """The largest difference, relative to the largest value."""
    assert values.shape == expected.shape
    return float(np.abs(values - expected).max() / np.abs(expected).max())


@pytest.mark.parametrize("kind", ["vit", "dino", "dinov2", "clip", "resnet"])
def test_vectors_are_those_of_transformers_whatever_the_batch(kind: str, saved: Callable[[str], Path], locate: LocateFolder) -> None:
    folder, images = saved(kind), pictures()
    made = import_module("transformers").AutoModel.from_pretrained(folder)
    depth = 2 if kind == "resnet" else 3
    poolings = ("mean", "max") if kind == "resnet" else ("mean", "max", "cls")
    pooler = () if kind == "dino" else ("pooler",)
    for layer in (1, -1):
        place = layer if layer > 0 else depth
        encoder = VisionModel(locate(folder), pooling=(*poolings, *pooler), layers=(layer,), batch_size=2, device="cpu")
        assert encoder.views == (*(f"{name}@{place}" for name in poolings), *pooler)
        vectors = encoder.encode(images, views=encoder.views).vectors
        mean, largest, rest = theirs(folder, made, images, place)
        assert apart(vectors[f"mean@{place}"], mean) < 1e-5
        assert apart(vectors[f"max@{place}"], largest) < 1e-5
        if kind == "resnet":
            assert apart(vectors["pooler"], rest) < 1e-5
        else:
            assert apart(vectors[f"cls@{place}"], rest[0]) < 1e-5
        if pooler and kind != "resnet":
            assert apart(vectors["pooler"], rest[1]) < 1e-5
        assert len({values.tobytes() for values in vectors.values()}) >= len(vectors) - (kind in ("dinov2", "resnet")), (
            "its pooler is cls, or the mean"
        )
        alone = [encoder.encode([image], views=encoder.views).vectors for image in images]
        first = encoder.views[0]
        shuffled = encoder.encode([*images[::-1], images[0]], views=(first,)).vectors[first]
        for view, values in vectors.items():
            assert apart(values, np.concatenate([given[view] for given in alone])) < 1e-6
            assert values.dtype == np.float32
        assert apart(shuffled, np.concatenate([vectors[first][::-1], vectors[first][:1]])) < 1e-6
        assert encoder.encode([], views=encoder.views).vectors[encoder.views[0]].shape == (0, mean.shape[1])


def test_what_a_model_lacks_is_told(tmp_path: Path, saved: Callable[[str], Path], locate: LocateFolder) -> None:
    for kind in ("dino", "resnet"):
        shutil.copytree(saved(kind), tmp_path / kind)
    with pytest.raises(ModelError, match="'dino' has no pooler weights"):
        VisionModel(locate(tmp_path / "dino"), pooling=("pooler",)).prepare()
    with pytest.raises(ModelError, match="'resnet' has no token before its patches, which cls would be; choose pooling=mean"):
        VisionModel(locate(tmp_path / "resnet"), pooling=("cls",)).encode(pictures(1), views=("cls@2",))
    with pytest.raises(OptionError, match="layer 7, but the model has layers 0"):
        VisionModel(locate(tmp_path / "dino"), layers=(7,))
    for view in ("weighted-mean@1", "mean@0:1", "mean@1/8"):
        with pytest.raises(OptionError, match=r"vision has the poolings mean, max and cls of one layer, as in mean@3, and pooler, not"):
            VisionModel(locate(tmp_path / "dino"), view=(view,))
    (tmp_path / "resnet" / "config.json").write_text('{"model_type": "resnet"}')
    with pytest.raises(ModelError, match="does not say how many layers see"):
        VisionModel(locate(tmp_path / "resnet"))


def test_weights_of_another_model_are_refused(tmp_path: Path, saved: Callable[[str], Path], locate: LocateFolder) -> None:
    shutil.copytree(saved("vit"), tmp_path, dirs_exist_ok=True)
    config = json.loads((tmp_path / "config.json").read_text())
    (tmp_path / "config.json").write_text(json.dumps({**config, "num_hidden_layers": 4}))
    with pytest.raises(ModelError, match=r"lack \d+ of its tensors"):
        VisionModel(locate(tmp_path)).prepare()


def test_building_loads_no_library(saved: Callable[[str], Path]) -> None:
    folder = saved("vit")
    script = (
        "import sys; from stsbench.host.registry import Registry; "
        f"r = Registry.installed().resolve('encoder', 'vision:{folder},layers=0+-1'); b = r.build(); "
        "print(b.views, b.fingerprint.hex[:1] != '', sorted({'torch', 'transformers', 'PIL'} & set(sys.modules)))"
    )
    done = subprocess.run([sys.executable, "-c", script], capture_output=True, text=True, check=True)
    assert done.stdout == "('mean@0', 'mean@3') True []\n"
