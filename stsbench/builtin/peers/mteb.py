"""Result files as mteb keeps them: `<model>/<revision>/<task>.json`, which its `TaskResult` reads.

mteb asks that submitted results come from its own code, so these are for comparing, not for submitting.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any, Final

from stsbench.builtin.peers.published import TaskRecords, published
from stsbench.contracts.records import RecordFile
from stsbench.stores.canonical import json_bytes, rounded

THEIRS: Final = ("cosine", "manhattan", "euclidean")  # the similarities that mteb has a name for
MAIN: Final = "cosine"
METRICS: Final = ("spearman", "pearson")


def mteb_results(files: Sequence[RecordFile]) -> dict[str, bytes]:
    """A file for every model and task that was scored under mteb's protocol, with cosine among its similarities.

    `main_score` is the Spearman correlation of cosine. Similarities that mteb has no key for are kept as `stsbench_<similarity>_*`.
    """
    documents = {}
    for scored in published(files):
        scores = _scores(scored)
        if scored.file.benchmark.protocol == "mteb" and scores:
            sources = {record.revision or record.source or "unknown" for record in scored.records}
            document = {
                "dataset_revision": ", ".join(sorted(sources)),
                "task_name": scored.task.name,
                "mteb_version": None,
                "evaluation_time": None,
                "kg_co2_emissions": None,
                "date": scored.file.provenance.get("date"),
                "scores": rounded(scores),
            }
            documents[f"{scored.model}/{scored.revision}/{scored.task.name}.json"] = json_bytes(document)
    return documents


def _scores(scored: TaskRecords) -> dict[str, list[dict[str, Any]]]:
    scores: dict[str, list[dict[str, Any]]] = {}
    for (split, subset), records in sorted(scored.parts().items()):
        if MAIN in records:
            languages = scored.task.subsets.get(subset) or scored.file.benchmark.languages
            entry: dict[str, Any] = {"hf_subset": subset, "languages": list(languages), "main_score": records[MAIN].figure}
            for name, record in records.items():
                named = name if name in THEIRS else f"stsbench_{name}"
                entry |= {f"{named}_{metric}": record.figures[metric] for metric in METRICS}
            scores.setdefault(split, []).append({**entry, "stsbench_signature": records[MAIN].signature})
    return scores
