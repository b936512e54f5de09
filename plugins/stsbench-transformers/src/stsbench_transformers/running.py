"""How a checkpoint is run: the options that encoders share, and all that a backend has to know of an encoder."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, fields
from functools import cached_property
from typing import TYPE_CHECKING, Literal, TypeVar

from stsbench.plugin import Execution, OptionError

if TYPE_CHECKING:
    from stsbench_transformers.checkpoints.checkpoint import Checkpoint
    from stsbench_transformers.checkpoints.decision import Decision
    from stsbench_transformers.tokens.tokenizer import LibraryTokenizer
    from stsbench_transformers.views import View
    from stsbench_transformers.windows import WindowView

Dtype = Literal["float32", "bfloat16", "float16"]
Backend = Literal["auto", "torch", "openvino", "onnxruntime", "library"]


R = TypeVar("R", bound="Running")


@dataclass(frozen=True, kw_only=True)
class Running:
    """Options of every encoder of a transformer; raises OptionError."""

    dtype: Dtype = "float32"
    weights: str = ""
    device: Execution[str] = "auto"
    batch_tokens: Execution[int] = 0
    threads: Execution[int] = 0
    backend: Execution[Backend] = "auto"
    cache_dir: Execution[str] = ""

    def __post_init__(self) -> None:
        if self.batch_tokens < 0 or self.threads < 0:
            raise OptionError("options 'batch_tokens' and 'threads' take a positive number, or 0 to leave the choice to the encoder")


def only(kind: type[R], given: R) -> R:
    """Those options of `given` that `kind` has."""
    return kind(**{one.name: getattr(given, one.name) for one in fields(kind)})


class CannotRun(Exception):
    """OpenVINO cannot run the model, where another library can; the message is a clause that says why."""


@dataclass(frozen=True)
class Work:
    """What is to be run: a checkpoint, as it was decided and with these options, for its views: all that a backend knows of an encoder.

    A text has `limit` tokens at most, special ones included; None where it has none to count. With `windows`, which are of these views, one
    that is longer goes through in parts of as many. Raises OptionError where two of these would share all that they hold.
    """

    checkpoint: Checkpoint
    decision: Decision
    vector_views: tuple[View, ...]
    kept_tokens: tuple[View, ...]
    limit: int | None
    running: Running
    windows: tuple[WindowView, ...] = ()

    def __post_init__(self) -> None:
        overlap = max((window.overlap for window in self.windows), default=0)
        if self.limit is not None and overlap >= self.limit:
            raise OptionError(f"option 'overlap' is {overlap}, and a window has {self.limit} tokens; give less, or a larger max_length")

    @cached_property
    def file(self) -> str:
        """The file of weights that stands alone, without safetensors to compare with: a chosen one, or all that a folder has.

        What a model on the hub has no more than is not asked here: what the cache knows of a commit needs no connection.
        """
        from stsbench_transformers.checkpoints.checkpoint import EXPORT

        return self.running.weights or (EXPORT if self.checkpoint.folder is not None and self.checkpoint.exported else "")

    @cached_property
    def quantised(self) -> Mapping[str, str]:
        """What a file adds to a fingerprint: the instruction set where its numbers depend on that; of a chosen one, its content."""
        from stsbench_transformers.quantised import computes_in_steps, identify, instruction_set

        if self.running.weights:
            return {"file": identify(self.checkpoint, self.running.weights), "instructions": instruction_set()}
        if self.file and computes_in_steps(self.checkpoint, self.file):
            return {"instructions": instruction_set()}
        return {}

    @cached_property
    def tokenizer(self) -> LibraryTokenizer:
        """The tokenizer that transformers uses, which it is asked for once; raises ModelError."""
        from stsbench_transformers.tokens.tokenizer import settle

        return settle(self.checkpoint, self.running.cache_dir)

    @cached_property
    def ending(self) -> Mapping[str, str]:
        """What prompts that are not pooled add to a fingerprint where texts end in no special token of their own.

        Of a prompt that spells one out at its end, that was once left out with the others.
        """
        return {} if self.decision.include_prompt or self.tokenizer.closes else {"prompt_end": "pooled"}
