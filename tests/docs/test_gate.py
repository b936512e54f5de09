"""The gate of the recipe lets a better candidate in and stops one that is measurably worse."""

from __future__ import annotations

import re
import runpy
from pathlib import Path

import pytest

PAGE = (Path(__file__).parents[2] / "docs" / "gate.md").read_text(encoding="utf-8")


@pytest.mark.parametrize(("candidate", "current", "stopped"), [("wordllama", "hashing", False), ("hashing", "wordllama", True)])
def test_the_gate_stops_what_is_worse(
    candidate: str, current: str, stopped: bool, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    (code,) = re.findall(r"```python\n(.*?)```", PAGE, re.S)
    (tmp_path / "gate.py").write_text(code, encoding="utf-8")
    monkeypatch.chdir(tmp_path)
    monkeypatch.setenv("CANDIDATE", candidate)
    monkeypatch.setenv("CURRENT", current)
    if stopped:
        with pytest.raises(SystemExit, match="measurably worse"):
            runpy.run_path("gate.py")
    else:
        runpy.run_path("gate.py")
    assert f"the candidate is {'-' if stopped else '+'}11.0 points" in capsys.readouterr().out
