"""The executor `ray`."""

from __future__ import annotations

import os
from collections.abc import Callable, Mapping
from importlib import import_module
from typing import TYPE_CHECKING, Any, Final

from stsbench.plugin import Answer, OptionError, Plain
from stsbench_ray.wanted import Wanted

if TYPE_CHECKING:
    from stsbench_ray.workers import Actors


# Read when ray is imported: it reports to nobody, a cluster of one's own listens on this machine alone.
ENVIRONMENT: Final = {
    "RAY_USAGE_STATS_ENABLED": "0",
    "RAY_ENABLE_WINDOWS_OR_OSX_CLUSTER": "0",
    "RAY_DEDUP_LOGS_SKIP_REGEX": ".",  # else it writes to standard output what becomes of machines
}


class Cluster(Wanted):
    """A cluster, and the workers that can be started on it."""

    def open(self, answer: Callable[[], Answer]) -> Actors:
        """The workers, started where there is room; raises OptionError where no cluster can be reached, or none has room."""
        workers: Actors = _module("workers").Actors(self, answer)
        return workers

    def state(self) -> Mapping[str, Plain]:
        """The machines of the cluster, and what each has; raises OptionError where it cannot be reached."""
        facts: Mapping[str, Plain] = _module("joining").state(self)
        return facts


def _module(name: str) -> Any:
    """A module of ours that imports ray."""
    for variable, value in ENVIRONMENT.items():
        os.environ.setdefault(variable, value)
    try:
        return import_module(f"stsbench_ray.{name}")
    except ImportError as error:
        raise OptionError(f"executor 'ray' needs Ray, which cannot be imported here ({error}); run pip install 'stsbench[ray]'") from error
