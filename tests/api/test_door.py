"""The public names of the package: which there are, that each is documented, and that none is heavy before it is used."""

from __future__ import annotations

import re
import subprocess
import sys
from pathlib import Path

import pytest

import stsbench

PAGE = (Path(__file__).parents[2] / "docs" / "python.md").read_text(encoding="utf-8")
NAMES = [
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


def test_the_names_are_these() -> None:
    assert stsbench.__all__ == sorted(NAMES) == NAMES
    assert dir(stsbench) == NAMES
    with pytest.raises(AttributeError, match="module 'stsbench' has no attribute 'evaluat'"):
        stsbench.evaluat  # noqa: B018


@pytest.mark.parametrize("name", NAMES)
def test_a_name_is_there_says_what_it_is_and_is_shown_in_use(name: str) -> None:
    found = getattr(stsbench, name)
    assert name == "__version__" or (found.__name__ == name and found.__doc__)
    assert re.search(rf"^\| `{name}", PAGE, re.M), "its row in the table"
    assert re.search(rf"\bstsbench\.{name}\b", "".join(re.findall(r"```python\n(.*?)```", PAGE, re.S))), "an example that is run"


def test_the_package_alone_loads_nothing_heavy() -> None:
    code = (
        "import sys, stsbench; print(*(name for name in sys.modules if name.partition('.')[0] in {'numpy', 'pandas', 'pydantic', 'typer'}))"
    )
    assert subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True).stdout.strip() == ""
