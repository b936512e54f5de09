"""Figures for a Hugging Face model repository: `.eval_results/*.yaml`, and the older `model-index` of a model card."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from stsbench.builtin.peers.mteb import METRICS
from stsbench.builtin.peers.published import TaskRecords, published
from stsbench.contracts.figures import recorded
from stsbench.contracts.records import Record, RecordFile
from stsbench.stores.records import slug


def eval_results(files: Sequence[RecordFile]) -> dict[str, bytes]:
    """`<model>/.eval_results/stsbench-<similarity>.yaml`: one list for every similarity, with one entry a benchmark part.

    Values are Spearman correlations; the note of each is its signature.
    """
    from huggingface_hub import EvalResultEntry, eval_result_entries_to_yaml

    lists: dict[str, list[Any]] = {}
    for scored in published(files):
        for (split, subset), records in sorted(scored.parts().items()):
            for name, record in sorted(records.items()):
                lists.setdefault(f"{scored.model}-{scored.revision}/.eval_results/stsbench-{slug(name)}.yaml", []).append(
                    EvalResultEntry(
                        dataset_id=scored.task.path,
                        task_id="_".join(filter(None, [_name(scored), "" if subset == "default" else subset, split])),
                        value=recorded(record.figures[METRICS[0]]),
                        dataset_revision=record.revision,
                        date=scored.file.provenance.get("date"),
                        notes=record.signature,
                    )
                )
    return {name: _yaml(eval_result_entries_to_yaml(entries)) for name, entries in sorted(lists.items())}


def model_index(files: Sequence[RecordFile]) -> dict[str, bytes]:
    """`<model>/README.md`: the front matter of a model card, with `spearman_<similarity>` and `pearson_<similarity>` of every part."""
    from huggingface_hub import ModelCardData

    cards: dict[str, list[Any]] = {}
    for scored in published(files):
        results = [
            _result(scored, record, name, metric)
            for records in scored.parts().values()
            for name, record in sorted(records.items())
            for metric in METRICS
        ]
        cards.setdefault(f"{scored.model}-{scored.revision}/README.md", []).extend(results)
    readmes = {}
    for place, results in sorted(cards.items()):
        data = ModelCardData(model_name=place.partition("/")[0], eval_results=results)
        readmes[place] = f"---\n{data.to_yaml()}\n---\n".encode()
    return readmes


def _result(scored: TaskRecords, record: Record, name: str, metric: str) -> Any:
    from huggingface_hub import EvalResult

    return EvalResult(
        task_type="semantic-similarity",
        task_name="Semantic Similarity",
        dataset_type=scored.task.path,
        dataset_name=_name(scored),
        dataset_config=record.subset,
        dataset_split=record.split,
        dataset_revision=record.revision,
        metric_type=f"{metric}_{name}",
        metric_name=f"{metric} {name}",
        metric_value=recorded(record.figures[metric]),
    )


def _name(scored: TaskRecords) -> str:
    """The task, with its protocol where that is not the hub's own."""
    protocol = scored.file.benchmark.protocol
    return scored.task.name if protocol == "mteb" else f"{scored.task.name} ({protocol})"


def _yaml(document: Any) -> bytes:
    import yaml

    text: str = yaml.safe_dump(document, sort_keys=False, allow_unicode=True, width=10**6)
    return text.encode()
