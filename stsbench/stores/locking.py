"""One writer at a time in a folder of results, whichever machine, user or cache folder a run has."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from stsbench.errors import StoreError
from stsbench.stores.atomic import require_writable, unwritable

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
    """See that results can be kept under `root`: that it can be made, written to and locked. Raises StoreError."""
    require_writable(root)
    with locked(root):
        pass
