"""What kinds of benchmarks there are: what their gold is, what they go by, and how the figures of parts become one."""

from __future__ import annotations

from collections.abc import Mapping
from types import MappingProxyType
from typing import Final, Literal

Aggregation = Literal["all", "mean", "wmean"]
Task = Literal["graded", "binary", "triplets"]  # gold is a degree; 1 and 0; or 1 of the pair of a triplet that is nearer and 0 of the other
CORRELATIONS: Final = ("spearman", "pearson", "kendall")  # what graded benchmarks have been measured by from the start
MAIN: Final[Mapping[Task, str]] = MappingProxyType(  # the metric that each goes by
    {"graded": "spearman", "binary": "average_precision", "triplets": "triplet_accuracy"}
)
