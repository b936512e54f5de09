"""`stsbench matrix`."""

from __future__ import annotations

import os
import sys
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from stsbench.cli.printing.layout import print_table
from stsbench.contracts.figures import every_digit, percent, span
from stsbench.errors import UsageError
from stsbench.stores.canonical import csv_bytes

from .line.asking import OneSystem
from .line.guard import print_json
from .line.opening import Opened, session_from
from .line.options import Json, path_option, switch

if TYPE_CHECKING:
    from stsbench.api.matrix import Matrix
    from stsbench.contracts.data import Float64
    from stsbench.contracts.decision import DecisionRecord

LONGEST = 50_000_000  # characters
MARK = "="  # of duplicates


@session_from("mirror", "device", "batch_size", "allow_network", "send_private", "max_cost", "quiet")
def matrix(
    text: Annotated[list[str] | None, typer.Argument(metavar="TEXT", hidden=True)] = None,
    file: Annotated[Path | None, path_option("File with a text a line (UTF-8).", "--file", "-f")] = None,
    plot: Annotated[Path | None, path_option("SVG or PNG file of a heat map (needs the extra html).")] = None,
    decision: Annotated[
        Path | None, path_option("File of `stsbench decide`: scores on the scale of its gold, and duplicates marked, by its system.")
    ] = None,
    csv: Annotated[bool, switch("Print comma-separated values, with the texts as header and first column.", "--csv")] = False,
    *,
    asked: OneSystem,
    opened: Opened,
    json: Json = False,
) -> None:
    """Print the similarity of every text with every other under one system. Nothing of the texts is stored.

    Without a TEXT, texts are the lines of --file, or of standard input. A TEXT that is the name of a file is refused.
    """
    from stsbench.api.deciding import load_decision
    from stsbench.api.matrix import heat_map, similarity_matrix
    from stsbench.builtin.page.drawing import require_drawable, write_plot

    if csv and json:
        raise UsageError("choose one of --csv and --json")
    if plot:
        require_drawable(plot)
    texts = _texts(text or [], file)
    decided = load_decision(decision) if decision else None
    with opened() as session:
        encoder, similarity, transform = asked.references(session.registry, decided)
        scored = similarity_matrix(texts, encoder, session, similarity=similarity, transform=transform, decision=decided)
    if plot:
        write_plot(plot, heat_map(scored))
    if json:
        print_json(scored.document())
    elif csv:
        rows = ([each, *map(every_digit, row)] for each, row in zip(scored.texts, _shown(scored).tolist(), strict=True))
        sys.stdout.write(csv_bytes([["", *scored.texts], *rows]).decode())
    else:
        _show(scored)


def _texts(given: list[str], file: Path | None) -> list[str]:
    """Texts from one of the three places; raises UsageError where there is none, where there are two, or where a text is a file's name."""
    if given and file:
        raise UsageError("give texts as arguments or in a file, not both")
    if name := next(filter(os.path.isfile, given), None):  # which raises for no text, however long
        raise UsageError(
            f"{name!r} is a file that is there, and an argument is a text: name it with --file to have its lines read, or write the "
            "texts to standard input, one a line, if its name is one"
        )
    if given:
        return given
    if file is None and (sys.stdin is None or sys.stdin.isatty()):  # None where the standard input is closed
        raise UsageError("name texts, a file with --file, or write them to standard input, one a line")
    try:
        content = sys.stdin.read(LONGEST + 1) if file is None else _content(file)
    except (OSError, UnicodeDecodeError) as error:
        raise UsageError(f"the texts cannot be read ({type(error).__name__}); give a UTF-8 file with a text a line") from error
    if len(content) > LONGEST:
        raise UsageError(f"the texts are longer than {LONGEST:,} characters, more than a matrix is of; give fewer")
    ended = content.replace("\r\n", "\n").split("\n")  # not `splitlines`, for which lines end within texts, too
    lines = [line for line in ended if line.strip()]
    if not lines:
        raise UsageError("there is no text; give one a line")
    return lines


def _content(file: Path) -> str:
    """What a file holds, or the first of it where it has no end, as a device does not."""
    with file.open(encoding="utf-8-sig") as stream:
        return stream.read(LONGEST + 1)


def _shown(scored: Matrix) -> Float64:
    """What is printed: scores on the scale of gold where there is a decision."""
    calibrated = scored.calibrated
    return scored.scores if calibrated is None else calibrated


def _show(scored: Matrix) -> None:
    import numpy as np

    numbers = [str(number) for number in range(1, len(scored.texts) + 1)]
    shown, duplicates = _shown(scored).tolist(), scored.duplicates
    marked = np.zeros(scored.scores.shape, dtype=bool) if duplicates is None else duplicates
    values = [[f"{value:z.4f}{MARK if mark else ''}" for value, mark in zip(*row, strict=True)] for row in zip(shown, marked, strict=True)]
    rows = [[number, text, *row] for number, text, row in zip(numbers, scored.texts, values, strict=True)]
    print_table(scored.system, ["", "text", *numbers], rows, 2, _notes(scored.decision))


def _notes(decision: DecisionRecord | None) -> list[str]:
    """What a decision makes of the table, and how well it is known."""
    if decision is None:
        return []
    data = decision.data
    notes = [f"scores on the scale of {data.name}, {data.low:zg} to {data.high:zg}; off by {decision.calibration.error:z.2f} on average"]
    if (threshold := decision.threshold) is not None and threshold.precision is not None:
        precision, recall = (f"{percent(one.value)} % ({span(one.low, one.high)})" for one in (threshold.precision, threshold.recall))
        notes.append(f"{MARK} a duplicate: of those so marked {precision} are, and {recall} of the duplicates are marked, on {data.name}")
    return notes
