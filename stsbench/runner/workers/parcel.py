"""What passes between a run and its workers: Arrow bytes, of which the plain values stand in the metadata. Nothing is pickled."""

from __future__ import annotations

import json
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any, Final

import numpy as np
import pyarrow as pa

from stsbench import errors
from stsbench.contracts.arrays import is_plain, of_rows, stacked
from stsbench.contracts.data import Embeddings, Flags, Sparse
from stsbench.contracts.work import Shard
from stsbench.errors import PluginError, StsbenchError
from stsbench.runner.encoding.again import vectors_in

_FACTS: Final = b"stsbench"
_UNKNOWN: Final = -1  # the encoder cannot tell whether it cut the text
_ERRORS: Final = {name: kind for name, kind in vars(errors).items() if isinstance(kind, type) and issubclass(kind, StsbenchError)}


@dataclass(frozen=True)
class Returned:
    """A shard's embeddings, a row a text, and facts of how they were made: seconds of each call and to load, memory, device."""

    embeddings: Embeddings
    facts: Mapping[str, Any]


def pack(facts: Mapping[str, Any], columns: Mapping[str, Any] | None = None) -> bytes:
    """The facts and columns as Arrow bytes."""
    table = pa.table(dict(columns or {})).replace_schema_metadata({_FACTS: json.dumps(facts)})
    sink = pa.BufferOutputStream()
    with pa.ipc.new_stream(sink, table.schema) as writer:
        writer.write_table(table)
    return bytes(sink.getvalue())


def unpack(data: bytes) -> tuple[dict[str, Any], Any]:
    """The facts and the table that were packed; raises PluginError for anything else."""
    try:
        with pa.ipc.open_stream(data) as reader:
            table = reader.read_all()
        table.validate(full=True)
        facts = json.loads(table.schema.metadata[_FACTS])
    except (pa.ArrowException, KeyError, TypeError, ValueError) as error:
        raise PluginError(f"a worker sent what cannot be read ({type(error).__name__})") from error
    if not isinstance(facts, dict):
        raise PluginError("a worker sent facts that are no mapping")
    return facts, table


def pack_shard(shard: Shard) -> bytes:
    """The message that asks a worker for a shard."""
    facts = {name: getattr(shard, name) for name in ("encoder", "fingerprint", "views", "calls")}
    texts = [text.encode("utf-8", "surrogatepass") if isinstance(text, str) else text for text in shard.texts]
    images = pa.array([isinstance(text, bytes) for text in shard.texts], pa.bool_())
    return pack({"shard": facts}, {"text": pa.array(texts, pa.large_binary()), "image": images})


def read_shard(facts: Mapping[str, Any], table: Any) -> Shard:
    """The shard that a message asks for."""
    rows = zip(table["text"].to_pylist(), table["image"].to_pylist(), strict=True)
    texts = tuple(data if image else data.decode("utf-8", "surrogatepass") for data, image in rows)
    calls = tuple((str(prompt), int(count)) for prompt, count in facts["calls"])
    return Shard(facts["encoder"], facts["fingerprint"], tuple(facts["views"]), calls, texts)


def pack_encoded(parts: Sequence[Embeddings], views: Sequence[str], facts: Mapping[str, Any]) -> bytes:
    """What the calls of a shard gave, one below the other."""
    columns: dict[str, Any] = {}
    widths: dict[str, int] = {}  # of sparse ones, whose rows do not tell
    for view in views:
        some = [vectors_in(part, view) for part in parts]
        if is_plain(some[0]):
            values = np.concatenate(some)
            columns[f"vectors:{view}"] = pa.FixedSizeListArray.from_arrays(pa.array(values.reshape(-1)), values.shape[1])
        else:
            rows = stacked(some)
            widths[view], ends = int(rows.shape[1]), rows.indptr.astype(np.int64)
            for name, values in (("places", rows.indices), ("values", rows.data)):
                columns[f"{name}:{view}"] = pa.LargeListArray.from_arrays(ends, values)
    marks = [_marks(part, vectors_in(part, views[0]).shape[0]) for part in parts]
    return pack({"encoded": dict(facts), "widths": widths}, {**columns, "truncated": pa.array(np.concatenate(marks))})


def read_encoded(facts: Mapping[str, Any], table: Any) -> Returned:
    """The embeddings that a worker answers with; raises the error that it met, or PluginError for what is none."""
    if (error := facts.get("error")) is not None:
        raise read_error(error)
    try:
        columns = {name: table[name].combine_chunks() for name in table.column_names if name != "truncated"}
        vectors = {
            name.removeprefix("vectors:"): column.flatten().to_numpy().reshape(len(table), column.type.list_size)
            for name, column in columns.items()
            if name.startswith("vectors:")
        }
        sparse = {view: _rows(columns[f"places:{view}"], columns[f"values:{view}"], width) for view, width in facts["widths"].items()}
        marks = table["truncated"].to_numpy()
        truncated = None if (marks < 0).any() else marks.astype(np.bool_)
        return Returned(Embeddings(vectors, truncated=truncated, sparse=sparse), dict(facts["encoded"]))
    except (AttributeError, KeyError, TypeError, ValueError) as wrong:
        raise PluginError(f"a worker sent what is no answer to its shard ({type(wrong).__name__})") from wrong


def pack_error(error: StsbenchError, *, unfit: bool = False) -> bytes:
    """An answer that tells an error; `unfit` where this worker cannot have the encoder, and another may."""
    discreet = error.discreet if isinstance(error, PluginError) else None
    return pack({"error": {"kind": type(error).__name__, "message": str(error), "discreet": discreet, "unfit": unfit}})


def read_error(error: Mapping[str, Any]) -> StsbenchError:
    """The error that a worker told of."""
    message = str(error.get("message"))
    kind = _ERRORS.get(str(error.get("kind")), PluginError)
    return PluginError(message, error.get("discreet")) if issubclass(kind, PluginError) else kind(message)


def _rows(places: Any, values: Any, width: int) -> Sparse:
    """Sparse vectors, as they were sent: who keeps them checks them."""
    return of_rows(values.flatten().to_numpy(), places.flatten().to_numpy(), values.offsets.to_numpy(), width)


def _marks(part: Embeddings, count: int) -> Any:
    marks: Flags | None = part.truncated
    return np.full(count, _UNKNOWN, dtype=np.int8) if marks is None else marks.astype(np.int8)
