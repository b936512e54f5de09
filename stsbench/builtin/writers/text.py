"""Names chosen by strangers, made safe to show."""

from __future__ import annotations

_MARKDOWN = {**{char: f"\\{char}" for char in "\\`*_[]~|"}, "&": "&amp;", "<": "&lt;", ">": "&gt;"}
_FORMULA = ("=", "+", "-", "@")


def visible(text: str) -> str:
    """`text` on one line, with each line break, control character and direction mark shown as its code, as in `⟨U+202E⟩`."""
    return text if text.isprintable() else "".join(char if char.isprintable() else f"⟨U+{ord(char):04X}⟩" for char in text)


def markdown_text(text: str) -> str:
    """`text` as Markdown that shows just these characters, in a table cell too: no markup, no HTML, no link."""
    return "".join(_MARKDOWN.get(char, char) for char in visible(text))


def cell_text(text: str) -> str:
    """`text` for a CSV cell, which no spreadsheet takes for a formula; a tab or line break that could start one is shown as its code."""
    shown = visible(text)
    return f"'{shown}" if shown.startswith(_FORMULA) else shown
