"""Text, TOML and JSON from other editors: what is no part of the text, and what is no document."""

from __future__ import annotations

import os
from pathlib import Path

import pytest

from stsbench.contracts.reading import parse_json, read_bytes, read_text, read_toml

MARK = b"\xef\xbb\xbf"


def test_a_mark_and_other_line_ends_are_no_part_of_a_text(tmp_path: Path) -> None:
    path = tmp_path / "file"
    path.write_bytes(MARK + b"a = 1\r\nb = [\r\n2]\r\n")
    assert read_text(path) == "a = 1\nb = [\n2]\n"
    assert read_toml(path) == {"a": 1, "b": [2]}
    assert parse_json(MARK + b'{"a":\r\n "\xc3\xa9\\r\\n"}\r\n') == {"a": "\xe9\r\n"}


@pytest.mark.parametrize(
    ("document", "message"),
    [
        (b'{"a": 1, "a": 1}', "the key 'a' is given twice in one object"),
        (b'[{"b": {"c": 1, "d": 2, "c": 3}}]', "the key 'c' is given twice in one object"),
        (b'{"a": NaN}', "it holds NaN, which is no number"),
        (b'{"a": -Infinity}', "it holds -Infinity, which is no number"),
        (MARK + MARK + b"{}", "Unexpected UTF-8 BOM"),
        (b"\xff{}", "can't decode byte 0xff"),
    ],
)
def test_what_is_no_document(document: bytes, message: str) -> None:
    with pytest.raises(ValueError, match=message):
        parse_json(document)


def test_what_may_never_end_is_not_read(tmp_path: Path) -> None:
    if not hasattr(os, "mkfifo"):
        pytest.skip("this system has no named pipes")
    os.mkfifo(tmp_path / "pipe")
    for read in (read_text, read_bytes):
        with pytest.raises(OSError, match="a device, a pipe or a socket"):
            read(tmp_path / "pipe")
        with pytest.raises(IsADirectoryError):
            read(tmp_path)
