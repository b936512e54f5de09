"""Who offers a component, and what went wrong with whom."""

from __future__ import annotations

import re
from collections.abc import Iterable
from dataclasses import dataclass
from functools import cache
from importlib.metadata import Distribution, PackageNotFoundError, distribution, requires, version
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


_NAME = re.compile(r"[A-Za-z0-9._-]+")


def code_beneath(provider: Provider, providers: Iterable[Provider]) -> str:
    """Hash of the sources of the provider, and of the plugins it requires, that are installed in place; empty if none is."""
    in_place = [one for one in _beneath(provider, tuple(providers)) if one.editable]
    return digest(sources(one.package) for one in in_place) if in_place else ""


def libraries_beneath(provider: Provider, providers: Iterable[Provider]) -> dict[str, str]:
    """Versions, by name, of the installed libraries that the provider and the plugins it requires ask for, extras included."""
    beneath = _beneath(provider, tuple(providers))
    plugins = {_plain(one.distribution) for one in beneath} | {"stsbench"}
    names = sorted({name for one in beneath for name in _requirements(one.distribution)} - plugins)
    return {name: number for name in names if (number := installed(name))}


def _beneath(provider: Provider, providers: tuple[Provider, ...]) -> list[Provider]:
    """The provider and the plugins that it requires, at any depth, by name; the core stands beneath none: it computes no vectors."""
    beneath = {_plain(provider.distribution): provider}
    waiting = [provider]
    by_name = {_plain(one.distribution): one for one in providers if _plain(one.distribution) != "stsbench"}
    while waiting:
        for name in _requirements(waiting.pop().distribution):
            if name in by_name and name not in beneath:
                beneath[name] = by_name[name]
                waiting.append(by_name[name])
    return [beneath[name] for name in sorted(beneath)]


@cache
def _requirements(distribution: str) -> tuple[str, ...]:
    try:
        declared = requires(distribution) or []
    except PackageNotFoundError:
        return ()
    return tuple(_plain(match[0]) for one in declared if (match := _NAME.match(one)))


@cache
def installed(distribution: str) -> str | None:
    """The version of a distribution, if it is installed."""
    try:
        return version(distribution)
    except PackageNotFoundError:
        return None


def _plain(name: str) -> str:
    return re.sub(r"[-_.]+", "-", name).lower()
