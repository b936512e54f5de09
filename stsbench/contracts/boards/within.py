"""A system's figure within a part or a group of pairs, as a value: where it is strong and where it fails."""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Within:
    """The figure of `system` on `n` pairs of a benchmark, those of the part or group `name`, with its interval; None where undefined."""

    system: str
    benchmark: str
    name: str
    n: int
    value: float | None = None
    low: float | None = None
    high: float | None = None
