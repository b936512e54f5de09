from __future__ import annotations

import numpy as np
import pytest

from stsbench.runner.workers.cutting import SECONDS, Effort, foresee


def test_one_worker_takes_as_long_as_all_work_and_loads_each_encoder_once() -> None:
    works = [Effort(1_000_000, 10_000.0, 5.0), Effort(500_000, 1_000.0, 7.0)]
    foreseen = foresee(works, 1)
    assert foreseen.seconds == pytest.approx(100 + 500 + 5 + 7)
    assert foreseen.idle == pytest.approx(0)
    assert foreseen.loads == (1, 1)


def test_what_is_known_is_cut_into_seconds_of_work_and_less_at_the_end() -> None:
    work = Effort(10_000_000, 100_000.0, call=1000, known=True)
    foreseen = foresee([work], 1)
    assert foreseen.seconds == pytest.approx(100)
    assert 100 / SECONDS < foreseen.shards < 40


def test_workers_that_are_free_help_with_the_last_encoder() -> None:
    foreseen = foresee([Effort(10_000_000, 10_000.0, 3.0), Effort(1_000_000, 10_000.0, 3.0)], 4)
    assert foreseen.loads[0] == 4
    assert foreseen.seconds < 1.1 * (1100 / 4 + 2 * 3)


def test_nothing_takes_no_time() -> None:
    assert foresee([], 3).seconds == 0
    assert foresee([Effort(0, 1.0)], 3).loads == (0,)


def test_a_machine_room_has_little_to_wait_for() -> None:
    """As benchmarks/simulate_cutting.py does of more: 20 machines, 40 encoders whose costs differ a thousandfold, of unknown rates."""
    generator = np.random.default_rng(0)
    works = [Effort(3_000_000, float(rate), 3.0) for rate in 50_000 / np.geomspace(1, 1000, 40)]
    foreseen = foresee(works, 20, lambda: float(generator.lognormal(0, 0.1)))
    assert foreseen.idle < 0.1
    assert min(foreseen.loads) >= 1
    assert sum(foreseen.loads) / len(works) < 2.5
    least = sum(work.characters / work.rate for work in works) / 20
    assert least < foreseen.seconds < 1.15 * least
