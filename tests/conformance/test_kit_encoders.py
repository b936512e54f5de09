"""Each rule of an encoder's contract is broken by a double, and the kit says so."""

from __future__ import annotations

from abc import ABC, abstractmethod
from collections.abc import Callable, Iterator, Sequence
from dataclasses import replace
from itertools import count
from typing import Any

import numpy as np
import pytest

from stsbench.builtin.floor import Hashing
from stsbench.host.registry import Registry
from stsbench.plugin import Component, Cost, Embeddings, Encoder, Execution, Fingerprint, Tokens
from stsbench.testing import Check, encoder_checks


class Sound:
    """An encoder that keeps the contract; the doubles below each break one rule of it."""

    views: tuple[str, ...] = ("sentence",)
    token_views: tuple[str, ...] = ("tokens",)

    def __init__(self, dim: int) -> None:
        self.dim = dim
        self.calls: Iterator[int] = count()

    @property
    def fingerprint(self) -> Fingerprint:
        return Fingerprint.of(sound=1)

    def encode(self, texts: Sequence[str], *, views: Sequence[str], prompt: str = "") -> Embeddings:
        return Hashing(dim=self.dim).encode(texts, views=views, prompt=prompt)


class Shifted(Sound, ABC):
    """Vectors that a double changes by `shift(texts, vectors)`."""

    def encode(self, texts: Sequence[str], *, views: Sequence[str], prompt: str = "") -> Embeddings:
        embeddings = super().encode(texts, views=views, prompt=prompt)
        return replace(embeddings, vectors={view: self.shift(texts, values) for view, values in embeddings.vectors.items()})

    @abstractmethod
    def shift(self, texts: Sequence[str], values: Any) -> Any: ...


class Retokenised(Sound, ABC):
    """Tokens that a double changes by `retokenise(tokens)`."""

    def encode(self, texts: Sequence[str], *, views: Sequence[str], prompt: str = "") -> Embeddings:
        embeddings = super().encode(texts, views=views, prompt=prompt)
        return replace(embeddings, tokens={view: self.retokenise(tokens) for view, tokens in embeddings.tokens.items()})

    @abstractmethod
    def retokenise(self, tokens: Tokens) -> Any: ...


class NewFingerprintEveryTime(Sound):
    @property
    def fingerprint(self) -> Fingerprint:
        return Fingerprint.of(built=id(self))


class OneNameForTwoViews(Sound):
    token_views = ("sentence",)


class DropsDuplicates(Sound):
    def encode(self, texts: Sequence[str], *, views: Sequence[str], prompt: str = "") -> Embeddings:
        return super().encode(list(dict.fromkeys(texts)), views=views, prompt=prompt)


class ReturnsFloat64(Shifted):
    def shift(self, texts: Sequence[str], values: Any) -> Any:
        return values.astype(np.float64)


class DividesByZero(Shifted):
    def shift(self, texts: Sequence[str], values: Any) -> Any:
        with np.errstate(invalid="ignore"):
            return values / np.linalg.norm(values, axis=1, keepdims=True)


class NoDimensionWithoutTexts(Shifted):
    def shift(self, texts: Sequence[str], values: Any) -> Any:
        return values if texts else np.empty((0, 0), dtype=np.float32)


class Paid(Sound):
    """A service that is paid for each call, and whose dimension nobody knows before the first answer; it refuses an empty list."""

    def __init__(self, dim: int) -> None:
        super().__init__(dim)
        self.known: int | None = None

    def encode(self, texts: Sequence[str], *, views: Sequence[str], prompt: str = "") -> Embeddings:
        if texts:
            embeddings = super().encode(texts, views=views, prompt=prompt)
            self.known = embeddings.vectors["sentence"].shape[1]
            return embeddings
        assert self.known is not None, "a paid call for nothing"
        empty = super().encode(["any"], views=views, prompt=prompt)
        return Embeddings({"sentence": np.empty((0, self.known), dtype=np.float32)}, {"tokens": empty.tokens["tokens"].take(np.arange(0))})


class SortsAndForgets(Sound):
    def encode(self, texts: Sequence[str], *, views: Sequence[str], prompt: str = "") -> Embeddings:
        return super().encode(sorted(texts, key=len), views=views, prompt=prompt)


class CentresItsBatch(Shifted):
    def shift(self, texts: Sequence[str], values: Any) -> Any:
        return values - values.mean(axis=0) if len(values) else values


class DriftsWithEveryCall(Shifted):
    def shift(self, texts: Sequence[str], values: Any) -> Any:
        return values + np.float32(1e-6 * next(self.calls))


class NumbersItsRows(Shifted):
    def shift(self, texts: Sequence[str], values: Any) -> Any:
        return values + np.arange(len(values), dtype=np.float32)[:, None] * np.float32(1e-7)


class FailsWithoutAWord(Sound):
    def encode(self, texts: Sequence[str], *, views: Sequence[str], prompt: str = "") -> Embeddings:
        if texts and not any(text.strip() for text in texts):
            raise ZeroDivisionError("no tokens in the batch")
        return super().encode(texts, views=views, prompt=prompt)


class KnowsAsciiOnly(Sound):
    def encode(self, texts: Sequence[str], *, views: Sequence[str], prompt: str = "") -> Embeddings:
        for text in texts:
            text.encode("ascii")
        return super().encode(texts, views=views, prompt=prompt)


class RefusesLongTexts(Sound):
    def encode(self, texts: Sequence[str], *, views: Sequence[str], prompt: str = "") -> Embeddings:
        if any(len(text) > 512 for text in texts):
            raise IndexError("index out of range in self")
        return super().encode(texts, views=views, prompt=prompt)


class LongTextsSeeTheOthers(Shifted):
    def shift(self, texts: Sequence[str], values: Any) -> Any:
        return values + np.array([[len(text) > 5000 and len(texts) > 1] for text in texts], dtype=np.float32)


class StripsInPlace(Sound):
    def encode(self, texts: Sequence[str], *, views: Sequence[str], prompt: str = "") -> Embeddings:
        if isinstance(texts, list):
            texts[:] = [text.strip() for text in texts]
        return super().encode(texts, views=views, prompt=prompt)


class SortsWhatItIsToTellOf(Sound):
    def truncated(self, texts: list[str], *, prompt: str = "") -> Any:
        texts.sort()
        return np.zeros(len(texts), dtype=np.bool_)


class ReturnsAMaskedArray(Shifted):
    def shift(self, texts: Sequence[str], values: Any) -> Any:
        return np.ma.masked_array(values, mask=False)


class GivesAllOrNothing(Sound):
    def encode(self, texts: Sequence[str], *, views: Sequence[str], prompt: str = "") -> Embeddings:
        return super().encode(texts, views=views if len(views) > 1 else (), prompt=prompt)


class IgnoresPrompts(Sound):
    def encode(self, texts: Sequence[str], *, views: Sequence[str], prompt: str = "") -> Embeddings:
        return super().encode(texts, views=views)


class MarksOneTextOnly(Sound):
    def encode(self, texts: Sequence[str], *, views: Sequence[str], prompt: str = "") -> Embeddings:
        return replace(super().encode(texts, views=views, prompt=prompt), truncated=np.zeros(1, dtype=np.bool_))


class SendsToAUrl(Sound):
    hosts = ("https://api.example.com/v1",)


class CostsMoreThanAtMost(Sound):
    def cost(self, texts: Sequence[str], *, prompt: str = "") -> Cost:
        return Cost(9 * len(texts), 8 * len(texts), None)


class CostsLessForMore(Sound):
    def cost(self, texts: Sequence[str], *, prompt: str = "") -> Cost:
        return Cost(100 - len(texts), 100, 1.0)


class InBatches(Sound):
    """Batches of five texts, each at the places that a double makes of its own."""

    def encode_batches(self, texts: Sequence[str], *, views: Sequence[str], prompt: str = "") -> Iterator[tuple[Any, Embeddings]]:
        for start in range(0, len(texts), 5):
            given = texts[start : start + 5]
            yield self.places(np.arange(start, start + len(given), dtype=np.intp)), self.encode(given, views=views, prompt=prompt)

    def places(self, places: Any) -> Any:
        return places


class GivesTheFirstTextsAgain(InBatches):
    def encode_batches(self, texts: Sequence[str], *, views: Sequence[str], prompt: str = "") -> Iterator[tuple[Any, Embeddings]]:
        yield from super().encode_batches(texts, views=views, prompt=prompt)
        yield from super().encode_batches(texts[:3], views=views, prompt=prompt)


class TurnsABatchRound(InBatches):
    def places(self, places: Any) -> Any:
        return places[::-1]


class OffsetsThatFall(Retokenised):
    def retokenise(self, tokens: Tokens) -> Any:
        offsets = tokens.offsets.copy()
        if len(offsets) > 3:
            offsets[1], offsets[2] = offsets[2], offsets[1]
        return Tokens(tokens.values, offsets, tokens.ids, tokens.special, tokens.pieces)


class NoPieces(Retokenised):
    def retokenise(self, tokens: Tokens) -> Any:
        return Tokens(tokens.values, tokens.offsets, tokens.ids, tokens.special)


class IdsByFirstAppearance(Retokenised):
    def retokenise(self, tokens: Tokens) -> Any:
        seen: dict[int, int] = {}
        ids = np.array([seen.setdefault(number, len(seen)) for number in tokens.ids.tolist()], dtype=np.int64)
        return Tokens(tokens.values, tokens.offsets, ids, tokens.special, {seen[number]: piece for number, piece in tokens.pieces.items()})


BROKEN: dict[str, tuple[type[Sound], str]] = {
    "fingerprint_is_stable": (NewFingerprintEveryTime, "two builds have different fingerprints"),
    "views_are_declared": (OneNameForTwoViews, "a name occurs twice"),
    "one_row_a_text": (DropsDuplicates, "16 rows for 17 texts"),
    "vectors_are_float32": (ReturnsFloat64, "view 'sentence' is float64"),
    "values_are_finite": (DividesByZero, "view 'sentence' of '' is not finite"),
    "no_texts_give_no_rows": (NoDimensionWithoutTexts, r"has the shape \(0, 0\), not \(0, 32\)"),
    "order_does_not_matter": (SortsAndForgets, r"differs by .* in another order"),
    "neighbours_do_not_matter": (CentresItsBatch, r"differs by .* when encoded alone"),
    "repeats_are_identical": (DriftsWithEveryCall, r"differs by .* in a second call"),
    "same_text_same_vector": (NumbersItsRows, "view 'sentence' differs by"),
    "empty_texts_are_texts": (FailsWithoutAWord, "ZeroDivisionError: no tokens in the batch"),
    "unusual_texts_are_texts": (KnowsAsciiOnly, "UnicodeEncodeError"),
    "long_texts_are_texts": (RefusesLongTexts, "IndexError: index out of range in self"),
    "input_is_untouched": (StripsInPlace, r"the list that was given to encode\(\) changed"),
    "views_can_be_asked_for_alone": (GivesAllOrNothing, "it returned nothing for view 'sentence' alone"),
    "prompt_counts": (IgnoresPrompts, "no view changed with the prompt"),
    "truncation_is_told": (MarksOneTextOnly, r"truncated has the shape \(1,\) for 17 texts"),
    "hosts_are_named": (SendsToAUrl, "hosts names 'https://api.example.com/v1', which is no HOST or HOST:PORT in lower case"),
    "cost_is_a_bound": (CostsMoreThanAtMost, r"it tells \d+ tokens, of at most \d+"),
    "batches_hold_each_text_once": (GivesTheFirstTextsAgain, "item 0 came 2 times"),
    "tokens_are_ragged": (OffsetsThatFall, "offsets must not fall"),
    "ids_have_pieces": (NoPieces, "have no piece"),
    "ids_do_not_depend_on_neighbours": (IdsByFirstAppearance, "has other ids alone"),
}


def checks_of(double: type[Sound], registry_of: Callable[..., Registry]) -> dict[str, Check]:
    def build(*, dim: int = 32) -> Encoder:
        return double(dim)

    component = Component("double", build, gives=frozenset({"vectors", "tokens"}))
    registry = registry_of(("doubles", "1.0", {"encoders": [component]}))
    return {check.name: check for check in encoder_checks("double", others=["double,dim=16"], registry=registry)}


def test_the_sound_encoder_passes(registry_of: Callable[..., Registry]) -> None:
    checks = checks_of(Sound, registry_of)
    for check in checks.values():
        check()
    assert set(checks) == {*BROKEN, "fingerprint_tells_options_apart"}, "a rule without a double that breaks it"


@pytest.mark.parametrize("rule", BROKEN)
def test_a_double_that_breaks_the_rule_fails_its_check(rule: str, registry_of: Callable[..., Registry]) -> None:
    double, message = BROKEN[rule]
    with pytest.raises(AssertionError, match=rf"encoder 'double' breaks {rule} \(.+\): .*{message}"):
        checks_of(double, registry_of)[rule]()


@pytest.mark.parametrize(
    ("rule", "double", "message"),
    [
        ("batches_hold_each_text_once", TurnsABatchRound, r"differs by .* in a batch"),
        ("cost_is_a_bound", CostsLessForMore, r"100 tokens become \d+ with more to encode"),
        ("input_is_untouched", SortsWhatItIsToTellOf, r"the list that was given to truncated\(\) changed"),
        ("long_texts_are_texts", LongTextsSeeTheOthers, "view 'sentence' of a long text differs by .* beside short ones"),
        ("vectors_are_float32", ReturnsAMaskedArray, r"view 'sentence' is numpy\.ma\.MaskedArray"),
    ],
)
def test_a_rule_can_be_broken_in_another_way(rule: str, double: type[Sound], message: str, registry_of: Callable[..., Registry]) -> None:
    with pytest.raises(AssertionError, match=rf"encoder 'double' breaks {rule} \(.+\): .*{message}"):
        checks_of(double, registry_of)[rule]()


def test_batches_that_are_sound_pass(registry_of: Callable[..., Registry]) -> None:
    checks_of(InBatches, registry_of)["batches_hold_each_text_once"]()


def test_an_empty_list_costs_no_call_of_a_service(registry_of: Callable[..., Registry]) -> None:
    checks_of(Paid, registry_of)["no_texts_give_no_rows"]()


def test_an_option_that_counts_must_be_part_of_the_identity(registry_of: Callable[..., Registry]) -> None:
    def mistaken(*, dim: Execution[int] = 32) -> Encoder:
        return Sound(dim)

    component = Component("double", mistaken, gives=frozenset({"vectors", "tokens"}))
    registry = registry_of(("doubles", "1.0", {"encoders": [component]}))
    checks = {check.name: check for check in encoder_checks("double", others=["double,dim=16"], registry=registry)}
    with pytest.raises(AssertionError, match=r"'double,dim=16' has the fingerprint of 'double'"):
        checks["fingerprint_tells_options_apart"]()


def test_a_tolerance_is_for_what_batches_change(registry_of: Callable[..., Registry]) -> None:
    class Rounds(Shifted):
        def shift(self, texts: Sequence[str], values: Any) -> Any:
            return values * np.float32(1.0 + 2e-4 * (len(texts) > 1))

    component = Component("double", lambda: Rounds(32), gives=frozenset({"vectors", "tokens"}))
    registry = registry_of(("doubles", "1.0", {"encoders": [component]}))

    def check(tolerance: float) -> Check:
        return next(
            check for check in encoder_checks("double", tolerance=tolerance, registry=registry) if check.name == "neighbours_do_not_matter"
        )

    with pytest.raises(AssertionError, match="when encoded alone"):
        check(1e-5)()
    check(1e-3)()
