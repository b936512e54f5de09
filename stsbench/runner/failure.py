"""What is said of a failure in a run on private data: whatever is ours, and of a foreign message the type and the place alone."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager

from stsbench.errors import PluginError, StsbenchError


def told(error: StsbenchError, private: bool) -> StsbenchError:
    """The error as it may be shown and recorded; one that quotes a plugin's message is replaced in a private run."""
    return PluginError(error.discreet) if private and isinstance(error, PluginError) else error


@contextmanager
def discreet(private: bool) -> Iterator[None]:
    """Errors as they may be shown, also under `--debug`, which shows what an error was raised from."""
    try:
        yield
    except StsbenchError as error:
        if (shown := told(error, private)) is error:
            raise
        raise shown from None
