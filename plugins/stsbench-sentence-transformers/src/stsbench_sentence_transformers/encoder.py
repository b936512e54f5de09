"""The encoder `sentence-transformers`: a model's own sentence vectors."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from functools import cached_property
from typing import TYPE_CHECKING

from stsbench_transformers.known.models import published, task_prompts
from stsbench_transformers.quantised import check
from stsbench_transformers.running import Running, Work, only
from stsbench_transformers.sizes import require_width
from stsbench_transformers.windows import WindowOptions, WindowView, choose_windows, each, split_views

from stsbench.plugin import Embeddings, Fingerprint, Item, OptionError
from stsbench_sentence_transformers.decided import DecidedEncoder
from stsbench_sentence_transformers.options import SentenceOptions
from stsbench_sentence_transformers.reading.pipeline import normalise

if TYPE_CHECKING:
    from stsbench_transformers.arithmetic import Arithmetic
    from stsbench_transformers.checkpoints.decision import Decision
    from stsbench_transformers.pooled import PooledTransformer
    from stsbench_transformers.tokens.tokenised import Flags

    from stsbench_sentence_transformers.reading.pipeline import Pipeline
    from stsbench_sentence_transformers.running.library import LibraryModel


@dataclass(frozen=True, kw_only=True)
class SentenceEncoder(DecidedEncoder, SentenceOptions, WindowOptions):
    """Sentence vectors of a sentence-transformers model: the view `sentence`, or one for each number of dimensions that is kept.

    `truncate_dim` keeps the first dimensions (Matryoshka models; by default as many as the model's settings say), before `normalize`
    scales vectors to length 1. Several (`truncate_dim=64+128`) are views of one forward pass, named `sentence/64` and `sentence/128`;
    `view` names them directly (`view=sentence+sentence/64`). `max_length` counts special tokens; by default it is the model's own.
    What is longer is cut, or with `windows=mean+max` read whole, as `bert` does it: `sentence.mean-windows`, `sentence.max-windows`, and
    the windows as tokens of the text (`sentence.windows`); what is joined of vectors of length 1 has length 1. Weights are read from
    safetensors only. A default prompt in the model's configuration is not applied unless the system chooses it. `trust_remote_code` runs
    Python code that comes with it. A model of a transformer, a pooling, dense layers and normalisation is run as `bert` runs it, with
    the same `backend`, `batch_tokens`, `threads` and `cache_dir`; its vectors are those of the library within 1e-5. Any other is run
    by sentence-transformers itself (`backend=library`), `batch_size` texts at a time; the provenance says which it was, and why.
    """

    def __post_init__(self) -> None:
        super().__post_init__()
        if self.instead and self.backend not in ("auto", "library"):
            raise OptionError(f"option 'backend' is {self.backend}, but {self.instead}; leave the backend out")
        if self.weights:
            check(self.checkpoint, self.weights, self.backend, self.dtype)
            if self.instead:
                raise OptionError(f"option 'weights' is {self.weights}, but {self.instead}; leave out 'weights'")
        elif self.checkpoint.folder is not None and (self.instead or not self.checkpoint.exported):
            self.checkpoint.require_safetensors(self.decision.folders)
        _ = self.limit, self.pooled

    @property
    def views(self) -> tuple[str, ...]:
        """Canonical names, such as `sentence/64` or `sentence.mean-windows`."""
        return tuple(str(window) for window in self.windowed if window.join) if self.windowed else tuple(self.sizes)

    @property
    def token_views(self) -> tuple[str, ...]:
        """Names of views whose tokens are the windows of a text."""
        return tuple(map(str, each(self.windowed)))

    @cached_property
    def reads(self) -> frozenset[str]:
        """Texts, and images too where the model has both in one space; raises ModelError."""
        from stsbench_sentence_transformers.reading.modules import read_kinds

        return read_kinds(self.checkpoint)

    @cached_property
    def windowed(self) -> tuple[WindowView, ...]:
        """What is asked for of windows; raises OptionError."""
        return choose_windows(split_views(self.view)[1], tuple(self.sizes), self)

    @cached_property
    def _read(self) -> tuple[Decision, Pipeline | None]:
        from stsbench_sentence_transformers.reading.modules import read_model

        return read_model(self.checkpoint, remote=self.trust_remote_code)

    @property
    def decision(self) -> Decision:
        """How it is run; raises ModelError."""
        return self._read[0]

    @property
    def pipeline(self) -> Pipeline | None:
        """What follows the transformer, where our own backends can run it."""
        return self._read[1]

    @property
    def instead(self) -> str:
        """Why sentence-transformers runs the model; empty where it does not."""
        return self.decision.library or ("the library was asked for" if self.backend == "library" else "")

    @property
    def fingerprint(self) -> Fingerprint:
        """Weights, commit, dtype and what computes in it, truncation of texts, normalisation, and how the checkpoint is run."""
        return Fingerprint.of(
            **({} if self.pooled is None else {**self.pooled.quantised, **self.pooled.work.ending}),
            weights=self.checkpoint.identity,
            revision=self.checkpoint.commit,
            dtype=self.dtype,
            arithmetic=self.arithmetic.identity,
            max_length=self.max_length or "model",
            normalize=self.normalize,
            trust_remote_code=self.trust_remote_code,
            decision=self.decision.identity,
        )

    @property
    def arithmetic(self) -> Arithmetic:
        """In what it computes, by which library, and where."""
        if self.pooled is not None:
            return self.pooled.arithmetic
        from stsbench_transformers.arithmetic import settle_library

        return settle_library(self.dtype, self.device, asked=self.backend == "library", otherwise="backend=library")

    @property
    def task_prompts(self) -> Mapping[str, str] | None:
        """The prompts that mteb's registry has for the model, by task."""
        return task_prompts(self.checkpoint)

    def published(self, benchmark: str, protocol: str) -> tuple[float | None, str, str] | None:
        """What was published of the model, where, and of which reference; None for a model that is no preset."""
        return published(self.checkpoint, benchmark, protocol)

    @cached_property
    def limit(self) -> int | None:
        """Tokens of a text at most; None where texts have none to count. Raises OptionError."""
        return None if self.decision.limits is None else self.decision.limits.resolve(self.max_length)

    @cached_property
    def pooled(self) -> PooledTransformer | None:
        """The transformer beneath the pipeline, unless the library runs the model; raises OptionError."""
        from stsbench_transformers.pooled import PooledTransformer

        if self.instead or (pipeline := self.pipeline) is None:
            if self.windowed:
                raise OptionError(f"windows are read by our own backends, and {self.instead}; leave them out")
            return None
        for size in self.sizes.values():
            require_width(size, pipeline.width, repr(self.checkpoint.label))
        return PooledTransformer(Work(self.checkpoint, self.decision, pipeline.views, (), self.limit, only(Running, self), self.windowed))

    @cached_property
    def library(self) -> LibraryModel:
        """The model as the library runs it."""
        from stsbench_sentence_transformers.running.library import LibraryModel

        sees = "image" in self.reads
        return LibraryModel(self.checkpoint, self.decision, self.arithmetic, only(SentenceOptions, self), self.instead, sees)

    @property
    def runs_on(self) -> str:
        """The backend that `encode` would use, as far as can be told before, and why the library where it is the library."""
        if self.pooled is not None:
            return self.pooled.runs_on
        return f"sentence_transformers{self.arithmetic.foreseen}, since {self.instead}"

    @property
    def provenance(self) -> Mapping[str, str]:
        """Backend, device, longest text in tokens and library versions, once the model is loaded; why the library ran it, if it did."""
        if self.pooled is None:
            return self.library.facts
        facts = self.pooled.provenance
        return {**facts, "max_length": str(self.pooled.work.limit or "none")} if facts else {}

    def truncated(self, texts: Sequence[str], *, prompt: str = "") -> Flags | None:
        """Which texts `encode` would cut after `prompt`, bool[u], by the tokenizer alone; None where that cannot tell."""
        return None if self.pooled is None else self.pooled.truncated(texts, prompt=prompt)

    def prepare(self) -> None:
        """Load the model."""
        (self.library if self.pooled is None else self.pooled).prepare()

    def close(self) -> None:
        """Let go of the loaded model."""
        (self.library if self.pooled is None else self.pooled).close()

    def encode(self, texts: Sequence[Item], *, views: Sequence[str], prompt: str = "") -> Embeddings:
        """Sentence vectors float32[u, d] of each text with `prompt`, in order; of a model that sees, of images too.

        The result of a text depends on the other texts only by rounding (batches are padded where that changes no more), and not on
        their order.
        """
        if unknown := [view for view in views if view not in (*self.views, *self.token_views)]:
            raise OptionError(f"this encoder has no view {unknown[0]!r}; it has {', '.join((*self.views, *self.token_views))}")
        if self.pooled is None:
            return self.library.encode(texts, views, prompt)
        given = [text for text in texts if isinstance(text, str)]  # images are given to what reads them alone
        assert self.pipeline is not None
        if self.windowed:
            inner = tuple(map(str, self.pipeline.views)) if views else ()
            windows = self.pooled.windowed(given, inner, prompt)
            if not views:
                return windows.embeddings((), {})
            vectors = self.pipeline([windows.vectors[view] for view in inner])
            named = {str(window): window for window in (*self.windowed, *each(self.windowed))}
            shaped = {name: self.library.shape(vectors, name) for name in self.sizes}
            last = self.pipeline.steps[-1:] == (normalise,) and self.decision.dimensions is None
            unit = [name for name, size in self.sizes.items() if self.normalize or (last and size is None)]
            return windows.embeddings([named[view] for view in views], shaped, unit)
        embedded = self.pooled.encode(given, views=self.pooled.views if views else (), prompt=prompt)
        if not views:
            return embedded
        vectors = self.pipeline([embedded.vectors[view] for view in self.pooled.views])
        return Embeddings({view: self.library.shape(vectors, view) for view in views}, truncated=embedded.truncated)
