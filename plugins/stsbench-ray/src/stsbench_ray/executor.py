"""The executor `ray`."""

from __future__ import annotations

from collections.abc import Callable
from typing import TYPE_CHECKING

from stsbench.plugin import Answer
from stsbench_ray.wanted import Wanted

if TYPE_CHECKING:
    from stsbench_ray.workers import Actors


class Cluster(Wanted):
    """A cluster, and the workers that can be started on it."""

    def open(self, answer: Callable[[], Answer]) -> Actors:
        """The workers, started where there is room; raises OptionError where no cluster can be reached."""
        from stsbench_ray.workers import Actors

        return Actors(self, answer)
