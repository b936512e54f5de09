"""Warnings of a command that shows no progress."""

from __future__ import annotations

import sys

from stsbench.contracts.events import Event, Warned


def warn(event: Event) -> None:
    """Print a warning on stderr; other events are nothing to this command."""
    if isinstance(event, Warned):
        sys.stderr.write(f"warning: {event.message}\n")
