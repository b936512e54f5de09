"""Boards: a folder with `board.toml`, its evidence, and the files that are derived from it."""

from __future__ import annotations

import os
from collections.abc import Callable, Mapping, Sequence
from dataclasses import replace
from pathlib import Path

from pydantic import BaseModel, ValidationError

from stsbench.api.evaluate import Keep, execute
from stsbench.api.rendering import rendered
from stsbench.api.report import Report
from stsbench.api.session import Listener, Session
from stsbench.contracts.board import BoardSpec, Leaderboard, SelectedSpec, SystemSpec
from stsbench.contracts.events import NotAtHand, Recomputing, Warned
from stsbench.contracts.paths import name_of
from stsbench.contracts.protocols import Writer
from stsbench.contracts.reading import read_toml, without_mark
from stsbench.contracts.records import BenchmarkEntry, EncoderEntry, Record, RecordFile
from stsbench.contracts.statistics import Statistics
from stsbench.contracts.wording import counted
from stsbench.errors import MissingExtra, StoreError, StsbenchError, UsageError
from stsbench.evidence.contradictions import contradicted
from stsbench.evidence.development import DEVELOPMENT, development_benchmarks
from stsbench.evidence.diagrams import board_diagrams, stamp, systems_on_top
from stsbench.evidence.presence import data_at_hand
from stsbench.evidence.statistics import board_statistics, is_current
from stsbench.host.registry import Registry
from stsbench.host.resolved import Resolved, blame
from stsbench.host.suggest import did_you_mean
from stsbench.leaderboard.build import build
from stsbench.leaderboard.check import compare
from stsbench.leaderboard.discreet import FILES, names_of_files, without_paths
from stsbench.leaderboard.published import with_published
from stsbench.runner.request import Request, Setup
from stsbench.runner.system import Choice
from stsbench.runner.training import canonical
from stsbench.runner.vectors import cache_folder
from stsbench.stores.atomic import remove, write_atomic
from stsbench.stores.diagrams import DIAGRAMS, dump_diagrams, read_diagrams
from stsbench.stores.prune import prune
from stsbench.stores.published import PUBLISHED, read_published
from stsbench.stores.records import load_all
from stsbench.stores.scores import unmatched_scores
from stsbench.stores.statistics import STATISTICS, dump_statistics, read_statistics

PAGE = "html"  # the writer whose page shows what takes gold to draw


def load_spec(folder: Path) -> BoardSpec:
    """The board that `folder/board.toml` describes; raises UsageError that names the field which is wrong."""
    path = folder / "board.toml"
    try:
        return BoardSpec.model_validate(read_toml(path))
    except FileNotFoundError as error:
        raise UsageError(f"there is no board at {folder}: it needs a board.toml; leaderboards/ has examples to copy") from error
    except NotADirectoryError as error:
        raise UsageError(f"{folder} is a file; name the board's folder, which holds its board.toml") from error
    except ValidationError as error:
        raise UsageError(f"{path}: " + "; ".join(_told(one["type"], one["loc"], one["msg"]) for one in error.errors())) from error
    except (OSError, ValueError) as error:
        raise UsageError(f"{path} cannot be read as TOML: {error}") from error


def _told(kind: str, where: tuple[int | str, ...], message: str) -> str:
    place, key = ".".join(map(str, where)), str(where[-1])
    if kind == "extra_forbidden":
        tables: dict[int | str, type[BaseModel]] = {"system": SystemSpec, "selected": SelectedSpec}
        table = tables.get(where[0], BoardSpec) if len(where) > 1 else BoardSpec
        known = table.model_fields
        return f"{place} is no key of a board; {did_you_mean(key, known)}"
    return f"{place} is required" if kind == "missing" else f"{place}: {message[0].lower()}{message[1:]}"


def run_board(
    folder: Path,
    *,
    fresh: bool = False,
    accept: bool = False,
    strict: bool = False,
    cache: str | Path | bool = True,
    execution: Mapping[str, object] | None = None,
    memory: int | None = None,
    allow_network: Sequence[str] = (),
    listen: Listener = lambda _: None,
    registry: Registry | None = None,
) -> tuple[Report, Leaderboard]:
    """Compute the board's missing cells (all of them with `fresh`), keep the evidence and write the derived files."""
    spec = load_spec(folder)
    registry = registry or Registry.installed()
    if strict:
        registry.require_sound("encoder", "transform", "similarity", "benchmark", "writer")
    keep = Keep(folder, tolerance=spec.tolerance, accept=accept, fresh=fresh, evidence=evidence_of(spec, registry))
    setup = Setup(execution or {}, frozenset(allow_network), cache_folder(cache), memory, listen)
    report = execute(registry, Request(choices_of(spec), tuple(spec.benchmarks)), setup, keep)
    _remove_unnamed(folder, report, listen)
    if elsewhere := development_benchmarks(spec):
        keep = replace(keep, root=folder / DEVELOPMENT, evidence=lambda _record, _file: True)
        developed = execute(registry, Request(choices_of(spec), elsewhere), setup, keep)
        _remove_unnamed(keep.root, developed, listen)
        report = report.joined(developed)
    if not report.failed:
        data = Session.opened(
            registry, execution={"mirror": (execution or {}).get("mirror")}
        )  # that data differ is in the name that records give them
        _keep_statistics(folder, spec, data, listen, fresh=fresh)
        _keep_diagrams(folder, spec, data, listen, fresh=fresh)
    return report, build_board(folder, registry=registry, listen=listen)


def _edited(folder: Path, spec: BoardSpec) -> list[str]:
    """What is said of records that are not those that their kept scores were measured on."""
    roots = [folder, folder / DEVELOPMENT] if development_benchmarks(spec) else [folder]
    return [
        f"results: {place}: the record is not the one that its scores were measured on"
        for root in roots
        for place in unmatched_scores(root)
    ]


def _remove_unnamed(root: Path, report: Report, listen: Listener) -> None:
    """Remove records of what a complete run did not ask for."""
    if report.failed:  # what could not be planned cannot be told from what is no longer named
        return
    named = {(*_place(entry.encoder, entry.benchmark), entry.record.variant) for entry in report.entries}
    if removed := prune(root, lambda file, record: (*_place(file.encoder, file.benchmark), record.variant) in named):
        listen(Warned(f"removed {counted(removed, 'record')} of systems or benchmarks that the board no longer names"))


def choices_of(spec: BoardSpec) -> tuple[Choice, ...]:
    """What the systems of a board ask for."""
    return tuple(
        Choice(one.encoder, one.similarities or (spec.primary_ref,), one.views, required=True, transforms=one.transforms, label=one.label)
        for one in spec.system
    )


def _place(encoder: EncoderEntry, benchmark: BenchmarkEntry) -> tuple[str, str, str, str]:
    """What tells the files of a board apart."""
    return encoder.ref, encoder.fingerprint, encoder.label, benchmark.name


def _keep_statistics(folder: Path, spec: BoardSpec, data: Session, listen: Listener, *, fresh: bool) -> None:
    """Compute intervals and rank sets anew where a figure changed since, where there are none, or where all is computed `fresh`."""
    if (known := read_statistics(folder)) is not None and not fresh and is_current(folder, spec, known):
        return
    try:
        statistics = board_statistics(folder, spec, data, listen=listen)
    except StsbenchError as error:
        listen(Warned(f"the board has no intervals and no rank sets: {error}"))
        if not isinstance(error, UsageError):  # other data, or another machine, may do, and rows that did not change keep what is known
            return
        statistics = None
    if statistics is not None:
        write_atomic(folder / STATISTICS, dump_statistics(_by_the_same_numpy(statistics, known) if known else statistics))
    elif known is not None:
        remove(folder / STATISTICS)


def _keep_diagrams(folder: Path, spec: BoardSpec, data: Session, listen: Listener, *, fresh: bool) -> None:
    """Where a page is written, draw scores against gold anew if a figure of the systems on top changed since, or all is `fresh`."""
    if PAGE not in spec.writers:
        return
    known = read_diagrams(folder)
    if known is not None and not fresh and {one.record for one in known.systems} == {stamp(one) for one in systems_on_top(folder, spec)}:
        return
    try:
        write_atomic(folder / DIAGRAMS, dump_diagrams(board_diagrams(folder, spec, data)))
    except StsbenchError as error:
        listen(Warned(f"the board's page does not show scores against gold: {error}"))


def evidence_of(spec: BoardSpec, registry: Registry) -> Callable[[Record, RecordFile], bool]:
    """Whether the scores of a system are committed: those of the similarities that its table lists, by default the primary one.

    Those of systems that a `selected` table chooses from are, too.
    """
    wanted = {
        (
            str(canonical(registry, registry.resolve_encoder(one.encoder), {}).stem),
            str(canonical(registry, registry.resolve("similarity", similarity), {}).ref),
        )
        for one in spec.system
        for similarity in (one.evidence if one.evidence is not None else (spec.primary_ref,))
    }
    chosen_from = {one.encoder and str(canonical(registry, registry.resolve_encoder(one.encoder), {}).stem) for one in spec.selected}
    return lambda record, file: (
        record.similarity is None or not chosen_from.isdisjoint({"", file.encoder.ref}) or (file.encoder.ref, record.similarity) in wanted
    )


def board_of(folder: Path, spec: BoardSpec, registry: Registry | None = None) -> Leaderboard:
    """The leaderboard of a folder's evidence; it holds no path of a file that the core, the evidence or `registry` knows to be one."""
    evidence = load_all(folder)
    board = build(spec, evidence, read_statistics(folder), read_diagrams(folder))
    files = FILES | names_of_files(ref for one in evidence for ref in (one.benchmark.ref, one.encoder.ref))
    if registry is not None:
        files |= registry.names_of_files()
    board = board.model_copy(update={"spec": without_paths(spec, files)})
    return with_published(board, read_published(folder).figures)


def derive(folder: Path, registry: Registry | None = None, listen: Listener = lambda _: None) -> tuple[Leaderboard, dict[str, bytes]]:
    """The leaderboard of a folder's evidence and its files by name, as they should be.

    A file that takes an extra which is not installed is left out, and `listen` is told.
    """
    registry = registry or Registry.installed()
    board = board_of(folder, load_spec(folder), registry)
    files: dict[str, bytes] = {}
    for name in board.spec.writers:
        try:
            files |= _rendered(registry.resolve("writer", name), board, files)
        except MissingExtra as error:
            listen(Warned(f"what the writer {name} makes of {name_of(folder)} is neither written nor checked: {error}"))
    return board, files


def _rendered(resolved: Resolved[Writer], board: Leaderboard, others: Mapping[str, bytes]) -> dict[str, bytes]:
    """A writer's files; raises PluginError where it would write anything but files of its own in the board's folder."""
    files = rendered(resolved, board)
    for name in files:
        if Path(name).name != name or name in {"board.toml", STATISTICS, DIAGRAMS, PUBLISHED, *others} or name.startswith("."):
            raise blame(resolved, "rendering", f"it would write {name!r}, which is no file name of its own")
    return files


def build_board(folder: Path, *, registry: Registry | None = None, listen: Listener = lambda _: None) -> Leaderboard:
    """Write the derived files of a board from its evidence; those that are right already are not touched.

    `listen` is told of records that are not those that their scores were measured on.
    """
    for place in _edited(folder, load_spec(folder)):
        listen(Warned(f"{place}; restore it, or compute it anew with run --board, --fresh and --accept"))
    board, files = derive(folder, registry, listen)
    for name, content in files.items():
        if _read(folder / name) != content:
            write_atomic(folder / name, content)
    return board


def check_board(folder: Path, *, registry: Registry | None = None, listen: Listener = lambda _: None) -> list[str]:
    """The lines in which the committed files of a board differ from what its evidence gives; empty if there are none.

    Where the data are at hand, in the wheel, in files that board.toml names or in a mirror (`STSBENCH_MIRROR`), their digests and the
    figures that kept scores give must be those of the records, and then the statistics are computed again too; `listen` is told of data
    that are not.
    """
    spec, registry = load_spec(folder), registry or Registry.installed()
    _, files = derive(folder, registry, listen)
    elsewhere = development_benchmarks(spec)
    roots = [folder, folder / DEVELOPMENT] if elsewhere else [folder]
    records = [file for root in roots for file in load_all(root)]
    mirror = bool(os.environ.get("STSBENCH_MIRROR"))
    here = data_at_hand(records, Session.opened(registry, listen=listen), (*spec.benchmarks, *elsewhere), mirror=mirror)
    for name, reason in here.absent.items():
        listen(NotAtHand(name, reason))
    forged = _edited(folder, spec) + [f"results: {name}: {what}" for name, what in here.others.items()]
    forged += [f"results: {one}" for root in roots for one in contradicted(root, here.loaded)]
    known = read_statistics(folder)
    if known is not None and here.complete and not forged:  # statistics of such records would be of no use
        listen(Recomputing(folder.resolve().name, len(known.systems), len(known.ceilings)))
        data = Session.opened(registry)
        found = board_statistics(folder, spec, data, resamples=known.resamples, listen=listen)
        if found is not None:
            files[STATISTICS] = dump_statistics(_by_the_same_numpy(found, known))
        if read_diagrams(folder) is not None:
            files[DIAGRAMS] = dump_diagrams(board_diagrams(folder, spec, data))
    return forged + compare(files, {name: _read(folder / name) for name in files})


def _by_the_same_numpy(found: Statistics, known: Statistics) -> Statistics:
    """`found` with the versions of `known`: another numpy that draws the same numbers is no drift."""
    if len(found.generator) != len(known.generator):
        return found
    pairs = zip(found.generator, known.generator, strict=True)
    return found.model_copy(update={"generator": tuple({**own, "numpy": old.get("numpy", "")} for own, old in pairs)})


def _read(path: Path) -> bytes | None:
    try:
        data = path.read_bytes()
    except FileNotFoundError:
        return None
    except OSError as error:
        raise StoreError(f"{path} cannot be read: {error.strerror}") from error
    return without_mark(data) if path.name in (STATISTICS, DIAGRAMS) else data  # as evidence is read
