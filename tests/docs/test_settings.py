"""The page of settings has every key of the configuration file and every variable of the environment, and none besides."""

from __future__ import annotations

import re
import types
from pathlib import Path
from typing import Any, get_args, get_origin

import typer

from stsbench.cli.app import _commands, _key, app
from stsbench.cli.line.config import SHORT_NAMES

ROOT = Path(__file__).parents[2]
PAGE = (ROOT / "docs" / "settings.md").read_text(encoding="utf-8")
KEYS, _, ENVIRONMENT = PAGE.partition("\n## The environment\n")
ROWS = re.findall(r"^\| `([\w-]+)` \| (.+?) \| (.+?) \| (.+?) \| (.+?) \|$", KEYS, re.M)
SOURCES = [*(ROOT / "stsbench").rglob("*.py"), *(ROOT / "plugins").glob("*/src/**/*.py"), ROOT / "hatch_build.py", ROOT / "conftest.py"]
READ = re.compile(r'(?:environ\.get\(|environ\[|getenv\(|envvar=)"([A-Z_]+)"|"([A-Z_]+)" (?:not )?in os\.environ|"(STSBENCH_[A-Z_]+)"')
NO_SETTING = {
    "STSBENCH_API",  # a name in a plugin's module
    "STSBENCH_KEY_",  # the start of the names that the page shows as STSBENCH_KEY_<HOST>
    "FONTCONFIG_FILE",  # given to the renderer, and put back
}


def kind(option: Any) -> str:
    """What a value of an option is."""
    asked = option.type_descriptor.annotation
    if option.is_flag:
        return "switch"
    if option.multiple:
        return "texts"
    if get_origin(asked) in (types.UnionType, list):
        asked = get_args(asked)[0]
    return {Path: "path", int: "number", float: "number"}.get(asked, "text")


def rows() -> list[tuple[str, str, str, str, str]]:
    """The rows that the page should have, one for each way in which commands have an option.

    A default that the code has no value for is the page's to say.
    """
    having: dict[tuple[str, str, str, str], list[str]] = {}
    for command, parsed in _commands(typer.main.get_command(app)):
        for option in parsed.params:
            if key := _key(option).replace("_", "-"):
                default = "" if option.default is None else str(option.default).lower() if option.is_flag else f"`{option.default}`"
                variable = f"`{option.envvar}`" if option.envvar else "–"
                row = (key, kind(option), default, variable)
                having.setdefault(row, []).append(command.replace(".", " "))
    said = {(key, commands): default for key, _, default, _, commands in ROWS}
    return [
        (key, kinds, default or said.get((key, ", ".join(commands)), "?"), variable, ", ".join(commands))
        for (key, kinds, default, variable), commands in sorted(having.items())
    ]


def test_every_key_is_on_the_page_with_its_type_default_variable_and_commands() -> None:
    assert "\n".join(map(" | ".join, ROWS)) == "\n".join(map(" | ".join, rows()))
    assert not [key for key, _, default, _, _ in ROWS if default in ("?", "")]


def test_the_short_names_are_said() -> None:
    for plural, key in SHORT_NAMES.items():
        assert f"`{plural}`" in KEYS
        assert f"`{key}`" in KEYS


def test_every_variable_that_is_read_is_on_the_page_and_no_other() -> None:
    read = {name for path in SOURCES for found in READ.findall(path.read_text(encoding="utf-8")) for name in found if name}
    options = [option for _, parsed in _commands(typer.main.get_command(app)) for option in parsed.params]
    read.add("OPENAI_API_KEY")  # by the name that a host's key has
    read |= {str(option.envvar) for option in options if option.envvar}
    said = set(re.findall(r"`([A-Z][A-Z_]+)`", PAGE))
    assert said == read - NO_SETTING
    assert read > NO_SETTING
