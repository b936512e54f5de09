"""The session of a command: the options that it is made from, and the one place that opens it."""

from __future__ import annotations

import inspect
from collections.abc import Callable, Iterator, Mapping
from contextlib import AbstractContextManager, contextmanager
from functools import partial, wraps
from typing import TYPE_CHECKING, Any, TypeVar

from stsbench.cli.options import AllowNetwork, BatchSize, CacheDir, Device, Memory, Mirror, NoCache, Quiet, Strict

if TYPE_CHECKING:
    from stsbench.api.session import Session

R = TypeVar("R")
Opened = Callable[..., AbstractContextManager["Session"]]

OPTIONS: Mapping[str, tuple[Any, object]] = {
    "mirror": (Mirror, None),
    "device": (Device, None),
    "batch_size": (BatchSize, None),
    "memory": (Memory, None),
    "allow_network": (AllowNetwork, None),
    "cache_dir": (CacheDir, None),
    "no_cache": (NoCache, False),
    "strict": (Strict, False),
    "quiet": (Quiet, False),
}


def session_from(*names: str) -> Callable[[Callable[..., R]], Callable[..., R]]:
    """A command that has these options in place of its parameter `opened`, which opens the session that they ask for.

    Progress is shown while it is open, of commands that can be `quiet`; warnings always.
    """

    def with_options(command: Callable[..., R]) -> Callable[..., R]:
        signature = inspect.signature(command, eval_str=True)
        kind = inspect.Parameter.KEYWORD_ONLY
        options = [inspect.Parameter(name, kind, default=OPTIONS[name][1], annotation=OPTIONS[name][0]) for name in names]
        parameters = [each for one in signature.parameters.values() for each in (options if one.name == "opened" else [one])]

        @wraps(command)
        def run(**given: Any) -> R:
            opened = partial(_opened, {name: given.pop(name) for name in names})
            return command(**given, opened=opened)

        run.__signature__ = signature.replace(parameters=parameters)  # type: ignore[attr-defined]
        run.__annotations__ = {one.name: one.annotation for one in parameters}
        return run

    return with_options


@contextmanager
def _opened(options: Mapping[str, Any], *, quiet: bool = False) -> Iterator[Session]:
    from stsbench.api.session import Session
    from stsbench.cli.progress import watching
    from stsbench.contracts.sizes import read_size

    memory = options.get("memory")
    with watching(quiet or options.get("quiet", True)) as listen:
        yield Session.opened(
            mirror=options.get("mirror"),
            cache=False if options.get("no_cache") else options.get("cache_dir") or True,
            execution={name: options[name] for name in ("device", "batch_size") if options.get(name) is not None},
            allow_network=options.get("allow_network") or (),
            memory=None if memory is None else read_size(memory),
            strict=options.get("strict", False),
            listen=listen,
        )
