"""Where the files of a target are, and a hash of their content."""

from __future__ import annotations

import re
from importlib.util import find_spec
from pathlib import Path

from stsbench.contracts.components.options import Location
from stsbench.contracts.fingerprint import content_digest
from stsbench.contracts.reading import user_path
from stsbench.contracts.ref import escape, unescape
from stsbench.errors import DataError, ModelError, RefError

_PATH_STARTS = ("/", "./", "../", "~")


def locate(raw: str, *, file: bool) -> tuple[Location, str]:
    """The location that a raw target names, and its canonical text, which holds a content hash instead of a path.

    Targets starting with `/ ./ ../ ~` are paths, `pkg:<import name>/<folder>` is a folder of an installed package, all else a hub
    id; with `file`, every target is a path, and its name is kept out of the canonical text because it may be private.
    Raises ModelError (or DataError for `file`) where nothing is there.
    """
    text = unescape(raw)
    if text.startswith("pkg:") and not file:
        path, label = _in_package(text), text
        return Location(label, path=path, digest=content_digest(path)), escape(text)
    if file or text.startswith(_PATH_STARTS) or text in (".", ".."):
        if file and is_hash(text):
            raise RefError(f"{text} is the hash of a private file, and does not say where the file is; name its path after the colon")
        what = "the path that the benchmark reference names" if file else repr(text)
        return _on_disk(user_path(text, what), file)
    if text.count("/") > 1 or "\\" in text or text.endswith("/"):
        raise RefError(f"{text!r} is neither a hub id (owner/name) nor a path; start a path with ./, ../, / or ~")
    return Location(text.rpartition("/")[2], hub=text), escape(text)


def is_hash(target: str | None) -> bool:
    """Whether a target is what canonical text holds in the place of a private file's path, which it cannot be found by."""
    return target is not None and re.fullmatch(r"~[0-9a-f]{8}", target) is not None


def _on_disk(path: Path, file: bool) -> tuple[Location, str]:
    if not path.exists():
        if file:
            raise DataError("the file that the benchmark reference names does not exist; check the path after the colon")
        raise ModelError(f"there is no file or folder {path}; give one that exists, or a hub id without a leading ./ or /")
    if file and path.is_dir():
        raise DataError("the path that the benchmark reference names is a folder; give a file")
    if not path.is_file() and not path.is_dir():
        what = "the path that the benchmark reference names" if file else str(path)
        raise (DataError if file else ModelError)(f"{what} is a device, a pipe or a socket; give a file")
    path = path.resolve()
    try:
        content = content_digest(path)
    except OSError as error:
        kind = DataError if file else ModelError
        raise kind(
            f"a file of {'the benchmark' if file else path} cannot be read ({error.strerror}); check it, a broken link perhaps"
        ) from error
    label = "" if file else path.name
    return Location(label, path=path, digest=content), f"{escape(label)}~{content[:8]}"


def _in_package(text: str) -> Path:
    package, _, inner = text.removeprefix("pkg:").partition("/")
    try:
        spec = find_spec(package) if package.isidentifier() else None
    except (ImportError, ValueError):
        spec = None
    roots = list(spec.submodule_search_locations or []) if spec else []
    if not roots:
        raise ModelError(f"{text!r} names a folder of the Python package {package!r}, which is not installed; install it, or give a path")
    root = Path(roots[0]).resolve()
    path = (root / inner).resolve()
    if not path.is_relative_to(root):
        raise RefError(f"{text!r} leads out of the package; name a folder inside it")
    if not path.exists():
        raise ModelError(f"the package {package!r} has no folder {inner!r}; check the part after the slash")
    return path
