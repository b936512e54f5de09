from __future__ import annotations

from dataclasses import replace
from pathlib import Path
from typing import Any

import numpy as np
import pytest

from stsbench.contracts.arrays import NotPlain
from stsbench.contracts.data import Pairs, Tokens, UniqueTexts
from stsbench.contracts.fingerprint import Fingerprint, digest
from stsbench.contracts.items import Image, Triplets
from stsbench.errors import DataError
from stsbench.evidence.joint import joined
from stsbench.host.registry import Registry


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
    unique = UniqueTexts.of([Pairs(("a",), ("a",), np.ones(1))], [("query: ", "passage: ")])
    assert unique.texts == (("query: ", "a"), ("passage: ", "a"))
    assert UniqueTexts.of([Pairs(("a",), ("a",), np.ones(1))], [("same: ", "same: ")]).texts == (("same: ", "a"),)


def tokens() -> Tokens:
    return Tokens(
        np.arange(12, dtype=np.float32).reshape(6, 2),
        np.array([0, 2, 2, 6], dtype=np.intp),
        np.array([7, 8, 7, 9, 8, 1]),
        np.array([True, False, True, False, False, True]),
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
        Tokens(np.zeros((3, 2), np.float32), np.array([0, 2], dtype=np.intp), np.array([1, 2, 3]), np.zeros(3, np.bool_))


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


def test_pairs_of_texts_keep_the_identity_that_they_always_had() -> None:
    assert pairs().digest == "47d0bcd726ed413c4adbdcb0df3ff3b3"
    assert pairs().contents == "1d8affef7d94b9f46c9786baef7d98bb"
    (mini,) = Registry.installed().resolve("benchmark", "mini").build().load()
    assert (mini.pairs.digest, mini.pairs.contents) == ("c727da92fb333c0d52d79244f4f14687", "92f6ef7c5d88d05e629c56796a7c1058")


def test_a_file_keeps_the_identity_that_it_always_had(tmp_path: Path) -> None:
    path = tmp_path / "pairs.csv"
    path.write_text("left,right,score\na man,a woman,2.5\n,\N{GRINNING FACE},0\n", encoding="utf-8")
    (part,) = Registry.installed().resolve("benchmark", f"csv:{path}").build().load()
    assert part.pairs.digest == "512e5876cfdf36935b87c041d1d8ccc9"


def test_whatever_changes_a_figure_is_in_the_identity_and_no_two_kinds_of_data_share_one() -> None:
    plain, ones = pairs(), np.ones(3)
    image, other = Image("0" * 32), Image("1" * 32)
    kinds: list[Pairs | Triplets] = [
        plain,
        replace(plain, weights=ones),
        replace(plain, weights=2 * ones),
        replace(plain, left=(image, "b", "c")),
        replace(plain, left=(other, "b", "c")),
        replace(plain, left=(image, "b", "c"), weights=ones),
        replace(plain, left=(image.digest, "b", "c"), weights=ones),
        Triplets(plain.left, plain.right, plain.left),
        Triplets(plain.left, (image, "b", "d"), plain.left),
    ]
    assert len({one.digest for one in kinds}) == len(kinds)
    assert len({one.contents for one in kinds if isinstance(one, Pairs)}) == len(kinds) - 2
    # a list of texts that spells out the fields of other data is still another thing
    assert digest(["text", "a"]) != digest(["text", "a"], "pairs") != digest(["text", "a"], "triplets")


def test_weights_go_with_their_pairs() -> None:
    weighed = replace(pairs(), weights=np.array([1.0, 2.0, 3.0]))
    taken = weighed.take([2, 0]).weights
    assert taken is not None
    assert taken.tolist() == [3, 1]
    together = joined([pairs(), weighed]).weights
    assert together is not None
    assert together.tolist() == [1, 1, 1, 1, 2, 3]


@pytest.mark.parametrize("weights", [(1, 2), (1, 2, 0), (1, 2, -1), (1, 2, float("nan")), (1, 2, float("inf")), ((1, 2, 3),) * 3])
def test_pairs_refuse_what_is_not_one_positive_weight_a_pair(weights: tuple[float, ...]) -> None:
    with pytest.raises(ValueError, match="weights must"):
        replace(pairs(), weights=np.array(weights))


def test_an_image_is_known_by_its_bytes_and_hides_where_they_lie(tmp_path: Path) -> None:
    for name, content in (("a.png", b"x"), ("b.png", b"x"), ("c.png", b"y")):
        (tmp_path / name).write_bytes(content)
    first, second, third = (Image.of(tmp_path / name) for name in ("a.png", "b.png", "c.png"))
    assert first == second != third
    assert str(tmp_path) not in repr(first)
    mixed = Pairs((first, "a"), ("A man", second), np.arange(2.0))
    assert mixed.reads == {"text", "image"}
    assert mixed.keys[0] == Pairs(("a man",), (second,), np.ones(1)).keys[0]
    with pytest.raises(DataError, match="images, of which texts are asked"):
        _ = mixed.texts
    assert first == Image.of(b"x"), "in a file or in memory"
    assert first.digest not in repr(first)
    (tmp_path / "a.png").write_bytes(b"z")
    assert second.read() == b"x"
    with pytest.raises(DataError, match="an image was changed or removed after the benchmark was read; run again"):
        first.read()


@pytest.mark.parametrize("item", [None, 3, b"bytes", float("nan")])
def test_an_item_is_a_text_or_an_image(item: Any) -> None:
    with pytest.raises(ValueError, match=r"the right item of pair 1 is neither a text nor an image but \w+$"):
        Pairs(("a",), (item,), np.ones(1))
    with pytest.raises(ValueError, match="the negative item of triplet 1 is neither"):
        Triplets(("a",), ("b",), (item,))


def test_triplets_fit_together() -> None:
    with pytest.raises(ValueError, match="one entry a triplet"):
        Triplets(("a",), ("b",), ())


def test_what_does_not_fit_together_is_told_with_its_sizes() -> None:
    with pytest.raises(ValueError, match="one entry a pair, not 2 left, 1 right, 2 gold, 0 group"):
        Pairs(("a", "b"), ("c",), np.array([1.0, 2.0]))
    with pytest.raises(ValueError, match="not 3 values, 2 ids, 3 special, offsets from 0 to 1"):
        Tokens(np.ones((3, 2), dtype=np.float32), np.array([0, 1]), np.array([1, 2]), np.zeros(3, dtype=np.bool_))


@pytest.mark.parametrize("gold", [np.array([2**53, 2**53 + 1]), [2**53, 2**53 + 1], np.array([2**53, 2**53 + 1], np.uint64)])
def test_whole_numbers_that_would_tie_as_floats_are_refused(gold: Any) -> None:
    with pytest.raises(NotPlain, match=r"holds numbers that differ and would be equal as float64; subtract what they have in common"):
        Pairs(("a", "b"), ("c", "d"), gold)
    assert Pairs(("a", "b"), ("c", "d"), np.array([2**53, 2**53 + 2])).gold.tolist() == [2.0**53, 2.0**53 + 2]
