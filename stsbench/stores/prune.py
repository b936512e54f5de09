"""Removing records that a board no longer names."""

from __future__ import annotations

from collections.abc import Callable, Collection

from stsbench.contracts.identity import Variant
from stsbench.contracts.records import RecordFile, in_order
from stsbench.stores.atomic import remove, write_atomic
from stsbench.stores.locking import locked
from stsbench.stores.merge import Evidence, write_scores
from stsbench.stores.records import dump, record_path, scores_path
from stsbench.stores.results import ResultsFolder


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
                write_atomic(path, data := dump(smaller))
                folder.wrote(path, data, smaller)
            else:
                remove(path)
            write_scores(
                scores_path(folder.root, file), Evidence(smaller, {cell: scores[cell] for cell in smaller.cells if cell in scores})
            )
    return removed
