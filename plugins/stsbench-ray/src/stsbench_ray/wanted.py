"""What is wanted of a cluster: which one it is, and what a worker takes of it."""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass

from stsbench.plugin import OptionError, Plain, library_threads


@dataclass(frozen=True)
class Wanted:
    """A cluster of one's own, or the one at `host` (with its port); what each worker takes of a machine."""

    host: str = ""
    most: int = 0
    threads: int = 0
    gpus: float = 0.0
    memory: int = 0
    resource: str = ""
    ship: int = 0

    def __post_init__(self) -> None:
        if min(self.most, self.threads, self.gpus, self.memory, self.ship) < 0:
            raise OptionError("options of executor 'ray' are numbers of at least 0; 0 leaves the choice to it")
        if self.host and not re.fullmatch(r"[^\s/]+:\d{1,5}", self.host):
            raise OptionError(f"executor 'ray' takes the address of a cluster's head as HOST:PORT after the colon, not {self.host!r}")

    @property
    def address(self) -> str | None:
        """Where texts go; None for a cluster of one's own, on this machine."""
        return self.host or None

    @property
    def cpus(self) -> int:
        """Processors of a worker: the threads that libraries take in this process."""
        return self.threads or library_threads()

    @property
    def takes(self) -> Mapping[str, float]:
        """What a worker takes of a machine, as Ray calls it."""
        takes = {"CPU": float(self.cpus), "GPU": self.gpus, "memory": self.memory * 1e6, self.resource: 1.0}
        return {name: much for name, much in takes.items() if name and much}

    @property
    def ships(self) -> int:
        """The most bytes of a model's folder that a worker is sent."""
        return self.ship * 10**6

    @property
    def needs(self) -> Mapping[str, Plain]:
        """How many workers, and what each takes."""
        return {
            "workers": self.most or "what the cluster has room for",
            "threads": self.cpus,
            **({"gpus": self.gpus} if self.gpus else {}),
            **({"memory": f"{self.memory} MB"} if self.memory else {}),
            **({"resource": self.resource} if self.resource else {}),
        }
