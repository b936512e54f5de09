"""Record files on disk: `results/<benchmark>@<protocol>/<encoder>-<fingerprint 8>.json`, canonical JSON."""

from __future__ import annotations

import json
import re
from collections import Counter
from collections.abc import Callable
from pathlib import Path
from typing import Any, Final

from pydantic import ValidationError

from stsbench.contracts.figures import rounded
from stsbench.contracts.fingerprint import digest
from stsbench.contracts.kinds import CORRELATIONS, MAIN
from stsbench.contracts.reading import parse_json, read_bytes, without_mark
from stsbench.contracts.records import SCHEMA_VERSION, Record, RecordFile, in_order
from stsbench.contracts.wording import broken_rule
from stsbench.errors import StoreError
from stsbench.stats.metrics import METRICS
from stsbench.stores.canonical import json_bytes

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


RESULTS, SCORES = "results", "scores"
_LONGEST = 80  # characters of a label in a file name; names may have 255 bytes


def slug(label: str) -> str:
    """A readable, file-safe form of `label`; what is cut or not ASCII is stood for by a hash, so that it still tells labels apart."""
    safe = re.sub(r"[^A-Za-z0-9._~]+", "-", label).strip("-.")
    if safe and label.isascii() and len(safe) <= _LONGEST:
        return safe
    return "-".join(filter(None, [safe[:_LONGEST].rstrip("-."), digest([label])[:8]]))


def record_path(root: Path, file: RecordFile) -> Path:
    """Where the records of `file` are kept under `root`."""
    return _place(root / RESULTS, file).with_suffix(".json")


def scores_path(root: Path, file: RecordFile) -> Path:
    """Where the scores of `file` are kept under `root`."""
    return _place(root / SCORES, file).with_suffix(".parquet")


def _place(folder: Path, file: RecordFile) -> Path:
    benchmark = f"{slug(file.benchmark.name)}@{slug(file.benchmark.protocol)}"
    return folder / benchmark / f"{slug(file.encoder.label)}-{file.encoder.fingerprint[:8]}.x"


def as_stored(file: RecordFile) -> RecordFile:
    """What `parse` gives of the bytes of `file`: records sorted by cell, floats to 6 decimals; raises ValueError where these are none."""
    records = [Record.model_validate(rounded(record.model_dump())) for record in file.records]
    return file.model_copy(update={"records": in_order(records)})


def dump(file: RecordFile, *, version: int = SCHEMA_VERSION) -> bytes:
    """The canonical bytes of `file`: records sorted by cell, floats to 6 decimals; raises ValueError on NaN and infinity."""
    form = first_form if version == FIRST_VERSION else Record.model_dump
    value = {**file.model_dump(mode="python"), "schema_version": version}
    value["records"] = [form(record) for record in in_order(file.records)]
    return json_bytes(rounded(value))


def load(path: Path) -> RecordFile:
    """The records in the file at `path`; raises StoreError that names the file, and the field that is wrong."""
    return parse(record_bytes(path), str(path))


def record_bytes(path: Path) -> bytes:
    """The bytes of the file at `path`; raises StoreError."""
    try:
        return read_bytes(path)
    except OSError as error:
        raise StoreError(f"cannot read {path}: {error.strerror or error}") from error


def parse(data: bytes, where: str) -> RecordFile:
    """The records in `data`; `where` names them in errors. Raises StoreError."""
    try:
        value = parse_json(data)
    except (ValueError, RecursionError) as error:
        raise StoreError(f"{where} is not valid JSON ({error}); restore it from version control, or delete it and run again") from error
    version = value.get("schema_version") if isinstance(value, dict) else None
    if isinstance(version, int) and version > SCHEMA_VERSION:
        raise StoreError(
            f"{where} was written by a newer stsbench (schema version {version}, this one reads up to {SCHEMA_VERSION}); upgrade stsbench"
        )
    if version is None:
        raise StoreError(f"{where} is not a record file: it has no field 'schema_version'; remove it from the results folder")
    try:
        today = json.dumps(upgraded(value)) if type(version) is int and version == FIRST_VERSION else without_mark(data)
        file = RecordFile.model_validate_json(today, strict=True)
    except ValidationError as error:
        first = error.errors(include_url=False, include_input=False, include_context=False)[0]
        field = ".".join(map(str, first["loc"])) or "the file as a whole"
        raise _invalid(where, field, broken_rule(first["msg"])) from error
    for place, record in enumerate(file.records):
        for name, value in record.figures.items():
            if name not in METRICS or not METRICS[name].bounds[0] <= value <= METRICS[name].bounds[1]:
                bounds = "Input should be from {} to {}".format(*METRICS[name].bounds) if name in METRICS else ""
                raise _invalid(where, f"records.{place}.figures.{name}", bounds or "there is no metric of that name")
    if len(file.cells) < len(file.records):
        twice = next(cell for cell, count in Counter(record.cell for record in file.records).items() if count > 1)
        raise StoreError(f"{where} holds two records of one cell {twice}; delete one of them, or the file, and run again")
    return file


def _invalid(where: str, field: str, what: str) -> StoreError:
    return StoreError(f"{where} is not a valid record file: field {field}: {what}; delete it and run again")


def load_all(root: Path, load: Callable[[Path], RecordFile] = load) -> tuple[RecordFile, ...]:
    """Every record file under `root`, in order of path; empty where there is none. Raises StoreError on the first unreadable one."""
    paths = (root / RESULTS).glob("*/*.json")
    return tuple(load(path) for path in sorted(paths, key=lambda path: path.parts) if not path.name.startswith("."))
