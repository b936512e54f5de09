from stsbench.cli.printing.layout import interval


def test_an_interval_stands_where_its_limits_are() -> None:
    assert interval(0.2, 0.5, 0.8, (0.0, 1.0), 11) == "··━━━●━━━··"
    assert interval(0.0, 0.0, 0.0, (0.0, 1.0), 5) == "●····"
    assert interval(1.0, 1.0, 1.0, (0.0, 1.0), 5) == "····●"


def test_equal_limits_and_values_beyond_the_scale_stay_on_the_line() -> None:
    assert interval(0.5, 0.5, 0.5, (0.5, 0.5), 4) == "●···"
    assert interval(-1.0, 0.5, 2.0, (0.0, 1.0), 5) == "━━●━━"
