"""Saying that something will go, and who still uses it."""

from __future__ import annotations

import sys
import warnings
from importlib.metadata import PackageNotFoundError, packages_distributions, version
from types import FrameType


def deprecated(what: str, *, instead: str, until: str) -> None:
    """Warn that the plugin (or script) which called into stsbench uses `what`, which version `until` no longer has.

    Two minor versions lie between the first warning and that one. A FutureWarning is shown by default, to
    whoever runs a plugin, who may tell its author.
    """
    frame, depth = _caller(sys._getframe())
    module = str(frame.f_globals.get("__name__", "")) if frame else ""
    warnings.warn(
        f"{_distribution(module)} uses {what}, which stsbench {until} no longer has; it should use {instead}",
        FutureWarning,
        stacklevel=depth,
    )


def _caller(frame: FrameType | None) -> tuple[FrameType | None, int]:
    """The innermost frame that is not of stsbench itself, and how many lie within it."""
    depth = 0
    while frame is not None and str(frame.f_globals.get("__name__", "")).partition(".")[0] == "stsbench":
        frame, depth = frame.f_back, depth + 1
    return frame, depth + 1


def _distribution(module: str) -> str:
    """The distribution that a module is of, with its version; else the module itself."""
    package = module.partition(".")[0]
    for name in packages_distributions().get(package, ()):
        try:
            return f"{name} {version(name)}"
        except PackageNotFoundError:
            continue
    return module or "a caller"
