"""CI's Chromium: taken where there is one, installed where it can be, and one sentence where it cannot."""

import os
import subprocess
from pathlib import Path

import pytest

SCRIPT = Path(__file__).parents[2] / ".ci" / "chromium"
BASH = "/bin/bash"


def ran(folder: Path, **programs: str) -> subprocess.CompletedProcess[str]:
    """The script where there are only these programs, each a line of shell."""
    for name, line in programs.items():
        path = folder / name.replace("_", "-")
        path.write_text(f"#!{BASH}\n{line}\n")
        path.chmod(0o755)
    return subprocess.run([BASH, str(SCRIPT)], env={**os.environ, "PATH": str(folder)}, capture_output=True, text=True, check=False)


ROOT = {"sudo": 'shift; "$@"', "true": "exit 0"}


def test_chromium_that_is_there_is_left_alone(tmp_path: Path) -> None:
    done = ran(tmp_path, chromium="exit 0", apt_get="exit 100")
    assert (done.returncode, done.stdout, done.stderr) == (0, "", "")


def test_it_is_installed_by_apt(tmp_path: Path) -> None:
    done = ran(tmp_path, **ROOT, apt_get=f'echo "$@" >>{tmp_path}/asked')
    assert done.returncode == 0
    assert (tmp_path / "asked").read_text().splitlines() == ["update -q", "install -yq --no-install-recommends chromium"]


@pytest.mark.parametrize(
    ("programs", "expected"), [({}, "takes apt-get and root"), ({**ROOT, "apt_get": "exit 100"}, "apt-get could not install")]
)
def test_where_it_cannot_be_installed_one_sentence_says_so(tmp_path: Path, programs: dict[str, str], expected: str) -> None:
    done = ran(tmp_path, **programs)
    assert done.returncode == 1
    assert expected in done.stderr
    assert len(done.stderr.splitlines()) == 1


def test_the_board_is_compared_before_chromium_brings_its_fonts() -> None:
    lines = SCRIPT.with_name("run").read_text().splitlines()
    assert lines.index("make leaderboard") < lines.index("git diff --exit-code leaderboards/") < lines.index("make checks")
    assert asked_of_make("leaderboard", required="browser") == []


@pytest.mark.parametrize(("required", "installs"), [("browser compiled", True), ("compiled", False), ("", False)])
def test_make_installs_it_before_the_tests_where_these_may_not_be_skipped(required: str, installs: bool) -> None:
    assert asked_of_make("chromium", required=required) == [".ci/chromium"] * installs
    asked = asked_of_make("checks", required=required)
    assert [line for line in asked if line == ".ci/chromium"] == [".ci/chromium"] * installs
    (tests,) = (place for place, line in enumerate(asked) if " -m pytest " in line)
    assert ".ci/chromium" not in asked[tests:]


def asked_of_make(target: str, required: str) -> list[str]:
    """What make would run for a target, of what installs Chromium or runs tests."""
    environment = {name: value for name, value in os.environ.items() if not name.startswith("MAKE")}
    line = ["make", "--dry-run", "--old-file=.venv/.stamp", target]
    done = subprocess.run(line, cwd=SCRIPT.parents[1], env={**environment, "STSBENCH_MUST_RUN": required}, capture_output=True, text=True)
    assert done.returncode == 0, done.stderr
    return [line for line in done.stdout.splitlines() if line == ".ci/chromium" or " -m pytest " in line]
