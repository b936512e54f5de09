"""The folder of a board: what `board.toml` asks for, the evidence beside it, and the files that follow from both."""

from __future__ import annotations

from collections.abc import Callable, Collection, Mapping
from functools import cached_property
from pathlib import Path
from typing import Any, TypeVar

from pydantic import BaseModel

from stsbench.contracts.boards.board import BoardSpec, Leaderboard
from stsbench.contracts.boards.published import Figure
from stsbench.contracts.components.protocols import Writer
from stsbench.contracts.identity import SystemId
from stsbench.contracts.reading import name_of, read_bytes
from stsbench.errors import MissingExtra, StoreError
from stsbench.evidence.spec import SPEC, development_benchmarks, load_spec
from stsbench.evidence.systems import KeptSystem, kept_systems
from stsbench.host.registry import Registry
from stsbench.host.resolved import Resolved, blame
from stsbench.leaderboard.build import build
from stsbench.leaderboard.columns import measured_by
from stsbench.leaderboard.discreet import FILES, names_of_files, without_paths
from stsbench.leaderboard.published import with_published
from stsbench.leaderboard.rendering import rendered
from stsbench.stores.atomic import remove, write_atomic
from stsbench.stores.documents import DIAGRAMS, DOCUMENTS, PUBLISHED, STATISTICS, Document
from stsbench.stores.results import ResultsFolder

T = TypeVar("T", bound=BaseModel)
A = TypeVar("A")
Warn = Callable[[str], None]


class BoardFolder:
    """A board at `path`: its results, and those on the `development` splits that its `selected` tables choose on.

    What lies there is parsed once, and again only where its bytes are others.
    """

    def __init__(self, path: Path) -> None:
        self.path = path
        self.results = ResultsFolder(path)
        self.development = ResultsFolder(path / "development")
        self._found: dict[object, tuple[object, Any]] = {}

    @cached_property
    def spec(self) -> BoardSpec:
        """What the board compares; raises UsageError as `load_spec` does."""
        return load_spec(self.path)

    @property
    def folders(self) -> tuple[ResultsFolder, ...]:
        """The results that the board rests on."""
        return (self.results, self.development) if development_benchmarks(self.spec) else (self.results,)

    @property
    def systems(self) -> list[KeptSystem]:
        """Every system of the results; raises UsageError where there is none, StoreError as `measured_by` does."""
        return self.systems_in(self.results)

    def systems_in(self, results: ResultsFolder) -> list[KeptSystem]:
        """The same of one of the board's `folders`; found anew only where the records are others."""

        def found() -> list[KeptSystem]:
            kept = kept_systems(results, self.spec.primary, self.spec.main)
            if results is self.results:
                measured_by(self.spec, [file.benchmark for file in results.files])
            return kept

        return self._once(results.root, results.files, found)

    def _once(self, what: object, state: object, find: Callable[[], A]) -> A:
        """What is found, anew only where the state that it is found in is another."""
        if (known := self._found.get(what)) is None or known[0] != state:
            known = self._found[what] = state, find()
        value: A = known[1]
        return value

    @property
    def compared(self) -> frozenset[SystemId]:
        """The systems that are ranked."""
        files = self.results.files
        return self._once("compared", files, lambda: frozenset(row.system for row in build(self.spec, files).compared))

    @property
    def published(self) -> tuple[Figure, ...]:
        """The figures that others published, where there are any."""
        kept = self.read(PUBLISHED)
        return kept.figures if kept else ()

    def bytes_of(self, name: str) -> bytes | None:
        """The bytes of a file in the folder, None where there is none; raises StoreError."""
        try:
            return read_bytes(self.path / name)
        except FileNotFoundError:
            return None
        except OSError as error:
            raise StoreError(f"{self.path / name} cannot be read: {error.strerror}") from error

    def read(self, kind: Document[T]) -> T | None:
        """The document of a kind, None where there is none; raises StoreError."""
        if (data := self.bytes_of(kind.name)) is None:
            return None
        return self._once(kind.name, data, lambda: kind.parse(data, str(self.path / kind.name)))

    def write(self, kind: Document[T], value: T | None) -> None:
        """Write a document, or remove it; raises StoreError."""
        path = self.path / kind.name
        remove(path) if value is None else write_atomic(path, kind.dump(value))

    def board(self, files: Collection[str] = (), spec: BoardSpec | None = None) -> Leaderboard:
        """The leaderboard of the evidence, by `board.toml` or another `spec`.

        It holds no path of a file: `files` names components that read one, beside those that the core or the evidence knows.
        """
        spec, records = spec or self.spec, self.results.files
        board = build(spec, records, self.read(STATISTICS), self.read(DIAGRAMS))
        known = FILES.union(files, names_of_files(ref for one in records for ref in (one.benchmark.ref, one.encoder.ref)))
        return with_published(board.model_copy(update={"spec": without_paths(spec, known)}), self.published)


def derived(folder: BoardFolder, registry: Registry, warn: Warn) -> tuple[Leaderboard, dict[str, bytes]]:
    """The leaderboard of a folder's evidence and its files by name, as they should be.

    A file that takes an extra which is not installed is left out, with a warning.
    """
    board = folder.board(registry.names_of_files())
    files: dict[str, bytes] = {}
    for name in board.spec.writers:
        try:
            files |= _rendered(registry.resolve("writer", name), board, files)
        except MissingExtra as error:
            warn(f"what the writer {name} makes of {name_of(folder.path)} is neither written nor checked: {error}")
    return board, files


def _rendered(resolved: Resolved[Writer], board: Leaderboard, others: Mapping[str, bytes]) -> dict[str, bytes]:
    """A writer's files; raises PluginError where it would write anything but files of its own in the board's folder."""
    files = rendered(resolved, board)
    for name in files:
        if Path(name).name != name or name in {SPEC, *DOCUMENTS, *others} or name.startswith("."):
            raise blame(resolved, "rendering", f"it would write {name!r}, which is no file name of its own")
    return files


def write_derived(folder: BoardFolder, registry: Registry, warn: Warn) -> Leaderboard:
    """Write the derived files; those that are right already are not touched. Records that were edited are warned of."""
    for place in edited(folder):
        warn(f"{place}; restore it, or compute it anew with run --board, --fresh and --accept")
    board, files = derived(folder, registry, warn)
    for name, content in files.items():
        if folder.bytes_of(name) != content:
            write_atomic(folder.path / name, content)
    return board


def edited(folder: BoardFolder) -> list[str]:
    """What is said of records that are not those that their kept scores were measured on."""
    places = [place for own in folder.folders for place in own.unmatched()]
    return [f"results: {place}: the record is not the one that its scores were measured on" for place in places]
