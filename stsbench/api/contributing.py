"""Taking over results that were computed elsewhere."""

from __future__ import annotations

import os
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Final

from stsbench.contracts.records import SCHEMA_VERSION, Record, RecordFile
from stsbench.errors import StoreError, UsageError
from stsbench.evidence.held import TOLERANCE
from stsbench.leaderboard.columns import key
from stsbench.runner.keys import aggregate_key
from stsbench.stores.agreement import Disagreement, rests_on
from stsbench.stores.merge import Evidence, combine
from stsbench.stores.merge import merge as keep
from stsbench.stores.records import FIRST_VERSION, RESULTS, SCORES, dump, record_path, scores_path
from stsbench.stores.results import ResultsFolder

LARGEST: Final = 10_000_000  # bytes of one file
MOST: Final = 15_000_000  # bytes of all evidence of a board


@dataclass(frozen=True)
class Merged:
    """How many records of a contribution were added, how many were there already, and those that disagree with what is kept."""

    added: int
    agreeing: int
    conflicts: tuple[Disagreement, ...]


def merge_results(contribution: ResultsFolder, into: ResultsFolder, *, accept: bool = False, tolerance: float = TOLERANCE) -> Merged:
    """Check the records and scores in `contribution` and keep them in `into`; with conflicts and no `accept`, nothing is written.

    Raises StoreError where the contribution is not as stsbench writes it (form, place, size, scores of other records), or is of
    other data than what is kept; UsageError where it is empty.
    """
    _require_plain(contribution.root)
    files = contribution.files
    if not files:
        raise UsageError(f"there are no results in {contribution.root}; a contribution is a folder that `stsbench run --results` wrote")
    _require_form(contribution, files)
    _require_parts(files)
    kept = {record_path(into.root, file): file for file in into.files}
    _require_same_data(files, list(kept.values()))
    conflicts: list[Disagreement] = []
    added = total = 0
    evidence = [Evidence(file, contribution.scores(file)) for file in files]
    for new in evidence:
        file = kept.get(record_path(into.root, new.file))
        old = Evidence(file, into.scores(file)) if file else None
        merged, disagreeing = combine(old, new, tolerance, accept=accept)
        before = file.cells if file else {}
        displacing = (_displacing(new.file, before.get(record.cell), record, accepted=accept) for record in new.file.records)
        displaced = list(filter(None, displacing))
        conflicts += [*disagreeing, *displaced]
        added += sum(before.get(record.cell) != record for record in merged.file.records) - (0 if accept else len(displaced))
        total += len(new.file.records)
    _require_room(contribution.root, into.root)
    if not conflicts or accept:
        for new in evidence:
            keep(into, new.file, new.scores, tolerance=tolerance, accept=accept)
    return Merged(added if accept or not conflicts else 0, total - added - (0 if accept else len(conflicts)), tuple(conflicts))


def _displacing(file: RecordFile, old: Record | None, new: Record, *, accepted: bool) -> Disagreement | None:
    """That a record would take the place of one that another computation gave. A run may do that, for it knows what it computes;
    a contribution may be older than what is kept, or say any key."""
    if old is None or old.key == new.key or old.status == "failed":
        return None
    what = "it was computed in another way (of another version, or with other options) than the kept one"
    return Disagreement.of(file, old, new, what, replaced=accepted)


def _require_plain(root: Path) -> None:
    """Nothing of a contribution is a link, which could lead anywhere, nor anything else than a file of some size or a folder."""
    for path in (root, root / RESULTS, root / SCORES, *(own for name in (RESULTS, SCORES) for own in _below(root / name))):
        name = "the contribution" if path == root else f"{path.relative_to(root)} of the contribution"
        if path.is_symlink():
            raise StoreError(f"{name} is a link; it must be a {'folder' if path.is_dir() else 'file'} itself")
        if path.exists() and not path.is_dir() and not path.is_file():
            raise StoreError(f"{name} is neither a file nor a folder; give the folder as the run wrote it")
        if path.is_file() and path.stat().st_size > LARGEST:
            raise StoreError(f"{name} has {path.stat().st_size:,} bytes; a file of evidence has at most {LARGEST:,}")


def _below(folder: Path) -> Iterator[Path]:
    """Everything below a folder, in order; no link is followed."""
    if folder.is_symlink():
        return
    for where, folders, names in os.walk(folder):
        yield from (Path(where) / name for name in sorted([*folders, *names]))


def _require_form(folder: ResultsFolder, files: Sequence[RecordFile]) -> None:
    """Every file is one that stsbench writes there, or wrote by schema 1, to the byte, and nothing else lies beside them."""
    root = folder.root
    expected = {record_path(root, file): [dump(file, version=version) for version in (FIRST_VERSION, SCHEMA_VERSION)] for file in files}
    scores = {scores_path(root, file) for file in files}
    for path in (own for folder in (RESULTS, SCORES) for own in _below(root / folder)):
        name = path.relative_to(root)
        if path.is_file() and path not in scores and path not in expected:
            raise StoreError(f"{name} of the contribution is not where stsbench keeps such results; give the folder as the run wrote it")
        if path in expected and path.read_bytes() not in expected[path]:
            raise StoreError(f"{name} of the contribution is not as stsbench writes it, so it was edited; run the systems again")
    if forged := folder.unmatched():
        raise StoreError(f"{forged[0]} of the contribution holds scores of other records than those beside it; run the systems again")


def _require_parts(files: Sequence[RecordFile]) -> None:
    """The record of a whole benchmark, by which a board ranks, rests on records of parts beside it.

    The key over several parts depends on their order, which the benchmark knows: `verify_board` compares that.
    """
    for file in files:
        by_system = file.parts
        for system, whole in file.wholes.items():
            parts = list(by_system[system].values())
            keys = {aggregate_key([record.key for record in parts], file.benchmark.aggregation)} if len(parts) == 1 else {whole.key}
            if whole.key not in keys or not rests_on(whole, parts, file.benchmark.aggregation):
                raise StoreError(
                    f"the record of {file.encoder.label} on all of {file.benchmark.name} does not rest on records of its parts beside it; "
                    "give the folder as the run wrote it"
                )


def _require_same_data(files: Sequence[RecordFile], kept: Sequence[RecordFile]) -> None:
    digests = {(key(file), *record.place): record.digest for file in kept for record in file.records}
    for file in files:
        for record in file.records:
            known = digests.setdefault((key(file), *record.place), record.digest)
            if record.digest != known:
                raise StoreError(
                    f"{file.encoder.label} was scored on other data of {file.benchmark.name} (digest {str(record.digest)[:8]}) "
                    f"than the kept results ({str(known)[:8]}); run it again on the same data"
                )


def _require_room(contribution: Path, into: Path) -> None:
    sizes: dict[Path, int] = {}
    for root in (into, contribution):  # a file of both is counted once, as the contribution has it
        sizes |= {
            path.relative_to(root): path.stat().st_size for name in (RESULTS, SCORES) for path in (root / name).rglob("*") if path.is_file()
        }
    if (into / "board.toml").exists() and sum(sizes.values()) > MOST:
        raise StoreError(f"with the contribution the board's evidence would have {sum(sizes.values()):,} bytes; it is kept below {MOST:,}")
