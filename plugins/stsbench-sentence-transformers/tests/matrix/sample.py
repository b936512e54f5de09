"""Which checkpoints of the matrix `make test` sees: each kind of state once. Campaigns, and with them CI, see all the others too."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any

import pytest

from .case import Case

SAMPLE = frozenset(
    {
        "bert",
        "xlm-roberta",
        "mpnet",
        "deberta",
        "distilbert",
        "qwen3",
        "t5",
        "all-poolings",
        "dense",
        "weighted-mean",
        "lstm",
        "static",
        "left-mean",
        "roberta-added",
        "short",
        "default-prompt",
        "adapter-bare",
        "pickled",
    }
)


def parametrized(cases: Iterable[Case]) -> list[Any]:
    """The cases as a test's parameters, those outside the sample marked as a campaign."""
    return [pytest.param(case, id=case.name, marks=() if case.name in SAMPLE else pytest.mark.campaign) for case in cases]
