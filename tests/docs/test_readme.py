"""The README: short, true, and the same on an index as here; its commands and its snippet are run as they stand."""

from __future__ import annotations

import csv
import os
import re
import shlex
import subprocess
import sys
import tomllib
from collections.abc import Callable
from pathlib import Path

import pytest

import stsbench as public
from stsbench.host.registry import Registry

Command = Callable[..., subprocess.CompletedProcess[str]]
ROOT = Path(__file__).parents[2]
README = (ROOT / "README.md").read_text(encoding="utf-8")
BLOCKS = re.findall(r"^```console\n(.*?)^```$", README, re.M | re.S)
COMMANDS = [line.removeprefix("$ ").partition("  #")[0].strip() for block in BLOCKS for line in block.splitlines() if line.startswith("$ ")]
HUB = ("all-MiniLM-L6-v2", "bert-base-uncased")
URLS = tomllib.loads((ROOT / "pyproject.toml").read_text())["project"]["urls"]
REPOSITORY, SITE = URLS["Homepage"], URLS["Documentation"]
RAW = REPOSITORY.replace("https://github.com/", "https://raw.githubusercontent.com/")
COMPARED = re.findall(r"^\| \[.*?\]\((\S+?)\) \|(.*)\|$", README, re.M)


def test_it_is_short() -> None:
    """At most 900 words of what a reader sees stand before what leads on: text, tables and code, without addresses."""
    seen = README.partition("\n## Learn more\n")[0]
    seen = re.sub(r"<img alt=\"(.*?)\".*?>", r"\1", seen)
    seen = re.sub(r"<[^>]+>", " ", seen)
    seen = re.sub(r"\]\([^)]*\)", "]", seen)
    words = [word for word in seen.split() if re.search(r"\w", word)]
    assert 300 < len(words) <= 900


def test_the_commands_are_found() -> None:
    assert len(COMMANDS) >= 12
    assert {command.split()[0] for command in COMMANDS} == {"pip", "head", "stsbench"}
    assert all(any(part in command for command in COMMANDS) for part in HUB)


@pytest.fixture(scope="module")
def place(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A folder with the pairs of mini as a file of one's own."""
    folder = tmp_path_factory.mktemp("readme")
    (folder / "leaderboards").symlink_to(ROOT / "leaderboards")
    (loaded,) = public.Session.opened(cache=False).load(["mini"])
    (part,) = loaded.parts
    with (folder / "pairs.csv").open("w", newline="", encoding="utf-8") as file:
        writer = csv.writer(file, lineterminator="\n")
        writer.writerow(["sentence1", "sentence2", "score"])
        writer.writerows(
            [left, right, f"{gold:g}"] for left, right, gold in zip(part.pairs.left, part.pairs.right, part.pairs.gold, strict=True)
        )
    return folder


@pytest.mark.parametrize("command", [one for one in COMMANDS if one.startswith("stsbench") and not any(part in one for part in HUB)])
def test_a_command_of_the_readme_runs(command: str, place: Path, stsbench: Command) -> None:
    done = stsbench(*shlex.split(command)[1:], cwd=place)
    assert done.returncode == 0, done.stderr
    assert done.stdout.strip()


def test_the_first_lines_show_what_they_give(place: Path, stsbench: Command) -> None:
    (block,) = [block for block in BLOCKS if "$ head" in block]
    head, comparison = re.split(r"^\$ .*\n", block, flags=re.M)[1:]
    assert head == "".join((place / "pairs.csv").read_text(encoding="utf-8").splitlines(keepends=True)[:3])
    (command,) = [command for command in COMMANDS if command.startswith("stsbench compare") and "csv:" in command]
    assert stsbench(*shlex.split(command)[1:], cwd=place).stdout.splitlines()[0] == comparison.strip()
    assert len(block.splitlines()) <= 6


@pytest.mark.parametrize("command", [one for one in COMMANDS if any(part in one for part in HUB)])
def test_a_command_that_needs_the_hub_is_understood(command: str, understood: Callable[[str], None]) -> None:
    understood(command.removeprefix("stsbench "))


def test_the_python_snippet_runs() -> None:
    (snippet,) = re.findall(r"```python\n(.*?)```", README, re.S)
    done = subprocess.run([sys.executable, "-c", snippet], env=os.environ, capture_output=True, text=True, check=False, timeout=120)
    assert done.returncode == 0, done.stderr
    assert "agrees better with people" in done.stdout


def test_links_are_addresses_that_lead_somewhere() -> None:
    """An index shows the README elsewhere, so no link may be relative; those to the project lead to what is there."""
    targets = [*re.findall(r"\]\(([^)]+)\)", README), *re.findall(r"(?:href|src|srcset)=\"([^\"]+)\"", README)]
    assert len(targets) > 30
    for target in targets:
        assert target.startswith("https://"), target
        if target.startswith(f"{REPOSITORY}/"):
            assert (ROOT / target.partition("/main/")[2]).exists(), target
        if target.startswith(RAW):
            assert (ROOT / target.removeprefix(f"{RAW}/main/")).is_file(), target
        if target.startswith(SITE):
            page, _, heading = target.removeprefix(SITE).partition("#")
            file = ROOT / page / "board.json" if page.startswith("leaderboards/s") else ROOT / "docs" / f"{page.strip('/')}.md"
            assert file.exists(), target
            headings = {"-".join(line.lower().split()) for line in re.findall(r"^#+ (.+)$", file.read_text(encoding="utf-8"), re.M)}
            assert not heading or heading in headings, target


def test_the_addresses_are_decided_once() -> None:
    site = tomllib.loads((ROOT / "zensical.toml").read_text())["project"]
    assert (site["repo_url"], site["site_url"]) == (REPOSITORY, SITE)
    for page in [ROOT / "README.md", *(ROOT / "docs").rglob("*.md")]:
        for owner in re.findall(r"https://github\.com/([\w-]+/stsbench)\b", page.read_text(encoding="utf-8")):
            assert f"https://github.com/{owner}" == REPOSITORY, page


def test_the_comparison_has_six_rows_that_each_lead_to_a_page_and_is_as_wide_as_its_head() -> None:
    assert len(COMPARED) == 6
    assert len({page for page, _ in COMPARED}) == 6
    assert all(page.startswith(SITE) and row.count("|") == 2 for page, row in COMPARED)


def test_the_number_of_similarities_is_not_more_than_there_are() -> None:
    ((said, light),) = re.findall(r"\| (\d+) and more, of vectors, tokens or learned, (\d+) of them without a plugin;", README)
    providers = [provider.distribution for _, provider in Registry.installed().offers("similarity")]
    assert len(providers) - providers.count("stsbench-example") >= int(said)
    assert providers.count("stsbench") >= int(light)


def test_what_is_said_of_the_others_is_so() -> None:
    """What the table says of mteb and sentence-transformers, of the versions that are installed: so that it changes when they do."""
    from mteb._evaluators.any_sts_evaluator import STSEvaluatorScores
    from mteb.abstasks.sts import AbsTaskSTS
    from mteb.models import ModelMeta
    from sentence_transformers.cross_encoder.evaluation import CrossEncoderCorrelationEvaluator
    from sentence_transformers.util.similarity import SimilarityFunction

    assert set(STSEvaluatorScores.__annotations__) == {"cosine_scores", "manhattan_distances", "euclidean_distances", "similarity_scores"}
    assert not AbsTaskSTS._support_cross_encoder
    assert "training_datasets" in ModelMeta.model_fields
    assert set(SimilarityFunction.possible_values()) == {"cosine", "dot", "euclidean", "manhattan", "maxsim", "meanmaxsim"}
    assert CrossEncoderCorrelationEvaluator is not None
