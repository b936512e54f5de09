"""Hostile plugins, all at once beside a good one: the short form of benchmarks/break/plugins.py, which tries each alone."""

from __future__ import annotations

import json
import sys
from importlib.util import module_from_spec, spec_from_file_location
from pathlib import Path
from typing import Any

import pytest

BREAK = Path(__file__).parents[2] / "benchmarks" / "break"


@pytest.fixture
def campaign(monkeypatch: pytest.MonkeyPatch) -> Any:
    monkeypatch.syspath_prepend(str(BREAK))
    spec = spec_from_file_location("campaign_of_plugins", BREAK / "plugins.py")
    assert spec is not None
    assert spec.loader is not None
    module = module_from_spec(spec)
    spec.loader.exec_module(module)
    yield module
    sys.modules.pop("hostile")


def test_forty_hostile_plugins_harm_nobody_and_each_is_blamed(campaign: Any, tmp_path: Path) -> None:
    campaign.install(tmp_path, "stsbench-good", "stsbench_good", "1.0", campaign.GOOD)
    expected = campaign.figure(campaign.run(tmp_path).stdout)
    together = [one for one in campaign.HOSTILE if one.code != 3]
    assert len(together) > 40
    asked = []
    for number, hostile in enumerate(together):
        campaign.install(tmp_path, f"stsbench-hostile-{number}", f"stsbench_hostile_{number}", "6.6.6", hostile.source)
        if hostile.option:
            asked += [hostile.option, f"stsbench-hostile-{number}/hostile"]
    done = campaign.run(tmp_path, "-s", "stsbench/cosine", "-t", "none", "-b", "stsbench/mini", *asked)
    assert done.returncode == 1
    assert "Traceback" not in done.stderr
    assert campaign.figure(done.stdout) == expected
    said = [*campaign.failures(tmp_path), *(cell["reason"] or "" for cell in json.loads(done.stdout)["cells"]), *done.stderr.splitlines()]
    for number, hostile in enumerate(together):
        warned = [line for line in said if f"stsbench-hostile-{number} 6.6.6" in line]
        if hostile.message:
            assert any(hostile.message in line for line in warned), hostile.name
        else:
            assert not [line for line in warned if "close" not in line], hostile.name


def test_a_run_that_a_thread_ends_is_no_success(campaign: Any, tmp_path: Path) -> None:
    hostile = next(one for one in campaign.HOSTILE if one.code == 3)
    campaign.install(tmp_path, "stsbench-hostile", "stsbench_hostile", "6.6.6", hostile.source)
    done = campaign.run(tmp_path, "-e", "stsbench/hashing")
    assert (done.returncode, done.stdout) == (3, "")
    assert hostile.message in done.stderr
