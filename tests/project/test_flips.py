"""The campaign of flipped bits, in short; the whole of it is in the documentation."""

from __future__ import annotations

import sys
from pathlib import Path

import pytest


@pytest.mark.slow
def test_a_flipped_bit_makes_no_other_number(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.syspath_prepend(str(Path(__file__).parents[2] / "benchmarks" / "break"))
    import flips

    monkeypatch.delitem(sys.modules, "flips")
    counts, bad = flips.campaign(60, seed=1)
    assert bad == []
    assert sum(sum(one.values()) for one in counts.values()) == 60
    assert all(one["found"] for one in counts.values())
