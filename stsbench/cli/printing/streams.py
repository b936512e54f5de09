"""Standard output and error as commands write them.

Whatever a name, a label or a plugin's text holds, nothing in it commands the terminal. A character that the encoding lacks is written as
another; a reader that is gone, or was never there, costs no traceback and no exit code; output that cannot be written is an error, as is a
document that was asked for where standard output is closed.
"""

from __future__ import annotations

import codecs
import os
import re
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any, TextIO, cast

from stsbench.contracts.wording import visible
from stsbench.errors import StoreError

_MOVES = re.compile(r"(?:\r|\n|\x1b\[A)*")  # what bars of libraries move the cursor with, a write of its own
_PLAIN = {
    "━": "=", "●": "o", "·": ".", "–": "-", "—": "-", "−": "-", "→": "->", "×": "x", "…": "...",
    "⟨": "<", "⟩": ">", "≥": ">=", "≤": "<=",
}  # fmt: skip


def _plainer(error: UnicodeError) -> tuple[str, int]:
    """What is written for characters that the stream's encoding lacks."""
    if not isinstance(error, UnicodeEncodeError):
        raise error
    lacking = error.object[error.start : error.end]
    return "".join(_PLAIN.get(char, f"<U+{ord(char):04X}>") for char in lacking), error.end


codecs.register_error("stsbench-plainer", _plainer)


class SafeStream:
    """A text stream on which nothing but what this project draws itself (by `drawing`) commands the terminal."""

    def __init__(self, stream: TextIO, *, required: bool) -> None:
        self.stream = stream
        self.required = required  # whether a command fails whose output cannot be written
        if hasattr(stream, "reconfigure"):
            stream.reconfigure(errors="stsbench-plainer")

    def __getattr__(self, name: str) -> Any:
        return getattr(self.stream, name)

    def write(self, text: str) -> int:
        """Write the text with what does not print shown as its code; line ends and tabs stay."""
        if not _MOVES.fullmatch(text):
            bar = "\r" * text.startswith("\r")  # the line of a library's bar
            text = bar + "".join(part if part in "\n\t" else visible(part) for part in re.split(r"([\n\t])", text[len(bar) :]))
        if text:  # typer writes nothing to find out what a stream takes, and swallows what comes of it
            self._try(self.stream.write, text)
        return len(text)

    def writelines(self, lines: list[str]) -> None:
        """Write each of the lines."""
        for line in lines:
            self.write(line)

    def write_bytes(self, content: bytes) -> None:
        """Write the bytes of a file as they are."""
        self.flush()
        self._try(self.stream.buffer.write, content)

    def flush(self) -> None:
        """Have everything written; raises StoreError where it cannot be, and the command needs it."""
        self._try(self.stream.flush)

    def _try(self, action: Any, *given: Any) -> None:
        try:
            action(*given)
        except BrokenPipeError:
            self._give_up()
        except OSError as error:
            self._give_up()
            if self.required:
                raise StoreError(f"the output cannot be written ({error.strerror}); say where there is room for it") from error

    def _give_up(self) -> None:
        """Let what is still to come go nowhere, also what the interpreter writes when it ends."""
        nowhere = os.open(os.devnull, os.O_WRONLY)
        os.dup2(nowhere, self.stream.fileno())
        os.close(nowhere)


def require_output() -> None:
    """Raises StoreError where the process was given no standard output, so that a document would go nowhere without a word."""
    if isinstance(sys.stdout, SafeStream) and sys.__stdout__ is None:
        raise StoreError("the output cannot be written (standard output is closed); say where it goes, or leave out --json")


def write_bytes(content: bytes) -> None:
    """Write the bytes of a file to standard output as they are, whatever its encoding."""
    if isinstance(sys.stdout, SafeStream):
        sys.stdout.write_bytes(content)
    else:
        sys.stdout.flush()
        sys.stdout.buffer.write(content)


class _Drawn(SafeStream):
    """What is drawn on a safe stream goes to the one beneath as it is, and a reader that is gone costs no more than otherwise."""

    def write(self, text: str) -> int:
        """Write the text."""
        self._try(self.stream.write, text)
        return len(text)


def drawing(stream: TextIO) -> TextIO:
    """`stream` for tables and bars whose texts were made visible, and whose styles are terminal commands."""
    return cast("TextIO", _Drawn(stream.stream, required=stream.required)) if isinstance(stream, SafeStream) else stream


@contextmanager
def shown_streams() -> Iterator[None]:
    """Standard output and error as this module describes them, for the rest of the process; at the end all is written."""
    nowhere = os.devnull  # for a process that was given no stream
    sys.stdout, sys.stderr = (
        cast("TextIO", SafeStream(stream or open(nowhere, "w", encoding="utf-8"), required=stream is sys.stdout))  # noqa: PTH123, SIM115
        for stream in (sys.stdout, sys.stderr)
    )
    try:
        yield
    finally:
        sys.stdout.flush()
