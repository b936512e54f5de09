"""Names chosen by strangers, made safe to show."""

from __future__ import annotations

import re

from stsbench.contracts.wording import visible

_MARKDOWN = {**{char: f"\\{char}" for char in "\\`*_[]~|"}, "&": "&amp;", "<": "&lt;", ">": "&gt;"}
_TAG = re.compile(r"<(?=[A-Za-z/!?])")
_FORMULA = ("=", "+", "-", "@")


def markdown_text(text: str) -> str:
    """`text` as Markdown that shows just these characters, in a table cell too: no markup, no HTML, no link."""
    return "".join(_MARKDOWN.get(char, char) for char in visible(text))


def markdown_prose(text: str) -> str:
    """Markdown as its author wrote it, but for raw HTML and control characters, which are shown and do nothing."""
    return "\n".join(_TAG.sub("&lt;", visible(line)) for line in text.replace("\r\n", "\n").replace("\t", " ").split("\n"))


def cell_text(text: str) -> str:
    """`text` for a CSV cell, which no spreadsheet takes for a formula; a tab or line break that could start one is shown as its code."""
    shown = visible(text)
    return f"'{shown}" if shown.startswith(_FORMULA) else shown
