"""The road to the hub with its real client, in a process of its own, against a small loopback hub."""

from __future__ import annotations

import json
import shutil
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
from stsbench_transformers.checkpoints.checkpoint import Checkpoint
from stsbench_transformers.checkpoints.decision import decide

COMMIT, OTHER = "a" * 40, "b" * 40
SCRIPT = """
import json, sys
from stsbench.plugin import Location, ModelError
from stsbench_transformers.encoder import Bert
repository, revision, encode = json.loads(sys.argv[1])
try:
    encoder = Bert(Location("tiny", hub=repository), revision=revision)
    print(dict(encoder.fingerprint.fields))
    if encode:
        print(encoder.encode(["a man plays ."], views=encoder.views).vectors["mean@2"].shape)
except ModelError as error:
    print(error)
"""


BASE = """
import json, sys
from stsbench.plugin import Location
from stsbench_transformers.checkpoints.checkpoint import Checkpoint
from stsbench_transformers.checkpoints.sources import assembled, find_base, find_code
from pathlib import Path
folder = Path(sys.argv[1])
adapter = Checkpoint("adapter", "", str(folder), folder, None)
base = find_base(adapter)
with assembled(adapter, ("",), base) as (source, _):
    settings = json.loads((Path(source) / "adapter_config.json").read_text())
    weights = (Path(settings["base_model_name_or_path"]) / "model.safetensors").exists()
code = find_code(adapter, {"auto_map": {"AutoModel": "org/tiny--code.Model"}})
print(json.dumps([base.identity, base.commit, weights, code.commit]))
"""


@pytest.fixture
def handler(tiny: Path, make_hub: Callable[[Path], Any]) -> Any:
    return make_hub(tiny)


@pytest.fixture
def hub(handler: Any, serve_hub: Callable[[Any], str]) -> str:
    return serve_hub(handler)


@pytest.fixture
def ask(ask_hub: Callable[..., list[str]]) -> Callable[..., list[str]]:
    """Build, and if asked encode with, a model of a hub; the lines that the process prints."""

    def ask(
        endpoint: str,
        repository: str = "org/tiny",
        revision: str | None = None,
        *,
        encode: bool = False,
        offline: bool = False,
        script: tuple[str, ...] = (),
    ) -> list[str]:
        line = script or (SCRIPT, json.dumps([repository, revision, encode]))
        return ask_hub(endpoint, *line, offline=offline, imported=("torch",))

    return ask


def test_the_branch_is_resolved_to_a_commit_and_loads_offline_afterwards(hub: str, ask: Callable[..., list[str]], tiny: Path) -> None:
    decision = decide(Checkpoint("tiny", "", str(tiny), tiny, None)).identity
    facts = {"decision": decision, "dtype": "float32", "max_length": "20", "revision": COMMIT, "weights": "hub:org/tiny"}
    fingerprint = str(facts)
    assert ask(hub, encode=True) == [fingerprint, "(1, 16)"]
    assert ask("http://127.0.0.1:1", encode=True, offline=True) == [fingerprint, "(1, 16)"]
    assert ask("http://127.0.0.1:1", revision=COMMIT, encode=True, offline=True) == [fingerprint, "(1, 16)"]


def test_a_commit_is_taken_as_it_is(hub: str, ask: Callable[..., list[str]]) -> None:
    lines = ask(hub, revision=COMMIT)
    assert f"'revision': '{COMMIT}'" in lines[0]
    assert ask("http://127.0.0.1:1", revision=COMMIT) == lines, "what the cache knows of a commit needs no connection"


def test_pickled_weights_on_the_hub_are_refused(handler: Any, hub: str, ask: Callable[..., list[str]]) -> None:
    handler.pickled = True
    assert ask(hub, encode=True)[-1].startswith("model 'org/tiny' has weights in pickled files only")


@pytest.mark.parametrize(
    ("options", "message"),
    [
        ({"repository": "org/none"}, "the hub has no model 'org/none', or does not show it without a login; check the id"),
        (
            {"repository": "none"},
            "the hub has no model 'none', or does not show it without a login; write its owner too, as in sentence-trans",
        ),
        ({"repository": "a b"}, "'a b' is not a hub id; write owner/name"),
        ({"revision": "v9"}, "model 'org/tiny' has no revision 'v9' on the hub; give one of its branches"),
        ({"repository": "org/down"}, "the hub could not be asked for model 'org/down' (status 500); try again later"),
        ({"offline": True}, "model 'org/tiny' (revision main) is not in the local cache and the hub is offline"),
        ({"offline": True, "revision": OTHER}, "model 'org/tiny' (revision bbbbb"),
    ],
)
def test_what_goes_wrong_is_said_in_one_sentence(hub: str, ask: Callable[..., list[str]], options: dict[str, Any], message: str) -> None:
    (line,) = ask(hub, **options)
    assert line.startswith(message)


def test_a_hub_that_cannot_be_reached(ask: Callable[..., list[str]]) -> None:
    (line,) = ask("http://127.0.0.1:1")
    assert line.startswith("the hub could not be asked for model 'org/tiny' (ConnectError); ")
    assert "HF_HUB_OFFLINE=1" in line


def test_a_base_on_the_hub_and_code_of_another_repository_are_at_their_present_commit(
    handler: Any, hub: str, ask: Callable[..., list[str]], tiny: Path, tmp_path: Path
) -> None:
    adapter, published = tmp_path / "adapter", tmp_path / "published"
    shutil.copytree(tiny, published)
    (published / "code.py").write_text("")
    handler.folder = published
    adapter.mkdir()
    (adapter / "adapter_config.json").write_text('{"base_model_name_or_path": "org/tiny"}')
    for commit in (COMMIT, OTHER):
        handler.commit = commit
        (line,) = ask(hub, script=(BASE, str(adapter)))
        assert json.loads(line) == ["hub:org/tiny", commit, True, commit]
    (adapter / "adapter_config.json").write_text(json.dumps({"base_model_name_or_path": "org/tiny", "revision": COMMIT}))
    handler.commit = COMMIT
    assert json.loads(ask(hub, script=(BASE, str(adapter)))[0])[1] == COMMIT
