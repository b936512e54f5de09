"""Exporting a board, or a folder of results, in a form that other programs read."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path

from stsbench.builtin.peers import PEERS
from stsbench.contracts.boards.board import BoardSpec, SystemSpec
from stsbench.contracts.records import RecordFile
from stsbench.errors import StoreError, UnknownName, UsageError
from stsbench.evidence.folder import BoardFolder
from stsbench.evidence.spec import SPEC
from stsbench.host.registry import Registry
from stsbench.leaderboard.rendering import rendered
from stsbench.stores.atomic import write_atomic


def export(folder: BoardFolder, form: str, *, registry: Registry | None = None) -> dict[str, bytes]:
    """The files, by name, of the board or results in `folder` in the form `form`: a writer's reference, or one of `PEERS`.

    Raises UsageError for an unknown form, and StoreError where there are no results, or none that the form has a place for.
    """
    files = folder.results.files
    if not files:
        raise StoreError(f"there are no results in {folder.path}; name a board's folder, or one that `stsbench run --results` wrote")
    if form in PEERS:
        if exported := PEERS[form](files):
            return exported
        scored = ", scored with cosine" if form == "mteb" else ""
        raise StoreError(
            f"nothing in {folder.path} has a place in the form {form!r}, which takes public tasks on their pinned data{scored}; "
            "export a board of such tasks, or choose another form"
        )
    try:
        resolved = (registry or Registry.installed()).resolve("writer", form)
    except UnknownName as error:
        raise UnknownName(f"{error}; beside the writers there are {', '.join(PEERS)}") from error
    return rendered(resolved, folder.board(spec=None if (folder.path / SPEC).exists() else _spec(folder.path, files)))


def _spec(folder: Path, files: Sequence[RecordFile]) -> BoardSpec:
    """A board of plain results, which names what is there."""
    protocols = sorted({file.benchmark.protocol for file in files})
    if len(protocols) > 1:
        raise UsageError(
            f"the results in {folder} are of the protocols {', '.join(protocols)}, which one table must not mix; keep them apart"
        )
    systems = tuple(SystemSpec(encoder=ref) for ref in sorted({file.encoder.ref for file in files}))
    names = tuple(sorted({file.benchmark.name for file in files}))
    return BoardSpec(name="results", title="Results", benchmarks=names, protocol=protocols[0], system=systems)


def write_export(files: dict[str, bytes], output: Path) -> list[Path]:
    """Write exported files and return where: one file as `output` itself, unless that is a folder; several into that folder."""
    single = len(files) == 1 and not output.is_dir() and output.suffix
    if not single and output.is_file():
        raise UsageError(f"{output} is a file, and this form has {len(files)} files; name a folder")
    places = {output if single else output / name: content for name, content in files.items()}
    for place, content in places.items():
        write_atomic(place, content)
    return list(places)
