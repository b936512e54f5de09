from types import SimpleNamespace

import pytest

from stsbench.runner.encoding.pace import Pace


def test_the_first_call_loads_the_model_and_does_not_count() -> None:
    pace = Pace([(1000, 50.0), (200, 2.0), (100, 1.0)])
    assert pace.facts()["measured.texts_per_second"] == "100.0"


def test_one_call_gives_no_rate_unless_the_model_was_there_and_none_gives_nothing() -> None:
    assert "measured.texts_per_second" not in Pace([(1000, 50.0)]).facts()
    assert Pace([(1000, 50.0)], warm=True).facts()["measured.texts_per_second"] == "20.0"
    assert Pace(warm=True).facts() == Pace().facts() == {}


def test_what_took_too_short_to_be_timed_tells_no_rate() -> None:
    assert "measured.texts_per_second" not in Pace([(24, 0.0016)], warm=True).facts()  # one and the same encoder had 1,823 and 14,594
    assert Pace([(24, 0.012)], warm=True).facts()["measured.texts_per_second"] == "2000.0"


def test_a_call_is_timed(monkeypatch: pytest.MonkeyPatch) -> None:
    clock = [3.0, 3.5]
    monkeypatch.setattr("stsbench.runner.encoding.pace.time", SimpleNamespace(perf_counter=lambda: clock.pop(0)))
    pace = Pace()
    with pace.call(7):
        assert clock == [3.5]
    assert pace.calls == [(7, 0.5)]


def test_the_peak_is_of_this_run_and_at_least_what_was_allocated() -> None:
    pace = Pace()
    with pace.call(1):
        held = bytearray(64 * 2**20)
        held[::4096] = b"x" * len(held[::4096])
    if pace.peak_known:
        assert 64 <= float(pace.facts()["measured.peak_memory"]) < 100_000
    del held
