"""Which model a row is of, and which row shows the model as it comes."""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Mapping, Sequence
from functools import cache, partial
from typing import Final, NamedTuple

from stsbench.contracts.boards.board import BoardSpec, Row
from stsbench.contracts.identity import SystemId
from stsbench.contracts.records import EncoderEntry
from stsbench.contracts.ref import short, unescape
from stsbench.leaderboard.entries import entries_of, folder_of, parsed, place_of, place_of_view

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
