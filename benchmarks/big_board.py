"""A generated board of 300 systems on 100 benchmarks: time and peak memory of `stsbench leaderboard build`, its page included.

python benchmarks/big_board.py [--encoders 300] [--similarities 1] [--benchmarks 100] [--json]

Every system is measured on every benchmark, and the statistics are as influence functions leave them for so many figures.
"""

from __future__ import annotations

import argparse
import json
import resource
import subprocess
import sys
import tempfile
import time
from pathlib import Path

import numpy as np

from stsbench.contracts.boards.board import BoardSpec, SystemSpec
from stsbench.contracts.boards.statistics import Limits, Standing, Statistics
from stsbench.contracts.fingerprint import digest
from stsbench.contracts.identity import WHOLE
from stsbench.contracts.records import BenchmarkEntry, EncoderEntry, Record, RecordFile
from stsbench.leaderboard.known import asked, record_stamp
from stsbench.stats.metrics import GRADED
from stsbench.stores.documents import STATISTICS
from stsbench.stores.records import dump, record_path

SIMILARITIES = (
    "cosine",
    "dot",
    "euclidean",
    "sqeuclidean",
    "manhattan",
    "chebyshev",
    "pearson",
    "spearman-dims",
    "soft-cosine",
    "canberra",
)
HALF = 0.01  # of an interval
LIMITS = {"seconds": 30, "megabytes": 1500}


def toml(benchmarks: int) -> str:
    names = ", ".join(f'"made-{number:03}"' for number in range(benchmarks))
    head = f'name = "big"\ntitle = "Big"\nprotocol = "mteb"\nbenchmarks = [{names}]\nwriters = ["markdown", "csv", "json", "html"]\n'
    return head + '[[system]]\nencoder = "hashing"\n'


def records(encoder: str, benchmark: str, similarities: int, generator: np.random.Generator) -> tuple[Record, ...]:
    """The record of the one part and that of the whole, for every similarity."""
    made = []
    for name in SIMILARITIES[:similarities]:
        figures = dict(zip((one.name for one in GRADED), generator.uniform(0.4, 0.9, 3).round(6).tolist(), strict=True))
        for split, subset in (("test", "default"), (WHOLE, WHOLE)):
            made.append(
                Record(
                    split=split, subset=subset, view="sentence", similarity=f"stsbench/{name}", n=1000, status="ok", figures=figures,
                    digest=digest([benchmark]), source="mirror", key=digest([encoder, benchmark, name, split]),
                    signature=f"stsbench|benchmark={benchmark}|split={split}|n=1000|encoder={encoder}|view=sentence|similarity={name}",
                )
            )  # fmt: skip
    return tuple(made)


def generate(folder: Path, encoders: int, similarities: int, benchmarks: int) -> None:
    generator = np.random.default_rng(0)
    (folder / "board.toml").write_text(toml(benchmarks), encoding="utf-8")
    standings: list[Standing] = []
    stamps: list[str] = []
    for number in range(encoders):
        label = f"encoder-{number:03}"
        whole: dict[str, list[tuple[str, Record]]] = {}
        for place in range(benchmarks):
            name = f"made-{place:03}"
            file = RecordFile(
                encoder=EncoderEntry(ref=f"made/{label}", label=label, fingerprint=digest([label]), facts={}),
                benchmark=BenchmarkEntry(ref=f"stsbench/{name}", name=name, protocol="mteb", aggregation="mean", languages=("eng",)),
                records=records(label, name, similarities, generator),
            )
            path = record_path(folder, file)
            path.parent.mkdir(parents=True, exist_ok=True)
            path.write_bytes(dump(file))
            for record in file.records:
                if record.is_whole:
                    whole.setdefault(record.similarity or "", []).append((f"{name}@mteb", record))
        for similarity, wholes in whole.items():
            stamps.append(record_stamp([record for _, record in wholes]))
            if similarity == "stsbench/cosine":
                standings.append(standing(label, similarity, wholes, stamps[-1], number, encoders))
    spec = BoardSpec(name="big", title="Big", benchmarks=("made",), protocol="mteb", system=(SystemSpec(encoder="hashing"),))
    statistics = Statistics(
        mode="influence", level=0.95, resamples=9999, seed=0, generator=(), ceilings={name: 0.999 for name, _ in wholes}, alike=(),
        systems=tuple(sorted(standings, key=lambda one: one.system)), asked=asked(spec, stamps),
    )  # fmt: skip
    (folder / STATISTICS.name).write_bytes(STATISTICS.dump(statistics))


def standing(label: str, similarity: str, wholes: list[tuple[str, Record]], stamp: str, number: int, encoders: int) -> Standing:
    figures = {name: record.figure or 0.0 for name, record in wholes}
    average = sum(figures.values()) / len(figures)
    return Standing(
        encoder=f"made/{label}", fingerprint=digest([label]), view="sentence", transforms=(), similarity=similarity, record=stamp,
        cells={name: Limits(low=value - HALF, high=value + HALF) for name, value in figures.items()},
        average=Limits(low=average - HALF, high=average + HALF), best_rank=1, worst_rank=encoders, letters="abc",
        chance_of_best=1 / encoders, alike=number,
    )  # fmt: skip


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    for name, default in (("encoders", 300), ("similarities", 1), ("benchmarks", 100)):
        parser.add_argument(f"--{name}", type=int, default=default)
    parser.add_argument("--json", action="store_true")
    given = parser.parse_args()
    with tempfile.TemporaryDirectory() as place:
        folder = Path(place)
        generate(folder, given.encoders, given.similarities, given.benchmarks)
        start = time.perf_counter()
        subprocess.run([sys.executable, "-m", "stsbench", "leaderboard", "build", place, "--json"], check=True, stdout=subprocess.DEVNULL)
        seconds = time.perf_counter() - start
        sizes = {path.name: path.stat().st_size for path in sorted(folder.iterdir()) if path.is_file()}
    used = resource.getrusage(resource.RUSAGE_CHILDREN)
    processor, megabytes = used.ru_utime + used.ru_stime, used.ru_maxrss / 1024
    if given.json:
        print(json.dumps({"seconds": seconds, "processor_seconds": processor, "megabytes": megabytes, "limits": LIMITS, "bytes": sizes}))
        return
    print(
        f"{given.encoders * given.similarities} systems x {given.benchmarks} benchmarks: {seconds:.1f} s "
        f"({processor:.1f} s of processor time), {megabytes:.0f} MB at most"
    )
    print(", ".join(f"{name} {size / 1e6:.1f} MB" for name, size in sizes.items()))


if __name__ == "__main__":
    main()
