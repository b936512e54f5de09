"""Record files of schema 1, whose records named each figure in a field of its own, read as they are today; and what stamps hash."""

from __future__ import annotations

from typing import Any, Final

from stsbench.contracts.kinds import CORRELATIONS, MAIN
from stsbench.contracts.records import SCHEMA_VERSION, Record

FIRST_VERSION: Final = 1
DETECTION: Final = ("average_precision", "roc_auc")  # the figures of binary benchmarks in schema 1, beside the correlations


def upgraded(value: dict[str, Any]) -> dict[str, Any]:
    """A record file of schema 1 as schema 2 has it; what is wrong with its fields is left to be told of them."""
    benchmark, records = value.get("benchmark"), value.get("records")
    task = benchmark.get("task") if isinstance(benchmark, dict) else None
    if isinstance(records, list):
        records = [_upgraded(record, task == "binary") for record in records]
    return {**value, "schema_version": SCHEMA_VERSION, "records": records}


def _upgraded(record: Any, binary: bool) -> Any:
    if not isinstance(record, dict):
        return record
    record = dict(record)
    figures = {name: record.pop(name, None) for name in CORRELATIONS}
    if all(figure is None for figure in figures.values()):
        figures = {}
    detection = record.pop("detection", None)
    if isinstance(detection, dict):
        detection = dict(detection)
        record["positives"] = detection.pop("positives", None)
        figures |= detection
    elif detection is not None:
        record["detection"] = detection
    if isinstance(detection, dict) or (binary and not figures):
        record["main"] = MAIN["binary"]
    return {**record, "figures": figures}


def first_form(record: Record) -> dict[str, Any]:
    """A record as schema 1 has it: what stamps hash, so that scores stay those of their record whatever schema that is kept in."""
    value = record.model_dump(exclude={"figures", "positives", "main"})
    figures = dict(record.figures)
    value |= {name: figures.pop(name, None) for name in CORRELATIONS}
    if record.positives is not None:
        value["detection"] = {"positives": record.positives, **{name: figures.pop(name, None) for name in DETECTION}}
    if figures:
        value["figures"] = figures
    if record.figures and (record.main == MAIN["binary"]) != (record.positives is not None):
        value["main"] = record.main
    return value
