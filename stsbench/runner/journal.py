"""The log of what is done, by the standard `logging`: one logger named stsbench. It holds names and counts, never a text."""

from __future__ import annotations

import logging
from typing import Final

from stsbench.contracts.events import CellFinished, Encoding, Event, Recomputing, Warned
from stsbench.contracts.wording import counted
from stsbench.runner.request import Listener, unheard

LOG: Final = logging.getLogger("stsbench")
LOG.addHandler(logging.NullHandler())  # who uses it as a library says what is shown


def logged(listen: Listener) -> Listener:
    """The same listener, of which the log holds what it is told; a warning only if nobody else is told it."""

    def heard(event: Event) -> None:
        match event:
            case Encoding(encoder, done, total, stored, items) if done in (0, total):
                there, new = (counted(number, items.removesuffix("s"), items) for number in (stored, total))
                LOG.info("%s: %s", encoder, f"{done} of {total} {items} encoded" if done else f"{there} in the store, {new} to encode")
            case CellFinished():
                system = " / ".join(filter(None, [event.encoder, event.view, *event.transforms, event.similarity]))
                LOG.info("%s on %s: %s", system, event.benchmark, event.status if event.figure is None else f"{event.figure:.6f}")
            case Recomputing(board):
                LOG.info("%s: statistics are recomputed", board)
            case Warned(message) if listen is unheard:
                LOG.warning("%s", message)
        listen(event)

    return heard
