"""The configuration file holds for the commands of groups too, but for what only a command line may say."""

from __future__ import annotations

import json
from collections.abc import Callable
from pathlib import Path
from subprocess import CompletedProcess

import pytest

Command = Callable[..., CompletedProcess[str]]


def quota(stsbench: Command, folder: Path, *words: str) -> int:
    found: int = json.loads(stsbench("cache", "info", "--json", *words, cwd=folder).stdout)["quota"]
    return found


def test_the_table_that_says_most_about_a_command_wins(tmp_path: Path, stsbench: Command) -> None:
    file = tmp_path / "stsbench.toml"
    for said, meant in [('quota = "1M"\n', 1), ('[cache]\nquota = "2M"\n', 2), ('[cache.info]\nquota = "3M"\n', 3)]:
        file.write_text((file.read_text() if file.exists() else "") + said)
        assert quota(stsbench, tmp_path) == meant * 10**6
    assert quota(stsbench, tmp_path, "--quota", "4M") == 4 * 10**6


@pytest.mark.parametrize(
    ("text", "message"),
    [
        ("[cache.inform]\n", "has a table for 'cache.inform', which is no command"),
        ("[cache]\nlimit = 3\n", "sets 'limit' in [cache], which is no option"),
        ("[cache.info]\nmirror = 'x'\n", "sets 'mirror' in [cache.info], which is no option"),
        ("[cache.forget]\nstore = ['a']\n", "sets 'store' in [cache.forget], which is no option"),
        ("dry-run = false\n", "sets 'dry_run' outside a table, which is no option"),
        ("[show]\nwhat = 'cosine'\n", "sets 'what' in [show], which is no option"),
    ],
)
def test_what_means_nothing_is_refused(text: str, message: str, tmp_path: Path, stsbench: Command) -> None:
    (tmp_path / "stsbench.toml").write_text(text)
    done = stsbench("cache", "info", cwd=tmp_path)
    assert done.returncode == 2
    assert message in done.stderr


def test_a_benchmark_of_the_file_is_not_one_to_forget(tmp_path: Path, stsbench: Command) -> None:
    (tmp_path / "stsbench.toml").write_text('benchmark = ["mini"]\n')
    done = stsbench("cache", "forget", cwd=tmp_path)
    assert done.returncode == 2
    assert "say what to forget" in done.stderr


def test_an_option_goes_by_its_long_form(tmp_path: Path, stsbench: Command) -> None:
    (tmp_path / "stsbench.toml").write_text('[compare]\nresample = "clusters"\nresamples = 99\n')
    done = stsbench("compare", "hashing", "token-jaccard", "--json", cwd=tmp_path)
    assert json.loads(done.stdout)["unit"] == "clusters", done.stderr
