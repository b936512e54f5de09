"""Token vectors within bounds: the same scores whatever the memory, and never more bytes at a time than it allows."""

from __future__ import annotations

from typing import Any

import numpy as np
import pytest

from stsbench.api.evaluate import evaluate
from stsbench.api.session import Session
from stsbench.contracts.data import Tokens
from stsbench.errors import StoreError
from stsbench.runner.encoding.spool import TokenSpool, default_memory
from stsbench.runner.request import Request

SIMILARITIES = ["soft-cosine", "bertscore-idf", "soft-cosine-vocabulary", "relaxed-wmd"]


def ragged(generator: np.random.Generator, lengths: list[int], dimensions: int = 3) -> Tokens:
    offsets = np.concatenate([[0], np.cumsum(lengths)]).astype(np.intp)
    values = generator.normal(size=(offsets[-1], dimensions)).astype(np.float32)
    ids = generator.integers(0, 9, size=offsets[-1])
    return Tokens(values, offsets, ids, ids == 0, {number: str(number) for number in range(9)})


@pytest.mark.parametrize("memory", [0, 10**9])
def test_tokens_come_back_as_they_went_in(memory: int) -> None:
    generator = np.random.default_rng(0)
    tokens = ragged(generator, [2, 0, 5, 1, 0, 3])
    spool = TokenSpool(6, memory)
    order = np.array([4, 2, 0, 5, 1, 3])
    for rows in (order[:2], order[2:]):
        spool.append(rows, tokens.take(rows))
    wanted = np.array([3, 3, 1, 0, 5, 2, 4])
    found, expected = spool.take(wanted), tokens.take(wanted)
    spool.close()
    for name in ("values", "offsets", "ids", "special"):
        np.testing.assert_array_equal(getattr(found, name), getattr(expected, name))
    assert found.pieces == expected.pieces
    np.testing.assert_array_equal(spool.lengths, tokens.lengths)


def test_chunks_hold_every_pair_once_and_stay_below_the_bound() -> None:
    generator = np.random.default_rng(1)
    lengths = generator.integers(0, 30, size=200)
    spool = TokenSpool(200, 8 * 3000)
    spool.append(np.arange(200), ragged(generator, lengths.tolist(), 4))
    left, right = generator.integers(0, 200, size=(2, 500))
    chunks = list(spool.chunks(left, right, 40))
    spool.close()
    assert [row for one in chunks for row in range(one.start, one.stop)] == list(range(500))
    sizes = [int((lengths[left[one]] + lengths[right[one]]).sum()) * 16 for one in chunks]
    assert max(sizes) <= 3000
    assert max(one.stop - one.start for one in chunks) <= 40
    assert len(chunks) < 200  # and not pair by pair


def test_scores_do_not_depend_on_memory() -> None:
    session = Session.opened(cache=False).having(chunk=64)  # several appends
    request = Request.of("wordllama", SIMILARITIES, "mini")
    reports = [session.having(memory=memory).run(request) for memory in (0, 60_000, 10**9)]
    figures = [[(cell["similarity"], cell["spearman"], cell["pearson"], cell["kendall"]) for cell in one.cells()] for one in reports]
    assert len(figures[0]) == len(SIMILARITIES)
    assert figures[0] == figures[1] == figures[2]


def test_pairs_are_taken_within_the_bound(monkeypatch: pytest.MonkeyPatch) -> None:
    taken: list[int] = []
    original = TokenSpool.take

    def watched(self: TokenSpool, rows: Any) -> Tokens:
        found = original(self, rows)
        taken.append(found.values.nbytes)
        return found

    monkeypatch.setattr(TokenSpool, "take", watched)
    memory = 400_000
    evaluate("wordllama", "soft-cosine", "mini", cache=False, memory=memory)
    assert len(taken) > 4
    assert max(taken) <= memory // 8


def test_a_full_temporary_folder_is_said(monkeypatch: pytest.MonkeyPatch) -> None:
    spool = TokenSpool(1, 0)

    def full(_data: bytes) -> int:
        raise OSError(28, "No space left on device")

    monkeypatch.setattr(spool._file, "write", full)
    with pytest.raises(StoreError, match=r"No space left on device.*--memory"):
        spool.append(np.arange(1), ragged(np.random.default_rng(0), [2]))
    spool.close()


def test_the_default_is_a_share_of_what_is_free() -> None:
    assert 10**6 < default_memory() < 2**44
