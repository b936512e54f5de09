"""What a sentence-transformers model can be told, whoever runs it."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from functools import cached_property
from typing import Final

from stsbench_transformers.running import Running
from stsbench_transformers.sizes import split_size, with_sizes
from stsbench_transformers.windows import split_views

from stsbench.plugin import Execution, OptionError, Views

SENTENCE: Final = "sentence"


@dataclass(frozen=True, kw_only=True)
class SentenceOptions(Running):
    """What the library can be told of a model; raises OptionError."""

    truncate_dim: Views[Sequence[int] | None] = None
    view: Views[Sequence[str]] = ()
    max_length: int | None = None
    normalize: bool = False
    trust_remote_code: bool = False
    batch_size: Execution[int] = 32

    def __post_init__(self) -> None:
        for name, value in {"batch_size": self.batch_size, "max_length": self.max_length}.items():
            if value is not None and value < 1:
                raise OptionError(f"option {name!r} must be at least 1, not {value}")
        super().__post_init__()
        _ = self.sizes

    @cached_property
    def sizes(self) -> Mapping[str, int | None]:
        """How many dimensions each view keeps, None for as many as the model's settings say, or all; raises OptionError."""
        named = {name: split_size(name) for name in split_views(self.view)[0] or with_sizes([SENTENCE], self.truncate_dim or ())}
        if wrong := [name for name, (whole, _) in named.items() if whole != SENTENCE]:
            raise OptionError(f"option 'view' takes {SENTENCE}, or a number of its dimensions as in {SENTENCE}/64, not {wrong[0]!r}")
        return {name: size for name, (_, size) in named.items()}
