"""Plugins as real distributions on sys.path: each is isolated, and blamed by name and version."""

from __future__ import annotations

import subprocess
import sys
from collections.abc import Callable, Iterator
from pathlib import Path
from types import ModuleType

import pytest

import stsbench
from stsbench.cli.showing import show
from stsbench.contracts.events import Warned
from stsbench.errors import AmbiguousName, PluginError, UnknownName
from stsbench.host.registry import Registry
from stsbench.testing import plugin_checks

GOOD = """
from stsbench.plugin import Component, hookimpl
def build():
    "A {name}."
    return object()
@hookimpl
def stsbench_encoders():
    return [Component("{name}", build)]
"""


@pytest.fixture
def install(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[Callable[..., None]]:
    monkeypatch.syspath_prepend(str(tmp_path))
    installed: list[str] = []

    def put(distribution: str, module: str, source: str, *, version: str = "1.0", entry_point: str = "plugin") -> None:
        (tmp_path / f"{module}.py").write_text(source)
        info = tmp_path / f"{distribution.replace('-', '_')}-{version}.dist-info"
        info.mkdir()
        (info / "METADATA").write_text(f"Metadata-Version: 2.1\nName: {distribution}\nVersion: {version}\n")
        (info / "entry_points.txt").write_text(f"[stsbench]\n{entry_point} = {module}\n")
        (info / "top_level.txt").write_text(f"{module}\n")
        installed.append(module)

    yield put
    for module in installed:
        sys.modules.pop(module, None)


def names(registry: Registry) -> set[str]:
    return {component.name for component, _ in registry.offers("encoder")}


@pytest.mark.parametrize(
    ("source", "stage", "error"),
    [
        ("import no_such_module_at_all", "imported", "ModuleNotFoundError: No module named 'no_such_module_at_all'"),
        ("def f(:", "imported", "SyntaxError"),
        ("raise SystemExit(3)", "imported", "SystemExit: 3"),
        (
            "from stsbench.plugin import hookimpl\n@hookimpl\ndef stsbench_encodrs(): return []",
            "registered",
            "there is no hook stsbench_encodrs: did you mean stsbench_encoders",
        ),
        ("def stsbench_encoders(): return []", "registered", "stsbench_encoders is not marked, and would never be called; put @hookimpl"),
        ("x = 1\ny = z", "imported", "NameError: name 'z' is not defined (in stsbench_broken_module, line 2)"),
        (
            "from stsbench.plugin import hookimpl\n@hookimpl\ndef stsbench_encoders(registry): return []",
            "registered",
            "stsbench_encoders takes registry, and is given nothing",
        ),
        (
            "from stsbench.plugin import hookimpl\n@hookimpl\ndef stsbench_run_finished(over): pass",
            "registered",
            "stsbench_run_finished takes over, and is given only event",
        ),
        (
            "from stsbench.plugin import hookimpl\n@hookimpl\ndef stsbench_encoders(): raise RuntimeError('no luck')",
            "asked for stsbench_encoders",
            "no luck",
        ),
        (
            "from stsbench.plugin import hookimpl\n@hookimpl\ndef stsbench_encoders(): return 3",
            "asked for stsbench_encoders",
            "it returned int, where a list",
        ),
        (
            "from stsbench.plugin import hookimpl\n@hookimpl\ndef stsbench_encoders(): []",
            "asked for stsbench_encoders",
            "it returned NoneType",
        ),
        (
            GOOD.format(name="bad").replace("[Comp", "[*[Comp").replace(")]", ")] * 2]"),
            "asked for stsbench_encoders",
            "offers the encoder 'bad' twice",
        ),
        (
            GOOD.format(name="bad").replace("def build()", "def build(*, learnt: tuple[float, ...] = ())"),
            "asked for stsbench_encoders",
            "is written field(default=None, init=False)",
        ),
        (
            "from stsbench.plugin import hookimpl\n@hookimpl\ndef stsbench_encoders(): return ['bert']",
            "asked for stsbench_encoders",
            "it returned str, not a Component",
        ),
        ("STSBENCH_API = 2\n" + GOOD.format(name="bad"), "registered", "stsbench-broken 2.3 is made for version 2 of the plugin surface"),
        ("STSBENCH_API = '1'\n" + GOOD.format(name="bad"), "registered", "is made for version '1' of the plugin surface (STSBENCH_API)"),
        ("STSBENCH_API = 1\n" + GOOD.format(name="bad"), None, None),
        (GOOD.format(name="bad") + "    \n" + "def twice(): return stsbench_encoders() * 2\n", None, None),
    ],
)
def test_a_broken_plugin_is_named_and_harms_no_other(
    install: Callable[..., None], source: str, stage: str | None, error: str | None
) -> None:
    install("stsbench-broken", "stsbench_broken_module", source, version="2.3")
    install("stsbench-good", "stsbench_good_module", GOOD.format(name="good"))
    registry = Registry.installed()
    assert {"good", "hashing"} <= names(registry)
    failures = [failure for failure in registry.failures("encoder") if failure.provider == "stsbench-broken 2.3"]
    if stage is None:
        assert not failures
        return
    assert [failure.stage for failure in failures] == [stage]
    assert error is not None
    assert error in failures[0].error
    with pytest.raises(PluginError, match=r"stsbench-broken 2\.3 failed while"):
        registry.require_sound("encoder")
    with pytest.raises(UnknownName, match=r"stsbench-broken 2\.3 failed while"):
        registry.resolve("encoder", "bad")


def test_an_entry_point_that_names_no_module_is_told(install: Callable[..., None]) -> None:
    install("stsbench-broken", "stsbench broken", "", entry_point="broken")
    (failure,) = [one for one in Registry.installed().load_failures if one.provider == "stsbench-broken 1.0"]
    assert failure.error == "its entry point 'stsbench broken' names no module, as stsbench_broken would"


SUITE_AND_SERVICE = """
from stsbench.plugin import Component, Suite, hookimpl
def lost():
    "A suite of what there is not."
    return Suite("Lost", ("mini", "nowhere"), protocol="plain")
def remote():
    "A service."
@hookimpl
def stsbench_benchmarks():
    return [Component("lost", lost)]
@hookimpl
def stsbench_encoders():
    return [Component("remote", remote, network=True)]
"""


def test_a_suite_of_what_there_is_not_is_named(install: Callable[..., None]) -> None:
    install("stsbench-lost", "stsbench_lost_module", SUITE_AND_SERVICE)
    with pytest.raises(UnknownName, match=r"^suite 'lost' of stsbench-lost 1\.0 cannot be had, since there is no benchmark 'nowhere'"):
        stsbench.Session.opened().load(["lost"])


def test_show_says_what_sends_texts_away(install: Callable[..., None], capsys: pytest.CaptureFixture[str]) -> None:
    install("stsbench-lost", "stsbench_lost_module", SUITE_AND_SERVICE)
    show("encoder", "remote")
    assert "sends texts off the machine: it runs where --allow-network names the host\n" in capsys.readouterr().out


def test_a_run_says_that_a_plugin_takes_no_part(install: Callable[..., None]) -> None:
    install("stsbench-broken", "stsbench_broken_module", "import no_such_module_at_all")
    heard: list[object] = []
    stsbench.evaluate("hashing", "cosine", "mini", limit=20, listen=heard.append)
    (said,) = [event.message for event in heard if isinstance(event, Warned)]
    assert said.startswith("plugin stsbench-broken 1.0 failed while imported: ModuleNotFoundError")


def test_the_kit_tells_why_the_plugin_was_not_loaded_and_of_no_other(install: Callable[..., None]) -> None:
    install("stsbench-broken", "stsbench_broken_module", "import no_such_module_at_all")
    install("stsbench-worse", "stsbench_worse_module", "1 / 0")
    (check,) = plugin_checks("broken")
    with pytest.raises(AssertionError, match=r"PluginError: stsbench-broken 1\.0 failed while imported: .* line 1\)$"):
        check()
    (check,) = plugin_checks("nobody")
    with pytest.raises(AssertionError, match=r"an entry point of the group 'stsbench'.* \(stsbench-worse 1\.0 failed while imported"):
        check()


def test_a_plugin_that_uses_what_will_go_is_warned_of_by_name(install: Callable[..., None]) -> None:
    gone = ModuleType("stsbench.gone")
    code = "from stsbench.contracts.deprecation import deprecated\ndef old(): deprecated('old()', instead='new()', until='0.4')"
    exec(code, gone.__dict__)
    install("stsbench-behind", "stsbench_behind_module", "def run(old): old()", version="0.7")
    import stsbench_behind_module  # type: ignore[import-not-found]

    with pytest.warns(
        FutureWarning, match=r"^stsbench-behind 0\.7 uses old\(\), which stsbench 0\.4 no longer has; it should use new\(\)$"
    ) as said:
        stsbench_behind_module.run(gone.old)
    assert Path(said[0].filename).stem == "stsbench_behind_module"


def test_two_distributions_with_one_entry_point_name_are_both_loaded(install: Callable[..., None]) -> None:
    install("stsbench-one", "stsbench_one_module", GOOD.format(name="first"), entry_point="same")
    install("stsbench-two", "stsbench_two_module", GOOD.format(name="second"), entry_point="same")
    assert {"first", "second"} <= names(Registry.installed())


def test_an_ambiguous_name_is_an_error_when_it_is_used(install: Callable[..., None]) -> None:
    install("stsbench-one", "stsbench_one_module", GOOD.format(name="shared"))
    install("stsbench-two", "stsbench_two_module", GOOD.format(name="shared"))
    registry = Registry.installed()
    assert registry.resolve("encoder", "hashing").id == "stsbench/hashing"
    with pytest.raises(AmbiguousName, match="write stsbench-one/shared or stsbench-two/shared"):
        registry.resolve("encoder", "shared")
    assert registry.resolve("encoder", "stsbench-two/shared").id == "stsbench-two/shared"


def test_a_plugin_that_takes_a_built_in_name_makes_it_ambiguous(install: Callable[..., None]) -> None:
    install("stsbench-one", "stsbench_one_module", GOOD.format(name="hashing"))
    with pytest.raises(AmbiguousName, match="stsbench-one/hashing or stsbench/hashing"):
        Registry.installed().resolve("encoder", "hashing")


def test_a_plugin_that_fails_under_strict_ends_the_command_with_3(install: Callable[..., None], tmp_path: Path) -> None:
    install("stsbench-broken", "stsbench_broken_module", "import no_such_module_at_all")
    command = [sys.executable, "-m", "stsbench", "list", "encoders"]
    import os

    environment = {**os.environ, "PYTHONPATH": str(tmp_path)}
    lax = subprocess.run(command, env=environment, capture_output=True, text=True, check=False)
    strict = subprocess.run([*command, "--strict"], env=environment, capture_output=True, text=True, check=False)
    assert lax.returncode == 0
    assert "hashing" in lax.stdout
    assert "stsbench-broken 1.0 failed while imported" in lax.stderr
    assert strict.returncode == 3
    assert strict.stderr.startswith("error: stsbench-broken 1.0 failed while imported: ModuleNotFoundError")
