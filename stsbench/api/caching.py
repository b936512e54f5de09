"""What the cache folder holds, and letting go of it."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from pathlib import Path

from stsbench.api.session import Listener, Session
from stsbench.errors import UsageError
from stsbench.host.registry import Registry
from stsbench.stores.cache import StoreInfo, forget, inspect, remove

_UNITS = {"": 1, "K": 10**3, "M": 10**6, "G": 10**9, "T": 10**12}


def read_size(text: str) -> int:
    """Bytes that a text such as `500M`, `20G` or `20 GB` means; raises UsageError."""
    number = text.strip().upper().removesuffix("B").strip()
    unit = number[-1:] if number[-1:] in _UNITS else ""
    try:
        size = float(number.removesuffix(unit)) * _UNITS[unit]
    except ValueError as error:
        raise UsageError(f"{text!r} is no size; write bytes, or a number with K, M, G or T, as in 20G") from error
    if not 0 <= size < float("inf"):
        raise UsageError(f"{text!r} is no size; write a number from 0, as in 20G")
    return int(size)


def forget_benchmarks(
    cache: Path,
    benchmarks: Sequence[str],
    execution: Mapping[str, object],
    listen: Listener = lambda _: None,
    registry: Registry | None = None,
) -> int:
    """Erase the vectors of every text of these benchmarks, of all encoders; how many there were.

    Raises UsageError, DataError or PluginError where any of them cannot be read, before anything is erased.
    """
    loaded = Session.opened(registry, execution=execution, listen=listen).load(benchmarks)
    texts = {text for one in loaded for part in one.parts for side in part.pairs.texts for text in side}
    return forget(cache, sorted(texts))


def forget_encoders(cache: Path, prefixes: Sequence[str]) -> list[StoreInfo]:
    """Delete the stores whose folder name starts with one of these, as `cache info` shows them; raises UsageError where none does."""
    found = inspect(cache)
    for prefix in prefixes:
        if not any(one.folder.name.startswith(prefix) for one in found):
            raise UsageError(f"no encoder's store starts with {prefix!r}; `stsbench cache info` shows those there are")
    gone = [one for one in found if one.folder.name.startswith(tuple(prefixes))]
    for one in gone:
        remove(one)
    return gone
