"""Merging a finished file of records into what is stored, and removing what is named no more: what agrees is kept to the byte."""

from __future__ import annotations

from collections.abc import Callable, Collection, Mapping
from dataclasses import dataclass, field, replace
from pathlib import Path

import numpy as np

from stsbench.contracts.data import Ranked, frozen
from stsbench.contracts.fingerprint import digest
from stsbench.contracts.identity import CellId, Variant
from stsbench.contracts.records import OBSERVED, Record, RecordFile, in_order, together
from stsbench.errors import StoreError
from stsbench.stores.agreement import Disagreement, judge, rests_on
from stsbench.stores.atomic import locked, remove, unwritable, write_atomic
from stsbench.stores.drift import Basis, shifted
from stsbench.stores.records import as_stored, dump, record_path, scores_path
from stsbench.stores.results import ResultsFolder
from stsbench.stores.scores import Scores, dump_scores


@dataclass(frozen=True)
class Evidence:
    """Records with the scores, by cell, that are kept beside them."""

    file: RecordFile
    scores: Mapping[CellId, Ranked] = field(default_factory=dict)


Rests = Callable[[CellId], Basis | None]  # what new scores rest on, by cell; None: that is not known


def merge(
    folder: ResultsFolder,
    file: RecordFile,
    scores: Scores,
    *,
    tolerance: float,
    accept: bool = False,
    renew: bool = False,
    rests: Rests = lambda _: None,
) -> tuple[Disagreement, ...]:
    """Keep `file` and its `scores` (by cell) in `folder`, and name what disagrees with what is stored there.

    Safe with several processes on one folder. A cell that is not stored is added; one of another key (other data, fit, prompts,
    options) is replaced. One of the same key and signature that agrees (see `judge`) keeps its bytes, so a rerun leaves files
    untouched; one that disagrees keeps them too unless `accept`, and so do all records of its system, which were computed together.
    A record that agrees but had no scores stored is replaced where `scores` has them. A failed record never replaces one of the same
    key that did not fail. Provenance changes only with a record, but for what was never observed before. `rests` says what the scores
    rest on, by which agreement is judged. With `renew`, results on other data of the same name, as those of a file that has grown, give
    way as a whole. Raises StoreError.
    """
    new = Evidence(as_stored(file), _checked(file, scores))
    path = record_path(folder.root, file)
    with locked(folder.root):
        old = _stored(folder, path, new.file, renew=renew)
        merged, disagreements = combine(old, new, tolerance, accept=accept, rests=rests)
        if (
            old is None
            or merged.scores.keys() != old.scores.keys()
            or any(merged.scores[cell] is not old.scores[cell] for cell in old.scores)
        ):
            write_scores(scores_path(folder.root, file), merged)  # first, so that a run that is killed here computes them anew
        if old is None or merged.file != old.file:
            _write(folder, path, merged.file)
    return disagreements


def combine(
    old: Evidence | None, new: Evidence, tolerance: float, *, accept: bool = False, rests: Rests = lambda _: None
) -> tuple[Evidence, tuple[Disagreement, ...]]:
    """What `merge` stores, and what disagrees; touches no file. Records and scores that stay are the same objects."""
    stored = old.file.cells if old else {}
    old_scores = old.scores if old else {}
    records, scores = dict(stored), dict(old_scores)
    named: list[Disagreement] = []
    for _, system in sorted(new.file.systems.items()):
        rivals = {cell: (stored[cell], one) for cell, one in system.items() if cell in stored and stored[cell].key == one.key}
        disagreements = _compare(rivals, old_scores, new, tolerance, rests)
        lost = any(after.status == "failed" and before.status != "failed" for before, after in rivals.values())
        replaced = accept and not lost
        named += [replace(one, replaced=replaced) for one in disagreements]
        if disagreements and not replaced:
            continue
        agreeing = {cell for cell, (before, after) in rivals.items() if before.status != "failed" and _says(before, after)}
        gains = any(cell in new.scores and cell not in old_scores for cell in agreeing)
        kept = set() if disagreements or gains else agreeing
        for cell in [cell for cell in system if cell not in kept]:
            records[cell] = system[cell]
            scores.pop(cell, None)
            if cell in new.scores:
                scores[cell] = new.scores[cell]
    ordered = tuple(records[cell] for cell in sorted(records))
    changed = old is None or ordered != old.file.records
    provenance = _joint(old, new, stored) if old is None or changed else _observed(old.file, new.file)
    merged = new.file.model_copy(update={"records": ordered, "provenance": provenance})
    return Evidence(merged, scores), tuple(named)


def _says(before: Record, after: Record) -> bool:
    """Whether a kept record says all that the new one does: the same of its data and system, and figures of all its metrics."""
    return (_signed(before), before.positives) == (_signed(after), after.positives) and after.figures.keys() <= before.figures.keys()


def _signed(record: Record) -> list[str]:
    """What the signature says besides where the data came from, which may be a mirror one time and the hub another."""
    return [field for field in record.signature.split("|") if not field.startswith("source=")]


def _observed(first: RecordFile, second: RecordFile) -> dict[str, str]:
    """The provenance of the first, with what the second observed of the encoder beside it."""
    return together([first.provenance, {name: fact for name, fact in second.provenance.items() if name.startswith(OBSERVED)}])


def _joint(old: Evidence | None, new: Evidence, stored: Mapping[CellId, Record]) -> dict[str, str]:
    """The new provenance; where records of other sources stay in the file, its `code` says so, and matches none from then on."""
    codes = [(one.file.provenance if one else {}).get("code", "") for one in (old, new)]
    # what stays known of an encoder when a later run, which read its vectors from the store, does not measure it again
    joint = _observed(new.file, old.file) if old else new.file.provenance
    if old is None or codes[0] == codes[1] or stored.keys() <= new.file.cells.keys():
        return joint
    return {**joint, "code": digest(codes)}


def _compare(
    rivals: Mapping[CellId, tuple[Record, Record]], old_scores: Scores, new: Evidence, tolerance: float, rests: Rests
) -> list[Disagreement]:
    """Disagreements within one system. Its aggregate agrees when every part was settled score by score, and it is the figure of these."""
    verdicts = {
        cell: judge(before, after, tolerance, old_scores.get(cell), new.scores.get(cell), rests(cell))
        for cell, (before, after) in rivals.items()
        if before.status != "failed"
    }
    wholes = {cell for cell in rivals if cell.is_whole}
    parts = [verdict for cell, verdict in verdicts.items() if cell not in wholes]
    kept = [before for cell, (before, _) in rivals.items() if cell not in wholes]
    chance = sum(verdict.chance for verdict in parts)
    settled = all(verdict.measured and verdict.what is None for verdict in parts) and all(
        rests_on(before, kept, new.file.benchmark.aggregation) and shifted(before.figure, after.figure, chance) is None
        for before, after in map(rivals.__getitem__, wholes)
    )
    return [
        Disagreement.of(new.file, before, after, verdict.what, **verdict.worst)
        for cell, (before, after) in rivals.items()
        if (verdict := verdicts.get(cell)) and verdict.what is not None
        if not (settled and cell in wholes and before.status == after.status)
    ]


def _stored(folder: ResultsFolder, path: Path, new: RecordFile, *, renew: bool) -> Evidence | None:
    try:
        if not path.exists():
            return None
    except OSError as error:
        raise unwritable(path, error) from error
    file = folder.load(path)
    if _owner(file) == _owner(new) and file.benchmark.ref == new.benchmark.ref:
        return Evidence(file, folder.scores(file))
    if _owner(file) != _owner(new):
        raise StoreError(
            f"{path} holds the results of {file.encoder.ref} on {file.benchmark.ref}, not of {new.encoder.ref} on "
            f"{new.benchmark.ref}, whose files would have the same name; use another results folder or a more distinct name"
        )
    if not renew:
        raise StoreError(
            f"{folder.root} holds results on {new.benchmark.name} as its data, or how they are read, were before; use another results "
            "folder or a more distinct name (name=), or have the new ones take their place with --fresh"
        )
    return None


def _owner(file: RecordFile) -> tuple[str, ...]:
    return file.encoder.fingerprint, file.encoder.ref, file.benchmark.name, file.benchmark.protocol


def _checked(file: RecordFile, scores: Scores) -> dict[CellId, Ranked]:
    records = file.cells
    checked = {}
    for cell, values in scores.items():
        array = frozen(np.asarray(values))
        if cell not in records or records[cell].status == "failed" or cell.is_whole:
            raise ValueError(f"scores of {cell}, of which there is no measured part")
        if array.dtype not in (np.float32, np.float64) or array.shape != (records[cell].n,) or not np.isfinite(array).all():
            raise ValueError(f"scores of {cell} must be {records[cell].n} finite numbers, float32 or float64")
        checked[cell] = array
    return checked


def write_scores(path: Path, evidence: Evidence) -> None:
    """Write the scores of `evidence`, or remove the file where there are none."""
    if evidence.scores:
        write_atomic(path, dump_scores(evidence.file, evidence.scores))
    else:
        remove(path)


def _write(folder: ResultsFolder, path: Path, file: RecordFile) -> None:
    write_atomic(path, data := dump(file))
    folder.wrote(path, data, file)


def prune(folder: ResultsFolder, named: Callable[[RecordFile], Collection[Variant]]) -> int:
    """Remove every record in `folder`, and its scores, whose system is none of those `named` of its file; return how many.

    Raises StoreError.
    """
    removed = 0
    with locked(folder.root):
        for file in folder.files:
            variants = named(file)
            kept = in_order(record for system, own in file.systems.items() if system.variant in variants for record in own.values())
            if len(kept) == len(file.records):
                continue
            removed += len(file.records) - len(kept)
            path, scores = record_path(folder.root, file), folder.scores(file) if kept else {}
            smaller = file.model_copy(update={"records": kept})
            if kept:
                _write(folder, path, smaller)
            else:
                remove(path)
            left = {cell: scores[cell] for cell in smaller.cells if cell in scores}
            write_scores(scores_path(folder.root, file), Evidence(smaller, left))
    return removed
