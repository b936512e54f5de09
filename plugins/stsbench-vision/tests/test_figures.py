"""What is measured of texts is measured of images: triplets, decisions, nearest neighbours, scores without gold, other processes."""

from __future__ import annotations

import json
from collections.abc import Callable
from pathlib import Path
from subprocess import CompletedProcess

import numpy as np
import pytest
from PIL import Image as Pillow

from stsbench.api.evaluate import evaluate

ROWS = 12


@pytest.fixture(scope="module")
def photos(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Plain colours: `a` and `b` are near each other, `c` is of another row; each row has a hue of its own."""
    folder = tmp_path_factory.mktemp("photos")
    rows = ["a,b,c,same,hue"]
    for row in range(ROWS):
        for name, at, more in (("a", row, 0), ("b", row, 4), ("c", row + ROWS // 2, 1)):
            colour = (14 * at + more, 250 - 14 * at, 60)
            Pillow.fromarray(np.full((6, 6, 3), colour, dtype=np.uint8)).save(folder / f"{name}{row}.png")
        rows.append(f"a{row}.png,{'b' if row % 2 else 'c'}{row}.png,c{row}.png,{row % 2},{row % 2}")
    (folder / "photos.csv").write_text("\n".join(rows) + "\n")
    return folder / "photos.csv"


@pytest.fixture
def said(stsbench: Callable[..., CompletedProcess[str]]) -> Callable[..., str]:
    """What a command says that comes to a good end."""

    def run(*words: str) -> str:
        done = stsbench(*words)
        assert done.returncode == 0, done.stderr
        return done.stdout

    return run


def test_triplets_and_decisions(photos: Path) -> None:
    of = f"csv:{photos},left=a,right=b,items=image"
    (triplets,) = evaluate("colour-mean", "euclidean", f"csv:{photos},left=a,right=a,negative=c,items=image").cells()
    assert triplets["triplet_accuracy"] == 1.0, "an image is nearest to itself"
    (decided,) = evaluate("colour-mean", "euclidean", f"{of},score=same,task=binary").cells()
    assert decided["average_precision"] == decided["roc_auc"] == 1.0


def test_nearest_neighbours(photos: Path, said: Callable[..., str]) -> None:
    reference = f"csv:{photos},left=a,right=b,score=same,group=hue,items=image,name=photos"
    neighbours = said("audit", "metrics", "-e", "colour-mean", "-s", "euclidean", "-b", reference)
    assert f"1-NN on photos: {2 * ROWS} images with 2 labels" in neighbours


def test_another_process_sees_the_same(photos: Path, tmp_path: Path, said: Callable[..., str]) -> None:
    reference = f"csv:{photos},left=a,right=b,score=same,items=image"
    here, there = (
        json.loads(said("run", "-e", "thumbnail", "-s", "euclidean", "-b", reference, "--json", "--cache-dir", str(place), *more))
        for place, more in ((tmp_path / "here", ()), (tmp_path / "there", ("--executor", "processes:1")))
    )
    assert [row["spearman"] for row in here["cells"]] == [row["spearman"] for row in there["cells"]]


def test_pairs_without_gold_are_scored(photos: Path, said: Callable[..., str]) -> None:
    lines = said("score", f"csv:{photos},left=a,right=b,items=image", "-e", "colour-mean", "-s", "cosine").splitlines()
    assert len(lines) == 1 + ROWS


def test_nothing_unfit_is_advised(photos: Path, stsbench: Callable[..., CompletedProcess[str]]) -> None:
    of = f"csv:{photos},left=a,right=b,score=same,items=image,name=photos"
    assert "next: " in stsbench("run", "-e", "colour-mean", "-e", "thumbnail", "-s", "euclidean", "-b", of).stderr, "told apart by it"
    assert "next: " not in stsbench("run", "-e", "colour-mean", "-s", "euclidean", "-b", of).stderr
    mixed = stsbench("run", "-e", "colour-mean", "-e", "hashing", "-s", "cosine", "-b", of, "-b", "mini")
    assert mixed.returncode == 0, mixed.stderr
    assert "next: " not in mixed.stderr
    assert "left out: hashing reads text only, and photos holds images" in mixed.stderr
    assert "left out: colour-mean reads images only, and mini holds texts" in mixed.stderr


def test_a_plan_and_an_audit_call_images_so(photos: Path, said: Callable[..., str]) -> None:
    of = f"csv:{photos},left=a,right=b,score=same,items=image,name=photos"
    planned = said("plan", "-e", "colour-mean", "-e", "hashing", "-s", "cosine", "-b", of, "-b", "mini").splitlines()
    assert f"  colour-mean: {2 * ROWS} unique images for 1 system, 1 cell" in planned
    assert "  hashing: 556 unique texts (23,871 characters) for 1 system, 1 cell" in planned
    assert sum("longer than the encoder reads" in line for line in planned) == 1, "no image is"
    audited = said("audit", "benchmark", of).splitlines()
    assert f"  images: {2 * ROWS}, of which {2 * ROWS} are unique (each occurs 1.00 times); 0 empty; one with itself: 0" in audited
    assert any("has no figure (it reads texts only)" in line for line in audited)
    assert said("cache", "warm", "-e", "thumbnail", "-b", of) == f"thumbnail: the vectors of {2 * ROWS} unique images are kept\n"
    reasons = said("audit", "metrics", "-e", "colour-mean", "-s", "euclidean", "-b", of)
    assert "the pairs have no groups, which label their images." in reasons
