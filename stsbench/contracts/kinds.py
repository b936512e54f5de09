"""What kinds of benchmarks there are: what their gold is, what they go by, and how the figures of parts become one."""

from __future__ import annotations

from collections.abc import Mapping
from types import MappingProxyType
from typing import Final, Literal

Aggregation = Literal["all", "mean", "wmean"]
Task = Literal["graded", "binary"]  # gold is a degree; or 1 and 0
CORRELATIONS: Final = ("spearman", "pearson", "kendall")  # what graded benchmarks have been measured by from the start
MAIN: Final[Mapping[Task, str]] = MappingProxyType({"graded": "spearman", "binary": "average_precision"})  # the metric that each goes by
