"""A checkpoint, and how it was decided to run it: what encoders and scorers of the library's models tell before they load one."""

from __future__ import annotations

from abc import ABC, abstractmethod
from collections.abc import Mapping
from dataclasses import KW_ONLY, dataclass
from functools import cached_property
from typing import TYPE_CHECKING

from stsbench.plugin import Location, ModelCard

if TYPE_CHECKING:
    from stsbench_transformers.checkpoints.checkpoint import Checkpoint
    from stsbench_transformers.checkpoints.decision import Decision


@dataclass(frozen=True, eq=False)
class DecidedModel(ABC):
    """A model by name, whose files say how it is run."""

    model: Location
    _: KW_ONLY
    revision: str | None = None

    @cached_property
    def checkpoint(self) -> Checkpoint:
        """The files of the model; raises ModelError."""
        from stsbench_transformers.checkpoints.checkpoint import Checkpoint

        return Checkpoint.of(self.model, self.revision)

    @property
    @abstractmethod
    def decision(self) -> Decision:
        """How it is run; raises ModelError."""

    @property
    def trained_on(self) -> tuple[str, ...]:
        """The benchmarks that a file beside the model names."""
        return self.checkpoint.trained_on

    @property
    def decided(self) -> Mapping[str, str]:
        """How the checkpoint is run, in words by name."""
        return self.decision.facts


class DecidedEncoder(DecidedModel):
    """One that encodes texts."""

    @property
    def prompts(self) -> Mapping[str, str]:
        """The named prompts of the model's configuration."""
        return self.decision.prompts

    @property
    def made_for(self) -> str | None:
        """The similarity that the model's settings name."""
        return self.decision.similarity

    @property
    def card(self) -> ModelCard:
        """What the model's README declares, and the number of its weights."""
        return self.checkpoint.card
