"""The records that other programs can place: those of public tasks of the field, by the system that they would call a model."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass

from stsbench.builtin.benchmarks.definitions import Task, tasks
from stsbench.contracts.records import Record, RecordFile
from stsbench.contracts.ref import short
from stsbench.stores.records import slug


@dataclass(frozen=True)
class TaskRecords:
    """One view of an encoder, with one chain of transforms, on one task: the records of its parts, one a similarity and part."""

    model: str
    revision: str
    task: Task
    file: RecordFile
    records: tuple[Record, ...]

    def parts(self) -> dict[tuple[str, str], dict[str, Record]]:
        """The records by split and subset, and within these by the similarity's short name."""
        by_place: dict[tuple[str, str], dict[str, Record]] = {}
        for record in self.records:
            by_place.setdefault(record.place, {})[short(record.similarity or "pair")] = record
        return by_place


def published(files: Sequence[RecordFile]) -> Iterator[TaskRecords]:
    """What can be published of `files`: never a private benchmark, nor data that are no task of the field or depart from its definition."""
    known = {task.name: task for task in tasks()}
    for file in files:
        task = known.get(file.benchmark.name)
        if task is None or file.benchmark.private:
            continue
        spaces: dict[tuple[str, tuple[str, ...]], list[Record]] = {}
        for record in file.records:
            if record.status == "ok" and not record.is_whole and file.benchmark.task == "graded":  # binary tasks have other main scores
                spaces.setdefault((record.view, record.transforms), []).append(record)
        for (view, transforms), records in sorted(spaces.items()):
            parts = [file.encoder.label, "" if view in ("sentence", "pair") else view, *map(short, transforms)]
            revision = file.encoder.facts.get("revision") or file.encoder.fingerprint[:8]
            yield TaskRecords(slug(" ".join(filter(None, parts))), slug(revision), task, file, tuple(records))
