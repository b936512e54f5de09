"""A mirror folder in the place of the hub: `<mirror>/<owner>/<name>/[<subset>/]<split>.<ext>`. It is only read."""

from __future__ import annotations

import os
from pathlib import Path

from stsbench.builtin.benchmarks.readers.reading import FORMS, read_table
from stsbench.builtin.benchmarks.readers.unpacking import ENDINGS
from stsbench.contracts.reading import user_path
from stsbench.errors import DataError

from .tables.table import Table

_ENDINGS = {f".{form}{packed}": form for form in FORMS for packed in ("", *ENDINGS)}


class SubsetError(DataError):
    """The data set has no subset (hub configuration) of that name; its rows may still be found by a column."""


def mirror_of(option: str | None) -> Path | None:
    """The mirror folder that an option, or else STSBENCH_MIRROR, names; raises DataError where it is no folder."""
    given = option or os.environ.get("STSBENCH_MIRROR")
    if not given:
        return None
    folder = user_path(given, "the mirror that --mirror or STSBENCH_MIRROR names")
    if not folder.is_dir():
        raise DataError("the mirror that --mirror or STSBENCH_MIRROR names is not a folder; correct it, or leave it out to use the hub")
    return folder


def read_mirror(mirror: Path, repository: str, config: str | None, split: str) -> Table | None:
    """The rows of one split in the mirror, or None where the mirror does not hold the repository."""
    folder = mirror / repository
    if not folder.is_dir():
        return None
    if config is not None and config != "default":
        folder = folder / config
        if not folder.is_dir():
            there = ", ".join(sorted(path.name for path in folder.parent.iterdir() if path.is_dir())) or "none"
            raise SubsetError(f"{repository} in the mirror has no subset {config!r} (there: {there}); add the folder, or choose another")
    files = _splits(folder)
    matching = [(path, form) for name, path, form in files if name == split]
    if len(matching) > 1:
        raise DataError(f"{repository} in the mirror has {len(matching)} files for the split {split!r}; keep one of them")
    if not matching:
        there = ", ".join(sorted({name for name, _, _ in files})) or "none"
        raise DataError(f"{repository} in the mirror has no split {split!r} (there: {there}); add the file, or choose another split")
    return read_table(*matching[0], f"{repository} ({split}) in the mirror")


def _splits(folder: Path) -> list[tuple[str, Path, str]]:
    return [
        (path.name.removesuffix(ending), path, form)
        for path in sorted(folder.iterdir())
        for ending, form in _ENDINGS.items()
        if path.name.endswith(ending) and path.is_file()
    ]
