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
    assert lines.index("make leaderboard") < lines.index("git diff --exit-code leaderboards/") < lines.index(".ci/chromium")
