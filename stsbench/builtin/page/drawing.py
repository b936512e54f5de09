"""From a chart's Vega-Lite specification to SVG and PNG, as pages and pictures show it; the same chart has the same bytes."""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Final

from stsbench.builtin.page.palette import DARK, LIGHT, specification, with_colours, with_variables
from stsbench.builtin.page.renderer import png, require_renderer, svg_as_measured
from stsbench.errors import UsageError
from stsbench.stores.atomic import write_atomic

FONTS: Final = "Arial, 'Liberation Sans', Helvetica, system-ui, sans-serif"  # first those that are as wide as what was measured
WIDER: Final = 32  # room to the left of a picture, where a reader's font is wider than what was measured


@dataclass(frozen=True)
class HeatMap:
    """A table whose cells have a text and a step of the ramp, or nothing: its heads, and each line with its name."""

    heads: tuple[str, ...]
    lines: tuple[tuple[str, tuple[tuple[str, int] | None, ...]], ...]


@dataclass(frozen=True)
class Chart:
    """A figure: its Vega-Lite `spec`, a `caption`, and what it shows in words (`alternative`) and in figures (`header`, `rows`).

    A page shows its `maps`, where it has any, as tables in the place of a picture.
    """

    id: str
    title: str
    caption: str
    alternative: str
    spec: Mapping[str, Any]
    header: tuple[str, ...] = ()
    rows: tuple[tuple[str, ...], ...] = ()
    maps: tuple[HeatMap, ...] = ()


def page_svg(chart: Chart) -> str:
    """The chart as SVG for a page, whose colours and font it takes."""
    svg = in_tags(_render(chart), lambda tag: re.sub(r' font-family="[^"]*"', "", with_variables(tag)))
    kept = r'<svg width="\1" height="\2" viewBox="\3" aria-hidden="true" focusable="false">'
    return re.sub(r'<svg [^>]*width="([^"]*)" height="([^"]*)" viewBox="([^"]*)"[^>]*>', kept, svg, count=1)


def picture_svg(chart: Chart, *, dark: bool = False) -> str:
    """The chart as an SVG file that stands alone, on white or on the dark of pages, its text alternative in it."""
    from html import escape

    head, start, rest = with_readers_fonts(_on_paper(chart, dark)).partition(">")
    words = f"<title>{escape(chart.title)}</title><desc>{escape(chart.alternative)}</desc>"
    return f'{head} role="img"{start}{words}{rest}\n'


def picture_png(chart: Chart, *, dark: bool = False) -> bytes:
    """The chart as a PNG file, at twice the size."""
    return png(_on_paper(chart, dark))


def _on_paper(chart: Chart, dark: bool) -> str:
    scheme = DARK if dark else LIGHT
    head, start, rest = in_tags(_render(chart, WIDER), lambda tag: with_colours(tag, scheme)).partition(">")
    return f'{head}{start}<rect width="100%" height="100%" fill="{scheme["paper"]}"/>{rest}'


def write_plot(path: Path, specified: Mapping[str, Any]) -> None:
    """Draw a specification with a look of its own, on white, into an SVG or PNG file, as its name says; raises as `require_drawable` does.

    PNG is at twice the size.
    """
    require_drawable(path)
    svg = svg_as_measured({"background": "white", **specified})
    write_atomic(path, with_readers_fonts(svg).encode() if path.suffix.lower() == ".svg" else png(svg))


def with_readers_fonts(svg: str) -> str:
    """`svg` in the fonts that a reader's machine has; only how wide the text was taken to be must not depend on it."""
    return in_tags(svg, lambda tag: re.sub(r'font-family="[^"]*"', f'font-family="{FONTS}"', tag))


def _render(chart: Chart, left: int = 8) -> str:
    svg = svg_as_measured({**chart.spec, "config": specification("look"), "padding": {"left": left, "top": 12, "right": 8, "bottom": 8}})
    return in_tags(re.sub(r'<path class="(?:background|foreground)"[^<>]*/>', "", svg), _smaller)


def in_tags(svg: str, change: Callable[[str], str]) -> str:
    """`svg` with its tags changed; the text between them is somebody's name, and stays as it is."""
    return re.sub(r"<[^<>]+>", lambda found: change(found[0]), svg)


def _smaller(tag: str) -> str:
    """Without what no reader sees: roles, and digits beyond a hundredth of a point."""
    tag = re.sub(r' (?:class|role|aria-roledescription|aria-hidden|pointer-events|xmlns:xlink|version)="[^"]*"', "", tag)
    tag = tag.replace(' opacity="1"', "").replace(' stroke-width="1"', "")
    return re.sub(r"-?\d+\.\d{3,}", lambda found: f"{float(found[0]):.2f}".rstrip("0").rstrip("."), tag)


def require_drawable(path: Path) -> None:
    """Raises UsageError where nothing could be drawn: the name is neither .svg nor .png, its folder or the extra is missing."""
    if path.suffix.lower() not in (".svg", ".png"):
        raise UsageError(f"plots are drawn as .svg or .png, and {path.name!r} is neither; name the file so")
    require_folder(path)
    require_renderer("vl_convert")


def require_folder(path: Path) -> None:
    """Raises UsageError where a file cannot be written since its folder does not exist."""
    if not path.parent.is_dir():
        raise UsageError(f"there is no folder {path.parent} to write {path.name} in; make it first")
