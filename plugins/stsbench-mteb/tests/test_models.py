"""Models of mteb's registry: which are run, at which revision, and what is refused."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from types import SimpleNamespace
from typing import Any

import numpy as np
import pytest
from stsbench_mteb.model import RegistryModel
from stsbench_mteb.quiet import without_vain_tries
from stsbench_mteb.running import RunningEntry

from stsbench.plugin import Location, ModelError, OptionError

E5 = "intfloat/e5-small-v2"


def of_the_hub(name: str, **options: Any) -> RegistryModel:
    return RegistryModel(Location(name.rpartition("/")[2], hub=name), **options)


@pytest.fixture
def local(tiny: Callable[..., Path]) -> Callable[..., RegistryModel]:
    """A tiny model as an entry of the registry."""

    def make(entry: str = E5, kind: str = "mean", prompts: dict[str, str] | None = None, **options: Any) -> RegistryModel:
        return RegistryModel(Location("tiny", path=tiny(kind, prompts=prompts), digest="0" * 32), entry=entry, device="cpu", **options)

    return make


def test_the_fingerprint_holds_the_commit_and_the_prompts_of_the_registry() -> None:
    fields = dict(of_the_hub(E5).fingerprint.fields)
    assert fields["revision"] == "dca8b1a9dae0d4575df2bf423a5edb485a431236"
    assert fields["settings"] == "{'model_prompts': {'document': 'passage: ', 'query': 'query: '}}"
    assert of_the_hub("Alibaba-NLP/gte-Qwen2-1.5B-instruct").fingerprint == of_the_hub("Alibaba-NLP/gte-Qwen2-1.5B-instruct").fingerprint
    assert "0x" not in str(of_the_hub("Alibaba-NLP/gte-Qwen2-1.5B-instruct").fingerprint), "a function goes by its name, not by its place"


@pytest.mark.parametrize(
    ("name", "options", "error", "says"),
    [
        (
            "intfloat/e5-smal-v2",
            {},
            OptionError,
            "mteb's registry has no model 'intfloat/e5-smal-v2'; did you mean intfloat/e5-small-v2 or",
        ),
        (E5, {"task": "STS120"}, OptionError, "mteb has no task 'STS120' for task=; did you mean STS12"),
        (E5, {"task": "NQ"}, OptionError, "the task NQ of mteb is of the type Retrieval; choose one of STS, PairClassification, Bitext"),
        (E5, {"task": "TERRa.V2"}, OptionError, "mteb prompts the two texts of a pair of TERRa.V2 in two ways"),
        (E5, {"entry": E5}, OptionError, "option 'entry' is for a local folder"),
        (E5, {"batch_size": 0}, OptionError, "option 'batch_size' must be at least 1, not 0"),
        ("openai/text-embedding-3-small", {}, ModelError, "openai/text-embedding-3-small is a service, and mteb does not say which host"),
        (
            "cross-encoder/ms-marco-MiniLM-L6-v2",
            {},
            ModelError,
            "cross-encoder/ms-marco-MiniLM-L6-v2 is of the type cross-encoder for text",
        ),
        ("nomic-ai/nomic-embed-code", {}, ModelError, "nomic-ai/nomic-embed-code runs Python code that comes with the model; read it, and"),
        (
            "NeuML/pubmedbert-base-embeddings-100K",
            {},
            ModelError,
            "NeuML/pubmedbert-base-embeddings-100K is loaded by code of its own in mteb",
        ),
    ],
)
def test_what_is_not_run_is_said_in_a_sentence(name: str, options: dict[str, Any], error: type[Exception], says: str) -> None:
    with pytest.raises(error) as raised:
        of_the_hub(name, **options)
    assert str(raised.value).startswith(says)
    assert "\n" not in str(raised.value)


@pytest.mark.parametrize("name", ["openai/text-embedding-3-small", "Cohere/Cohere-embed-v4.0"])  # the second entry does not say so
def test_a_service_is_refused_whatever_else_is_agreed_to(name: str, tmp_path: Path) -> None:
    says = f"^{name} is a service, and mteb does not say which host"
    with pytest.raises(ModelError, match=says):
        of_the_hub(name, trust_remote_code=True)
    with pytest.raises(ModelError, match=says):
        RegistryModel(Location("tiny", path=tmp_path, digest="0" * 32), entry=name, trust_remote_code=True)


def test_code_of_a_model_runs_where_it_is_trusted() -> None:
    assert of_the_hub("nomic-ai/nomic-embed-code", trust_remote_code=True).fingerprint


def test_a_local_model_needs_an_entry(tmp_path: Path) -> None:
    with pytest.raises(OptionError, match=r"^a local model is a folder, run as an entry of mteb's registry says; name that with entry="):
        RegistryModel(Location("tiny", path=tmp_path, digest="0" * 32))


def test_weights_in_the_working_folder_never_stand_in_for_the_model(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    (tmp_path / E5).mkdir(parents=True)
    monkeypatch.chdir(tmp_path)
    with pytest.raises(ModelError, match=f"^the working folder holds {E5}, which mteb would load in its place; run in another"):
        of_the_hub(E5)


def test_what_was_loaded_is_what_the_registry_pins(monkeypatch: pytest.MonkeyPatch) -> None:
    running = of_the_hub(E5).running
    for commit, given in (("b" * 40, None), (running.meta.revision, running.meta.revision)):
        configuration = SimpleNamespace(_commit_hash=commit)
        loaded = SimpleNamespace(model=[SimpleNamespace(auto_model=SimpleNamespace(config=configuration))])
        asked: dict[str, Any] = {}

        def load(name: str, revision: str, loaded: Any = loaded, asked: dict[str, Any] = asked, **_: Any) -> Any:
            asked.update(name=name, revision=revision)
            return loaded

        again = RunningEntry(running.meta.model_copy(update={"loader": load}), E5, running.metadata, None, 32)
        if given is None:
            with pytest.raises(ModelError, match=f"^{E5} was loaded at bbbb.* where mteb's registry pins dca8b1a9"):
                again.load()
        else:
            again.load()
            assert asked == {"name": E5, "revision": given}


def test_a_model_that_cannot_be_had_is_one_sentence() -> None:
    running = of_the_hub(E5).running

    def load(*_: Any, **__: Any) -> Any:
        raise OSError("a long\nmessage")

    again = RunningEntry(running.meta.model_copy(update={"loader": load}), E5, running.metadata, None, 32)
    with pytest.raises(ModelError, match=rf"^mteb cannot load {E5} \(OSError\); check the network, or what mteb says of its entry$"):
        again.load()


def test_the_prompt_is_known_once_the_model_is_loaded(local: Callable[..., RegistryModel]) -> None:
    for entry, task, prompt in [
        (E5, "STSBenchmark", ""),  # prompts of queries and documents reach no STS task
        ("ai-forever/FRIDA", "STSBenchmark", "paraphrase: "),
        ("ai-forever/FRIDA", "TERRa", "categorize_entailment: "),
        ("sbintuitions/sarashina-embedding-v2-1b", "SICK-NL-STS", "task: Haal semantisch vergelijkbare tekst op\nquery: "),
    ]:
        encoder = local(entry, task=task)
        assert not encoder.provenance
        encoder.prepare()
        assert encoder.provenance["mteb prompt"] == prompt
        encoder.close()
        assert not encoder.provenance


def test_prompts_of_the_models_own_configuration_are_mtebs(local: Callable[..., RegistryModel]) -> None:
    encoder = local("sentence-transformers/all-MiniLM-L6-v2", prompts={"STS": "alike: ", "query": "q: ", "document": "d: "})
    plain = local("sentence-transformers/all-MiniLM-L6-v2")
    assert encoder.encode([], views=["sentence"]).vectors["sentence"].shape == (0, 16)
    prompted = encoder.encode(["a man"], views=["sentence"]).vectors["sentence"]
    np.testing.assert_allclose(prompted, plain.encode(["alike: a man"], views=["sentence"]).vectors["sentence"], atol=1e-6)


def test_texts_that_are_cut_are_counted(local: Callable[..., RegistryModel]) -> None:
    encoder = local()
    assert encoder.truncated(["a"]) is None
    embeddings = encoder.encode(["a", "b " * 126, "b " * 127, "b " * 127], views=["sentence"])
    assert embeddings.truncated is not None
    assert embeddings.truncated.tolist() == [False, False, True, True]
    truncated = encoder.truncated(["b " * 126], prompt="a ")
    assert truncated is not None
    assert truncated.tolist() == [True]


@pytest.mark.parametrize(("answer", "reached"), [(ConnectionRefusedError, False), (TimeoutError, True), (None, True)])
def test_where_the_hub_is_out_of_reach_its_clients_try_nothing(
    monkeypatch: pytest.MonkeyPatch, answer: type[Exception] | None, reached: bool
) -> None:
    import datasets
    import huggingface_hub

    def head(*_: Any, **__: Any) -> None:
        if answer is not None:
            raise answer

    clients: tuple[Any, ...] = (huggingface_hub.constants, datasets.config)
    for client in clients:
        monkeypatch.setattr(client, "HF_HUB_OFFLINE", False)
    monkeypatch.setattr(huggingface_hub, "get_session", lambda: SimpleNamespace(head=head))
    with without_vain_tries():
        assert [client.HF_HUB_OFFLINE for client in clients] == [not reached] * 2
    assert [client.HF_HUB_OFFLINE for client in clients] == [False] * 2
