"""Warnings of a command that shows no progress."""

from __future__ import annotations

import sys
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from stsbench.contracts.events import Event


def warn(event: Event) -> None:
    """Print a warning on stderr; other events are nothing to this command."""
    from stsbench.contracts.events import Warned

    if isinstance(event, Warned):
        sys.stderr.write(f"warning: {event.message}\n")
