from __future__ import annotations

import pickle
from typing import Any

import pytest

from stsbench.contracts.work import Shard
from stsbench.errors import UsageError

SHARD = Shard("stsbench/hashing", "0" * 32, ("sentence",), (("", 2), ("query: ", 1)), ("a", "b", "c"))


class Model:
    """A double: something live."""


def test_a_shard_is_a_value_that_can_be_sent() -> None:
    assert pickle.loads(pickle.dumps(SHARD)) == SHARD
    assert hash(SHARD) == hash(pickle.loads(pickle.dumps(SHARD)))


@pytest.mark.parametrize(
    ("name", "value"),
    [
        ("encoder", Model()),
        ("texts", ("a", "b", Model())),
        ("calls", (("", Model()),)),
        ("views", ["sentence"]),
        ("fingerprint", Model),
    ],
)
def test_a_live_object_is_refused(name: str, value: Any) -> None:
    given = {one: getattr(SHARD, one) for one in SHARD.__slots__} | {name: value}
    with pytest.raises(UsageError, match=rf"^{name} of a shard is a live (Model|list|type), which no other process has; name it by a "):
        Shard(**given)


def test_the_calls_of_a_shard_take_all_its_texts() -> None:
    with pytest.raises(UsageError, match="take 3 texts, and it has 2"):
        Shard("e", "", (), (("", 1), ("", 2)), ("a", "b"))
