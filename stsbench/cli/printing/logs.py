"""The log as the command line shows it: on stderr, from the level of STSBENCH_LOG on, warnings by default."""

from __future__ import annotations

import logging
import os
import sys
from contextvars import ContextVar
from typing import Final

from stsbench.errors import UsageError

LEVELS: Final = ("debug", "info", "warning", "error")
LOG: Final = logging.getLogger("stsbench")

debug: ContextVar[bool] = ContextVar("debug", default=False)  # whether a failure says where in the code it was


class Shown(logging.Handler):
    """Writes to what standard error is now."""

    def emit(self, record: logging.LogRecord) -> None:
        """Write a line; a record that cannot be formatted is told of and costs nothing."""
        try:
            sys.stderr.write(f"{self.format(record)}\n")
        except Exception:  # noqa: BLE001 - whatever a plugin logs
            self.handleError(record)


def show_log(*, verbose: bool) -> None:
    """Show what is logged from the level of STSBENCH_LOG on, and from info on where it is `verbose`; raises UsageError for no level."""
    level = os.environ.get("STSBENCH_LOG") or "warning"
    if (name := level.strip().casefold()) not in LEVELS:
        raise UsageError(f"STSBENCH_LOG is {level!r}, which is no level of a log; write {', '.join(LEVELS[:-1])} or {LEVELS[-1]}")
    LOG.setLevel(min(getattr(logging, name.upper()), logging.INFO if verbose else logging.ERROR))
    if not any(isinstance(handler, Shown) for handler in LOG.handlers):
        handler = Shown()
        handler.setFormatter(logging.Formatter("%(asctime)s %(levelname)s %(name)s: %(message)s"))
        LOG.addHandler(handler)


def is_shown() -> bool:
    """Whether the log says what is done, so that nothing else needs to."""
    return LOG.isEnabledFor(logging.INFO)
