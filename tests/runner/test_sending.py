"""The folder of a local model on its way to a worker."""

from __future__ import annotations

import os
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from stsbench.contracts.components.options import Location
from stsbench.contracts.fingerprint import content_digest
from stsbench.errors import ModelError, StsbenchError
from stsbench.runner.workers import sending
from stsbench.runner.workers.parcel import pack, read_error, unpack
from stsbench.runner.workers.sending import ModelFolder
from stsbench.runner.workers.worker import Worker

FILES = {"config.json": b"{}", "weights": bytes(range(256)) * 40, "1_Pooling/config.json": b"", "name with spaces \u00e9": b"x"}


@pytest.fixture
def model(tmp_path: Path) -> Path:
    """A model's folder."""
    for name, data in {**FILES, ".env": b"secret"}.items():
        (tmp_path / "model" / name).parent.mkdir(parents=True, exist_ok=True)
        (tmp_path / "model" / name).write_bytes(data)
    return tmp_path / "model"


@pytest.fixture
def cache(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """The cache folder of a worker; pieces are small, so that there are some."""
    monkeypatch.setenv("STSBENCH_CACHE_DIR", str(tmp_path / "there"))
    monkeypatch.setattr(sending, "PIECE", 1000)
    return tmp_path / "there" / "models"


def folder_of(path: Path, most: int = 10**6) -> ModelFolder:
    """The folder as it may be sent."""

    class Encoder:
        target = Location(path.name, path=path.resolve(), digest=content_digest(path))

    made = ModelFolder.of(Encoder, most)  # type: ignore[arg-type]
    assert made is not None
    return made


def sent(folder: ModelFolder, worker: Worker | None = None, change: Callable[[dict[str, Any]], None] = lambda _: None) -> str:
    """Where a worker has it at last; `change` what the messages say. Raises what the worker answers."""
    worker = worker or Worker()
    for message in folder.messages():
        facts, table = unpack(message)
        change(facts["folder"])
        answer, _ = unpack(worker(pack(facts, {"data": table["data"]})))
        if "error" in answer:
            raise read_error(answer["error"])
        if answer["at"]:
            return str(answer["at"])
    raise AssertionError("it was never there")


def test_a_folder_arrives_as_it_is_and_is_sent_once(model: Path, cache: Path) -> None:
    folder = folder_of(model)
    at = Path(sent(folder))
    assert at == cache / folder.digest / "model"
    assert {str(path.relative_to(at)): path.read_bytes() for path in at.rglob("*") if path.is_file()} == FILES
    assert content_digest(at) == folder.digest
    assert [path.name for path in cache.iterdir()] == [folder.digest]
    assert len(list(folder.messages())) == 1 + 3 + 11 + 1
    answer, _ = unpack(Worker()(next(folder.messages())))
    assert answer["at"] == str(at)  # nothing more is asked for


def test_one_that_was_changed_there_is_sent_again(model: Path, cache: Path) -> None:
    at = Path(sent(folder_of(model)))
    (at / "config.json").write_bytes(b"[]")
    assert Path(sent(folder_of(model))) == at
    assert (at / "config.json").read_bytes() == b"{}"
    (at / "weights").unlink()
    (at / "weights").symlink_to(model / "weights")  # of the same content, and elsewhere
    assert Path(sent(folder_of(model))) == at
    assert not (at / "weights").is_symlink()


def test_two_workers_of_a_machine_are_sent_it_at_once(model: Path, cache: Path) -> None:
    first, second, folder = Worker(), Worker(), folder_of(model)
    *_, whole = messages = list(folder.messages())
    for message in messages[:-1]:
        assert {unpack(worker(message))[0]["at"] for worker in (first, second)} == {""}
    assert unpack(first(whole))[0] == unpack(second(whole))[0] == {"at": str(cache / folder.digest / "model")}
    assert [path.name for path in cache.iterdir()] == [folder.digest]


@pytest.mark.parametrize("name", ["../out", "/etc/out", "a/../../out", "", ".", "a//b", "..", "a\\b", "nul\0"])
def test_a_file_that_leads_out_is_not_written(model: Path, cache: Path, tmp_path: Path, name: str) -> None:
    def elsewhere(facts: dict[str, Any]) -> None:
        facts["file"] = name if facts["file"] == "weights" else facts["file"]

    before = sorted(tmp_path.rglob("*out*"))
    with pytest.raises(StsbenchError):
        sent(folder_of(model), change=elsewhere)
    assert sorted(tmp_path.rglob("*out*")) == before
    assert not (cache / folder_of(model).digest).exists()


@pytest.mark.parametrize(("fact", "value"), [("name", ".."), ("name", "a/b"), ("name", "/etc"), ("name", ""), ("digest", "../../../x")])
def test_a_folder_under_a_name_that_leads_elsewhere_is_refused(model: Path, cache: Path, fact: str, value: str) -> None:
    with pytest.raises(ModelError):
        sent(folder_of(model), change=lambda facts: facts.update({fact: value}))
    assert not cache.exists()


def test_what_is_not_what_was_sent_is_not_kept(model: Path, cache: Path) -> None:
    folder = folder_of(model)
    (model / "weights").write_bytes(b"others")
    with pytest.raises(ModelError, match="not what was sent, by its hash; it changed meanwhile"):
        sent(folder)
    assert list(cache.iterdir()) == []


def test_what_was_given_up_long_ago_is_removed(model: Path, cache: Path) -> None:
    folder = folder_of(model)
    worker = Worker()
    first, *_ = folder.messages()
    worker(first)
    (left,) = cache.iterdir()
    os.utime(left, (0, 0))
    sent(folder)
    assert [path.name for path in cache.iterdir()] == [folder.digest]


def test_only_so_many_bytes_are_sent_and_no_link_that_leads_out(model: Path, tmp_path: Path) -> None:
    with pytest.raises(ModelError, match=r"its folder here has 0\.0 MB, which the executor's option ship=1 would send there"):
        folder_of(model, 0)
    size = sum(map(len, FILES.values()))
    assert folder_of(model, size)
    with pytest.raises(ModelError):
        folder_of(model, size - 1)
    (model / "again").symlink_to(model / "weights")
    assert len(folder_of(model).files) == len(FILES) + 1
    (tmp_path / "key").write_text("secret")
    (model / "key").symlink_to(tmp_path / "key")
    with pytest.raises(ModelError, match="'key' in it is a link that leads out of it"):
        folder_of(model)


def test_what_is_no_folder_of_this_machine_is_not_sent(model: Path) -> None:
    def target(at: object) -> Any:
        return type("Encoder", (), {"target": at})

    for at in (None, "name", Location("name", hub="owner/name"), Location("weights", path=model / "weights", digest="0" * 32)):
        assert ModelFolder.of(target(at), 10**6) is None
    assert ModelFolder.of(target(Location("pkg:package/model", path=model, digest="0" * 32)), 10**6) is None
