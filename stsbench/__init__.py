"""Measure how well a machine measures the similarity of two sentences.

`stsbench.evaluate(...)` is the main entry point for Python; importing the package loads nothing heavy.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

__version__ = "0.1.0"
__all__ = ["Report", "__version__", "evaluate"]

if TYPE_CHECKING:
    from stsbench.api.evaluate import evaluate
    from stsbench.api.report import Report


def __getattr__(name: str) -> Any:
    if name == "evaluate":
        from stsbench.api.evaluate import evaluate

        return evaluate
    if name == "Report":
        from stsbench.api.report import Report

        return Report
    raise AttributeError(f"module {__name__!r} has no attribute {name!r}")


def __dir__() -> list[str]:
    return __all__
