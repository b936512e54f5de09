"""Parts by the groups of their pairs, and names that are not there."""

from __future__ import annotations

import difflib
from collections.abc import Iterable, Sequence

from stsbench.contracts.data import Part
from stsbench.errors import OptionError


def by_group(parts: Iterable[Part], *, private: bool = False) -> tuple[Part, ...]:
    """One part for each group of each part, in order of first appearance; its subset is the group, after a slash where there are several.

    Groups of private data go by their number, since their labels may tell something.
    """
    return tuple(
        Part(part.split, name if part.subset == "default" else f"{part.subset}/{name}", part.pairs.take(rows), part.source)
        for part in parts
        for number, (group, rows) in enumerate(_rows(part.pairs.group).items(), 1)
        for name in [f"group {number}" if private else group]
    )


def _rows(groups: Sequence[str]) -> dict[str, list[int]]:
    rows: dict[str, list[int]] = {}
    for row, group in enumerate(groups):
        rows.setdefault(group, []).append(row)
    return rows


def chosen(what: str, asked: Iterable[str], there: Sequence[str], owner: str) -> tuple[str, ...]:
    """The names of `there` that are asked for, in the order of `there`; raises OptionError for one that is not among them."""
    asked = tuple(asked)
    for name in asked:
        if name not in there:
            close = difflib.get_close_matches(name, there, 1)
            hint = f"did you mean {close[0]!r}? " if close else ""
            raise OptionError(f"{owner} has no {what} {name!r}; {hint}there {'is' if len(there) == 1 else 'are'} {', '.join(there)}")
    return tuple(name for name in there if name in asked)
