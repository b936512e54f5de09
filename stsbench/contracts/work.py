"""Work as values: what another process, or another machine, needs to build what it computes with itself."""

from __future__ import annotations

from dataclasses import dataclass, fields

from stsbench.errors import UsageError

Plain = str | int | float | bool | None


@dataclass(frozen=True, slots=True)
class Shard:
    """A range of the texts of benchmarks, in their full sorted order, that a worker encodes.

    It holds references and plain values only, so that it can be pickled and sent: never a component, a registry or a model. `execution`
    are execution options by name (`device`, `batch_size`), `fingerprint` is what the worker's encoder has to have, so that none encodes
    with other weights than were asked for.
    """

    encoder: str
    views: tuple[str, ...]
    benchmarks: tuple[str, ...]
    fingerprint: str
    start: int
    stop: int
    prompts: tuple[str, str] = ("", "")
    execution: tuple[tuple[str, Plain], ...] = ()

    def __post_init__(self) -> None:
        for field in fields(self):
            if (live := _live(getattr(self, field.name))) is not None:
                raise UsageError(
                    f"{field.name} of a shard is a live {live}, which no other process has; name it by a reference, as in `wordllama`, "
                    "or install it as a plugin"
                )
        if not 0 <= self.start <= self.stop:
            raise UsageError(f"a shard runs from a text to a later one, not from {self.start} to {self.stop}")


def _live(value: object) -> str | None:
    """The type of what is no plain value in a field; None where all is plain."""
    if type(value) is tuple:
        return next((live for one in value if (live := _live(one)) is not None), None)
    return None if value is None or type(value) in (str, int, float, bool) else type(value).__name__
