"""Built wheels of the core and of every plugin, installed in an empty environment with no clone, run what the README tells its users."""

from __future__ import annotations

import os
import re
import shlex
import shutil
import subprocess
import sys
import tarfile
import zipfile
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[2]


def call(*command: str, cwd: Path, **environment: str) -> str:
    done = subprocess.run(command, cwd=cwd, env={**os.environ, **environment}, capture_output=True, text=True, check=False, timeout=900)
    assert done.returncode == 0, done.stdout[-2000:] + done.stderr[-4000:]
    return done.stdout


@pytest.fixture(scope="module")
def wheels(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """What `make packages` builds and finds fit to be uploaded; the wheels are built without the development environment."""
    folder = tmp_path_factory.mktemp("dist")
    environment = folder.with_name("environment")
    given = [f"PYTHON={sys.executable}", f"DIST={folder}", f"VENV={environment}", f"BIN={Path(sys.executable).parent}"]
    call("make", "--silent", "wheels", *given, cwd=ROOT)
    assert not environment.exists()
    call("make", "--silent", "--old-file=wheels", f"--old-file={environment}/.stamp", "packages", *given, cwd=ROOT)
    return folder


@pytest.mark.campaign
def test_wheels_hold_the_package_and_nothing_else(wheels: Path) -> None:
    built = {path.name.partition("-")[0]: path for path in wheels.glob("*-py3-none-any.whl")}
    assert set(built) == {"stsbench", *(path.parent.name.replace("-", "_") for path in (ROOT / "plugins").glob("*/pyproject.toml"))}
    for name, path in built.items():
        entries = zipfile.ZipFile(path).namelist()
        about = "-".join(path.name.split("-")[:2]) + ".dist-info"
        assert {entry.partition("/")[0] for entry in entries} == {name, about}
        assert {entry for entry in entries if entry.startswith(about)} == {
            f"{about}/{file}" for file in ("METADATA", "WHEEL", "RECORD", "entry_points.txt", "licenses/LICENSE")
        }
        assert not [entry for entry in entries if re.search(r"(^|/)(tests?|__pycache__)/|\.(pyc|so)$", entry)]
    names = zipfile.ZipFile(built["stsbench"]).namelist()
    assert {
        "stsbench/py.typed",
        "stsbench/builtin/mini/pairs.tsv",
        "stsbench/builtin/mini/README.md",
        "stsbench/builtin/stress/README.md",
        "stsbench/builtin/stress/grammars.toml",
        "stsbench/builtin/benchmarks/suites.json",
        "stsbench/builtin/benchmarks/tasks.json",
        "stsbench/builtin/page/charts/look.json",
        "stsbench/builtin/page/palette.json",
    } <= set(names)


@pytest.mark.campaign
def test_source_distributions_hold_what_builds_the_wheel(wheels: Path) -> None:
    sources = sorted(wheels.glob("*.tar.gz"))
    assert len(sources) == len(list(wheels.glob("*.whl")))
    for path in sources:
        with tarfile.open(path) as archive:
            names = {name.partition("/")[2] for name in archive.getnames()}
        assert {"pyproject.toml", "PKG-INFO", "README.md", "LICENSE"} <= names
        assert not [name for name in names if re.search(r"(^|/)(__pycache__|\.\w+_cache|nearest-)", name)]


@pytest.mark.campaign
def test_an_index_is_not_offered_the_wheel_of_one_machine(wheels: Path, tmp_path: Path) -> None:
    (pure,) = wheels.glob("stsbench-*.whl")
    shutil.copy(pure, tmp_path / pure.name.replace("-any", "-linux_x86_64"))
    done = subprocess.run([ROOT / ".ci" / "uploadable", Path(sys.executable).parent, tmp_path], capture_output=True, text=True, check=False)
    assert done.returncode == 1
    assert "An index refuses stsbench-" in done.stderr


def build(folder: Path, into: str, **environment: str) -> Path:
    """The core's wheel, made by the build's own back end."""
    script = f"from hatchling.build import build_sdist, build_wheel; build_sdist({into!r}), build_wheel({into!r})"
    call(sys.executable, "-c", script, cwd=folder, **environment)
    (source,), (wheel,) = (folder / into).glob("*.tar.gz"), (folder / into).glob("*.whl")
    with tarfile.open(source) as archive:
        names = [name.partition("/")[2] for name in archive.getnames()]
    assert {"hatch_build.py", "stsbench/builtin/similarities/nearest.c"} <= set(names)
    assert not [name for name in names if "nearest-" in name], "a source distribution holds nothing of the machine that made it"
    return wheel


def libraries(wheel: Path) -> list[str]:
    return [name for name in zipfile.ZipFile(wheel).namelist() if name.endswith(".so")]


@pytest.mark.compiled
def test_the_token_kernel_is_compiled_where_it_can_be(tmp_path: Path) -> None:
    if shutil.which("cc") is None:
        pytest.skip("needs a C compiler")
    copy = tmp_path / "core"
    shutil.copytree(ROOT / "stsbench", copy / "stsbench", ignore=shutil.ignore_patterns("*.so", "__pycache__"))
    for name in ("pyproject.toml", "README.md", "CHANGELOG.md", "LICENSE", "hatch_build.py", ".gitignore"):
        shutil.copy(ROOT / name, copy)
    compiled = build(copy, "compiled")
    (library,) = libraries(compiled)
    assert re.search(r"-py3-none-(?!any)\w+\.whl$", compiled.name)
    assert re.fullmatch(r"stsbench/builtin/similarities/nearest-[0-9a-f]{16}\.so", library)
    source = copy / "stsbench/builtin/similarities/nearest.c"
    source.write_text(source.read_text() + "\n")
    assert libraries(build(copy, "changed")) not in ([library], [])
    assert len(list(source.parent.glob("nearest-*"))) == 1
    pure = build(copy, "pure", STSBENCH_PURE="1")
    assert (pure.name.endswith("-py3-none-any.whl"), libraries(pure)) == (True, [])
    source.write_text(source.read_text() + "\n")
    (rubbish := tmp_path / "rubbish").write_text("#!/bin/sh\nfor one; do case $one in *.so) echo rubbish > $one;; esac; done\n")
    rubbish.chmod(0o700)
    for number, compiler in enumerate(("'", "no-such-compiler", "false", "true", str(rubbish))):
        without = build(copy, f"without-{number}", CC=compiler)
        assert (without.name.endswith("-py3-none-any.whl"), libraries(without)) == (True, [])
        assert not list(source.parent.glob("nearest-*")), "neither the library of another source nor what was left half done"


@pytest.mark.campaign
@pytest.mark.timeout(1200)
def test_the_page_on_installing_runs_from_wheels_alone(wheels: Path, tmp_path: Path) -> None:
    page, start = (path.read_text(encoding="utf-8") for path in (ROOT / "docs" / "install.md", ROOT / "docs" / "get-started.md"))
    section = page.partition("## From a clone\n")[2].partition("```console\n")[2].partition("```")[0]
    commands = [line.removeprefix("$ ") for line in section.splitlines() if line.startswith("$ ")]
    assert commands[0] == "make wheels"
    assert commands[-1] == "stsbench run"
    call(sys.executable, "-m", "venv", str(tmp_path / "venv"), cwd=tmp_path)
    python = str(tmp_path / "venv" / "bin" / "python")
    (tmp_path / "dist").symlink_to(wheels)
    for command in commands[1:]:
        words = shlex.split(command)
        words = ["-m", *words, "--quiet", "--constraint", str(ROOT / "constraints.txt")] if words[0] == "pip" else ["-m", *words]
        output = call(python, *words, cwd=tmp_path, PIP_DISABLE_PIP_VERSION_CHECK="1")
    assert re.search(r"^wordllama +cosine +44\.18 ", output, re.M), output
    (tmp_path / "pairs.csv").write_text(start.partition("```csv\n")[2].partition("```")[0], encoding="utf-8")
    (first,) = re.findall(r"\A.*?^\$ (stsbench .*?)$", start, re.S | re.M)
    assert "agrees better with people" in call(python, "-m", *shlex.split(first), cwd=tmp_path).splitlines()[0]
    call(
        python,
        "-m",
        "pip",
        "install",
        "--quiet",
        "--constraint",
        str(ROOT / "constraints.txt"),
        "--find-links",
        "dist",
        "stsbench[all]",
        "stsbench-example",
        cwd=tmp_path,
    )
    call(python, "-m", "pip", "check", cwd=tmp_path)
    listed = call(python, "-m", "stsbench", "list", "encoders", "--strict", cwd=tmp_path)
    assert {line.split()[0] for line in listed.splitlines()} >= {"hashing", "wordllama", "bert", "sentence-transformers", "letters"}
