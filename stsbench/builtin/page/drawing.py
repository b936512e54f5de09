"""From a chart's Vega-Lite specification to SVG. vl-convert renders it without a browser; the same chart has the same bytes."""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from importlib.util import find_spec
from typing import Any, Final, Literal

from stsbench.builtin.page.palette import ACCENT, INK, LINE, SOFT, with_colours, with_variables
from stsbench.errors import MissingExtra

VEGA_LITE: Final = "6.4"
MEASURED: Final = "Liberation Sans"  # comes with vl-convert, so that text is as wide on every machine
FONTS: Final = "system-ui, 'Helvetica Neue', Arial, sans-serif"

CONFIG: Final[dict[str, Any]] = {
    "aria": False,
    "background": None,
    "font": MEASURED,
    "view": {"stroke": None},
    "axis": {
        "labelColor": SOFT, "titleColor": SOFT, "titleFontWeight": "normal", "gridColor": LINE, "domain": False, "ticks": False,
        "labelFontSize": 12, "titleFontSize": 12, "labelPadding": 8, "titlePadding": 10, "labelLimit": 330,
    },
    "axisX": {"tickCount": 6},
    "axisDiscrete": {"grid": False, "labelColor": INK},
    "header": {"labelColor": INK, "labelFontSize": 12, "labelFontWeight": "normal", "labelPadding": 6, "labelLimit": 200, "title": None},
    "circle": {"opacity": 1, "color": ACCENT},
    "rule": {"color": ACCENT},
    "text": {"color": INK, "fontSize": 12},
}  # fmt: skip


@dataclass(frozen=True)
class Chart:
    """A figure: its Vega-Lite `spec`, a `caption`, and what it shows in words (`alternative`) and in figures (`header`, `rows`)."""

    id: str
    kind: Literal["lead", "grid", "groups", "gold"]  # where on a page it belongs
    title: str
    caption: str
    alternative: str
    spec: Mapping[str, Any]
    header: tuple[str, ...] = ()
    rows: tuple[tuple[str, ...], ...] = ()


def require_renderer(*modules: str) -> None:
    """Raises MissingExtra, with the line that installs it, where the extra for pages and pictures is missing."""
    if missing := [name for name in modules if find_spec(name) is None]:
        raise MissingExtra(f"pages and pictures need {missing[0]}, which is not installed; run: pip install 'stsbench[html]'")


def page_svg(chart: Chart) -> str:
    """The chart as SVG for a page, whose colours and font it takes."""
    svg = in_tags(_render(chart), lambda tag: re.sub(r' font-family="[^"]*"', "", with_variables(tag)))
    kept = r'<svg width="\1" height="\2" viewBox="\3" aria-hidden="true" focusable="false">'
    return re.sub(r'<svg [^>]*width="([^"]*)" height="([^"]*)" viewBox="([^"]*)"[^>]*>', kept, svg, count=1)


def picture_svg(chart: Chart) -> str:
    """The chart as an SVG file that stands alone, on white, its text alternative in it."""
    from html import escape

    svg = in_tags(_render(chart), lambda tag: re.sub(r'font-family="[^"]*"', f'font-family="{FONTS}"', with_colours(tag)))
    head, start, rest = svg.partition(">")
    words = f"<title>{escape(chart.title)}</title><desc>{escape(chart.alternative)}</desc>"
    return f'{head} role="img"{start}{words}<rect width="100%" height="100%" fill="#ffffff"/>{rest}\n'


def picture_png(chart: Chart) -> bytes:
    """The chart as a PNG file, at twice the size."""
    import vl_convert

    svg = in_tags(_render(chart), with_colours)
    head, start, rest = svg.partition(">")
    data: bytes = vl_convert.svg_to_png(f'{head}{start}<rect width="100%" height="100%" fill="#ffffff"/>{rest}', scale=2)
    return data


def _render(chart: Chart) -> str:
    require_renderer("vl_convert")
    import vl_convert

    svg = vl_convert.vegalite_to_svg({**chart.spec, "config": CONFIG, "padding": 8}, vl_version=VEGA_LITE)
    return in_tags(re.sub(r'<path class="(?:background|foreground)"[^<>]*/>', "", str(svg)), _smaller)


def in_tags(svg: str, change: Callable[[str], str]) -> str:
    """`svg` with its tags changed; the text between them is somebody's name, and stays as it is."""
    return re.sub(r"<[^<>]+>", lambda found: change(found[0]), svg)


def _smaller(tag: str) -> str:
    """Without what no reader sees: roles, and digits beyond a hundredth of a point."""
    tag = re.sub(r' (?:class|role|aria-roledescription|aria-hidden|pointer-events|xmlns:xlink|version)="[^"]*"', "", tag)
    tag = tag.replace(' opacity="1"', "").replace(' stroke-width="1"', "")
    return re.sub(r"-?\d+\.\d{3,}", lambda found: f"{float(found[0]):.2f}".rstrip("0").rstrip("."), tag)
