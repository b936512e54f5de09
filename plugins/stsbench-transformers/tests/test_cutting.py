from __future__ import annotations

import json
import shutil
from collections.abc import Callable
from pathlib import Path
from subprocess import CompletedProcess

import numpy as np
import pytest
from stsbench_transformers.checkpoints.checkpoint import Checkpoint
from stsbench_transformers.tokens.tokenizer import settle

from stsbench.plugin import Location

TEXTS = ["a man eats", "dog " * 18, "dog " * 19, "", "the cat is not a dog . " * 9]


def checkpoint(folder: Path) -> Checkpoint:
    return Checkpoint.of(Location("model", path=folder, digest="0"), None)


def test_what_the_tokenizer_says_is_what_encoding_counts(tiny: Path) -> None:
    from stsbench_transformers.encoder import Bert

    encoder = Bert(Location("model", path=tiny, digest="0"), device="cpu")
    marks = encoder.truncated(TEXTS)
    np.testing.assert_array_equal(marks, [False, False, True, False, True])  # 20 tokens, of which two are [CLS] and [SEP]
    np.testing.assert_array_equal(marks, encoder.encode(TEXTS, views=encoder.views).truncated)
    prompted = encoder.truncated(TEXTS, prompt="a ")
    np.testing.assert_array_equal(prompted, [False, True, True, False, True])
    np.testing.assert_array_equal(prompted, encoder.encode(TEXTS, views=encoder.views, prompt="a ").truncated)


def test_it_cannot_tell_with_a_tokenizer_that_runs_in_python(tiny: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    from stsbench_transformers.encoder import Bert
    from stsbench_transformers.tokens import tokenizer

    monkeypatch.setattr(tokenizer, "_ask", lambda _checkpoint: tokenizer.LibraryTokenizer(obstacle="it is slow"))
    location = Location("model", path=tiny, digest="0")
    assert Bert(location).truncated(TEXTS) is None


def test_without_a_limit_nothing_is_asked(tiny: Path, tmp_path: Path) -> None:
    from stsbench_transformers.encoder import Bert

    shutil.copytree(tiny, tmp_path / "other")
    for name, missing in (("config.json", "max_position_embeddings"), ("tokenizer_config.json", "model_max_length")):
        path = tmp_path / "other" / name
        path.write_text(json.dumps({key: value for key, value in json.loads(path.read_text()).items() if key != missing}))
    (tmp_path / "other" / "tokenizer.json").unlink()
    encoder = Bert(Location("model", path=tmp_path / "other", digest="0"))
    np.testing.assert_array_equal(encoder.truncated(TEXTS), [False] * 5, strict=True)


@pytest.mark.parametrize(
    ("settings", "normalizer"),
    [
        ({}, {}),
        ({"strip_accents": False}, {}),
        ({"strip_accents": True}, {}),
        ({"tokenize_chinese_chars": False}, {}),
        ({"do_lower_case": False}, {}),
        ({"do_lower_case": False, "strip_accents": False}, {"lowercase": False}),
        ({"do_lower_case": None}, {"lowercase": False, "strip_accents": False, "handle_chinese_chars": False}),
        ({}, {"lowercase": False}),
        ({}, {"strip_accents": False}),
        ({}, {"handle_chinese_chars": False}),
        ({"tokenize_chinese_chars": False, "strip_accents": False}, {"strip_accents": False, "handle_chinese_chars": False}),
    ],
)
def test_it_normalises_as_transformers_does(
    tiny: Path, tmp_path: Path, settings: dict[str, bool | None], normalizer: dict[str, bool]
) -> None:
    """`tokenizer_config.json` without its own settings but these (None: left out), beside a changed `tokenizer.json`."""
    from transformers import AutoTokenizer

    shutil.copytree(tiny, tmp_path / "other")
    path, tokenizer = tmp_path / "other" / "tokenizer_config.json", tmp_path / "other" / "tokenizer.json"
    kept = {
        name: value
        for name, value in json.loads(path.read_text()).items()
        if name not in ("do_lower_case", "strip_accents", "tokenize_chinese_chars")
    }
    path.write_text(json.dumps({**kept, **{name: value for name, value in settings.items() if value is not None}}))
    held = json.loads(tokenizer.read_text())
    tokenizer.write_text(json.dumps({**held, "normalizer": {**held["normalizer"], **normalizer}}))
    settled, used = settle(checkpoint(tmp_path / "other"), ""), AutoTokenizer.from_pretrained(tmp_path / "other").backend_tokenizer
    texts = ["Caf\u00e9 na\u00efve", "\u4f60\u597d world", "\u00dcber"]
    assert [settled.backend.normalizer.normalize_str(text) for text in texts] == [used.normalizer.normalize_str(text) for text in texts]


def test_plan_says_the_share_and_asks_transformers_once(tiny: Path, tmp_path: Path, forked: Callable[..., CompletedProcess[str]]) -> None:
    rows = "\n".join(f"{text},a dog,{row}" for row, text in enumerate(TEXTS[:4]))
    (tmp_path / "own.csv").write_text(f"sentence1,sentence2,score\n{rows}\n")
    arguments = ["stsbench", "plan", "-e", f"bert:{tiny}", "-b", f"csv:{tmp_path / 'own.csv'}", "--cache-dir", str(tmp_path / "cache")]
    code = (
        f"import sys\nfrom stsbench.__main__ import main\nsys.argv = {arguments!r} + sys.argv[1:]\n"
        "try:\n    main()\n"
        "finally:\n    print([one for one in ('torch', 'transformers', 'openvino') if one in sys.modules], file=sys.stderr)\n"
    )
    for as_json, imported in ((True, "['torch', 'transformers']"), (True, "[]"), (False, "[]")):
        done = forked("-c", code, *["--json"] * as_json, cwd=tmp_path)
        assert done.returncode == 0, done.stderr
        assert done.stderr.strip() == imported
        if as_json:
            (job,) = json.loads(done.stdout)["jobs"]
            assert (job["texts"], job["truncated"]) == (5, 1)
        else:
            assert "longer than the encoder reads: 1 (20.0%)" in done.stdout
