"""The options that commands share: listed once, and made into a session in one place."""

from __future__ import annotations

import inspect
from pathlib import Path

import pytest
import typer

from stsbench.api.session import Session
from stsbench.cli.line.opening import OPTIONS, Opened, session_from
from stsbench.contracts.events import Warned


@session_from(*OPTIONS)
def command(folder: str, *, opened: Opened, json: bool = False) -> tuple[str, Session, bool]:
    """A command double."""
    with opened() as session:
        session.listen(Warned(f"opened for {folder}"))
        return folder, session, json


def called(**given: object) -> Session:
    return command(folder="board", json=True, **{name: option.default for name, option in OPTIONS.items()} | given)[1]


def test_a_command_has_the_options_in_place_of_what_opens() -> None:
    assert list(inspect.signature(command).parameters) == ["folder", *OPTIONS, "json", "verbose"]


def test_a_session_is_what_the_options_say(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    setup = called(
        mirror=tmp_path, device="cpu", batch_size=4, memory="2K", allow_network=["Remote.test:443"], cache_dir=tmp_path, quiet=True
    ).setup
    assert dict(setup.execution) == {"mirror": str(tmp_path), "device": "cpu", "batch_size": 4}
    assert (setup.memory, setup.allow_network, setup.cache, setup.strict) == (2000, frozenset({"remote.test"}), tmp_path, False)
    assert called(cache_dir=tmp_path, no_cache=True).setup.cache is None
    assert called().setup.cache is not None
    with pytest.raises(typer.Exit):
        called(memory="much")
    assert "error: 'much' is no size" in capsys.readouterr().err


def test_warnings_are_shown_also_of_a_quiet_command(capsys: pytest.CaptureFixture[str]) -> None:
    called(quiet=True)
    assert capsys.readouterr() == ("", "warning: opened for board\n")
