"""All benchmarks and suites of the core, as components. A superseded task is never in one suite with its successor."""

from __future__ import annotations

from collections.abc import Mapping
from functools import cache
from typing import Any

from stsbench.builtin.benchmarks.definitions import Task, binary_tasks, read_definitions, tasks, visual_tasks
from stsbench.builtin.benchmarks.files import FORMS, HubBenchmark
from stsbench.builtin.benchmarks.mini import Mini
from stsbench.builtin.benchmarks.stress import Stress
from stsbench.builtin.benchmarks.task import TaskBenchmark
from stsbench.builtin.benchmarks.unseen import Unseen
from stsbench.contracts.components.component import Component
from stsbench.contracts.components.protocols import Benchmark, Suite

ALIASES = {"STS-B": "STSBenchmark"}


@cache
def benchmarks() -> tuple[Component[Benchmark | Suite], ...]:
    """Every benchmark and suite that the core offers: mini, stress, the public tasks, files, hub data sets, suites, what is unseen."""
    defined = {task.name: task for task in (*tasks(), *binary_tasks(), *visual_tasks())}
    return (
        Component("mini", Mini),
        Component("stress", Stress),
        Component("unseen", Unseen),
        *(_component(name, task) for name, task in defined.items()),
        *(_component(alias, defined[name], alias_of=name) for alias, name in ALIASES.items()),
        *(Component[Benchmark | Suite](kind.form, kind) for kind in FORMS),
        Component("hub", HubBenchmark),
        *(_suite(name, entry) for name, entry in read_definitions("suites.json").items()),
    )


def _component(name: str, task: Task, alias_of: str | None = None) -> Component[Benchmark | Suite]:
    return Component(name, type(name, (TaskBenchmark,), {"task": task, "__doc__": _help(name, task)}), alias_of=alias_of)


def _suite(name: str, entry: Mapping[str, Any]) -> Component[Benchmark | Suite]:
    def suite() -> Suite:
        return Suite(entry["title"], tuple(entry["benchmarks"]), entry["protocol"])

    suite.__doc__ = entry["help"]
    return Component(name, suite)


_MAIN = {  # what is to be said of the figure, by kind
    "graded": "",
    "binary": "Gold is 1 (positive) and 0: the main figure is average precision, not Spearman.",
    "triplets": "The main figure is the accuracy over triplets: the share whose positive scores higher than their negative.",
}


def _help(name: str, task: Task) -> str:
    languages = dict.fromkeys(language for spoken in task.subsets.values() for language in spoken)
    facts = [
        f"Another name of {task.name}." if name != task.name else "",
        f"Hub: {task.path}. Languages: {', '.join(languages)}. Licence: {task.licence}.",
        f"Splits: {', '.join(task.eval_splits)} by default" + (f"; also {', '.join(task.other_splits)}." if task.other_splits else "."),
        _MAIN[task.task],
        f"Subsets: {', '.join(task.subsets)}." if len(task.subsets) > 1 else "",
        *task.notes,
        f"Superseded by {task.superseded_by}." if task.superseded_by else "",
    ]
    pairs = sum(task.expected[split].pairs for split in task.eval_splits if split in task.expected)
    spoken = ", ".join(list(languages)[:3]) + (f" and {len(languages) - 3} more" if len(languages) > 3 else "")
    of = {"graded": f"{pairs:,} pairs", "binary": f"{pairs:,} binary pairs", "triplets": f"{pairs // 2:,} triplets"}[task.task]
    what = f"{of} ({', '.join(task.eval_splits)}), {spoken}"
    whose = f"the task {task.name} of mteb" if task.protocol == "mteb" else f"of {task.path}"
    return f"{what}; {whose}.\n\n" + "\n".join(filter(None, facts))
