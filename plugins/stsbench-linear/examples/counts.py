"""What the free scale D of a linear model does to the cosine of items, and what each remedy does.

    python plugins/stsbench-linear/examples/counts.py

Users take items of the clusters that they like, and popular ones more often: popularity falls as a power of the rank (Zipf). A pair of
items is positive where both are of one cluster. The table says by how much a prediction of the model moves under each D, and how well
the cosine of items finds clusters: of the factors as they are, after each dimension is standardised, and after back-projection.
"""

from __future__ import annotations

import argparse
import sys
import tempfile
from collections.abc import Iterator
from pathlib import Path
from typing import Any, NamedTuple

import numpy as np
from stsbench_linear.simulated import simulate

import stsbench
from stsbench.host.registry import Registry

SCALES = {
    "D = I": "",
    "D = S^(1/2)": ",shrink=0.5",
    "D = S^(-1/2)": ",shrink=-0.5",
    "D = sigma^(-1/2)": ",sigma=-0.5",
    "D = sigma^(-1)": ",sigma=-1",
    "D = sigma^(-2)": ",sigma=-2",
    "D = sigma": ",sigma=1",
}
OTHERS = {
    "counts as they are": ",view=raw",
    "tf-idf": ",view=raw,weigh=tf-idf",
    "tf-idf, D = I": ",penalty=100,weigh=tf-idf",
    "objective 2, penalty 1": ",objective=2,penalty=1",
    "objective 2, penalty 3": ",objective=2,penalty=3",
    "objective 2, penalty 10": ",objective=2,penalty=10",
}
FIRST = ",penalty=100"  # the model whose scale is free
WIDTH = 14  # of a column


class Scaled(NamedTuple):
    """One row: areas under the curve x 100, and the largest change of a prediction, which only one model under several D has."""

    name: str
    cosine: float
    standardised: float | None = None
    back: float | None = None
    moved: float | None = None


def write_counts(file: Path, x: Any) -> None:
    """A csv file with a row for each user and item that was taken."""
    rows = [f"u{user},i{item},{int(x[user, item])}" for user, item in np.argwhere(x)]
    file.write_text("\n".join(["user,item,value", *rows]) + "\n", encoding="utf-8")


def areas(ref: str, benchmark: Any, *transforms: str) -> Iterator[float]:
    """Area under the ROC curve x 100 of cosine after each of the transforms."""
    report = stsbench.evaluate(ref, "cosine", benchmark, transforms=["none", *transforms], cache=False)
    for entry in report.headlines():
        yield 100 * entry.record.figures["roc_auc"]


def predictions(file: Path, options: str) -> Any:
    """What the model predicts of every user and item: the products of their embeddings."""
    registry = Registry.installed()
    users, items = (registry.resolve("encoder", f"counts:{file},of={of}{options}").build() for of in ("users", "items"))
    return users.vectors("embedding") @ items.vectors("embedding").T


def table(seed: int, users: int = 4000, items: int = 150) -> Iterator[Scaled]:
    """The rows, of counts that the seed decides."""
    data = simulate(np.random.Generator(np.random.PCG64(seed)), users=users, items=items)
    upper = np.transpose(np.triu_indices(items, 1))
    pairs = [(f"i{left}", f"i{right}", float(data.same[left, right])) for left, right in upper]
    benchmark = stsbench.pairs(pairs, name="clusters", public=True, task="binary")
    with tempfile.TemporaryDirectory() as folder:
        file = Path(folder) / "counts.csv"
        write_counts(file, data.x)
        still = predictions(file, FIRST)
        for name, options in SCALES.items():
            moved = float(np.abs(predictions(file, FIRST + options) - still).max())
            cosine, standardised = areas(f"counts:{file}{FIRST}{options}", benchmark, "standardise")
            (back,) = areas(f"counts:{file}{FIRST}{options},view=back", benchmark)
            yield Scaled(name, cosine, standardised, back, moved)
        for name, options in OTHERS.items():
            (cosine,) = areas(f"counts:{file}{options}", benchmark)
            yield Scaled(name, cosine)


def main() -> None:
    """Print the table."""
    parser = argparse.ArgumentParser(description="Cosine of items under the scales that a linear model leaves free.")
    parser.add_argument("--seed", type=int, default=0)
    seed = parser.parse_args().seed
    sys.stdout.write(f"{'ROC AUC x 100':26}" + "".join(f"{name:>{WIDTH}}" for name in Scaled._fields[1:]) + "\n")
    for row in table(seed):
        figures = [f"{area:.2f}" for area in (row.cosine, row.standardised, row.back) if area is not None]
        figures += [] if row.moved is None else [f"{row.moved:.0e}"]
        sys.stdout.write(f"{row.name:26}" + "".join(f"{figure:>{WIDTH}}" for figure in figures) + "\n")


if __name__ == "__main__":
    main()
