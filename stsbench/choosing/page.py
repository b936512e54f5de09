"""A round as one page, or as a spreadsheet.

The page opens from a file, asks nothing of the network, keeps nothing, and saves what a person says as a file. Nothing in the sheet is
taken for a formula.
"""

from __future__ import annotations

import html
import json
from importlib.resources import files
from string import Template

from stsbench.builtin.page.palette import style_sheet
from stsbench.builtin.page.writer import content_policy
from stsbench.choosing.job import HIGHEST, LOWEST, AskedPair, Round
from stsbench.contracts.data import Pairs
from stsbench.contracts.wording import as_cell
from stsbench.stores.canonical import csv_bytes

FORM, VERSION = "stsbench labels", 1  # what the page's file says that it is
HEADER = ("item", "text 1", "text 2", f"score {LOWEST} to {HIGHEST}")  # of a sheet
_MARK = b"\xef\xbb\xbf"  # by which spreadsheet programs know UTF-8
MEANINGS = (
    "nothing in common",
    "same subject only",
    "some details shared",
    "much the same, something important differs",
    "nearly the same, only details differ",
    "the same meaning",
)
GUIDELINE = (
    "How alike are the two texts in meaning? Rate what they say, not how they say it: other words for the same thing are the same. "
    "Take the first number that comes to mind. Which text stands on which side means nothing, and some pairs come twice. "
    "Pass over a pair that you do not understand."
)


def page(asked: Round, pool: Pairs, guideline: str = GUIDELINE) -> bytes:
    """The page of a round. No system's score is in it, and texts are only ever shown as text."""
    style, script = style_sheet() + _asset("page.css"), _asset("page.js")
    items = [{"item": name, "texts": sides(pool, item)} for name, item in asked.names().items()]
    known = {
        "form": FORM, "version": VERSION, "job": asked.job, "round": asked.number, "items": items,
        "values": list(range(LOWEST, HIGHEST + 1)), "meanings": MEANINGS,
    }  # fmt: skip
    paragraphs = [html.escape(part.strip()) for part in guideline.split("\n\n") if part.strip()]
    scale = [f"<b>{value}</b> {html.escape(words)}" for value, words in reversed(list(enumerate(MEANINGS, LOWEST)))]
    filled = Template(_asset("page.html")).substitute(
        policy=html.escape(content_policy(style, script)), style=style, script=script, data=_harmless(known),
        round=asked.number, guideline="".join(map("<p>{}</p>".format, paragraphs)), scale="".join(map("<li>{}</li>".format, scale)),
    )  # fmt: skip
    return filled.encode()


def sides(pool: Pairs, item: AskedPair) -> tuple[str, str]:
    """The two texts of an item as they are shown."""
    left, right = (texts[item.row] for texts in pool.texts)
    return (right, left) if item.swapped else (left, right)


def sheet(asked: Round, pool: Pairs) -> bytes:
    """The csv file of a round, with an empty column for what a person says."""
    rows = [[name, *map(as_cell, sides(pool, item)), ""] for name, item in asked.names().items()]
    return _MARK + csv_bytes([HEADER, *rows], quoted=True)


def _harmless(value: object) -> str:
    """JSON in which nothing ends or begins an element of the page."""
    text = json.dumps(value, ensure_ascii=True, allow_nan=False)
    return "".join(f"\\u{ord(char):04x}" if char in "<>&'" else char for char in text)


def _asset(name: str) -> str:
    return files("stsbench.choosing").joinpath(name).read_text(encoding="utf-8")
