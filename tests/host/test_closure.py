from __future__ import annotations

import sys
from collections.abc import Callable, Iterator
from importlib.metadata import version
from pathlib import Path

import pytest

from stsbench.host import provider
from stsbench.host.provider import Provider, code_beneath, libraries_beneath, sources

Plugin = Callable[..., Provider]


@pytest.fixture
def plugin(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[Plugin]:
    """Makes an importable plugin whose distribution requires what it is told."""
    monkeypatch.syspath_prepend(str(tmp_path))

    def make(name: str, *requires: str, editable: bool = True) -> Provider:
        (tmp_path / f"{name}.py").write_text(f"NAME = {name!r}\n")
        info = tmp_path / f"{name}-1.0.dist-info"
        info.mkdir()
        lines = [f"Requires-Dist: {one}" for one in requires]
        (info / "METADATA").write_text("\n".join(["Metadata-Version: 2.1", f"Name: {name}", "Version: 1.0", *lines, ""]))
        return Provider(name, "1.0", name, __import__(name), editable)

    caches = (provider._requirements, provider.installed, sources)
    for cache in caches:
        cache.cache_clear()
    yield make
    for cache in caches:
        cache.cache_clear()
    for module in [name for name in sys.modules if name.startswith("closure_")]:
        del sys.modules[module]


def test_code_is_that_of_the_plugin_and_of_the_plugins_beneath_it(plugin: Plugin, tmp_path: Path) -> None:
    top = plugin("closure_top", "Closure.Middle>=1", "numpy")
    middle, bottom = plugin("closure_middle", "closure-bottom"), plugin("closure_bottom", "closure-top")  # a circle ends
    other = plugin("closure_other")
    every = [top, middle, bottom, other]
    before = {one.distribution: code_beneath(one, every) for one in every}
    assert before["closure_top"] == before["closure_bottom"] != before["closure_other"]
    (tmp_path / "closure_bottom.py").write_text("NAME = 'changed'\n")
    sources.cache_clear()
    after = {one.distribution: code_beneath(one, every) for one in every}
    assert [name for name in before if before[name] != after[name]] == ["closure_top", "closure_middle", "closure_bottom"]
    (tmp_path / "closure_other.py").write_text("NAME = 'changed'\n")
    sources.cache_clear()
    assert code_beneath(top, every) == after["closure_top"]
    assert code_beneath(top, [top]) != after["closure_top"]  # what is not installed is not beneath it


def test_code_is_also_what_is_compiled(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.syspath_prepend(str(tmp_path))
    folder = tmp_path / "closure_compiled"
    folder.mkdir()
    (folder / "__init__.py").touch()
    digests = []
    for text in ("int one;", "int two;"):
        (folder / "kernel.c").write_text(text)
        sources.cache_clear()
        digests.append(sources("closure_compiled"))
    sources.cache_clear()
    assert digests[0] != digests[1]


def test_released_code_has_no_hash(plugin: Plugin) -> None:
    assert code_beneath(plugin("closure_released", editable=False), []) == ""


def test_libraries_are_those_of_every_plugin_beneath_without_plugins_and_what_is_not_there(plugin: Plugin) -> None:
    top = plugin("closure_top", "closure-middle", "NumPy>=1.26", "stsbench", "no-such-library-at-all; extra == 'x'")
    middle = plugin("closure_middle", "scipy", 'xxhash>=3; python_version >= "3"')
    expected = {name: version(name) for name in ("numpy", "scipy", "xxhash")}
    assert libraries_beneath(top, [top, middle]) == expected
    assert libraries_beneath(middle, [top, middle]) == {name: expected[name] for name in ("scipy", "xxhash")}
    unknown = Provider("closure-not-installed", "1.0", "x", sys, False)
    assert libraries_beneath(unknown, [unknown]) == {}
