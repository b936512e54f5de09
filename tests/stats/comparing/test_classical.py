"""Known answers of the R package cocor's own tests."""

from __future__ import annotations

import pytest

from stsbench.stats.comparing.classical import Test as Answer
from stsbench.stats.comparing.classical import dunn_clark, hendrickson, hittner, hotelling, meng, olkin, steiger, williams

FIRST, HELP, STS = (0.3, 0.4, 0.5, 100), (0.2, 0.5, 0.1, 315), (0.82, 0.80, 0.90, 1379)
TESTS = {
    "williams": williams, "steiger": steiger, "hittner": hittner, "dunn_clark": dunn_clark, "meng": meng, "hotelling": hotelling,
    "hendrickson": hendrickson, "olkin": olkin,
}  # fmt: skip


@pytest.mark.parametrize(
    ("name", "case", "statistic", "p", "digits"),
    [
        ("williams", FIRST, -1.0767, 0.2843, 5e-5),
        ("dunn_clark", FIRST, -1.0730, 0.2833, 5e-5),
        ("steiger", FIRST, -1.0718, 0.2838, 5e-5),
        ("hittner", FIRST, -1.0715, 0.2839, 5e-5),
        ("meng", FIRST, -1.0707, 0.2843, 5e-5),
        ("steiger", (0.4, 0.5, 0.1, 103), -0.8887185, None, 5e-8),
        ("dunn_clark", (0.5, 0.6, 0.7, 100), -1.5838851123, 0.1132198659, 5e-11),
        ("meng", (0.5, 0.2, 0.3, 50), 1.91, None, 5e-3),
        ("williams", (0.5, 0.2, 0.3, 50), 1.98167, 0.05338, 5e-6),
        ("hotelling", (0.5, 0.2, 0.3, 50), 2.01, None, 5e-3),
        ("hendrickson", (0.5, 0.2, 0.3, 50), 2.01, None, 5e-3),
        ("olkin", (0.5, 0.2, 0.3, 50), 2.00, None, 5e-3),
        ("hotelling", HELP, -4.631414471, None, 5e-10),
        ("williams", HELP, -4.494992541, None, 5e-10),
        ("dunn_clark", HELP, -4.441155319, None, 5e-10),
        ("steiger", HELP, -4.415182760, None, 5e-10),
        ("hittner", HELP, -4.407744019, None, 5e-10),
        ("meng", HELP, -4.389932144, None, 5e-10),
        ("williams", STS, 2.98387, 0.002896, 5e-6),
        ("steiger", STS, 2.97674, None, 5e-6),
    ],
)
def test_known_answer(name: str, case: tuple[float, float, float, int], statistic: float, p: float | None, digits: float) -> None:
    found: Answer = TESTS[name](*case)
    assert found.statistic == pytest.approx(statistic, abs=digits)
    if p is not None:
        assert found.p == pytest.approx(p, abs=max(digits, 5e-7))


def test_meng_one_sided() -> None:
    case = (0.63, -0.03, -0.19, 15)
    assert meng(*case).statistic == pytest.approx(1.68, abs=5e-3)
    assert meng(*case).p / 2 == pytest.approx(0.047, abs=5e-4)
