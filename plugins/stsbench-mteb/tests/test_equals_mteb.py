"""What a task gives a system is what mteb's own `evaluate` gives it, prompts included."""

from __future__ import annotations

import hashlib
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from stsbench_mteb.quiet import quiet

import stsbench

Evaluated = Callable[..., dict[str, float]]
MINILM = "sentence-transformers/all-MiniLM-L6-v2"
FRIDA = "ai-forever/FRIDA"  # its entry has a prompt for STS, and one for a task
SARASHINA = "sbintuitions/sarashina-embedding-v2-1b"  # instructions by task, else those of the task
SEVEN = ("STS12", "STS13", "STS14", "STS15", "STS16", "STSBenchmark", "SICK-R")
KEYS = {"cosine": "cosine", "euclidean": "euclidean", "manhattan": "manhattan"}
TEXTS = ["a man plays", "a dog runs: fast", "the cat sleeps.", "is it 7 or 8?", "a cat and a dog", "two men run", "it rains", "a man runs"]
PAIRS = [(left, right) for place, left in enumerate(TEXTS) for right in TEXTS[place + 1 :]]


def figures(encoder: str, benchmark: str, mirror: Path, metric: str = "spearman", similarities: Any = tuple(KEYS)) -> dict[str, float]:
    """The figure of a system on a benchmark, by similarity."""
    report = stsbench.evaluate(encoder, list(similarities), benchmark, mirror=mirror, cache=False, execution={"device": "cpu"})
    assert not report.failures()
    return {cell["similarity"].rpartition("/")[2]: cell[metric] for cell in report.cells()}


def as_entry(folder: Path, entry: str) -> Any:
    """A folder as mteb loads the model of an entry."""
    with quiet(models=True):
        from mteb.models.model_implementations import MODEL_REGISTRY

        return MODEL_REGISTRY[entry].model_copy(update={"name": str(folder), "revision": None}).load_model(device="cpu")


@pytest.fixture
def sts(put: Callable[..., Path]) -> Path:
    """A mirror with a few rows of STS12 and of the binary task TERRa."""
    rng = np.random.default_rng(5)
    put("mteb/sts12-sts/test.jsonl", [{"sentence1": a, "sentence2": b, "score": round(float(rng.uniform(0, 5)), 2)} for a, b in PAIRS])
    return put("mteb/TERRa/dev.jsonl", [{"sentence1": a, "sentence2": b, "labels": int(rng.integers(2))} for a, b in PAIRS])


@pytest.mark.parametrize(("kind", "entry"), [("mean", MINILM), ("cls", FRIDA), ("static", MINILM), ("mean", SARASHINA)])
def test_a_model_of_an_entry_gives_what_mteb_finds(
    tiny: Callable[..., Path], sts: Path, evaluated: Evaluated, kind: str, entry: str
) -> None:
    folder = tiny(kind)
    model = as_entry(folder, entry)
    theirs = evaluated(model, "STS12", sts)
    ours = figures(f"mteb-model:{folder},entry={entry}", "mteb-task:STS12", sts)
    assert ours == pytest.approx({name: theirs[f"{key}_spearman"] for name, key in KEYS.items()}, abs=1e-5)
    assert figures(f"mteb-model:{folder},entry={entry}", "STS12", sts) == pytest.approx(ours, abs=1e-9), "the core's own, of the same data"
    theirs = evaluated(model, "TERRa", sts)
    ours = figures(f"mteb-model:{folder},entry={entry},task=TERRa", "mteb-task:TERRa", sts, "average_precision")
    assert ours == pytest.approx({name: theirs[f"{key}_ap"] for name, key in KEYS.items()}, abs=1e-5)


def test_a_prompt_makes_a_difference_that_is_seen(tiny: Callable[..., Path], sts: Path) -> None:
    folder = tiny("mean")
    of_the_type = figures(f"mteb-model:{folder},entry={FRIDA}", "mteb-task:STS12", sts)
    assert of_the_type != pytest.approx(figures(f"mteb-model:{folder},entry={MINILM}", "mteb-task:STS12", sts), abs=1e-3)
    assert of_the_type != pytest.approx(figures(f"mteb-model:{folder},entry={FRIDA},task=TERRa", "mteb-task:STS12", sts), abs=1e-3)


def wordllama() -> Any:
    """The static vectors of wordllama as a model of mteb's kind."""
    from mteb.models import ModelMeta
    from mteb.models.abs_encoder import AbsEncoder
    from stsbench_wordllama.plugin import wordllama as ours

    encoder = ours()

    class Static(AbsEncoder):
        mteb_model_meta = ModelMeta.create_empty(overwrites={"name": "test/wordllama", "revision": "1"})

        def encode(self, inputs: Any, **_: Any) -> Any:
            texts = [text for batch in inputs for text in batch["text"]]
            return encoder.encode(texts, views=["sentence"]).vectors["sentence"]

    return Static()


def test_static_vectors_on_the_smallest_of_the_seven(mirror: Path, evaluated: Evaluated) -> None:
    theirs = evaluated(wordllama(), "STS16", mirror)
    ours = figures("wordllama", "mteb-task:STS16", mirror)
    assert ours == pytest.approx({name: theirs[f"{key}_spearman"] for name, key in KEYS.items()}, abs=1e-5)
    assert ours["cosine"] == pytest.approx(0.764306, abs=1e-6)


@pytest.fixture(scope="module")
def forward_once() -> Iterator[None]:
    """Every text goes through a model once with each prompt: what the library gave for it stands for what it gives again.

    Prompts, batches of texts and all that is done to vectors stay what mteb and stsbench each make of them.
    """
    from sentence_transformers import SentenceTransformer

    encode, kept = SentenceTransformer.encode, dict[str, dict[str, Any]]()

    def encode_new(model: Any, texts: list[str], **options: Any) -> Any:
        weights = hashlib.sha256(b"".join(value.numpy().tobytes() for value in model.state_dict().values())).hexdigest()
        matters = {name: value for name, value in options.items() if name not in ("batch_size", "show_progress_bar")}
        known = kept.setdefault(f"{weights} {model} {matters}", {})
        if new := sorted(set(texts) - known.keys()):
            known.update(zip(new, encode(model, new, **options), strict=True))
        return np.stack([known[text] for text in texts])

    with pytest.MonkeyPatch.context() as patched:
        patched.setattr(SentenceTransformer, "encode", encode_new)
        yield


@pytest.mark.campaign
@pytest.mark.timeout(1200)
@pytest.mark.usefixtures("forward_once")
@pytest.mark.parametrize("name", SEVEN)
@pytest.mark.parametrize("system", ["minilm", "wordllama", "mean", "cls", "static"])
def test_the_seven_tasks(system: str, name: str, mirror: Path, tiny: Callable[..., Path], evaluated: Evaluated, request: Any) -> None:
    if system == "wordllama":
        model, encoder = wordllama(), "wordllama"
    else:
        folder = request.getfixturevalue("minilm").path if system == "minilm" else tiny(system)
        entry = FRIDA if system == "cls" else MINILM
        model, encoder = as_entry(folder, entry), f"mteb-model:{folder},entry={entry}"
    theirs = evaluated(model, name, mirror)
    ours = figures(encoder, f"mteb-task:{name}", mirror, similarities=("cosine",))
    assert ours["cosine"] == pytest.approx(theirs["cosine_spearman"], abs=1e-5)
