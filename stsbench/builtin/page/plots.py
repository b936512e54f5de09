"""Plots in files, from Vega-Lite specifications."""

from __future__ import annotations

from pathlib import Path
from typing import Any

from stsbench.builtin.page.drawing import plot_png, plot_svg
from stsbench.builtin.page.renderer import require_renderer
from stsbench.errors import UsageError
from stsbench.stores.atomic import write_atomic


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


def write_plot(path: Path, specification: dict[str, Any]) -> None:
    """Draw the specification into an SVG or PNG file, as its name says; raises UsageError as `require_drawable` does."""
    require_drawable(path)
    svg = path.suffix.lower() == ".svg"
    write_atomic(path, plot_svg(specification).encode() if svg else plot_png(specification))
