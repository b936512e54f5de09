"""What `board.toml` asks for: systems to run, scores to keep, benchmarks to choose on."""

from __future__ import annotations

from collections.abc import Callable, Collection, Iterator, Sequence
from pathlib import Path
from typing import Final

from pydantic import BaseModel, ValidationError
from pydantic_core import ErrorDetails

from stsbench.contracts.boards.board import BoardSpec, SelectedSpec, SystemSpec
from stsbench.contracts.boards.require import RequireSpec
from stsbench.contracts.reading import read_toml
from stsbench.contracts.records import Record, RecordFile
from stsbench.contracts.ref import Ref
from stsbench.contracts.wording import broken_rule
from stsbench.errors import StsbenchError, UnknownName, UsageError
from stsbench.host.registry import Registry
from stsbench.host.suggest import did_you_mean
from stsbench.runner.loading import canonical
from stsbench.runner.system import Choice
from stsbench.stats.metrics import METRICS

SPEC = "board.toml"


def load_spec(folder: Path) -> BoardSpec:
    """The board that `folder/board.toml` describes; raises UsageError that names the field which is wrong."""
    path = folder / SPEC
    try:
        spec = BoardSpec.model_validate(read_toml(path))
    except FileNotFoundError as error:
        raise UsageError(
            f"there is no board at {folder}: it needs a board.toml; stsbench has examples in its repository, under leaderboards/"
        ) from error
    except NotADirectoryError as error:
        raise UsageError(f"{folder} is a file; name the board's folder, which holds its board.toml") from error
    except ValidationError as error:
        raise UsageError(
            f"{path}: " + "; ".join(_wrong(one["type"], one["loc"], broken_rule(one["msg"]), one["input"]) for one in _told(error))
        ) from error
    except OSError as error:
        raise UsageError(f"{path} cannot be read ({error.strerror}); name a board that you may read") from error
    except ValueError as error:
        raise UsageError(f"{path} cannot be read as TOML: {error}") from error
    if spec.main is not None and spec.main not in METRICS:
        raise UsageError(f"{path}: main: there is no metric {spec.main}; {did_you_mean(spec.main, METRICS)}")
    return spec


def spec_of(folder: Path) -> BoardSpec | None:
    """The board that a folder of results is of, if it is of one; raises as `load_spec` does."""
    return load_spec(folder) if (folder / SPEC).exists() else None


TABLES: Final[dict[int | str, type[BaseModel]]] = {"system": SystemSpec, "selected": SelectedSpec, "require": RequireSpec}


def _told(error: ValidationError) -> list[ErrorDetails]:
    """What is wrong, without that a list is too short where tables of it are wrong themselves, and so do not count."""
    details = error.errors()
    inside = {each["loc"][0] for each in details if len(each["loc"]) > 1}
    return [each for each in details if len(each["loc"]) > 1 or each["loc"][0] not in inside]


def _wrong(kind: str, where: tuple[int | str, ...], message: str, given: object) -> str:
    table, key = TABLES.get(where[0], BoardSpec) if len(where) > 1 else BoardSpec, str(where[-1])
    if len(where) > 2 and isinstance(where[1], int):
        place = f"{'.'.join(map(str, where[2:]))} of {where[0]} {where[1] + 1}"
    else:
        place = ".".join(map(str, where))
    if kind == "extra_forbidden":
        return f"{place} is no key of a board; {did_you_mean(key, table.model_fields)}"
    if kind == "tuple_type":
        example = given if isinstance(given, str) else key
        return f"{place}: is a list of tables, each under [[{key}]]" if key in TABLES else f'{place}: is a list, as in ["{example}"]'
    return f"{place} is required" if kind == "missing" else f"{place}: {message[0].lower()}{message[1:]}"


def choices_of(spec: BoardSpec) -> tuple[Choice, ...]:
    """What the systems of a board ask for."""
    return tuple(
        Choice(
            system.encoder,
            system.similarities or (spec.primary_ref,),
            system.views,
            required=True,
            transforms=system.transforms,
            label=system.label,
        )
        for system in spec.system
    )


def development_benchmarks(spec: BoardSpec) -> tuple[str, ...]:
    """References of all benchmarks that `selected` tables choose on, each once."""
    return tuple(dict.fromkeys(ref for one in spec.selected for ref in one.development))


def stem(registry: Registry, encoder: str, kept: Collection[str] = ()) -> str:
    """What records call the encoder that a board names.

    Where no plugin offers it, the one of those `kept` that has its name and no option that it has not: options of views are in no record.
    """
    try:
        return str(canonical(registry, registry.resolve_encoder(encoder), {}).stem)
    except UnknownName:
        named = Ref.parse(encoder)
        same = [ref for ref in map(Ref.parse, kept) if named.name in (ref.name, ref.name.partition("/")[2]) and ref.target == named.target]
        same = [ref for ref in same if set(ref.options) <= set(named.options)]
        most = [ref for ref in same if len(ref.options) == max(len(other.options) for other in same)]
        if len(most) != 1:
            raise
        return str(most[0])


def without_results(spec: BoardSpec, registry: Registry, files: Sequence[RecordFile]) -> Iterator[str]:
    """What a board names and nothing is kept of: encoders, and similarities of encoders. What is not here is passed over."""
    kept = {(file.encoder.ref, record.similarity) for file in files for record in file.records}
    encoders = {ref for ref, _ in kept}
    for system in spec.system:
        try:
            encoder = stem(registry, system.encoder, encoders)
            similarities = {name: str(canonical(registry, registry.resolve("similarity", name), {}).ref) for name in system.similarities}
        except StsbenchError:  # nor what it is fitted on, or its model
            continue
        if encoder not in encoders:
            yield system.encoder
        elif (encoder, None) not in kept:
            yield from (f"{name} of {system.encoder}" for name, ref in similarities.items() if (encoder, ref) not in kept)


def evidence_of(spec: BoardSpec, registry: Registry) -> Callable[[Record, RecordFile], bool]:
    """Whether the scores of a system are committed: those of the similarities that its table lists, by default the primary one.

    Those of systems that a `selected` table chooses from are, too.
    """
    wanted = {
        (stem(registry, system.encoder), str(canonical(registry, registry.resolve("similarity", similarity), {}).ref))
        for system in spec.system
        for similarity in (system.evidence if system.evidence is not None else (spec.primary_ref,))
    }
    chosen_from = {one.encoder and stem(registry, one.encoder) for one in spec.selected}
    return lambda record, file: (
        record.similarity is None or not chosen_from.isdisjoint({"", file.encoder.ref}) or (file.encoder.ref, record.similarity) in wanted
    )
