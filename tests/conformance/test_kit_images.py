"""Encoders of images keep the same contract, and the kit says where one does not."""

from __future__ import annotations

from collections.abc import Callable, Sequence

import numpy as np
import pytest

from stsbench.contracts.components.component import Reads
from stsbench.host.registry import Registry
from stsbench.plugin import Component, Embeddings, Encoder, Fingerprint, Image, Item
from stsbench.testing import Check, encoder_checks

pytest.importorskip("PIL", reason="needs Pillow, which comes with stsbench-vision")


class Sees:
    """An encoder of images and texts that keeps the contract; the doubles below each break it in one way."""

    views = ("sentence",)
    token_views = ()
    fingerprint = Fingerprint.of(sees=1)

    def encode(self, texts: Sequence[Item], *, views: Sequence[str], prompt: str = "") -> Embeddings:
        rows = [self.seen(item, prompt) if isinstance(item, Image) else [len(prompt + item), item.count("e"), 1.0] for item in texts]
        return Embeddings({view: np.array(rows, dtype=np.float32).reshape(-1, 3) for view in views})

    def seen(self, image: Image, prompt: str) -> Sequence[float]:
        del prompt
        return [float(colour) for colour in image.pixels().mean(axis=(0, 1))]


class ReadsTheFile(Sees):
    def seen(self, image: Image, prompt: str) -> Sequence[float]:
        return [float(len(image.read())), 1.0, 2.0]


class PutsThePromptBefore(Sees):
    def seen(self, image: Image, prompt: str) -> Sequence[float]:
        return [*super().seen(image, prompt)[:2], float(len(prompt))]


class DividesByLength(Sees):
    def seen(self, image: Image, prompt: str) -> Sequence[float]:
        with np.errstate(invalid="ignore"):
            colours = np.array(super().seen(image, prompt))
            return [float(colour) for colour in colours / np.linalg.norm(colours)]


class CountsItsCalls(Sees):
    calls = 0

    def seen(self, image: Image, prompt: str) -> Sequence[float]:
        self.calls += 1
        return [*super().seen(image, prompt)[:2], float(self.calls)]


def checks_of(double: type[Sees], reads: set[Reads], registry_of: Callable[..., Registry]) -> dict[str, Check]:
    def build() -> Encoder:
        return double()

    registry = registry_of(("doubles", "1.0", {"encoders": [Component("double", build, reads=frozenset(reads))]}))
    return {check.name: check for check in encoder_checks("double", registry=registry)}


@pytest.mark.parametrize("reads", [{"image"}, {"text", "image"}])
def test_an_encoder_of_images_that_keeps_the_contract_passes(reads: set[Reads], registry_of: Callable[..., Registry]) -> None:
    checks = checks_of(Sees, reads, registry_of)
    assert "images_are_what_they_show" in checks
    assert ("prompt_counts" in checks) == ("text" in reads)
    for check in checks.values():
        check()


@pytest.mark.parametrize(
    ("double", "rule", "message"),
    [
        (ReadsTheFile, "images_are_what_they_show", "of an image differs by .* when its file is packed otherwise"),
        (PutsThePromptBefore, "images_are_what_they_show", "of an image differs by .* with a prompt"),
        (DividesByLength, "values_are_finite", "view 'sentence' of an image is not finite"),
        (CountsItsCalls, "repeats_are_identical", "of an image differs by .* in a second call"),
        (CountsItsCalls, "same_text_same_vector", "view 'sentence' differs by"),
        (CountsItsCalls, "neighbours_do_not_matter", "of an image differs by .* when encoded alone"),
    ],
)
@pytest.mark.parametrize("reads", [{"image"}, {"text", "image"}])
def test_a_double_that_breaks_a_rule_on_images_fails_its_check(
    double: type[Sees], rule: str, message: str, reads: set[Reads], registry_of: Callable[..., Registry]
) -> None:
    with pytest.raises(AssertionError, match=rf"encoder 'double' breaks {rule} \(.+\): .*{message}"):
        checks_of(double, reads, registry_of)[rule]()
