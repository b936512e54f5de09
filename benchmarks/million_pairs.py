"""A generated benchmark of a hundred thousand and of a million pairs, each in a process of its own: time and peak memory.

python benchmarks/million_pairs.py [--form csv|parquet] [--encoder wordllama] [--executor processes:3] [--store] [--json]
                                   [--pairs 100000 1000000]
"""

from __future__ import annotations

import argparse
import csv
import json
import os
import re
import subprocess
import sys
import tempfile
import time
from contextlib import suppress
from pathlib import Path

import numpy as np

WORDS, REPEATED, VOCABULARY = 12, 0.3, 20_000
BLOCK = 50_000


def texts(generator: np.random.Generator, vocabulary: np.ndarray, count: int, earlier: list[str]) -> list[str]:
    """`count` texts of WORDS words, of which a share REPEATED is drawn from those that came before."""
    words = vocabulary[generator.zipf(1.3, size=(count, WORDS)) % VOCABULARY]
    made = [" ".join(row) for row in words]
    if earlier:
        rows = np.flatnonzero(generator.random(count) < REPEATED)
        for row, other in zip(rows.tolist(), generator.integers(0, len(earlier), size=len(rows)).tolist(), strict=True):
            made[row] = earlier[other]
    return made


def generate(path: Path, pairs: int) -> None:
    """A csv file, or a parquet file, of that many pairs with a gold score each."""
    generator = np.random.default_rng(0)
    letters = np.array(list("abcdefghijklmnopqrstuvwxyz"))
    vocabulary = np.array(["".join(row) for row in generator.choice(letters, size=(VOCABULARY, 6))])
    columns: dict[str, list[object]] = {"sentence1": [], "sentence2": [], "score": []}
    earlier: list[str] = []
    for start in range(0, pairs, BLOCK):
        count = min(BLOCK, pairs - start)
        made = texts(generator, vocabulary, 2 * count, earlier)
        earlier = earlier or made
        columns["sentence1"] += made[:count]
        columns["sentence2"] += made[count:]
        columns["score"] += np.round(generator.random(count) * 5, 2).tolist()
    if path.suffix == ".parquet":
        import pyarrow as pa
        import pyarrow.parquet as pq

        pq.write_table(pa.table(columns), path)
        return
    with path.open("w", newline="", encoding="utf-8") as file:
        writer = csv.writer(file)
        writer.writerow(columns)
        writer.writerows(zip(*columns.values(), strict=True))


def peaks(pid: int, known: dict[int, int]) -> None:
    """Note the most memory that a process and those below it have held until now, in kB."""
    with suppress(OSError):
        if peak := re.search(r"^VmHWM:\s*(\d+) kB$", Path(f"/proc/{pid}/status").read_text(), re.MULTILINE):
            known[pid] = max(known.get(pid, 0), int(peak[1]))
        for task in Path(f"/proc/{pid}/task").iterdir():
            for child in (task / "children").read_text().split():
                peaks(int(child), known)


def measure(path: Path, encoder: str, store: Path | None, executor: str) -> dict[str, float]:
    """Wall and processor seconds and peak memory (GB) of one whole `stsbench run`, and of the largest of its workers, if it has any."""
    kept = ["--cache-dir", str(store)] if store else ["--no-cache"]
    command = [
        sys.executable,
        "-m",
        "stsbench",
        "run",
        "-q",
        "-e",
        encoder,
        "-s",
        "cosine",
        "-b",
        f"{path.suffix[1:]}:{path}",
        "--json",
        *kept,
        "--executor",
        executor,
    ]
    start = time.perf_counter()
    held: dict[int, int] = {}
    with tempfile.TemporaryFile() as out:
        child = subprocess.Popen(command, stdout=out)
        while not (ended := os.wait4(child.pid, os.WNOHANG))[0]:
            peaks(child.pid, held)
            time.sleep(0.2)
        out.seek(0)
        text = out.read()
    _, status, usage = ended
    child.returncode = os.waitstatus_to_exitcode(status)
    if child.returncode:
        raise SystemExit(f"the run ended with {child.returncode}")
    cell = json.loads(text)["cells"][0]
    driver = held.pop(child.pid, 0)
    workers = {"workers": max(held.values()) * 1024 / 1e9, "driver": driver * 1024 / 1e9} if held else {}
    return {
        **workers,
        "seconds": time.perf_counter() - start,
        "processor": usage.ru_utime + usage.ru_stime,
        "gigabytes": usage.ru_maxrss * (1 if sys.platform == "darwin" else 1024) / 1e9,
        "spearman": cell["spearman"],
    }


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--form", choices=("csv", "parquet"), default="csv")
    parser.add_argument("--encoder", default="wordllama")
    parser.add_argument("--pairs", type=int, nargs="+", default=[100_000, 1_000_000])
    parser.add_argument("--executor", default="local", help="where the encoder is run, if it is one that workers run")
    parser.add_argument("--store", action="store_true", help="keep vectors, in a temporary folder")
    parser.add_argument("--json", action="store_true")
    given = parser.parse_args()
    rows = []
    with tempfile.TemporaryDirectory() as folder:
        for pairs in given.pairs:
            path = Path(folder) / f"{pairs}.{given.form}"
            subprocess.run(
                [sys.executable, __file__, "--generate", str(path), str(pairs)], check=True
            )  # a child, so that its memory is not ours
            kept = Path(folder) / f"store-{pairs}" if given.store else None
            rows.append({"pairs": pairs, **measure(path, given.encoder, kept, given.executor)})
            if kept:
                rows.append({"pairs": pairs, "warm": True, **measure(path, given.encoder, kept, given.executor)})
            path.unlink()
    cold = [row for row in rows if "warm" not in row]
    ratio = cold[-1]["seconds"] / cold[0]["seconds"]
    if given.json:
        print(json.dumps({"rows": rows, "ratio": ratio}))
        return
    for row in rows:
        name = f"{row['pairs']:>9} pairs{' (stored)' if 'warm' in row else ''}"
        apart = f"  driver {row['driver']:.2f} GB, largest worker {row['workers']:.2f} GB" if "workers" in row else ""
        print(
            f"{name:27}{row['seconds']:8.1f} s{row['processor']:8.1f} s of processor{row['gigabytes']:8.2f} GB"
            f"  Spearman {row['spearman']:.6f}{apart}"
        )
    print(f"{cold[-1]['pairs'] / cold[0]['pairs']:.0f} times the pairs take {ratio:.1f} times as long")


if __name__ == "__main__":
    if len(sys.argv) == 4 and sys.argv[1] == "--generate":
        generate(Path(sys.argv[2]), int(sys.argv[3]))
    else:
        main()
