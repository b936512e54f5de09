"""A component's object as the core holds it: whatever is asked of it runs as a plugin's code does."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping
from functools import partial
from itertools import islice
from typing import Any, Final

from stsbench.contracts.arrays import type_name
from stsbench.errors import PluginError
from stsbench.host.calling import calling, describe

MOST: Final = 100_000  # of what a plugin may give one by one: parts of a benchmark, files of a writer

STAGES: Final = {
    "encode": "encoding",
    "encode_batches": "encoding",
    "prepare": "encoding",
    "truncated": "tokenising",
    "score": "scoring",
    "matrix": "scoring",
    "fit": "fitted",
    "for_part": "fitted",
    "transform": "transforming",
    "load": "loading",
    "texts": "loading",
    "render": "rendering",
    "close": "closed",
    "open": "starting workers",
    "receive": "working",
    "send": "working",
    "dismiss": "working",
}
_READS: Final = {"encode", "encode_batches", "score", "matrix", "transform"}  # what the files of a target are read for, at the latest
_GIVES_COMPONENT: Final = {"fit", "for_part", "open"}  # what these return is asked in its turn
_MISSING: Final = object()


def listed(given: Iterable[Any], most: int = MOST) -> tuple[Any, ...]:
    """What an iterable gives. Raises TypeError where it is none, ValueError where it gives too much to be meant."""
    if not isinstance(given, Iterable):
        raise TypeError(f"it returned {type_name(given)}, where a list or tuple is expected")
    items = tuple(islice(given, most + 1))
    if len(items) > most:
        raise ValueError(f"it gave more than {most:,} items, and perhaps never ends")
    return items


def _files(given: Any) -> dict[Any, Any]:
    if not isinstance(given, Mapping):
        raise TypeError(f"it returned {type_name(given)}, where bytes by file name are expected, as in {{'board.txt': b'...'}}")
    return dict(listed(given.items()))


_TAKEN: Final[dict[str, Callable[[Any], Any]]] = {"load": listed, "render": _files}  # what is read to its end while it is guarded


class Lacking(PluginError, AttributeError):
    """A component lacks what the contract asks for; where it is optional, `getattr` with a default does not raise this."""


def blame_of(held: object, name: str) -> Callable[[BaseException | str], Exception]:
    """What makes an error of what went wrong with the member `name` of an object, which names the component where it is one."""
    stage = STAGES.get(name, f"asked for its {name}")
    if isinstance(held, Guarded):
        return partial(held._blame, stage)
    where = f"the object {type(held).__name__!r} failed while it was {stage}"
    return lambda error: PluginError(f"{where}: {error if isinstance(error, str) else describe(error)}")


def _nothing() -> None:
    pass


class Guarded:
    """The object with every attribute read, and every method called, under `calling`: no call of a plugin's can go without.

    Once it has read its files, `require` raises an error where they are no longer those that it is known by.
    """

    def __init__(self, held: Any, blame: Callable[[str, BaseException | str], Exception], require: Callable[[], None] = _nothing) -> None:
        self._held, self._blame, self._require, self._read = held, blame, require, False

    def __getattr__(self, name: str) -> Any:
        if name.startswith("__"):  # asked for by Python itself
            raise AttributeError(name)
        blame = blame_of(self, name)
        with calling(blame):
            value = getattr(self._held, name, _MISSING)
        if value is _MISSING:
            raise Lacking(str(blame(f"it has no {name}")))
        if not callable(value) or isinstance(value, type):
            return value

        def call(*arguments: Any, **named: Any) -> Any:
            with calling(blame):
                given = value(*arguments, **named)
                if name in _TAKEN:
                    given = _TAKEN[name](given)
            if name in _READS and not self._read:
                self._require()
                self._read = True
            if name not in _GIVES_COMPONENT:
                return given
            return self if given is self._held else Guarded(given, self._blame, self._require)

        return call

    def __repr__(self) -> str:
        return f"<{type(self._held).__name__}>"
