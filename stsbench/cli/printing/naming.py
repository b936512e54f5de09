"""What the terminal calls files of one's own: as they were typed.

Whatever is kept, logged or read by programs goes on with names that tell nothing of them; no other module has both.
"""

from __future__ import annotations

import re
import shlex
from collections.abc import Iterable, Mapping
from contextvars import ContextVar
from pathlib import PurePath
from typing import TYPE_CHECKING, Final

from stsbench.contracts.ref import Ref, unescape
from stsbench.contracts.wording import visible
from stsbench.errors import DataError, StsbenchError

if TYPE_CHECKING:
    from stsbench.host.registry import Registry

UNNAMED: Final = "the benchmark reference names"  # as errors of a file that is not there, or cannot be read, say
_HIDDEN: Final = re.compile(r"\bprivate-[0-9a-f]{8}(?:-[0-9a-f]{4})?\b")

typed: ContextVar[Mapping[str, str]] = ContextVar("typed", default={})  # noqa: B039 - never changed in place


def call_as_typed(references: Iterable[str], registry: Registry) -> None:
    """Have the files that `references` name called by their names, or as typed in full where two would be called alike."""
    hidden: dict[str, Ref] = {}
    unread: list[str] = []
    for text in references:
        try:
            resolved = registry.resolve("benchmark", ref := Ref.parse(text))
            if resolved.component.reads_file and _HIDDEN.fullmatch(name := resolved.build().card.name):
                hidden.setdefault(name, ref)
        except DataError:  # of a file that cannot be read
            unread.append(text)
        except StsbenchError:  # whoever uses what is no reference, or none of a benchmark, says so
            continue
    names = {name: PurePath(unescape(ref.target or "")).name for name, ref in hidden.items()}
    alike = list(names.values())
    known = {name: called if alike.count(called) == 1 else str(hidden[name]) for name, called in names.items()}
    typed.set({**known, UNNAMED: f"{unread[0]} names"} if unread else known)


def shown(text: str) -> str:
    """`text` as the terminal shows it: on one line, with files called as they were typed."""
    named = text.replace(UNNAMED, typed.get().get(UNNAMED, UNNAMED))
    return visible(_HIDDEN.sub(lambda found: typed.get().get(found[0], found[0]), named))


def to_type(*words: object) -> str:
    """A command that says what to do next, quoted where it has to be."""
    return shlex.join(["stsbench", *map(str, words)])
