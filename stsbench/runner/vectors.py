"""The embedding store of an encoder: where it is, and what its vectors rest on beside the encoder's fingerprint."""

from __future__ import annotations

import os
from collections.abc import Callable
from pathlib import Path

from stsbench.contracts.paths import user_path
from stsbench.host import capabilities
from stsbench.host.closure import code_beneath, libraries_beneath
from stsbench.host.registry import Registry
from stsbench.runner.system import PlannedEncoder
from stsbench.stores.embeddings import EmbeddingStore


def cache_folder(cache: str | Path | bool = True) -> Path | None:
    """The folder that is meant: one that is named, `STSBENCH_CACHE_DIR`, or the user's cache folder (True); None for False."""
    if cache is False:
        return None
    if cache is not True:
        return user_path(cache, "the cache folder")
    if named := os.environ.get("STSBENCH_CACHE_DIR"):
        return user_path(named, "STSBENCH_CACHE_DIR")
    from platformdirs import user_cache_path

    return user_cache_path("stsbench", appauthor=False)


def open_store(
    registry: Registry, cache: Path | None, warn: Callable[[str], None], planned: PlannedEncoder, *, create: bool = True
) -> EmbeddingStore | None:
    """The store of an encoder's vectors; None without a cache folder, for a plain object, and for an encoder that asks for none."""
    if cache is None or planned.resolved is None or not capabilities.is_stored(planned.encoder):
        return None
    provider = planned.resolved.provider
    providers = [loaded.provider for loaded in registry.plugins]
    fingerprint = planned.fingerprint.extended(code=code_beneath(provider, providers) or None)
    return EmbeddingStore.open(cache, fingerprint, libraries_beneath(provider, providers), warn, create=create)
