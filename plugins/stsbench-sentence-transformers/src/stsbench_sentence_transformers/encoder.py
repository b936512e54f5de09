"""The encoder `sentence-transformers`: a model's own sentence vectors."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from functools import cached_property, partial
from typing import Any

import numpy as np
from stsbench_transformers.arithmetic import Arithmetic, settle_library
from stsbench_transformers.batches import WHY, Packing
from stsbench_transformers.checkpoint import Checkpoint
from stsbench_transformers.decision import Decision
from stsbench_transformers.encoder import PooledTransformer
from stsbench_transformers.tokenised import Flags

from stsbench.plugin import Embeddings, Fingerprint, Float32, Location, ModelCard, OptionError
from stsbench_sentence_transformers.modules import read_model
from stsbench_sentence_transformers.pipeline import Pipeline, normalise


@dataclass(frozen=True)
class SentenceEncoder:
    """Sentence vectors of a sentence-transformers model. Building reads its configuration; the first `encode` loads the weights."""

    checkpoint: Checkpoint
    decision: Decision
    dtype: str
    truncate_dim: int | None
    max_length: int | None
    normalize: bool
    trust_remote_code: bool
    device: str
    batch_size: int
    backend: str
    instead: str = ""  # why sentence-transformers runs the model
    pipeline: Pipeline | None = None
    pooled: PooledTransformer | None = None

    @classmethod
    def build(
        cls,
        model: Location,
        *,
        revision: str | None,
        batch_size: int,
        batch_tokens: int,
        threads: int,
        backend: str,
        cache_dir: str,
        **options: Any,
    ) -> SentenceEncoder:
        """The encoder with its options resolved against the model's configuration; raises ModelError or OptionError."""
        for name, value in {"batch_size": batch_size, "truncate_dim": options["truncate_dim"], "max_length": options["max_length"]}.items():
            if value is not None and value < 1:
                raise OptionError(f"option {name!r} must be at least 1, not {value}")
        if batch_tokens < 0 or threads < 0:
            raise OptionError("options 'batch_tokens' and 'threads' take a positive number, or 0 to leave the choice to the encoder")
        checkpoint = Checkpoint.of(model, revision)
        decision, pipeline = read_model(checkpoint, remote=options["trust_remote_code"])
        instead = decision.library or ("the library was asked for" if backend == "library" else "")
        if instead and backend not in ("auto", "library"):
            raise OptionError(f"option 'backend' is {backend}, but {instead}; leave the backend out")
        if checkpoint.folder is not None and (instead or not checkpoint.exported):
            checkpoint.require_safetensors(decision.folders)
        limit = None if decision.limits is None else decision.limits.resolve(options["max_length"])
        own = cls(checkpoint, decision, batch_size=batch_size, backend=backend, instead=instead, **options)
        if instead or pipeline is None:
            return own
        if own.truncate_dim is not None and own.truncate_dim > pipeline.width:
            raise OptionError(
                f"option 'truncate_dim' is {own.truncate_dim}, but vectors of {checkpoint.label!r} have {pipeline.width} dimensions; give fewer"
            )
        pooled = PooledTransformer(
            checkpoint, pipeline.views, (), decision, limit, own.dtype, own.device, batch_tokens, threads, backend, cache_dir
        )
        return replace(own, pipeline=pipeline, pooled=pooled)

    @property
    def fingerprint(self) -> Fingerprint:
        """Weights, commit, dtype and what computes in it, truncation of texts and of dimensions, normalisation, how the checkpoint is run."""
        return Fingerprint.of(
            weights=self.checkpoint.identity,
            revision=self.checkpoint.commit,
            dtype=self.dtype,
            arithmetic=self.arithmetic.identity,
            max_length=self.max_length or "model",
            truncate_dim=self.truncate_dim,
            normalize=self.normalize,
            trust_remote_code=self.trust_remote_code,
            decision=self.decision.identity,
        )

    @property
    def arithmetic(self) -> Arithmetic:
        """In what it computes, by which library, and where."""
        if self.pooled is not None:
            return self.pooled.arithmetic
        return settle_library(self.dtype, self.device, asked=self.backend == "library", otherwise="backend=library")

    @property
    def prompts(self) -> Mapping[str, str]:
        """The named prompts of the model's configuration."""
        return self.decision.prompts

    @property
    def decided(self) -> Mapping[str, str]:
        """How the checkpoint is run, in words by name."""
        return self.decision.facts

    @property
    def made_for(self) -> str | None:
        """The similarity that the model's settings name."""
        return self.decision.similarity

    @property
    def dimensions(self) -> int | None:
        """How many dimensions are kept: as asked for, or else as the model's settings say; None for all."""
        return self.truncate_dim or self.decision.dimensions

    @property
    def views(self) -> tuple[str, ...]:
        """One view, `sentence`."""
        return ("sentence",)

    @property
    def token_views(self) -> tuple[str, ...]:
        """None: this encoder keeps no tokens."""
        return ()

    @property
    def runs_on(self) -> str:
        """The backend that `encode` would use, as far as can be told before, and why the library where it is the library."""
        if self.pooled is not None:
            return self.pooled.runs_on
        return f"sentence_transformers{self.arithmetic.foreseen}, since {self.instead}"

    @property
    def card(self) -> ModelCard:
        """What the model's README declares, and the number of its weights."""
        return self.checkpoint.card

    @property
    def provenance(self) -> Mapping[str, str]:
        """Backend, device, longest text in tokens and library versions, once the model is loaded; why the library ran it, if it did."""
        if self.pooled is not None:
            facts = self.pooled.provenance
            return {**facts, "max_length": str(self.pooled.max_length or "none")} if facts else {}
        if "model" not in vars(self):
            return {}
        import sentence_transformers
        import torch
        import transformers

        from stsbench_sentence_transformers.confirming import first_module

        return {
            "backend": f"sentence_transformers, since {self.instead}",
            **({"arithmetic": identity} if (identity := self.arithmetic.identity) else {}),
            "device": str(self.model.device),
            "max_length": str(getattr(first_module(self.model), "max_seq_length", None) or "none"),
            "sentence_transformers": sentence_transformers.__version__,
            "torch": torch.__version__,
            "transformers": transformers.__version__,
            **({"batches": WHY[self.packing]} if vars(self).get("packing", "padded") != "padded" else {}),
        }

    def truncated(self, texts: Sequence[str], *, prompt: str = "") -> Flags | None:
        """Which texts `encode` would cut after `prompt`, bool[u], by the tokenizer alone; None where that cannot tell."""
        return None if self.pooled is None else self.pooled.truncated(texts, prompt=prompt)

    @cached_property
    def model(self) -> Any:
        """The loaded SentenceTransformer, where the model is left to the library."""
        from stsbench_sentence_transformers.loading import load_model

        self.arithmetic.require()
        self.arithmetic.warn(self.checkpoint.label)
        return load_model(
            self.checkpoint,
            self.decision,
            dtype=self.dtype,
            device=self.device,
            max_length=self.max_length,
            truncate_dim=self.truncate_dim,
            trust_remote_code=self.trust_remote_code,
        )

    @cached_property
    def packing(self) -> Packing:
        """Which texts may share a batch of the library's, tried on the loaded model."""
        from stsbench_sentence_transformers.alone import count_tokens, read_config, try_texts

        return try_texts(self._run, partial(count_tokens, self.model), self.dtype, read_config(self.model))

    def close(self) -> None:
        """Let go of the loaded model."""
        for name in ("model", "packing"):
            vars(self).pop(name, None)
        if self.pooled is not None:
            self.pooled.close()

    def encode(self, texts: Sequence[str], *, views: Sequence[str], prompt: str = "") -> Embeddings:
        """Sentence vectors float32[u, d] of each text with `prompt`, in order.

        The result of a text depends on the other texts only by rounding (batches are padded where that changes no more), and not on
        their order.
        """
        if unknown := [view for view in views if view != "sentence"]:
            raise OptionError(f"this encoder has no view {unknown[0]!r}; it has sentence")
        if self.pooled is not None:
            return self._pool(self.pooled, texts, views, prompt)
        from stsbench_sentence_transformers.loading import find_truncated

        distinct = sorted(set(texts), key=lambda text: (-len(text), text))
        place = {text: row for row, text in enumerate(distinct)}
        rows = np.array([place[text] for text in texts], dtype=np.intp)
        truncated = find_truncated(self.model, [prompt + text for text in distinct])
        vectors = self._embed(distinct, prompt) if "sentence" in views else None
        return Embeddings(
            {} if vectors is None else {"sentence": np.ascontiguousarray(vectors[rows], dtype=np.float32)},
            truncated=None if truncated is None else truncated[rows],
        )

    def _pool(self, pooled: PooledTransformer, texts: Sequence[str], views: Sequence[str], prompt: str) -> Embeddings:
        assert self.pipeline is not None
        found = pooled.encode(texts, views=pooled.views if views else (), prompt=prompt)
        if not views:
            return found
        vectors = self.pipeline([found.vectors[view] for view in pooled.views])[:, : self.dimensions]
        vectors = normalise(vectors) if self.normalize else vectors
        return Embeddings({"sentence": np.ascontiguousarray(vectors, dtype=np.float32)}, truncated=found.truncated)

    def _embed(self, texts: list[str], prompt: str) -> Float32:
        """Vectors of all texts; of one without a token, what the modules make of a pooled state of zeros."""
        from stsbench_sentence_transformers.loading import running
        from stsbench_sentence_transformers.tokenless import find_tokenless, pool_nothing

        empty = find_tokenless(self.model, [prompt + text for text in texts])
        with running(self.checkpoint):
            found: Float32 = self._encode([text for text, none in zip(texts, empty, strict=True) if not none], prompt)
        if not empty.any():
            return found
        nothing = pool_nothing(self.model, self.checkpoint.label)[None, : self.dimensions]
        vectors = np.repeat(normalise(nothing) if self.normalize else nothing, len(texts), axis=0)
        vectors[~empty] = found
        return vectors

    def _encode(self, texts: list[str], prompt: str) -> Float32:
        from stsbench_sentence_transformers.alone import count_tokens, spread

        if not texts:
            width = self.model.get_embedding_dimension() or 0
            return np.zeros((0, min(width, self.dimensions or width)), dtype=np.float32)
        return spread(partial(self._run, prompt=prompt), partial(count_tokens, self.model, prompt=prompt), self.packing, texts)

    def _run(self, texts: list[str], prompt: str = "") -> Float32:
        found: Float32 = self.model.encode(
            texts,
            prompt=prompt,  # also when empty: without it the model's default prompt would be applied
            batch_size=self.batch_size,
            truncate_dim=self.dimensions,
            normalize_embeddings=self.normalize,
            convert_to_numpy=True,
            show_progress_bar=False,
        )
        return found
