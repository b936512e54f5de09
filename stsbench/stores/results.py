"""A folder of results: `results/` with records and `scores/` with what they were measured on, as this process last saw them."""

from __future__ import annotations

from pathlib import Path

from stsbench.contracts.data import Ranked
from stsbench.contracts.fingerprint import digest
from stsbench.contracts.identity import CellId
from stsbench.contracts.records import RecordFile
from stsbench.stores.records import load_all, parse, record_bytes, scores_path
from stsbench.stores.scores import is_matched, parse_scores, score_bytes


class ResultsFolder:
    """The records and scores under `root`. A file is parsed only where its bytes are not those that were read or written here before.

    Other processes may write to the folder at any time, so bytes are read whenever a file is asked for.
    """

    def __init__(self, root: Path) -> None:
        self.root = root
        self._records: dict[Path, tuple[bytes, RecordFile]] = {}
        self._scores: dict[Path, tuple[RecordFile, str | None, dict[CellId, Ranked]]] = {}

    @property
    def files(self) -> tuple[RecordFile, ...]:
        """Every file of records, in order of path; empty where there is none. Raises StoreError on the first unreadable one."""
        return load_all(self.root, self.load)

    def load(self, path: Path) -> RecordFile:
        """The records in the file at `path`; raises StoreError."""
        data = record_bytes(path)
        known = self._records.get(path)
        if known is None or known[0] != data:
            known = self._records[path] = data, parse(data, str(path))
        return known[1]

    def wrote(self, path: Path, data: bytes, file: RecordFile) -> None:
        """Take note of what was written to `path`: `data`, which parse as `file`."""
        self._records[path] = data, file

    def scores(self, file: RecordFile) -> dict[CellId, Ranked]:
        """The stored scores of the records of `file`, by cell; what has none is left out. Raises StoreError as `parse_scores` does."""
        path = scores_path(self.root, file)
        data = score_bytes(path)
        known, mark = self._scores.get(path), None if data is None else digest([data])
        if known is None or known[0] is not file or known[1] != mark:
            known = self._scores[path] = file, mark, parse_scores(data, file, path)
        return known[2]

    def unmatched(self) -> list[str]:
        """Files of scores with a column that no stored record was measured on, as readable places."""
        paths = {scores_path(self.root, file): file for file in self.files}
        return [path.relative_to(self.root).as_posix() for path, file in paths.items() if not is_matched(score_bytes(path), file, path)]
