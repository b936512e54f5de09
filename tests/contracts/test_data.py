from __future__ import annotations

import numpy as np
import pytest

from stsbench.contracts.data import Pairs, Tokens, UniqueTexts
from stsbench.contracts.fingerprint import Fingerprint, digest


def pairs(left: str = "a b c", right: str = "b b d", gold: tuple[float, ...] = (1, 2, 3)) -> Pairs:
    return Pairs(tuple(left.split()), tuple(right.split()), np.array(gold))


def test_digest_covers_every_text_and_score_and_their_order() -> None:
    base = pairs()
    others = [pairs(left="a b x"), pairs(right="b d b"), pairs(gold=(1, 2, 3.0000001)), base.take([0, 2, 1]), base.take([0, 1])]
    assert len({base.digest, *(other.digest for other in others)}) == 6
    assert pairs().digest == base.digest


def test_digest_is_not_fooled_by_concatenation() -> None:
    assert digest(["ab", "c"]) != digest(["a", "bc"])
    assert Pairs(("ab",), ("c",), np.ones(1)).digest != Pairs(("a",), ("bc",), np.ones(1)).digest


def test_contents_ignores_order_and_float_width() -> None:
    base = Pairs(("a", "b"), ("c", "d"), np.array([4.4, 0.8]))
    turned = Pairs(("b", "a"), ("d", "c"), np.array([0.8, 4.4], dtype=np.float32).astype(np.float64))
    assert base.digest != turned.digest
    assert base.contents == turned.contents
    assert base.contents != Pairs(("a", "b"), ("c", "e"), base.gold).contents


def test_values_are_frozen() -> None:
    gold = np.array([1.0, 2.0])
    frozen = Pairs(("a", "b"), ("c", "d"), gold)
    with pytest.raises(ValueError, match="read-only"):
        frozen.gold[0] = 9


@pytest.mark.parametrize("gold", [(1, 2), (1, 2, float("nan")), (1, 2, float("inf"))])
def test_pairs_refuse_what_is_not_one_finite_score_a_pair(gold: tuple[float, ...]) -> None:
    with pytest.raises(ValueError):
        pairs(gold=gold)


def test_unique_texts_are_each_once_over_all_lists() -> None:
    unique = UniqueTexts.of([pairs(), pairs(left="d e a")])
    assert [text for _, text in unique.texts] == ["a", "b", "c", "d", "e"]
    assert [unique.texts[row][1] for row in unique.left[1]] == ["d", "e", "a"]
    assert [unique.texts[row][1] for row in unique.right[0]] == ["b", "b", "d"]


def test_the_same_text_under_two_prompts_is_two_texts() -> None:
    unique = UniqueTexts.of([Pairs(("a",), ("a",), np.ones(1))], ("query: ", "passage: "))
    assert unique.texts == (("query: ", "a"), ("passage: ", "a"))
    assert UniqueTexts.of([Pairs(("a",), ("a",), np.ones(1))], ("same: ", "same: ")).texts == (("same: ", "a"),)


def tokens() -> Tokens:
    return Tokens(
        np.arange(12).reshape(6, 2),
        [0, 2, 2, 6],
        [7, 8, 7, 9, 8, 1],
        [True, False, True, False, False, True],
        {7: "x", 8: "y", 9: "z", 1: "w"},
    )


def test_tokens_are_taken_in_any_order_and_may_repeat() -> None:
    taken = tokens().take(np.array([2, 0, 1, 2]))
    assert taken.lengths.tolist() == [4, 2, 0, 4]
    assert taken.ids.tolist() == [7, 9, 8, 1, 7, 8, 7, 9, 8, 1]
    assert [part.tolist() for part in taken][1] == [[0, 1], [2, 3]]


def test_content_leaves_special_tokens_out() -> None:
    content = tokens().content()
    assert content.lengths.tolist() == [1, 0, 2]
    assert content.ids.tolist() == [8, 9, 8]


def test_concatenate_is_the_inverse_of_take() -> None:
    whole = tokens()
    again = Tokens.concatenate([whole.take(np.array([0])), whole.take(np.array([1, 2]))])
    assert again.values.tolist() == whole.values.tolist()
    assert again.offsets.tolist() == whole.offsets.tolist()
    assert again.pieces == whole.pieces


def test_tokens_must_fit_together() -> None:
    with pytest.raises(ValueError, match="one row a token"):
        Tokens(np.zeros((3, 2)), [0, 2], [1, 2, 3], [False] * 3)


def test_fingerprints_differ_in_any_fact() -> None:
    base = Fingerprint.of(weights="a", dtype="float32")
    assert base.hex == Fingerprint.of(dtype="float32", weights="a", revision=None).hex
    assert (
        len(
            {
                base.hex,
                Fingerprint.of(weights="b", dtype="float32").hex,
                base.extended(numerics=2).hex,
                Fingerprint.of(weights="adtype", x="float32").hex,
            }
        )
        == 4
    )


def test_half_a_character_is_no_text() -> None:
    with pytest.raises(ValueError, match=r"the right text of pair 2 holds half of a character \(a lone surrogate\)"):
        Pairs(("a", "\N{GRINNING FACE}"), ("b", "c\ud83d"), np.ones(2))
