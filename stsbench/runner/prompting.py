"""Prompts that depend on the benchmark: which of a model's named prompts mteb puts before the texts of a task."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Final

from stsbench.contracts.components.protocols import BenchmarkCard
from stsbench.contracts.kinds import Task

RULE: Final = "mteb"  # as a value of `prompt=`
TYPES: Final[Mapping[Task, str]] = {  # of mteb's tasks; triplets, which it has none of, ask for what STS does
    "graded": "STS",
    "binary": "PairClassification",
    "triplets": "STS",
}
_SIDES: Final = {"TERRa.V2": ("document", "query")}  # the tasks whose left and right texts mteb tells apart


def mteb_prompts(named: Mapping[str, str], card: BenchmarkCard) -> tuple[str, str]:
    """What is put before left and right texts: the prompt of the benchmark's name in mteb, else of its kind.

    A prompt for queries or documents reaches only texts that mteb takes for such; where it does, what names the side comes first.
    """
    named_so = card.name.partition(" (")[0].partition(":")[0].partition("/")[0], TYPES[card.task]  # whatever is taken of it, and how
    task, kind = card.prompted_as or named_so
    left, right = _SIDES.get(task, ("", ""))
    return _prompt(named, task, kind, left), _prompt(named, task, kind, right)


def _prompt(named: Mapping[str, str], task: str, kind: str, side: str) -> str:
    names = (f"{task}-{side}", task, f"{kind}-{side}", kind, side) if side else (task, kind)
    return next((named[name] for name in names if name in named), "")
