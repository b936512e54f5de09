"""What commands write: nothing in it commands the terminal, and a stream that cannot take it is no traceback."""

from __future__ import annotations

import io
import json
import os
import subprocess
import sys
from pathlib import Path
from typing import TextIO, cast

import pytest
import typer
from rich.console import Console

from stsbench.cli.app import _commands, app
from stsbench.cli.line.guard import print_json
from stsbench.cli.printing.layout import interval
from stsbench.cli.printing.streams import SafeStream, drawing
from stsbench.contracts.wording import printable_json, visible

HOSTILE = "a\x1b[31mred\x9b0m\r\x00\u202eb"
FAMILY, PERSIAN = "\N{MAN}\u200d\N{WOMAN}", "می\u200cخواهم"  # joiners are spelling


def shown(text: str, encoding: str = "utf-8") -> str:
    raw = io.BytesIO()
    stream = SafeStream(io.TextIOWrapper(raw, encoding=encoding), required=True)
    stream.write(text)
    stream.flush()
    return raw.getvalue().decode(encoding)


def test_what_commands_a_terminal_is_shown_as_its_code() -> None:
    assert shown(f"{HOSTILE}\n\tnext\n") == "a⟨U+001B⟩[31mred⟨U+009B⟩0m⟨U+000D⟩⟨U+0000⟩⟨U+202E⟩b\n\tnext\n"
    assert shown(FAMILY + PERSIAN) == FAMILY + PERSIAN == visible(FAMILY + PERSIAN)


def test_bars_of_libraries_may_return_to_the_start_of_their_line() -> None:
    assert shown("\r 50%|###") == "\r 50%|###"
    assert shown("\n\x1b[A") == "\n\x1b[A"
    assert shown("\r50%\x1b[2J\r") == "\r50%⟨U+001B⟩[2J⟨U+000D⟩"


@pytest.mark.parametrize(("encoding", "bar"), [("utf-8", "··━●━··"), ("cp1252", "··=o=··"), ("ascii", "..=o=..")])
def test_characters_that_the_encoding_lacks_have_others(encoding: str, bar: str) -> None:
    assert shown(interval(0.3, 0.5, 0.7, (0.0, 1.0), 7), encoding) == bar
    assert len(bar) == 7


def test_json_reads_the_same_whatever_the_text_and_the_encoding(
    capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    document = {"label": HOSTILE + FAMILY + "é\U000e0001"}
    text = printable_json(json.dumps(document, indent=1, ensure_ascii=False))
    assert json.loads(text) == document
    assert all(char == "\n" or visible(char) == char for char in text)
    monkeypatch.setattr(sys, "stdout", SafeStream(io.TextIOWrapper(raw := io.BytesIO(), encoding="cp1252"), required=True))
    print_json(document)
    sys.stdout.flush()
    assert json.loads(raw.getvalue().decode("ascii")) == document


def test_tables_draw_on_the_stream_beneath() -> None:
    beneath = io.TextIOWrapper(raw := io.BytesIO(), encoding="utf-8")
    drawn = drawing(cast("TextIO", SafeStream(beneath, required=True)))
    drawn.write("\x1b[1mbold")
    drawn.flush()
    assert raw.getvalue() == b"\x1b[1mbold"
    assert drawing(beneath) is beneath


def test_a_table_whose_reader_is_gone_ends_nothing() -> None:
    """A pipe into `head` is closed before the table of a run is drawn, whose exit code says how its cells went."""
    reading, writing = os.pipe()
    os.close(reading)
    with os.fdopen(writing, "w", encoding="utf-8") as pipe:
        console = Console(file=drawing(cast("TextIO", SafeStream(pipe, required=True))))
        console.print("a table\n" * 10_000)
        console.print("what follows it")


@pytest.mark.parametrize(
    ("redirection", "code", "said"),
    [
        ("> /dev/full", 5, "error: the output cannot be written (No space left on device); say where there is room for it\n"),
        (">&-", 0, ""),
        ("| true", 0, ""),
        ("2> /dev/full", 0, ""),
        (">&- 2>&-", 0, ""),
    ],
)
@pytest.mark.parametrize("command", ["list encoders", "plan -e hashing --json", "--help"])
def test_streams_that_take_nothing(command: str, redirection: str, code: int, said: str) -> None:
    if "--json" in command and ">&-" in redirection.split():  # a document that was asked for goes nowhere
        closed = "error: the output cannot be written (standard output is closed); say where it goes, or leave out --json\n"
        code, said = 5, closed * ("2>&-" not in redirection)
    if not Path("/dev/full").exists():
        pytest.skip("this system has no /dev/full")
    line = f"set -o pipefail; '{sys.executable}' -m stsbench {command} {redirection}"
    environment = {name: value for name, value in os.environ.items() if name != "PYTHONIOENCODING"}
    found = subprocess.run(["bash", "-c", line], capture_output=True, text=True, check=False, timeout=120, env=environment)
    assert (found.returncode, found.stderr) == (code, said)


def test_a_document_that_would_go_nowhere_is_refused_by_every_command_before_any_work(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(sys, "__stdout__", None)
    monkeypatch.setattr(sys, "stdout", SafeStream(io.TextIOWrapper(written := io.BytesIO(), encoding="utf-8"), required=True))
    every = dict(_commands(typer.main.get_command(app)))
    commands = {name: command for name, command in every.items() if "json" in {option.name for option in command.params}}
    assert {"run", "compare", "score", "choose.status", "leaderboard.check", "audit.metrics", "cache.info", "show"} <= set(commands)
    for name, command in commands.items():
        with command.make_context(name, [], resilient_parsing=True), pytest.raises(typer.Exit) as ended:
            command.callback(**dict.fromkeys((option.name for option in command.params), None) | {"json": True})
        assert ended.value.exit_code == 5, name
    sys.stdout.flush()
    assert written.getvalue() == b""


def test_a_failure_has_its_exit_code_when_nobody_reads_it() -> None:
    line = f"set -o pipefail; '{sys.executable}' -m stsbench show no-such-name 2>&- | true"
    assert subprocess.run(["bash", "-c", line], check=False, timeout=120).returncode == 2


def test_texts_from_a_closed_standard_input_are_asked_for(monkeypatch: pytest.MonkeyPatch) -> None:
    from stsbench.cli import matrix
    from stsbench.errors import UsageError

    monkeypatch.setattr("sys.stdin", None)
    with pytest.raises(UsageError, match="name texts, a file with --file"):
        matrix._texts([], None)
