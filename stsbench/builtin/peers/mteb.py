"""Result files as mteb keeps them: `<model>/<revision>/<task>.json`, which its `TaskResult` reads.

mteb asks that submitted results come from its own code, so these are for comparing, not for submitting.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING, Any, Final

from stsbench.builtin.peers.published import Published, published
from stsbench.stores.canonical import json_bytes, rounded

if TYPE_CHECKING:
    from stsbench.contracts.records import Record, RecordFile

THEIRS: Final = ("cosine", "manhattan", "euclidean")  # the similarities that mteb has a name for
MAIN: Final = "cosine"
METRICS: Final = ("spearman", "pearson")


def mteb_results(files: Sequence[RecordFile]) -> dict[str, bytes]:
    """A file for every model and task that was scored under mteb's protocol, with cosine among its similarities.

    `main_score` is the Spearman correlation of cosine. Similarities that mteb has no key for are kept as `stsbench_<similarity>_*`.
    """
    found = {}
    for one in published(files):
        scores = _scores(one)
        if one.file.benchmark.protocol == "mteb" and scores:
            sources = {record.revision or record.source or "unknown" for record in one.records}
            document = {
                "dataset_revision": ", ".join(sorted(sources)),
                "task_name": one.task.name,
                "mteb_version": None,
                "evaluation_time": None,
                "kg_co2_emissions": None,
                "date": one.file.provenance.get("date"),
                "scores": rounded(scores),
            }
            found[f"{one.model}/{one.revision}/{one.task.name}.json"] = json_bytes(document)
    return found


def _scores(one: Published) -> dict[str, list[dict[str, Any]]]:
    found: dict[str, list[dict[str, Any]]] = {}
    for (split, subset), records in sorted(one.parts().items()):
        if MAIN in records:
            languages = one.task.subsets.get(subset) or one.file.benchmark.languages
            entry: dict[str, Any] = {"hf_subset": subset, "languages": list(languages), "main_score": records[MAIN].figure}
            for name, record in records.items():
                entry |= _figures(name if name in THEIRS else f"stsbench_{name}", record)
            found.setdefault(split, []).append({**entry, "stsbench_signature": records[MAIN].signature})
    return found


def _figures(name: str, record: Record) -> dict[str, float]:
    return {f"{name}_{metric}": record.figures[metric] for metric in METRICS}
