"""Which model a row is of, and which row shows it as it comes; which table of `board.toml` it is of: records write encoders otherwise."""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Mapping, Sequence
from functools import cache, partial
from typing import Final, NamedTuple

from stsbench.contracts.boards.board import BoardSpec, Row, SystemSpec
from stsbench.contracts.identity import SystemId
from stsbench.contracts.records import EncoderEntry
from stsbench.contracts.ref import Ref, short, unescape
from stsbench.errors import RefError, StoreError

PACKAGE: Final = "pkg:"
SUPERVISED: Final = "supervised"  # flag of what was trained on gold scores, of these pairs or of others


def with_models(spec: BoardSpec, rows: Sequence[Row], encoders: Mapping[SystemId, EncoderEntry]) -> tuple[Row, ...]:
    """The rows with their models; `encoders` are those that they are of.

    The main row of a model is the first by `board.toml` that was not trained on gold scores, is of the primary similarity and has no
    transforms, whether or not it has a figure everywhere; where a model has none such, that which comes nearest. Raises StoreError
    where the board calls folders of one name by several models, and nothing tells which a row is of.
    """
    tables = entries_of(spec)
    look = cache(partial(place_of, tables))
    loaded = [encoders[row.system] for row in rows]
    places = [look(row.encoder, encoder.label, row.view) for row, encoder in zip(rows, loaded, strict=True)]
    named = [tables[place][1].model if place < len(tables) else "" for place in places]
    models = _names(list(map(_model, rows, loaded, named)))
    loaders = _loaders(rows, loaded, models)

    def order(at: int) -> tuple[object, ...]:
        row, place = rows[at], places[at]
        view = place_of_view(row.view, tables[place]) if place < len(tables) else (0, 0.0)
        return SUPERVISED in row.flags, not row.primary, bool(row.transforms), place, *view, row.label, row.fingerprint

    main: dict[str, Row] = {}
    for at in sorted(range(len(rows)), key=order):
        main.setdefault(models[at], rows[at])
    return tuple(_of_model(row, main[model], model, loader) for row, model, loader in zip(rows, models, loaders, strict=True))


def _of_model(row: Row, main: Row, model: str, loader: str) -> Row:
    gap = None if row is main or row.average is None or main.average is None else row.average - main.average
    return row.model_copy(update={"model": model, "main": row is main, "loader": loader, "difference": gap})


class _Model(NamedTuple):
    """What a model is, and what it may be called, the shortest first."""

    identity: tuple[str, ...]
    names: tuple[str, ...]


def _model(row: Row, encoder: EncoderEntry, named: str) -> _Model:
    """The one that `board.toml` names, else what the encoder loads, or the pair scorer."""
    if named:
        return _Model(("named", named), (named,))
    ref = parsed(row.encoder)
    if ref is None or ref.target is None or not row.similarity:
        return _Model(("whole", row.encoder), (short(row.encoder) if row.similarity and ref else encoder.label, row.encoder))
    folder, target = (unescape(part).removeprefix(PACKAGE) for part in (folder_of(ref.target), ref.target))
    revision = encoder.facts.get("revision", "")
    return _Model(("target", target, revision), (folder, target, *(f"{target}@{one}" for one in (revision[:12], revision) if one)))


def _names(models: Sequence[_Model]) -> list[str]:
    """What each model is called: the shortest of its names that no other model has."""
    called = {model: model.names[0] for model in models}
    for longer in range(1, max(len(model.names) for model in called)):
        counts = Counter(called.values())
        called |= {model: model.names[min(longer, len(model.names) - 1)] for model, name in called.items() if counts[name] > 1}
    return [called[model] for model in models]


def _loaders(rows: Sequence[Row], encoders: Sequence[EncoderEntry], models: Sequence[str]) -> list[str]:
    """What tells rows apart that would read alike: what loads the model, its label, the whole similarity, or the row's label; else ""."""
    tries: tuple[Callable[[int], str], ...] = (
        lambda at: short(rows[at].encoder).partition(":")[0].partition(",")[0],
        lambda at: encoders[at].label,
        lambda at: rows[at].similarity,
        lambda at: rows[at].label,
    )
    groups: dict[tuple[object, ...], list[int]] = {}
    for at, (row, model) in enumerate(zip(rows, models, strict=True)):
        groups.setdefault((model, row.view, row.transforms, short(row.similarity)), []).append(at)
    loaders = [""] * len(rows)
    for alike in (group for group in groups.values() if len(group) > 1):
        said = next(tell for tell in tries if len({tell(at) for at in alike}) == len(alike) or tell is tries[-1])
        for at in alike:
            loaders[at] = said(at)
    return loaders


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
