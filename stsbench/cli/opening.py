"""The session of a command: the options that it is made from, and the one place that opens it."""

from __future__ import annotations

import inspect
from collections.abc import Callable, Iterator, Mapping
from contextlib import AbstractContextManager, contextmanager
from functools import partial, wraps
from pathlib import Path
from typing import TYPE_CHECKING, Any, TypeVar

from stsbench.cli.guard import guarded
from stsbench.cli.options import AllowNetwork, BatchSize, CacheDir, Device, Memory, Mirror, NoCache, Quiet, Strict

if TYPE_CHECKING:
    from stsbench.api.session import Session
    from stsbench.evidence.folder import BoardFolder

R = TypeVar("R")
Sessions = Iterator["Session"]
Opened = Callable[..., AbstractContextManager["Session"]]


def session_from(*names: str) -> Callable[[Callable[..., R]], Callable[..., R]]:
    """A guarded command that has these options in place of its parameter `opened`, which opens the session that they ask for.

    Progress is shown while it is open, of commands that can be `quiet`; warnings always.
    """

    def with_options(command: Callable[..., R]) -> Callable[..., R]:
        signature = inspect.signature(command, eval_str=True)
        declared = signature.parameters.values()
        parameters = [each for option in declared for each in ([OPTIONS[name] for name in names] if option.name == "opened" else [option])]

        @guarded
        @wraps(command)
        def run(**given: Any) -> R:
            opened = partial(_opened, unseen="quiet" not in names, **{name: given.pop(name) for name in names})
            return command(**given, opened=opened)

        run.__signature__ = signature.replace(parameters=parameters)  # type: ignore[attr-defined]
        run.__annotations__ = {option.name: option.annotation for option in parameters}
        return run

    return with_options


@contextmanager
def _opened(
    *,
    mirror: Mirror = None,
    device: Device = None,
    batch_size: BatchSize = None,
    memory: Memory = None,
    allow_network: AllowNetwork = None,
    cache_dir: CacheDir = None,
    no_cache: NoCache = False,
    strict: Strict = False,
    quiet: Quiet = False,
    unseen: bool = False,
) -> Sessions:
    from stsbench.api.session import Session
    from stsbench.cli.progress import watching
    from stsbench.contracts.sizes import read_size

    with watching(quiet or unseen) as listen:
        yield Session.opened(
            mirror=mirror,
            cache=False if no_cache else cache_dir or True,
            execution={name: value for name, value in (("device", device), ("batch_size", batch_size)) if value is not None},
            allow_network=allow_network or (),
            memory=None if memory is None else read_size(memory),
            strict=strict,
            listen=listen,
        )


OPTIONS: Mapping[str, inspect.Parameter] = {
    name: option for name, option in inspect.signature(_opened, eval_str=True).parameters.items() if name != "unseen"
}


def board_folder(path: Path) -> BoardFolder:
    """The board in a folder; what reads it is imported when it is needed."""
    from stsbench.evidence.folder import BoardFolder

    return BoardFolder(path)
