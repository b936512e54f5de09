from __future__ import annotations

import shutil
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from functools import cache
from importlib import import_module
from importlib.util import find_spec
from types import SimpleNamespace
from typing import Any, TypeVar

import pytest

from stsbench.contracts.components.protocols import BenchmarkCard
from stsbench.contracts.data import Part
from stsbench.hookspecs import hookimpl
from stsbench.host.discovery import register
from stsbench.host.registry import Registry

T = TypeVar("T")
ARGUMENTS = [
    "--no-sandbox", "--disable-gpu", "--disable-quic", "--no-first-run", "--disable-background-networking", "--disable-component-update",
    "--disable-sync",
]  # fmt: skip


@dataclass(frozen=True)
class Made:
    """A benchmark double."""

    card: BenchmarkCard
    parts: tuple[Part, ...]

    def load(self) -> tuple[Part, ...]:
        return self.parts


def known(value: T | None) -> T:
    """A value that may be None elsewhere, but not in the test that asks."""
    assert value is not None
    return value


@pytest.fixture(scope="session", autouse=True)
def _wordllama_is_read_once() -> Iterator[None]:
    """Its table is read by hundreds of commands under test, each of which would read it anew; nothing changes it."""
    with pytest.MonkeyPatch.context() as patch:
        if find_spec("stsbench_wordllama"):
            encoder = import_module("stsbench_wordllama.encoder")
            patch.setattr(encoder, "load", cache(encoder.load))
        yield


def make_plugin(**hooks: Any) -> Any:
    """An in-memory plugin (a double) from lists of components by hook: `encoders=[...]`, `similarities=[...]`."""

    def hook(name: str, components: Any) -> Any:
        def answer() -> Any:
            return components() if callable(components) else components

        answer.__name__ = f"stsbench_{name}"
        return hookimpl(answer)

    return SimpleNamespace(**{f"stsbench_{name}": hook(name, components) for name, components in hooks.items()})


@pytest.fixture
def registry_of() -> Callable[..., Registry]:
    """A registry of the built-in plugin and of doubles: `registry_of(("dist", "1.0", {"encoders": [...]}))`."""

    def build(*plugins: tuple[str, str, dict[str, Any]]) -> Registry:
        from stsbench.builtin import plugin as builtin

        loaded = [register(builtin, distribution="stsbench", version="0.1.0", entry_point="builtin")]
        loaded += [register(make_plugin(**hooks), distribution=name, version=version) for name, version, hooks in plugins]
        return Registry(tuple(loaded))

    return build


@pytest.fixture(scope="session")
def chromium() -> Iterator[Any]:
    """The browser, for tests that are marked `browser`."""
    path = shutil.which("chromium") or shutil.which("chromium-browser")
    playwright = pytest.importorskip("playwright.sync_api", reason="playwright is not installed; see requirements-dev.txt")
    if path is None:
        pytest.skip("there is no Chromium; install it, for example with: apt-get install chromium")
    with playwright.sync_playwright() as driver:
        browser = driver.chromium.launch(executable_path=path, args=ARGUMENTS)
        yield browser
        browser.close()
