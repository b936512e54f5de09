"""The data of a task as mteb has them: from the hub by its own loading, or the same from the files of a mirror."""

from __future__ import annotations

import os
import re
import tempfile
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any, Literal

from stsbench.plugin import DataError
from stsbench_mteb.quiet import quiet, without_vain_tries

if TYPE_CHECKING:
    from mteb import AbsTask

_COMMIT = re.compile(r"(?<![0-9a-f])[0-9a-f]{40}(?![0-9a-f])")
_READERS: Mapping[str, tuple[str, dict[str, Any]]] = {  # how `datasets` reads a file of a mirror, by its ending
    "parquet": ("parquet", {}),
    "jsonl": ("json", {}),
    "csv": ("csv", {"keep_default_na": False}),  # "NA" and "null" are texts
    "tsv": ("csv", {"keep_default_na": False, "sep": "\t"}),
}
_NEXT = "give a mirror folder (--mirror or STSBENCH_MIRROR) that holds it"


@dataclass(frozen=True)
class Loaded:
    """A task with its data, where these came from, and the revision that the hub gave."""

    task: AbsTask
    kind: Literal["hub", "mirror"]
    revision: str | None = None

    def rows(self, split: str, subset: str) -> Any:
        """The rows of a part, as `evaluate` of mteb picks them; raises DataError."""
        data: Any = self.task.dataset
        held = data.get(subset, data) if isinstance(data, Mapping) else {}
        if split not in held:
            raise DataError(f"mteb gives no split {split!r} of {self.task.metadata.name} ({subset}); choose another with split=")
        return held[split]


def loaded(kind: type[AbsTask], subsets: Sequence[str], splits: Sequence[str], mirror: str | None) -> Loaded:
    """The task with its data; raises DataError."""
    task: AbsTask = kind()
    task.hf_subsets = list(subsets)
    path = task.metadata.dataset["path"]
    with quiet():
        if (folder := _mirror(mirror)) is not None and (folder / path).is_dir():
            _from_mirror(task, folder / path, splits)
            return Loaded(task, "mirror")
        if Path(path).exists():
            raise DataError(
                f"the working folder holds {path}, which mteb would take for the data set of that name; run in another, or {_NEXT}"
            )
        return Loaded(task, "hub", _from_hub(task))


def _mirror(option: str | None) -> Path | None:
    given = option or os.environ.get("STSBENCH_MIRROR")
    return Path(given).expanduser() if given else None


def _from_hub(task: AbsTask) -> str | None:
    """Load through mteb, and return the commit of what came; raises DataError where that is not the one that the task pins."""
    name, pinned = task.metadata.name, task.metadata.dataset["revision"]
    given: set[str] = set()
    transform = task.dataset_transform

    def watched(*arguments: Any, **options: Any) -> None:
        given.update(_commits(task.dataset))
        transform(*arguments, **options)

    task.dataset_transform = watched  # type: ignore[method-assign]
    try:
        with without_vain_tries():
            task.load_data()
    except Exception as error:
        offline = ", switch offline mode off" if os.environ.get("HF_HUB_OFFLINE") else ""
        raise DataError(
            f"mteb cannot load the data of {name} from the hub ({type(error).__name__}); try again later{offline}, or {_NEXT}"
        ) from error
    if other := given - {pinned}:
        raise DataError(
            f"{name} was given at revision {min(other)[:8]} where {pinned[:8]} is pinned; load it once with network, or {_NEXT}"
        )
    return pinned if given else None


def _commits(data: Any) -> Iterator[str]:
    """The commits in the addresses and cache folders of the files that rows came from."""
    if isinstance(data, Mapping):
        for inner in data.values():
            yield from _commits(inner)
    elif data is not None:
        places = [*(data.info.download_checksums or {}), *(file["filename"] for file in data.cache_files)]
        named = [commits[-1] for commits in map(_COMMIT.findall, places) if commits]
        yield from named[:1]


def _from_mirror(task: AbsTask, folder: Path, splits: Sequence[str]) -> None:
    """Set the rows of the files as mteb's loading would set those of the hub, and let mteb transform them; raises DataError."""
    metadata = task.metadata
    if type(task).load_data is not _plain_loading() or set(metadata.dataset) - {"path", "revision", "name"}:
        raise DataError(f"{metadata.name} is loaded by code of its own, which asks the hub; leave the mirror out for it")
    folder = folder / name if (name := metadata.dataset.get("name")) else folder
    try:
        if metadata.is_multilingual and not getattr(task, "parallel_subsets", False):
            task.dataset = {subset: _read(folder / subset, splits, metadata.name) for subset in task.hf_subsets}
        else:
            task.dataset = _read(folder, splits, metadata.name)
        task.dataset_transform()
    except DataError:
        raise
    except Exception as error:
        raise DataError(
            f"mteb cannot take the rows of {metadata.name} in the mirror ({type(error).__name__}); use files with the columns of the hub"
        ) from error
    task.data_loaded = True


def _plain_loading() -> Any:
    from mteb import AbsTask

    return AbsTask.load_data


def _read(folder: Path, splits: Sequence[str], name: str) -> Any:
    """The splits that a folder holds, as `datasets` reads their files."""
    from datasets import DatasetDict, load_dataset

    files = {path.name.partition(".")[0]: path for path in sorted(folder.glob("*.*"))} if folder.is_dir() else {}
    files |= {split: path for split in splits for path in folder.glob(f"{split}.*")}  # a split's name may hold a point
    read = DatasetDict()
    for split, path in files.items():
        ending = path.name.removeprefix(f"{split}.").removesuffix(".gz")
        if ending in _READERS:
            builder, options = _READERS[ending]
            with tempfile.TemporaryDirectory() as kept:
                read[split] = load_dataset(builder, data_files=str(path), split="train", cache_dir=kept, keep_in_memory=True, **options)
    if missing := [split for split in splits if split not in read]:
        there = ", ".join(sorted(read)) or "none"
        raise DataError(f"the mirror has no split {missing[0]!r} of {name} (there: {there}); add the file, or leave the mirror out")
    return read
