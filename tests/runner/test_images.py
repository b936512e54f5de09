"""Images go the road of texts: once each, without a prompt, kept under their content, to another process as bytes."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass, field, replace
from pathlib import Path
from typing import Any

import numpy as np
import pytest

from stsbench.api.caching import forget_benchmarks
from stsbench.api.evaluate import evaluate
from stsbench.api.planning import describe_plan
from stsbench.api.session import Session
from stsbench.contracts.components.component import Component, Reads
from stsbench.contracts.data import Embeddings, UniqueTexts
from stsbench.contracts.fingerprint import Fingerprint
from stsbench.contracts.items import Image, Item
from stsbench.contracts.work import Shard
from stsbench.errors import PlanError
from stsbench.evidence.held import Keep
from stsbench.host.registry import Registry
from stsbench.runner.request import Request
from stsbench.runner.system import Choice
from stsbench.runner.workers.parcel import pack_shard, read_shard, unpack
from stsbench.stores.results import ResultsFolder
from stsbench.stores.rows import row_keys
from tests.runner.conftest import Watched, benchmark, embed, part

BOTH: frozenset[Reads] = frozenset({"text", "image"})


@dataclass(frozen=True)
class Seeing:
    """A double that sees in an image what a reader sees in the text that its bytes are."""

    calls: list[tuple[tuple[Item, ...], str]] = field(default_factory=list)
    views = ("a",)
    token_views = ()
    fingerprint = Fingerprint.of(weights="seeing")

    def encode(self, texts: Sequence[Item], *, views: Sequence[str], prompt: str = "") -> Embeddings:
        self.calls.append((tuple(texts), prompt))
        seen = [prompt + item if isinstance(item, str) else item.read().decode() for item in texts]
        return Embeddings({view: embed(seen, "") for view in views})


def pictured(texts: Sequence[Item]) -> tuple[Item, ...]:
    return tuple(Image.of(str(text).encode()) for text in texts)


@pytest.fixture
def seeing() -> Seeing:
    return Seeing()


@pytest.fixture
def images(registry_of: Callable[..., Registry], seeing: Seeing) -> Registry:
    texts = part()
    left, right = texts.pairs.left, texts.pairs.right
    hooks = {
        "encoders": [Component("seeing", lambda: seeing, reads=BOTH), Component("blind", Watched().double)],
        "benchmarks": [
            benchmark("texts", texts),
            benchmark("photos", replace(texts, pairs=replace(texts.pairs, left=pictured(left), right=pictured(right)))),
            benchmark("captions", replace(texts, pairs=replace(texts.pairs, left=pictured(left)))),
        ],
    }
    return registry_of(("stsbench-double", "0.9", hooks))


def scores(registry: Registry, encoder: str, *benchmarks: str) -> list[list[float]]:
    session = Session.opened(registry)
    return [list(column) for _, _, column in session.scores(session.plan(Request.of(encoder, "cosine", benchmarks)))]


def test_images_score_as_what_is_seen_in_them(images: Registry) -> None:
    found = [scores(images, "seeing", name) for name in ("texts", "photos", "captions")]
    assert found[0] == found[1] == found[2]


def test_no_prompt_goes_before_an_image(images: Registry, seeing: Seeing) -> None:
    scores(images, "seeing,prompt=query:", "captions")
    assert {prompt for given, prompt in seeing.calls if any(isinstance(item, Image) for item in given)} == {""}
    assert {prompt for given, prompt in seeing.calls if any(isinstance(item, str) for item in given)} == {"query:"}


def test_each_image_is_encoded_once_and_kept(images: Registry, seeing: Seeing, tmp_path: Path) -> None:
    session = Session.opened(images, cache=tmp_path)
    for _ in range(2):
        evaluate("seeing", "cosine", ["photos", "texts"], registry=images, cache=tmp_path)
    given = [item for items, _ in seeing.calls for item in items]
    assert len(given) == len(set(given)) == 2 * (7 + 12), "a text that an image shows is not that image"
    assert forget_benchmarks(["photos"], session) == 7 + 12
    assert forget_benchmarks(["photos"], session) == 0


def test_the_key_of_an_image_is_no_text_s() -> None:
    image = Image.of(b"bytes")
    texts = ["image", image.digest, f"image{image.digest}", "bytes"]
    keys = row_keys(b"secret", "view", "", [image, *texts])
    assert len(set(keys)) == 1 + len(texts)
    assert row_keys(b"secret", "view", "", [Image.of(b"bytes")]) == keys[:1]


def test_texts_and_images_are_told_apart_however_they_are_called() -> None:
    pairs = replace(part(1).pairs, left=(Image("a"),), right=("a",))
    unique = UniqueTexts.of([pairs], [("query: ", "passage: ")])
    assert unique.texts == (("", Image("a")), ("passage: ", "a"))


def test_a_shard_carries_images_as_bytes() -> None:
    data = bytes(range(256))
    shard = Shard("seeing", "0" * 32, ("a",), (("", 3),), ("a text", data, "\ud83d lone"))
    facts, table = unpack(pack_shard(shard))
    assert read_shard(facts["shard"], table) == shard


@pytest.mark.parametrize(
    ("similarity", "name", "data"),
    [
        ("cosine", "photos", "photos"),
        ("learned-diagonal,fit=photos", "texts", "stsbench-double/photos"),
        ("cosine", "captions", "captions"),
    ],
)
def test_what_reads_no_images_is_refused_before_it_runs(images: Registry, similarity: str, name: str, data: str) -> None:
    with pytest.raises(PlanError, match=f"^blind reads text only, and {data} holds images; leave out either$"):
        evaluate("blind", similarity, name, registry=images)


def test_a_cell_of_images_is_left_out_where_its_encoder_reads_none(images: Registry, tmp_path: Path) -> None:
    reason = "blind reads text only, and photos holds images"
    for _ in range(2):  # computed, and then kept
        report = evaluate(["blind", "seeing"], "cosine", ["texts", "photos"], registry=images, results=tmp_path / "kept", cache=tmp_path)
        measured = list(dict.fromkeys((cell["encoder"], cell["benchmark"], cell["status"]) for cell in report.cells()))
        assert measured == [("blind", "texts", "ok"), ("seeing", "texts", "ok"), ("seeing", "photos", "ok")], "none for blind on photos"
        assert [one.reason for one in report.left_out] == [reason]
        assert report.exit_code == 0
    session, request = Session.opened(images), Request.of(["blind", "seeing"], "cosine", ["texts", "photos"])
    plan = session.plan_of_what_can_run(request)
    assert [[one.name for one in plan.measured(job)] for job in plan.jobs] == [["texts"], ["texts", "photos"]]
    assert plan.cells() == 2 + 1 + 1, "both views of blind on texts"
    described = describe_plan(request, session, Keep(ResultsFolder(tmp_path / "kept")))
    assert (described["cells"], described["known"], described["left_out"]) == (0, 4, [reason])
    with pytest.raises(PlanError, match=f"^{reason}; leave out either$"):
        session.plan(request)  # for what answers of all that is named, or not at all


def test_what_no_encoder_reads_is_refused(images: Registry) -> None:
    with pytest.raises(
        PlanError, match=r"^photos ends up in no system: blind reads text only, and photos holds images; leave it out, or name"
    ):
        evaluate("blind", "cosine", ["texts", "photos"], registry=images)


def test_a_board_names_no_cell_that_cannot_be(images: Registry) -> None:
    choices = tuple(Choice(name, ("cosine",), required=True) for name in ("blind", "seeing"))
    with pytest.raises(PlanError, match=r"^the board names an impossible system: blind reads text only, and photos holds images$"):
        Session.opened(images).plan_of_what_can_run(Request(choices, ("texts", "photos")))


def test_what_is_learned_from_images_is_learned_from_their_vectors(images: Registry) -> None:
    learned = [scores(images, "seeing", name) for name in ("texts", "photos")]
    assert learned[0] == learned[1]
    fitted: Any = [
        evaluate("seeing", "learned-diagonal,leak=true,fit=" + name, name, registry=images).cells()[0]["spearman"]
        for name in ("texts", "photos")
    ]
    assert np.isfinite(fitted[0])
    assert fitted[0] == fitted[1]
