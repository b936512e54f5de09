"""Results in the forms of other programs: mteb's result files, and the two places of a Hugging Face model repository.

Unlike a writer, which renders one board, these need the records of every split and subset, and make a file for every system. mteb keeps
results as `<model>/<revision>/<task>.json`, which its `TaskResult` reads; it asks that submitted results come from its own code, so these
are for comparing, not for submitting. A repository has `.eval_results/*.yaml`, or the older `model-index` of a model card.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Any, Final

from stsbench.builtin.benchmarks.definitions import Task, tasks
from stsbench.contracts.figures import recorded, rounded
from stsbench.contracts.records import Record, RecordFile
from stsbench.contracts.ref import short
from stsbench.stores.canonical import json_bytes
from stsbench.stores.records import slug

THEIRS: Final = ("cosine", "manhattan", "euclidean")  # the similarities that mteb has a name for
MAIN: Final = "cosine"
METRICS: Final = ("spearman", "pearson")


def mteb_results(files: Sequence[RecordFile]) -> dict[str, bytes]:
    """A file for every model and task that was scored under mteb's protocol, with cosine among its similarities.

    `main_score` is the Spearman correlation of cosine. Similarities that mteb has no key for are kept as `stsbench_<similarity>_*`. mteb
    takes the mean over whatever parts a file holds, so a task of which a part has no figure has no file.
    """
    documents = {}
    for scored in publishable(files):
        scores = _scores(scored)
        if scored.file.benchmark.protocol == "mteb" and sum(map(len, scores.values())) == len(scored.places):
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


@dataclass(frozen=True)
class TaskRecords:
    """One view of an encoder, with one chain of transforms, on one task: the records of its parts, one a similarity and part."""

    model: str
    revision: str
    task: Task
    file: RecordFile
    records: tuple[Record, ...]

    @property
    def places(self) -> set[tuple[str, str]]:
        """Split and subset of all parts of the task that were scored, whether they have a figure or not."""
        return {record.place for record in self.file.records if not record.is_whole}

    def parts(self) -> dict[tuple[str, str], dict[str, Record]]:
        """The records by split and subset, and within these by the similarity's short name."""
        by_place: dict[tuple[str, str], dict[str, Record]] = {}
        for record in self.records:
            by_place.setdefault(record.place, {})[short(record.similarity or "pair")] = record
        return by_place


def publishable(files: Sequence[RecordFile]) -> Iterator[TaskRecords]:
    """What can be published of `files`: never a private benchmark, nor data that are no task of the field or depart from its definition."""
    known = {task.name: task for task in tasks()}
    alike: dict[tuple[str, str], set[str]] = {}  # encoders whose labels and revisions read the same in the name of a file
    for file in files:
        alike.setdefault((slug(file.encoder.label), _revision(file)), set()).add(file.encoder.fingerprint)
    for file in files:
        task = known.get(file.benchmark.name)
        if task is None or file.benchmark.private:
            continue
        spaces: dict[tuple[str, tuple[str, ...]], list[Record]] = {}
        for record in file.records:
            if record.status == "ok" and not record.is_whole and file.benchmark.task == "graded":  # binary tasks have other main scores
                spaces.setdefault((record.view, record.transforms), []).append(record)
        for (view, transforms), records in sorted(spaces.items()):
            parts = [file.encoder.label, "" if view in ("sentence", "pair") else view, *map(short, transforms)]
            several = len(alike[slug(file.encoder.label), _revision(file)]) > 1
            revision = f"{_revision(file)}-{file.encoder.fingerprint[:8]}" if several else _revision(file)
            yield TaskRecords(slug(" ".join(filter(None, parts))), revision, task, file, tuple(records))


def _revision(file: RecordFile) -> str:
    """What tells two encoders of one name apart: the commit of the model, or else what the encoder is made of."""
    return slug(file.encoder.facts.get("revision") or file.encoder.fingerprint[:8])


def eval_results(files: Sequence[RecordFile]) -> dict[str, bytes]:
    """`<model>/.eval_results/stsbench-<similarity>.yaml`: one list for every similarity, with one entry a benchmark part.

    Values are Spearman correlations; the note of each is its signature.
    """
    from huggingface_hub import EvalResultEntry, eval_result_entries_to_yaml

    lists: dict[str, list[Any]] = {}
    for scored in publishable(files):
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
    for scored in publishable(files):
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


PEERS: Final[Mapping[str, Callable[[Sequence[RecordFile]], dict[str, bytes]]]] = {
    "mteb": mteb_results,
    "model-index": model_index,
    "eval-results": eval_results,
}
