"""Defaults from `stsbench.toml` or `[tool.stsbench]` of `pyproject.toml` in the current folder.

Precedence: command line, then STSBENCH_* variables, then the file, then the built-in default.
"""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

from stsbench.contracts.reading import read_toml
from stsbench.errors import UsageError
from stsbench.host.suggest import did_you_mean

SHORT_NAMES = {"encoders": "encoder", "similarities": "similarity", "benchmarks": "benchmark"}


def load_defaults(path: Path | None, options: dict[str, set[str]]) -> dict[str, Any]:
    """Defaults by command: a table named after a command holds its options, keys outside tables hold for every command that has them.

    `options` are the names of each command's options. Raises UsageError for a table or key that means nothing.
    """
    document, commands = _read(path), list(options)
    tables = {name: value for name, value in document.items() if isinstance(value, dict)}
    special = {command: {_key(name): value for name, value in tables.get(command, {}).items()} for command in commands}
    shared = {_key(name): value for name, value in document.items() if name not in tables}
    for where, names, known in [
        ("outside a table", shared, set().union(*options.values())),
        *((f"in [{command}]", special[command], options[command]) for command in commands),
    ]:
        if wrong := sorted(set(names) - known):
            raise UsageError(f"the configuration file sets {wrong[0]!r} {where}, which is no option; {did_you_mean(wrong[0], known)}")
    if unknown := [name for name in tables if name not in commands]:
        raise UsageError(f"the configuration file has a table for {unknown[0]!r}, which is no command; there are {', '.join(commands)}")
    return {command: {**shared, **special[command]} for command in commands}


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


def _key(name: str) -> str:
    return SHORT_NAMES.get(name, name).replace("-", "_")


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
