"""The README's commands and snippets, run as they stand; those that need the hub are planned against it as references only."""

from __future__ import annotations

import os
import re
import shlex
import shutil
import subprocess
import sys
from collections.abc import Callable
from itertools import pairwise
from pathlib import Path

import pytest

from stsbench.contracts.ref import Ref

Command = Callable[..., subprocess.CompletedProcess[str]]
ROOT = Path(__file__).parents[2]
README = (ROOT / "README.md").read_text()
COMMANDS = [
    line.removeprefix("$ ").partition("  #")[0].strip()
    for block in re.findall(r"```console\n(.*?)```", README, re.S)
    for line in block.splitlines()
    if line.startswith("$ ")
]
HUB = ("org/name", "all-MiniLM-L6-v2", "bert-base-uncased", "-b sts-english --mirror", "-b simcse", "./my-model")


def test_the_commands_are_found() -> None:
    assert len(COMMANDS) >= 18
    assert COMMANDS[0] == "make leaderboard"


@pytest.fixture(scope="module")
def place(tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = tmp_path_factory.mktemp("readme")
    shutil.copytree(ROOT / "leaderboards" / "mini", folder / "leaderboards" / "mini")
    rows = [f"text number {i},another text {i * 3 % 7},{i % 5}" for i in range(20)]
    (folder / "pairs.csv").write_text("question1,question2,rating\n" + "\n".join(rows) + "\n")
    (folder / "leaderboards" / "sts-english").symlink_to(ROOT / "leaderboards" / "sts-english")
    (published,) = re.findall(r"```csv\n(.*?)```", README, re.S)
    (folder / "published.csv").write_text(published)
    return folder


@pytest.mark.parametrize("command", [one for one in COMMANDS if one.startswith("stsbench") and not any(part in one for part in HUB)])
def test_a_command_of_the_readme_runs(command: str, place: Path, stsbench: Command) -> None:
    done = stsbench(*shlex.split(command)[1:], cwd=place)
    assert done.returncode == 0, done.stderr
    assert done.stdout.strip()


FORMS = [
    re.sub(r"--to \S+", f"--to {form}", command)
    for command, others in re.findall(r"^\$ (stsbench export .*?) +# also: (.+)$", README, re.M)
    for form in others.split(", ")
]


def test_every_form_of_an_export_is_named() -> None:
    from stsbench.builtin.peers import PEERS

    assert set(PEERS) <= {form.split("--to ")[1].split()[0] for form in [*FORMS, *COMMANDS] if "--to " in form}


@pytest.mark.parametrize("command", FORMS)
def test_an_export_runs_in_the_other_forms_that_its_line_names(command: str, place: Path, stsbench: Command) -> None:
    test_a_command_of_the_readme_runs(command, place, stsbench)


@pytest.mark.parametrize("command", [one for one in COMMANDS if any(part in one for part in HUB)])
def test_the_references_of_a_command_that_needs_the_hub_are_right(command: str) -> None:
    words = shlex.split(command)
    kinds = {"-e": "encoder", "-s": "similarity", "-b": "benchmark"}
    from stsbench.errors import ModelError
    from stsbench.host.registry import Registry

    registry = Registry.installed()
    checked = 0
    for flag, text in pairwise(words):
        if flag in kinds:
            try:
                resolved = registry.resolve(kinds[flag], text)  # type: ignore[arg-type]
                assert Ref.parse(str(resolved.ref)) == resolved.ref
            except ModelError as error:
                assert "./my-model" in text, error  # noqa: PT017
            checked += 1
    assert checked >= 2


OWN = """
import numpy as np, pandas as pd, stsbench
words = "rain snow wind sun fog hail sleet storm cloud frost thaw heat mist dew ice gale".split()
frame = pd.DataFrame({"question": words, "answer": [words[(3 * row + 1) % 16] for row in range(16)], "grade": range(16)})
class Model:
    def encode(self, texts):
        return np.array([[len(text) + 0.1 * ord(text[0]), ord(text[1]), ord(text[-1]) ** 1.1] for text in texts])
model = Model()
"""


@pytest.mark.parametrize(("given", "said"), [("", "soft-cosine"), (OWN, "Spearman")])
def test_the_python_snippets_run(given: str, said: str) -> None:
    snippet = re.findall(r"```python\n(.*?)```", README, re.S)[bool(given)]
    code = [sys.executable, "-c", given + snippet]
    done = subprocess.run(code, env=os.environ, capture_output=True, text=True, check=False, timeout=120)
    assert done.returncode == 0, done.stderr
    assert said in done.stdout


def test_every_make_target_exists() -> None:
    makefile = (ROOT / "Makefile").read_text()
    for command in COMMANDS:
        if command.startswith("make "):
            assert re.search(rf"^{command.split()[1]}:", makefile, re.M), command


def test_links_lead_somewhere() -> None:
    for target in re.findall(r"\]\(([^)#]+)\)", README):
        assert (ROOT / target).exists(), target


def test_the_signature_of_the_readme_names_fields_that_signatures_have() -> None:
    from stsbench.api.evaluate import evaluate

    line = evaluate("hashing", "cosine", "mini").entries[0].record.signature
    shown = re.search(r"^stsbench\|.*$", README, re.M)
    assert shown is not None
    names = {field.partition("=")[0] for field in shown[0].split("|")[1:] if "=" in field}
    assert names <= {field.partition("=")[0] for field in line.split("|")}
