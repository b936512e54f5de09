"""An opened run: what is installed, and how to go about it. All data come in here, where neither a failure nor a warning can be lost."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass, field, replace
from functools import partial
from pathlib import Path

from stsbench.contracts.events import Event, Warned
from stsbench.contracts.records import Shown
from stsbench.host.registry import Registry
from stsbench.runner.plan import load_benchmarks, make_plan
from stsbench.runner.request import Request, Setup
from stsbench.runner.run import OpenStore
from stsbench.runner.system import NotRun, Plan, PlannedBenchmark
from stsbench.runner.vectors import cache_folder, open_store

Listener = Callable[[Event], None]


@dataclass(frozen=True)
class Session:
    """The registry of what is installed and the setup of a run; whoever listens to the setup is told every warning."""

    registry: Registry
    setup: Setup = field(default_factory=Setup)

    @classmethod
    def opened(
        cls,
        registry: Registry | None = None,
        *,
        mirror: str | Path | None = None,
        cache: str | Path | bool = True,
        execution: Mapping[str, object] | None = None,
        allow_network: Sequence[str] = (),
        memory: int | None = None,
        listen: Listener = lambda _: None,
    ) -> Session:
        """A session on what is installed, with vectors kept in the folder that `cache` means."""
        folder = cache_folder(cache)
        options = {"mirror": None if mirror is None else str(mirror), **(execution or {})}
        setup = Setup(options, frozenset(allow_network), folder, memory, listen)
        return cls(registry or Registry.installed(), setup)

    def warn(self, message: str) -> None:
        """Tell whoever listens."""
        self.setup.listen(Warned(message))

    def plan(self, request: Request) -> Plan:
        """The plan of everything that is asked for.

        Raises the error of whatever cannot be built or loaded, so that no answer is given of fewer benchmarks, or systems, than were
        named; of several the first, and the others are warned of.
        """
        plan = self.plan_of_what_can_run(request)
        self._refuse(plan.failed)
        return plan

    def plan_of_what_can_run(self, request: Request, known: Iterable[tuple[str, Shown]] = ()) -> Plan:
        """The same for a caller that reports what `failed`, which costs only its own cells there."""
        plan = make_plan(self.registry, request, self._of_components, known)
        for warning in plan.warnings:
            self.warn(warning)
        return plan

    def load(self, benchmarks: Sequence[str]) -> list[PlannedBenchmark]:
        """The benchmarks that references name, suites replaced by what they name; raises the error of one that cannot be loaded."""
        return load_benchmarks(self.registry, benchmarks, self._of_components)

    def store(self) -> OpenStore:
        """What opens the place where an encoder's vectors are kept."""
        return partial(open_store, self.registry, self.setup.cache, self.warn)

    @property
    def _of_components(self) -> Setup:
        """The setup with the cache folder as an execution option, for components that keep files of their own there."""
        cache = self.setup.cache
        return replace(self.setup, execution={"cache_dir": None if cache is None else str(cache), **self.setup.execution})

    def _refuse(self, failed: Sequence[NotRun]) -> None:
        errors = [one.error for one in failed if one.error is not None]
        for error in errors[1:]:
            self.warn(str(error))
        if errors:
            raise errors[0]
