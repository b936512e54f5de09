"""The lists of families in the READMEs of both distributions say what the table of cases says."""

from __future__ import annotations

import re
from pathlib import Path

import pytest

from .cases import CASES
from .families import FAMILIES

PLUGINS = Path(__file__).parents[3]
WORDS = {
    "graph": "our own graph",
    "traced": "a traced graph",
    "torch": "torch",
    "library": "sentence-transformers",
    "refused": "nothing: it is refused",
}
FIRST = {case.family: case for case in CASES if case.name == case.family}


def listed(plugin: str) -> dict[str, str]:
    """The table of families in a README: what runs each by its name."""
    (_, part) = (PLUGINS / plugin / "README.md").read_text(encoding="utf-8").split("\n## Families\n")
    rows = re.findall(r"^\| ([^|]+?) \| ([^|]+?) \|$", part.partition("\n## ")[0], re.MULTILINE)
    return dict(rows[1:])


@pytest.mark.parametrize("plugin", ["stsbench-sentence-transformers", "stsbench-transformers"])
def test_every_family_is_listed_with_what_runs_it(plugin: str) -> None:
    assert set(FIRST) == set(FAMILIES)
    here = plugin == "stsbench-sentence-transformers"
    assert listed(plugin) == {FAMILIES[name].title: WORDS[case.by if here else case.states or case.by] for name, case in FIRST.items()}
