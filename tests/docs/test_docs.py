"""The pages under docs/: each is followed from top to bottom, in a folder of its own; what needs the hub is checked by its references."""

from __future__ import annotations

import itertools
import json
import re
import runpy
import shlex
import shutil
import tomllib
from collections.abc import Callable
from pathlib import Path

import pytest
import yaml
from typer.testing import CliRunner

from stsbench.api.evaluate import evaluate
from stsbench.builtin.peers import PEERS
from stsbench.cli.app import app
from stsbench.contracts.boards.board import BoardSpec
from stsbench.contracts.components.component import Kind
from stsbench.host.registry import Registry

ROOT = Path(__file__).parents[2]
PAGES = {path.stem: path.read_text(encoding="utf-8") for path in sorted((ROOT / "docs").glob("*.md"))}
BLOCK = re.compile(r"^(?:<!-- file: (?P<file>\S+) -->\n)?(?P<indent> *)```(?P<language>\w+)\n(?P<code>.*?)^(?P=indent)```$", re.M | re.S)
HUB = (
    "sentence-transformers:",
    "bert:",
    "run -e preset:",
    "cross-encoder:",
    "sparse-encoder:",
    "multi-vector:",
    "vision:",
    "hub:",
    "mteb-model:",
    "mteb-task:",
    "--mirror",
    "-b simcse",
)  # models and data that are not at hand
OTHERS = {
    "python3",
    "make",
    "source",
    "pip",
    "export",
}  # commands that prepare an environment: the targets are there, tests of wheels try the rest
SPECIAL = {"http-encoder"}  # needs a service, and is followed by a test of its own


def blocks(page: str) -> list[tuple[str | None, str, str]]:
    """File, language and code of each block, in order."""
    return [(found["file"], found["language"], found["code"]) for found in BLOCK.finditer(PAGES[page])]


def commands(code: str) -> list[str]:
    """The commands of stsbench in a block, without the remarks that stand behind them."""
    lines = [line.strip().partition("  #")[0].strip() for line in code.splitlines()]
    assert all(line.startswith("$ ") and line.split()[1] in {"stsbench", *OTHERS} for line in lines), lines
    return [line.removeprefix("$ stsbench ") for line in lines if line.startswith("$ stsbench ")]


def test_the_pages_that_are_announced_are_there() -> None:
    listed = re.findall(r"^- \[.*?\]\(([^\s/]+?)\.md\)", PAGES["README"], re.M)  # those of reference/ are held by test_site.py
    assert sorted([*listed, "README"]) == sorted(PAGES)
    assert sum(len(commands(code)) for page in PAGES for _, language, code in blocks(page) if language == "console") >= 100


@pytest.mark.parametrize("page", [page for page in PAGES if blocks(page) and page not in SPECIAL])
def test_a_page_can_be_followed(page: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, understood: Callable[[str], None]) -> None:
    place, snippet = tmp_path / "place", tmp_path / "snippet.py"
    shutil.copytree(ROOT / "leaderboards", place / "leaderboards")
    (place / "my-model").mkdir()
    (place / "my-model" / "config.json").write_text("{}")  # the reader's own
    monkeypatch.chdir(place)
    known: dict[str, object] = {}  # what the snippets before have named
    for file, language, code in blocks(page):
        if file is not None:
            Path(file).parent.mkdir(parents=True, exist_ok=True)
            Path(file).write_text(code, encoding="utf-8")
        if language == "console":
            for command in commands(code):
                (understood if any(model in command for model in HUB) else follow)(command)
        elif language == "python":
            snippet.write_text(code, encoding="utf-8")
            known |= {name: value for name, value in runpy.run_path(str(snippet), known).items() if not name.startswith("__")}
        else:
            assert language in {"text", "csv", "toml", "yaml"}, language


def follow(command: str) -> None:
    done = CliRunner().invoke(app, shlex.split(command))
    assert done.exit_code == 0, f"{command}: {done.stderr}"
    assert done.stdout.strip(), command


def test_the_answer_that_is_shown_is_the_one_that_is_given(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """The first command of the first page, on the file that it shows, says what the page says it does."""
    monkeypatch.chdir(tmp_path)
    ((_, _, data),) = [block for block in blocks("get-started") if block[1] == "csv"]
    Path("pairs.csv").write_text(data, encoding="utf-8")
    first = next(commands(code)[0] for _, language, code in blocks("get-started") if language == "console")
    (said,) = [code.strip() for _, language, code in blocks("get-started") if language == "text" and code.startswith("On ")]
    assert CliRunner().invoke(app, shlex.split(first)).stdout.splitlines()[0] == said


def test_what_the_first_page_runs_came_with_what_it_installs() -> None:
    """Up to models of one's own, which say what they need, no command names what another plugin brings."""
    light = [plugin for plugin in Registry.installed().plugins if plugin.provider.distribution in {"stsbench", "stsbench-wordllama"}]
    registry, ready = Registry(tuple(light)), PAGES["get-started"].partition("## Your own model")[0]
    named = [word for line in re.findall(r"^\$ stsbench (?:run|compare) (.+)$", ready, re.M) for word in named_by(line)]
    assert {"wordllama", "hashing"} <= {text for kind, text in named if kind == "encoder"}
    assert {"cosine", "soft-cosine"} <= {text for kind, text in named if kind == "similarity"}
    for kind, text in named:
        registry.find(kind, text.split()[0])


def named_by(line: str) -> list[tuple[Kind, str]]:
    """The encoders and similarities of a command."""
    words = shlex.split(line)
    kinds: dict[str, Kind] = {"-e": "encoder", "-s": "similarity"}
    first: list[tuple[Kind, str]] = [("encoder", word) for word in itertools.takewhile(lambda word: not word.startswith("-"), words)]
    return [*first, *((kinds[flag], text) for flag, text in itertools.pairwise(words) if flag in kinds)]


def test_what_make_is_asked_for_is_there() -> None:
    targets = re.findall(r"^(\w+):", (ROOT / "Makefile").read_text(), re.M)
    asked = re.findall(r"^\$ make (\w+)", "\n".join(PAGES.values()), re.M)
    assert len(asked) >= 2
    assert set(asked) <= set(targets)


FORMS = [
    re.sub(r"--to \S+", f"--to {form}", command)
    for command, others in re.findall(r"^\$ stsbench (export .*?) +# also: (.+)$", PAGES["leaderboards"], re.M)
    for form in others.split(", ")
]


def test_every_form_of_an_export_is_named() -> None:
    assert set(PEERS) <= set(re.findall(r"--to (\S+)", "\n".join([*FORMS, PAGES["leaderboards"]])))


@pytest.mark.parametrize("command", FORMS)
def test_an_export_runs_in_the_other_forms_that_its_line_names(command: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    (tmp_path / "leaderboards").symlink_to(ROOT / "leaderboards")
    monkeypatch.chdir(tmp_path)
    follow(command)


def test_the_signature_that_is_shown_has_the_fields_that_signatures_have() -> None:
    line = evaluate("hashing", "cosine", "mini").entries[0].record.signature
    shown = re.search(r"^stsbench\|.*$", PAGES["figures"], re.M)
    assert shown is not None
    names = {field.partition("=")[0] for field in shown[0].split("|")[1:] if "=" in field}
    assert len(names) >= 7
    assert names <= {field.partition("=")[0] for field in line.split("|")}


def test_the_board_is_valid_and_uses_every_key_that_it_explains() -> None:
    code = "".join(code for _, language, code in blocks("write-a-board") if language == "toml")
    board = BoardSpec.model_validate(tomllib.loads(code))
    assert board.system[2].encoder == "tfidf"
    assert board.selected[1].development == ("STSBenchmark:validation",)


def test_the_workflow_to_copy_calls_what_there_is_and_grants_what_it_needs() -> None:
    ((_, _, code),) = [block for block in blocks("ci") if block[1] == "yaml"]
    copied = yaml.safe_load(code)
    assert copied["permissions"] == {}
    for job in copied["jobs"].values():
        name = re.fullmatch(r"OWNER/stsbench/\.github/workflows/(\S+)@COMMIT", job["uses"])
        assert name is not None
        called = yaml.safe_load((ROOT / ".github" / "workflows" / name[1]).read_text())
        inputs = called[True]["workflow_call"]["inputs"]  # YAML reads the key `on` as true
        assert set(job.get("with", {})) <= set(inputs)
        needed: dict[str, str] = {}
        for inner in called["jobs"].values():
            for scope, right in inner["permissions"].items():
                needed[scope] = "write" if "write" in (right, needed.get(scope)) else right
        assert job["permissions"] == needed


def test_the_published_figures_are_those_of_the_board() -> None:
    header, figures = (
        [cell.strip() for cell in line.strip("|").split("|")] for line in re.findall(r"^\| (?:STS12|7).*$", PAGES["reproduce"], re.M)
    )
    board = json.loads((ROOT / "leaderboards" / "sts-english" / "board.json").read_text())
    (row,) = [row for row in board["rows"] if row["label"] == "all-MiniLM-L6-v2 (sentence-transformers) · cosine"]
    measured = {column["name"]: f"{100 * cell['spearman']:.2f}" for column, cell in zip(board["columns"], row["cells"], strict=True)}
    assert dict(zip(header, figures, strict=True)) == measured


@pytest.mark.parametrize("page", PAGES)
def test_links_lead_somewhere(page: str) -> None:
    for target in re.findall(r"\]\(([^)#:]+)\)", PAGES[page]):
        assert (ROOT / "docs" / target).exists(), target
