"""Every error that stsbench raises on purpose.

    StsbenchError                 exit 1   something went wrong, said in one sentence with the next step
    |-- UsageError                exit 2   the request itself cannot be met
    |   |-- RefError                       a reference is not of the form name[:target][,key=value]
    |   |-- UnknownName                    no component has that name
    |   |-- AmbiguousName                  several distributions offer that name
    |   |-- OptionError                    an option is unknown, of the wrong type, or a secret
    |   |-- PlanError                      an encoder or similarity ends up in no system
    |   |-- ModelError                     a model's files are missing or are not a model
    |   `-- MissingExtra                   an optional dependency is not installed
    |-- PluginError               exit 3   a plugin failed, or returned what the contract forbids
    |-- DataError                 exit 4   a benchmark's data are missing, unreadable or not as declared
    |-- StoreError                exit 5   results or scores cannot be read or written
    `-- DriftError                exit 1   evidence and a new computation, or a derived file, disagree

A message is one sentence that names the row, option or file it is about, and the next step. No message holds a secret's
value, nor a text of a private benchmark.
"""

from __future__ import annotations


class StsbenchError(Exception):
    """Base of all errors above; `exit_code` is what the command line returns when nothing could run."""

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


class DriftError(StsbenchError):
    """A committed figure and a new computation of it disagree."""
