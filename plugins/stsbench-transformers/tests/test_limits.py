"""What is read from configuration files, and how texts are put into batches."""

from __future__ import annotations

from typing import Any

import pytest
from stsbench_transformers.batching.batches import split_batches
from stsbench_transformers.checkpoints.limits import LengthLimits, count_layers

from stsbench.plugin import ModelError, OptionError


@pytest.mark.parametrize(
    ("asked", "config", "tokenizer", "expected"),
    [
        (None, {"max_position_embeddings": 512}, {"model_max_length": 128}, 128),
        (None, {"max_position_embeddings": 512}, {"model_max_length": 1e30}, 512),
        (None, {"max_position_embeddings": 512}, {}, 512),
        (None, {}, {"model_max_length": 1e30}, None),
        (None, {"max_position_embeddings": -1}, {}, None),
        (None, {"max_position_embeddings": 514, "model_type": "roberta", "pad_token_id": 1}, {}, 512),
        (None, {"max_position_embeddings": 514, "model_type": "bert", "pad_token_id": 1}, {}, 514),
        (None, {"n_positions": 1024}, {}, 1024),
        (64, {"max_position_embeddings": 512}, {"model_max_length": 32}, 64),
        (512, {"max_position_embeddings": 512}, {}, 512),
        (9999, {}, {}, 9999),
    ],
)
def test_the_longest_text(asked: int | None, config: dict[str, Any], tokenizer: dict[str, Any], expected: int | None) -> None:
    assert LengthLimits.of(config, tokenizer.get("model_max_length")).resolve(asked) == expected


@pytest.mark.parametrize(("asked", "message"), [(0, "must be 1 to 512, .* not 0"), (513, "must be 1 to 512"), (-1, "not -1")])
def test_a_length_that_the_model_has_no_positions_for_is_refused(asked: int | None, message: str) -> None:
    with pytest.raises(OptionError, match=message):
        LengthLimits.of({"max_position_embeddings": 512}, None).resolve(asked)


def test_layers_are_counted_under_each_family_s_name() -> None:
    assert count_layers("m", {"num_hidden_layers": 12}) == 12
    assert count_layers("m", {"n_layers": 6}) == 6
    with pytest.raises(ModelError, match=r"config.json of model 'm' states no number of layers"):
        count_layers("m", {"hidden_size": 4})


@pytest.mark.parametrize(
    ("lengths", "budget", "expected"),
    [
        ([], 10, []),
        ([0, 0], 10, []),
        ([2, 2, 3], 100, [(0, 3)]),
        ([2, 2, 3, 4], 8, [(0, 2), (2, 4)]),
        ([0, 2, 50], 8, [(1, 2), (2, 3)]),
        ([50, 60], 8, [(0, 1), (1, 2)]),
    ],
)
def test_batches_hold_each_text_once_within_the_budget(lengths: list[int], budget: int, expected: list[tuple[int, int]]) -> None:
    assert [(one.start, one.stop) for one in split_batches(lengths, budget)] == expected
