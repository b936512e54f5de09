import errno
import os
import signal
import subprocess
import sys
from pathlib import Path

import pytest

from stsbench.errors import StoreError
from stsbench.stores.atomic import require_usable, write_atomic


def test_writes_and_replaces_and_leaves_no_temporary_file(tmp_path: Path) -> None:
    path = tmp_path / "a" / "b" / "file.json"
    write_atomic(path, b"one")
    write_atomic(path, b"two")
    assert path.read_bytes() == b"two"
    assert [each.name for each in path.parent.iterdir()] == ["file.json"]


def test_permissions_are_those_of_any_new_file(tmp_path: Path) -> None:
    (tmp_path / "plain").write_bytes(b"")
    write_atomic(tmp_path / "written", b"")
    assert (tmp_path / "written").stat().st_mode == (tmp_path / "plain").stat().st_mode


def test_a_parent_that_is_a_file_is_named(tmp_path: Path) -> None:
    (tmp_path / "results").write_text("not a folder")
    with pytest.raises(StoreError, match=r"cannot write .*results.*: a part of that path is a file, not a folder; choose another folder"):
        write_atomic(tmp_path / "results" / "x" / "file.json", b"data")


@pytest.mark.parametrize(
    ("number", "sentence"),
    [
        (errno.ENOSPC, "the disk is full; free some space"),
        (errno.EROFS, "the disk is read-only; choose a folder"),
        (errno.EACCES, "you may not write there"),
        (errno.EIO, "Input/output error; choose another folder"),
    ],
)
def test_what_the_system_refuses_at_the_last_step(tmp_path: Path, monkeypatch: pytest.MonkeyPatch, number: int, sentence: str) -> None:
    """Simulated: os.replace fails as on such a disk (tests may run as root, whom permissions do not stop)."""
    path = tmp_path / "file.json"
    path.write_bytes(b"old")

    def refuse(*_: object) -> None:
        raise OSError(number, os.strerror(number))

    monkeypatch.setattr(os, "replace", refuse)
    with pytest.raises(StoreError, match=sentence):
        write_atomic(path, b"new")
    assert path.read_bytes() == b"old"
    assert [each.name for each in tmp_path.iterdir()] == ["file.json"]


@pytest.mark.skipif(not Path("/dev/full").exists(), reason="no /dev/full on this system")
def test_a_disk_that_fills_while_writing(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """The temporary file is made, but its bytes go to /dev/full, where the kernel itself answers ENOSPC."""
    opened = Path.open

    def onto_full_disk(self: Path, mode: str = "r", *rest: object) -> object:
        if mode == "xb":
            opened(self, "xb").close()
            return opened(Path("/dev/full"), "wb", 0)
        return opened(self, mode)

    path = tmp_path / "file.json"
    path.write_bytes(b"old")
    monkeypatch.setattr(Path, "open", onto_full_disk)
    with pytest.raises(StoreError, match="the disk is full"):
        write_atomic(path, b"new")
    monkeypatch.undo()
    assert path.read_bytes() == b"old"
    assert [each.name for each in tmp_path.iterdir()] == ["file.json"]


@pytest.mark.skipif(os.name == "nt", reason="no SIGKILL")
def test_killed_between_temporary_file_and_replacement_the_old_file_stands(tmp_path: Path) -> None:
    path = tmp_path / "file.json"
    path.write_bytes(b"old")
    program = (
        "import os, signal, sys; from pathlib import Path; from stsbench.stores.atomic import require_usable, write_atomic\n"
        "os.replace = lambda *_: os.kill(os.getpid(), signal.SIGKILL)\n"
        "write_atomic(Path(sys.argv[1]), b'new')"
    )
    assert subprocess.run([sys.executable, "-c", program, str(path)], check=False).returncode == -signal.SIGKILL
    assert path.read_bytes() == b"old"
    left = [each for each in tmp_path.iterdir() if each != path]
    assert [each.read_bytes() for each in left] == [b"new"]
    write_atomic(path, b"newer")
    assert path.read_bytes() == b"newer"


def test_an_interrupt_removes_the_temporary_file(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    def interrupt(*_: object) -> None:
        raise KeyboardInterrupt

    monkeypatch.setattr(os, "replace", interrupt)
    with pytest.raises(KeyboardInterrupt):
        write_atomic(tmp_path / "file.json", b"new")
    assert list(tmp_path.iterdir()) == []


@pytest.mark.parametrize("target", ["nowhere", "link"])
def test_a_link_that_leads_nowhere_is_no_file_in_the_way(tmp_path: Path, target: str) -> None:
    (tmp_path / "link").symlink_to(target)
    said = r"link is a link to what is not there; make that, or choose another folder$"
    with pytest.raises(StoreError, match=said):
        write_atomic(tmp_path / "link" / "file", b"new")
    with pytest.raises(StoreError, match=said):
        require_usable(tmp_path / "link")
    assert [path.name for path in tmp_path.iterdir()] == ["link"]


def test_what_cannot_be_looked_for_is_told_as_what_the_system_says_of_it(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """A name that is too long, or a folder that may not be looked into, is no link that leads nowhere."""
    with pytest.raises(StoreError, match="shorter label"):
        require_usable(tmp_path / ("a" * 300))

    def forbidden(*_: object, **__: object) -> None:
        raise PermissionError(errno.EACCES, "Permission denied")

    for name in ("mkdir", "lstat", "stat"):
        monkeypatch.setattr(Path, name, forbidden)
    with pytest.raises(StoreError, match="you may not write there"):
        require_usable(tmp_path / "closed" / "folder")
