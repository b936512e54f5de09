"""Plots in files, from Vega-Lite specifications."""

from __future__ import annotations

from pathlib import Path
from typing import Any

from stsbench.errors import UsageError


def write_plot(path: Path, specification: dict[str, Any]) -> None:
    """Draw the specification into an SVG or PNG file, as its name says; raises UsageError for other names and without the extra."""
    if path.suffix.lower() not in (".svg", ".png"):
        raise UsageError(f"plots are drawn as .svg or .png, and {path.name!r} is neither")
    try:
        import vl_convert
    except ImportError as error:
        raise UsageError("plots need vl-convert; install it with pip install 'stsbench[html]'") from error
    if path.suffix.lower() == ".svg":
        path.write_text(vl_convert.vegalite_to_svg(specification), encoding="utf-8")
    else:
        path.write_bytes(vl_convert.vegalite_to_png(specification, scale=2))
