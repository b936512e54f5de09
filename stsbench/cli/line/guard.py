"""One way out of every command: errors of one sentence on stderr, exit codes by kind of error."""

from __future__ import annotations

import json
import sys
import traceback
from collections.abc import Callable, Sequence
from functools import wraps
from typing import TYPE_CHECKING, Any, Final, ParamSpec, TypeVar

import typer

from stsbench.cli.printing.layout import say, tell
from stsbench.cli.printing.logs import debug
from stsbench.cli.printing.naming import typed
from stsbench.cli.printing.streams import require_output
from stsbench.contracts.figures import rounded
from stsbench.contracts.wording import printable_json
from stsbench.errors import StoreError, StsbenchError, UsageError

if TYPE_CHECKING:
    from stsbench.evidence.requirements import Requirement

CANNOT_TELL: Final = 6  # the exit code where the data show neither that all is met nor that something is not

P = ParamSpec("P")
R = TypeVar("R")


def guarded(command: Callable[P, R]) -> Callable[P, R]:
    """The command with its errors turned into a sentence and an exit code; a traceback only under `--debug`."""

    @wraps(command)
    def run(*args: P.args, **kwargs: P.kwargs) -> R:
        typed.set({})
        try:
            if kwargs.get("json"):
                require_output()  # before any work
            return command(*args, **kwargs)
        except StsbenchError as error:
            _say(f"error: {error}")
            raise typer.Exit(error.exit_code) from error
        except KeyboardInterrupt as error:
            _say("interrupted; cells that were finished are kept in the results folder, if one was given, and vectors in the cache")
            raise typer.Exit(130) from error
        except (typer.Exit, typer.Abort):
            raise
        except PermissionError as error:  # without its path, which may be that of private data
            _say("error: you may not read or write what the command names, or a folder above it; change its permissions, or name another")
            raise typer.Exit(StoreError.exit_code) from error
        except MemoryError as error:
            _say("error: the memory of this machine is not enough; ask for less at once, as with --limit, --memory or --batch-size")
            raise typer.Exit(1) from error
        except Exception as error:
            kind = type(error).__name__
            _say(f"error: an error in stsbench itself, {kind}; run again with `stsbench --debug ...` to see where, and report it")
            raise typer.Exit(1) from error

    return run


def _say(message: str) -> None:
    if debug.get():
        traceback.print_exc()
    tell(message)


def print_json(document: Any) -> None:
    """One JSON document on stdout, the same whatever the encoding, with every digit and no negative zero; NaN is refused."""
    ascii_only = not (sys.stdout.encoding or "").lower().replace("-", "").startswith("utf")
    sys.stdout.write(printable_json(json.dumps(rounded(document, float), indent=2, ensure_ascii=ascii_only, allow_nan=False)) + "\n")


def tell_requirements(requirements: Sequence[Requirement], *, met: bool = True) -> int:
    """Print those that are met, unless told not to, and say the others on stderr; their exit code.

    That is 0 where all are met, 1 where one is shown not to be, else `CANNOT_TELL`.
    """
    for required in requirements:
        if required.outcome != "met":
            tell(f"{'error: ' if required.outcome == 'not met' else ''}{required.sentence()}")
        elif met:
            say(required.sentence())
    outcomes = {required.outcome for required in requirements}
    return 1 if "not met" in outcomes else CANNOT_TELL if "cannot tell" in outcomes else 0


def require_terminal(show_private: bool, *, json: bool) -> None:
    """Raises UsageError where private data would be written anywhere but to their owner's terminal."""
    if show_private and (json or not _on_terminal()):
        raise UsageError(
            "--show-private shows private data on a terminal alone; leave out --json, and send the output to no file or program"
        )


def _on_terminal() -> bool:
    return sys.stdout is not None and sys.stdout.isatty()
