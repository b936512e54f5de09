"""Adding published figures to a board."""

from __future__ import annotations

import csv
from dataclasses import dataclass
from pathlib import Path

from pydantic import ValidationError

from stsbench.api.session import Session
from stsbench.builtin.benchmarks.definitions import tasks
from stsbench.builtin.mteb_results import read_mteb
from stsbench.contracts.boards.published import Figure, Published
from stsbench.contracts.wording import broken_rule
from stsbench.errors import UsageError
from stsbench.evidence.folder import BoardFolder, write_derived
from stsbench.leaderboard.build import build
from stsbench.leaderboard.published import misfit
from stsbench.stores.documents import PUBLISHED

COLUMNS = ("system", "benchmark", "protocol", "spearman", "n", "source")
OPTIONAL = ("dataset_revision",)


@dataclass(frozen=True)
class Added:
    """What was added to a board, and the tasks in the source that are none of its benchmarks."""

    figures: tuple[Figure, ...]
    skipped: tuple[str, ...]


def add_published(folder: BoardFolder, source: Path, session: Session, *, replace: bool = False) -> Added:
    """Keep the figures of a folder of mteb's result files, or of a csv file, beside the board as evidence, and write its files anew.

    A figure of a system and benchmark that are there already takes the old one's place; with `replace`, all old ones go. Either all
    are added or none: raises UsageError for the first that is not comparable with the board's own (protocol, pairs, revision of the
    data, main score), is no number from -1 to 1, or is given twice.
    """
    board = build(folder.spec, folder.results.files)
    names = {column.name for column in board.columns}
    figures, skipped = read_mteb(source, names) if source.is_dir() else (read_rows(source), [])
    if not figures:
        raise UsageError(f"{source} holds no published figure on {', '.join(sorted(names))}; nothing was added")
    added: dict[tuple[str, str], Figure] = {}
    for figure in figures:
        if reason := misfit(figure, board) or _other_data(figure):
            raise UsageError(reason)
        if figure.cell in added:
            raise UsageError(f"{source} has two figures of {figure.system} on {figure.benchmark}; keep one of them")
        added[figure.cell] = figure
    figures_by_cell = {**({} if replace else {one.cell: one for one in folder.published}), **added}
    folder.write(PUBLISHED, Published(figures=tuple(figures_by_cell[cell] for cell in sorted(figures_by_cell))))
    write_derived(folder, session.registry, session.warn)
    return Added(tuple(figures), tuple(skipped))


def _other_data(figure: Figure) -> str | None:
    """Why a figure is of other data than those that are pinned here; None where it is not, or its source does not tell."""
    pinned = next((task.revision for task in tasks() if task.name == figure.benchmark), None)
    if figure.dataset_revision is None or figure.dataset_revision == pinned:
        return None
    return (
        f"the published figure of {figure.system} on {figure.benchmark} is of revision {figure.dataset_revision[:12]} of the data, "
        f"and {pinned[:12] if pinned else 'none'} is compared here; leave it out"
    )


def read_rows(path: Path) -> list[Figure]:
    """The figures of a csv file with the columns system, benchmark, protocol, spearman, n, source and maybe dataset_revision.

    Raises UsageError that names the row and column.
    """
    try:
        with path.open(encoding="utf-8-sig", newline="") as lines:
            reader = csv.DictReader(lines, strict=True)
            header = set(reader.fieldnames or ())
            rows = list(reader)
    except FileNotFoundError as error:
        raise UsageError(f"{path} does not exist; give a folder of mteb's result files, or a csv file") from error
    except (OSError, UnicodeDecodeError, csv.Error) as error:
        raise UsageError(f"{path} cannot be read as csv ({error})") from error
    if lack := [name for name in COLUMNS if name not in header]:
        raise UsageError(f"{path} has no column {lack[0]!r}; a file of published figures has the columns {', '.join(COLUMNS)}")
    return [
        _figure({name: row.get(name) or "" for name in (*COLUMNS, *OPTIONAL)}, f"row {number} of {path}")
        for number, row in enumerate(rows, 1)
    ]


def _figure(row: dict[str, str], where: str) -> Figure:
    values = {name: value.strip() for name, value in row.items() if name in COLUMNS or value.strip()}
    try:
        return Figure.model_validate(values)
    except ValidationError as error:
        first = error.errors(include_url=False, include_input=False, include_context=False)[0]
        name = str(first["loc"][0])
        advice = "; write a correlation from -1 to 1, as in 0.8203 for 82.03" if name == "spearman" else ""
        said = broken_rule(first["msg"])
        raise UsageError(f"{where}: column {name!r}: {said[0].lower()}{said[1:]}{advice}") from error
