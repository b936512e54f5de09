"""What a provider's numbers rest on: its own code, the plugins that it builds on, and the libraries that they ask for."""

from __future__ import annotations

import re
from collections.abc import Iterable
from functools import cache
from importlib.metadata import PackageNotFoundError, requires, version

from stsbench.contracts.fingerprint import digest
from stsbench.host.provider import Provider, sources

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
    return {name: installed for name in names if (installed := _version(name))}


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
def _version(distribution: str) -> str | None:
    try:
        return version(distribution)
    except PackageNotFoundError:
        return None


def _plain(name: str) -> str:
    return re.sub(r"[-_.]+", "-", name).lower()
