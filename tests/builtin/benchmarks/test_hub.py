"""The hub path with the real clients, against a loopback emulation of the hub's read routes."""

from __future__ import annotations

import json
from pathlib import Path
from typing import TYPE_CHECKING, Any

import pytest

if TYPE_CHECKING:
    from tests.builtin.benchmarks.conftest import Hub

    Filled = tuple[Hub, Path, dict[str, Any]]

PINNED, OTHER = "a" * 40, "b" * 40
CARD = b"""---
configs:
- config_name: default
  data_files:
  - split: test
    path: test.jsonl
- config_name: en-en
  data_files:
  - split: test
    path: en.jsonl
---
"""
LABELLED = b"""---
configs:
- config_name: default
  data_files:
  - split: test
    path: test.jsonl
dataset_info:
  features:
  - name: sentence1
    dtype: string
  - name: sentence2
    dtype: string
  - name: score
    dtype:
      class_label:
        names:
          '0': '0'
          '1': '10'
          '2': '2'
---
"""
CODE = """
import json
from stsbench.builtin.benchmarks.files import HubBenchmark
from stsbench.builtin.benchmarks.door import open_rows
from stsbench.errors import DataError
said = {}
for name, (repository, config, split, revision) in CASES.items():
    try:
        opened = open_rows(repository, config=config, split=split, revision=revision, mirror=None)
        said[name] = [len(opened.table.columns["score"]), opened.kind, opened.revision]
        if repository == "org/labels":
            said[name].append(HubBenchmark(repository, revision=revision).load()[0].pairs.gold.tolist())
    except DataError as error:
        said[name] = str(error)
print(json.dumps(said))
"""


def code(**cases: tuple[str, str | None, str, str | None]) -> str:
    return f"CASES = {cases!r}\n{CODE}"


def rows(count: int) -> bytes:
    return b"\n".join(json.dumps({"sentence1": f"a {n}", "sentence2": "b", "score": n / 2}).encode() for n in range(count))


@pytest.fixture(scope="module")
def filled(hub: Hub, tmp_path_factory: pytest.TempPathFactory) -> Filled:
    files = {"README.md": CARD, "test.jsonl": rows(400), "en.jsonl": rows(4)}
    hub.repositories.update({f"org/{name}": (PINNED, files) for name in ("good", "cut", "sick")})
    labels = b"\n".join(json.dumps({"sentence1": "a", "sentence2": "b", "score": label}).encode() for label in (1, 0, 2))
    hub.repositories["org/labels"] = (PINNED, {"README.md": LABELLED, "test.jsonl": labels})
    hub.faults.update({"org/cut": "cut", "org/sick": "503"})
    home = tmp_path_factory.mktemp("hub home")
    cases = {
        "pinned": ("org/good", None, "test", PINNED),
        "newest": ("org/good", None, "test", None),
        "subset": ("org/good", "en-en", "test", PINNED),
        "no_subset": ("org/good", "xx", "test", PINNED),
        "no_split": ("org/good", None, "dev", PINNED),
        "no_revision": ("org/good", None, "test", OTHER),
        "no_repository": ("org/none", None, "test", PINNED),
        "cut": ("org/cut", None, "test", PINNED),
        "labels": ("org/labels", None, "test", PINNED),
    }
    return hub, home, hub.run(code(**cases), home)


def test_rows_come_with_the_revision_that_the_hub_gave(filled: Filled) -> None:
    _, _, said = filled
    assert said["pinned"] == said["newest"] == [400, "hub", PINNED]
    assert said["subset"] == [4, "hub", PINNED]


def test_names_of_class_labels_are_the_grades(filled: Filled) -> None:
    _, _, said = filled
    assert said["labels"] == [3, "hub", PINNED, [10.0, 0.0, 2.0]]


@pytest.mark.parametrize(
    ("case", "message"),
    [
        ("no_subset", "org/good has no subset 'xx' (there: default, en-en)"),
        ("no_split", "org/good has no split 'dev' (there: test)"),
        ("no_revision", "org/good has no such revision on the hub"),
        ("no_repository", "the hub has no data set org/none that is open to you"),
        ("cut", "the hub's answer for org/cut broke off"),
    ],
)
def test_what_goes_wrong_is_one_sentence(filled: Filled, case: str, message: str) -> None:
    _, _, said = filled
    assert said[case].startswith(message)
    assert "\n" not in said[case]


def test_offline_reads_the_cache_and_never_another_revision(filled: Filled) -> None:
    hub, home, _ = filled
    said = hub.run(
        code(
            pinned=("org/good", None, "test", PINNED),
            other=("org/good", None, "test", OTHER),
            none=("org/none", None, "test", PINNED),
        ),
        home,
        HF_HUB_OFFLINE="1",
    )
    assert said["pinned"] == [400, "hub", PINNED]
    assert said["other"].startswith("org/good was given at revision aaaaaaaa where bbbbbbbb is pinned")
    assert said["none"].startswith("org/none is not in the cache and offline mode is on; give a mirror folder")


@pytest.mark.slow
def test_a_server_error_is_named(filled: Filled) -> None:
    hub, home, _ = filled
    said = hub.run(code(sick=("org/sick", None, "test", PINNED)), home)
    assert said["sick"].startswith("the hub answered 503 for org/sick; try again later, or give a mirror folder")


@pytest.mark.slow
def test_no_network_and_no_mirror(hub: Hub, tmp_path: Path) -> None:
    said = hub.run(code(any=("org/good", None, "test", PINNED)), tmp_path, HF_ENDPOINT="http://127.0.0.1:9")
    assert said["any"].startswith("the hub cannot be reached for org/good; check the network, or give a mirror folder")
