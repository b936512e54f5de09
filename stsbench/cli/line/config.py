"""Defaults from `stsbench.toml` or `[tool.stsbench]` of `pyproject.toml` in the current folder.

Precedence: command line, then STSBENCH_* variables, then the file, then the built-in default.
"""

from __future__ import annotations

import json
from collections.abc import Iterator
from itertools import accumulate
from pathlib import Path
from typing import Any

from stsbench.contracts.reading import read_toml
from stsbench.errors import UsageError
from stsbench.host.suggest import did_you_mean

SHORT_NAMES = {"encoders": "encoder", "transforms": "transform", "similarities": "similarity", "benchmarks": "benchmark"}


def load_defaults(path: Path | None, options: dict[str, set[str]]) -> dict[str, dict[str, Any]]:
    """Defaults by command: a table holds for the command of its name, or those of that group, keys outside tables for all that have them.

    `options` are the names of each command's options, a command of a group being `group.command`. Raises UsageError for a table or key
    that means nothing.
    """
    tables = dict(_tables(_read(path)))
    for where, keys in tables.items():
        known = [names for command, names in options.items() if where in _above(command)]
        if not known:
            raise UsageError(f"the configuration file has a table for {where!r}, which is no command; there are {', '.join(options)}")
        if wrong := sorted(set(keys) - set().union(*known)):
            place = f"in [{where}]" if where else "outside a table"
            meant = did_you_mean(wrong[0], set().union(*known))
            raise UsageError(f"the configuration file sets {wrong[0]!r} {place}, which is no option; {meant}")
    return {command: {key: value for where in _above(command) for key, value in tables.get(where, {}).items()} for command in options}


def _tables(document: dict[str, Any], name: str = "") -> Iterator[tuple[str, dict[str, Any]]]:
    """Each table by its dotted name, with the keys that stand in itself."""
    named = ((SHORT_NAMES.get(key, key).replace("-", "_"), value) for key, value in document.items())
    yield name, {key: value for key, value in named if not isinstance(value, dict)}
    for key, value in document.items():
        if isinstance(value, dict):
            yield from _tables(value, f"{name}.{key}".lstrip("."))


def _above(command: str) -> list[str]:
    """The tables that hold for a command, the one that says most about it last."""
    return ["", *accumulate(command.split("."), "{}.{}".format)]


def as_given(name: str, value: object, *, switch: bool, several: bool) -> bool | str | list[str]:
    """A value of the file as the command line would give it: a switch, a text, or a list of texts for an option that may be repeated.

    Raises UsageError for any other: a number that is `true` would be 1.
    """
    written = json.dumps(value, ensure_ascii=False, default=str)
    if switch:
        if not isinstance(value, bool):
            raise UsageError(f"the configuration file gives {name} as {written}, and it is a switch; write true or false")
        return value
    values = value if several and isinstance(value, list) else [value]
    if any(isinstance(one, bool) or not isinstance(one, str | int | float) for one in values):
        wanted = "a text, a number or a list of them" if several else "a text or a number"
        raise UsageError(f"the configuration file gives {name} as {written}, which is no value of it; write {wanted}")
    texts = [str(one) for one in values]
    return texts if several else texts[0]


def _read(path: Path | None) -> dict[str, Any]:
    for candidate, table in [(path, None)] if path else [(Path("stsbench.toml"), None), (Path("pyproject.toml"), "stsbench")]:
        try:
            document = read_toml(candidate)
        except FileNotFoundError as error:
            if path:
                raise UsageError(f"there is no configuration file {path}") from error
            continue
        except (OSError, ValueError) as error:
            raise UsageError(f"the configuration file {candidate} cannot be read: {error}") from error
        defaults: dict[str, Any] = document.get("tool", {}).get(table, {}) if table else document
        if defaults:
            return defaults
    return {}
