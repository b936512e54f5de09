"""The loaded image model and its processor. Imports torch and transformers: to be imported by the first encode()."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field
from importlib import import_module
from itertools import islice
from typing import Any

import numpy as np
import torch
from PIL import Image as Pillow
from stsbench_transformers.checkpoints.checkpoint import Checkpoint, lacks_pooler
from stsbench_transformers.loading import quiet
from stsbench_transformers.pytorch.devices import choose_device
from stsbench_transformers.views import View
from torch import Tensor

from stsbench.plugin import Float32, Image, ModelError


@dataclass(frozen=True)
class SeeingModel:
    """An image model in evaluation mode on its device, in float32, with its processor."""

    model: Any
    processor: Any
    device: torch.device
    label: str
    widths: dict[str, int] = field(default_factory=dict)  # of the views that have been asked for

    @classmethod
    def load(cls, checkpoint: Checkpoint, device: str, *, pooler: bool) -> SeeingModel:
        """Load weights from safetensors; raises ModelError where they are not those of the model."""
        library: Any = import_module("transformers")
        place = choose_device(device)
        checkpoint.download()
        where = {"pretrained_model_name_or_path": checkpoint.source, "revision": checkpoint.commit or "main", "trust_remote_code": False}
        with quiet():
            try:
                processor = library.AutoImageProcessor.from_pretrained(**where, backend="pil")
                whole, report = library.AutoModel.from_pretrained(
                    **where, dtype=torch.float32, use_safetensors=True, output_loading_info=True
                )
            except Exception as error:  # whatever the library and those beneath it meet in files that are broken
                raise checkpoint.blame(error) from error
        model = getattr(whole, "vision_model", whole)
        prefix = "" if model is whole else "vision_model."
        missing = {name.removeprefix(prefix) for name in report["missing_keys"] if name.startswith(prefix)}
        if pooler and (getattr(model, "pooler", True) is None or any(name.startswith("pooler.") for name in missing)):
            raise lacks_pooler(checkpoint)
        if absent := sorted(name for name in missing if not name.startswith("pooler.")):
            lacking = f"{len(absent)} of its tensors (such as {absent[0]}), which would be random"
            raise ModelError(
                f"the weights of model {checkpoint.label!r} lack {lacking}; check that the weights and config.json belong together"
            )
        return cls(model.eval().to(place), processor, place, checkpoint.label)

    @property
    def facts(self) -> dict[str, str]:
        """Where and with what it runs."""
        import transformers

        return {"device": str(self.device), "backend": "torch", "torch": torch.__version__, "transformers": transformers.__version__}

    def collect(self, images: Sequence[Image], views: Sequence[View], size: int) -> dict[str, Float32]:
        """The vectors of each view, from one pass over at most `size` images at a time that are as large as each other."""
        parts: dict[str, list[Float32]] = {str(view): [] for view in views}
        with torch.inference_mode():
            for batch in self._batches(images, size):
                output = self.model(pixel_values=batch.to(self.device), output_hidden_states=True, return_dict=True)
                for view in views:
                    pooled = self._pool(output, view, batch)
                    parts[str(view)].append(np.ascontiguousarray(pooled.float().cpu().numpy()))
        self.widths.update({name: found[0].shape[1] for name, found in parts.items() if found})
        none = {name: np.zeros((0, self.widths.get(name, 1)), dtype=np.float32) for name in parts}
        return {name: np.concatenate([none[name], *found]) if found else none[name] for name, found in parts.items()}

    def _batches(self, images: Sequence[Image], size: int) -> Iterator[Tensor]:
        """Images as the model takes them, neighbours together where their shapes are one."""
        waiting: list[Tensor] = []
        for image in images:
            ready = self.processor(images=Pillow.fromarray(image.pixels()), return_tensors="pt")["pixel_values"]
            if waiting and (len(waiting) == size or waiting[0].shape != ready.shape):
                yield torch.cat(waiting)
                waiting = []
            waiting.append(ready)
        if waiting:
            yield torch.cat(waiting)

    def _pool(self, output: Any, view: View, batch: Tensor) -> Tensor:
        if view.pooling == "pooler":
            pooled: Tensor = output.pooler_output
            return pooled.flatten(1)
        states = [*islice(output.hidden_states, len(output.hidden_states) - 1), output.last_hidden_state]  # after a final norm, if any
        hidden: Tensor = states[view.layers[0]]
        if hidden.dim() == 4:  # a map, of which every place is one
            places, first = hidden.flatten(2).transpose(1, 2), None
        else:
            before = hidden.shape[1] - self._patches(hidden, batch)
            places, first = hidden[:, before:], hidden[:, 0] if before else None
        if view.pooling == "cls":
            if first is None:
                raise ModelError(f"model {self.label!r} has no token before its patches, which cls would be; choose pooling=mean")
            return first
        return places.mean(dim=1) if view.pooling == "mean" else places.amax(dim=1)

    def _patches(self, hidden: Tensor, batch: Tensor) -> int:
        """How many of a layer's tokens are patches: all but those that the model puts before them."""
        patch = getattr(self.model.config, "patch_size", None)
        across, down = patch if isinstance(patch, list | tuple) else (patch, patch)
        if not across or not down:
            raise ModelError(f"model {self.label!r} does not say how large its patches are; choose pooling=pooler")
        patches = (batch.shape[-2] // down) * (batch.shape[-1] // across)
        return patches if patches <= hidden.shape[1] else hidden.shape[1]  # fewer where layers join patches
