"""Small random image models, each made once."""

from __future__ import annotations

from collections.abc import Callable
from functools import cache
from pathlib import Path
from typing import Any

import pytest

SMALL: dict[str, Any] = {"hidden_size": 32, "intermediate_size": 64, "num_hidden_layers": 3, "num_attention_heads": 4}
SEEING = {**SMALL, "image_size": 32, "patch_size": 8}


def tiny(kind: str, folder: Path) -> Any:
    """A random model of that kind, saved with a processor."""
    import torch
    import transformers as library
    from transformers.models.clip.image_processing_pil_clip import CLIPImageProcessorPil
    from transformers.models.vit.image_processing_pil_vit import ViTImageProcessorPil

    torch.manual_seed(3)
    processor: Any = ViTImageProcessorPil(size={"height": 32, "width": 32})
    made: Any
    if kind == "vit":
        made = library.ViTModel(library.ViTConfig(**SEEING))
    elif kind == "dino":  # as it is published: a ViT without a pooler
        made = library.ViTModel(library.ViTConfig(**SEEING), add_pooling_layer=False)
    elif kind == "dinov2":
        made = library.Dinov2WithRegistersModel(library.Dinov2WithRegistersConfig(**SEEING, num_register_tokens=4))
    elif kind == "resnet":
        sizes: Any = {"embedding_size": 8, "hidden_sizes": [8, 16], "depths": [1, 1], "layer_type": "basic"}
        made = library.ResNetModel(library.ResNetConfig(**sizes))
    else:
        text = {**SMALL, "vocab_size": 20, "max_position_embeddings": 16}
        made = library.CLIPModel(library.CLIPConfig(text_config=text, vision_config=SEEING, projection_dim=24))
        processor = CLIPImageProcessorPil(size={"shortest_edge": 32}, crop_size={"height": 32, "width": 32})
    with torch.no_grad():
        for name, weights in made.named_parameters():
            if "norm" not in name:
                weights.mul_(3.0)  # so that layers differ
    made.eval().save_pretrained(folder)
    processor.save_pretrained(folder)
    return made


@pytest.fixture(scope="session")
def saved(tmp_path_factory: pytest.TempPathFactory) -> Callable[[str], Path]:
    """The folder of a small random model of a kind: vit, dino, dinov2, clip or resnet."""
    place = tmp_path_factory.mktemp("models")

    @cache
    def save(kind: str) -> Path:
        tiny(kind, place / kind)
        return place / kind

    return save
