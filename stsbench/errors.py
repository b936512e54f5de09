"""Every error that stsbench raises on purpose.

A message is one sentence that names the row, option or file it is about, and the next step. No message holds a secret's
value, nor a text of a private benchmark.
"""

from __future__ import annotations


class StsbenchError(Exception):
    """Something went wrong; `exit_code` is what the command line returns when nothing could run."""

    exit_code = 1


class UsageError(StsbenchError):
    """The request cannot be met as it was made."""

    exit_code = 2


class RefError(UsageError):
    """A reference does not have the form `name[:target][,key=value[+value]...]`."""


class UnknownName(UsageError):
    """No installed component has the requested name."""


class AmbiguousName(UsageError):
    """More than one distribution offers the requested short name."""


class OptionError(UsageError):
    """An option of a component is unknown, repeated, of the wrong type, or a secret written in a reference."""


class PlanError(UsageError):
    """An encoder or similarity takes part in no possible system."""


class ModelError(UsageError):
    """The files of a model are missing, or are not those of a model that the encoder can read."""


class CostError(UsageError):
    """The next request to a service would pass what the run may cost."""


class MissingExtra(UsageError):
    """What was asked for needs an optional dependency; the message says which line installs it."""


class PluginError(StsbenchError):
    """A plugin raised, or returned something that its contract forbids; the message names it and its version.

    What a plugin says of its own failure may quote a text; `discreet` is the message without that, for private data.
    """

    exit_code = 3

    def __init__(self, message: str, discreet: str | None = None) -> None:
        super().__init__(message)
        self.discreet = message if discreet is None else discreet


class DataError(StsbenchError):
    """The data of a benchmark are missing, unreadable, or not what their definition declares."""

    exit_code = 4


class StoreError(StsbenchError):
    """Results or scores cannot be read from or written to their folder."""

    exit_code = 5
