"""The state of an installation, as plain data."""

from __future__ import annotations

import os
import shutil
from importlib import import_module
from importlib.util import find_spec
from pathlib import Path
from platform import platform, python_version
from typing import Any, get_args

from stsbench import __version__
from stsbench.contracts.components.component import Kind
from stsbench.contracts.models.processor import native_dtypes, processors
from stsbench.contracts.work import Executor
from stsbench.errors import OptionError
from stsbench.host.provider import installed
from stsbench.host.registry import Registry

_LIBRARIES = (
    "numpy", "scipy", "pandas", "datasets", "huggingface_hub", "pluggy", "typer",
    "torch", "transformers", "sentence-transformers", "wordllama", "model2vec",
)  # fmt: skip


def examine(executor: str | None = None) -> dict[str, dict[str, Any]]:
    """Versions, data sources, device and plugins, and what an executor has to start workers on.

    Imports torch only if it is installed, to ask it for a device. Raises as `Registry.resolve` does for what is no executor.
    """
    registry = Registry.installed()
    return {
        "versions": {
            "stsbench": __version__,
            "python": python_version(),
            "platform": platform(terse=True),
            **{name: installed(name) or "not installed" for name in _LIBRARIES},
        },
        "data": _data(),
        "device": _device(),
        **({f"executor {executor}": _executor(registry.resolve("executor", executor).build())} if executor else {}),
        "plugins": {
            **{
                str(loaded.provider): {kind: len(names) for kind, names in registry.offered_by(loaded.provider).items() if names}
                for loaded in registry.plugins
            },
            **{f"{one.provider} FAILED while {one.stage}": one.error for one in registry.failures(*get_args(Kind))},
        },
    }


def _data() -> dict[str, Any]:
    mirror = os.environ.get("STSBENCH_MIRROR")
    hub_cache = Path(os.environ.get("HF_HOME", Path.home() / ".cache" / "huggingface"))
    existing = next(folder for folder in (hub_cache, *hub_cache.parents) if folder.exists())
    return {
        "mirror (STSBENCH_MIRROR)": "not set" if not mirror else mirror if Path(mirror).is_dir() else f"{mirror} (no such folder)",
        "hub offline (HF_HUB_OFFLINE)": os.environ.get("HF_HUB_OFFLINE", "not set"),
        "hub endpoint (HF_ENDPOINT)": os.environ.get("HF_ENDPOINT", "default"),
        "hub cache": str(hub_cache),
        "free disk (GB)": round(shutil.disk_usage(existing).free / 1e9, 1),
    }


def _executor(executor: Executor) -> dict[str, Any]:
    try:
        return dict(executor.state())
    except OptionError as error:
        return {"not reachable": str(error)}


def _device() -> dict[str, Any]:
    from stsbench.builtin.similarities import compiled

    native = native_dtypes()
    lacking = [dtype for dtype in ("bfloat16", "float16") if dtype not in native]  # which it would imitate, many times slower
    facts: dict[str, Any] = {
        "processors": processors(),
        "computes in": ", ".join(sorted(native)) + (f"; not known to compute in {' or '.join(lacking)}" if lacking else ""),
        "token kernel": "compiled" if compiled.code() else "numpy (not compiled, or not for this processor: slower)",
    }
    if find_spec("torch"):
        torch = import_module("torch")  # the core does not depend on torch; a plugin may have brought it
        facts["torch threads"] = torch.get_num_threads()
        facts["cuda"] = ", ".join(torch.cuda.get_device_name(index) for index in range(torch.cuda.device_count())) or "none"
    return facts
