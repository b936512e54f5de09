"""Identities of systems and cells: lists in JSON, in the order of their fields, each with a short label."""

from __future__ import annotations

import pytest
from pydantic import TypeAdapter, ValidationError

from stsbench.contracts.identity import WHOLE, CellId, SystemId

SYSTEM = SystemId("lab/enc:org/m", "ab" * 32, "mean@6", ("lab/centre", "lab/whiten,k=4"), "stsbench/cosine")
PART = CellId("test", "en-de", *SYSTEM.variant)


def test_a_system_is_a_list_in_json_and_itself_again() -> None:
    adapter = TypeAdapter(SystemId)
    text = adapter.dump_json(SYSTEM)
    assert text == b'["lab/enc:org/m","%s","mean@6",["lab/centre","lab/whiten,k=4"],"stsbench/cosine"]' % (b"ab" * 32)
    again = adapter.validate_json(text, strict=True)
    assert (type(again), again) == (SystemId, SYSTEM)
    with pytest.raises(ValidationError):
        adapter.validate_json(b'["lab/enc:org/m","00","mean@6",[]]', strict=True)


def test_identities_have_the_order_of_their_fields() -> None:
    plain = SYSTEM._replace(transforms=())
    assert sorted([SYSTEM, plain, SYSTEM._replace(encoder="a/b")]) == [SYSTEM._replace(encoder="a/b"), plain, SYSTEM]
    whole = CellId(WHOLE, WHOLE, *SYSTEM.variant)
    assert sorted([PART, whole]) == [whole, PART]
    assert (whole.is_whole, PART.is_whole, CellId(WHOLE, "en-de", *SYSTEM.variant).is_whole) == (True, False, False)


def test_each_has_a_short_label() -> None:
    assert SYSTEM.label("enc") == "enc · mean@6 · centre · whiten,k=4 · cosine"
    assert SystemId("lab/enc", "00", "sentence", (), "stsbench/cosine").label("enc", "stsbench/cosine") == "enc · stsbench/cosine"
    assert SYSTEM.variant.label == "mean@6, centre, whiten,k=4, cosine"
    assert PART.label == "mean@6, centre, whiten,k=4, cosine on test, en-de"
    assert CellId(WHOLE, WHOLE, "pair", (), "").label == "pair on all parts"
