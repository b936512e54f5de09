"""What pages that are followed share: commands that need the hub are checked as far as they go without it."""

from __future__ import annotations

import shlex
from collections.abc import Callable
from itertools import pairwise

import pytest
from typer.testing import CliRunner

from stsbench.cli.app import app
from stsbench.contracts.components.component import Kind
from stsbench.contracts.ref import Ref
from stsbench.host.registry import Registry

KINDS: dict[str, Kind] = {"-e": "encoder", "-s": "similarity", "-b": "benchmark"}


@pytest.fixture
def understood() -> Callable[[str], None]:
    """Assert that a command is one that there is, with options that it has, and that each of its references names what there is."""

    def understand(command: str) -> None:
        words = shlex.split(command)
        parsed = CliRunner().invoke(app, [*words, "--help"])  # options are read first, whatever is asked for
        assert parsed.exit_code == 0, parsed.stderr
        references = [(KINDS[flag], text) for flag, text in pairwise(words) if flag in KINDS]
        assert {kind for kind, _ in references} >= {"encoder", "benchmark"}, command
        registry = Registry.installed()
        for kind, text in references:
            resolved = registry.resolve_encoder(text) if kind == "encoder" else registry.resolve(kind, text)
            assert Ref.parse(str(resolved.ref)) == resolved.ref

    return understand
