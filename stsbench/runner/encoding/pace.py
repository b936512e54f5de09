"""What encoding costs: texts a second, and the most memory that the process held."""

from __future__ import annotations

import re
import time
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from dataclasses import dataclass, field
from pathlib import Path

from stsbench.contracts.records import RATE

_PROCESS = Path("/proc/self")
PEAK = "measured.peak_memory"
LEAST = 0.01  # seconds that calls take at least for their rate to be told: below, it is mostly that of the clock and the scheduler
_RESET_PEAK = "5"  # what Linux takes in clear_refs to forget the peak


@dataclass(eq=False)
class Pace:
    """Times the calls of an encoder. The first one loads the model and tells no rate, unless the encoder is `warm`."""

    calls: list[tuple[int, float]] = field(default_factory=list)
    warm: bool = False
    peak_known: bool = field(default=False, init=False)

    def __post_init__(self) -> None:
        with suppress(OSError):
            (_PROCESS / "clear_refs").write_text(_RESET_PEAK)
            self.peak_known = True

    @contextmanager
    def call(self, texts: int) -> Iterator[None]:
        """Around one call of the encoder with that many texts."""
        started = time.perf_counter()
        yield
        self.calls.append((texts, time.perf_counter() - started))

    def facts(self) -> dict[str, str]:
        """By names that start with `measured.`, for the provenance; what was not measured is left out."""
        if not self.calls:
            return {}
        timed = self.calls if self.warm else self.calls[1:]
        texts, seconds = sum(count for count, _ in timed), sum(took for _, took in timed)
        return rate_of(texts, seconds) | (peak_memory() if self.peak_known else {})


def rate_of(texts: int, seconds: float) -> dict[str, str]:
    """Texts a second, for the provenance, where they took long enough to be timed."""
    return {RATE: f"{texts / seconds:.1f}"} if seconds >= LEAST else {}


def peak_memory() -> dict[str, str]:
    """The most memory that this process held since that was last forgotten, in MB, where the system tells it."""
    with suppress(OSError):
        if peak := re.search(r"^VmHWM:\s*(\d+) kB$", (_PROCESS / "status").read_text(), re.MULTILINE):
            return {PEAK: f"{int(peak[1]) / 1024:.0f}"}
    return {}
