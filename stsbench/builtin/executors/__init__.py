"""Executors that need no more than Python: this process, and processes beside it."""

from __future__ import annotations

from collections.abc import Callable, Mapping

from stsbench.plugin import Answer, Executor, OptionError, Plain, Workers


class Local:
    """Everything is computed in this process, one encoder after the other: the default."""

    address = None
    needs: Mapping[str, Plain] = {}

    def state(self) -> Mapping[str, Plain]:
        """Nothing is started."""
        return {}

    def open(self, answer: Callable[[], Answer]) -> Workers:  # noqa: ARG002 - as others are opened
        """It needs nobody, and nobody asks it."""
        raise OptionError("executor 'local' starts no workers")


def processes(workers: str = "", /) -> Executor:
    """Encoders are run by as many processes beside this one as stand after the colon.

    Left out, there is one a GPU; without GPUs, one for each processor that this process may use. Each worker takes a GPU of its own
    while there are enough. A worker's libraries take as many threads as they would in this process: where several share the
    processors, give encoders `threads=1`, or set OMP_NUM_THREADS, for the local run too if its last digits are to agree.
    """
    from stsbench.builtin.executors.pool import Processes

    return Processes.of(workers)
