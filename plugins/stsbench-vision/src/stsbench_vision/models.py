"""The encoder `vision`: poolings and layers of any image model of transformers, as views of one pass."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import KW_ONLY, dataclass
from functools import cached_property
from typing import TYPE_CHECKING, Any, Literal

import numpy as np

from stsbench.plugin import Embeddings, Execution, Fingerprint, Image, Item, Location, ModelCard, ModelError, OptionError, Views

if TYPE_CHECKING:
    from stsbench_transformers.checkpoints.checkpoint import Checkpoint
    from stsbench_transformers.views import View

    from stsbench_vision.seeing import SeeingModel

Pooling = Literal["mean", "cls", "max", "pooler"]


@dataclass(frozen=True)
class VisionModel:
    """Pooled states of an image model of transformers (ViT, DINO, DINOv2, BEiT, ResNet, ConvNeXt; of CLIP and SigLIP the half that sees).

    Poolings crossed with `layers`: `mean` and `max` over the patches of a layer, or over all places of a map, `cls` (the token before the
    patches); `pooler` is what the model makes of its last layer. Layer 0 is what the first layer reads, negative ones count from the end,
    and the last has the model's final norm. `view` names views directly (`mean@12+cls@6`). All come from one pass over `batch_size` images
    at a time. Images are prepared by the model's own processor with Pillow, whatever else is installed. Weights are read from safetensors.
    """

    model: Location
    _: KW_ONLY
    pooling: Views[Sequence[Pooling]] = ("mean",)
    layers: Views[Sequence[int]] = (-1,)
    view: Views[Sequence[str]] = ()
    revision: str | None = None
    device: Execution[str] = "auto"
    batch_size: Execution[int] = 16

    token_views = ()

    def __post_init__(self) -> None:
        if self.batch_size < 1:
            raise OptionError("option 'batch_size' takes a number of images of at least 1")
        _ = self.chosen

    @cached_property
    def checkpoint(self) -> Checkpoint:
        """Where its files are; raises ModelError."""
        try:
            from stsbench_transformers.checkpoints.checkpoint import Checkpoint
        except ImportError as error:
            raise ModelError("models of images are loaded by stsbench-transformers; `pip install 'stsbench[vision]'` brings it") from error
        checkpoint = Checkpoint.of(self.model, self.revision)
        if checkpoint.folder is not None:
            checkpoint.require_safetensors()
        return checkpoint

    @cached_property
    def chosen(self) -> tuple[View, ...]:
        """The views that the options choose; raises ModelError or OptionError."""
        from stsbench_transformers.views import choose_views

        views, _ = choose_views(self.pooling, self.layers, self.view, self._depth, (), None)
        if wrong := [
            str(view) for view in views if view.pooling not in ("mean", "max", "cls", "pooler") or len(view.layers) > 1 or view.size
        ]:
            raise OptionError(
                f"vision has the poolings mean, max and cls of one layer, as in mean@{self._depth}, and pooler, not {wrong[0]!r}"
            )
        return views

    @property
    def _depth(self) -> int:
        """The number of layers, or of stages, as the configuration has them."""
        config = self.checkpoint.read("config.json")
        seeing = config.get("vision_config", config)
        depth = seeing.get("num_hidden_layers") or len(seeing.get("depths") or ())
        if not isinstance(depth, int) or not depth:
            kind = config.get("model_type", "unknown")
            raise ModelError(f"model {self.checkpoint.label!r} (type {kind}) does not say how many layers see; give a ViT, DINO or ResNet")
        return depth

    @property
    def views(self) -> tuple[str, ...]:
        """Canonical names, such as `mean@12`."""
        return tuple(map(str, self.chosen))

    @property
    def fingerprint(self) -> Fingerprint:
        """Weights, commit and dtype; the processor's settings lie beside the weights."""
        return Fingerprint.of(weights=self.checkpoint.identity, revision=self.checkpoint.commit, dtype="float32", prepared="by Pillow")

    @property
    def card(self) -> ModelCard:
        """What the model's README declares, and the number of its weights."""
        return self.checkpoint.card

    @property
    def provenance(self) -> Mapping[str, str]:
        """Device and library versions, once the model is loaded."""
        return self.backbone.facts if "backbone" in vars(self) else {}

    @cached_property
    def backbone(self) -> SeeingModel:
        """The loaded model."""
        from stsbench_vision.seeing import SeeingModel

        return SeeingModel.load(self.checkpoint, self.device, pooler=any(view.pooling == "pooler" for view in self.chosen))

    def prepare(self) -> None:
        """Load the model."""
        self.backbone  # noqa: B018 - kept

    def close(self) -> None:
        """Let go of the loaded model."""
        vars(self).pop("backbone", None)

    def encode(self, texts: Sequence[Item], *, views: Sequence[str], prompt: str = "") -> Embeddings:  # noqa: ARG002
        """A row an image, float32[n, d], in every view that is asked for; no prompt goes before an image."""
        if unknown := [view for view in views if view not in self.views]:
            raise OptionError(f"this encoder has no view {unknown[0]!r}; it has {', '.join(self.views)}")
        wanted = [view for view in self.chosen if str(view) in views]
        images = list(dict.fromkeys(image for image in texts if isinstance(image, Image)))
        place: dict[Any, int] = {image: row for row, image in enumerate(images)}
        rows = np.array([place[image] for image in texts], dtype=np.intp)
        vectors = self.backbone.collect(images, wanted, self.batch_size)
        return Embeddings({view: values[rows] for view, values in vectors.items()}, truncated=np.zeros(len(texts), dtype=np.bool_))
