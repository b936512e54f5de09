"""Result files as mteb writes them, one a task: their Spearman of cosine on the pinned data, or why it is not comparable."""

from __future__ import annotations

import math
from collections.abc import Mapping
from pathlib import Path
from typing import Any

from stsbench.builtin.benchmarks.definitions import Task, tasks
from stsbench.contracts.boards.published import Figure
from stsbench.contracts.reading import parse_json, read_bytes
from stsbench.errors import UsageError

PROTOCOL, METRIC = "mteb", "cosine_spearman"
NO_RESULT = ("model_meta.json",)


def read_mteb(folder: Path, benchmarks: set[str]) -> tuple[list[Figure], list[str]]:
    """The figures of the result files under `folder` that are of these benchmarks, and the names of the other tasks there.

    `folder` is `<owner>__<model>/<revision>` or any above it. Raises UsageError, with file and reason, for a file that is no result
    of mteb, and for one of another data set revision, split, subset or main score.
    """
    known = {task.name: task for task in tasks()}
    figures, others = [], set()
    for path in sorted(folder.rglob("*.json")):
        if path.name in NO_RESULT:
            continue
        where = str(path.relative_to(folder))
        result = _parsed(path, where)
        name = str(result.get("task_name"))
        if name in benchmarks and name in known:
            figures.append(_figure(result, known[name], _system(path), where))
        else:
            others.add(name)
    return figures, sorted(others)


def _parsed(path: Path, where: str) -> dict[str, Any]:
    try:
        result = parse_json(read_bytes(path))
    except (OSError, ValueError, RecursionError) as error:
        raise UsageError(f"{where} cannot be read as a result of mteb ({error}); leave the file out") from error
    if (
        not isinstance(result, dict)
        or not {"task_name", "dataset_revision", "scores"} <= set(result)
        or not isinstance(result["scores"], dict)
    ):
        raise UsageError(f"{where} is no result of mteb: it lacks task_name, dataset_revision or scores; leave the file out")
    return result


def _figure(result: Mapping[str, Any], task: Task, system: str, where: str) -> Figure:
    if result["dataset_revision"] != task.revision:
        raise _refused(
            where, task, f"revision {str(result['dataset_revision'])[:12]} of the data", f"{task.revision[:12]} is compared here"
        )
    scores = result["scores"]
    if set(scores) != set(task.eval_splits):
        raise _refused(where, task, f"the splits {', '.join(sorted(scores))}", f"{', '.join(task.eval_splits)} is compared here")
    entries = [entry for split in task.eval_splits for entry in scores[split]]
    subsets = sorted(str(entry.get("hf_subset")) for entry in entries)
    if subsets != sorted(list(task.subsets) * len(task.eval_splits)):
        raise _refused(where, task, f"the subsets {', '.join(subsets)}", f"{', '.join(task.subsets)} is compared here")
    values = [(entry.get(METRIC), entry.get("main_score")) for entry in entries]
    for value, main in values:
        if not all(isinstance(one, int | float) and math.isfinite(one) and abs(one) <= 1 for one in (value, main)):
            raise _refused(where, task, f"a {METRIC} or main_score that is no correlation", "nothing can be said of it")
        if abs(value - main) > 1e-6:
            raise _refused(where, task, f"another main score than {METRIC}", "the Spearman of cosine is compared here")
    version = f"mteb {result['mteb_version']}" if result.get("mteb_version") else "mteb, version unknown"
    return Figure(
        system=system,
        benchmark=task.name,
        protocol=PROTOCOL,
        spearman=math.fsum(value for value, _ in values) / len(values),
        n=sum(task.expected[split].pairs for split in task.eval_splits),
        source=f"MTEB results repository ({version})",
        dataset_revision=task.revision,
    )


def _refused(where: str, task: Task, what: str, instead: str) -> UsageError:
    return UsageError(f"{where} has {what}, and of {task.name} {instead}; leave the file out")


def _system(path: Path) -> str:
    """Model and the beginning of its revision, as the file beside it or else the folders say."""
    try:
        meta = parse_json(read_bytes(path.parent / NO_RESULT[0]))
        name, revision = str(meta["name"]), str(meta["revision"])
    except (OSError, ValueError, KeyError, TypeError):
        name, revision = path.parent.parent.name.replace("__", "/", 1), path.parent.name
    return f"{name} @{revision[:8]}"
