"""The workflows: what they may do, and what their steps do, run here on a repository of two states."""

from __future__ import annotations

import os
import re
import shutil
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
import yaml

from stsbench.api.boards import build_board, run_board
from stsbench.api.session import Session
from stsbench.evidence.folder import BoardFolder
from stsbench.stores.records import dump, load_all, record_path

ROOT = Path(__file__).parents[2]
FOLDER = ROOT / ".github" / "workflows"
WORKFLOWS = {path.stem: yaml.safe_load(path.read_text()) for path in sorted(FOLDER.glob("*.yml"))}


def test_a_linter_finds_nothing() -> None:
    program = Path(sys.executable).with_name("zizmor")
    done = subprocess.run([program, "--offline", "--quiet", FOLDER], capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stdout + done.stderr


def test_every_action_is_pinned_and_no_workflow_may_more_than_it_says() -> None:
    assert WORKFLOWS.keys() == {"boards", "check", "leaderboard-check", "leaderboard-refresh", "leaderboard-page", "release", "site"}
    for path in FOLDER.glob("*.yml"):
        for used in re.findall(r"uses: (\S+.*)", path.read_text()):
            assert used.startswith("./.github/workflows/") or re.search(r"@[0-9a-f]{40} # v\d+\.\d+\.\d+$", used), used
    for name, workflow in WORKFLOWS.items():
        assert workflow["permissions"] == {}, name
        assert all("permissions" in job for job in workflow["jobs"].values()), name
    assert WORKFLOWS["leaderboard-check"]["jobs"]["check"]["permissions"] == {"contents": "read"}
    assert "pull_request_target" not in WORKFLOWS["boards"][True]  # YAML reads the key `on` as true


def test_what_workflows_call_is_there() -> None:
    """Targets of the Makefile, scripts, and files that steps read; those of `needs` and of artifacts are held by a linter."""
    text = "\n".join(path.read_text() for path in FOLDER.glob("*.yml"))
    targets = re.findall(r"^([a-z]+):", (ROOT / "Makefile").read_text(), re.M)
    called = re.findall(r"make (?:--\S+ )*([a-z]+)(?= |$)", "\n".join(re.findall(r"(?:run|setup): (.*)", text)), re.M)
    assert {"setup", "site", "packages", "installed", "lowest"} <= set(called) <= set(targets)
    scripts = re.findall(r"run: (\.ci/\S+)", text)
    assert scripts
    assert all(os.access(ROOT / script, os.X_OK) for script in scripts)
    files = re.findall(r"--(?:constraint|requirement) (\S+)", text)
    assert {"constraints.txt", "requirements-docs.txt"} == set(files)
    assert all((ROOT / file).is_file() for file in files)
    for path in re.findall(r"uses: \./(\S+)", text):
        assert (ROOT / path).is_file(), path


def steps(workflow: str, job: str) -> dict[str, dict[str, Any]]:
    return {step["name"]: step for step in WORKFLOWS[workflow]["jobs"][job]["steps"] if "run" in step}


def git(place: Path, *arguments: str) -> str:
    done = subprocess.run(
        ["git", "-c", "user.name=t", "-c", "user.email=t@t", *arguments], cwd=place, capture_output=True, text=True, check=False
    )
    assert done.returncode == 0, done.stderr
    return done.stdout.strip()


@pytest.fixture
def checkout(tmp_path: Path, write_board: Callable[..., Path]) -> Path:
    """A repository with one board, and a branch on which nothing has changed yet."""
    place = tmp_path / "checkout"
    run_board(BoardFolder(write_board(place / "leaderboards" / "small", "hashing")), Session.opened(cache=False))
    git(place, "init", "--quiet", "--initial-branch=main")
    git(place, "add", "--all")
    git(place, "commit", "--quiet", "--message=base")
    git(place, "switch", "--quiet", "--create=change")
    return place


def do(step: dict[str, Any], place: Path, **values: str) -> subprocess.CompletedProcess[str]:
    """Run a step as a runner does; `values` stand for the expressions of its environment."""
    (place.parent / "temp").mkdir(exist_ok=True)
    binaries = str(Path(sys.executable).parent)
    environment = {
        **os.environ,
        "PATH": f"{binaries}:{os.environ['PATH']}",
        "RUNNER_TEMP": str(place.parent / "temp"),
        "GITHUB_STEP_SUMMARY": str(place.parent / "summary.md"),
        **{name: values[name] for name in step["env"]},
    }
    return subprocess.run(
        ["bash", "-eo", "pipefail", "-c", step["run"]], cwd=place, env=environment, capture_output=True, text=True, check=False
    )


def test_the_steps_of_a_pull_request_pass_an_honest_one_and_stop_a_forged_one(checkout: Path) -> None:
    names = [name for name in steps("leaderboard-check", "check") if name != "Install"]
    assert len(names) == 4
    values = {"BOARDS": "leaderboards/*/", "SAMPLE": "16", "BASE": "main"}
    codes = [do(steps("leaderboard-check", "check")[name], checkout, **values).returncode for name in names]
    assert codes == [0, 0, 0, 0]
    assert "Nothing moved: 1 system has" in (checkout / "moved.md").read_text()
    board = checkout / "leaderboards" / "small"
    (file,) = load_all(board)
    forged = tuple(record.model_copy(update={"figures": {**record.figures, "spearman": 0.9}}) for record in file.records)
    record_path(board, file).write_bytes(dump(file.model_copy(update={"records": forged})))
    build_board(BoardFolder(board), Session.opened())
    shutil.rmtree(checkout.parent / "temp")
    git(checkout, "worktree", "prune")
    done = {name: do(steps("leaderboard-check", "check")[name], checkout, **values) for name in names}
    assert [one.returncode for one in done.values()] == [0, 1, 0, 1]
    assert "are evidence and are not kept, or are those of another record" in done[names[3]].stderr
    assert "| hashing · cosine | mini | 33.23 | 90.00 | +56.77 |" in (checkout.parent / "summary.md").read_text()


@pytest.mark.parametrize(("least", "code", "warned"), [(10, 0, False), (33, 0, True), (80, 1, False)])
def test_what_cannot_be_told_is_a_warning_and_what_is_not_met_fails(
    least: int, code: int, warned: bool, checkout: Path, write_board: Callable[..., Path]
) -> None:
    board = write_board(checkout / "leaderboards" / "small", "hashing", require=[{"system": "hashing", "at_least": least}])
    run_board(BoardFolder(board), Session.opened(cache=False))
    (check,) = [step for name, step in steps("leaderboard-check", "check").items() if name.startswith("Check that")]
    done = do(check, checkout, BOARDS="leaderboards/*/")
    assert (done.returncode, "::warning::" in done.stdout) == (code, warned), done.stderr


def test_new_evidence_travels_as_a_patch(checkout: Path, write_board: Callable[..., Path]) -> None:
    board = write_board(checkout / "leaderboards" / "small", "hashing,dim=64")
    git(checkout, "commit", "--quiet", "--all", "--message=another system")
    compute = [step for name, step in steps("leaderboard-refresh", "compute").items() if name.startswith("Compute")]
    done = do(compute[0], checkout, BOARDS="leaderboards/*/")
    assert done.returncode == 0, done.stderr
    patch = checkout.parent / "evidence.patch"
    shutil.move(checkout / "evidence.patch", patch)
    after = {path.relative_to(checkout): path.read_bytes() for path in board.rglob("*") if path.is_file()}
    assert len([path for path in after if path.suffix == ".parquet"]) == 1
    git(checkout, "reset", "--quiet", "--hard")
    git(checkout, "clean", "--quiet", "--force", "-d", "leaderboards")
    git(checkout, "apply", "--index", str(patch))
    assert {path.relative_to(checkout): path.read_bytes() for path in board.rglob("*") if path.is_file()} == after


def test_the_pages_hold_what_is_derived_and_link_to_it(checkout: Path) -> None:
    (name,) = steps("leaderboard-page", "gather")
    done = do(steps("leaderboard-page", "gather")[name], checkout, BOARDS="leaderboards/*/")
    assert done.returncode == 0, done.stderr
    assert '<a href="small/README.md">small</a>' in (checkout / "_site" / "index.html").read_text()
    assert {path.name for path in (checkout / "_site" / "small").iterdir()} >= {"README.md", "board.csv", "board.json"}
    assert not (checkout / "_site" / "small" / "board.toml").exists()
