"""What a sentence-transformers model can be told, whoever runs it."""

from __future__ import annotations

from dataclasses import dataclass

from stsbench_transformers.running import Running

from stsbench.plugin import Execution, OptionError


@dataclass(frozen=True, kw_only=True)
class SentenceOptions(Running):
    """What the library can be told of a model; raises OptionError."""

    truncate_dim: int | None = None
    max_length: int | None = None
    normalize: bool = False
    trust_remote_code: bool = False
    batch_size: Execution[int] = 32

    def __post_init__(self) -> None:
        for name, value in {"batch_size": self.batch_size, "truncate_dim": self.truncate_dim, "max_length": self.max_length}.items():
            if value is not None and value < 1:
                raise OptionError(f"option {name!r} must be at least 1, not {value}")
        super().__post_init__()
