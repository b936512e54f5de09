"""The session of a command: the options that it is made from, and the one place that opens it."""

from __future__ import annotations

import inspect
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import AbstractContextManager, contextmanager
from dataclasses import is_dataclass
from functools import partial, wraps
from pathlib import Path
from typing import TYPE_CHECKING, Any, TypeVar

from stsbench.cli.printing.logs import show_log
from stsbench.cli.printing.naming import call_as_typed
from stsbench.contracts.figures import read_size

from .guard import guarded
from .options import SessionOptions, Verbose

if TYPE_CHECKING:
    from stsbench.api.session import Session
    from stsbench.evidence.folder import BoardFolder

R = TypeVar("R")
Opened = Callable[..., AbstractContextManager["Session"]]


OPTIONS: Mapping[str, inspect.Parameter] = inspect.signature(SessionOptions, eval_str=True).parameters
ENCODING = ("mirror", "device", "batch_size", "memory", "allow_network", "send_private", "max_cost", "cache_dir", "no_cache", "quiet")
VERBOSE = inspect.Parameter("verbose", inspect.Parameter.KEYWORD_ONLY, default=False, annotation=Verbose)


def session_from(*names: str) -> Callable[[Callable[..., R]], Callable[..., R]]:
    """A guarded command that has these options in place of its parameter `opened`, which opens the session that they ask for.

    A parameter whose type is a dataclass, as `Asked`, stands for the options that its fields are. An option that the command has a
    parameter for is the session's and its own.

    Progress is shown while it is open, of commands that can be `quiet`; warnings always.
    """

    def with_options(command: Callable[..., R]) -> Callable[..., R]:
        signature = inspect.signature(command, eval_str=True)
        kinds = {name: option.annotation for name, option in signature.parameters.items() if isinstance(option.annotation, type)}
        groups = {name: inspect.signature(kind, eval_str=True).parameters for name, kind in kinds.items() if is_dataclass(kind)}
        listed = {name: list(options.values()) for name, options in groups.items()}
        listed["opened"] = [OPTIONS[name] for name in names if name not in signature.parameters]
        parameters = [each for name, option in signature.parameters.items() for each in listed.get(name, [option])]
        parameters.append(VERBOSE)  # as before the command

        @guarded
        @wraps(command)
        def run(**given: Any) -> R:
            if given.pop(VERBOSE.name, False):
                show_log(verbose=True)
            references = [
                text for value in given.values() for text in (value if isinstance(value, list) else [value]) if isinstance(text, str)
            ]
            opened = partial(
                _opened,
                SessionOptions(**{name: given[name] if name in signature.parameters else given.pop(name) for name in names}),
                unseen="quiet" not in names,
                references=references,
            )
            made = {name: kinds[name](**{option: given.pop(option) for option in options}) for name, options in groups.items()}
            return command(**given, **made, opened=opened)

        run.__signature__ = signature.replace(parameters=parameters)  # type: ignore[attr-defined]
        run.__annotations__ = {option.name: option.annotation for option in parameters}
        return run

    return with_options


@contextmanager
def _opened(options: SessionOptions, *, unseen: bool, references: Sequence[str]) -> Iterator[Session]:
    from stsbench.api.session import Session
    from stsbench.cli.printing.progress import watching
    from stsbench.host.registry import Registry
    from stsbench.runner.request import Consent

    registry = Registry.installed()
    call_as_typed(references, registry)
    with watching(unseen or options.quiet) as listen:
        session = Session.opened(
            registry,
            mirror=options.mirror,
            cache=False if options.no_cache else options.cache_dir or True,
            execution={name: value for name in ("device", "batch_size") if (value := getattr(options, name)) is not None},
            consent=Consent(options.allow_network or (), options.send_private or (), options.max_cost),
            memory=None if options.memory is None else read_size(options.memory),
            strict=options.strict,
            listen=listen,
        )
        yield session.on(options.executor) if options.executor else session


def board_folder(path: Path) -> BoardFolder:
    """The board in a folder; what reads it is imported when it is needed."""
    from stsbench.evidence.folder import BoardFolder

    return BoardFolder(path)
