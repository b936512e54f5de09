"""All benchmarks and suites of the core, as components. A superseded task is never in one suite with its successor."""

from __future__ import annotations

from functools import cache

from stsbench.builtin.benchmarks.definitions import Task, binary_tasks, tasks, visual_tasks
from stsbench.builtin.benchmarks.files import FORMS
from stsbench.builtin.benchmarks.hub import HubBenchmark
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
        Component("sts-english", sts_english),
        Component("simcse", simcse),
        Component("mteb-eng-v1", mteb_eng_v1),
        Component("mteb-eng-v2", mteb_eng_v2),
        Component("sts-multilingual", sts_multilingual),
    )


def _component(name: str, task: Task, alias_of: str | None = None) -> Component[Benchmark | Suite]:
    return Component(name, type(name, (TaskBenchmark,), {"task": task, "__doc__": _help(name, task)}), alias_of=alias_of)


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


_SEVEN = ("STS12", "STS13", "STS14", "STS15", "STS16", "STSBenchmark", "SICK-R")


def sts_english() -> Suite:
    """Suite: the seven English STS benchmarks that most papers report: STS12 to STS16, STSBenchmark and SICK-R, as mteb scores them."""
    return Suite("English STS", _SEVEN, "mteb")


def simcse() -> Suite:
    """Suite: the same seven under the protocol of SimCSE and SentEval's unsupervised setting.

    STS12 to STS16 as on the hub, STSBenchmark Moses-tokenised and lower-cased, the 4,927 test pairs of SICK-R Moses-tokenised.
    Its figures are not comparable with those of `sts-english`. Needs `pip install 'stsbench[simcse]'`.
    """
    return Suite("English STS, SimCSE protocol", tuple(f"{name},protocol=simcse" for name in _SEVEN), "simcse")


def mteb_eng_v1() -> Suite:
    """Suite: the STS tasks of mteb's first English benchmark."""
    names = ("BIOSSES", "SICK-R", "STS12", "STS13", "STS14", "STS15", "STS16", "STS17,subset=en-en", "STS22,subset=en", "STSBenchmark")
    return Suite("MTEB(eng, v1), STS", names, "mteb")


def mteb_eng_v2() -> Suite:
    """Suite: the STS tasks of mteb's second English benchmark."""
    names = ("BIOSSES", "SICK-R", "STS12", "STS13", "STS14", "STS15", "STS17,subset=en-en", "STS22.v2,subset=en", "STSBenchmark")
    return Suite("MTEB(eng, v2), STS", names, "mteb")


def sts_multilingual() -> Suite:
    """Suite: STS within and across many languages: STS17, STS22.v2, STSBenchmarkMultilingualSTS, SemRel24STS and IndicCrosslingualSTS."""
    names = ("STS17", "STS22.v2", "STSBenchmarkMultilingualSTS", "SemRel24STS", "IndicCrosslingualSTS")
    return Suite("Multilingual STS", names, "mteb")
