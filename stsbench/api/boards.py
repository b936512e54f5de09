"""Boards: a folder with `board.toml`, its evidence, and the files that are derived from it."""

from __future__ import annotations

import os
from collections import defaultdict
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import suppress
from dataclasses import replace
from functools import cache, partial
from pathlib import Path
from typing import TYPE_CHECKING

from stsbench.api.report import Report
from stsbench.api.session import Session
from stsbench.contracts.boards.board import Leaderboard
from stsbench.contracts.boards.columns import long_table
from stsbench.contracts.boards.statistics import Diagrams, Statistics
from stsbench.contracts.events import NotAtHand, Recomputing
from stsbench.contracts.identity import Variant
from stsbench.contracts.reading import without_mark
from stsbench.contracts.records import BenchmarkEntry, EncoderEntry, RecordFile
from stsbench.contracts.wording import counted
from stsbench.errors import DataError, StsbenchError, UsageError
from stsbench.evidence.candidates import Grid, grid_of
from stsbench.evidence.contradictions import contradicted
from stsbench.evidence.diagrams import are_current, board_diagrams, systems_on_top
from stsbench.evidence.folder import BoardFolder, derived, edited, write_derived
from stsbench.evidence.held import Keep, every
from stsbench.evidence.presence import AtHand, data_at_hand, is_of_file, loadable
from stsbench.evidence.requirements import Requirement, requirements
from stsbench.evidence.spec import choices_of, development_benchmarks, evidence_of, stem, without_results
from stsbench.evidence.statistics import are_worth_comparing, board_statistics, is_current
from stsbench.leaderboard.check import compare
from stsbench.leaderboard.columns import Key, measured_by
from stsbench.runner.request import Request
from stsbench.runner.system import Plan, PlannedBenchmark
from stsbench.stores.documents import DIAGRAMS, DOCUMENTS, STATISTICS
from stsbench.stores.merge import prune
from stsbench.stores.results import ResultsFolder

if TYPE_CHECKING:
    import pandas as pd

PAGE = "html"  # the writer whose page shows what takes gold to draw
_TYPES = {int: "Int64", float: "Float64", bool: "boolean"}  # which know missing values


def run_board(folder: BoardFolder, session: Session, *, fresh: bool = False, accept: bool = False) -> tuple[Report, Leaderboard]:
    """Compute the board's missing cells (all of them with `fresh`), keep the evidence and write the derived files."""
    spec = folder.spec
    if session.setup.strict:
        session.registry.require_sound("writer")
    evidence = evidence_of(spec, session.registry)
    keep = Keep(folder.results, tolerance=spec.tolerance, accept=accept, fresh=fresh, evidence=evidence, renew=True)

    def require(plan: Plan) -> None:  # what is refused is said now, not after an hour of encoding
        measured_by(spec, [one.card for one in plan.benchmarks])
        _tell_renewed(folder, plan, session)

    report = session.run(Request(choices_of(spec), spec.benchmarks), keep, require)
    _remove_unnamed(folder.results, report, session)
    if elsewhere := development_benchmarks(spec):
        keep = replace(keep, folder=folder.development, evidence=every)
        developed = session.run(Request(choices_of(spec), elsewhere), keep)
        _remove_unnamed(keep.folder, developed, session)
        report = report.joined(developed)
    if not report.failed:
        grid = cache(partial(board_grid, folder, session))
        _keep_statistics(folder, grid, session, fresh=fresh)
        _keep_diagrams(folder, grid, session, fresh=fresh)
    return report, build_board(folder, session)


def _tell_renewed(folder: BoardFolder, plan: Plan, session: Session) -> None:
    """Say of which benchmarks the data are not those that the kept results are of, which give way."""
    kept = {(file.benchmark.name, file.benchmark.protocol): file.benchmark.ref for file in folder.results.files}
    for benchmark in plan.benchmarks:
        if kept.get((benchmark.name, benchmark.card.protocol), benchmark.ref) != benchmark.ref:
            session.warn(
                f"the data of {benchmark.name}, or how they are read, have changed since results on them were kept, which are computed anew"
            )


def _remove_unnamed(folder: ResultsFolder, report: Report, session: Session) -> None:
    """Remove records of what a complete run did not ask for; those under an earlier label stay where none are under the new one."""
    if report.failed:  # what could not be planned cannot be told from what is no longer named
        return
    kept = {(_place(file.encoder, file.benchmark), record.variant) for file in folder.files for record in file.records}
    named: dict[tuple[str, ...], set[Variant]] = defaultdict(set)
    for entry in report.entries:
        place, variant = _place(entry.encoder, entry.benchmark), entry.record.variant
        named[place if (place, variant) in kept else place[:-1]].add(variant)

    def variants(file: RecordFile) -> set[Variant]:
        place = _place(file.encoder, file.benchmark)
        return named[place] | named[place[:-1]]

    if removed := prune(folder, variants):
        session.warn(f"removed {counted(removed, 'record')} of systems or benchmarks that the board no longer names")


def _place(encoder: EncoderEntry, benchmark: BenchmarkEntry) -> tuple[str, ...]:
    """What tells the files of a board apart."""
    return encoder.ref, encoder.fingerprint, benchmark.name, encoder.label


def _keep_statistics(folder: BoardFolder, grid: Callable[[], Grid], session: Session, *, fresh: bool) -> None:
    """Compute intervals and rank sets anew where a figure changed since, where there are none, or where all is computed `fresh`."""
    if (known := folder.read(STATISTICS)) is not None and not fresh and is_current(folder, known):
        return
    statistics = None
    try:
        if are_worth_comparing(folder.systems):
            statistics = board_statistics(folder, grid(), listen=session.listen)
    except StsbenchError as error:
        session.warn(f"the board has no intervals and no rank sets: {error}")
        if not isinstance(error, UsageError):  # other data, or another machine, may do, and rows that did not change keep what is known
            return
    folder.write(STATISTICS, _by_the_same_numpy(statistics, known) if statistics and known else statistics)


def _keep_diagrams(folder: BoardFolder, grid: Callable[[], Grid], session: Session, *, fresh: bool) -> None:
    """Where a page is written, draw scores against gold anew if a figure of the systems on top changed since, or all is `fresh`."""
    if PAGE not in folder.spec.writers:
        return
    if (known := folder.read(DIAGRAMS)) is not None and not fresh and are_current(folder, known):
        return
    try:
        folder.write(DIAGRAMS, board_diagrams(folder, grid()) if systems_on_top(folder) else Diagrams(systems=()))
    except StsbenchError as error:
        session.warn(f"the board's page does not show scores against gold: {error}")


def build_board(folder: BoardFolder, session: Session) -> Leaderboard:
    """Write the derived files of a board from its evidence; whoever listens is told of records that were edited."""
    return write_derived(folder, session.registry, session.warn)


def check_board(folder: BoardFolder, session: Session) -> list[str]:
    """The lines in which the committed files of a board differ from what its evidence gives; empty if there are none.

    Where the data are at hand, in the wheel, in files that board.toml names or in a mirror (of the session, or `STSBENCH_MIRROR`), their
    digests and the figures that kept scores give must be those of the records, and then the statistics are computed again too; whoever
    listens is told of data that are not.
    """
    _, files = derived(folder, session.registry, session.warn)
    lacking = [f"board.toml: {what} has no results" for what in _not_run(folder, session)]
    here = _data_at_hand(folder, session)
    for name, reason in here.absent.items():
        session.listen(NotAtHand(name, reason))
    forged = edited(folder) + [f"results: {name}: {what}" for name, what in here.others.items()]
    forged += [f"results: {finding}" for results in folder.folders for finding in contradicted(results, here.loaded)]
    known = folder.read(STATISTICS)
    if known is not None and here.complete and not forged:  # statistics of such records would be of no use
        benchmarks = {name for standing in known.systems for name in standing.cells}
        session.listen(Recomputing(folder.path.resolve().name, len(known.systems), len(benchmarks)))
        grid = board_grid(folder, session)
        if are_worth_comparing(folder.systems):
            statistics = board_statistics(folder, grid, resamples=known.resamples, listen=session.listen)
            files[STATISTICS.name] = STATISTICS.dump(_by_the_same_numpy(statistics, known))
        if folder.read(DIAGRAMS) is not None:
            files[DIAGRAMS.name] = DIAGRAMS.dump(board_diagrams(folder, grid))
    there = {name: folder.bytes_of(name) for name in files}
    as_read = {name: without_mark(data) if data and name in DOCUMENTS else data for name, data in there.items()}
    return forged + lacking + compare(files, as_read)


def _not_run(folder: BoardFolder, session: Session) -> Iterator[str]:
    """What `board.toml` names and nothing is kept of; files of pairs are known by their content, which says if they are at hand."""
    files = folder.results.files
    yield from without_results(folder.spec, session.registry, files)
    kept = {file.benchmark.ref for file in files}
    for text in folder.spec.benchmarks:
        with suppress(StsbenchError):  # a plugin or a file that is not here: what the records say of it stands
            yield from (own for ref, own in session.references(text).items() if ref not in kept and not is_of_file(ref))


def board_requirements(folder: BoardFolder, session: Session, *, load: bool = False) -> tuple[Requirement, ...]:
    """What `board.toml` requires of systems, and whether the evidence shows it; raises UsageError for a system that the board has not.

    What takes data that are not at hand cannot be told, unless they are to be loaded.
    """

    def benchmarks() -> Mapping[Key, PlannedBenchmark]:
        here = None if load else _data_at_hand(folder, session)
        if here is not None and not here.complete:
            raise DataError(f"the data of {', '.join([*here.absent, *here.others]) or 'some benchmarks'} are not at hand")
        return session.benchmarks_of(folder.systems, folder.spec.benchmarks)

    return requirements(folder, benchmarks) if folder.spec.require else ()


def board_grid(folder: BoardFolder, session: Session) -> Grid:
    """What statistics and diagrams of a board are made of; raises as `grid_of` does."""
    tables, systems = folder.spec.selected, folder.systems
    kept = {file.encoder.ref for file in folder.results.files}
    encoders = {table.encoder: stem(session.registry, table.encoder, kept) for table in tables if table.encoder}
    choosing = [table for table in tables if table.development]
    developed = {table.label: session.benchmarks_of(folder.systems_in(folder.development), table.development) for table in choosing}
    return grid_of(folder, encoders, session.benchmarks_of(systems, folder.spec.benchmarks), developed)


def _data_at_hand(folder: BoardFolder, session: Session) -> AtHand:
    """The data that the wheel, files that `board.toml` names, or a mirror hold; raises DataError for the first and last."""
    files = [file for results in folder.folders for file in results.files]
    mirror = bool(session.setup.execution.get("mirror") or os.environ.get("STSBENCH_MIRROR"))
    here, gone = {ref: session.benchmark(ref) for ref in loadable(files, mirror=mirror)}, ""
    sources = (*folder.spec.benchmarks, *development_benchmarks(folder.spec))
    for source in sources if any(is_of_file(file.benchmark.ref) for file in files) else ():
        try:
            here |= {ref: session.benchmark(text) for ref, text in session.references(source).items() if is_of_file(ref)}
        except StsbenchError as error:
            gone = str(error)
    return data_at_hand(files, here, gone)


def _by_the_same_numpy(statistics: Statistics, known: Statistics) -> Statistics:
    """`statistics` with the versions of `known`: another numpy that draws the same numbers is no drift."""
    if len(statistics.generator) != len(known.generator):
        return statistics
    pairs = zip(statistics.generator, known.generator, strict=True)
    return statistics.model_copy(update={"generator": tuple({**new, "numpy": old.get("numpy", "")} for new, old in pairs)})


class Board:
    """The board in a folder, with the session that its cells are computed in: each use takes files and data as they are then."""

    def __init__(self, path: Path, session: Session) -> None:
        self.path, self._session = path, session

    @property
    def folder(self) -> BoardFolder:
        """The folder as it is now: `board.toml` may have been edited since the board was opened."""
        return BoardFolder(self.path)

    @property
    def session(self) -> Session:
        """The session, which has loaded nothing: data may have changed since they were last used."""
        return replace(self._session, loaded={})

    @classmethod
    def open(cls, path: str | Path, session: Session | None = None) -> Board:
        """The board at `path`; raises UsageError where no valid `board.toml` is."""
        BoardFolder(Path(path)).spec  # noqa: B018 - said now, not when it is first run
        return cls(Path(path), Session.of(session))

    def __repr__(self) -> str:
        return f"<Board {self.folder.spec.title!r}>"

    def run(self, *, fresh: bool = False, accept: bool = False) -> Report:
        """Compute the cells that are missing (all of them with `fresh`), keep the evidence and write the derived files.

        What disagrees with kept evidence is in the report, and replaces it with `accept`.
        """
        return run_board(self.folder, self.session, fresh=fresh, accept=accept)[0]

    def build(self) -> None:
        """Write the derived files from the evidence alone."""
        build_board(self.folder, self.session)

    def check(self) -> list[str]:
        """The lines in which the files differ from what the evidence gives, and the evidence from the data at hand; empty if none does."""
        return check_board(self.folder, self.session)

    def requirements(self) -> tuple[Requirement, ...]:
        """What `[[require]]` tables ask of systems, each with its `outcome`: met, not met, or cannot tell."""
        return board_requirements(self.folder, self.session)

    def frame(self, columns: Sequence[str] | str = ()) -> pd.DataFrame:
        """A row for each system and benchmark, as board.csv has them: all columns, or those that are named; missing where unknown."""
        import pandas as pd

        chosen, lines = long_table(
            self.folder.board(self.session.registry.names_of_files()), [columns] if isinstance(columns, str) else columns
        )
        values = {
            column.name: pd.Series([line[place] for line in lines], dtype=_TYPES.get(column.kind, "object"))
            for place, column in enumerate(chosen)
        }
        return pd.DataFrame(values)
