"""The software that numbers rest on, by name: it has to be the same wherever a part of a run is computed."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from platform import python_version_tuple

from stsbench.errors import StsbenchError
from stsbench.host.provider import installed, libraries_beneath, sources
from stsbench.host.registry import Registry

ABSENT = "not installed"


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
    return [f"{name} {there.get(name, ABSENT)}, here {number}" for name, number in here.items() if there.get(name, ABSENT) != number]


def install_line(here: Mapping[str, str]) -> str:
    """The command that gives a machine the same software, as far as an index has it."""
    pins = [f"{name}=={number.partition(' ')[0]}" for name, number in here.items() if name != "python" and number != ABSENT]
    return f"pip install {' '.join(pins)}"
