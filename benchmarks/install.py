"""From an empty environment to an answer: seconds and MB of an installation of built wheels, package by package.

python benchmarks/install.py DIST [--no-compile] [--least MB]

DIST is what `make packages` made; what the wheels require comes from the package index, in the tested versions. The answer is that of the
first command of docs/get-started.md, on the file that it shows.
"""

from __future__ import annotations

import argparse
import os
import re
import shlex
import subprocess
import sys
import time
import venv
from collections import defaultdict
from collections.abc import Iterator
from importlib.metadata import Distribution, distributions
from pathlib import Path
from tempfile import TemporaryDirectory

from packaging.requirements import Requirement

ROOT = Path(__file__).parents[1]
WANTED = "stsbench[wordllama]"
KINDS = ("files", "tests", "byte code")


def timed(*command: str, cwd: Path) -> tuple[str, float]:
    """What it prints, and wall seconds."""
    start = time.perf_counter()
    clean = {name: value for name, value in os.environ.items() if not name.startswith("PYTHON")}
    done = subprocess.run(
        command, check=True, cwd=cwd, env={**clean, "XDG_CACHE_HOME": str(cwd / "cache")}, stdout=subprocess.PIPE, text=True
    )
    return done.stdout, time.perf_counter() - start


def first_page() -> tuple[str, str]:
    """The file and the command that docs/get-started.md begins with."""
    page = (ROOT / "docs" / "get-started.md").read_text(encoding="utf-8")
    data, command = re.search(r"```csv\n(.*?)```", page, re.S), re.search(r"^\$ (stsbench .*)$", page, re.M)
    assert data is not None
    assert command is not None
    return data[1], command[1]


def kind(path: Path) -> str:
    """Whether a file is code, tests that a package ships, or byte code."""
    if path.suffix == ".pyc":
        return "byte code"
    return "tests" if {"tests", "test", "testing"} & set(path.parts) else "files"


def weighed(packages: Path) -> dict[str, dict[str, float]]:
    """MB on the disk by distribution and kind; byte code belongs to whom its source belongs to."""
    owners = {
        Path(str(file.locate())).resolve(): distribution.name
        for distribution in distributions(path=[str(packages)])
        for file in distribution.files or ()
    }
    weights: dict[str, dict[str, float]] = defaultdict(lambda: dict.fromkeys(KINDS, 0.0))
    for path in packages.rglob("*"):
        if path.is_file():
            source = path.parent.with_name(path.name.split(".")[0] + ".py") if path.parent.name == "__pycache__" else path
            weights[owners.get(source.resolve(), "other")][kind(path.relative_to(packages))] += path.stat().st_blocks * 512 / 2**20
    return weights


def asked_by(packages: Path) -> dict[str, list[str]]:
    """Who requires each distribution, extras aside."""
    asking = defaultdict(list)
    for distribution in distributions(path=[str(packages)]):
        for name in sorted(set(required(distribution))):
            asking[name].append(distribution.name)
    return asking


def required(distribution: Distribution) -> Iterator[str]:
    for line in distribution.requires or ():
        requirement = Requirement(line)
        if requirement.marker is None or requirement.marker.evaluate({"extra": ""}):
            yield spelt(requirement.name)


def spelt(name: str) -> str:
    return name.lower().replace("_", "-")


def table(packages: Path, least: float) -> Iterator[str]:
    """Lines of Markdown, the heaviest first; those below `least` MB are one line."""
    weights, asking = weighed(packages), asked_by(packages)
    rest, total = dict.fromkeys(KINDS, 0.0), dict.fromkeys(KINDS, 0.0)
    yield f"| package | {' | '.join(KINDS)} | MB | required by |"
    yield "| --- | ---: | ---: | ---: | ---: | --- |"
    for name, by_kind in sorted(weights.items(), key=lambda item: -sum(item[1].values())):
        for key in KINDS:
            total[key] += by_kind[key]
        if sum(by_kind.values()) >= least:
            yield line(name, by_kind, ", ".join(sorted(asking[spelt(name)])))
        else:
            for key in KINDS:
                rest[key] += by_kind[key]
    yield line(f"the others, each below {least:g}", rest, "")
    yield line("**all**", total, "")


def line(name: str, by_kind: dict[str, float], asking: str) -> str:
    return f"| {name} | {' | '.join(f'{by_kind[key]:.0f}' for key in KINDS)} | {sum(by_kind.values()):.0f} | {asking} |"


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("dist", type=Path)
    parser.add_argument("--no-compile", action="store_true", help="as pip's: no byte code of what may never be imported")
    parser.add_argument("--least", type=float, default=4)
    given = parser.parse_args()
    with TemporaryDirectory() as folder:
        place = Path(folder)
        venv.create(place / "venv", with_pip=True)
        python, pip = place / "venv" / "bin" / "python", [] if not given.no_compile else ["--no-compile"]
        install = [
            "-m",
            "pip",
            "install",
            "--quiet",
            *pip,
            "--constraint",
            str(ROOT / "constraints.txt"),
            "--find-links",
            str(given.dist.resolve()),
        ]
        _, seconds = timed(str(python), *install, WANTED, cwd=place)
        (packages,) = (place / "venv" / "lib").glob("python*/site-packages")
        print(f"pip install {' '.join([*pip, WANTED])!r}: {seconds:.0f} s, Python {sys.version_info.major}.{sys.version_info.minor}\n")
        print("\n".join(table(packages, given.least)))
        data, command = first_page()
        (place / "pairs.csv").write_text(data, encoding="utf-8")
        for run in ("first", "second"):
            said, seconds = timed(str(python), "-m", *shlex.split(command), cwd=place)
            print(f"\n{command}: {seconds:.1f} s ({run} time)")
        print(said.splitlines()[0])
        after = sum(sum(by_kind.values()) for by_kind in weighed(packages).values())
        print(f"\nAfter it: {after:.0f} MB")


if __name__ == "__main__":
    main()
