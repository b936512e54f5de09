"""What a library is given to load: exactly the files that were decided on."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from importlib.util import find_spec
from typing import Any

from stsbench_transformers.checkpoints.checkpoint import Checkpoint
from stsbench_transformers.checkpoints.decision import Decision
from stsbench_transformers.checkpoints.sources import assembled, find_code
from stsbench_transformers.checkpoints.weights import key_mapping

from stsbench.plugin import ModelError
from stsbench_sentence_transformers.reading.files import Files


@contextmanager
def prepared(checkpoint: Checkpoint, decision: Decision) -> Iterator[tuple[str, str | None, dict[str, Any]]]:
    """A folder or hub id, its commit, and further arguments for the transformer; raises ModelError for what cannot be loaded so.

    An adapter without peft would be left out in silence, and code of another repository may have moved since it was named.
    """
    base = decision.base
    if base is None:
        renamed = key_mapping(checkpoint, checkpoint.read("config.json"))
    elif find_spec("peft") is None:
        raise ModelError(
            f"model {checkpoint.label!r} is an adapter, which needs peft; pip install 'stsbench-sentence-transformers[adapters]', "
            "or merge it into its base"
        )
    else:
        base.download()
        base.require_safetensors()
        renamed = {}
    with assembled(checkpoint, decision.folders, base) as (source, revision):
        yield source, revision, {"key_mapping": renamed} if renamed else {}
    if decision.code is not None:  # the libraries take it from the main branch, wherever that is by now
        files = Files(checkpoint)
        if find_code(checkpoint, files.config, files.tokenizer) != decision.code:
            raise ModelError(f"the code of {decision.code.label!r} moved on while model {checkpoint.label!r} was loaded; run it again")
