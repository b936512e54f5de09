"""Removing records that a board no longer names."""

from __future__ import annotations

from collections.abc import Callable

from stsbench.contracts.records import Record, RecordFile
from stsbench.stores.atomic import remove, write_atomic
from stsbench.stores.locking import locked
from stsbench.stores.merge import Evidence, write_scores
from stsbench.stores.records import dump, record_path, scores_path
from stsbench.stores.results import ResultsFolder


def prune(folder: ResultsFolder, named: Callable[[RecordFile, Record], bool]) -> int:
    """Remove every record in `folder`, and its scores, that is not `named`; return how many. Raises StoreError."""
    removed = 0
    with locked(folder.root):
        for file in folder.files:
            kept = tuple(record for record in file.records if named(file, record))
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
            own = {record.cell: scores[record.cell] for record in kept if record.cell in scores}
            write_scores(scores_path(folder.root, file), Evidence(smaller, own))
    return removed
