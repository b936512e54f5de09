"""What is kept in the cache folder between runs, and taken only as it was written: a bit that flipped there would change vectors."""

from __future__ import annotations

import json
from collections.abc import Iterable, Mapping
from pathlib import Path
from typing import Any
from uuid import uuid4

import xxhash

_STEP = 1 << 20
_SUM, _FILES = "sum", "files"  # of all else in the document, and of the files beside it


def write_kept(path: Path, values: Mapping[str, object], files: Iterable[str] = ()) -> None:
    """Write values as JSON, the old file or the new one at any time, with sums of them and of `files` beside it; raises OSError."""
    document: dict[str, object] = {**values, **_of_files(path, files)}
    temporary = path.with_name(f".{path.name}.{uuid4().hex[:12]}.tmp")
    path.parent.mkdir(parents=True, exist_ok=True)
    try:
        temporary.write_text(json.dumps({**document, _SUM: _sum(document)}), encoding="utf-8")
        temporary.replace(path)
    finally:
        temporary.unlink(missing_ok=True)


def read_kept(path: Path) -> dict[str, Any]:
    """The values; raises ValueError where the document, or a file beside it, is not as it was written, OSError where one is not there."""
    document = json.loads(path.read_text(encoding="utf-8"))
    if not isinstance(document, dict) or document.pop(_SUM, None) != _sum(document):
        raise ValueError(f"{path.name} is not as it was written")
    files = document.pop(_FILES, {})
    if files and _of_files(path, files) != {_FILES: files}:
        raise ValueError(f"a file beside {path.name} is not as it was written")
    return document


def _of_files(path: Path, files: Iterable[str]) -> dict[str, dict[str, str]]:
    sums = {name: _sum_of_file(path.with_name(name)) for name in files}
    return {_FILES: sums} if sums else {}


def _sum(document: Mapping[str, object]) -> str:
    return xxhash.xxh3_64_hexdigest(json.dumps(document, sort_keys=True).encode())


def _sum_of_file(path: Path) -> str:
    state, block = xxhash.xxh3_64(), memoryview(bytearray(_STEP))
    with path.open("rb", buffering=0) as stream:
        while held := stream.readinto(block):
            state.update(block[:held])
    return state.hexdigest()
