"""Which model a row is of, and which row shows the model as it comes."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from typing import Final

from stsbench.contracts.board import GOLD_SEEN, BoardSpec, Row, SystemSpec
from stsbench.contracts.identity import SystemId
from stsbench.contracts.ref import Ref, short, unescape
from stsbench.errors import RefError

PACKAGE: Final = "pkg:"
HASH: Final = "~"  # what follows it in a canonical target is the hash of a folder


def with_models(spec: BoardSpec, rows: Sequence[Row], encoders: Mapping[SystemId, str]) -> tuple[Row, ...]:
    """The rows with their models; `encoders` are the labels of their encoders.

    The main row of a model is the first by `board.toml` that is of the primary similarity, has no transforms and has seen no gold scores;
    where a model has none such, that which comes nearest.
    """
    entries = [(_parsed(short(entry.encoder)), entry) for entry in spec.system]
    loaded = {system: (system.encoder, label) for system, label in encoders.items()}
    at = {encoder: _place(_parsed(short(encoder[0])), encoder[1], entries) for encoder in {*loaded.values()}}
    places = {system: at[encoder] for system, encoder in loaded.items()}
    models = _models(rows, {system: spec.system[at].model for system, at in places.items() if at < len(entries)}, encoders)
    main: dict[str, Row] = {}

    def order(row: Row) -> tuple[object, ...]:
        at = places[row.system]
        view = _place_of_view(row.view, *entries[at]) if at < len(entries) else (0, 0.0)
        return not GOLD_SEEN.isdisjoint(row.flags), not row.primary, bool(row.transforms), at, *view, row.label, row.fingerprint

    for row in sorted(rows, key=order):
        main.setdefault(models[row.system], row)
    loaders = _loaders(rows, models, encoders)
    return tuple(_of_model(row, main[models[row.system]], models[row.system], loaders.get(row.system, "")) for row in rows)


def _of_model(row: Row, main: Row, model: str, loader: str) -> Row:
    gap = None if row is main or row.average is None or main.average is None else row.average - main.average
    return row.model_copy(update={"model": model, "main": row is main, "loader": loader, "difference": gap})


def _parsed(text: str) -> Ref | None:
    try:
        return Ref.parse(text)
    except RefError:
        return None


def _place(encoder: Ref | None, label: str, entries: Sequence[tuple[Ref | None, SystemSpec]]) -> int:
    """The place of the entry of `board.toml` that names the encoder, with its label and the options most like its own; else behind all."""
    likeness: dict[int, tuple[bool, int, int]] = {}
    for at, (named, entry) in enumerate(entries):
        if encoder and named and named.name.casefold() == encoder.name.casefold() and _is_target(named.target, encoder.target):
            given, canonical = {*named.options}, {*encoder.options}
            likeness[at] = entry.label == label, len(given & canonical), -len(given - canonical)
    return max(likeness, key=lambda at: likeness[at], default=len(entries))


def _is_target(given: str | None, canonical: str | None) -> bool:
    """Whether a target as it is given is that of a canonical reference, which holds a folder's name and hash in the place of its path."""
    if given is None or canonical is None:
        return given == canonical
    folder, hashed, _ = canonical.rpartition(HASH)
    return unescape(given) == unescape(canonical) or (bool(hashed) and unescape(given).rstrip("/").rpartition("/")[2] == unescape(folder))


def _place_of_view(view: str, ref: Ref | None, entry: SystemSpec) -> tuple[int, float]:
    """Where an entry names a view, or its pooling; of layers that it does not name, the last is first."""
    options = ref.options if ref else ()
    named = [*entry.views, *(one for _, value in options for one in value.split("+"))]
    pooling, _, layer = view.partition("@")
    at = next((named.index(one) for one in (view, pooling) if one in named), len(named))
    return at, -float(layer) if layer.isdecimal() and view not in named else 0.0


def _models(rows: Sequence[Row], named: Mapping[SystemId, str], encoders: Mapping[SystemId, str]) -> dict[SystemId, str]:
    """What `board.toml` names, else what the encoder loads, of a pair scorer its label; a folder's hash only where it must be."""
    models, folders = {}, {}
    for row in rows:
        ref = _parsed(row.encoder)
        if named.get(row.system):
            models[row.system] = named[row.system]
        elif not row.similarity or ref is None:
            models[row.system] = encoders[row.system]
        elif ref.target is None:
            models[row.system] = short(row.encoder)
        else:
            models[row.system] = target = unescape(ref.target).removeprefix(PACKAGE)
            folders[target] = target.rpartition(HASH)[0] or target
    plain = {target: name for target, name in folders.items() if [*folders.values()].count(name) == 1}
    return {system: plain.get(model, model) for system, model in models.items()}


def _loaders(rows: Sequence[Row], models: Mapping[SystemId, str], encoders: Mapping[SystemId, str]) -> dict[SystemId, str]:
    """What tells rows apart that would read alike: what loads the model, its label, the whole similarity, or the fingerprint."""
    tries: tuple[Callable[[Row], str], ...] = (
        lambda row: short(row.encoder).partition(":")[0].partition(",")[0],
        lambda row: encoders[row.system],
        lambda row: row.similarity,
        lambda row: row.label,
    )
    groups: dict[tuple[object, ...], list[Row]] = {}
    for row in rows:
        groups.setdefault((models[row.system], row.view, row.transforms, short(row.similarity)), []).append(row)
    loaders: dict[SystemId, str] = {}
    for alike in (group for group in groups.values() if len(group) > 1):
        said = next(tell for tell in tries if len({tell(row) for row in alike}) == len(alike) or tell is tries[-1])
        loaders |= {row.system: said(row) for row in alike}
    return loaders
