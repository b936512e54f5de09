"""Charts of a board as files."""

from __future__ import annotations

from pathlib import Path

from stsbench.builtin.page.drawing import picture_png, picture_svg, require_drawable
from stsbench.builtin.page.writer import charts
from stsbench.contracts.reading import name_of
from stsbench.errors import UsageError
from stsbench.evidence.folder import BoardFolder
from stsbench.host.suggest import did_you_mean
from stsbench.stores.atomic import write_atomic


def plot_board(folder: BoardFolder, chart: str, path: Path, *, dark: bool = False) -> None:
    """Draw one of a board's charts into `path`, as SVG or PNG by its ending, for a light or a dark page.

    Raises UsageError for an unknown chart, and as `require_drawable` does.
    """
    require_drawable(path)
    known = {one.id: one for one in charts(folder.board())}
    if chart not in known:
        raise UsageError(
            f"{name_of(folder.path)} has no chart {chart!r}; {did_you_mean(chart, known, all_below=1000) if known else 'it has none'}"
        )
    png = path.suffix.lower() == ".png"
    write_atomic(path, picture_png(known[chart], dark=dark) if png else picture_svg(known[chart], dark=dark).encode())
