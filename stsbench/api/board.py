"""A board as a program holds it: opened once, run, built, checked, and read as a data frame."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path
from typing import TYPE_CHECKING

from stsbench.api.boards import build_board, check_board, run_board
from stsbench.api.report import Report
from stsbench.api.session import Session
from stsbench.contracts.columns import long_table
from stsbench.evidence.folder import BoardFolder

if TYPE_CHECKING:
    import pandas as pd

_TYPES = {int: "Int64", float: "Float64", bool: "boolean"}  # which know missing values


class Board:
    """The board in a folder, with the session that its cells are computed in."""

    def __init__(self, folder: BoardFolder, session: Session) -> None:
        self.folder, self.session = folder, session

    @classmethod
    def open(cls, path: str | Path, session: Session | None = None) -> Board:
        """The board at `path`; raises UsageError where no valid `board.toml` is."""
        folder = BoardFolder(Path(path))
        folder.spec  # noqa: B018 - said now, not when it is first run
        return cls(folder, session or Session.opened())

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

    def frame(self, columns: Sequence[str] = ()) -> pd.DataFrame:
        """A row for each system and benchmark, as board.csv has them: all columns, or those that are named; missing where unknown."""
        import pandas as pd

        chosen, lines = long_table(self.folder.board(self.session.registry.names_of_files()), columns)
        values = {
            column.name: pd.Series([line[place] for line in lines], dtype=_TYPES.get(column.kind, "object"))
            for place, column in enumerate(chosen)
        }
        return pd.DataFrame(values)
