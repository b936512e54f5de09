"""The process that plugins share: what would end it, and where its output goes.

Python gives a plugin every right that the harness has. A call that ends the process, and output that is no result, can be told apart
at no cost; native code that ends the process, and a change to what all share (numpy, say), cannot.
"""

from __future__ import annotations

import os
import sys
from contextvars import ContextVar, Token
from typing import Any, Final

ENDING: Final = ("_exit", "execv", "execve")  # what ends a process at once, with any exit code; `os.execl` and its kin call the latter two

_real: Final[dict[str, Any]] = {name: getattr(os, name) for name in ENDING}
_calling: ContextVar[int] = ContextVar("calling", default=0)  # the process in which a plugin's code is being called by the core
_command: list[int] = []  # the process that is a command of ours, and the exit code that it came to, once it has


def begin_call() -> Token[int]:
    """Until `end_call`, what would end the process at once raises SystemExit where the plugin calls it."""
    _check_endings()
    return _calling.set(os.getpid())


def end_call(token: Token[int]) -> None:
    """The plugin's code has come back; in the child of a plugin that forked, which is to take no part in the run, it does not go on."""
    if os.getpid() != _calling.get():
        _real["_exit"](1)
    _calling.reset(token)


def _check_endings() -> None:
    """Put a check before the functions that end a process; outside plugins' code they do what they always did."""
    for module in [os, *(sys.modules[name] for name in ("posix", "nt") if name in sys.modules)]:
        for name in ENDING:
            if getattr(module, name, None) is _real[name]:
                setattr(module, name, _checked(name))


def _checked(name: str) -> Any:
    def end(*arguments: Any, **named: Any) -> Any:
        if _calling.get() == os.getpid():
            raise SystemExit(f"it called os.{name}, which would have ended the whole run")
        if name == "_exit" and _command[:1] == [os.getpid()]:
            arguments, named = (_exit_code(),), {}
        return _real[name](*arguments, **named)

    end.__name__ = name
    return end


def _exit_code() -> int:
    """What a command ends with where a thread or an exit handler ends it: never with success before it came to its end."""
    if len(_command) > 1:
        return _command[1]
    os.write(2, b"error: a thread or an exit handler of a plugin ended the run before it had reached its end; see `stsbench plugins`\n")
    return 3


def own_process() -> None:
    """Make this process a command of ours: only results go to the standard output that it was given.

    Whatever else is written to that descriptor, by a library in C or by a program that a plugin starts, goes to standard error.
    """
    _check_endings()
    _command[:] = [os.getpid()]
    given = sys.stdout
    try:
        kept = os.dup(given.fileno())
        os.dup2(sys.stderr.fileno(), given.fileno())
    except (AttributeError, OSError, ValueError):  # closed, or in the place of a file something that is none
        return
    buffering = 1 if given.line_buffering else -1
    sys.stdout = open(kept, "w", buffering, encoding=given.encoding, errors=given.errors, closefd=False)  # noqa: SIM115


def reached_end(code: int) -> None:
    """Note the exit code that the command came to; what plugins leave running can no longer change it."""
    _command[1:] = [code]
