"""What is kept of a model between runs: taken only as it was written, and done without where it cannot be."""

from __future__ import annotations

import json
import re
import resource
from collections.abc import Callable, Iterator
from importlib.util import find_spec
from pathlib import Path

import numpy as np
import pytest
from stsbench_transformers import export_trial
from stsbench_transformers.checkpoints.checkpoint import Checkpoint
from stsbench_transformers.encoder import Bert
from stsbench_transformers.kept import read_kept, write_kept
from stsbench_transformers.tokens.tokenizer import settle

from stsbench.plugin import Location, ModelError

pytestmark = pytest.mark.skipif(find_spec("openvino") is None, reason="needs the extra stsbench-transformers[openvino]")


@pytest.fixture
def kept(tiny: Path, locate: Callable[[Path], Location], tmp_path: Path) -> Path:
    """The folder of what an encoder kept beside its vectors."""
    encoder = Bert(locate(tiny), cache_dir=str(tmp_path))
    encoder.encode(["a dog"], views=encoder.views)
    assert encoder.provenance["backend"] == "openvino"
    return tmp_path / "models"


@pytest.mark.parametrize("name", ["model.bin", "model.xml", "graph.json"])
def test_a_bit_that_flipped_in_a_converted_model_is_seen(
    kept: Path, tiny: Path, locate: Callable[[Path], Location], tmp_path: Path, name: str
) -> None:
    (path,) = kept.glob(f"*/{name}")
    data = bytearray(path.read_bytes())
    place = data.index(b'"depth": 2') + len('"depth": ') if name == "graph.json" else len(data) // 2
    data[place] ^= 1  # of the graph's facts the depth is another number, of which nothing else would tell
    path.write_bytes(data)
    with pytest.raises(ModelError, match="delete that folder, and it is converted anew"):
        Bert(locate(tiny), cache_dir=str(tmp_path)).encode(["a dog"], views=("mean@2",))


def test_a_tokenizer_that_was_changed_where_it_is_kept_is_asked_for_anew(
    kept: Path, tiny: Path, locate: Callable[[Path], Location], tmp_path: Path
) -> None:
    (path,) = kept.glob("*.tokenizer.json")
    checkpoint = Checkpoint.of(locate(tiny), None)
    expected = settle(checkpoint, "").tokenise(["a dog"], None).ids[0]
    written = path.read_text()
    swapped = re.sub(r'\\"dog\\":(\d+)', lambda found: f'\\"dog\\":{int(found[1]) - 1}', written)
    assert swapped != written
    path.write_text(swapped)
    np.testing.assert_array_equal(settle(checkpoint, str(tmp_path)).tokenise(["a dog"], None).ids[0], expected)
    assert path.read_text() == written


def test_a_trial_that_was_changed_is_none(kept: Path, monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    del kept
    note = tmp_path / "one.trial"
    write_kept(note, {"obstacle": "differs", "rate": 0.0, "other": ""})
    monkeypatch.setattr(export_trial, "_note", lambda _work: note)
    before = export_trial.recall(None)  # type: ignore[arg-type]  # which is asked for the place alone
    assert before is not None
    assert before.obstacle == "differs"
    note.write_text(note.read_text().replace("differs", ""))
    assert export_trial.recall(None) is None  # type: ignore[arg-type]


def test_no_number_of_a_kept_document_can_be_changed_unseen(tmp_path: Path) -> None:
    (tmp_path / "beside").write_bytes(b"0" * 3_000_000)
    write_kept(path := tmp_path / "kept.json", values := {"depth": 6, "rate": 1.25, "words": ["a", "\ud800"]}, ("beside",))
    assert read_kept(path) == values
    written = path.read_bytes()
    same = json.loads(written)
    for place in range(len(written)):
        path.write_bytes(written[:place] + bytes([written[place] ^ 1]) + written[place + 1 :])
        try:
            changed = json.loads(path.read_bytes())
        except ValueError:
            continue
        if changed != same:
            with pytest.raises(ValueError, match="not as it was written"):
                read_kept(path)


@pytest.fixture
def full_disk() -> Iterator[None]:
    """No file can hold more than 4 KiB."""
    limits = resource.getrlimit(resource.RLIMIT_FSIZE)
    resource.setrlimit(resource.RLIMIT_FSIZE, (4096, limits[1]))
    yield
    resource.setrlimit(resource.RLIMIT_FSIZE, limits)


def test_a_disk_without_room_for_a_converted_model_leaves_torch(
    tiny: Path, locate: Callable[[Path], Location], tmp_path: Path, request: pytest.FixtureRequest
) -> None:
    expected = Bert(locate(tiny), backend="torch").encode(["a dog"], views=("mean@2",)).vectors["mean@2"]
    encoder = Bert(locate(tiny), cache_dir=str(tmp_path))
    request.getfixturevalue("full_disk")
    vectors = encoder.encode(["a dog"], views=("mean@2",)).vectors["mean@2"]
    assert (encoder.provenance["backend"], encoder.provenance["backend.why"]) == (
        "torch", "its converted model cannot be written (the disk may be full)",
    )  # fmt: skip
    np.testing.assert_allclose(vectors, expected, atol=1e-6)
    assert not list((tmp_path / "models").glob("*/model.xml"))
