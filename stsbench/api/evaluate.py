"""Evaluating encoders and similarities on benchmarks."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any

from stsbench.api.report import Report
from stsbench.api.session import Session
from stsbench.builtin.benchmarks.given import as_benchmarks
from stsbench.contracts.defaults import BENCHMARK, SIMILARITY
from stsbench.evidence.held import Keep
from stsbench.host.given import Given, is_given
from stsbench.host.registry import Registry
from stsbench.runner.request import Consent, Listener, Request, unheard


def evaluate(
    encoders: Any,
    similarities: Sequence[str] | str = (SIMILARITY,),
    benchmarks: Any = (BENCHMARK,),
    *,
    transforms: Sequence[str] | str = (),
    mirror: str | Path | None = None,
    results: str | Path | None = None,
    limit: int | None = None,
    fresh: bool = False,
    accept: bool = False,
    strict: bool = False,
    cache: str | Path | bool = True,
    execution: Mapping[str, object] | None = None,
    memory: int | None = None,
    max_cost: float | None = None,
    allow_network: Sequence[str] = (),
    send_private: Sequence[str] = (),
    listen: Listener = unheard,
    registry: Registry | None = None,
    executor: str = "local",
) -> Report:
    """Score every possible system of encoders x transforms x similarities on the benchmarks, and report one row a cell.

    `encoders` are references (`"wordllama"`, `"bert:./model,pooling=cls+mean"`) or objects with `encode(list[str]) -> array`, whose results
    are kept where `stsbench.named` gives them a name and a version. `benchmarks` are references, or pairs as `stsbench.pairs` takes them.
    `transforms` are chains such as `"centre//whiten,k=64"`, each an alternative; `"none"` is the vectors as they are, the default.
    With `results`, records are kept in that folder and cells found there are not computed again (`fresh` computes them and
    compares; `accept` replaces what disagrees). `limit` takes that many pairs of each part and keeps nothing. Vectors of named
    encoders, but those that compute as fast as a file is read, are kept in the folder `cache` (True: `STSBENCH_CACHE_DIR`, or the user's
    cache folder; False: nowhere) and read from there, but not by a `fresh` run. `execution` holds execution options by name (`device`,
    `batch_size`...) for all components that have them; `memory` is how many bytes token vectors may take at a time (default: a quarter of
    what is free). Texts are sent only to hosts that `allow_network` names, such as `api.openai.com`, and private ones
    only to those that `send_private` names besides; `max_cost` is what services may cost, in dollars, and stops them before that is passed.
    `executor` names where encoders are run: in this process, on `"processes:4"`, or on a cluster with `"ray"`, which changes no figure.
    Raises UsageError, PluginError, DataError or StoreError where nothing could be run; a failed cell is a row with a reason.
    """
    keep = Keep.asked(results, fresh=fresh, accept=accept, limit=limit)
    named, data = list(encoders) if isinstance(encoders, list | tuple) else [encoders], as_benchmarks(benchmarks)
    chosen = [str(encoder) if is_given(encoder, "encoder") else encoder for encoder in named]
    request = Request.of(chosen, similarities, [*map(str, data)], transforms, limit)
    session = Session.opened(
        registry,
        mirror=mirror,
        cache=cache,
        execution=execution,
        consent=Consent(allow_network, send_private, max_cost),
        memory=memory,
        strict=strict,
        listen=listen,
    )
    return session.offering(*(one for one in (*named, *data) if isinstance(one, Given))).on(executor).run(request, keep)
