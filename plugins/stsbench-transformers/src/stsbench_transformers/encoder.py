"""The encoder `bert`: every view that is asked for comes from one forward pass per batch."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from functools import cached_property
from typing import TYPE_CHECKING

import numpy as np

from stsbench.plugin import Embeddings, Fingerprint, Location, ModelCard, ModelError, OptionError
from stsbench_transformers.batches import split_batches
from stsbench_transformers.checkpoint import Checkpoint
from stsbench_transformers.decision import Decision, decide
from stsbench_transformers.limits import count_layers
from stsbench_transformers.views import View, choose_views

if TYPE_CHECKING:
    from stsbench_transformers.arithmetic import Arithmetic
    from stsbench_transformers.backbone import Backbone
    from stsbench_transformers.backends import Engine
    from stsbench_transformers.tokenised import Flags, Tokenised
    from stsbench_transformers.tokenizer import LibraryTokenizer


@dataclass(frozen=True)
class PooledTransformer:
    """Views of a transformer's hidden states. Building reads its configuration; the first `encode` loads the weights."""

    checkpoint: Checkpoint
    vector_views: tuple[View, ...]
    kept_tokens: tuple[View, ...]
    decision: Decision
    max_length: int | None
    dtype: str
    device: str
    batch_tokens: int
    threads: int
    backend: str = "auto"
    cache_dir: str = ""

    @classmethod
    def build(
        cls,
        model: Location,
        *,
        pooling: Sequence[str],
        layers: Sequence[int],
        view: Sequence[str],
        revision: str | None,
        max_length: int | None,
        dtype: str,
        device: str,
        batch_tokens: int,
        threads: int,
        backend: str = "auto",
        cache_dir: str = "",
    ) -> PooledTransformer:
        """The encoder with its options resolved against the model's configuration; raises ModelError or OptionError."""
        if batch_tokens < 0 or threads < 0:
            raise OptionError("options 'batch_tokens' and 'threads' take a positive number, or 0 to leave the choice to the encoder")
        checkpoint = Checkpoint.of(model, revision)
        decision = decide(checkpoint)
        if checkpoint.folder is not None and not checkpoint.exported:
            checkpoint.require_safetensors()
        depth = count_layers(checkpoint.label, checkpoint.read("config.json"))
        vectors, tokens = choose_views(pooling, layers, view, depth)
        limit = None if decision.limits is None else decision.limits.resolve(max_length)
        return cls(checkpoint, vectors, tokens, decision, limit, dtype, device, batch_tokens, threads, backend, cache_dir)

    @property
    def fingerprint(self) -> Fingerprint:
        """Weights, commit, dtype and what computes in it, truncation, and how the checkpoint is run: what all views share."""
        return Fingerprint.of(
            weights=self.checkpoint.identity,
            revision=self.checkpoint.commit,
            dtype=self.dtype,
            arithmetic=self.arithmetic.identity,
            max_length=self.max_length or "none",
            decision=self.decision.identity,
        )

    @property
    def arithmetic(self) -> Arithmetic:
        """In what it computes, by which library, and where."""
        from stsbench_transformers.backends import settle

        return settle(self)

    @property
    def prompts(self) -> Mapping[str, str]:
        """The named prompts of the model's configuration."""
        return self.decision.prompts

    @property
    def decided(self) -> Mapping[str, str]:
        """How the checkpoint is run, in words by name."""
        return self.decision.facts

    @property
    def views(self) -> tuple[str, ...]:
        """Canonical names of the vector views, such as `mean@6`."""
        return tuple(map(str, self.vector_views))

    @property
    def token_views(self) -> tuple[str, ...]:
        """Canonical names of the token views, such as `tokens@6`."""
        return tuple(map(str, self.kept_tokens))

    @property
    def card(self) -> ModelCard:
        """What the model's README declares, and the number of its weights."""
        return self.checkpoint.card

    @property
    def provenance(self) -> Mapping[str, str]:
        """Backend, device and library versions, once the model is loaded."""
        if "engine" not in vars(self):
            return {}
        identity = self.arithmetic.identity
        return {**self.engine.facts, **({"arithmetic": identity} if identity else {})}

    @property
    def runs_on(self) -> str:
        """The backend that `encode` would use, as far as can be told before."""
        from stsbench_transformers.backends import foresee

        return foresee(self)

    @cached_property
    def engine(self) -> Engine:
        """The loaded model."""
        from stsbench_transformers.backends import load_engine

        return load_engine(self)

    @property
    def backbone(self) -> Backbone:
        """The loaded model of the torch backend."""
        from stsbench_transformers.backbone import Backbone

        assert isinstance(self.engine, Backbone)
        return self.engine

    @cached_property
    def tokenizer(self) -> LibraryTokenizer:
        """The tokenizer that transformers uses, which it is asked for once; raises ModelError."""
        from stsbench_transformers.tokenizer import settle

        return settle(self.checkpoint, self.cache_dir)

    def truncated(self, texts: Sequence[str], *, prompt: str = "") -> Flags | None:
        """Which texts `encode` would cut after `prompt`, bool[u], by the tokenizer alone; None where that cannot tell."""
        from stsbench_transformers.cutting import find_truncated

        if self.max_length is None:
            return np.zeros(len(texts), dtype=np.bool_)
        if self.tokenizer.obstacle:
            return None
        return find_truncated(self.tokenizer, [prompt + text for text in texts], self.max_length)

    def close(self) -> None:
        """Let go of the loaded model."""
        vars(self).pop("engine", None)

    def encode(self, texts: Sequence[str], *, views: Sequence[str], prompt: str = "") -> Embeddings:
        """Vectors or tokens of each text after `prompt`, for each requested view: float32, one row a text, in order.

        The result of a text depends on the other texts only by rounding (batches are padded where that changes no more), and not on
        their order.
        """
        wanted = [self._view(name) for name in views]
        distinct = tuple(dict.fromkeys(prompt + text for text in texts))
        tokenised = self.engine.tokenise(distinct, self.max_length)
        self._check_ids(tokenised)
        engine = self._engine_for(max(map(len, tokenised.ids), default=0))
        order = sorted(range(len(distinct)), key=lambda row: (len(tokenised.ids[row]), distinct[row]))
        lengths = [len(tokenised.ids[row]) for row in order]
        batches = split_batches(lengths, self.batch_tokens or engine.budget, engine.packing)
        vectors, tokens = engine.collect(tokenised, order, batches, wanted) if wanted else ({}, {})
        place = {distinct[row]: position for position, row in enumerate(order)}
        rows = np.array([place[prompt + text] for text in texts], dtype=np.intp)
        truncated = tokenised.truncated[np.array(order, dtype=np.intp)][rows]
        return Embeddings(
            {name: values[rows] for name, values in vectors.items()}, {name: one.take(rows) for name, one in tokens.items()}, truncated
        )

    def _engine_for(self, longest: int) -> Engine:
        """The engine, once it was checked on texts as long as these."""
        from stsbench_transformers.backends import extend
        from stsbench_transformers.probing import LONGEST

        if self.engine.checked < min(longest, LONGEST):
            vars(self)["engine"] = extend(self, self.engine, longest)
        return self.engine

    def _check_ids(self, tokenised: Tokenised) -> None:
        """Raise ModelError where a token has no embedding, which torch says in other words and OpenVINO does not say at all."""
        count = self.checkpoint.read("config.json").get("vocab_size")
        most = max((int(row.max(initial=0)) for row in tokenised.ids), default=0)
        if isinstance(count, int) and most >= count:
            raise ModelError(
                f"the tokenizer of model {self.checkpoint.label!r} gives token {most}, but the model has {count} embeddings, from 0 on; "
                "check that both belong together"
            )

    def _view(self, name: str) -> View:
        for view in (*self.vector_views, *self.kept_tokens):
            if str(view) == name:
                return view
        raise OptionError(f"this encoder was built without the view {name!r}; it has {', '.join((*self.views, *self.token_views))}")
