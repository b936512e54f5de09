"""Plots in files, from Vega-Lite specifications."""

from __future__ import annotations

from importlib.util import find_spec
from pathlib import Path
from typing import Any

from stsbench.errors import UsageError


def require_drawable(path: Path) -> None:
    """Raises UsageError where `write_plot` could not work: the name is neither .svg nor .png, its folder or the extra is missing."""
    if path.suffix.lower() not in (".svg", ".png"):
        raise UsageError(f"plots are drawn as .svg or .png, and {path.name!r} is neither")
    require_folder(path)
    if find_spec("vl_convert") is None:
        raise UsageError("plots need vl-convert; install it with pip install 'stsbench[html]'")


def require_folder(path: Path) -> None:
    """Raises UsageError where a file cannot be written since its folder does not exist."""
    if not path.parent.is_dir():
        raise UsageError(f"there is no folder {path.parent} to write {path.name} in; make it first")


def write_plot(path: Path, specification: dict[str, Any]) -> None:
    """Draw the specification into an SVG or PNG file, as its name says; raises UsageError as `require_drawable` does."""
    require_drawable(path)
    import vl_convert

    if path.suffix.lower() == ".svg":
        path.write_text(vl_convert.vegalite_to_svg(specification), encoding="utf-8")
    else:
        path.write_bytes(vl_convert.vegalite_to_png(specification, scale=2))
