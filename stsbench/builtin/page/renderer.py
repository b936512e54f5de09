"""The one door to vl-convert, which renders without a browser: text is as wide on every machine, since only its own font counts."""

from __future__ import annotations

import os
from collections.abc import Mapping
from contextlib import suppress
from functools import cache
from importlib.util import find_spec
from pathlib import Path
from tempfile import TemporaryDirectory
from threading import Lock
from types import ModuleType
from typing import Any, Final
from xml.sax.saxutils import escape

from stsbench.errors import MissingExtra

VEGA_LITE: Final = "6.4"
FONT: Final = "Liberation Sans"  # comes with vl-convert
ADDRESSES: Final = 68 << 30  # bytes that its engine reserves at its first picture, with some to spare
_LOADING: Final = Lock()


def require_renderer(*modules: str) -> None:
    """Raises MissingExtra, with the line that installs it, where the extra for pages and pictures is missing, or cannot run here."""
    if missing := [name for name in modules if find_spec(name) is None]:
        raise MissingExtra(f"pages and pictures need {missing[0]}, which is not installed; run: pip install 'stsbench[html]'")

    if "vl_convert" in modules and (room := _room()) is not None and room < ADDRESSES:
        raise MissingExtra(
            f"pages and pictures need {ADDRESSES >> 30} GB of addresses, whatever memory there is, and this process may take "
            f"{room >> 30} GB; lift the limit with `ulimit -v unlimited`"
        )


def _room() -> int | None:
    """The bytes of addresses that this process may still take, where something limits them; the renderer ends a process that lacks them."""
    try:
        from resource import RLIM_INFINITY, RLIMIT_AS, getpagesize, getrlimit
    except ImportError:  # a system without such limits
        return None
    if _without_fonts_of_the_machine.cache_info().currsize or (limit := getrlimit(RLIMIT_AS)[0]) == RLIM_INFINITY:
        return None
    with suppress(OSError):
        return limit - int(Path("/proc/self/statm").read_text().split()[0]) * getpagesize()
    return limit


def template(name: str) -> Any:
    """The template of a page, in which every value is text; raises MissingExtra as `require_renderer` does."""
    require_renderer("jinja2")
    from jinja2 import Environment, PackageLoader, StrictUndefined

    loader = PackageLoader("stsbench.builtin", "page")
    return Environment(loader=loader, autoescape=True, undefined=StrictUndefined, trim_blocks=True, lstrip_blocks=True).get_template(name)


def svg_as_measured(specification: Mapping[str, Any]) -> str:
    """The Vega-Lite specification as SVG, its text measured and named in the font that comes with the renderer."""
    config = {**specification.get("config", {}), "font": FONT}
    return str(_renderer().vegalite_to_svg({**specification, "config": config}, vl_version=VEGA_LITE))


def png(svg: str) -> bytes:
    """The picture at twice the size, as PNG; a letter that the renderer's font lacks is an empty box."""
    return bytes(_renderer().svg_to_png(svg, scale=2))


def _renderer() -> ModuleType:
    require_renderer("vl_convert")
    with _LOADING:
        return _without_fonts_of_the_machine()


@cache
def _without_fonts_of_the_machine() -> ModuleType:
    """vl-convert, made to load its fonts while fontconfig knows none of the machine's, which it would take before its own.

    Another version of the same font gives other widths, and so does any font for a letter that this one lacks. Where the process
    used vl-convert before, or the system does without fontconfig, the fonts of the machine are in, behind the one that is named.
    """
    import vl_convert

    before = os.environ.get("FONTCONFIG_FILE")
    with TemporaryDirectory(prefix="stsbench-") as folder:
        (empty := Path(folder, "fonts")).mkdir()
        (configuration := Path(folder, "fonts.conf")).write_text(
            f"<fontconfig><dir>{escape(str(empty))}</dir></fontconfig>", encoding="utf-8"
        )
        os.environ["FONTCONFIG_FILE"] = str(configuration)
        try:
            vl_convert.register_font_directory(str(empty))  # the fonts are loaded at the first call that needs them, which this is
        finally:
            if before is None:
                del os.environ["FONTCONFIG_FILE"]
            else:
                os.environ["FONTCONFIG_FILE"] = before
    return vl_convert
