"""The OpenVINO backend against torch: vectors, tokens, truncation, and what it imports."""

from __future__ import annotations

import gc
import subprocess
import sys
from collections.abc import Callable
from importlib.metadata import PackageNotFoundError
from importlib.util import find_spec
from pathlib import Path
from typing import TYPE_CHECKING, Any

import numpy as np
import pytest
from numpy.typing import NDArray
from scipy.stats import spearmanr
from stsbench_transformers import arithmetic, backends
from stsbench_transformers.encoder import Bert
from stsbench_transformers.running import CannotRun
from stsbench_transformers.views import Pooling

from stsbench.plugin import Embeddings, Location, ModelError, OptionError, native_dtypes, processors

if TYPE_CHECKING:
    import openvino

pytestmark = pytest.mark.skipif(find_spec("openvino") is None, reason="needs the extra stsbench-transformers[openvino]")

TEXTS = [
    "A man is playing a guitar.",
    "The cat sat on the mat, and it did not move for the rest of a long and quiet afternoon.",
    "",
    "Stocks fell 3.5 % on Monday.",
    "dog",
    "   ",
    "Ein Mädchen liest ein Buch; 日本語のテキスト.",
    "a literal [SEP] and [MASK] in a text",
    "word " * 400,
]
POOLINGS: tuple[Pooling, ...] = ("cls", "mean", "max", "mean-sqrt-length", "pooler", "first-last", "last-four")


@pytest.fixture(scope="module")
def cache(tmp_path_factory: pytest.TempPathFactory) -> str:
    return str(tmp_path_factory.mktemp("converted"))


@pytest.fixture(scope="module")
def pair(minilm: Location, cache: str) -> list[tuple[Bert, Embeddings]]:
    options: dict[str, Any] = {"pooling": POOLINGS, "layers": (0, 3, -1), "max_length": 128}
    encoders = [Bert(minilm, backend=backend, cache_dir=cache, **options) for backend in ("torch", "openvino")]
    return [(encoder, encoder.encode(TEXTS, views=(*encoder.views, *encoder.token_views), prompt="")) for encoder in encoders]


def normalised(vectors: NDArray[np.floating[Any]]) -> NDArray[np.floating[Any]]:
    lengths: NDArray[np.floating[Any]] = np.linalg.norm(vectors, axis=1, keepdims=True)
    return vectors / lengths


def test_vectors_agree_with_torch(pair: list[tuple[Bert, Embeddings]]) -> None:
    (_, expected), (encoder, embeddings) = pair
    assert set(embeddings.vectors) == set(encoder.views) == set(expected.vectors)
    for view, vectors in embeddings.vectors.items():
        assert vectors.dtype == np.float32
        np.testing.assert_allclose(normalised(vectors), normalised(expected.vectors[view]), atol=1e-5, err_msg=view)
    assert encoder.provenance["backend"] == "openvino"
    assert encoder.provenance["openvino"].startswith("20")


def test_tokens_and_truncation_are_those_of_torch(pair: list[tuple[Bert, Embeddings]]) -> None:
    (_, expected), (_, embeddings) = pair
    assert set(embeddings.tokens) == set(expected.tokens)
    for view, tokens in embeddings.tokens.items():
        other = expected.tokens[view]
        assert tokens.ids.tolist() == other.ids.tolist()
        assert tokens.special.tolist() == other.special.tolist()
        assert tokens.offsets.tolist() == other.offsets.tolist()
        assert tokens.pieces == other.pieces
        np.testing.assert_allclose(tokens.values, other.values, atol=2e-4, err_msg=view)
    for given in (embeddings, expected):
        np.testing.assert_array_equal(given.truncated, [False] * 8 + [True], strict=True)


def test_the_same_text_and_the_same_batch_get_the_same_bits(pair: list[tuple[Bert, Embeddings]]) -> None:
    encoder, embeddings = pair[1]
    again = encoder.encode(list(reversed(TEXTS)), views=encoder.views)
    for view, vectors in embeddings.vectors.items():
        assert np.array_equal(again.vectors[view][::-1], vectors), view
    twice = encoder.encode([TEXTS[0], TEXTS[1], TEXTS[0]], views=("mean@6",)).vectors["mean@6"]
    assert np.array_equal(twice[0], twice[2])


def test_no_texts_give_no_rows(pair: list[tuple[Bert, Embeddings]]) -> None:
    embeddings = pair[1][0].encode([], views=("mean@6", "tokens@6"))
    assert embeddings.vectors["mean@6"].shape == (0, 384)
    assert len(embeddings.tokens["tokens@6"]) == 0


SCRIPT = """
import sys
from pathlib import Path
from stsbench_transformers.encoder import Bert
from stsbench_transformers.running import CannotRun
from stsbench.plugin import Location
encoder = Bert(Location("model", path=Path(sys.argv[1]), digest=sys.argv[2]), cache_dir=sys.argv[3])
print(encoder.encode(["a man"], views=("mean@6",)).vectors["mean@6"].shape, encoder.provenance["backend"])
print(sorted({"torch", "transformers", "sentence_transformers"} & set(sys.modules)))
"""


def test_once_converted_neither_torch_nor_transformers_is_imported(
    minilm: Location, pair: list[tuple[Bert, Embeddings]], cache: str
) -> None:
    arguments = [str(minilm.path), str(minilm.digest), cache]
    done = subprocess.run([sys.executable, "-c", SCRIPT, *arguments], capture_output=True, text=True, check=True)
    assert done.stdout.splitlines() == ["(1, 384) openvino", "[]"]
    assert done.stderr == ""


ALONE = """
import os, sys
from contextlib import suppress
from pathlib import Path
from threading import Event, Thread
from stsbench_transformers.encoder import Bert
from stsbench.plugin import Location
encoder = Bert(Location("model", path=Path(sys.argv[1]), digest=sys.argv[2]), threads=1, cache_dir=sys.argv[3])
fewest, ended = [len(os.sched_getaffinity(0))], Event()
def watch():
    while not ended.wait(0.001):
        for thread in os.listdir("/proc/self/task"):
            with suppress(OSError):  # it ended
                fewest.append(len(os.sched_getaffinity(int(thread))))
encoder.encode(["a man"], views=("mean@6",))  # OpenVINO looks at each processor for a moment when it is loaded
watching = Thread(target=watch)
watching.start()
encoder.encode([f"a man and {number} others" for number in range(300)], views=("mean@6",))
ended.set()
watching.join()
print(len(fewest) > 1, min(fewest) == fewest[0])
"""


@pytest.mark.skipif(not Path("/proc/self/task").is_dir() or processors() < 2, reason="needs Linux and two processors")
def test_two_processes_of_one_thread_do_not_share_a_processor(minilm: Location, pair: list[tuple[Bert, Embeddings]], cache: str) -> None:
    arguments = [str(minilm.path), str(minilm.digest), cache]
    done = subprocess.run([sys.executable, "-c", ALONE, *arguments], capture_output=True, text=True, check=True)
    assert done.stdout.split() == ["True", "True"], "a thread is tied to some processors, which are the same in every such process"


def test_one_converted_model_serves_every_view_and_dtype(minilm: Location, pair: list[tuple[Bert, Embeddings]], cache: str) -> None:
    Bert(minilm, pooling=("max",), layers=(2,), cache_dir=cache).encode(["a"], views=("max@2",))
    assert len([path for path in (Path(cache) / "models").iterdir() if path.is_dir()]) == 1


def test_bfloat16_is_computed_as_such(minilm: Location, cache: str) -> None:
    if "bfloat16" not in native_dtypes():
        pytest.skip("this processor has no bfloat16")
    rough = Bert(minilm, dtype="bfloat16", cache_dir=cache)
    vectors = rough.encode(TEXTS, views=("mean@6",)).vectors["mean@6"]
    assert rough.provenance["backend"] == "openvino"
    exact = Bert(minilm, cache_dir=cache).encode(TEXTS, views=("mean@6",)).vectors["mean@6"]
    assert 1e-5 < np.abs(normalised(vectors) - normalised(exact)).max() < 2e-2


def test_auto_is_openvino_also_without_a_folder_and_torch_in_another_dtype_and_without_openvino(
    tiny: Path, locate: Callable[[Path], Location], cache: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(arithmetic, "native_dtypes", lambda: {"float32", "float16"})

    def backend(**options: Any) -> str:
        encoder = Bert(locate(tiny), **options)
        assert encoder.provenance == {}
        foreseen = encoder.runs_on
        encoder.encode(["a dog"], views=encoder.views)
        assert foreseen.partition(",")[0] == encoder.provenance["backend"]
        assert foreseen == encoder.provenance["backend"] or encoder.provenance["backend.why"] in foreseen
        return encoder.provenance["backend"]

    assert backend() == "openvino"
    assert backend(cache_dir=cache) == "openvino"
    assert backend(cache_dir=cache, dtype="float16", device="cpu") == "torch"
    assert backend(cache_dir=cache, backend="torch") == "torch"

    def absent(name: str) -> None:
        raise PackageNotFoundError

    monkeypatch.setattr(backends, "version", absent)
    assert backend(cache_dir=cache) == "torch"
    with pytest.raises(OptionError, match=r"but it is not installed; install it with pip install 'stsbench-transformers\[openvino\]'"):
        backend(cache_dir=cache, backend="openvino")


def test_openvino_that_cannot_be_had_is_refused_when_it_is_asked_for(
    tiny: Path, locate: Callable[[Path], Location], cache: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    location = locate(tiny)
    monkeypatch.setattr(arithmetic, "native_dtypes", lambda: {"float32", "float16"})
    refused: tuple[tuple[dict[str, Any], str], ...] = (
        ({"cache_dir": cache, "device": "cuda"}, "but it runs on the CPU only, and 'device' is 'cuda'"),
        ({"cache_dir": cache, "dtype": "float16"}, "but it computes in float32 and bfloat16, and 'dtype' is float16"),
    )
    for options, message in refused:
        with pytest.raises(OptionError, match=message):
            Bert(location, backend="openvino", **options).encode(["a"], views=("mean@2",))


@pytest.fixture
def traced(monkeypatch: pytest.MonkeyPatch) -> None:
    """No model is built from its weights: each has to be traced."""

    from stsbench_transformers.graphs import conversion
    from stsbench_transformers.graphs.architecture import UnknownArchitecture

    def unknown(*_arguments: object) -> None:
        raise UnknownArchitecture("none is")

    monkeypatch.setattr(conversion, "convert_weights", unknown)


def test_without_a_folder_nothing_is_left_behind(
    tiny: Path, locate: Callable[[Path], Location], tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("tempfile.tempdir", str(tmp_path))
    encoder = Bert(locate(tiny))
    kept = Bert(locate(tiny), cache_dir=str(tmp_path / "cache"))
    first, second = (one.encode(["a dog"], views=one.views).vectors["mean@2"] for one in (encoder, kept))
    assert np.array_equal(first, second)
    assert len(list(tmp_path.glob("stsbench-*"))) == 1
    encoder.close()
    gc.collect()
    assert not list(tmp_path.glob("stsbench-*"))


def test_a_traced_model_agrees_with_torch_or_is_not_used(
    tiny: Path,
    locate: Callable[[Path], Location],
    tmp_path: Path,
    traced: None,
    monkeypatch: pytest.MonkeyPatch,
    caplog: pytest.LogCaptureFixture,
) -> None:
    import openvino
    from openvino import opset13 as ops

    made, trace = [], openvino.convert_model

    def honest(*arguments: Any, **options: Any) -> openvino.Model:
        made.append(trace(*arguments, **options))
        return made[0].clone()

    def wrong(*_arguments: Any, **_options: Any) -> openvino.Model:
        last = made[0].output(2).node
        last.input(0).replace_source_output(ops.multiply(last.input_value(0), np.float32(1.001)).output(0))
        return made[0]

    monkeypatch.setattr(openvino, "convert_model", honest)
    Bert(locate(tiny), cache_dir=str(tmp_path / "right")).encode(["a"], views=("mean@2",))
    assert len(list((tmp_path / "right").rglob("model.xml"))) == 1
    monkeypatch.setattr(openvino, "convert_model", wrong)
    for _ in range(2):
        encoder = Bert(locate(tiny), cache_dir=str(tmp_path / "wrong"))
        encoder.encode(["a"], views=encoder.views)
        assert encoder.provenance["backend"] == "torch"
        assert "'tiny' differs by 1e-03 from torch on a text of 3 tokens when it is converted" in encoder.provenance["backend.why"]
        monkeypatch.setattr(openvino, "convert_model", None)  # it is not tried again
    assert [record.getMessage().partition(":")[0] for record in caplog.records] == ["tiny runs on torch, not on openvino"] * 2
    assert not list((tmp_path / "wrong").rglob("*.xml"))


def test_a_conversion_is_reported_to_nobody(
    tiny: Path, locate: Callable[[Path], Location], tmp_path: Path, traced: None, monkeypatch: pytest.MonkeyPatch
) -> None:
    sent: list[Any] = []
    monkeypatch.delenv("CI", raising=False)  # where OpenVINO reports nothing
    monkeypatch.setattr("openvino_telemetry.utils.sender.TelemetrySender.send", lambda *message: sent.append(message))
    encoder = Bert(locate(tiny), cache_dir=str(tmp_path))
    encoder.encode(["a"], views=("mean@2",))
    assert encoder.provenance["backend"] == "openvino"
    assert sent == []


def test_tracing_without_a_folder_is_left_to_torch(tiny: Path, locate: Callable[[Path], Location], traced: None) -> None:
    encoder = Bert(locate(tiny))
    encoder.encode(["a"], views=encoder.views)
    assert "pays only where there is a cache folder" in encoder.provenance["backend.why"]


def test_a_folder_that_cannot_be_written_is_left_to_torch(tiny: Path, locate: Callable[[Path], Location], tmp_path: Path) -> None:
    (tmp_path / "models").write_text("in the way")
    encoder = Bert(locate(tiny), cache_dir=str(tmp_path))
    encoder.encode(["a"], views=encoder.views)
    assert "its converted model cannot be written" in encoder.provenance["backend.why"]


def test_a_verdict_that_cannot_be_kept_is_a_verdict_all_the_same(tiny: Path, locate: Callable[[Path], Location], tmp_path: Path) -> None:
    from stsbench_transformers.graphs import conversion, convert

    (tmp_path / "models").write_text("in the way")
    with (
        pytest.raises(CannotRun, match="model 'tiny' differs; leave the backend out"),
        conversion._remembered(Bert(locate(tiny)).work, tmp_path / "models" / "one"),
    ):
        raise convert.Disagrees("differs")


def test_a_model_that_cannot_be_converted_runs_on_torch(
    tiny: Path, locate: Callable[[Path], Location], tmp_path: Path, traced: None, monkeypatch: pytest.MonkeyPatch
) -> None:
    import openvino

    def refuse(*_arguments: object, **_options: Any) -> None:
        raise RuntimeError("no")

    monkeypatch.setattr(openvino, "convert_model", refuse)
    encoder = Bert(locate(tiny), cache_dir=str(tmp_path))
    encoder.encode(["a"], views=encoder.views)
    assert encoder.provenance["backend"] == "torch"
    with pytest.raises(OptionError, match=r"'tiny' cannot be converted \(RuntimeError\)"):
        Bert(locate(tiny), cache_dir=str(tmp_path), backend="openvino").encode(["a"], views=("mean@2",))
    assert not list(tmp_path.rglob("*.xml"))


def test_other_weights_are_another_converted_model(
    make_tiny: Callable[..., Path], locate: Callable[[Path], Location], tmp_path: Path
) -> None:
    by_seed = []
    for seed in (0, 1):
        location = locate(make_tiny(tmp_path / f"tiny{seed}", seed))
        expected, vectors = (
            Bert(location, backend=backend, cache_dir=str(tmp_path)).encode(["a dog"], views=("mean@2",)).vectors["mean@2"]
            for backend in ("torch", "openvino")
        )
        np.testing.assert_allclose(expected, vectors, atol=1e-5)
        by_seed.append(expected)
    assert np.abs(by_seed[0] - by_seed[1]).max() > 1e-2


def test_a_pooler_that_the_weights_lack_is_refused_also_after_conversion(
    make_tiny: Callable[..., Path], locate: Callable[[Path], Location], tmp_path: Path
) -> None:
    location = locate(make_tiny(tmp_path / "bare", add_pooling_layer=False))
    Bert(location, cache_dir=str(tmp_path)).encode(["a"], views=("mean@2",))
    with pytest.raises(ModelError, match="'bare' has no pooler weights"):
        Bert(location, pooling=("pooler",), cache_dir=str(tmp_path)).encode(["a"], views=("pooler",))


def test_a_broken_converted_model_is_named(tiny: Path, locate: Callable[[Path], Location], tmp_path: Path) -> None:
    from stsbench_transformers.graphs import conversion

    encoder = Bert(locate(tiny), cache_dir=str(tmp_path))
    encoder.encode(["a"], views=encoder.views)
    folder = conversion.converted(encoder.work)
    (folder / "model.xml").write_text("<net")
    with pytest.raises(ModelError, match="delete that folder, and it is converted anew"):
        Bert(locate(tiny), cache_dir=str(tmp_path)).encode(["a"], views=("mean@2",))
    (folder / "graph.json").write_text("{")
    with pytest.raises(ModelError, match="delete that folder, and it is converted anew"):
        Bert(locate(tiny), cache_dir=str(tmp_path)).encode(["a"], views=("mean@2",))


@pytest.mark.slow
def test_both_backends_and_dtypes_on_the_sts_benchmark(
    minilm: Location, cache: str, rows_of: Callable[[str], list[dict[str, Any]]]
) -> None:
    rows = rows_of("mteb/stsbenchmark-sts/test")
    texts = sorted({row[side] for row in rows for side in ("sentence1", "sentence2")})
    place = {text: row for row, text in enumerate(texts)}

    def measure(encoder: Bert) -> tuple[float, NDArray[np.floating[Any]]]:
        vectors = normalised(encoder.encode(texts, views=("mean@6",)).vectors["mean@6"].astype(float))
        left, right = (vectors[[place[row[side]] for row in rows]] for side in ("sentence1", "sentence2"))
        scores = np.round(1 - ((left - right) ** 2).sum(axis=1) / 2, 10)
        return float(spearmanr([row["score"] for row in rows], scores).statistic), vectors

    (exact, expected), (figure, vectors) = (measure(Bert(minilm, backend=backend, cache_dir=cache)) for backend in ("torch", "openvino"))
    assert figure == pytest.approx(0.820325, abs=2e-5)
    assert figure == pytest.approx(exact, abs=2e-5)
    assert np.abs(vectors - expected).max() < 1e-4
    if "bfloat16" in native_dtypes():
        rough, _ = measure(Bert(minilm, dtype="bfloat16", cache_dir=cache))
        assert rough == pytest.approx(0.820325, abs=5e-4)
