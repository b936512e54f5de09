from __future__ import annotations

import logging
import os
import subprocess
import sys
from collections.abc import Callable
from importlib.util import find_spec
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from stsbench_wordllama import library
from stsbench_wordllama.encoder import StaticVectors
from stsbench_wordllama.plugin import wordllama

from stsbench.plugin import ModelError, OptionError
from stsbench.testing import Check, encoder_checks, parametrize

BOTH = ("sentence", "tokens")
TEXTS = ["A girl is styling her hair.", "", "<s>", "no tokens are added", " ", "naïve 🙂", "word " * 500]


@parametrize(
    [*encoder_checks("wordllama"), *encoder_checks("wordllama,truncate_dim=64+128")],
)
def test_conformance(check: Check) -> None:
    check()


@pytest.mark.parametrize(("size", "view"), [(None, "sentence"), (64, "sentence/64"), (128, "sentence/128")])
def test_sentences_of_every_size_equal_the_librarys_own_and_take_one_pass(size: int | None, view: str) -> None:
    model = library.load(size)
    model.tokenizer.enable_padding()  # which its embed() relies on
    encoder = wordllama(view=("sentence", "sentence/64", "sentence/128", "tokens/64"))
    given = encoder.encode(TEXTS, views=(*encoder.views, *encoder.token_views))
    vectors = given.vectors[view]
    assert vectors.shape == (len(TEXTS), size or 256)
    np.testing.assert_allclose(vectors, model.embed(TEXTS, norm=False), rtol=0, atol=1e-6)
    assert not vectors[1].any()
    assert given.tokens["tokens/64"].values.shape[1] == 64


def test_sizes_are_views_of_one_encoder() -> None:
    sizes = wordllama(truncate_dim=(64, 128))
    assert sizes.views == ("sentence/64", "sentence/128")
    assert sizes.token_views == ("tokens/64", "tokens/128")
    assert sizes.fingerprint == wordllama().fingerprint


def test_tokens_are_rows_of_the_table() -> None:
    encoder = wordllama()
    assert isinstance(encoder, StaticVectors)
    embeddings = encoder.encode(TEXTS, views=BOTH)
    tokens = embeddings.tokens["tokens"]
    first = tokens.take(np.array([0]))
    assert [first.pieces[number] for number in first.ids.tolist()] == ["▁A", "▁girl", "▁is", "▁sty", "ling", "▁her", "▁hair", "."]
    assert tokens.lengths.tolist()[:3] == [8, 0, 1]
    assert tokens.ids[8] == 1  # a text that holds <s> is tokenised as the library does it
    assert not tokens.special.any()
    assert (tokens.values == encoder.model.embedding[tokens.ids]).all()
    assert embeddings.truncated is not None
    assert not embeddings.truncated.any()
    assert tokens.lengths[-1] > 500


def test_a_text_does_not_depend_on_its_neighbours() -> None:
    encoder = wordllama()
    among = encoder.encode(TEXTS, views=BOTH)
    for row, text in enumerate(TEXTS):
        alone = encoder.encode([text], views=BOTH)
        assert (alone.vectors["sentence"][0] == among.vectors["sentence"][row]).all()
        assert (alone.tokens["tokens"].values == among.tokens["tokens"].take(np.array([row])).values).all()


def test_a_prompt_stands_before_the_text() -> None:
    encoder = wordllama()
    prompted = encoder.encode(["a cat"], views=["sentence"], prompt="query: ").vectors["sentence"]
    assert (prompted == encoder.encode(["query: a cat"], views=["sentence"]).vectors["sentence"]).all()


def test_unknown_views_are_named() -> None:
    with pytest.raises(OptionError, match=r"this encoder has the views sentence, tokens, not 'mean@1'"):
        wordllama().encode(["a"], views=["mean@1"])


def test_the_fingerprint_follows_the_files(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    before = wordllama().fingerprint
    real = library.package_folder()
    for name in (library.WEIGHTS, library.TOKENIZER):
        (tmp_path / name).parent.mkdir()
        (tmp_path / name).write_bytes((real / name).read_bytes())
    monkeypatch.setattr(library, "package_folder", lambda: tmp_path)
    assert wordllama().fingerprint == before
    with (tmp_path / library.WEIGHTS).open("r+b") as weights:
        weights.seek(5000)
        weights.write(b"\x01\x02")
        weights.truncate()
    os.utime(tmp_path / library.WEIGHTS, ns=(1, 1))
    assert wordllama().fingerprint != before


def test_a_wheel_without_a_model_is_named(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    (tmp_path / "wordllama").mkdir()
    (tmp_path / "wordllama" / "__init__.py").write_text("raise ImportError('must not be imported')")
    monkeypatch.syspath_prepend(tmp_path)
    monkeypatch.delitem(sys.modules, "wordllama", raising=False)
    assert find_spec("wordllama") is not None
    with pytest.raises(ModelError, match=r"has no weights/l2_supercat_256.safetensors; reinstall it"):
        wordllama()


def test_a_missing_library_is_named(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(library, "find_spec", lambda _: None)
    with pytest.raises(ModelError, match=r"wordllama is not installed; run pip install 'stsbench\[wordllama\]'"):
        wordllama()


def test_loading_leaves_the_process_as_it_was() -> None:
    code = (
        "import logging, socket, sys\n"
        "def refuse(*_): raise OSError('no network')\n"
        "socket.socket.connect = refuse\n"
        "from stsbench_wordllama.plugin import wordllama\n"
        "encoder = wordllama(); assert 'wordllama' not in sys.modules; assert not encoder.provenance\n"
        "vectors = encoder.encode(['a'], views=['sentence']).vectors['sentence']\n"
        "root = logging.getLogger()\n"
        "print(root.level, root.handlers, vectors.shape, 'torch' in sys.modules, sorted(encoder.provenance))"
    )
    done = subprocess.run([sys.executable, "-W", "error", "-c", code], capture_output=True, text=True, check=True)
    assert done.stdout.strip() == f"{logging.WARNING} [] (1, 256) False ['device', 'tokenizers', 'wordllama']"
    assert done.stderr == ""


def test_closing_lets_go_of_the_table() -> None:
    encoder = wordllama()
    assert isinstance(encoder, StaticVectors)
    before = encoder.encode(["a cat"], views=["sentence"]).vectors["sentence"]
    encoder.close()
    assert "model" not in vars(encoder)
    assert (encoder.encode(["a cat"], views=["sentence"]).vectors["sentence"] == before).all()


@pytest.mark.parametrize(
    ("repository", "expected"),
    [
        ("mteb/sts12-sts", 0.659936),
        ("mteb/sts13-sts", 0.755175),
        ("mteb/sts14-sts", 0.710109),
        ("mteb/sts15-sts", 0.819776),
        ("mteb/sts16-sts", 0.764306),
        ("mteb/stsbenchmark-sts", 0.758624),
        ("mteb/sickr-sts", 0.672125),
    ],
)
def test_known_answers(rows_of: Callable[[str], list[dict[str, Any]]], repository: str, expected: float) -> None:
    """Cosine Spearman, computed here with scipy alone."""
    from scipy.stats import spearmanr

    rows = rows_of(f"{repository}/test")
    encoder = wordllama()
    sides = [
        encoder.encode([row[key] for row in rows], views=["sentence"]).vectors["sentence"].astype(np.float64)
        for key in ("sentence1", "sentence2")
    ]
    left, right = (side / np.linalg.norm(side, axis=1, keepdims=True) for side in sides)
    scores = np.round(1 - ((left - right) ** 2).sum(axis=1) / 2, 10)
    assert spearmanr([row["score"] for row in rows], scores).statistic == pytest.approx(expected, abs=2e-5)


def test_the_view_that_is_there_by_itself_is_in_no_signature_and_a_size_is() -> None:
    from stsbench import evaluate
    from stsbench.runner.keys import parse_signature

    entries = evaluate("wordllama,view=sentence+sentence/64", "cosine", "mini", limit=20).entries
    named = {entry.record.view: parse_signature(entry.record.signature)["encoder"] for entry in entries}
    assert named == {"sentence": "stsbench-wordllama/wordllama", "sentence/64": "stsbench-wordllama/wordllama,view=sentence/64"}
