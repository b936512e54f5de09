import pytest

from stsbench.contracts.wording import counted


@pytest.mark.parametrize(
    ("number", "said"),
    [(0, "0 systems have"), (1, "1 system has"), (2, "2 systems have"), (1200, "1,200 systems have")],
)
def test_a_noun_agrees_with_its_number(number: int, said: str) -> None:
    assert counted(number, "system has", "systems have") == said


def test_a_plural_ends_in_s_unless_told() -> None:
    assert [counted(number, "pair") for number in (0, 1, 2)] == ["0 pairs", "1 pair", "2 pairs"]
