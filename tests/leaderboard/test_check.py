import pytest

from stsbench.leaderboard.check import compare


def test_equal_files_give_no_line() -> None:
    assert compare({"a": b"x\n"}, {"a": b"x\n"}) == []
    assert compare({}, {}) == []


def test_differing_lines_are_shown_with_their_file() -> None:
    lines = compare({"board.csv": b"head\n0.5\ntail\n"}, {"board.csv": b"head\n0.4\ntail\n"})
    assert lines == ["--- board.csv (file)", "+++ board.csv (evidence)", "@@ -2 +2 @@", "-0.4", "+0.5"]


def test_missing_and_unexpected_files_are_named() -> None:
    assert compare({"a": b"", "b": b""}, {"a": None, "c": b""}) == [
        "a: missing; build the board to write it",
        "b: missing; build the board to write it",
        "c: no writer of this board makes it; delete it",
    ]


@pytest.mark.parametrize(
    "content",
    [
        b"x\r\ny\n",
        b"x\ny",
        b"x\ny\n\n",
        b"\xef\xbb\xbfx\ny\n",
        b"x\xff\ny\n",
        b"",
        b"x\n\x1b[31my\n",
        "x\u202e\ny\n".encode(),
        b"x\x0by\n",
        b"x\\ny\n",
    ],
)
def test_any_other_byte_is_drift_and_shows_on_lines_that_print(content: bytes) -> None:
    lines = compare({"a": b"x\ny\n"}, {"a": content})
    assert lines
    assert all(line.isprintable() for line in lines)


def test_bytes_whose_escapes_read_the_same_still_differ() -> None:
    assert compare({"a": b"\\xff"}, {"a": b"\xff"}) == ["a: its bytes differ, though its text reads the same"]
