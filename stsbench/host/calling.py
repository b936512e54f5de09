"""Calling a plugin's code: whatever it raises becomes an error that names it, and nothing that it prints is a result."""

from __future__ import annotations

import signal
import sys
import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from traceback import walk_tb
from typing import Any, Final

from stsbench.errors import PluginError, StsbenchError
from stsbench.host.process import begin_call, end_call

LONGEST: Final = 1000  # characters of a foreign message that are repeated

_interrupts = 0  # how often Ctrl-C came while a plugin's code ran


class Foreign(PluginError):
    """A plugin raised what is no error of ours: its cause."""

    def __init__(self, error: BaseException) -> None:
        super().__init__(type(error).__name__)


@contextmanager
def calling(blame: Callable[[BaseException], Exception] = Foreign) -> Iterator[None]:
    """While it lasts, a plugin's code runs: an error that is not ours is raised as what `blame` makes of it.

    So are SystemExit, GeneratorExit, and a KeyboardInterrupt that the plugin raised itself; Ctrl-C stays what it is, also where the
    plugin swallows it. What is printed goes to standard error: standard output is for results.
    """
    errors, before, handler = sys.stderr, _interrupts, _watch_interrupts()
    sys.stdout = aside = _Aside(sys.stderr, sys.stdout)
    token = begin_call()
    try:
        yield
    except StsbenchError:
        raise
    except KeyboardInterrupt as error:
        if _interrupts > before or not _is_watched():
            raise
        raise blame(error) from error
    except BaseException as error:
        raise blame(error) from error
    finally:
        end_call(token)
        sys.stderr = errors
        aside.end()
        if handler is not None:
            signal.signal(signal.SIGINT, handler)
        if _interrupts > before:
            raise KeyboardInterrupt


def describe(error: BaseException) -> str:
    """Type and message of an error, on one line that can be printed anywhere."""
    if isinstance(error, Foreign) and error.__cause__ is not None:
        return describe(error.__cause__)
    name = type(error).__name__
    try:
        message = " ".join(str(error).split()).encode("utf-8", "backslashreplace").decode()
    except BaseException:
        return name
    shown = message if len(message) <= LONGEST else f"{message[:LONGEST]}... ({len(message):,} characters)"
    return f"{name}: {shown}" if shown else name


def located(error: BaseException, package: str) -> str:
    """Type, message and, where it arose in that package, the line; of an error of ours the message, which says it all."""
    if isinstance(error, StsbenchError) and not isinstance(error, Foreign):
        return str(error)
    cause = error.__cause__ if isinstance(error, Foreign) and error.__cause__ is not None else error
    lines = [(module, line) for module, line in _lines(cause) if module.partition(".")[0] == package]
    return describe(error) + (" (in {}, line {})".format(*lines[-1]) if lines else "")


def _lines(error: BaseException) -> list[tuple[str, int]]:
    return [(str(frame.f_globals.get("__name__", "")), line) for frame, line in walk_tb(error.__traceback__)]


def without_message(error: BaseException, package: str) -> str:
    """The type of an error and the line where it arose: what may be said of it where its message may quote a text.

    The line is of `package` if it came through that; else the innermost that is not of the core.
    """
    lines = _lines(error)
    foreign = [(module, line) for module, line in lines if module.partition(".")[0] != "stsbench"]
    lines_of_package = [(module, line) for module, line in lines if module.partition(".")[0] == package] or foreign
    where = " in {}, line {}".format(*lines_of_package[-1]) if lines_of_package else ""
    return f"{type(error).__name__}{where}; its message is left out since data of this run are private"


def _interrupted(_number: int, _frame: object) -> None:
    global _interrupts
    _interrupts += 1
    raise KeyboardInterrupt


def _watch_interrupts() -> Any:
    """Count Ctrl-C from here on, and the handler to put back; None where it is counted already, or somebody else's business."""
    if threading.current_thread() is not threading.main_thread() or signal.getsignal(signal.SIGINT) is not signal.default_int_handler:
        return None
    return signal.signal(signal.SIGINT, _interrupted)


def _is_watched() -> bool:
    """Whether a KeyboardInterrupt that was not counted is no Ctrl-C: that comes to the main thread, and there to our handler or to none."""
    ours = (_interrupted, signal.SIG_IGN, signal.SIG_DFL)
    return threading.current_thread() is not threading.main_thread() or signal.getsignal(signal.SIGINT) in ours


class _Aside:
    """Standard output while a plugin's code runs: a stream that it may write to, but not close, since others write to it too."""

    def __init__(self, stream: Any, before: Any) -> None:
        self._stream, self._before, self._ended = stream, before, False

    def close(self) -> None:
        """Nothing."""

    def end(self) -> None:
        """Put back what was there before; a call that another thread is still in keeps its own, and puts that back when it ends."""
        self._ended = True
        if not isinstance(sys.stdout, _Aside) or sys.stdout._ended:
            before = self._before
            while isinstance(before, _Aside) and before._ended:
                before = before._before
            sys.stdout = before

    def __getattr__(self, name: str) -> Any:
        return getattr(self._stream, name)
