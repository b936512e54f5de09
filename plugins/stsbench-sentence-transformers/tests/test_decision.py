"""How a checkpoint is run is decided from its files, is part of its identity, and is what the library does."""

from __future__ import annotations

import json
import shutil
from collections.abc import Callable
from dataclasses import replace
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from stsbench_sentence_transformers.encoder import SentenceEncoder
from stsbench_transformers.running import Backend

from stsbench.plugin import Float32, Location, ModelError, OptionError

TEXTS = ["a man plays .", "the dogs eats the cat", "not", "the cat is not the dog . a man eats"]
WAYS = ("torch", "openvino", "library")


def vectors(encoder: SentenceEncoder) -> Float32:
    (view,) = encoder.views
    return encoder.encode(TEXTS, views=(view,)).vectors[view]


def edit(folder: Path, name: str, **changes: Any) -> None:
    path = folder / name
    settings = json.loads(path.read_text()) if path.exists() else {}
    path.write_text(json.dumps({**settings, **changes}))


def library(folder: Path) -> Float32:
    from sentence_transformers import SentenceTransformer

    model = SentenceTransformer(str(folder), device="cpu")
    return np.stack([model.encode(text, prompt="") for text in TEXTS])


@pytest.fixture
def causal(tmp_path: Path, words: list[str]) -> Path:
    import torch
    from transformers import BertTokenizer, Qwen3Config, Qwen3ForCausalLM

    sizes: dict[str, Any] = {
        "hidden_size": 16,
        "num_hidden_layers": 1,
        "num_attention_heads": 2,
        "intermediate_size": 32,
        "num_key_value_heads": 2,
    }
    with torch.random.fork_rng():
        torch.manual_seed(0)
        Qwen3ForCausalLM(Qwen3Config(vocab_size=len(words), head_dim=8, **sizes)).save_pretrained(tmp_path / "causal")
    BertTokenizer(vocab={word: row for row, word in enumerate(words)}).save_pretrained(tmp_path / "causal")
    return tmp_path / "causal"


@pytest.mark.parametrize("backend", WAYS)
def test_dimensions_that_the_model_s_settings_keep_are_kept(
    backend: Backend, make_tiny: Callable[..., Path], locate: Callable[[Path], Location]
) -> None:
    folder = make_tiny()
    whole = SentenceEncoder(locate(folder), backend=backend)
    edit(folder, "config_sentence_transformers.json", truncate_dim=3)
    encoder = SentenceEncoder(locate(folder), backend=backend)
    np.testing.assert_allclose(vectors(encoder), library(folder), atol=1e-6)
    assert vectors(encoder).shape == (4, 3)
    assert encoder.encode([], views=("sentence",)).vectors["sentence"].shape == (0, 3)
    assert vectors(SentenceEncoder(locate(folder), backend=backend, truncate_dim=(5,))).shape == (4, 5)
    assert encoder.decided["dimensions"] == "3"
    assert encoder.decision.identity != whole.decision.identity


def test_a_causal_model_without_modules_is_pooled_as_the_library_does(causal: Path, locate: Callable[[Path], Location]) -> None:
    encoder = SentenceEncoder(locate(causal))
    np.testing.assert_allclose(vectors(encoder), library(causal), atol=1e-6)
    assert encoder.decided["pooling"] == "lasttoken"
    assert encoder.decided["positions"] == "relative"
    edit(causal, "config.json", is_causal=False)
    assert SentenceEncoder(locate(causal)).decided["pooling"] == "mean"


@pytest.mark.parametrize("backend", WAYS)
def test_settings_of_the_library_count_only_beside_its_modules(
    backend: Backend, make_tiny: Callable[..., Path], locate: Callable[[Path], Location]
) -> None:
    base = make_tiny().with_name("tiny-base")
    edit(base, "config_sentence_transformers.json", truncate_dim=3, prompts={"query": "the dog "})
    edit(base, "sentence_bert_config.json", max_seq_length=4)
    encoder = SentenceEncoder(locate(base), backend=backend)
    np.testing.assert_allclose(vectors(encoder), library(base), atol=1e-6)
    assert encoder.prompts == {}
    assert encoder.decided["max_length"] == "20"


@pytest.mark.parametrize("backend", WAYS)
def test_dense_weights_in_bfloat16_are_read(backend: Backend, make_tiny: Callable[..., Path], locate: Callable[[Path], Location]) -> None:
    import torch
    from safetensors.torch import load_file, save_file

    folder = make_tiny()
    for path in folder.rglob("*.safetensors"):
        save_file({name: one.to(torch.bfloat16) for name, one in load_file(path).items()}, path, metadata={"format": "pt"})
    from sentence_transformers import SentenceTransformer

    model = SentenceTransformer(str(folder), device="cpu", model_kwargs={"dtype": torch.float32})
    np.testing.assert_allclose(vectors(SentenceEncoder(locate(folder), backend=backend)), model.encode(TEXTS), atol=1e-6)


def inwards(folder: Path) -> Path:
    """Move the transformer from the model's folder into one of its own."""
    inner = folder / "0_Transformer"
    inner.mkdir()
    kept = ("modules.json", "config_sentence_transformers.json")
    for path in [path for path in folder.iterdir() if path.is_file() and path.name not in kept]:
        path.rename(inner / path.name)
    modules = json.loads((folder / "modules.json").read_text())
    (folder / "modules.json").write_text(json.dumps([{**modules[0], "path": "0_Transformer"}, *modules[1:]]))
    return folder


def linked(folder: Path, name: str) -> None:
    """Put a link in the place of a folder of the model."""
    elsewhere = folder.with_name(f"elsewhere-{name}")
    (folder / name).rename(elsewhere)
    (folder / name).symlink_to(elsewhere, target_is_directory=True)


def test_weights_behind_links_to_folders_are_found(make_tiny: Callable[..., Path], locate: Callable[[Path], Location]) -> None:
    import torch
    from safetensors.torch import load_file

    folder = inwards(make_tiny())
    for name in ("0_Transformer", "2_Dense"):
        linked(folder, name)
    agrees(folder, locate, "its transformer lies in a folder of its own")
    dense = folder / "2_Dense" / "model.safetensors"
    torch.save(load_file(dense), dense.with_name("pytorch_model.bin"))
    dense.unlink()
    with pytest.raises(ModelError, match="'tiny' has weights in pickled files only"):
        SentenceEncoder(locate(folder))


def with_teacher(base: Path, folder: Path, prefix: str, other: str | None) -> Path:
    """The model under one prefix, and one of other weights under another."""
    from safetensors.numpy import load_file, save_file

    shutil.copytree(base, folder)
    weights = load_file(folder / "model.safetensors")
    student = {f"{prefix}{name}": one for name, one in weights.items()}
    teacher = {} if other is None else {f"{other}{name}": one[::-1].copy() for name, one in weights.items()}
    save_file({**teacher, **student}, folder / "model.safetensors", metadata={"format": "pt"})
    return folder


@pytest.mark.parametrize("backend", WAYS)
def test_the_student_is_run_and_not_the_teacher_beside_it(
    backend: Backend, make_tiny: Callable[..., Path], locate: Callable[[Path], Location], tmp_path: Path
) -> None:
    base = make_tiny().with_name("tiny-base")
    expected = library(base)
    for row, (student, other) in enumerate((("", "a_teacher."), ("bert.", "a_teacher."), ("bert.", "a_teacher.bert."), ("student.", None))):
        folder = with_teacher(base, tmp_path / f"pair{row}", student, other)
        np.testing.assert_allclose(vectors(SentenceEncoder(locate(folder), backend=backend)), expected, atol=1e-6)


@pytest.mark.parametrize("backend", [*WAYS, "auto"])
@pytest.mark.parametrize("prefixes", [("student.", "teacher."), ("", "bert.")])
def test_two_models_of_which_neither_is_named_are_refused(
    backend: Backend, prefixes: tuple[str, str], make_tiny: Callable[..., Path], locate: Callable[[Path], Location], tmp_path: Path
) -> None:
    folder = with_teacher(make_tiny().with_name("tiny-base"), tmp_path / "pair", *prefixes)
    with pytest.raises(ModelError, match=r"hold several models \(under .*\), and nothing says which is meant"):
        vectors(SentenceEncoder(locate(folder), backend=backend))


def test_two_models_are_refused_in_a_transformer_s_own_folder_too(
    make_tiny: Callable[..., Path], locate: Callable[[Path], Location], tmp_path: Path
) -> None:
    whole = make_tiny()
    with_teacher(whole.with_name("tiny-base"), tmp_path / "pair", "", "bert.")
    shutil.copy(tmp_path / "pair" / "model.safetensors", whole / "model.safetensors")
    inwards(whole)
    with pytest.raises(ModelError, match=r"hold several models .under '' and 'bert\.'."):
        vectors(SentenceEncoder(locate(whole)))


def test_only_dense_models_are_run(make_tiny: Callable[..., Path], locate: Callable[[Path], Location]) -> None:
    folder = make_tiny()
    for kind, message in (
        ("SparseEncoder", "is a sparse encoder"),
        ("MultiVectorEncoder", "is a multi-vector encoder"),
        ("CrossEncoder", "run it as cross-encoder:"),
        ("Unheard", "is a Unheard, which is not known here"),
    ):
        edit(folder, "config_sentence_transformers.json", model_type=kind)
        for backend in ("auto", "library"):
            with pytest.raises(ModelError, match=message):
                SentenceEncoder(locate(folder), backend=backend)
    edit(folder, "config_sentence_transformers.json", model_type="SentenceTransformer", similarity_fn_name="maxsim")
    with pytest.raises(ModelError, match="is a multi-vector encoder"):
        SentenceEncoder(locate(folder))


def test_a_tokenizer_without_padding_is_named_by_the_library_and_changes_no_vector_of_ours(
    causal: Path, locate: Callable[[Path], Location]
) -> None:
    padded = vectors(SentenceEncoder(locate(causal), backend="library"))
    for name in ("tokenizer_config.json", "special_tokens_map.json"):
        edit(causal, name, pad_token=None, tokenizer_class="PreTrainedTokenizerFast")
    with pytest.raises(ModelError, match=r"the tokenizer of model 'causal' has no padding token; set its pad_token"):
        vectors(SentenceEncoder(locate(causal), backend="library"))
    ours = SentenceEncoder(locate(causal))
    assert not ours.instead
    np.testing.assert_allclose(vectors(ours), padded, rtol=0, atol=1e-5)


def test_relative_positions_that_transformers_no_longer_computes_are_refused(
    make_tiny: Callable[..., Path], locate: Callable[[Path], Location]
) -> None:

    from stsbench_transformers.encoder import Bert

    folder = make_tiny()
    edit(folder, "config.json", position_embedding_type="relative_key")
    for build in (SentenceEncoder, Bert):
        with pytest.raises(ModelError, match="'tiny' has relative_key positions, which transformers computes for bert no longer"):
            build(locate(folder))


def test_a_tokenizer_of_another_place_is_refused(make_tiny: Callable[..., Path], locate: Callable[[Path], Location]) -> None:
    folder = make_tiny()
    edit(folder, "sentence_bert_config.json", tokenizer_name_or_path="somewhere/else")
    with pytest.raises(ModelError, match=r"takes its tokenizer from another place \(else\)"):
        SentenceEncoder(locate(folder))


def test_a_module_outside_the_model_is_refused(make_tiny: Callable[..., Path], locate: Callable[[Path], Location]) -> None:
    folder = make_tiny()
    for path in ("../tiny-base", "/tmp", ".hidden"):
        (folder / "modules.json").write_text(
            json.dumps([{"idx": 0, "name": "0", "path": path, "type": "sentence_transformers.models.Dense"}])
        )
        with pytest.raises(ModelError, match=r"modules.json of model 'tiny' is not a list of modules with a path each"):
            SentenceEncoder(locate(folder))


@pytest.mark.parametrize(
    ("name", "changed", "says"),
    [
        ("2_Dense/config.json", {"bias": False}, "weights in 2_Dense of model 'tiny' are not those that its config.json describes"),
        ("2_Dense/config.json", {"out_features": 8.5}, "'tiny' cannot be loaded"),
        ("2_Dense/config.json", {"out_features": None}, "'tiny' cannot be loaded"),
        ("1_Pooling/config.json", {"pooling_mode": None}, "'tiny' cannot be loaded"),
        ("1_Pooling/config.json", {"embedding_dimension": ...}, "1_Pooling/config.json of model 'tiny', which says how token states are"),
        ("config_sentence_transformers.json", {"prompts": 2}, "config_sentence_transformers.json of model 'tiny' names no prompts"),
        ("tokenizer_config.json", {"model_max_length": {}}, "'tiny' cannot be loaded .*; check that its files are complete"),
        ("tokenizer_config.json", {"cls_token": "[cls]"}, "gives token 16, but the model has 16 embeddings"),
        ("tokenizer_config.json", {"pad_token": "[pad]"}, "gives token 16, but the model has 16 embeddings"),
        ("config.json", {"vocab_size": ""}, "'tiny' cannot be loaded .*; check that its files are complete"),
        ("config.json", {"num_attention_heads": 0}, "'tiny' cannot be loaded .*; check that its files are complete"),
    ],
)
def test_settings_that_cannot_be_are_refused_as_the_library_refuses_them(
    name: str, changed: dict[str, Any], says: str, make_tiny: Callable[..., Path], locate: Callable[[Path], Location]
) -> None:
    from sentence_transformers import SentenceTransformer

    folder = make_tiny()
    kept = {key: value for key, value in (json.loads((folder / name).read_text()) | changed).items() if value is not ...}
    (folder / name).write_text(json.dumps(kept))
    with pytest.raises(Exception):  # noqa: B017 - of whatever kind
        SentenceTransformer(str(folder), device="cpu").encode(TEXTS)  # of several lengths in one batch
    for backend in ("torch", "auto"):
        with pytest.raises((ModelError, OptionError), match=says if backend == "auto" else None):
            vectors(SentenceEncoder(locate(folder), backend=backend, device="cpu"))


@pytest.mark.parametrize("gone", ["1_Pooling/config.json", "modules.json"])
def test_a_file_without_which_the_mean_would_be_a_guess_is_missed(
    gone: str, make_tiny: Callable[..., Path], locate: Callable[[Path], Location]
) -> None:
    folder = make_tiny()
    (folder / gone).unlink()
    with pytest.raises(ModelError, match=rf"{gone}.*; check that all its files are there"):
        SentenceEncoder(locate(folder))


def test_a_kind_that_the_library_takes_for_another_is_refused(make_tiny: Callable[..., Path], locate: Callable[[Path], Location]) -> None:
    folder = make_tiny()
    edit(folder, "config_sentence_transformers.json", model_type="")
    assert library(folder).shape == (4, 16), "the library leaves the dense layer out"
    with pytest.raises(ModelError, match="which is not known here"):
        SentenceEncoder(locate(folder))


def test_a_transformer_alone_is_told_to_be_pooled_by_the_library(
    make_tiny: Callable[..., Path], locate: Callable[[Path], Location], caplog: pytest.LogCaptureFixture
) -> None:
    _ = SentenceEncoder(locate(make_tiny())).decision
    assert not caplog.messages
    _ = SentenceEncoder(locate(make_tiny("other").with_name("other-base"))).decision
    assert caplog.messages == ["other-base has no modules.json, so its vectors are what the library makes of any transformer: pooling mean"]


def saved(folder: Path, *modules: Any) -> Path:
    from sentence_transformers import SentenceTransformer

    SentenceTransformer(modules=list(modules), device="cpu").save_pretrained(str(folder), create_model_card=False)
    return folder


def agrees(folder: Path, locate: Callable[[Path], Location], reason: str) -> SentenceEncoder:
    encoder = SentenceEncoder(locate(folder))
    assert encoder.runs_on == f"sentence_transformers, since {reason}"
    np.testing.assert_allclose(vectors(encoder), library(folder), atol=1e-6)
    return encoder


def test_a_router_sends_both_texts_along_one_route(
    make_tiny: Callable[..., Path], locate: Callable[[Path], Location], tmp_path: Path
) -> None:
    from sentence_transformers.base.modules import Router, Transformer
    from sentence_transformers.sentence_transformer.modules import Pooling, StaticEmbedding

    base = make_tiny().with_name("tiny-base")
    transformer = Transformer(str(base))
    routes = {"query": [StaticEmbedding(transformer.tokenizer, embedding_dim=16)], "document": [transformer, Pooling(16)]}
    folder = saved(tmp_path / "routed", Router(routes, default_route="document"))
    encoder = agrees(folder, locate, "the model starts with the module Router")
    assert encoder.decided["route"] == "document"
    np.testing.assert_array_equal(encoder.encode(["the cat " * 20, "not"], views=("sentence",)).truncated, [True, False], strict=True)
    config = json.loads((folder / "router_config.json").read_text())
    (folder / "router_config.json").write_text(json.dumps({**config, "parameters": {"allow_empty_key": False}}))
    with pytest.raises(ModelError, match=r"along routes \(query, document\) and names no default_route"):
        SentenceEncoder(locate(folder))
    for path in folder.rglob("*.safetensors"):
        path.unlink()
    (folder / "router_config.json").write_text(json.dumps(config))
    with pytest.raises(ModelError, match=r"'routed' has no weights in a .safetensors file"):
        SentenceEncoder(locate(folder))


def test_a_bag_of_words_needs_no_weights(locate: Callable[[Path], Location], tmp_path: Path) -> None:
    from sentence_transformers.sentence_transformer.modules import BoW

    folder = saved(tmp_path / "bag", BoW(["man", "the", "cat", "dog"]))
    encoder = agrees(folder, locate, "the model starts with the module BoW")
    assert not list(folder.rglob("*.safetensors"))
    assert vectors(encoder).sum() > 0


def test_a_transformer_in_a_folder_of_its_own(make_tiny: Callable[..., Path], locate: Callable[[Path], Location]) -> None:
    encoder = agrees(inwards(make_tiny()), locate, "its transformer lies in a folder of its own")
    assert encoder.decided["max_length"] == "20"


def families() -> dict[str, Any]:
    from transformers import (
        DistilBertConfig,
        DistilBertModel,
        GPT2Config,
        GPT2LMHeadModel,
        T5Config,
        T5EncoderModel,
        XLNetConfig,
        XLNetModel,
    )

    return {
        "distilbert": DistilBertModel(
            DistilBertConfig(vocab_size=16, dim=16, n_layers=1, n_heads=2, hidden_dim=32, max_position_embeddings=24)
        ),
        "t5": T5EncoderModel(T5Config(vocab_size=16, d_model=16, num_layers=1, num_heads=2, d_kv=8, d_ff=32)),
        "xlnet": XLNetModel(XLNetConfig(vocab_size=16, d_model=16, n_layer=1, n_head=2, d_inner=32)),
        "gpt2": GPT2LMHeadModel(GPT2Config(vocab_size=16, n_embd=16, n_layer=1, n_head=2, n_positions=24, bos_token_id=3, eos_token_id=3)),
    }


@pytest.mark.parametrize("name", ["distilbert", "t5", "xlnet", "gpt2"])
def test_families_that_the_library_runs(name: str, make_tiny: Callable[..., Path], locate: Callable[[Path], Location]) -> None:
    base = make_tiny().with_name("tiny-base")
    for file in ("config.json", "model.safetensors"):
        (base / file).unlink()
    families()[name].save_pretrained(base)
    encoder = agrees(base, locate, f"models of type {name} are run by the library alone")
    assert encoder.decided["positions"] == ("relative" if name in ("t5", "xlnet") else "absolute")


def test_the_similarity_that_a_model_was_made_for(make_tiny: Callable[..., Path], locate: Callable[[Path], Location]) -> None:
    folder = make_tiny()
    for stated, expected in (("dot", "dot"), ("euclidean", "euclidean"), (None, None), ("cos_sim", None)):
        edit(folder, "config_sentence_transformers.json", similarity_fn_name=stated)
        assert SentenceEncoder(locate(folder)).made_for == expected


def test_code_of_another_repository_is_part_of_the_identity_where_it_is_run(
    make_tiny: Callable[..., Path], locate: Callable[[Path], Location], monkeypatch: pytest.MonkeyPatch
) -> None:
    import stsbench_transformers.checkpoints.sources as sources

    folder = make_tiny()
    edit(folder, "config.json", auto_map={"AutoModel": "org/code--modeling.Model", "AutoConfig": "configuration.Config"})
    asked, commits = [], {"org/code": "a" * 40}

    def resolve(name: str, _revision: str | None, entries: tuple[str, ...]) -> str:
        asked.append((name, entries))
        return commits[name]

    monkeypatch.setattr(sources, "resolve_commit", resolve)
    location = locate(folder)
    SentenceEncoder(location)
    assert asked == [], "code that is not run is not asked for"
    before = SentenceEncoder(location, trust_remote_code=True)
    assert asked == [("org/code", ("modeling.py",))]
    assert before.decided["code"] == f"org/code ({'a' * 40})"
    commits["org/code"] = "b" * 40
    assert SentenceEncoder(location, trust_remote_code=True).fingerprint != before.fingerprint


def test_the_identity_is_of_values_and_not_of_words(make_tiny: Callable[..., Path], locate: Callable[[Path], Location]) -> None:
    decision = SentenceEncoder(locate(make_tiny())).decision
    assert replace(decision, library="the same reason in other words").identity == decision.identity
    others: dict[str, Any] = {
        "dimensions": 3,
        "padding": "left",
        "default_prompt": "query",
        "prompts": {"query": "q: "},
        "pooling": ("cls",),
    }
    assert len({replace(decision, **{name: value}).identity for name, value in others.items()} | {decision.identity}) == 1 + len(others)


@pytest.mark.parametrize("place", ["tokenizer_config.json", "chat_template.jinja"])
def test_texts_are_written_into_a_chat_template_where_the_library_does_so(
    place: str, make_tiny: Callable[..., Path], locate: Callable[[Path], Location]
) -> None:
    template = "{% for one in messages %}the {{ one['role'] }} eats {{ one['content'] }} .{% endfor %}"
    folder = make_tiny().with_name("tiny-base")
    plain = library(folder)
    if place.endswith(".jinja"):
        (folder / place).write_text(template)
    else:
        edit(folder, place, chat_template=template)
    encoder = SentenceEncoder(locate(folder))
    np.testing.assert_allclose(vectors(encoder), library(folder), atol=1e-6)
    assert np.abs(vectors(encoder) - plain).max() > 0.01
    assert encoder.runs_on == "sentence_transformers, since texts are written into a chat template"
    assert encoder.encode(TEXTS, views=()).truncated is None


def test_a_chat_template_is_left_alone_where_the_library_saved_the_model(
    make_tiny: Callable[..., Path], locate: Callable[[Path], Location]
) -> None:
    folder = make_tiny()
    edit(folder, "tokenizer_config.json", chat_template="{% for one in messages %}{{ one['content'] }} .{% endfor %}")
    (folder / "sentence_bert_config.json").write_text('{"max_seq_length": 18}')
    encoder = SentenceEncoder(locate(folder))
    assert encoder.pooled is not None
    np.testing.assert_allclose(vectors(encoder), library(folder), atol=1e-6)


@pytest.mark.parametrize("static", [False, True])
def test_a_module_s_folder_may_be_written_with_a_point(
    static: bool, make_tiny: Callable[..., Path], locate: Callable[[Path], Location]
) -> None:
    folder = make_tiny(static=static)
    modules = json.loads((folder / "modules.json").read_text())
    if static:  # as model2vec writes it: beside the settings of the whole model
        for path in (folder / modules[0]["path"]).iterdir():
            shutil.move(path, folder / path.name)
        modules[0]["path"] = "."
    else:
        modules = [{**one, "path": f"./{one['path']}"} for one in modules]
    (folder / "modules.json").write_text(json.dumps(modules))
    encoder = SentenceEncoder(locate(folder))
    np.testing.assert_allclose(vectors(encoder), library(folder), atol=1e-6)
    assert (encoder.pooled is None) == static
