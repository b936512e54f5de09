from __future__ import annotations

import json
from collections.abc import Callable
from dataclasses import replace
from subprocess import CompletedProcess

import pytest
from typer.testing import CliRunner

from stsbench.api.checking import Checked
from stsbench.cli.plugins import app

Command = Callable[..., CompletedProcess[str]]


def test_a_sound_plugin_is_checked_line_by_line(stsbench: Command) -> None:
    done = stsbench("plugins", "check", "stsbench-trackers")
    assert done.returncode == 0
    assert done.stdout.splitlines()[0] == "ok      stsbench-trackers: it_offers_something"
    assert done.stdout.splitlines()[-1] == "stsbench-trackers: 6 of 6 rules hold"


def test_what_does_not_hold_is_told_with_what_to_do_and_exits_1(stsbench: Command) -> None:
    done = stsbench("plugins", "check", "stsbench-wordllama", "--with", "wordllama,truncate_dim=64", "--with", "wordlama")
    assert done.returncode == 1
    assert (
        "FAILED  stsbench-wordllama: all_is_checked\n        did    it offers nothing that 'wordlama' names\n        to do  Add"
        in done.stdout
    )
    assert "ok      wordllama,truncate_dim=64: one_row_a_text\n" in done.stdout


def test_what_is_told_twice_in_a_row_is_told_once(monkeypatch: pytest.MonkeyPatch) -> None:
    told = [Checked("encoder", "echo:a", rule, "It does.", "Mend it.", "no key") for rule in ("one", "two")]
    monkeypatch.setattr("stsbench.api.checking.check_plugin", lambda *_, **__: iter([*told, replace(told[0], ref="echo:b")]))
    lines = CliRunner().invoke(app, ["check", "echo"]).output.splitlines()
    assert lines[:4] == ["FAILED  echo:a: one", "        did    no key", "        to do  Mend it.", "FAILED  echo:a: two (as above)"]
    assert lines[4:6] == ["FAILED  echo:b: one", "        did    no key"]


def test_the_checks_as_json(stsbench: Command) -> None:
    done = stsbench("plugins", "check", "nobody", "--json")
    assert done.returncode == 1
    found = json.loads(done.stdout)
    assert (found["plugin"], found["failed"], len(found["checks"])) == ("nobody", 1, 1)
    assert found["checks"][0]["rule"] == "resolves"
    assert found["checks"][0]["observed"].startswith("UnknownName: no plugin 'nobody' is loaded: there are 1")


def test_what_needs_a_target_is_not_checked_and_no_failure(stsbench: Command) -> None:
    done = stsbench("plugins", "check", "stsbench-transformers")
    assert done.returncode == 1  # all that it offers needs one
    assert "no reference is given to stsbench-transformers/bert" in done.stdout
    done = stsbench("plugins", "check", "stsbench-sentence-transformers")
    assert done.returncode == 0, "its evaluator is checked without one"
    assert "not checked: stsbench-sentence-transformers/sentence-transformers, stsbench-sentence-transformers/sparse-" in done.stdout
