"""What a checkpoint rests on beside its own files: the base of an adapter, and code of another repository."""

from __future__ import annotations

import json
import tempfile
from collections.abc import Iterable, Iterator, Mapping
from contextlib import contextmanager
from pathlib import Path
from typing import Any

from stsbench.plugin import Location, ModelError, content_digest, resolve_commit
from stsbench_transformers.checkpoints.checkpoint import Checkpoint

ADAPTER = "adapter_config.json"


def find_base(checkpoint: Checkpoint, folder: str = "") -> Checkpoint | None:
    """What the adapter in `folder` of the checkpoint is added to, or None where there is no adapter; raises ModelError.

    The weights beside an adapter, if there are any, are its base, as they are for transformers. Else it is the folder, or the model
    on the hub, that `adapter_config.json` names: at the commit that its revision, or else the main branch, names now.
    """
    settings = checkpoint.read(f"{folder}{ADAPTER}")
    if not settings:
        return None
    if checkpoint.find(f"{folder}config.json") is not None:
        return checkpoint
    named = settings.get("base_model_name_or_path")
    if not isinstance(named, str) or not named:
        raise ModelError(f"{ADAPTER} of model {checkpoint.label!r} names no base_model_name_or_path; add it, or merge the adapter")
    path = Path(named)
    if not path.is_dir() and (path.is_absolute() or named.count("/") > 1 or named.startswith((".", "~"))):
        raise ModelError(
            f"the base {path.name!r} of the adapter {checkpoint.label!r} is not a folder here; write where it is into {ADAPTER}, "
            "as base_model_name_or_path"
        )
    if path.is_dir():
        base = Checkpoint.of(Location(path.resolve().name, path=path.resolve(), digest=content_digest(path.resolve())), None)
    else:
        base = Checkpoint.of(Location(path.name, hub=named), settings.get("revision"))
    if base.find(ADAPTER) is not None:
        raise ModelError(f"the base of the adapter {checkpoint.label!r} is an adapter itself; merge that one into its base first")
    if not base.read("config.json"):
        raise ModelError(f"the base {base.label!r} of the adapter {checkpoint.label!r} has no config.json; give that of a transformer")
    return base


def find_code(checkpoint: Checkpoint, *settings: Mapping[str, Any]) -> Checkpoint | None:
    """The repository of the code that `auto_map` takes from elsewhere (`owner/name--module.Class`), at its present commit, or None."""
    references = [one for found in settings for one in _flat(list((found.get("auto_map") or {}).values())) if "--" in one]
    places = {(repository, module.partition(".")[0]) for repository, _, module in (one.partition("--") for one in references)}
    repositories = {repository for repository, _ in places} - {checkpoint.source}
    if len(repositories) > 1:
        raise ModelError(f"model {checkpoint.label!r} takes code from {' and '.join(sorted(repositories))}; copy it into one folder")
    if not repositories:
        return None
    (repository,) = repositories
    entries = tuple(f"{module}.py" for _, module in sorted(places))
    return Checkpoint(repository, repository, repository, None, resolve_commit(repository, None, entries))


def _flat(value: Any) -> list[str]:
    if isinstance(value, list):
        return [one for part in value for one in _flat(part)]
    return [value] if isinstance(value, str) else []


@contextmanager
def assembled(checkpoint: Checkpoint, folders: Iterable[str], base: Checkpoint | None) -> Iterator[tuple[str, str | None]]:
    """The folder or hub id, and the commit, that a library loads: for an adapter, a folder of links whose base is the one decided on.

    Left to themselves, the libraries would read the base's main branch, whatever it holds by then.
    """
    if base is None:
        yield checkpoint.source, checkpoint.commit
        return
    with tempfile.TemporaryDirectory(prefix="stsbench-") as name:
        folder = Path(name) / "model"
        _link(checkpoint, ("", *folders), folder)
        place = folder
        if base is not checkpoint:
            place = Path(name) / "base"
            _link(base, ("",), place)
        for path in folder.rglob(ADAPTER):
            settings = json.loads(path.read_text(encoding="utf-8"))
            path.unlink()
            path.write_text(json.dumps({**settings, "base_model_name_or_path": str(place), "revision": None}), encoding="utf-8")
        yield str(folder), None


def _link(checkpoint: Checkpoint, folders: Iterable[str], folder: Path) -> None:
    for name in checkpoint.loaded(folders):
        if (path := checkpoint.find(name)) is not None:
            target = folder / name
            target.parent.mkdir(parents=True, exist_ok=True)
            target.symlink_to(path.resolve())
