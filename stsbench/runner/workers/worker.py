"""What a worker does: it tells its software, and encodes shards with an encoder that it keeps while they are of it."""

from __future__ import annotations

import time
from collections.abc import Iterable, Mapping
from pathlib import Path
from platform import python_version_tuple
from typing import Any

from stsbench.contracts.items import Image
from stsbench.contracts.work import Shard
from stsbench.errors import ModelError, PluginError, StsbenchError
from stsbench.host import capabilities
from stsbench.host.calling import describe
from stsbench.host.provider import installed, libraries_beneath, sources
from stsbench.host.registry import Registry
from stsbench.runner.encoding.encode import check_embeddings
from stsbench.runner.encoding.pace import peak_memory
from stsbench.runner.system import PlannedEncoder
from stsbench.runner.workers.parcel import pack, pack_encoded, pack_error, read_shard, unpack
from stsbench.runner.workers.sending import Arriving

ABSENT = "not installed"
_OTHER_FILES = ", which is one version with other files: install it from one place"


def software(registry: Registry, encoders: Iterable[str]) -> dict[str, str]:
    """Versions of Python, stsbench, plugins of encoders (full names) and libraries beneath; of our code and theirs a hash too."""
    facts = {
        "python": ".".join(python_version_tuple()[:2]),
        "stsbench": f"{installed('stsbench')} ({sources('stsbench')[:8]})",
        "numpy": installed("numpy") or ABSENT,
        "pyarrow": installed("pyarrow") or ABSENT,
    }
    providers = [loaded.provider for loaded in registry.plugins]
    for name in sorted(set(encoders)):
        try:
            _, provider = registry.find("encoder", name)
        except StsbenchError:
            facts[name.partition("/")[0]] = ABSENT
            continue
        facts[provider.distribution] = f"{provider.version} ({sources(provider.package)[:8]})"
        facts |= libraries_beneath(provider, providers)
    return facts


def differences(here: Mapping[str, str], there: Mapping[str, str]) -> list[str]:
    """What differs, as `torch 2.12.0, here 2.13.0`; nothing where all is the same."""
    apart = [(name, there.get(name, ABSENT), number) for name, number in here.items() if there.get(name, ABSENT) != number]
    return [f"{name} {other}, here {number}{_OTHER_FILES * (_version(other) == _version(number))}" for name, other, number in apart]


def _version(fact: str) -> str:
    return fact.partition(" (")[0]


def install_line(here: Mapping[str, str]) -> str:
    """The command that gives a machine the same software, as far as an index has it."""
    pins = [f"{name}=={_version(number)}" for name, number in here.items() if name != "python" and number != ABSENT]
    return f"pip install {' '.join(pins)}"


class Worker:
    """Answers messages, in a process of its own. Whatever goes wrong is an answer."""

    def __init__(self) -> None:
        self.registry = Registry.installed()
        self.held: PlannedEncoder | None = None
        self.key = "", ""
        self.arriving: Arriving | None = None

    def __call__(self, message: bytes) -> bytes:
        """The answer to a message."""
        try:
            facts, table = unpack(message)
            if "software" in facts:
                return pack({"software": software(self.registry, facts["software"])})
            if "folder" in facts:
                return pack({"at": str(self._take_in(facts["folder"], table) or "")})
            return self._encode(read_shard(facts["shard"], table))
        except StsbenchError as error:
            return pack_error(error)
        except Exception as error:  # noqa: BLE001 - a worker that ended would be taken for one whose machine failed
            return pack_error(PluginError(f"a worker failed: {describe(error)}", f"a worker failed: {type(error).__name__}"))

    def _take_in(self, facts: Mapping[str, Any], table: Any) -> Path | None:
        """Begin, go on with or end a model's folder that is sent here; where it lies, once it is there."""
        arriving = self.arriving
        if facts["whole"] and arriving is not None:
            self.arriving = None
            return arriving.whole()
        if facts["file"] and arriving is not None:
            arriving.take(facts["file"], table["data"][0].as_py())
            return None
        if arriving is not None:
            arriving.drop()
        begun = Arriving.of(facts)
        self.arriving = begun if isinstance(begun, Arriving) else None
        return None if isinstance(begun, Arriving) else begun

    def _encode(self, shard: Shard) -> bytes:
        started = time.perf_counter()
        try:
            planned = self._encoder(shard)
        except StsbenchError as error:
            return pack_error(error, unfit=True)
        loaded = time.perf_counter() - started
        parts, seconds, start = [], [], 0
        for prompt, count in shard.calls:
            started = time.perf_counter()
            given = [Image.of(text) if isinstance(text, bytes) else text for text in shard.texts[start : start + count]]
            embeddings = planned.encoder.encode(given, views=shard.views, prompt=prompt)
            parts.append(check_embeddings(planned, embeddings, count, shard.views))
            seconds.append(time.perf_counter() - started)
            start += count
        facts = {"load": loaded, "seconds": seconds, **peak_memory()}
        if device := capabilities.provenance(planned.encoder).get("device"):
            facts["measured.device"] = device
        return pack_encoded(parts, shard.views, facts)

    def _encoder(self, shard: Shard) -> PlannedEncoder:
        """The encoder of a shard, built and loaded unless it is held already; another one is let go before."""
        key = shard.encoder, shard.fingerprint
        if self.held is None or key != self.key:
            if self.held is not None:
                held, self.held = self.held, None
                capabilities.close(held.encoder)
            resolved = self.registry.resolve("encoder", shard.encoder)
            built = resolved.build()
            fingerprint = resolved.fingerprint(capabilities.fingerprint(built))
            if fingerprint.hex != shard.fingerprint:
                raise ModelError(f"{resolved.label} is another model there, by its fingerprint; give both machines the same files")
            capabilities.prepare(built)
            self.held, self.key = PlannedEncoder(resolved.label, built, resolved, fingerprint), key
        return self.held
