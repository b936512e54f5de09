"""Facts of systems, as records that others contributed say them."""

from __future__ import annotations

import pytest
from pydantic import ValidationError

from stsbench.contracts.boards.board import Facts
from stsbench.contracts.identity import SystemId
from stsbench.leaderboard.facts import facts_of

SYSTEM = SystemId("stsbench/hashing", "0" * 32, "sentence", (), "stsbench/cosine")


@pytest.mark.parametrize("said", ["9" * 400, "9" * 5000, "9" * 400 + ".5", "nan", "inf", "-1", "1e9", "", "½", "1.2.3"])
def test_what_is_no_number_of_a_fact_is_not_known(said: str) -> None:
    known = {"bytes.sentence": said, "dimension.sentence": said, "card.parameters": said, "measured.texts_per_second": said}
    assert facts_of(SYSTEM, known | {"measured.peak_memory": said, "measured.price": said}) == Facts()


def test_numbers_of_facts_are_read_as_they_are_written() -> None:
    facts = facts_of(SYSTEM, {"bytes.sentence": "1536", "measured.texts_per_second": "10626.25", "measured.price": "0.02"})
    assert (facts.bytes_per_vector, facts.texts_per_second, facts.price) == (1536, 10626.25, 0.02)


@pytest.mark.parametrize("wrong", [-1, float("nan"), float("inf"), 10**400])
@pytest.mark.parametrize("name", ["bytes_per_vector", "texts_per_second", "price"])
def test_a_document_holds_no_fact_that_is_none(name: str, wrong: float) -> None:
    with pytest.raises(ValidationError):
        Facts.model_validate({name: wrong})
