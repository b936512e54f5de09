"""The log: one logger, from which level on it is shown, and what it never holds."""

from __future__ import annotations

import logging
from collections.abc import Iterator
from pathlib import Path

import pytest
from typer.testing import CliRunner, Result

from stsbench.api.evaluate import evaluate
from stsbench.cli.app import app
from stsbench.contracts.events import Warned
from stsbench.runner.observed import logged
from stsbench.runner.request import unheard


@pytest.fixture(autouse=True)
def as_it_was() -> Iterator[None]:
    yield
    logging.getLogger("stsbench").setLevel(logging.NOTSET)


def ran(*arguments: str, level: str | None = None) -> Result:
    return CliRunner().invoke(app, list(arguments), env={"STSBENCH_LOG": level})


def _without_rates(table: str) -> str:
    """The table of a run without texts a second, a column that is not there where a run took too little time to tell them."""
    title, head, row, notes = table.split("\n", 3)
    rates = head.index("bytes a vector") + len("bytes a vector")
    return "\n".join((title, head[:rates], row[:rates], notes))


def test_a_run_is_logged_where_it_is_asked_for() -> None:
    for done in (
        ran("--verbose", "run", "-e", "hashing"),
        ran("run", "-e", "hashing", "--verbose"),
        ran("run", "-e", "hashing", level="INFO"),
    ):
        lines = [line.partition(" INFO stsbench: ")[2] for line in done.stderr.splitlines()]
        assert lines[:4] == [
            "mini: 280 pairs, read from wheel", "hashing: 0 texts in the store, 556 texts to encode", "hashing: 556 of 556 texts encoded",
            "hashing / sentence / cosine on mini: 0.332278",
        ]  # fmt: skip
        assert "unique texts" not in done.stderr  # which is said once
        assert _without_rates(done.stdout) == _without_rates(ran("run", "-e", "hashing").stdout)
    assert " INFO " not in ran("run", "-e", "hashing").stderr


def test_plugins_that_are_loaded_are_logged_for_who_looks_for_a_fault() -> None:
    assert " DEBUG stsbench: plugin stsbench 0." in ran("list", "writers", level="debug").stderr
    assert "DEBUG" not in ran("--verbose", "list", "writers").stderr


@pytest.mark.parametrize("arguments", [["run"], ["list"], ["--verbose", "doctor"]])
def test_what_is_no_level_is_refused(arguments: list[str]) -> None:
    done = ran(*arguments, level="loud")
    assert done.exit_code == 2
    assert done.stderr == "error: STSBENCH_LOG is 'loud', which is no level of a log; write debug, info, warning or error\n"


def test_what_a_plugin_logs_is_shown_from_warnings_on(monkeypatch: pytest.MonkeyPatch) -> None:
    import stsbench.api.catalogue as catalogue

    def said(*_: object) -> list[dict[str, str]]:
        logging.getLogger("stsbench.mine").warning("the model is %s", "old")
        logging.getLogger("stsbench.mine").info("a detail")
        return []

    monkeypatch.setattr(catalogue, "list_components", said)
    assert ran("list", "writers").stderr.rstrip().endswith(" WARNING stsbench.mine: the model is old")
    assert "a detail" in ran("list", "writers", level="info").stderr
    assert ran("list", "writers", level="error").stderr == ""


def test_no_text_and_no_path_of_private_data_is_logged(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(tmp_path)
    Path("canary.csv").write_text(
        "\n".join(["sentence1,sentence2,score", *(f"canary {row} a,canary {row % 3} b,{row % 5}" for row in range(20))])
    )
    done = ran("run", "-e", "hashing", "-e", "token-jaccard", "-b", "csv:canary.csv", "--results", "kept", level="debug")
    assert done.exit_code == 0
    logged = "\n".join(line for line in done.stderr.splitlines() if " stsbench: " in line)
    assert " INFO stsbench: private-" in logged
    assert "canary" not in logged


def test_in_python_who_sets_up_logging_is_told(caplog: pytest.LogCaptureFixture) -> None:
    with caplog.at_level(logging.INFO, "stsbench"):
        evaluate("hashing")
        logged(unheard)(Warned("something to know"))
        logged(lambda _: None)(Warned("told to who listens"))
    assert "hashing / sentence / cosine on mini: 0.332278" in caplog.messages
    assert [record.message for record in caplog.records if record.levelname == "WARNING"] == ["something to know"]
