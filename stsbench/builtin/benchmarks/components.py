"""All benchmarks and suites of the core, as components."""

from __future__ import annotations

from stsbench.builtin.benchmarks import suites
from stsbench.builtin.benchmarks.definitions import Task, binary_tasks, tasks
from stsbench.builtin.benchmarks.files import FORMS
from stsbench.builtin.benchmarks.hub import HubBenchmark
from stsbench.builtin.benchmarks.mini import Mini
from stsbench.builtin.benchmarks.task import TaskBenchmark
from stsbench.contracts.component import Component
from stsbench.contracts.protocols import Benchmark, Suite

ALIASES = {"STS-B": "STSBenchmark"}


def benchmarks() -> list[Component[Benchmark | Suite]]:
    """Every benchmark and suite that the core offers: mini, the public tasks, files, hub data sets, suites."""
    defined = {task.name: task for task in (*tasks(), *binary_tasks())}
    return [
        Component("mini", Mini),
        *(_component(name, task) for name, task in defined.items()),
        *(_component(alias, defined[name], alias_of=name) for alias, name in ALIASES.items()),
        *(Component[Benchmark | Suite](kind.form, kind) for kind in FORMS),
        Component("hub", HubBenchmark),
        Component("sts-english", suites.sts_english),
        Component("simcse", suites.simcse),
        Component("mteb-eng-v1", suites.mteb_eng_v1),
        Component("mteb-eng-v2", suites.mteb_eng_v2),
        Component("sts-multilingual", suites.sts_multilingual),
    ]


def _component(name: str, task: Task, alias_of: str | None = None) -> Component[Benchmark | Suite]:
    return Component(name, type(name, (TaskBenchmark,), {"task": task, "__doc__": _help(name, task)}), alias_of=alias_of)


def _help(name: str, task: Task) -> str:
    languages = dict.fromkeys(language for spoken in task.subsets.values() for language in spoken)
    facts = [
        f"Another name of {task.name}." if name != task.name else "",
        f"Hub: {task.path}. Languages: {', '.join(languages)}. Licence: {task.licence}.",
        f"Splits: {', '.join(task.eval_splits)} by default" + (f"; also {', '.join(task.other_splits)}." if task.other_splits else "."),
        "Gold is 1 (positive) and 0: the main figure is average precision, not Spearman." if task.task == "binary" else "",
        f"Subsets: {', '.join(task.subsets)}." if len(task.subsets) > 1 else "",
        *task.notes,
        f"Superseded by {task.superseded_by}." if task.superseded_by else "",
    ]
    pairs = sum(task.expected[split].pairs for split in task.eval_splits if split in task.expected)
    spoken = ", ".join(list(languages)[:3]) + (f" and {len(languages) - 3} more" if len(languages) > 3 else "")
    what = f"{pairs:,} {'binary ' if task.task == 'binary' else ''}pairs ({', '.join(task.eval_splits)}), {spoken}"
    return f"{what}; the task {task.name} of mteb.\n\n" + "\n".join(filter(None, facts))
