"""Writing so that a reader, or a run that is killed, sees the old bytes or the new ones; one writer at a time."""

from __future__ import annotations

import errno
import os
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from uuid import uuid4

from stsbench.contracts.reading import broken_link
from stsbench.errors import StoreError

_FORBIDDEN = "you may not write there; choose another folder or change its permissions"
_NO_LOCKS = "the file system offers no locks, without which two runs could lose each other's results; choose a folder on a local disk"
_NO_FOLDER = "a part of that path is a file, not a folder; choose another folder"
_NEXT_STEP = {
    errno.ENOSPC: "the disk is full; free some space and run again, what was finished before is kept",
    errno.EDQUOT: "your disk quota is used up; free some space and run again, what was finished before is kept",
    errno.EROFS: "the disk is read-only; choose a folder that you may write to",
    errno.EACCES: _FORBIDDEN,
    errno.EPERM: _FORBIDDEN,
    errno.ENOLCK: _NO_LOCKS,
    errno.EOPNOTSUPP: _NO_LOCKS,
    errno.ENOTDIR: _NO_FOLDER,
    errno.EEXIST: _NO_FOLDER,
    errno.ENAMETOOLONG: "the name is too long for this disk; give the encoder or benchmark a shorter label",
}


def write_atomic(path: Path, data: bytes) -> None:
    """Replace the file at `path` by `data`, creating its folders; raises StoreError and leaves the old file and no temporary one.

    The bytes go to a temporary file in the same folder, are synced, and take the name in one step; then the folder is synced.
    """
    temporary = path.with_name(f".{path.name}.{uuid4().hex[:12]}.tmp")
    try:
        path.parent.mkdir(parents=True, exist_ok=True)
        try:
            with temporary.open("xb") as file:
                file.write(data)
                file.flush()
                os.fsync(file.fileno())
            os.replace(temporary, path)  # noqa: PTH105  what is replaced is part of the contract, and of its tests
        except BaseException:
            temporary.unlink(missing_ok=True)
            raise
        _sync_folder(path.parent)
    except OSError as error:
        raise unwritable(path, error) from error


def unwritable(path: Path, error: OSError) -> StoreError:
    """The error for a file that cannot be written or removed, with what to do about it."""
    if (link := broken_link(path)) is not None:
        return StoreError(f"cannot write {path}: {link} is a link to what is not there; make that, or choose another folder")
    reason = _NEXT_STEP.get(error.errno or 0, f"{error.strerror or error}; choose another folder")
    return StoreError(f"cannot write {path}: {reason}")


def _sync_folder(folder: Path) -> None:
    if os.name == "nt":  # a folder cannot be opened there
        return
    handle = os.open(folder, os.O_RDONLY)
    try:
        os.fsync(handle)
    finally:
        os.close(handle)


def remove(path: Path) -> None:
    """Remove a file, which may be gone already; raises StoreError."""
    try:
        path.unlink(missing_ok=True)
    except OSError as error:
        raise unwritable(path, error) from error


PATIENCE = 120.0  # seconds to wait for another run that writes the same folder; one merge takes well under one
OWN = ".stsbench"  # a folder that git passes over, as the caches of other tools


@contextmanager
def locked(root: Path) -> Iterator[None]:
    """Hold the one lock on the results under `root`, in which it lies. Raises StoreError.

    The file stays: removing one that others wait for would give each of them a lock of its own. On a network folder the lock holds
    between machines where the file system passes locks on, as NFS 4 and SMB do.
    """
    import filelock

    folder = root / OWN
    lock = filelock.FileLock(folder / "lock", timeout=PATIENCE)
    try:
        folder.mkdir(parents=True, exist_ok=True)
        if not (ignored := folder / ".gitignore").exists():
            ignored.write_text("*\n", encoding="ascii")
        lock.acquire()
    except filelock.Timeout as error:
        raise StoreError(f"another run has been writing {root} for {PATIENCE:.0f} seconds; wait for it to finish, or stop it") from error
    except OSError as error:
        raise unwritable(root, error) from error
    try:
        yield
    finally:
        lock.release()


def require_usable(root: Path) -> None:
    """See that results can be kept under `root`: that it can be made, written to and locked. Raises StoreError, and leaves no file."""
    probe = root / f".{uuid4().hex[:12]}.tmp"
    try:
        root.mkdir(parents=True, exist_ok=True)
        probe.touch()
        probe.unlink()
    except OSError as error:
        raise unwritable(root, error) from error
    with locked(root):
        pass
