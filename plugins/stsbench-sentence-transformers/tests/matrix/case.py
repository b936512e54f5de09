"""One checkpoint of the matrix: what it is made of, what was done to it, and what has to run it."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any, Literal

By = Literal["graph", "traced", "torch", "library", "refused"]


@dataclass(frozen=True)
class Case:
    """A checkpoint as data.

    `by` is what `backend=auto` has to run it with: our own graph, a traced one, torch, the library, or nothing at all. `why` is in the
    message of every backend that does not run it.
    """

    name: str
    family: str = "bert"
    modules: tuple[str, ...] = ("pooling mean",)
    by: By = "graph"
    why: str = ""
    tokenizer: Mapping[str, Any] = field(default_factory=dict)
    added: tuple[str, ...] = ()
    special: tuple[str, ...] = ()
    config: Mapping[str, Any] = field(default_factory=dict)
    states: By | Literal[""] = ""  # what runs the encoder `bert` on it, where that is not `by`
    head: str = ""  # the class that was saved, where it is not the family's bare model
    transformer: Mapping[str, Any] = field(default_factory=dict)  # settings of the first module
    library: Mapping[str, Any] = field(default_factory=dict)  # settings of the whole model
    files: Mapping[str, Mapping[str, Any]] = field(default_factory=dict)  # what is changed in JSON files afterwards
    edits: tuple[str, ...] = ()
