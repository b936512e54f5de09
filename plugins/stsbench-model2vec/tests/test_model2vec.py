from __future__ import annotations

import json
import shutil
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from stsbench_model2vec.encoder import StaticEncoder

from stsbench.plugin import Location, ModelError, OptionError

KINDS = [
    "plain", "normalised", "float16", "float64", "int8", "unigram", "weighted",
    "vocabulary", "vocabulary-int8", "vocabulary-float16",
]  # fmt: skip
BOTH = ("sentence", "tokens")
TEXTS = [
    "A man plays the guitar.",
    "",
    " ",
    "☃",
    "cats",
    "a ☃ dog eats not .",
    "man " * 700,
    "dog eats the cat " * 90,
    "a dog eats the cat . " * 200,
    "☃ " * 600,
]
Checkpoint = Callable[..., Path]
Locate = Callable[[Path], Location]


@pytest.mark.parametrize("kind", KINDS)
def test_vectors_equal_the_librarys_own(kind: str, checkpoint: Checkpoint, locate: Locate) -> None:
    from model2vec import StaticModel

    folder = checkpoint(kind)
    theirs = StaticModel.from_pretrained(folder)
    given = StaticEncoder(locate(folder)).encode(TEXTS, views=BOTH)
    assert given.vectors["sentence"].dtype == np.float32
    np.testing.assert_allclose(given.vectors["sentence"], theirs.encode(TEXTS).astype(np.float32), rtol=0, atol=1e-6)
    rows, whole = (theirs.encode_as_sequence(TEXTS, max_length=length) for length in (512, None))
    for values, row in zip(given.tokens["tokens"], rows, strict=True):
        np.testing.assert_allclose(values, row.astype(np.float32), rtol=0, atol=1e-6)
    assert given.truncated is not None
    assert given.truncated.tolist() == [len(kept) < len(every) for kept, every in zip(rows, whole, strict=True)]
    assert given.truncated.sum() >= 2


@pytest.mark.parametrize("options", [{"max_length": 3}, {"normalize": True}, {"truncate_dim": 5}, {"max_length": 0}])
@pytest.mark.parametrize("kind", ["plain", "normalised", "vocabulary-int8"])
def test_options_are_the_librarys(kind: str, options: dict[str, Any], checkpoint: Checkpoint, locate: Locate) -> None:
    from model2vec import StaticModel

    folder = checkpoint(kind)
    named = {"truncate_dim": "dimensionality"}
    given: dict[str, Any] = {named.get(name, name): value or None for name, value in options.items()}
    theirs = StaticModel.from_pretrained(folder, **given)
    vectors = StaticEncoder(locate(folder), **options).encode(TEXTS, views=["sentence"]).vectors["sentence"]
    np.testing.assert_allclose(vectors, theirs.encode(TEXTS).astype(np.float32), rtol=0, atol=1e-6)


def test_a_limit_of_the_checkpoint_holds_unless_the_user_says_otherwise(checkpoint: Checkpoint, locate: Locate) -> None:
    folder = checkpoint(max_length=3)
    limited, whole = (StaticEncoder(locate(folder), max_length=length) for length in (None, 0))
    texts = ["a man .", "a man . .", "a man .         ", "a man . ☃", "a man         ."]
    marks = [limited.encode(texts, views=[]).truncated, whole.encode(texts, views=[]).truncated]
    assert [None if one is None else one.tolist() for one in marks] == [[False, True, False, False, True], [False] * 5]
    assert limited.provenance["max_length"] == "3"
    assert whole.provenance["max_length"] == "none"
    assert limited.fingerprint != whole.fingerprint


def test_tokens_are_rows_of_the_table_without_unknown_ones(checkpoint: Checkpoint, locate: Locate) -> None:
    tokens = StaticEncoder(locate(checkpoint())).encode(["a ☃ guitar", "☃"], views=["tokens"]).tokens["tokens"]
    assert [tokens.pieces[number] for number in tokens.ids.tolist()] == ["a", "gui", "##tar"]
    assert tokens.lengths.tolist() == [3, 0]
    assert not tokens.special.any()


def test_a_text_does_not_depend_on_its_neighbours(checkpoint: Checkpoint, locate: Locate) -> None:
    for kind in KINDS:
        encoder = StaticEncoder(locate(checkpoint(kind)))
        among = encoder.encode(TEXTS, views=BOTH)
        for row, text in enumerate(TEXTS):
            alone = encoder.encode([text], views=BOTH)
            assert (alone.vectors["sentence"][0] == among.vectors["sentence"][row]).all()
            assert (alone.tokens["tokens"].values == among.tokens["tokens"].take(np.array([row])).values).all()
        assert not among.vectors["sentence"][1:4].any()


def test_a_prompt_stands_before_the_text(checkpoint: Checkpoint, locate: Locate) -> None:
    encoder = StaticEncoder(locate(checkpoint()))
    prompted = encoder.encode(["cat"], views=["sentence"], prompt="the ").vectors["sentence"]
    assert (prompted == encoder.encode(["the cat"], views=["sentence"]).vectors["sentence"]).all()
    assert encoder.encode([], views=BOTH).vectors["sentence"].shape == (0, 12)


def test_the_fingerprint_follows_the_files_and_the_options(checkpoint: Checkpoint, locate: Locate, tmp_path: Path) -> None:
    folder = shutil.copytree(checkpoint(), tmp_path / "copy")
    before = StaticEncoder(locate(folder)).fingerprint
    assert StaticEncoder(locate(checkpoint()), truncate_dim=None).fingerprint == before
    others = [StaticEncoder(locate(folder), **one).fingerprint for one in ({"max_length": 0}, {"normalize": False}, {"truncate_dim": 4})]
    config = json.loads((folder / "config.json").read_text())
    (folder / "config.json").write_text(json.dumps({**config, "normalize": True}))
    assert len({before, *others, StaticEncoder(locate(folder)).fingerprint}) == 5


@pytest.mark.parametrize("layout", ["", "0_StaticEmbedding"])
def test_what_sentence_transformers_saved_is_read_too(layout: str, checkpoint: Checkpoint, locate: Locate, tmp_path: Path) -> None:
    from safetensors.numpy import load_file, save_file

    plain, folder = checkpoint(), tmp_path / "saved"
    (folder / layout).mkdir(parents=True)
    shutil.copy(plain / "tokenizer.json", folder / layout)
    table = load_file(plain / "model.safetensors")["embeddings"]
    save_file({"embedding.weight": table}, folder / layout / "model.safetensors")
    (folder / "config_sentence_transformers.json").write_text("{}")
    given = [StaticEncoder(locate(one)).encode(TEXTS, views=["sentence"]).vectors["sentence"] for one in (plain, folder)]
    assert (given[0] == given[1]).all()


def test_what_is_no_checkpoint_is_refused_before_anything_is_loaded(checkpoint: Checkpoint, locate: Locate, tmp_path: Path) -> None:
    from safetensors.numpy import save_file

    (tmp_path / "tokenizer.json").write_text("{}")
    with pytest.raises(ModelError, match=r"is no checkpoint of model2vec: it has no tokenizer.json beside a model.safetensors with embedd"):
        StaticEncoder(locate(tmp_path))
    save_file({"encoder.weight": np.zeros((2, 2))}, tmp_path / "model.safetensors")
    with pytest.raises(ModelError, match="or run another kind of model as sentence-transformers: or bert:"):
        StaticEncoder(locate(tmp_path))
    with pytest.raises(ModelError, match="model 'none' is no checkpoint of model2vec"):
        StaticEncoder(Location("none", path=tmp_path / "none", digest="0" * 32))


def test_what_does_not_fit_is_one_sentence(checkpoint: Checkpoint, locate: Locate, tmp_path: Path) -> None:
    place = locate(checkpoint())
    with pytest.raises(OptionError, match="'revision' is for models on the hub, and 'plain' is a folder; leave it out"):
        StaticEncoder(place, revision="main")
    with pytest.raises(OptionError, match="'max_length' must be a number of tokens, or 0 to keep all of them, not -1"):
        StaticEncoder(place, max_length=-1)
    with pytest.raises(OptionError, match="'truncate_dim' must be at least 1, not 0"):
        StaticEncoder(place, truncate_dim=0)
    with pytest.raises(OptionError, match="'truncate_dim' is 13, but vectors of 'plain' have 12 dimensions; give fewer"):
        StaticEncoder(place, truncate_dim=13).prepare()
    with pytest.raises(OptionError, match=r"model2vec has the views sentence and tokens, not 'mean@1'"):
        StaticEncoder(place).encode(["a"], views=["mean@1"])
    folder = shutil.copytree(checkpoint(), tmp_path / "broken")
    (folder / "tokenizer.json").write_text("{}")
    with pytest.raises(ModelError, match=r"model 'broken' cannot be loaded \(Exception: .*\); check that its files are complete"):
        StaticEncoder(locate(folder)).prepare()


@pytest.mark.parametrize("kind", ["plain", "vocabulary"])
def test_a_token_without_a_vector_is_refused(kind: str, checkpoint: Checkpoint, locate: Locate, tmp_path: Path) -> None:
    folder = shutil.copytree(checkpoint(kind), tmp_path / "huge")
    tokenizer = json.loads((folder / "tokenizer.json").read_text())
    tokenizer["model"]["vocab"]["man"] = 1_000_000
    (folder / "tokenizer.json").write_text(json.dumps(tokenizer))
    with pytest.raises(
        ModelError, match=r"gives token 1000000, but the model has vectors of .*, from 0 on; check that both belong together"
    ):
        StaticEncoder(locate(folder)).encode(["the man"], views=["sentence"])
    assert StaticEncoder(locate(folder)).encode(["the dog"], views=["sentence"]).vectors["sentence"].any()


def test_a_model_of_the_hub_is_at_a_commit_and_is_there_offline_afterwards(
    checkpoint: Checkpoint, make_hub: Callable[..., Any], serve_hub: Callable[..., str], ask_hub: Callable[..., list[str]]
) -> None:
    endpoint = serve_hub(make_hub(checkpoint()))
    script = (
        "import sys\nfrom stsbench.plugin import Location, ModelError\nfrom stsbench_model2vec.encoder import StaticEncoder\n"
        "try:\n    encoder = StaticEncoder(Location('tiny', hub=sys.argv[1]), revision=sys.argv[2] or None)\n"
        "    print(encoder.files.commit, list(encoder.files.folder.glob('*.safetensors')))\n"
        "    print(encoder.encode(['a man'], views=['sentence']).vectors['sentence'].shape)\n"
        "except ModelError as error:\n    print(error)\n"
    )
    settled = script.replace("    print(encoder.encode(", "    0 and print(encoder.encode(")
    assert ask_hub(endpoint, settled, "org/tiny", "") == [f"{'a' * 40} []"]
    assert ask_hub(endpoint, script, "org/tiny", "", offline=True)[1].startswith("model 'org/tiny' (revision aaaaa")
    assert ask_hub(endpoint, script, "org/tiny", "") == [f"{'a' * 40} []", "(1, 12)"]
    unreachable = "http://127.0.0.1:1"
    assert ask_hub(unreachable, script, "org/tiny", "", offline=True)[1] == "(1, 12)"
    assert ask_hub(unreachable, script, "org/tiny", "a" * 40, offline=True)[1] == "(1, 12)"
    assert ask_hub(unreachable, script, "org/tiny", "a" * 40)[1] == "(1, 12)", "a commit that is in the cache needs no connection"
    for repository, revision, said in [
        ("org/none", "", "the hub has no model 'org/none', or does not show it without a login"),
        ("org/tiny", "v9", "model 'org/tiny' has no revision 'v9' on the hub"),
        ("a b", "", "'a b' is not a hub id"),
        ("org/down", "", "the hub could not be asked for model 'org/down' (status 500); "),
    ]:
        (line,) = ask_hub(endpoint, script, repository, revision)
        assert line.startswith(said)
    (line,) = ask_hub(unreachable, script, "org/other", "", offline=True)
    assert line.startswith("model 'org/other' (revision main) is not in the local cache and the hub is offline")


def test_nothing_heavy_is_imported_and_the_terminal_stays_empty(checkpoint: Checkpoint) -> None:
    code = (
        "import sys\nfrom pathlib import Path\nfrom stsbench.plugin import Location\nfrom stsbench_model2vec.encoder import StaticEncoder\n"
        "encoder = StaticEncoder(Location('tiny', path=Path(sys.argv[1]), digest='0' * 32))\n"
        "assert 'model2vec' not in sys.modules and not encoder.provenance\n"
        "print(encoder.encode(['a'], views=['sentence']).vectors['sentence'].shape, 'torch' in sys.modules, sorted(encoder.provenance))"
    )
    done = subprocess.run([sys.executable, "-W", "error", "-c", code, checkpoint()], capture_output=True, text=True, check=True)
    assert done.stdout.strip() == "(1, 12) False ['device', 'dtype', 'max_length', 'model2vec', 'normalize', 'tokenizers']"
    assert done.stderr == ""


def test_the_card_counts_weights_and_closing_lets_go(checkpoint: Checkpoint, locate: Locate) -> None:
    encoder = StaticEncoder(locate(checkpoint()))
    assert encoder.card.parameters == 66 * 12
    before = encoder.encode(["a cat"], views=["sentence"]).vectors["sentence"]
    encoder.close()
    assert "table" not in vars(encoder)
    assert (encoder.encode(["a cat"], views=["sentence"]).vectors["sentence"] == before).all()
