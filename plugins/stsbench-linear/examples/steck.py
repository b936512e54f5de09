"""Steck, Ekanadham and Kallus 2024 in numbers: their figure on simulated data, and its consequence on STS-B.

    python plugins/stsbench-linear/examples/steck.py --mirror DIR --figure steck.png

The figure shows the cosines of items (sorted by cluster, then popularity) under several D of one model, whose predictions are the same
under all of them, with the area under the curve at which they find items of one cluster. The table scores sentences of STS-B with a
model learned from those of its train split.
"""

from __future__ import annotations

import argparse
import sys
import tempfile
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray
from stsbench_linear.factors import Factors, Spectrum, factorise
from stsbench_linear.simulated import Simulated, simulate

import stsbench
from stsbench.builtin.page.drawing import write_plot
from stsbench.host.registry import Registry

CELLS = 50  # squares of a panel, each way
SCALES = {
    "I": "",
    "S^(1/2)": ",shrink=0.5",
    "S^(-1/2)": ",shrink=-0.5",
    "sigma^(-1/2)": ",sigma=-0.5",
    "sigma^(-1)": ",sigma=-1",
    "1/(sigma S^(1/2))": ",sigma=-1,shrink=-0.5",
    "sigma": ",sigma=1",
    "sigma^(-2)": ",sigma=-2",
}


def cosines(rows: NDArray[np.float64]) -> NDArray[np.float64]:
    """Cosine of every row with every row."""
    norms = np.linalg.norm(rows, axis=1, keepdims=True)
    units = rows / np.where(norms == 0, 1, norms)
    return units @ units.T


def separation(cosine: NDArray[np.float64], data: Simulated) -> float:
    """Area under the ROC curve of item cosines for `of one cluster`: .5 is chance."""
    from scipy.stats import rankdata

    upper = np.triu_indices(len(cosine), k=1)
    labels, ranks = data.same[upper], rankdata(cosine[upper])
    positive = int(labels.sum())
    return float((ranks[labels].sum() - positive * (positive + 1) / 2) / positive / (len(labels) - positive))


def panels(data: Simulated) -> list[tuple[str, NDArray[np.float64]]]:
    """The truth, three scales of objective 1 and objective 2, as item-item matrices, with the paper's rank and penalties."""
    spectrum = Spectrum.of(data.x)
    first, second = factorise(spectrum, 1, 10_000.0, 50), factorise(spectrum, 2, 100.0, 50)
    scaled: list[tuple[str, Factors]] = [
        ("objective 1, D = I", first),
        ("objective 1, D = S^(1/2)", first.rescaled(first.shrink**0.5)),
        ("objective 1, D = sigma^(-1/2)", first.rescaled(first.sigma**-0.5)),
        ("objective 2", second),
    ]
    matrices = [(name, cosines(factors.b)) for name, factors in scaled]
    named = [(f"{name}: AUC {separation(matrix, data):.3f}", matrix) for name, matrix in matrices]
    return [("clusters", data.same.astype(np.float64)), *named]


def drawing(named: list[tuple[str, NDArray[np.float64]]]) -> dict[str, Any]:
    """The panels side by side, each averaged to a few squares, as a Vega-Lite specification."""
    edges = np.linspace(0, len(named[0][1]), CELLS + 1).astype(int)[:-1]
    axis = {"type": "ordinal", "axis": None}
    shown = []
    for title, matrix in named:
        sums = np.add.reduceat(np.add.reduceat(matrix, edges, axis=0), edges, axis=1)
        sizes = np.diff(np.append(edges, len(matrix)))
        means = sums / np.outer(sizes, sizes)
        values = [{"row": row, "column": column, "cosine": float(means[row, column])} for row, column in np.ndindex(means.shape)]
        colour = {"field": "cosine", "type": "quantitative", "scale": {"scheme": "blues", "domain": [0, 1], "clamp": True}}
        encoding = {"x": {"field": "column", **axis}, "y": {"field": "row", **axis}, "color": colour}
        shown.append({"title": title, "width": 220, "height": 220, "data": {"values": values}, "mark": "rect", "encoding": encoding})
    return {"$schema": "https://vega.github.io/schema/vega-lite/v6.json", "background": "white", "columns": 3, "concat": shown}


def table(mirror: str | None) -> list[tuple[str, float, float, float, float]]:
    """Scale, then Spearman x 100 on STS-B test of cosine and dot, and of both after back-projection."""
    registry = Registry.installed()
    train = registry.resolve("benchmark", "STSBenchmark:train", execution={"mirror": mirror}).build().load()[0].pairs
    with tempfile.TemporaryDirectory() as folder:
        corpus = Path(folder) / "train.txt"
        corpus.write_text("\n".join(sorted({" ".join(text.split()) for text in (*train.left, *train.right)})), encoding="utf-8")
        refs = [f"linear:{corpus},view=embedding+back{options}" for options in SCALES.values()]
        report = stsbench.evaluate(refs, ["cosine", "dot"], "STSBenchmark", mirror=mirror, cache=False, registry=registry)
    cells = report.cells()
    if failed := [cell["reason"] for cell in cells if cell["spearman"] is None]:
        raise SystemExit(f"error: {failed[0]}")
    values = [100 * cell["spearman"] for cell in cells]
    return [
        (name, values[at], values[at + 2], values[at + 1], values[at + 3])
        for name, at in zip(SCALES, range(0, len(values), 4), strict=True)
    ]


def main() -> None:
    """Draw the figure and print the table."""
    parser = argparse.ArgumentParser(description="The figure of Steck et al. 2024, and its consequence on STS-B.")
    parser.add_argument("--figure", type=Path, help="SVG or PNG file to draw")
    parser.add_argument("--mirror", help="folder with the benchmarks; default: the hub")
    parser.add_argument("--seed", type=int, default=0)
    given = parser.parse_args()
    named = panels(simulate(np.random.Generator(np.random.PCG64(given.seed))))
    sys.stdout.write("".join(f"{title}\n" for title, _ in named[1:]) + "\n")
    if given.figure:
        write_plot(given.figure, drawing(named))
    rows = table(given.mirror)
    sys.stdout.write(f"{'D':20}{'cosine':>10}{'dot':>10}{'back cosine':>14}{'back dot':>10}\n")
    sys.stdout.write("".join(f"{name:20}{cos:10.2f}{dot:10.2f}{back:14.2f}{back_dot:10.2f}\n" for name, cos, dot, back, back_dot in rows))
    values = [row[1] for row in rows]
    sys.stdout.write(f"\nOne model, the same predictions: Spearman of cosine from {min(values):.2f} to {max(values):.2f}.\n")


if __name__ == "__main__":
    main()
