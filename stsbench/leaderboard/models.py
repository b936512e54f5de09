"""Which model a row is of, and which row shows the model as it comes."""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Mapping, Sequence
from typing import Final, NamedTuple

from stsbench.contracts.board import BoardSpec, Row, SystemSpec
from stsbench.contracts.identity import SystemId
from stsbench.contracts.records import EncoderEntry
from stsbench.contracts.ref import Ref, short, unescape
from stsbench.errors import RefError, StoreError

PACKAGE: Final = "pkg:"
SUPERVISED: Final = "supervised"  # flag of what was trained on gold scores, of these pairs or of others
HASH: Final = "~"  # what follows it in a canonical target is the hash of a folder


def with_models(spec: BoardSpec, rows: Sequence[Row], encoders: Mapping[SystemId, EncoderEntry]) -> tuple[Row, ...]:
    """The rows with their models; `encoders` are those that they are of.

    The main row of a model is the first by `board.toml` that was not trained on gold scores, is of the primary similarity and has no
    transforms, whether or not it has a figure everywhere; where a model has none such, that which comes nearest. Raises StoreError
    where the board calls folders of one name by several models, and nothing tells which a row is of.
    """
    entries = [(_parsed(short(entry.encoder)), entry) for entry in spec.system]
    looked = {row.system: (row.encoder, encoders[row.system].label, row.view) for row in rows}
    place_of = {each: _place(*each, entries) for each in dict.fromkeys(looked.values())}
    places = {system: place_of[each] for system, each in looked.items()}
    models = _models(rows, {system: spec.system[at].model for system, at in places.items() if at < len(entries)}, encoders)
    main: dict[str, Row] = {}

    def order(row: Row) -> tuple[object, ...]:
        at = places[row.system]
        view = _place_of_view(row.view, *entries[at]) if at < len(entries) else (0, 0.0)
        return SUPERVISED in row.flags, not row.primary, bool(row.transforms), at, *view, row.label, row.fingerprint

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


def _place(ref: str, label: str, view: str, entries: Sequence[tuple[Ref | None, SystemSpec]]) -> int:
    """The place of the entry of `board.toml` that names the encoder, with its label, the options most like its own, and the view.

    Else behind all.
    """
    likeness: dict[int, tuple[bool, int, int, bool]] = {}
    encoder = _parsed(short(ref))
    for at, (named, entry) in enumerate(entries):
        if encoder and named and named.name.casefold() == encoder.name.casefold() and _is_target(named.target, encoder.target):
            given, canonical = {*named.options}, {*encoder.options}
            likeness[at] = entry.label == label, len(given & canonical), -len(given - canonical), view in entry.views
    best = [at for at, found in likeness.items() if found == max(likeness.values())]
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
    folder, hashed, _ = canonical.rpartition(HASH)
    return unescape(given) == unescape(canonical) or (bool(hashed) and unescape(given).rstrip("/").rpartition("/")[2] == unescape(folder))


def _place_of_view(view: str, ref: Ref | None, entry: SystemSpec) -> tuple[int, float]:
    """Where an entry names a view, or its pooling; of layers that it does not name, the last is first."""
    options = ref.options if ref else ()
    named = [*entry.views, *(one for _, value in options for one in value.split("+"))]
    pooling, _, layer = view.partition("@")
    at = next((named.index(one) for one in (view, pooling) if one in named), len(named))
    return at, -float(layer) if layer.isdecimal() and view not in named else 0.0


def _models(rows: Sequence[Row], named: Mapping[SystemId, str], encoders: Mapping[SystemId, EncoderEntry]) -> dict[SystemId, str]:
    """What each row's model is called: the shortest of its names that no other model has."""
    owners = {row.system: _model(row, named.get(row.system, ""), encoders[row.system]) for row in rows}
    called = {model: model.names[0] for model in owners.values()}
    for longer in range(1, max(len(model.names) for model in called)):
        counts = Counter(called.values())
        called |= {model: model.names[min(longer, len(model.names) - 1)] for model, name in called.items() if counts[name] > 1}
    return {system: called[model] for system, model in owners.items()}


class _Model(NamedTuple):
    """What a model is, and what it may be called, the shortest first."""

    identity: tuple[str, ...]
    names: tuple[str, ...]


def _model(row: Row, named: str, entry: EncoderEntry) -> _Model:
    """The one that `board.toml` names, else what the encoder loads, or the pair scorer."""
    ref = _parsed(row.encoder)
    if named:
        return _Model(("named", named), (named,))
    if ref is None or ref.target is None or not row.similarity:
        return _Model(("whole", row.encoder), (short(row.encoder) if row.similarity and ref else entry.label, row.encoder))
    target, revision = unescape(ref.target).removeprefix(PACKAGE), entry.facts.get("revision", "")
    folder = target.rpartition(HASH)[0] or target
    return _Model(("target", target, revision), (folder, target, *(f"{target}@{one}" for one in (revision[:12], revision) if one)))


def _loaders(rows: Sequence[Row], models: Mapping[SystemId, str], encoders: Mapping[SystemId, EncoderEntry]) -> dict[SystemId, str]:
    """What tells rows apart that would read alike: what loads the model, its label, the whole similarity, or the fingerprint."""
    tries: tuple[Callable[[Row], str], ...] = (
        lambda row: short(row.encoder).partition(":")[0].partition(",")[0],
        lambda row: encoders[row.system].label,
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
