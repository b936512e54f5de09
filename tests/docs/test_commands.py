"""Wherever a page names a command, in a sentence too, there is that command, and it has the options that are named."""

from __future__ import annotations

import re
from pathlib import Path

import pytest
import typer

from stsbench.cli.app import _commands, app

ROOT = Path(__file__).parents[2]
PAGES = [
    page
    for pattern in ("*.md", "docs/**/*.md", "plugins/*/README.md", "benchmarks/README.md", "changes/*.md", "template/*", ".github/**/*.yml")
    for page in sorted(ROOT.glob(pattern))
    if page.is_file()
]
OPTIONS = {
    command.replace(".", " "): {name for option in parsed.params for name in (*option.opts, *option.secondary_opts)} | {"--help"}
    for command, parsed in _commands(typer.main.get_command(app))
}
OVER_ALL = {name for option in typer.main.get_command(app).params for name in option.opts} | {"--help"}
GROUPS = {command.partition(" ")[0] for command in OPTIONS if " " in command}
BLOCK = re.compile(r"^ *```\w+\n(.*?)^ *```$", re.M | re.S)


def named(page: Path) -> list[str]:
    """The commands that a page names, in blocks and in sentences, each in one line."""
    text = page.read_text(encoding="utf-8")
    in_blocks = [line for block in BLOCK.findall(text) for line in re.findall(r"^[ $]*stsbench (.+?)(?:  +#.*)?$", block, re.M)]
    return [" ".join(command.split()) for command in [*in_blocks, *re.findall(r"`stsbench ([^`]+)`", BLOCK.sub("", text))]]


def test_commands_are_found() -> None:
    assert sum(len(named(page)) for page in PAGES) > 200


@pytest.mark.parametrize("page", [page for page in PAGES if named(page)], ids=lambda page: page.relative_to(ROOT).as_posix())
def test_a_command_that_is_named_is_there(page: Path) -> None:
    for command in named(page):
        words = command.split()
        while words and words[0] in OVER_ALL:
            words = words[2 if words[0] == "--config" else 1 :]
        if not words or words[0].startswith("."):  # `stsbench --debug`, and `stsbench ...` with whatever follows
            continue
        known = " ".join(words[: 2 if words[0] in GROUPS and words[1:] and not words[1].startswith("-") else 1])
        assert known in OPTIONS, f"{command}: there is no such command"
        given = {word.partition("=")[0] for word in words if re.match(r"--?[a-z]", word)}
        assert given <= OPTIONS[known] | OVER_ALL, command
