"""One flipped bit in a store, in records, in scores or in a board's files: it is found, or it does no harm, and never makes another number.

python benchmarks/break/flips.py [--flips 1000] [--seed 0]

What was computed undisturbed is kept; then, again and again, one bit of one file of a copy is flipped and the copy is read by everything
that reads such files. `found`: an error of one sentence, a warning, a drift, or a cell computed anew. `harmless`: the same figures without
a word, as where the bit lies in a page that nothing uses, or in the provenance of a record. `wrong`: another figure without a word.
`crashed`: anything but an error of stsbench. Prints counts as JSON, and exits 1 where any is wrong or crashed.
"""

from __future__ import annotations

import argparse
import json
import shutil
import sys
import tempfile
from collections import Counter
from collections.abc import Callable, Iterable
from dataclasses import dataclass, field
from pathlib import Path

import numpy as np

from stsbench.api.boards import check_board, run_board
from stsbench.api.compare import compare
from stsbench.api.compare.methods import Setting
from stsbench.api.evaluate import evaluate
from stsbench.api.report import Report
from stsbench.api.session import Session
from stsbench.contracts.events import Event, Warned
from stsbench.errors import StsbenchError
from stsbench.evidence.folder import BoardFolder
from stsbench.evidence.spec import load_spec
from stsbench.host.registry import Registry

ENCODERS, SIMILARITIES = ["letters", "letters,stretches=1"], ["cosine", "euclidean"]
BOARD = """
name = "flips"
title = "Flips"
description = "A board whose bits are flipped."
benchmarks = ["mini"]
protocol = "plain"
writers = ["markdown", "csv", "json"]

[[system]]
encoder = "letters"
similarities = ["cosine", "euclidean"]

[[system]]
encoder = "hashing"
similarities = ["cosine", "dot"]
"""


@dataclass
class Heard:
    """What was said during one reading."""

    registry: Registry
    warnings: list[str] = field(default_factory=list)

    def __call__(self, event: Event) -> None:
        if isinstance(event, Warned):
            self.warnings.append(event.message)


Figures = object
Read = Callable[[Path, Heard], tuple[Figures, bool]]  # figures, and whether something was found beside what was heard


def figures(report: Report) -> list[tuple[object, ...]]:
    """Every figure of a run, as it would be printed."""
    names = ("encoder", "view", "similarity", "split", "subset", "n", "status", "spearman", "pearson", "kendall")
    rounded = [[round(one, 6) if isinstance(one, float) else one for one in (cell[name] for name in names)] for cell in report.cells()]
    return sorted(tuple(map(str, one)) for one in rounded)


def read_store(folder: Path, heard: Heard) -> tuple[Figures, bool]:
    """A run that takes its vectors from the store."""
    report = evaluate(ENCODERS, SIMILARITIES, cache=folder, listen=heard, registry=heard.registry)
    return figures(report), False


def read_results(folder: Path, heard: Heard) -> tuple[Figures, bool]:
    """A run that repeats what it finds, and a comparison of what is kept."""
    before = {path: path.read_bytes() for path in folder.rglob("*") if path.is_file()}
    comparison = compare(
        ["letters · cosine", "letters,stretches=1 · cosine"],
        folder,
        Session.opened(heard.registry, listen=heard),
        Setting(resamples=99, pairs=3),
    )
    report = evaluate(ENCODERS, SIMILARITIES, results=folder, cache=False, listen=heard, registry=heard.registry)
    changed = any(path.read_bytes() != content for path, content in before.items())
    return (figures(report), json.dumps(comparison.document(), sort_keys=True)), changed


def read_board(folder: Path, heard: Heard) -> tuple[Figures, bool]:
    """The check that CI makes; with nothing found, the files are those of the evidence, whose figures are those of the data."""
    lines = check_board(BoardFolder(folder), Session.opened(heard.registry, listen=heard))
    spec = load_spec(folder)
    return spec.model_dump_json() if not lines else None, bool(lines)


@dataclass(frozen=True)
class Flipped:
    """Files whose bits are flipped, and who reads them."""

    name: str
    files: Callable[[Path], Iterable[Path]]
    read: Read


def targets() -> list[Flipped]:
    """The four kinds of files."""
    return [
        Flipped("store", lambda root: [path for path in root.rglob("*") if path.is_file()], read_store),
        Flipped("records", lambda root: root.rglob("results/**/*.json"), read_results),
        Flipped("scores", lambda root: root.rglob("scores/**/*.parquet"), read_results),
        Flipped("board", lambda root: [path for path in root.rglob("*") if path.is_file() and ".stsbench" not in path.parts], read_board),
    ]


def prepare(root: Path, registry: Registry) -> dict[str, Path]:
    """The undisturbed folder of each kind."""
    evaluate(ENCODERS, SIMILARITIES, results=root / "kept", cache=root / "store", registry=registry)
    board = root / "board"
    board.mkdir()
    (board / "board.toml").write_text(BOARD, encoding="utf-8")
    run_board(BoardFolder(board), Session.opened(registry, cache=False))
    return {"store": root / "store", "records": root / "kept", "scores": root / "kept", "board": board}


def flip(path: Path, rng: np.random.Generator) -> int:
    """Turn one bit of the file over, and return which."""
    content = bytearray(path.read_bytes())
    place = int(rng.integers(8 * len(content)))
    content[place // 8] ^= 1 << place % 8
    path.write_bytes(content)
    return place


def outcome(read: Read, folder: Path, expected: Figures, registry: Registry) -> str:
    """What came of one flipped bit."""
    heard = Heard(registry)
    try:
        answer, said = read(folder, heard)
    except StsbenchError:
        return "found"
    except Exception as error:  # noqa: BLE001
        return f"crashed: {type(error).__name__}: {error}"
    if said or heard.warnings:
        return "found"
    return "harmless" if answer == expected else "wrong"


def campaign(flips: int, seed: int) -> tuple[dict[str, Counter[str]], list[str]]:
    """Counts by kind of file, and the flips that were wrong or crashed."""
    rng, registry = np.random.default_rng(seed), Registry.installed()
    counts: dict[str, Counter[str]] = {}
    bad: list[str] = []
    with tempfile.TemporaryDirectory() as place:
        root = Path(place)
        whole = prepare(root, registry)
        every = targets()
        expected = {one.name: one.read(_copy(whole[one.name], root), Heard(registry))[0] for one in every}
        for number in range(flips):
            target = every[number % len(every)]
            copy = _copy(whole[target.name], root)
            files = sorted(path for path in target.files(copy) if path.stat().st_size)
            path = files[int(rng.integers(len(files)))]
            bit = flip(path, rng)
            what = outcome(target.read, copy, expected[target.name], registry)
            counts.setdefault(target.name, Counter())[what.partition(":")[0]] += 1
            if what not in ("found", "harmless"):
                bad.append(f"{path.relative_to(copy)}, bit {bit}: {what}")
    return counts, bad


def _copy(whole: Path, root: Path) -> Path:
    copy = root / "copy"
    shutil.rmtree(copy, ignore_errors=True)
    shutil.copytree(whole, copy)
    return copy


def main() -> None:
    """Run the campaign and print its counts."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--flips", type=int, default=1000)
    parser.add_argument("--seed", type=int, default=0)
    given = parser.parse_args()
    counts, bad = campaign(given.flips, given.seed)
    sys.stdout.write(json.dumps({"flips": given.flips, "seed": given.seed, **counts, "bad": bad}, indent=2) + "\n")
    sys.exit(1 if bad else 0)


if __name__ == "__main__":
    main()
