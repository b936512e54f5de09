"""Measure how well a machine measures the similarity of two sentences.

The names below are all that a program needs (the documentation has a page on them); importing the package loads nothing heavy, and a name
loads what it stands for when it is first used.
"""

from __future__ import annotations

from importlib import import_module
from typing import TYPE_CHECKING, Any

__version__ = "0.1.0"

if TYPE_CHECKING:
    from stsbench.api.audit import audit_encoder
    from stsbench.api.benchmark_audit import audit_benchmark
    from stsbench.api.boards import Board
    from stsbench.api.compare import compare
    from stsbench.api.compare.methods import Setting
    from stsbench.api.compare.result import Compared
    from stsbench.api.deciding import load_decision
    from stsbench.api.evaluate import evaluate
    from stsbench.api.report import Report
    from stsbench.api.session import Session
    from stsbench.api.training import as_evaluator
    from stsbench.builtin.benchmarks.given import pairs
    from stsbench.errors import DataError, ModelError, OptionError, PlanError, PluginError, StoreError, StsbenchError, UsageError
    from stsbench.runner.plain import named
    from stsbench.runner.request import Consent

_HOMES = {
    "Board": "stsbench.api.boards",
    "Compared": "stsbench.api.compare.result",
    "Consent": "stsbench.runner.request",
    "Report": "stsbench.api.report",
    "Session": "stsbench.api.session",
    "Setting": "stsbench.api.compare.methods",
    "as_evaluator": "stsbench.api.training",
    "audit_benchmark": "stsbench.api.benchmark_audit",
    "audit_encoder": "stsbench.api.audit",
    "compare": "stsbench.api.compare",
    "evaluate": "stsbench.api.evaluate",
    "load_decision": "stsbench.api.deciding",
    "named": "stsbench.runner.plain",
    "pairs": "stsbench.builtin.benchmarks.given",
}  # of what is loaded when it is used; errors are all of one module

__all__ = [
    "Board",
    "Compared",
    "Consent",
    "DataError",
    "ModelError",
    "OptionError",
    "PlanError",
    "PluginError",
    "Report",
    "Session",
    "Setting",
    "StoreError",
    "StsbenchError",
    "UsageError",
    "__version__",
    "as_evaluator",
    "audit_benchmark",
    "audit_encoder",
    "compare",
    "evaluate",
    "load_decision",
    "named",
    "pairs",
]


def __getattr__(name: str) -> Any:
    if name not in __all__:
        raise AttributeError(f"module {__name__!r} has no attribute {name!r}")
    return getattr(import_module(_HOMES.get(name, "stsbench.errors")), name)


def __dir__() -> list[str]:
    return __all__
