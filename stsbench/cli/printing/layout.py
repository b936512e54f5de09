"""Tables as lines of text, for any width: nothing is cut, no word is broken, no column is left out.

What is too wide gives way in this order: long heads of columns become two lines, then names do, and then the columns of figures go on
below, with the names repeated.
"""

from __future__ import annotations

import re
import sys
from collections.abc import Iterator, Sequence
from shutil import get_terminal_size
from typing import TextIO

from rich.cells import cell_len

from stsbench.cli.printing.naming import shown
from stsbench.cli.printing.streams import drawing
from stsbench.contracts.figures import percent

UNBOUND = 200  # characters of a line where there is no terminal
GAP = 2  # blanks between columns
SPARK = 24  # characters of an interval as a line
NARROWEST = 12  # characters that a column of names keeps, however narrow the terminal is
_NAME = re.compile(r"[^\s,/:@+=·|]*[\s,/:@+=·|]*")  # names are parted at their own signs, too
_WORD = re.compile(r"\S*\s*")
_LEAD = re.compile(r" *(- |\S{1,24}  +(?=\S))?")  # what stands before a sentence: a dash, or a name beside which it is set
_COMMAND = re.compile(r" *([A-Z]?[a-z ]+: )?stsbench [a-z]")  # a line that ends with one


def lay_out(
    header: Sequence[str], rows: Sequence[Sequence[str]], names: int, width: int, words: int = 0
) -> Iterator[tuple[list[str], list[str]]]:
    """Blocks of a table at `width` characters, each the lines of its head and of its rows.

    The first `names` columns stand in every block; they and the `words` columns after them are set to the left, the others, with
    figures, to the right.
    """
    columns = list(zip(header, *rows, strict=True))
    widths = [max(map(cell_len, column)) for column in columns]
    if _total(widths) > width:
        widths[names:] = [_narrowed(column) for column in columns[names:]]
    if _total(widths) > width:
        least = [_least(column) for column in columns[:names]]
        room = width - (_total(widths) - sum(widths[:names]))
        floors = [max(one, min(full, full // 2 + 4)) for one, full in zip(least, widths[:names], strict=True)]
        if sum(floors) <= room:
            widths[:names] = _shrunk(widths[:names], floors, room)
        else:
            beside = width - max(widths[names:]) - GAP * names if widths[names:] else room
            if sum(least) > beside >= sum(bare := [_least(column, 0) for column in columns[:names]]):
                least = bare
            widths[:names] = _shrunk(widths[:names], least, min(width // 2, beside) if widths[names:] else room)
    figures = max(widths[names:], default=0)
    if (
        figures and names > 1 and _total([*widths[:names], figures]) > width >= _total([widths[0], figures])
    ):  # the last name stands in one block, then
        yield from lay_out(header, rows, names - 1, width, words + 1)
        return
    blocks = list(_blocks(widths, names, width))
    fulls = [(cell_len(head), max(map(cell_len, cells), default=0)) for head, *cells in columns]
    if len(blocks) > 1:
        fulls[:names] = [(now, now) for now in widths[:names]]  # as wide in every block
    for chosen in blocks:
        grown = _grown([widths[place] for place in chosen], [fulls[place] for place in chosen], width)
        left = sum(place < names + words for place in chosen)
        head, *body = [list(_lines([row[place] for place in chosen], grown, left)) for row in (header, *rows)]
        yield head, [line for row in body for line in row]


def _total(widths: Sequence[int]) -> int:
    return sum(widths) + GAP * (len(widths) - 1)


def _least(column: Sequence[str], narrowest: int = NARROWEST) -> int:
    """The width of names that breaks no word, and is not below that of short ones where there is room."""
    full = max(map(cell_len, column))
    return min(full, max(narrowest, *(cell_len(piece.rstrip()) for one in column for piece in _NAME.findall(one))))


def _narrowed(column: Sequence[str]) -> int:
    """The width of figures under a head that may take several lines; of words, that of the longest."""
    head, *cells = column
    return max(*(cell_len(word) for word in head.split() or [""]), *(cell_len(word) for one in cells for word in _unbroken(one)), 0)


def _unbroken(cell: str) -> list[str]:
    """What of a cell stays on one line: a figure with its interval does, a list parts after commas, and words anywhere."""
    return re.split(r"(?<=,) ", cell) if any(char.isdigit() for char in cell) else cell.split()


def _shrunk(widths: Sequence[int], floors: Sequence[int], room: int) -> list[int]:
    """Widths that fit into `room`, the widest made narrower first, none below its floor."""
    shrunk = list(widths)
    while sum(shrunk) > room:
        spare = [place for place, (now, floor) in enumerate(zip(shrunk, floors, strict=True)) if now > floor]
        if not spare:
            break
        shrunk[max(spare, key=shrunk.__getitem__)] -= 1
    return shrunk


def _grown(widths: Sequence[int], fulls: Sequence[tuple[int, int]], width: int) -> list[int]:
    """Widths of columns that share what `width` leaves: cells that lack most first, and then heads that get all that they lack.

    `fulls` are the widths of the head and of the widest cell, which no column is wider than.
    """
    grown = list(widths)
    for _ in range(width - _total(widths)):
        lacking = [full - now for now, (_, full) in zip(grown, fulls, strict=True)]
        if max(lacking, default=0) > 0:
            grown[lacking.index(max(lacking))] += 1
    for place in sorted(range(len(grown)), key=lambda place: fulls[place][0] - grown[place]):
        if 0 < (lacks := fulls[place][0] - grown[place]) <= width - _total(grown):
            grown[place] += lacks
    return grown


def _blocks(widths: Sequence[int], names: int, width: int) -> Iterator[list[int]]:
    block = list(range(names))
    for place in range(names, len(widths)):
        if len(block) > names and _total([widths[one] for one in [*block, place]]) > width:
            yield block
            block = list(range(names))
        block.append(place)
    yield block


def _lines(cells: Sequence[str], widths: Sequence[int], names: int) -> Iterator[str]:
    parts = [wrap(cell, width, _NAME if place < names else _WORD) for place, (cell, width) in enumerate(zip(cells, widths, strict=True))]
    for number in range(max(map(len, parts))):
        line = []
        for place, (part, width) in enumerate(zip(parts, widths, strict=True)):
            text = part[number] if number < len(part) else ""
            blank = " " * (width - cell_len(text))
            line.append(text + blank if place < names else blank + text)
        yield (" " * GAP).join(line).rstrip()


def wrap(text: str, width: int, pieces: re.Pattern[str] = _WORD) -> list[str]:
    """`text` in lines of at most `width` characters, parted between words, and longer words between pieces; a longer piece stays whole."""
    if cell_len(text) <= width:
        return [text]
    lines = [""]
    words = _WORD.findall(text)
    for piece in filter(
        None, (piece for word in words for piece in ([word] if cell_len(word.rstrip()) <= width else pieces.findall(word)))
    ):
        if lines[-1] and cell_len((lines[-1] + piece).rstrip()) > width:
            lines.append("")
        lines[-1] += piece
    return [line.rstrip() for line in lines]


def terminal_width() -> int:
    """Characters of a line of standard output: the terminal's, or what COLUMNS says; `UNBOUND` where there is neither."""
    return get_terminal_size((UNBOUND, 0)).columns


def on_lines(text: str, stream: TextIO | None = None) -> list[str]:
    """A sentence in lines of the terminal's width, set in alike, also behind a dash or a name.

    One line where `stream`, by default standard output, is no terminal, so that programs can search it, and of a command, to be copied.
    """
    if not (stream or sys.stdout).isatty() or _COMMAND.match(text):
        return [shown(text)]
    lead = text[: match.end()] if (match := _LEAD.match(text)) else ""
    first, *rest = wrap(shown(text[len(lead) :]), terminal_width() - len(lead))
    return [shown(lead) + first, *(" " * len(lead) + line for line in rest)]


def say(*sentences: str) -> None:
    """Write sentences to standard output, each on lines of its own."""
    sys.stdout.write("".join(f"{line}\n" for sentence in sentences for line in on_lines(sentence)))


def tell(*sentences: str) -> None:
    """Write sentences to standard error, each on lines of its own."""
    sys.stderr.write("".join(f"{line}\n" for sentence in sentences for line in on_lines(sentence, sys.stderr)))


def print_rows(rows: Sequence[Sequence[str]]) -> None:
    """Columns of words without a head; each row is one line where there is no terminal, so that other programs can search them.

    Where the terminal is too narrow for columns, or rows take more than two lines, the last is set below the others.
    """
    cells = [[shown(cell) for cell in row] for row in rows]
    if not cells:
        return
    names = len(cells[0])
    width = terminal_width() if sys.stdout.isatty() else 10**6
    lines = [line for _, body in lay_out([""] * names, cells, names, width) for line in body]
    if max(map(cell_len, lines)) > width or len(lines) > 2 * len(cells):
        lines = [line for *first, last in cells for text in ((" " * GAP).join(first), " " * GAP + last) for line in on_lines(text)]
    sys.stdout.write("".join(f"{line}\n" for line in lines))


def print_table(
    title: str, header: Sequence[str], rows: Sequence[Sequence[str]], names: int, notes: Sequence[str] = (), words: int = 0
) -> None:
    """A table with its title and notes, in as many blocks as the terminal's width asks for, each with the first `names` columns.

    Columns after the next `words` are set right.
    Where there is no terminal it is 200 characters wide, or what COLUMNS says.
    Names come from plugins and files, so none is read as markup.
    """
    from rich.console import Console
    from rich.text import Text

    width = terminal_width()
    console = Console(file=drawing(sys.stdout), highlight=False, markup=False, width=width)
    cells = [[shown(cell) for cell in row] for row in rows]
    for line in on_lines(title):
        console.print(Text(line), style="italic", soft_wrap=True)
    for number, (head, body) in enumerate(lay_out([shown(name) for name in header], cells, names, width, words)):
        for line, style in [*([("", "")] if number else []), *((line, "bold") for line in head), *((line, "") for line in body)]:
            console.print(Text(line), style=style, soft_wrap=True)
    for note in notes:
        for line in on_lines(note):
            console.print(Text(line), soft_wrap=True)


def fits(header: Sequence[str], rows: Sequence[Sequence[str]], names: int) -> bool:
    """Whether `print_table` has a line for each row of the table, with all its columns in one block."""
    blocks = list(lay_out([shown(name) for name in header], [[shown(cell) for cell in row] for row in rows], names, terminal_width()))
    return len(blocks) == 1 and len(blocks[0][1]) == len(rows)


def figure(value: float | None) -> str:
    """A correlation x 100 with two decimals, or a dash where there is none."""
    return percent(value, "-")


def interval(low: float, middle: float, high: float, scale: tuple[float, float], width: int = SPARK) -> str:
    """An interval on a common `scale` (lowest and highest limit shown), as in `····━━●━━····`; `width` characters."""
    first, last = scale
    places = [round((width - 1) * min(max((value - first) / ((last - first) or 1), 0), 1)) for value in (low, middle, high)]
    marks = ["━" if places[0] <= place <= places[2] else "·" for place in range(width)]
    marks[places[1]] = "●"
    return "".join(marks)
