"""Columns to pairs: which column is what, and whether every row holds two texts and a number. No message repeats a value."""

from __future__ import annotations

import difflib
import math
from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Literal

import numpy as np

from stsbench.contracts.components.component import Reads
from stsbench.contracts.data import Float64, Pairs
from stsbench.contracts.items import Item, Triplets, not_unicode
from stsbench.contracts.wording import counted, listed
from stsbench.errors import DataError, OptionError

from .cells import PLAIN, column, has_column, is_absent, names_at, read_items, read_texts, read_values
from .grades import Grading, is_number, mean_grades, read_weights, require_public, unrated
from .table import Fault, Faults, Table

Blank = Literal["refuse", "skip", "unrated"]

GUESSES = {
    "left": ("sentence1", "left", "text1", "sentence_1", "text_1", "s1", "sentence_a", "text_a", "question1"),
    "right": ("sentence2", "right", "text2", "sentence_2", "text_2", "s2", "sentence_b", "text_b", "question2"),
    "score": ("score", "gold", "label", "similarity", "similarity_score", "rating", "relatedness_score", "is_duplicate"),
    "column": ("text", "texts", "sentence", "sentences", "question", "query", "content", "title", "document"),
}
_ROLE = {
    "left": "left text", "right": "right text", "negative": "negative text", "score": "gold score", "group": "group", "weight": "weight",
    "column": "texts",
}  # fmt: skip
_EMPTY = Fault("{has} none but empty cells", "leave such rows out")
_BLANK = Fault(_EMPTY.says, "leave such rows out, or give blank=skip")


@dataclass(frozen=True, kw_only=True)
class Names:
    """The columns that hold the texts, the gold score and the group; an empty one is guessed, a dotted one is a nested field.

    The column of a `weight`, how much a pair counts, is never guessed.

    Several scores are one a rater: gold is their mean. With `negative` rows are triplets, which have no score: `left` is nearer to `right`.
    `items` says what the columns of texts hold, all of them, or one after the other.
    """

    left: str = ""
    right: str = ""
    score: Sequence[str] = ()
    negative: str = ""
    group: str = ""
    weight: str = ""
    items: Sequence[Reads] = ("text",)

    def __post_init__(self) -> None:
        if isinstance(self.score, str):  # one name, as most have
            object.__setattr__(self, "score", (self.score,) if self.score else ())
        sides = 3 if self.negative else 2
        if len(self.items) not in (1, sides):
            raise OptionError(
                f"option 'items' says what all columns hold, as in items=image, or each of the {sides}, as in items=image+text"
            )

    @property
    def kinds(self) -> dict[str, Reads]:
        """What the column of each side holds: texts or images."""
        sides = ("left", "right", "negative")
        return dict(zip(sides, tuple(self.items) * (3 if len(self.items) == 1 else 1), strict=False))

    @property
    def by_role(self) -> dict[str, str]:
        """The column of each role that a reader needs; one of several scores has its number behind the role."""
        rest = {"negative": self.negative} if self.negative else dict(zip(self.scores, self.score or ("",), strict=True))
        return {"left": self.left, "right": self.right, **rest, **({"weight": self.weight} if self.weight else {})}

    @property
    def scores(self) -> tuple[str, ...]:
        """The role of each score: `score`, or one a rater."""
        return ("score", *(f"score {number}" for number in range(2, len(self.score) + 1)))

    def fits(self, header: Collection[str]) -> bool:
        """Whether all columns that a reader needs are in `header`, as named or as guessed."""
        return all(_candidates(header, role, name) for role, name in self.by_role.items())

    def hold_texts(self, header: Collection[str]) -> bool:
        """Whether the columns of both texts are in `header`."""
        return bool(_candidates(header, "left", self.left) and _candidates(header, "right", self.right))


def to_pairs(
    table: Table,
    names: Names,
    what: str,
    grading: Grading | None = None,
    *,
    group_needed: bool = False,
    blank: Blank | None = None,
    step: str = "name {it} with {role}=",
    beside: Path | None = None,
) -> tuple[Pairs, tuple[str, ...]]:
    """The pairs in `table`, and what a reader should know of how they were read.

    Raises DataError that counts the rows without two texts and a finite gold score, and names the first of them. `blank=skip` leaves
    out rows whose cells are all empty, `blank=unrated` also those that nobody has rated (None: nobody can give that). A group column
    that is named but absent is an error only if `group_needed`. `step` is what to do where a column is missing, `beside` the folder in
    which images may lie.
    """
    if not table.size:
        raise DataError(f"{what} has no rows; give a file or split with at least one pair")
    grading = grading or Grading()
    place = _places(table.columns, names.by_role, what, step)
    empty = _empty_rows(table, place.values())
    if len(empty) == table.size:
        raise DataError(f"every cell of {what} is empty; give a file or split with at least one pair")
    said = [_taken(names.by_role, place)]
    faults = Faults()
    if blank not in ("skip", "unrated"):
        faults.extend(_BLANK if blank else _EMPTY, empty)
    elif empty:
        said.append(f"skipped {counted(len(empty), 'row')} whose cells are all empty")
        table = table.take(sorted(set(range(table.size)) - set(empty)))
    if blank == "unrated" and not names.negative:
        table = _rated_rows(table, names, place, what, said)
    texts, turned = read_items(table, names.kinds, place, faults, beside)
    rated = None if names.negative else _rated(table, names, place, grading, faults, what, blank)
    weights = read_weights(read_values(table, place["weight"], faults), grading, faults, what) if "weight" in place else None
    group = _group(table, names, what, faults, step, needed=group_needed)
    faults.refuse(table, what)
    if wordless := [
        row for row, of_row in enumerate(zip(*texts, strict=True)) if any(isinstance(item, str) and not item.strip() for item in of_row)
    ]:
        single = len(wordless) == 1
        step = "leave it out if it is no pair, such as a total" if single else "leave them out if they are no pairs, such as totals"
        said.append(f"{table.named(wordless)} {'has' if single else 'have'} an empty text; {step}")
    if turned:
        said.append(f"turned as the EXIF data say: {counted(len(turned), 'image')}, of {table.named(sorted(set(turned)))}")
    if rated is None:
        anchor, positive, negative = texts
        return Pairs.of_triplets(Triplets(anchor, positive, negative, group)), tuple(filter(None, said))
    left, right = texts
    gold, ratings = rated
    require_public(gold, grading.hidden, table, what)
    if ratings is not None:
        said.append(f"gold is the mean of {ratings.shape[1]} raters, {np.isfinite(ratings).sum() / len(ratings):.3g} a pair")
    return Pairs(left, right, gold, group, weights, ratings), tuple(filter(None, said))


def _rated_rows(table: Table, names: Names, place: Mapping[str, str], what: str, said: list[str]) -> Table:
    """The rows that somebody has rated; how many nobody has is `said`. Raises DataError where nobody has rated any."""
    lacking = set(unrated([read_values(table, place[role], Faults()) for role in names.scores]))
    if len(lacking) == table.size:
        raise DataError(
            f"nobody has rated any pair of {what}; `stsbench score` scores pairs without gold, `stsbench choose` has them rated"
        )
    said += [f"left out {counted(len(lacking), 'row')} that nobody has rated"] if lacking else []
    return table.take([row for row in range(table.size) if row not in lacking])


def _rated(
    table: Table, names: Names, place: Mapping[str, str], grading: Grading, faults: Faults, what: str, blank: Blank | None
) -> tuple[Float64, Float64 | None]:
    """Gold, and the ratings that it is the mean of where there are several raters."""
    columns = [read_values(table, place[role], faults) for role in names.scores]
    if blank and unrated(columns):
        faults.advice = ", or give blank=unrated to leave out what nobody has rated"
    return mean_grades(columns, [names_at(table, place[role]) for role in names.scores], grading, faults, what)


def to_texts(table: Table, names: Names, what: str, beside: Path | None = None) -> tuple[tuple[Item, ...], tuple[Item, ...]]:
    """The left and the right texts, or images, of pairs that have no score, one a row; raises DataError as `to_pairs`."""
    if not table.size:
        raise DataError(f"{what} has no rows; give a file with at least one pair")
    place = _places(table.columns, {"left": names.left, "right": names.right}, what, "name {it} with {role}=")
    faults = Faults()
    (left, right), _ = read_items(table, names.kinds, place, faults, beside)
    faults.refuse(table, what)
    return left, right


def to_column(table: Table, name: str, what: str) -> list[str]:
    """The texts of one column of a table that has no pairs; raises DataError as `to_pairs`. Empty cells are empty texts."""
    place = _places(table.columns, {"column": name}, what, "name {it} with --{role}")["column"]
    faults = Faults()
    texts = read_texts(table, place, faults, missing_is_empty=True)
    faults.refuse(table, what)
    return texts


def guessed(header: Collection[str], role: str) -> list[str]:
    """The columns of `header` that are named as such columns usually are, each name in any case where none is written so to the letter."""
    return [
        name
        for usual in GUESSES.get(role, ())
        for name in ((usual,) if usual in header else (other for other in header if other.casefold() == usual))
    ]


def _candidates(header: Collection[str], role: str, given: str) -> list[str]:
    return [name for name in (given,) if has_column(header, name)] if given else guessed(header, role)


def _places(columns: Collection[str], given: Mapping[str, str], what: str, step: str) -> dict[str, str]:
    """The column of each role; raises DataError that names every role which has none, or the first that has several."""
    candidates = {role: _candidates(columns, role, name) for role, name in given.items()}
    if missing := [role for role, names in candidates.items() if not names]:
        raise DataError(_missing(columns, {role: given[role] for role in missing}, what, step))
    for role, names in candidates.items():
        if len(names) > 1:
            raise DataError(f"{what} has several columns that may hold the {_ROLE[role]} ({', '.join(names)}); say which with {role}=")
    place = {role: names[0] for role, names in candidates.items()}
    first: dict[str, str] = {}
    texts = {role for role in ("left", "right", "negative") if given.get(role)}  # named, so that one may be paired with itself
    for role, name in place.items():  # a weight may be of any column
        if role != "weight" and (other := first.setdefault(name, role)) != role and not {role, other} <= texts:
            both = f"column {name!r}" if PLAIN.match(name) else "a column"
            raise DataError(
                f"{both} of {what} would be the {_ROLE[_option(other)]} and the {_ROLE[_option(role)]} too; name another for either"
            )
    return place


def _missing(columns: Collection[str], given: Mapping[str, str], what: str, step: str) -> str:
    """One sentence on all roles that have no column: what was sought, which columns there are, and what to do."""
    plain = [name for name in columns if PLAIN.match(name)]
    close = [one for name in given.values() if name for one in difflib.get_close_matches(name, plain, 1)]
    roles = [repr(_option(role)) for role, name in given.items() if not PLAIN.match(name)]
    lacking = [f"column for option{'s' if len(roles) > 1 else ''} {listed(roles, 'or')}"] if roles else []
    sought = listed([*(f"column {name!r}" for name in given.values() if PLAIN.match(name)), *lacking], "or")
    more = f", and {len(columns) - len(plain)} whose names are no plain words" if len(columns) > len(plain) else ""
    there = f"its columns are {_listed(plain)}{more}" if plain else "none of its column names is a plain word, is the first line a header?"
    if {"left", "right"} <= given.keys() and _look_like_a_row(columns):
        close, there = [], "one of its column names is a number, so its first line may be a pair; write a header above it"
    hint = f"did you mean {listed(close)}? " if close else ""
    hint += step.format(
        it="it" if len(given) == 1 else "them",
        role=listed([f"{role}=" for role in dict.fromkeys(map(_option, given))]).removesuffix("="),
    )
    return f"{what} has no {sought} ({there}); {hint}"


def _look_like_a_row(columns: Collection[str]) -> bool:
    """Whether some names of columns are numbers, as in the first line of a file without a header, but not all."""
    return 0 < sum(map(is_number, columns)) < len(columns)


def _option(role: str) -> str:
    """The option that names the column of a role."""
    return role.partition(" ")[0]


def _taken(given: Mapping[str, str], place: dict[str, str]) -> str:
    """Which columns were taken because of their names."""
    taken = [f"{role}={found}" for role, found in place.items() if not given[role]]
    return f"taken by name: {', '.join(taken)}" if taken else ""


def _listed(names: Sequence[str]) -> str:
    return ", ".join(names[:12]) + (", ..." if len(names) > 12 else "")


def _empty_rows(table: Table, used: Collection[str]) -> list[int]:
    """The rows whose cells are all empty; other columns than those used are looked at for the few rows that need it."""
    rows = list(range(table.size))
    for name in dict.fromkeys(used):
        _, _, values = column(table, name)
        rows = [row for row in rows if _is_empty(values[row])]
    for name in table.columns if rows else ():
        values = table.columns[name]
        rows = [row for row in rows if _is_empty(values[row])]
    return rows


def _is_empty(value: Any) -> bool:
    if isinstance(value, str):
        return not value.strip()
    if isinstance(value, dict | list):
        return all(map(_is_empty, value.values() if isinstance(value, dict) else value))
    return value is None or is_absent(value) or (isinstance(value, float) and math.isnan(value))


def _group(table: Table, names: Names, what: str, faults: Faults, step: str, *, needed: bool) -> tuple[str, ...]:
    """The labels of the rows; none where no column is named, or one that is not there is not needed."""
    if not (names.group and (needed or has_column(table.columns, names.group))):
        return ()
    return _groups(table, _places(table.columns, {"group": names.group}, what, step)["group"], faults)


def _groups(table: Table, name: str, faults: Faults) -> tuple[str, ...]:
    labels = names_at(table, name)
    half = Fault("{holds} half of a character (a lone surrogate) in its group", "write it anew")
    groups = []
    for value in read_values(table, name, faults):
        named = labels[value] if labels and isinstance(value, int) and 0 <= value < len(labels) else value
        groups.append("" if named is None else str(named))
    faults.extend(half, not_unicode(groups))
    return tuple(groups)
