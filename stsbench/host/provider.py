"""Who offers a component, and what went wrong with whom."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from functools import cache
from importlib.metadata import Distribution, PackageNotFoundError, distribution
from importlib.util import find_spec
from pathlib import Path
from typing import Any

from stsbench.contracts.fingerprint import digest


@dataclass(frozen=True, eq=False)
class Provider:
    """One entry point of the group `stsbench`: a distribution, its version and the plugin object that it loads to."""

    distribution: str
    version: str
    entry_point: str
    plugin: Any
    editable: bool = False

    def __str__(self) -> str:
        return f"{self.distribution} {self.version}"

    @property
    def package(self) -> str:
        """Name of the top-level package that holds the plugin."""
        return str(getattr(self.plugin, "__name__", type(self.plugin).__module__)).partition(".")[0]


@dataclass(frozen=True, slots=True)
class Failure:
    """What a plugin did wrong, and when: while it was imported, registered, asked, or in what it offered."""

    provider: str
    stage: str
    error: str

    def __str__(self) -> str:
        return f"{self.provider} failed while {self.stage}: {self.error}"


def is_editable(distribution: Distribution) -> bool:
    """Whether the distribution is installed in place, so that its code can change under the same version."""
    return '"editable": true' in (distribution.read_text("direct_url.json") or "")


def code_digest(providers: Iterable[Provider]) -> str:
    """Hash of the sources of those providers, and of the core, that are installed in place; empty if none is.

    A version and `numerics` tell apart what is released; code under the author's hands can change from one run to the next.
    """
    packages = {one.package for one in providers if one.editable}
    try:
        packages |= {"stsbench"} if is_editable(distribution("stsbench")) else set()
    except PackageNotFoundError:
        packages.add("stsbench")
    return digest(sources(package) for package in sorted(packages)) if packages else ""


@cache
def sources(package: str) -> str:
    """Hash of the sources of an importable package: what is Python, and what is compiled."""
    spec = find_spec(package)
    roots = [Path(root) for root in spec.submodule_search_locations or []] if spec else []
    single = [Path(spec.origin)] if spec and spec.origin and not roots else []
    files = sorted(path for root in roots for kind in ("*.py", "*.c") for path in root.rglob(kind)) or single
    return digest(field for path in files for field in (path.name, path.read_bytes()))
