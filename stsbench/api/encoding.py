"""The vectors of a benchmark's pairs, as a file for other programs."""

from __future__ import annotations

import io
import json
from collections.abc import Iterable, Mapping
from typing import Any

from stsbench.api.session import Session
from stsbench.contracts.data import UniqueTexts
from stsbench.contracts.defaults import SIMILARITY
from stsbench.contracts.items import Item
from stsbench.errors import UsageError
from stsbench.host import capabilities
from stsbench.runner.request import Request
from stsbench.runner.system import Job, Plan


def encode_pairs(encoder: str, benchmark: str, session: Session) -> tuple[bytes, dict[str, Any]]:
    """Arrow IPC bytes, and what is in them: a row a pair, `left:<view>` and `right:<view>` as fixed-size lists of float32.

    `split`, `subset` and `pair` (from 0, within the part) tell the rows apart; `sentence1`, `sentence2` and `gold` are there unless
    the benchmark is private (null: an image). The file's metadata `stsbench` names encoder, fingerprint and benchmark. Raises UsageError
    for an encoder without vectors, and DataError or PluginError where any benchmark of a suite cannot be read: a file of the others
    would look whole.
    """
    plan = session.plan(Request.of(encoder, SIMILARITY, benchmark))
    (job,) = plan.jobs
    if not job.views:
        raise UsageError(f"{job.encoder.label} gives no vectors to write; it scores pairs of texts")
    if sparse := [view for view in job.views if view in capabilities.sparse_views(job.encoder.encoder)]:
        raise UsageError(
            f"vectors are written as lists of one length, and view {sparse[0]!r} of {job.encoder.label} is sparse; `view=` takes another"
        )
    with session.encoded(plan, job) as running:
        running.require()
    assert running.encoded is not None
    return _arrow(plan, job, running.encoded.texts, {view: running.encoded.vectors[view] for view in job.views})


def _arrow(plan: Plan, job: Job, texts: UniqueTexts, vectors: Mapping[str, Any]) -> tuple[bytes, dict[str, Any]]:
    import numpy as np
    import pyarrow as pa

    parts = plan.texts(job)
    sizes = [len(part.pairs) for part in parts]
    columns: dict[str, Any] = {
        "split": pa.array(np.repeat([part.split for part in parts], sizes)),
        "subset": pa.array(np.repeat([part.subset for part in parts], sizes)),
        "pair": pa.array(np.concatenate([np.arange(size) for size in sizes])),
    }
    private = any(one.card.private for one in plan.benchmarks)
    if not private:
        columns["sentence1"] = pa.array(_texts(item for part in parts for item in part.pairs.left), pa.string())
        columns["sentence2"] = pa.array(_texts(item for part in parts for item in part.pairs.right), pa.string())
        columns["gold"] = pa.array(np.concatenate([part.pairs.gold for part in parts]))
    for view, values in vectors.items():
        for side, rows in (("left", texts.left), ("right", texts.right)):
            taken = values[np.concatenate(rows)]
            columns[f"{side}:{view}"] = pa.FixedSizeListArray.from_arrays(pa.array(taken.reshape(-1)), taken.shape[1])
    names = [one.name for one in plan.benchmarks]
    facts = {"encoder": job.encoder.ref, "fingerprint": job.encoder.recorded.hex, "benchmarks": names, "private": private}
    table = pa.table(columns).replace_schema_metadata({"stsbench": json.dumps(facts, sort_keys=True)})
    sink = io.BytesIO()
    with pa.ipc.new_file(sink, table.schema) as writer:
        writer.write_table(table)
    return sink.getvalue(), {**facts, "pairs": table.num_rows, "columns": table.column_names}


def _texts(items: Iterable[Item]) -> list[str | None]:
    return [item if isinstance(item, str) else None for item in items]
