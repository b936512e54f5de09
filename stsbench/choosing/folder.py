"""The folder of a job: one file holds the private texts, and each write leaves the old state or the new one."""

from __future__ import annotations

import csv
import io
import re
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from functools import cached_property
from pathlib import Path

import numpy as np

from stsbench.choosing.job import JOB, LABELS, ROUND, ChoosingJob, RaterLabels, Round, written
from stsbench.contracts.data import Float64, Pairs
from stsbench.contracts.fingerprint import digest
from stsbench.contracts.reading import read_bytes
from stsbench.contracts.wording import counted
from stsbench.errors import DataError, StoreError, UsageError
from stsbench.stores.atomic import locked, remove, write_atomic
from stsbench.stores.canonical import csv_bytes

POOL = "pool.csv"  # the one file of the job's own that holds texts; pages, sheets and the finished benchmark hold those that they show
_HEADER = ["left", "right"]


@dataclass(frozen=True)
class JobFolder:
    """The files of a job under `path`; each is read once."""

    path: Path

    @property
    def exists(self) -> bool:
        """Whether a job was started here."""
        return (self.path / JOB.name).is_file()

    @contextmanager
    def writing(self, *, new: bool = False) -> Iterator[JobFolder]:
        """The folder as it is once nobody else writes it, until the end; raises UsageError unless it holds a job or is `new`."""
        if not new:
            _ = self.job
        with locked(self.path):
            yield JobFolder(self.path)

    @cached_property
    def job(self) -> ChoosingJob:
        """The job; raises UsageError where there is none."""
        if not self.exists:
            raise UsageError(f"there is no job in {self.path}; begin one with `stsbench choose start`")
        return JOB.parse(self._bytes(self.path / JOB.name), JOB.name)

    @cached_property
    def pool(self) -> Pairs:
        """The pairs without any gold; raises DataError where they are not those that were scored."""
        text = self._bytes(self.path / POOL).decode("utf-8", "replace")
        try:
            header, *rows = csv.reader(io.StringIO(text, newline=""), strict=True)
        except (csv.Error, ValueError):
            header, rows = [], []
        if header != _HEADER or not rows or any(len(row) != len(_HEADER) for row in rows):
            raise DataError(f"{POOL} of the job is no longer as it was written; restore it, or start a new job in another folder")
        pool = unrated([left for left, _ in rows], [right for _, right in rows])
        require_same(pool, self.job)
        return pool

    @cached_property
    def scores(self) -> Float64:
        """Every candidate's score of each pair, float64[n, s]."""
        try:
            scores: Float64 = np.load(io.BytesIO(self._bytes(self.path / self.job.scores)), allow_pickle=False)
        except ValueError as error:
            raise StoreError(f"{self.job.scores} of the job cannot be read; restore it, or start a new job in another folder") from error
        if (
            scores.shape != (self.job.pairs, len(self.job.candidates))
            or scores.dtype != np.float64
            or scores_file(scores) != self.job.scores
        ):
            raise StoreError(f"{self.job.scores} of the job was changed; restore it, or start a new job in another folder")
        return scores

    @cached_property
    def rounds(self) -> tuple[Round, ...]:
        """What was asked so far, in order."""
        paths = sorted((self.path / "rounds").glob("*.json"), key=lambda path: int(path.stem) if path.stem.isdecimal() else 0)
        rounds = tuple(ROUND.parse(self._bytes(path), f"rounds/{path.name}") for path in paths)
        drawn = [row for one in rounds for row in one.drawn]
        wrong = any(one.job != self.job.id or one.number != number for number, one in enumerate(rounds, 1))
        wrong = wrong or any({*one.drawn} != {item.row for item in one.items} for one in rounds)
        if wrong or len(set(drawn)) < len(drawn) or any(row >= self.job.pairs for row in drawn):
            raise StoreError("the rounds of the job are not those that it asked; restore the folder, or start a new job in another")
        return rounds

    @cached_property
    def labels(self) -> tuple[RaterLabels, ...]:
        """What was said so far, by rater and round."""
        files = {path: LABELS.parse(self._bytes(path), f"labels/{path.name}") for path in sorted((self.path / "labels").glob("*.json"))}
        if any(said.job != self.job.id or self._labels_of(said) != path for path, said in files.items()):
            raise StoreError("a file in labels/ is not one that the job wrote; take it out, and give it to `stsbench choose label`")
        return tuple(sorted(files.values(), key=lambda said: (said.rater, said.round)))

    def begin(self, job: ChoosingJob, pool: Pairs, scores: Float64) -> None:
        """Write a job, or one with more candidates; the last file makes it so."""
        before = self.job.scores if self.exists else job.scores
        self.path.mkdir(parents=True, exist_ok=True, mode=0o700)
        if not self.exists:
            write_atomic(self.path / ".gitignore", b"*\n")  # private until its owner says otherwise
            write_atomic(self.path / POOL, csv_bytes([_HEADER, *zip(*pool.texts, strict=True)], quoted=True))
        stream = io.BytesIO()
        np.save(stream, scores, allow_pickle=False)
        write_atomic(self.path / job.scores, stream.getvalue())
        write_atomic(self.path / JOB.name, written(job))
        if before != job.scores:
            remove(self.path / before)

    def ask(self, asked: Round) -> None:
        """Write what a round asks."""
        write_atomic(self.path / "rounds" / f"{asked.number}.json", written(asked))

    def keep(self, said: RaterLabels) -> None:
        """Write what a person said of a round, in place of what they said of it before."""
        write_atomic(self._labels_of(said), written(said))

    def page_of(self, number: int, ending: str) -> Path:
        """Where the page or the sheet of a round is."""
        return self.path / "pages" / f"round-{number}.{ending}"

    def _labels_of(self, said: RaterLabels) -> Path:
        name = re.sub(r"[^A-Za-z0-9]+", "-", said.rater).strip("-")[:24].lower()
        return self.path / "labels" / f"{name or 'rater'}-{digest([said.rater])[:6]}-{said.round}.json"

    def _bytes(self, path: Path) -> bytes:
        try:
            return read_bytes(path)
        except OSError as error:
            place = path.relative_to(self.path).as_posix()
            raise StoreError(f"{place} of the job cannot be read ({error.strerror}); restore the folder, or start a new job") from error


def unrated(left: Sequence[str], right: Sequence[str]) -> Pairs:
    """Pairs without any gold."""
    return Pairs(tuple(left), tuple(right), np.zeros(len(left)))


def require_same(pool: Pairs, job: ChoosingJob) -> None:
    """Raises DataError where these are not the pairs of a job."""
    if pool.digest != job.pool:
        raise DataError(
            f"the pairs are not those that the job was started with ({counted(len(pool), 'pair')} here, {job.pairs:,} then, or "
            "other texts or another order); labels are of those, so give them as they were, or start a new job in another folder"
        )


def scores_file(scores: Float64) -> str:
    """The name of the file that holds them, which tells whether they were changed."""
    return f"scores-{digest([np.ascontiguousarray(scores, '<f8').tobytes()])[:8]}.npy"
