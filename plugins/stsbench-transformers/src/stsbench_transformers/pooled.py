"""Views of a transformer's hidden states: every one that is asked for comes from one forward pass per batch."""

from __future__ import annotations

import sys
from abc import ABC, abstractmethod
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from functools import cached_property
from typing import TYPE_CHECKING, Any

import numpy as np

from stsbench.plugin import Embeddings, Fingerprint, ModelCard, OptionError
from stsbench_transformers.batching.batches import split_batches
from stsbench_transformers.checkpoints.limits import require_embeddings
from stsbench_transformers.known.models import published, task_prompts
from stsbench_transformers.running import Work
from stsbench_transformers.sizes import keep
from stsbench_transformers.views import View
from stsbench_transformers.windows import Division, Windowed, distinct_texts, each

if TYPE_CHECKING:
    from stsbench.plugin import Float32, Index, Tokens
    from stsbench_transformers.arithmetic import Arithmetic
    from stsbench_transformers.batching.engine import Engine
    from stsbench_transformers.pytorch.backbone import Backbone
    from stsbench_transformers.tokens.tokenised import Flags, Tokenised
    from stsbench_transformers.tokens.tokenizer import LibraryTokenizer


class PooledStates(ABC):
    """Views of a transformer's hidden states. Building reads its configuration; the first `encode` loads the weights."""

    @property
    @abstractmethod
    def work(self) -> Work:
        """What is to be run."""

    @property
    def fingerprint(self) -> Fingerprint:
        """Weights, commit, dtype and what computes in it, truncation, and how the checkpoint is run: what all views share."""
        return Fingerprint.of(
            **self.quantised,
            **self.work.ending,
            weights=self.work.checkpoint.identity,
            revision=self.work.checkpoint.commit,
            dtype=self.work.running.dtype,
            arithmetic=self.arithmetic.identity,
            max_length=self.work.limit or "none",
            decision=self.work.decision.identity,
        )

    @property
    def quantised(self) -> Mapping[str, str]:
        """What whole numbers add to a fingerprint: what they depend on beside the weights, and the library where nobody chose the file."""
        facts = self.work.quantised
        return facts if not facts or self.work.running.weights else {**facts, "library": self.arithmetic.library}

    @property
    def arithmetic(self) -> Arithmetic:
        """In what it computes, by which library, and where."""
        from stsbench_transformers.backends import settle

        return settle(self.work)

    @property
    def prompts(self) -> Mapping[str, str]:
        """The named prompts of the model's configuration."""
        return self.work.decision.prompts

    @property
    def task_prompts(self) -> Mapping[str, str] | None:
        """The prompts that mteb's registry has for the model, by task."""
        return task_prompts(self.work.checkpoint)

    def published(self, benchmark: str, protocol: str) -> tuple[float | None, str, str] | None:
        """What was published of the model, where, and of which reference; None for a model that is no preset."""
        return published(self.work.checkpoint, benchmark, protocol)

    @property
    def decided(self) -> Mapping[str, str]:
        """How the checkpoint is run, in words by name."""
        return self.work.decision.facts

    @property
    def views(self) -> tuple[str, ...]:
        """Canonical names of the vector views, such as `mean@6`."""
        if self.work.windows:
            return tuple(str(window) for window in self.work.windows if window.join)
        return tuple(map(str, self.work.vector_views))

    @property
    def token_views(self) -> tuple[str, ...]:
        """Canonical names of the token views, such as `tokens@6`; of windows, those whose tokens are the windows of a text."""
        return tuple(map(str, each(self.work.windows) if self.work.windows else self.work.kept_tokens))

    @property
    def trained_on(self) -> tuple[str, ...]:
        """The benchmarks that a file beside the model names."""
        return self.work.checkpoint.trained_on

    @property
    def card(self) -> ModelCard:
        """What the model's README declares, and the number of its weights."""
        return self.work.checkpoint.card

    @property
    def provenance(self) -> Mapping[str, str]:
        """Backend, device and library versions, once the model is loaded."""
        if "engine" not in vars(self):
            return {}
        facts = {"arithmetic": self.arithmetic.identity, "instructions": self.work.quantised.get("instructions")}
        return {**self.engine.facts, **{name: fact for name, fact in facts.items() if fact}}

    @property
    def runs_on(self) -> str:
        """The backend that `encode` would use, as far as can be told before."""
        from stsbench_transformers.backends import foresee

        return foresee(self.work)

    @cached_property
    def engine(self) -> Engine:
        """The loaded model."""
        from stsbench_transformers.backends import load_engine

        return load_engine(self.work)

    def prepare(self) -> None:
        """Load the model."""
        self.engine  # noqa: B018 - kept

    @property
    def backbone(self) -> Backbone:
        """The loaded model of the torch backend."""
        from stsbench_transformers.pytorch.backbone import Backbone

        assert isinstance(self.engine, Backbone)
        return self.engine

    def truncated(self, texts: Sequence[str], *, prompt: str = "") -> Flags | None:
        """Which texts `encode` would cut after `prompt`, bool[u], by the tokenizer alone; None where that cannot tell.

        Raises OptionError where a text that is longer cannot be divided into windows.
        """
        none = np.zeros(len(texts), dtype=np.bool_)
        if self.work.limit is None:
            return none
        if self.work.tokenizer.obstacle:
            return none if self.work.windows else None
        given = [prompt + text for text in texts]
        longer = self.work.tokenizer.longer(given, self.work.limit)
        if not self.work.windows:
            return longer
        self._divide(self.work.tokenizer, [text for text, cut in zip(given, longer, strict=True) if cut], prompt)
        return none

    def close(self) -> None:
        """Let go of the loaded model."""
        vars(self).pop("engine", None)

    def encode(self, texts: Sequence[str], *, views: Sequence[str], prompt: str = "") -> Embeddings:
        """Vectors or tokens of each text after `prompt`, for each requested view: float32, one row a text, in order.

        The result of a text depends on the other texts only by rounding (batches are padded where that changes no more), and not on
        their order.
        """
        if self.work.windows:
            windows = {str(window): window for window in (*self.work.windows, *each(self.work.windows))}
            if unknown := [name for name in views if name not in windows]:
                raise self._unknown(unknown[0])
            wanted = [windows[name] for name in views]
            windowed = self.windowed(texts, [window.of for window in wanted], prompt)
            return windowed.embeddings(wanted, windowed.vectors)
        chosen = [self._view(name) for name in views]
        distinct, rows = distinct_texts(texts, prompt)
        tokenised = self.engine.tokenise(distinct, self.work.limit)
        vectors, tokens, place = self._run(tokenised, distinct, chosen, prompt)
        truncated, rows = tokenised.truncated[rows], place[rows]
        return Embeddings(
            {name: values[rows] for name, values in vectors.items()}, {name: one.take(rows) for name, one in tokens.items()}, truncated
        )

    def windowed(self, texts: Sequence[str], views: Sequence[str], prompt: str = "") -> Windowed:
        """Vectors of each window of each text, with `prompt` before every one, for each requested view that windows are of."""
        distinct, rows = distinct_texts(texts, prompt)
        division = self._divide(self.engine, distinct, prompt)
        keys = [(distinct[row], number) for row, count in enumerate(np.diff(division.offsets)) for number in range(count)]
        vectors, _, place = self._run(division.windows, keys, list(dict.fromkeys(map(self._view, views))), prompt)
        return Windowed({name: values[place] for name, values in vectors.items()}, division, rows)

    def _divide(self, by: Engine | LibraryTokenizer, texts: Sequence[str], prompt: str) -> Division:
        """The windows of texts that begin with `prompt`, as `by` tokenises; raises OptionError where they leave no room for the text."""
        limit, overlap = self.work.limit, self.work.windows[0].overlap
        whole, alone = by.tokenise(texts, None), by.tokenise([prompt], None)
        return Division.of(whole, alone.ids[0][~alone.special[0]], sys.maxsize if limit is None else limit, overlap)

    def _run(
        self, tokenised: Tokenised, keys: Sequence[Any], views: Sequence[View], prompt: str
    ) -> tuple[dict[str, Float32], dict[str, Tokens], Index]:
        """Vectors and tokens in the order of lengths, in which batches are made, and the place of each row in it; `keys` settle ties.

        Rows of the same tokens share a place.
        """
        require_embeddings(self.work.checkpoint.label, self.work.checkpoint.read("config.json"), tokenised.ids)
        engine = self._engine_for(max(map(len, tokenised.ids), default=0))
        same = [(ids.tobytes(), special.tobytes()) for ids, special in zip(tokenised.ids, tokenised.special, strict=True)]
        first = {key: row for row, key in reversed(list(enumerate(same)))}  # texts that differ in case alone, say, may be the same tokens
        order = sorted(first.values(), key=lambda row: (len(tokenised.ids[row]), keys[row]))
        lengths = [len(tokenised.ids[row]) for row in order]
        batches = split_batches(lengths, self.work.running.batch_tokens or engine.budget, engine.packing)
        whole = tuple(dict.fromkeys(view.whole for view in views))
        vectors, tokens = engine.collect(tokenised, order, batches, whole, self._left_out(prompt)) if views else ({}, {})
        cut = {str(view): keep(vectors[str(view.whole)], view.size) for view in views if str(view.whole) in vectors}
        place = {same[row]: position for position, row in enumerate(order)}
        return cut, tokens, np.array([place[key] for key in same], dtype=np.intp)

    def _left_out(self, prompt: str) -> int:
        """How many tokens of a text are those of `prompt` and are not pooled: as many as it has alone, but for a special one at its end.

        sentence-transformers takes one for the end of a text even where the prompt spells it out, and pools it.
        """
        if not prompt or self.work.decision.include_prompt:
            return 0
        alone = self.engine.tokenise([prompt], self.work.limit).ids[0]
        return len(alone) - int(np.isin(alone[-1:], self.work.tokenizer.special).sum())

    def _engine_for(self, longest: int) -> Engine:
        """The engine, once it was checked on texts as long as these."""
        from stsbench_transformers.backends import extend
        from stsbench_transformers.batching.probing import LONGEST

        if self.engine.checked < min(longest, LONGEST):
            vars(self)["engine"] = extend(self.work, self.engine, longest)
        return self.engine

    def _view(self, name: str) -> View:
        for view in (*self.work.vector_views, *self.work.kept_tokens):
            if str(view) == name:
                return view
        raise self._unknown(name)

    def _unknown(self, name: str) -> OptionError:
        return OptionError(f"this encoder was built without the view {name!r}; it has {', '.join((*self.views, *self.token_views))}")


@dataclass(frozen=True)
class PooledTransformer(PooledStates):
    """The states of what somebody else decided to run."""

    given: Work

    @property
    def work(self) -> Work:
        """What is to be run."""
        return self.given
