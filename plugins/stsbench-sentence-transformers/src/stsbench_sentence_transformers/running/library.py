"""A model that sentence-transformers runs: loaded by the first `encode`, in batches in which a text gets what it gets alone."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from functools import cached_property, partial
from typing import Any

import numpy as np
from stsbench_transformers.arithmetic import Arithmetic
from stsbench_transformers.batching.batches import WHY, Packing
from stsbench_transformers.checkpoints.checkpoint import Checkpoint
from stsbench_transformers.checkpoints.decision import Decision
from stsbench_transformers.sizes import require_width

from stsbench.plugin import Embeddings, Flags, Float32, Image, Item
from stsbench_sentence_transformers.options import SentenceOptions
from stsbench_sentence_transformers.reading.pipeline import normalise


@dataclass(frozen=True)
class LibraryModel:
    """Sentence vectors as the library makes them, and why it is the library that does."""

    checkpoint: Checkpoint
    decision: Decision
    arithmetic: Arithmetic
    options: SentenceOptions
    why: str
    sees: bool = False  # reads images, too

    def shape(self, vectors: Float32, view: str) -> Float32:
        """Sentence vectors of all dimensions as a view has them: cut first, as asked for or as the model's settings say, then scaled."""
        size = self.options.sizes[view]
        require_width(size, vectors.shape[1], repr(self.checkpoint.label))
        cut = vectors[:, : size or self.decision.dimensions]
        return np.ascontiguousarray(normalise(cut) if self.options.normalize else cut, dtype=np.float32)

    @property
    def facts(self) -> Mapping[str, str]:
        """Device, longest text in tokens and versions, once the model is loaded."""
        if "model" not in vars(self):
            return {}
        import sentence_transformers
        import torch
        import transformers

        from stsbench_sentence_transformers.running.confirming import first_module

        return {
            "backend": f"sentence_transformers, since {self.why}",
            **({"arithmetic": identity} if (identity := self.arithmetic.identity) else {}),
            "device": str(self.model.device),
            "max_length": str(getattr(first_module(self.model), "max_seq_length", None) or "none"),
            "sentence_transformers": sentence_transformers.__version__,
            "torch": torch.__version__,
            "transformers": transformers.__version__,
            **({"batches": WHY[self.packing]} if vars(self).get("packing", "padded") != "padded" else {}),
        }

    @cached_property
    def model(self) -> Any:
        """The loaded SentenceTransformer, where the model is left to the library."""
        from stsbench_sentence_transformers.running.loading import load_model

        self.arithmetic.require()
        self.arithmetic.warn(self.checkpoint.label)
        return load_model(self.checkpoint, self.decision, self.options, sees=self.sees)

    @cached_property
    def packing(self) -> Packing:
        """Which texts may share a batch of the library's, tried on the loaded model."""
        from stsbench_sentence_transformers.running.alone import count_tokens, read_config, try_texts

        return try_texts(self._run, partial(count_tokens, self.model), self.options.dtype, read_config(self.model))

    def prepare(self) -> None:
        """Load the model."""
        self.packing  # noqa: B018 - kept, and so is the model that it is tried on

    def close(self) -> None:
        """Let go of the loaded model."""
        for name in ("model", "packing"):
            vars(self).pop(name, None)

    def encode(self, items: Sequence[Item], views: Sequence[str], prompt: str) -> Embeddings:
        """Sentence vectors of each text with `prompt`, and of each image, where they are asked for, and which texts are cut."""
        texts = [item for item in items if isinstance(item, str)]
        if len(texts) == len(items):
            return self._read(texts, views, prompt)
        seen = self._see([item for item in items if isinstance(item, Image)])
        vectors = {view: self.shape(seen, view) for view in views}
        cut: Flags | None = np.zeros(len(seen), dtype=np.bool_)  # no image is
        if texts:
            read = self._read(texts, views, prompt)
            order = np.argsort(np.argsort([isinstance(item, Image) for item in items], kind="stable"))
            vectors = {view: np.concatenate([read.vectors[view], values])[order] for view, values in vectors.items()}
            cut = None if read.truncated is None else np.concatenate([read.truncated, cut])[order]
        return Embeddings(vectors, truncated=cut)

    def _see(self, images: Sequence[Image]) -> Float32:
        """Vectors of images in all dimensions, as many at a time as texts."""
        from PIL import Image as Pillow

        from stsbench_sentence_transformers.running.loading import running

        distinct = list(dict.fromkeys(images))
        place = {image: row for row, image in enumerate(distinct)}
        with running(self.checkpoint):
            batches = (distinct[start : start + self.options.batch_size] for start in range(0, len(distinct), self.options.batch_size))
            vectors = np.concatenate([self._run([Pillow.fromarray(image.pixels()) for image in batch]) for batch in batches])
        return vectors[[place[image] for image in images]]

    def _read(self, texts: Sequence[str], views: Sequence[str], prompt: str) -> Embeddings:
        """The same of texts alone."""
        from stsbench_sentence_transformers.running.loading import find_truncated

        distinct = sorted(set(texts), key=lambda text: (-len(text), text))
        place = {text: row for row, text in enumerate(distinct)}
        rows = np.array([place[text] for text in texts], dtype=np.intp)
        truncated = find_truncated(self.model, [prompt + text for text in distinct])
        vectors = self._embed(distinct, prompt)[rows] if views else None
        return Embeddings(
            {} if vectors is None else {view: self.shape(vectors, view) for view in views},
            truncated=None if truncated is None else truncated[rows],
        )

    def _embed(self, texts: list[str], prompt: str) -> Float32:
        """Vectors of all texts in all dimensions; of one without a token, what the modules make of a pooled state of zeros."""
        from stsbench_sentence_transformers.running.loading import running
        from stsbench_sentence_transformers.running.tokenless import find_tokenless, pool_nothing

        empty = find_tokenless(self.model, [prompt + text for text in texts])
        with running(self.checkpoint):
            filled: Float32 = self._encode([text for text, none in zip(texts, empty, strict=True) if not none], prompt)
        if not empty.any():
            return filled
        vectors = np.repeat(pool_nothing(self.model, self.checkpoint.label)[None], len(texts), axis=0)
        vectors[~empty] = filled
        return vectors

    def _encode(self, texts: list[str], prompt: str) -> Float32:
        from stsbench_sentence_transformers.running.alone import count_tokens, spread

        if not texts:
            return np.zeros((0, self.model.get_embedding_dimension() or 0), dtype=np.float32)
        return spread(partial(self._run, prompt=prompt), partial(count_tokens, self.model, prompt=prompt), self.packing, texts)

    def _run(self, inputs: list[Any], prompt: str = "") -> Float32:
        vectors: Float32 = self.model.encode(
            inputs,
            prompt=prompt,  # also when empty: without it the model's default prompt would be applied
            batch_size=self.options.batch_size,
            truncate_dim=None,  # the model's own was taken away: views are cut from what all of them share
            normalize_embeddings=False,
            convert_to_numpy=True,
            show_progress_bar=False,
        )
        return vectors
