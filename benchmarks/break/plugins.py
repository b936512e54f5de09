"""What hostile plugins can do to a run: each of forty is installed beside a good one, and `stsbench run --json` runs by itself.

The good system's figure must be right, the hostile plugin named with its version, standard output one JSON document, and the exit code
the right one.

python benchmarks/break/plugins.py [--only NAME]
"""

from __future__ import annotations

import argparse
import json
import os
import subprocess
import sys
import tempfile
from pathlib import Path
from typing import Any

from hostile import HOSTILE, Hostile

GOOD = """
import numpy as np
from stsbench.plugin import Component, Embeddings, Fingerprint, hookimpl
class Lengths:
    views, token_views, fingerprint = ("sentence",), (), Fingerprint.of(lengths=1)
    def encode(self, texts, *, views, prompt=""):
        return Embeddings({"sentence": np.array([[len(text), len(text.split()), 1] for text in texts], dtype=np.float32)})
def lengths():
    "A good encoder."
    return Lengths()
@hookimpl
def stsbench_encoders():
    return [Component("lengths", lengths)]
"""
RESULT = "lengths"  # the encoder of the row that must be right


def install(folder: Path, distribution: str, module: str, version: str, source: str) -> None:
    """A distribution of one module, as pip would leave it."""
    folder.mkdir(exist_ok=True)
    (folder / f"{module}.py").write_text(source, encoding="utf-8")
    info = folder / f"{distribution.replace('-', '_')}-{version}.dist-info"
    info.mkdir()
    (info / "METADATA").write_text(f"Metadata-Version: 2.1\nName: {distribution}\nVersion: {version}\n")
    (info / "entry_points.txt").write_text(f"[stsbench]\nplugin = {module}\n")


def run(folder: Path, *arguments: str) -> subprocess.CompletedProcess[str]:
    """`stsbench run --json` on the good encoder with what is installed in the folder."""
    command = [sys.executable, "-m", "stsbench", "run", "--json", "--no-cache", "--quiet", "-e", "stsbench-good/lengths", *arguments]
    return subprocess.run(command, capture_output=True, text=True, errors="replace", env=environment(folder), timeout=120, check=False)


def failures(folder: Path) -> list[str]:
    """What `stsbench plugins --json` says of plugins that failed."""
    command = [sys.executable, "-m", "stsbench", "plugins", "--json"]
    done = subprocess.run(command, capture_output=True, text=True, env=environment(folder), timeout=120, check=False)
    return [f"{one['provider']} failed while {one['stage']}: {one['error']}" for one in rows(done.stdout, "failures")]


def rows(output: str, name: str) -> list[dict[str, Any]]:
    """The rows of that name in a JSON document; none where the output is no document."""
    try:
        return list(json.loads(output)[name])
    except (ValueError, KeyError):
        return []


def environment(folder: Path) -> dict[str, str]:
    """The environment in which what lies in the folder is installed, too."""
    return {**os.environ, "PYTHONPATH": os.pathsep.join([str(folder), os.environ.get("PYTHONPATH", "")])}


def figure(output: str) -> float:
    """The good system's Spearman correlation on `mini`, of the one JSON document that the output is."""
    cells = json.loads(output)["cells"]
    (expected_cell,) = [
        cell["spearman"]
        for cell in cells
        if (cell["encoder"], cell["transform"], cell["similarity"], cell["benchmark"]) == (RESULT, "", "cosine", "mini")
    ]
    return float(expected_cell)


def wrong(hostile: Hostile, folder: Path, expected: float) -> list[str]:
    """What the run did that it must not do, beside that plugin; empty if all is well."""
    install(folder, "stsbench-hostile", "stsbench_hostile", "6.6.6", hostile.source)
    asked = {
        "": [],
        "-e": ["-e", "hostile"],
        "-s": ["-s", "stsbench/cosine", "-s", "hostile"],
        "-t": ["-t", "none", "-t", "hostile"],
        "-b": ["-b", "stsbench/mini", "-b", "hostile"],
    }[hostile.option]
    done = run(folder, *asked)
    faults = []
    if done.returncode != hostile.code:
        faults.append(f"exit code {done.returncode}, not {hostile.code}")
    if hostile.code != 3:
        try:
            if (right := figure(done.stdout)) != expected:
                faults.append(f"the good system has {right}, not {expected}")
        except (ValueError, KeyError) as error:
            faults.append(
                f"standard output is not one document with the good system's figure ({type(error).__name__}): {done.stdout[:200]!r}"
            )
    reasons = [cell["reason"] or "" for cell in rows(done.stdout, "cells")] if hostile.option else failures(folder)
    said = "\n".join([done.stderr, *reasons])
    if hostile.message and hostile.message not in said:
        faults.append(f"nothing says {hostile.message!r}")
    if hostile.message and hostile.code != 3 and "stsbench-hostile 6.6.6" not in said:
        faults.append("the plugin is not named with its version")
    if "Traceback" in done.stderr:
        faults.append("a traceback")
    return [f"{what}\n{done.stderr[-600:]}" if number == 0 else what for number, what in enumerate(faults)]


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--only", help="the name of one plugin")
    given = parser.parse_args()
    failed: dict[str, list[str]] = {}
    tried = [hostile for hostile in HOSTILE if given.only in (None, hostile.name)]
    with tempfile.TemporaryDirectory() as root:
        expected = None
        for number, hostile in enumerate(tried):
            folder = Path(root) / str(number)
            install(folder, "stsbench-good", "stsbench_good", "1.0", GOOD)
            if expected is None:
                expected = figure(run(folder).stdout)
            if faults := wrong(hostile, folder, expected):
                failed[hostile.name] = faults
    print(json.dumps({"plugins": len(tried), "as they should be": len(tried) - len(failed), "wrong": failed}, indent=2))
    sys.exit(bool(failed))


if __name__ == "__main__":
    main()
