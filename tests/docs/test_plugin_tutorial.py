"""The tutorial for plugin authors is true: its code is the example's, its commands and links lead somewhere, every hook is on it."""

from __future__ import annotations

import inspect
import os
import re
import subprocess
import sys
import tomllib
from itertools import pairwise
from pathlib import Path

import pytest

from stsbench import hookspecs, plugin
from stsbench.host.discovery import HOOKS
from stsbench.host.observing import OBSERVERS
from stsbench.host.registry import Registry

PLUGINS = Path(__file__).parents[2] / "plugins"
TUTORIAL = (PLUGINS / "README.md").read_text(encoding="utf-8")
QUOTES = re.findall(r"^<!-- (\S+) -->\n```\w+\n(.*?)^```$", TUTORIAL, re.MULTILINE | re.DOTALL)
FENCES = re.findall(r"(?:^<!-- \S+ -->\n)?^```(\w+)\n(.*?)^```$", TUTORIAL, re.MULTILINE | re.DOTALL)
SPECS = {name: spec for name, spec in vars(hookspecs).items() if name.startswith("stsbench_")}


@pytest.mark.parametrize(("file", "code"), QUOTES, ids=[f"{number}-{Path(file).name}" for number, (file, _) in enumerate(QUOTES)])
def test_code_is_quoted_from_the_file_that_it_names(file: str, code: str) -> None:
    assert code.rstrip() in (PLUGINS / file).read_text(encoding="utf-8")


def test_no_code_is_without_a_source() -> None:
    assert len(QUOTES) == sum(language in ("python", "toml") for language, _ in FENCES) >= 10
    assert {language for language, _ in FENCES} == {"python", "toml", "console", "text"}


def test_the_first_section_alone_makes_a_working_plugin(tmp_path: Path) -> None:
    section = TUTORIAL.partition("## A working plugin in two files")[2].partition("\n## ")[0]
    files: dict[str, str] = {}
    for file, code in re.findall(r"^<!-- stsbench-example/(\S+) -->\n```\w+\n(.*?)^```$", section, re.MULTILINE | re.DOTALL):
        files[file] = files.get(file, "") + code + "\n\n"
    assert sorted(files) == ["pyproject.toml", "src/stsbench_example/__init__.py"]
    for file, code in files.items():
        (tmp_path / file).parent.mkdir(parents=True, exist_ok=True)
        (tmp_path / file).write_text(code, encoding="utf-8")
    project = tomllib.loads(files["pyproject.toml"])["project"]
    info = tmp_path / "src" / f"{project['name'].replace('-', '_')}-{project['version']}.dist-info"  # as an installer would write it
    info.mkdir()
    (info / "METADATA").write_text(f"Metadata-Version: 2.1\nName: {project['name']}\nVersion: {project['version']}\n")
    lines = [f"{name} = {value}\n" for name, value in project["entry-points"]["stsbench"].items()]
    (info / "entry_points.txt").write_text("[stsbench]\n" + "".join(lines))
    code = (
        "from stsbench.testing import encoder_checks\n"
        "checks = encoder_checks('letters', others=['letters,stretches=3'])\n"
        "[check() for check in checks]\n"
        "import stsbench_example; print(len(checks), stsbench_example.__file__)"
    )
    environment = {**os.environ, "PYTHONPATH": str(tmp_path / "src")}
    done = subprocess.run([sys.executable, "-c", code], env=environment, cwd=tmp_path, capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stderr
    count, file = done.stdout.split()
    assert int(count) > 15
    assert Path(file).is_relative_to(tmp_path)


@pytest.mark.parametrize("name", SPECS)
def test_every_hook_is_documented_with_its_exact_signature(name: str) -> None:
    section = TUTORIAL.partition(f"\n### `{name}`\n")[2].partition("\n##")[0]
    assert f"def {name}{inspect.signature(SPECS[name])}:".replace("'", "") in section
    assert "Used by" in section


@pytest.mark.parametrize("name", HOOKS.values())
def test_every_hook_has_the_components_that_the_tutorial_says_use_it(name: str) -> None:
    (kind,) = [kind for kind, hook in HOOKS.items() if hook == name]
    offered = {component.name for component, _ in Registry.installed().offers(kind)}
    users = re.search(r"Used by ((?:.|\n)*?)\.(?:\s|$)", TUTORIAL.partition(f"\n### `{name}`\n")[2])
    assert users
    named = set(re.findall(r"`([\w-]+)`", users[1]))
    assert named
    assert named <= offered


@pytest.mark.parametrize("name", OBSERVERS.values())
def test_every_observer_hook_has_the_plugin_that_the_tutorial_says_uses_it(name: str) -> None:
    (user,) = re.findall(r"Used by `([\w-]+)`\.", TUTORIAL.partition(f"\n### `{name}`\n")[2].partition("\n##")[0])
    (loaded,) = [one for one in Registry.installed().plugins if one.provider.distribution == user]
    assert getattr(loaded.manager.hook, name).get_hookimpls()


def test_no_hook_is_documented_that_does_not_exist() -> None:
    assert set(re.findall(r"^### `(stsbench_\w+)`$", TUTORIAL, re.MULTILINE)) == set(SPECS) == {*HOOKS.values(), *OBSERVERS.values()}


def test_every_command_names_what_is_there() -> None:
    commands = [line.split() for language, text in FENCES if language == "console" for line in text.splitlines()]
    registry = Registry.installed()
    flags = {"-e": "encoder", "-s": "similarity", "-b": "benchmark"}
    resolved = 0
    for program, command, *words in commands:
        assert (program, command) == ("pip", "install") or (program == "stsbench" and command in ("plugins", "show", "run"))
        for flag, ref in pairwise(words):
            if program == "stsbench" and flag in flags:
                assert registry.resolve(flags[flag], ref).build() is not None  # type: ignore[arg-type]
                resolved += 1
    assert resolved >= 8


def test_links_lead_to_files_and_headings() -> None:
    headings = {re.sub(r"[^\w -]", "", line).strip().lower().replace(" ", "-") for line in re.findall(r"^#+ (.+)$", TUTORIAL, re.MULTILINE)}
    links = re.findall(r"\]\(([^)]+)\)", TUTORIAL)
    assert len(links) > 10
    for link in links:
        assert link[1:] in headings if link.startswith("#") else (PLUGINS / link).exists(), link


def test_every_component_field_and_option_kind_is_explained() -> None:
    section = TUTORIAL.partition("\n## Components\n")[2].partition("\n## ")[0]
    fields = list(inspect.signature(plugin.Component).parameters)
    assert [name for name in fields if f"| `{name}` |" not in section] == []
    assert re.findall(r"\| `(\w+)\[\.\.\.\]` \|", section) == ["Views", "Execution", "Secret"]
