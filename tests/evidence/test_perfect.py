"""Systems that agree with people perfectly, or not at all: p is 1 only for a difference of 0, and no test ends in an error."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

import numpy as np
import pytest

from stsbench import evaluate
from stsbench.api.boards import run_board
from stsbench.api.compare import compare
from stsbench.api.compare.methods import METHODS, Setting
from stsbench.api.session import Session
from stsbench.evidence.folder import BoardFolder
from stsbench.stats.comparing.paired import bootstrap_p, max_t, pairs_of, rescaled

N = 40
SYSTEMS = {
    "perfect": np.arange(N),
    "curved": np.arange(N) ** 2,
    "inverted": -np.arange(N),
    "noisy": np.arange(N) + np.random.default_rng(1).normal(size=N) * 5,
    "noisier": np.arange(N) + np.random.default_rng(2).normal(size=N) * 9,
}


@pytest.fixture(scope="module")
def folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    root = tmp_path_factory.mktemp("perfect")
    rows = [f"text {row},other {row},{row / 8}" for row in range(N)]
    (root / "pairs.csv").write_text("\n".join(["left,right,score", *rows]), encoding="utf-8")
    for name, values in SYSTEMS.items():
        (root / f"{name}.csv").write_text("\n".join(["score", *map(str, values)]), encoding="utf-8")
    encoders = [f"scores:{root}/{name}.csv,name={name}" for name in SYSTEMS]
    evaluate(encoders, benchmarks=f"csv:{root}/pairs.csv,public=true", results=root / "kept")
    return root


@pytest.mark.parametrize("method", METHODS)
def test_every_test_has_a_p_or_a_reason(folder: Path, method: str) -> None:
    found = compare(
        [], folder / "kept", Session.opened(), Setting(method=method, resamples=499), benchmarks=[f"csv:{folder}/pairs.csv,public=true"]
    )
    assert len(found.comparisons) == 10
    for one in found.comparisons:
        assert (one.p is None) == (one.reason is not None) == (one.p_holm is None) == (one.p_bh is None)
        adjusted = [p for p in (one.p_holm, one.p_bh, one.p_max_t) if p is not None]
        assert one.p is None or min(adjusted) >= one.p
        if abs(one.difference) < 1e-12:
            assert (one.p, one.identical) == (1, True)
        elif {one.first_value, one.second_value} & {1.0, -1.0} and METHODS[method].classical:
            assert one.reason == "it is not defined where a correlation is 1 or -1"
        elif one.difference > 1:
            assert one.p is not None
            assert one.p < 0.01
            assert one.p_max_t is None or one.p_max_t < 0.01
    assert (found.comparisons[0].p_max_t is None) == (method != "bootstrap")
    told = {one.system.partition("name=")[2].partition(" ")[0]: one.letters for one in found.standings}
    assert not set(told["perfect"]) & set(told["inverted"])
    assert told["perfect"] == told["curved"]
    assert found.sentence()


def test_a_board_tells_them_apart(folder: Path, write_board: Callable[..., Path]) -> None:
    systems = [f"scores:{folder}/{name}.csv,name={name}" for name in SYSTEMS]
    board = write_board(folder / "board", *systems, benchmarks=[f"csv:{folder}/pairs.csv,public=true"])
    _, found = run_board(BoardFolder(board), Session.opened(cache=False))
    letters = {row.label.partition("name=")[2].partition(" ")[0]: row.letters for row in found.rows}
    assert letters["perfect"] == letters["curved"]
    assert not set(letters["perfect"] or "") & set(letters["inverted"] or "")


def test_no_adjusted_p_is_below_the_one_that_it_adjusts() -> None:
    """Percentiles of skewed draws, where a studentised maximum alone is smaller than the p of the difference by itself."""
    generator = np.random.default_rng(6)
    estimates = np.array([0.0, 0.02, 0.05, 0.4])
    draws = estimates + generator.exponential(size=(999, 4)) * 0.03 - 0.03
    pairs = pairs_of(4)
    errors = np.array([(draws[:, one] - draws[:, other]).std(ddof=1) for one, other in zip(*pairs, strict=True)])
    values = estimates[pairs[0]] - estimates[pairs[1]]
    apart = [draws[:, one] - draws[:, other] for one, other in zip(*pairs, strict=True)]
    alone = np.array([bootstrap_p(rescaled(*case)) for case in zip(apart, values.tolist(), errors.tolist(), strict=True)])
    assert (max_t(estimates, draws, pairs, errors) < alone).any()
    adjusted = max_t(estimates, draws, pairs, errors, alone)
    assert (adjusted >= alone).all()
    (one,) = max_t(estimates[:2], draws[:, :2], pairs_of(2), errors[:1], alone[:1])
    assert one == pytest.approx(alone[0])


def test_a_difference_that_never_varies_is_sure_unless_it_is_none() -> None:
    draws = np.column_stack([np.full(99, 1.0), np.full(99, -1.0), np.full(99, 1.0)])
    found = max_t(np.array([1.0, -1.0, 1.0]), draws, pairs_of(3), np.zeros(3))
    assert found.tolist() == pytest.approx([0.01, 1, 0.01])
