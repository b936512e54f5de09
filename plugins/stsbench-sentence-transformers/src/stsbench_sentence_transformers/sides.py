"""What sparse and multi-vector encoders share: a checkpoint, a side or two, and a model that the library runs."""

from __future__ import annotations

from abc import abstractmethod
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from functools import cached_property
from typing import TYPE_CHECKING, Any

import numpy as np
from stsbench_transformers.running import Dtype

from stsbench.plugin import Execution, Fingerprint, OptionError
from stsbench_sentence_transformers.decided import DecidedEncoder
from stsbench_sentence_transformers.reading.sides import TASKS, Side, prompt_of

if TYPE_CHECKING:
    from stsbench_transformers.arithmetic import Arithmetic
    from stsbench_transformers.batching.batches import Packing
    from stsbench_transformers.tokens.tokenised import Flags

    from stsbench_sentence_transformers.windows import Windows

Task = str | None


@dataclass(frozen=True, eq=False, kw_only=True)
class SidedEncoder(DecidedEncoder):
    """A model of the library that may read queries otherwise than documents; raises OptionError and ModelError."""

    dtype: Dtype = "float32"
    side: Side = "none"
    device: Execution[str] = "auto"
    batch_size: Execution[int] = 32

    def __post_init__(self) -> None:
        if self.batch_size < 1:
            raise OptionError(f"option 'batch_size' must be at least 1, not {self.batch_size}")
        if self.checkpoint.folder is not None:
            self.checkpoint.require_safetensors(self.decision.folders)
        _ = self.decision

    @property
    def fingerprint(self) -> Fingerprint:
        """Weights, commit, dtype and what computes in it, how the checkpoint is run."""
        return Fingerprint.of(
            weights=self.checkpoint.identity,
            revision=self.checkpoint.commit,
            dtype=self.dtype,
            arithmetic=self.arithmetic.identity,
            decision=self.decision.identity,
        )

    @cached_property
    def arithmetic(self) -> Arithmetic:
        """In what it computes, and where."""
        from stsbench_transformers.arithmetic import settle_library

        return settle_library(self.dtype, self.device)

    @property
    def sides(self) -> tuple[tuple[str, str], tuple[str, str]] | None:
        """What left and right texts are called, each with the prompt that the library gives it; None where they are called nothing."""
        if self.side == "none":
            return None
        left, right = ("query", "document") if self.side == "pair" else (self.side, self.side)
        return (left, prompt_of(self.prompts, left)), (right, prompt_of(self.prompts, right))

    @property
    def runs_on(self) -> str:
        """What would run it."""
        return f"sentence_transformers{self.arithmetic.foreseen}, since {self.decision.library}"

    @property
    def provenance(self) -> Mapping[str, str]:
        """Device and versions, once the model is loaded, and which texts share a batch where not all do."""
        if "loaded" not in vars(self):
            return {}
        import sentence_transformers
        import torch
        import transformers
        from stsbench_transformers.batching.batches import WHY

        packings = {packing for packing in self._packings.values() if packing != "padded"}
        return {
            "backend": f"sentence_transformers, since {self.decision.library}",
            **({"arithmetic": identity} if (identity := self.arithmetic.identity) else {}),
            "device": str(self.loaded.device),
            "sentence_transformers": sentence_transformers.__version__,
            "torch": torch.__version__,
            "transformers": transformers.__version__,
            **({"batches": "; ".join(WHY[packing] for packing in sorted(packings))} if packings else {}),
        }

    @cached_property
    def loaded(self) -> Any:
        """The loaded model."""
        self.arithmetic.require()
        self.arithmetic.warn(self.checkpoint.label)
        return self._load()

    @cached_property
    def _packings(self) -> dict[tuple[str, Task], Packing]:
        return {}

    def prepare(self) -> None:
        """Load the model."""
        for task in TASKS[self.side]:
            self._packing("" if task is None else prompt_of(self.prompts, task), task)

    def close(self) -> None:
        """Let go of the loaded model."""
        for name in ("loaded", "_packings"):
            vars(self).pop(name, None)

    @abstractmethod
    def _load(self) -> Any:
        """The model, loaded."""

    @abstractmethod
    def _run(self, texts: list[str], *, prompt: str, task: Task) -> Any:
        """What the loaded model makes of texts after `prompt`."""

    def _packing(self, prompt: str, task: Task) -> Packing:
        from stsbench_sentence_transformers.running.sides import find_batches, probe

        if (prompt, task) not in self._packings:

            def run(texts: list[str]) -> list[Any]:
                return probe(self._run(texts, prompt=prompt, task=task))

            self._packings[prompt, task] = find_batches(self.loaded, run, prompt, task, self.dtype)
        return self._packings[prompt, task]

    def _told(self, prompt: str) -> tuple[str, Task]:
        """The prompt without the side that it names, and that side: the model's own, or a document, where it names none."""
        for task in TASKS[self.side]:
            if task is not None and prompt.startswith(f"<{task}>"):
                return prompt.removeprefix(f"<{task}>"), task
        return prompt, TASKS[self.side][-1]

    def _divide(self, texts: Sequence[str], prompt: str, task: Task) -> Windows:
        """The windows of texts; raises OptionError."""
        from stsbench_sentence_transformers.running.sides import divide

        return divide(self.loaded, texts, prompt, task)

    def _encode(self, texts: Sequence[str], prompt: str, task: Task) -> tuple[list[Any], np.ndarray[Any, Any], Flags | None]:
        """What the model makes of each distinct text, part by part; where each of `texts` is found in them, and which are cut."""
        from functools import partial

        from stsbench_sentence_transformers.running.loading import running
        from stsbench_sentence_transformers.running.sides import count_tokens, find_cut, spread

        distinct = sorted(set(texts), key=lambda text: (-len(text), text))
        place = {text: row for row, text in enumerate(distinct)}
        rows = np.array([place[text] for text in texts], dtype=np.intp)
        cut = find_cut(self.loaded, [prompt + text for text in distinct], task)
        run = partial(self._run, prompt=prompt, task=task)
        with running(self.checkpoint):
            parts, order = spread(run, partial(count_tokens, self.loaded, prompt, task), self._packing(prompt, task), distinct)
        return parts, order[rows], None if cut is None else cut[rows]
