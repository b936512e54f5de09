"""What a run observes of its systems' cost: components and bytes of vectors through transforms, texts a second of one call too."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path
from typing import Any

import numpy as np
import pytest

from stsbench import evaluate
from stsbench.builtin.benchmarks.mini import Mini
from stsbench.builtin.floor import Hashing
from stsbench.contracts.boards.board import Facts
from stsbench.contracts.data import Embeddings
from stsbench.evidence.held import TOLERANCE
from stsbench.stores.merge import merge
from stsbench.stores.records import load_all
from stsbench.stores.results import ResultsFolder

CHAINS = {
    "none": (384, 1536),
    "truncate,k=64": (64, 256),
    "pca,k=8": (8, 32),
    "quantise-int8": (384, 384),
    "quantise-binary": (384, 48),
    "truncate,k=100//quantise-binary": (100, 13),
    "quantise-binary//layer-norm": (384, 1536),
}


@pytest.fixture(scope="module")
def kept(tmp_path_factory: pytest.TempPathFactory) -> tuple[Path, dict[str, Facts]]:
    folder = tmp_path_factory.mktemp("kept")
    report = evaluate(["hashing,dim=384"], ["cosine"], "mini", transforms=list(CHAINS), results=folder, cache=False)
    return folder, {"//".join(one.record.transforms).replace("stsbench/", "") or "none": one.facts for one in report.headlines()}


def test_vectors_are_known_through_every_chain_of_transforms(kept: tuple[Path, dict[str, Facts]]) -> None:
    _, facts = kept
    sizes = {chain: (fact.dimension, fact.bytes_per_vector) for chain, fact in facts.items()}
    assert sizes == CHAINS


def test_a_single_call_is_timed_with_its_device(kept: tuple[Path, dict[str, Facts]]) -> None:
    _, facts = kept
    assert {fact.device for fact in facts.values()} == {"cpu"}
    assert all((fact.texts_per_second or 0) > 100 for fact in facts.values())


def test_what_was_kept_without_them_gains_them_and_nothing_else_moves(kept: tuple[Path, dict[str, Facts]], tmp_path: Path) -> None:
    folder, _ = kept
    (file,) = load_all(folder)
    older = {name: value for name, value in file.provenance.items() if not name.startswith(("dimension.", "bytes."))}
    bare = file.model_copy(update={"provenance": {**older, "date": "2020-01-01T00:00:00+00:00"}})
    merge(ResultsFolder(tmp_path), bare, {}, tolerance=TOLERANCE)
    merge(ResultsFolder(tmp_path), file, {}, tolerance=TOLERANCE)
    (merged,) = load_all(tmp_path)
    assert merged.records == file.records
    assert merged.provenance == {**file.provenance, "date": "2020-01-01T00:00:00+00:00"}


def test_a_rate_never_gets_the_device_of_another_run(kept: tuple[Path, dict[str, Facts]], tmp_path: Path) -> None:
    (file,) = load_all(kept[0])
    sizes = {name: value for name, value in file.provenance.items() if not name.startswith("measured.")}
    rated, fast = {"measured.texts_per_second": "20.0"}, {"measured.texts_per_second": "900.0", "measured.device": "cuda"}
    shorter = file.records[:-1]
    for place, (first, second, joint) in enumerate(
        [(rated, {"measured.device": "cuda"}, rated), ({"measured.device": "cuda"}, rated, rated), (rated, fast, fast), (fast, rated, fast)]
    ):
        for records in (file.records, shorter):  # of which the second run adds nothing, or a record
            folder = ResultsFolder(tmp_path / f"{place}-{len(records)}")
            for own, told in ((records, first), (file.records, second)):
                merge(folder, file.model_copy(update={"records": own, "provenance": {**sizes, **told}}), {}, tolerance=TOLERANCE)
            (merged,) = folder.files
            assert {name: value for name, value in merged.provenance.items() if name.startswith("measured.")} == joint


def test_a_size_that_parts_do_not_share_is_told_as_a_range_and_is_unknown(tmp_path: Path) -> None:
    parts = {"few": 6, "many": 40}
    (tmp_path / "pairs.csv").write_text(
        "sentence1,sentence2,score,subset\n"
        + "".join(
            f"{name} left {row},{name} right {row % 7} {row * row},{row % 5},{name}\n" for name, n in parts.items() for row in range(n)
        )
    )
    (whitened,) = evaluate(
        ["hashing,dim=32"],
        ["cosine"],
        f"csv:{tmp_path / 'pairs.csv'},group=subset,by=group",
        transforms=["whiten"],
        results=tmp_path,
        cache=False,
    ).headlines()
    (file,) = load_all(tmp_path)
    low, high = file.provenance["dimension.sentence//stsbench/whiten"].split(" to ")
    assert int(low) < int(high) <= 32
    assert (whitened.facts.dimension, whitened.facts.bytes_per_vector) == (None, None)


def test_tokens_take_what_all_of_a_text_take_and_pair_scorers_nothing() -> None:
    (tokens,) = evaluate(["hashing,dim=8"], ["maxsim"], "mini", cache=False).headlines()
    pairs = Mini().load()[0].pairs
    lengths = [len(text.split()) for text in {*pairs.texts[0], *pairs.texts[1]}]
    assert tokens.facts.dimension == 8
    assert (tokens.facts.bytes_per_vector or 0) == pytest.approx(32 * np.mean(lengths), rel=0.15), "words by the encoder's own rule"
    (scorer,) = evaluate(["token-jaccard"], [], "mini", cache=False).headlines()
    assert scorer.facts == Facts()


def test_a_model_is_loaded_before_its_first_call_is_timed_and_not_where_nothing_is_encoded(
    monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    calls: list[str] = []
    encode = Hashing.encode

    def encoding(self: Hashing, texts: Sequence[str], **options: Any) -> Embeddings:
        calls.append("encode")
        return encode(self, texts, **options)

    monkeypatch.setattr(Hashing, "stored", True)
    monkeypatch.setattr(Hashing, "prepare", lambda _: calls.append("prepare"))
    monkeypatch.setattr(Hashing, "encode", encoding)
    for _ in range(2):
        evaluate(["hashing"], ["cosine"], "mini", cache=tmp_path)
        assert calls == ["prepare", "encode"]
