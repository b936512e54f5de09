"""The hooks of this distribution. Importing it does not import ray."""

from __future__ import annotations

from collections.abc import Iterable

from stsbench.plugin import Component, Execution, Executor, hookimpl


def ray(
    address: str = "",
    /,
    *,
    workers: Execution[int] = 0,
    threads: Execution[int] = 0,
    gpus: Execution[float] = 0.0,
    memory: Execution[int] = 0,
    resource: Execution[str] = "",
    ship: Execution[int] = 0,
) -> Executor:
    """Encoders are run on the workers of a Ray cluster: `ray` starts one on this machine, `ray:HOST:PORT` joins one that is there.

    Of its own it starts a cluster that no other machine can reach. Each worker takes `threads` processors (0: as many threads as this
    process would use, so that the last digits are those of a local run), `gpus` GPUs, `memory` megabytes and, with `resource`, one of
    a custom resource of that name; `workers` is how many there are at most (0: what the cluster has room for). A model's folder of at
    most `ship` megabytes is sent to machines that have not got it. Private texts go to a cluster that is named only with
    `--send-private HOST`.
    """
    from stsbench_ray.executor import Cluster

    return Cluster(address, workers, threads, gpus, memory, resource, ship)


@hookimpl
def stsbench_executors() -> Iterable[Component[Executor]]:
    """The executor `ray`."""
    return [Component("ray", ray)]
