"""Which `[[system]]` table of `board.toml` a row comes from: the records write its encoder otherwise."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Final

from stsbench.contracts.boards.board import BoardSpec, SystemSpec
from stsbench.contracts.ref import Ref, short, unescape
from stsbench.errors import RefError, StoreError

HASH: Final = "~"  # what follows it in a canonical target is the hash of a folder
Entry = tuple[Ref | None, SystemSpec]  # a table, with the reference to its encoder


def entries_of(spec: BoardSpec) -> list[Entry]:
    """The tables in their order."""
    return [(parsed(table.encoder), table) for table in spec.system]


def parsed(text: str) -> Ref | None:
    """A reference without its distribution; None where the text is none."""
    try:
        return Ref.parse(short(text))
    except RefError:
        return None


def folder_of(target: str) -> str:
    """A canonical target without the hash that a folder's has."""
    return target.rpartition(HASH)[0] or target


def place_of(entries: Sequence[Entry], ref: str, label: str, view: str) -> int:
    """The place of the table that names the encoder, with its label, the options most like its own, and the view; else behind all.

    Raises StoreError where tables of several models are as like it as each other.
    """
    likeness: dict[int, tuple[bool, int, int, bool]] = {}
    encoder = parsed(ref)
    for at, (named, table) in enumerate(entries):
        if encoder and named and named.name.casefold() == encoder.name.casefold() and _is_target(named.target, encoder.target):
            given, canonical = {*named.options}, {*encoder.options}
            likeness[at] = table.label == label, len(given & canonical), -len(given - canonical), view in table.views
    best = [at for at, likely in likeness.items() if likely == max(likeness.values())]
    if len(models := {entries[at][1].model for at in best}) > 1:
        raise StoreError(
            f"which of the models {' and '.join(sorted(repr(model) for model in models))} of board.toml {ref} is cannot be told; "
            "give each of the systems that may mean it a label of its own, or all of them one model"
        )
    return min(best, default=len(entries))


def _is_target(given: str | None, canonical: str | None) -> bool:
    """Whether a target as it is given is that of a canonical reference, which holds a folder's name and hash in the place of its path."""
    if given is None or canonical is None:
        return given == canonical
    text, folder = unescape(given), folder_of(canonical)
    return text == unescape(canonical) or (folder != canonical and text.rstrip("/").rpartition("/")[2] == unescape(folder))


def place_of_view(view: str, entry: Entry) -> tuple[int, float]:
    """Where a table names a view, or its pooling; of layers that it does not name, the last is first."""
    ref, table = entry
    options = ref.options if ref else ()
    named = [*table.views, *(one for _, value in options for one in value.split("+"))]
    pooling, _, layer = view.partition("@")
    at = next((named.index(one) for one in (view, pooling) if one in named), len(named))
    return at, -float(layer) if layer.isdecimal() and view not in named else 0.0
