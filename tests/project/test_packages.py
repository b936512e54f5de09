"""What the packages say of themselves: the same everywhere, and nothing that no run has shown."""

from __future__ import annotations

import re
import subprocess
import sys
import tomllib
from pathlib import Path
from typing import Any

import pytest
import yaml
from packaging.requirements import Requirement

ROOT = Path(__file__).parents[2]
FOLDERS = [ROOT, *sorted(path.parent for path in (ROOT / "plugins").glob("*/pyproject.toml"))]
PROJECTS = {folder: tomllib.loads((folder / "pyproject.toml").read_text(encoding="utf-8"))["project"] for folder in FOLDERS}
CORE = PROJECTS[ROOT]
SHARED = ("authors", "license", "license-files", "requires-python", "urls")
LATEST = re.compile(r"Programming Language :: Python :: (3\.\d+)")


def requirements(project: dict[str, Any]) -> list[Requirement]:
    extras = project.get("optional-dependencies", {}).values()
    return [Requirement(line) for lines in (project["dependencies"], *extras) for line in lines]


@pytest.mark.parametrize("folder", FOLDERS, ids=lambda folder: folder.name)
def test_every_package_says_the_same_of_who_made_it_and_where_it_is(folder: Path) -> None:
    project = PROJECTS[folder]
    assert {key: project[key] for key in SHARED} == {key: CORE[key] for key in SHARED}
    assert set(project["classifiers"]) == set(CORE["classifiers"]) - ({"Environment :: Console"} if folder != ROOT else set())
    assert project["keywords"]
    assert (folder / "LICENSE").read_bytes() == (ROOT / "LICENSE").read_bytes()


def test_the_pythons_are_those_of_the_runs() -> None:
    named = [found[1] for line in CORE["classifiers"] if (found := LATEST.fullmatch(line))]
    check = yaml.safe_load((ROOT / ".github" / "workflows" / "check.yml").read_text())["jobs"]["check"]
    assert named == check["strategy"]["matrix"]["python"]
    *allowed, ran = [step["run"] for step in check["steps"] if "run" in step]
    assert ran == ".ci/run"
    assert [line.split()[:2] for line in allowed] == [["sudo", "sysctl"]]  # the network namespaces of tests
    assert CORE["requires-python"] == f">={named[0]}"


def test_files_of_other_programs_name_the_same_project() -> None:
    cited = yaml.safe_load((ROOT / "CITATION.cff").read_text())
    assert cited["authors"] == CORE["authors"]
    assert (cited["version"], cited["license"]) == (CORE["version"], CORE["license"])
    assert (cited["repository-code"], cited["url"]) == (CORE["urls"]["Homepage"], CORE["urls"]["Documentation"])
    owner = CORE["urls"]["Homepage"]
    places = [ROOT / "CONTRIBUTING.md", ROOT / "SECURITY.md", *(ROOT / ".github" / "ISSUE_TEMPLATE").glob("*.yml")]
    found = {address for path in places for address in re.findall(r"https://github\.com/[^/]+/[^/)\s]+", path.read_text())}
    assert found == {owner}
    assert f"=={CORE['version']}" in (ROOT / "Dockerfile").read_text()


def test_what_is_required_is_used() -> None:
    """A requirement of the core is imported by the core, by the name that it has in Python."""
    names = {"pyyaml": "yaml"}
    text = "\n".join(path.read_text(encoding="utf-8") for path in (ROOT / "stsbench").rglob("*.py"))
    imported = set(re.findall(r"^\s*(?:import|from) (\w+)", text, re.M))
    assert {names.get(requirement.name, requirement.name) for requirement in map(Requirement, CORE["dependencies"])} <= imported


def test_every_requirement_has_a_lowest_version_and_the_tested_one_is_in_range() -> None:
    tested = dict(re.findall(r"^([\w.-]+)==(\S+)$", (ROOT / "constraints.txt").read_text().lower(), re.M))
    tested |= {project["name"]: project["version"] for project in PROJECTS.values()}
    required = [requirement for project in PROJECTS.values() for requirement in requirements(project)]
    for requirement in required:
        assert [bound for bound in requirement.specifier if bound.operator == ">="], requirement
    assert {requirement.name.lower() for requirement in required} - tested.keys() == {"trackio", "wandb"}, "those of trackers are doubles"
    for requirement in required:
        if version := tested.get(requirement.name.lower()):
            assert requirement.specifier.contains(version), requirement


def test_ci_runs_what_make_check_runs() -> None:
    commands = [line for line in (ROOT / ".ci" / "run").read_text().splitlines() if line.startswith("make ")]
    makefile = (ROOT / "Makefile").read_text()
    (halves,) = re.findall(r"^check: (.*?) ##", makefile, re.M)
    assert commands == [f"make {half}" for half in halves.split()] == ["make leaderboard", "make checks"]
    (beside,) = re.findall(r"^checks: .*\n\t\$\(MAKE\) --jobs 2 (.*)\n\n", makefile, re.M)
    ((before, tests),) = re.findall(r"^tested: (.*)\n\t(.*)\n\n", makefile, re.M)
    assert set(beside.split()) == {"evidence", "tested"}
    assert set(before.split()) == {"lint", "types", "imports", "site", "chromium"}
    (each, often) = (re.search(rf"^{name}: .*\n\t(.*)\n", makefile, re.M) for name in ("test", "campaigns"))
    assert (each and each[1], often and often[1]) == (f'{tests} -m "not campaign"', f"{tests} -m campaign"), "all tests are both"


@pytest.mark.parametrize(
    ("name", "text", "passes"),
    [("+fine.added.md", "Something new.", True), ("fine.md", "Something new.", False), ("+fine.news.md", "Something new.", False)],
)
def test_a_fragment_of_another_name_is_refused(name: str, text: str, passes: bool, tmp_path: Path) -> None:
    (tmp_path / "pyproject.toml").write_bytes((ROOT / "pyproject.toml").read_bytes())
    (tmp_path / "CHANGELOG.md").write_bytes((ROOT / "CHANGELOG.md").read_bytes())
    (tmp_path / "changes").mkdir()
    (tmp_path / "changes" / name).write_text(text)
    towncrier = Path(sys.executable).with_name("towncrier")
    done = subprocess.run([towncrier, "build", "--draft", "--version", "next"], cwd=tmp_path, capture_output=True, text=True, check=False)
    assert (done.returncode == 0) is passes
    assert (text in done.stdout) is passes


def test_every_fragment_says_something() -> None:
    assert all(path.read_text(encoding="utf-8").strip() for path in (ROOT / "changes").glob("*.md"))
