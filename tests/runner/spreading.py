"""A double of a plugin, which tests install: its vectors depend on the batch that a text is in, and it fails where it is told to.

What is no part of its name is an option, or `SPREADING_SECONDS` and `SPREADING_MARKS` in the environment of whoever runs it. While a file
`held` is among the marks, no call comes back once as many texts were noted there as it says: what a test waits for is no matter of time.
"""

from __future__ import annotations

import os
import signal
import time
from collections.abc import Sequence
from contextlib import suppress
from dataclasses import dataclass
from pathlib import Path
from typing import Any
from zlib import crc32

import numpy as np

from stsbench.plugin import Component, Embeddings, Execution, Fingerprint, Location, hookimpl


def holds(marks: Path) -> bool:
    """Whether as many texts were noted as `held` says, which may go at any time."""
    with suppress(OSError):
        return sum(len(path.read_text().split()) for path in marks.glob("*.calls")) >= float((marks / "held").read_text() or 0)
    return False


@dataclass(frozen=True)
class Batchwise:
    seed: int
    deadly: str
    deaths: int
    marks: str
    seconds: float
    raises: str
    width: int = 8

    views: tuple[str, ...] = ("sentence",)
    token_views = ()
    fingerprint = Fingerprint.of(weights="batchwise")

    def encode(self, texts: Sequence[str], *, views: Sequence[str], prompt: str = "") -> Any:
        time.sleep(self.seconds or float(os.environ.get("SPREADING_SECONDS", "0")))
        if marks := self.marks or os.environ.get("SPREADING_MARKS"):
            with (Path(marks) / f"{os.getpid()}.calls").open("a") as file:
                file.writelines(f"{crc32(text.encode())}\n" for text in texts)
            while holds(Path(marks)):
                time.sleep(0.02)
        if self.raises and any(self.raises in text for text in texts):
            raise RuntimeError(f"{self.raises} is not for me")
        if self.deadly and any(self.deadly in text for text in texts):
            before = len(list(Path(self.marks).glob("*.dead")))
            if before < self.deaths:
                (Path(self.marks) / f"{before}.dead").touch()
                os.kill(os.getpid(), signal.SIGKILL)
        batch = crc32("\n".join(texts).encode()) / 2**32
        rows = [np.random.default_rng([self.seed, crc32((prompt + text).encode())]).normal(size=self.width) + batch for text in texts]
        return Embeddings({"sentence": np.array(rows, dtype=np.float32)}, truncated=np.array([len(text) > 60 for text in texts]))


def batchwise(
    *,
    seed: int = 0,
    width: int = 8,
    deadly: Execution[str] = "",
    deaths: Execution[int] = 0,
    marks: Execution[str] = "",
    seconds: Execution[float] = 0.0,
    raises: Execution[str] = "",
) -> Any:
    """Vectors that a batch of other texts would change."""
    return Batchwise(seed, deadly, deaths, marks, seconds, raises, width)


class Sparsely(Batchwise):
    """The same of which the negative values are none, as sparse vectors."""

    views = ()
    sparse_views = ("sentence",)
    fingerprint = Fingerprint.of(weights="sparsely")

    def encode(self, texts: Sequence[str], *, views: Sequence[str], prompt: str = "") -> Any:
        from scipy.sparse import csr_array

        dense = super().encode(texts, views=views, prompt=prompt)
        return Embeddings(sparse={"sentence": csr_array(np.maximum(dense.vectors["sentence"], 0))}, truncated=dense.truncated)


def sparsely(*, seed: int = 0) -> Any:
    """Sparse vectors that a batch of other texts would change."""
    return Sparsely(seed, "", 0, "", 0.0, "")


def kept(folder: Location, /) -> Any:
    """Vectors that what stands in the files of a folder would change."""
    assert folder.path is not None
    weights = b"".join(path.read_bytes() for path in sorted(folder.path.rglob("*")) if path.is_file())
    return Batchwise(crc32(weights), "", 0, "", 0.0, "")


@hookimpl
def stsbench_encoders() -> Any:
    return [Component("kept", kept), Component("batchwise", batchwise), Component("sparsely", sparsely)]
