"""Names chosen by strangers, made safe to show."""

from __future__ import annotations

import re
from collections.abc import Iterable, Sequence

from stsbench.contracts.wording import visible

_MARKDOWN = {**{char: f"\\{char}" for char in "\\`*_[]~|"}, "&": "&amp;", "<": "&lt;", ">": "&gt;"}
_TAG = re.compile(r"<(?=[A-Za-z/!?])")


def markdown_text(text: str) -> str:
    """`text` as Markdown that shows just these characters, in a table cell too: no markup, no HTML, no link."""
    return escaped(visible(text))


def escaped(text: str) -> str:
    """The same of a text that is on one line and shows all its characters."""
    return "".join(_MARKDOWN.get(char, char) for char in text)


def markdown_prose(text: str) -> str:
    """Markdown as its author wrote it, but for raw HTML and control characters, which are shown and do nothing."""
    return "\n".join(_TAG.sub("&lt;", visible(line)) for line in text.replace("\r\n", "\n").replace("\t", " ").split("\n"))


def markdown_table(header: Sequence[str], rows: Iterable[Sequence[str]], right: Iterable[int]) -> str:
    """A table of cells that are Markdown already, with the columns at the places `right` set right; it is not padded."""
    places = set(right)
    rule = ["---:" if place in places else "---" for place in range(len(header))]
    return "\n".join(f"| {' | '.join(cells)} |" for cells in (header, rule, *rows))
