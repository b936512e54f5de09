"""Removing records that a board no longer names."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

from stsbench.contracts.records import Record, RecordFile
from stsbench.stores.atomic import remove, write_atomic
from stsbench.stores.locking import locked
from stsbench.stores.merge import Evidence, write_scores
from stsbench.stores.records import dump, load_all, record_path, scores_path
from stsbench.stores.scores import read_scores


def prune(root: Path, named: Callable[[RecordFile, Record], bool]) -> int:
    """Remove every record under `root`, and its scores, that is not `named`; return how many. Raises StoreError."""
    removed = 0
    with locked(root):
        for file in load_all(root):
            kept = tuple(record for record in file.records if named(file, record))
            if len(kept) == len(file.records):
                continue
            removed += len(file.records) - len(kept)
            smaller = file.model_copy(update={"records": kept})
            if kept:
                scores = read_scores(root, file)
                write_atomic(record_path(root, file), dump(smaller))
                write_scores(
                    scores_path(root, file),
                    Evidence(smaller, {record.cell: scores[record.cell] for record in kept if record.cell in scores}),
                )
            else:
                remove(record_path(root, file))
                remove(scores_path(root, file))
    return removed
