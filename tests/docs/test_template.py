"""The template for plugins: whatever kind is chosen, what is generated can be installed, and passes its own tests and the kit."""

from __future__ import annotations

import os
import runpy
import subprocess
import sys
import tomllib
from importlib import import_module
from pathlib import Path
from typing import Any

import jinja2
import pytest
import yaml

from stsbench.host.discovery import register
from stsbench.host.registry import Registry
from stsbench.testing import plugin_checks

ROOT = Path(__file__).parents[2]
QUESTIONS = yaml.safe_load((ROOT / "copier.yml").read_text(encoding="utf-8"))
KINDS = sorted(QUESTIONS["kind"]["choices"].values())
EXAMPLES = ROOT / "docs" / "examples" / "plugins"


def generate(place: Path, **answers: str) -> Path:
    """What copier makes of the template: each file whose name ends as templates do is rendered, names too, all else is copied."""
    environment = jinja2.Environment(loader=jinja2.FileSystemLoader(ROOT), **QUESTIONS["_envops"])

    def rendered(text: str) -> str:
        return environment.from_string(text).render(answers)

    for question in ("description", "package"):
        answers[question] = rendered(QUESTIONS[question]["default"])
    template = ROOT / QUESTIONS["_subdirectory"]
    for file in sorted(path for path in template.rglob("*") if path.is_file()):
        name = rendered(file.relative_to(template).as_posix())
        made = place / name.removesuffix(QUESTIONS["_templates_suffix"])
        made.parent.mkdir(parents=True, exist_ok=True)
        text = file.read_text(encoding="utf-8")
        made.write_text(rendered(text) if name.endswith(QUESTIONS["_templates_suffix"]) else text, encoding="utf-8")
    return place


def project(place: Path) -> dict[str, Any]:
    table: dict[str, Any] = tomllib.loads((place / "pyproject.toml").read_text(encoding="utf-8"))["project"]
    return table


def install(place: Path) -> Path:
    """A folder for the import path: the sources, and what an installer would write beside them."""
    described = project(place)
    info = place / "src" / f"{described['name'].replace('-', '_')}-{described['version']}.dist-info"
    info.mkdir()
    (info / "METADATA").write_text(f"Metadata-Version: 2.1\nName: {described['name']}\nVersion: {described['version']}\n")
    lines = [f"{name} = {value}\n" for name, value in described["entry-points"]["stsbench"].items()]
    (info / "entry_points.txt").write_text("[stsbench]\n" + "".join(lines))
    return info.parent


def test_there_is_a_choice_for_each_example() -> None:
    assert sorted(path.stem for path in EXAMPLES.glob("*.py")) == KINDS


@pytest.mark.parametrize("kind", KINDS)
def test_the_module_is_the_example_whole(kind: str, tmp_path: Path) -> None:
    made = generate(tmp_path, name="my-own", kind=kind)
    assert (made / "src" / "stsbench_my_own" / "__init__.py").read_bytes() == (EXAMPLES / f"{kind}.py").read_bytes()
    assert project(made)["entry-points"] == {"stsbench": {"my-own": "stsbench_my_own"}}
    assert not [path for path in made.rglob("*") if path.suffix == ".jinja" or "{" in path.name]


@pytest.mark.parametrize("kind", KINDS)
def test_what_is_generated_keeps_the_contract(kind: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    made = generate(tmp_path, name="my-own", kind=kind)
    monkeypatch.syspath_prepend(made / "src")
    sys.modules.pop("stsbench_my_own", None)
    plugin = import_module("stsbench_my_own")
    registry = Registry((register(plugin, distribution="stsbench-my-own", version="0.1.0"),))
    refs = runpy.run_path(str(made / "tests" / "test_conformance.py")).get("REFS", ())
    checks = plugin_checks("stsbench-my-own", refs=refs, registry=registry)
    assert len(checks) > 5
    for check in checks:
        check()


@pytest.mark.slow
def test_what_is_generated_passes_its_own_tests(tmp_path: Path) -> None:
    made = [generate(tmp_path / kind, name=f"my-{kind}", kind=kind) for kind in KINDS]
    (tmp_path / "pytest.ini").write_text("[pytest]\n")  # nothing of this repository's own configuration
    environment = {**os.environ, "PYTHONPATH": os.pathsep.join(str(install(place)) for place in made)}
    command = [sys.executable, "-m", "pytest", "-q", "-W", "error", "--import-mode=importlib", "-p", "no:cacheprovider"]
    done = subprocess.run(command, cwd=tmp_path, env=environment, capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stdout[-3000:]
    assert "skipped" not in done.stdout


@pytest.mark.slow
@pytest.mark.parametrize("kind", ["benchmark", "observer"])
def test_what_is_generated_is_installed_and_checked(kind: str, tmp_path: Path) -> None:
    made = generate(tmp_path / "made", name="my-own", kind=kind)
    target = tmp_path / "installed"
    pip = [
        sys.executable,
        "-m",
        "pip",
        "install",
        "-q",
        "--no-deps",
        "--no-build-isolation",
        "--no-index",
        "--target",
        str(target),
        str(made),
    ]
    subprocess.run(pip, check=True, capture_output=True)
    environment = {**os.environ, "PYTHONPATH": str(target)}
    command = [sys.executable, "-m", "stsbench", "plugins", "check", "stsbench-my-own"]
    done = subprocess.run(command, env=environment, capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stdout + done.stderr
    assert "FAILED" not in done.stdout
