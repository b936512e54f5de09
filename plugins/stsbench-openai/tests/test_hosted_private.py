"""A canary key and canary texts are planted, and every artefact, log and process list is searched for them."""

from __future__ import annotations

import os
import subprocess
import sys
from contextlib import suppress
from pathlib import Path
from secrets import token_hex
from typing import Any

from stsbench_openai.endpoint import Endpoint

# Of this process alone: what the tests of another one, or of another clone, give their commands is in the list of processes too.
KEY = f"sk-canary-{token_hex(8)}"
CANARY = f"Quetzalcoatlus {token_hex(8)} hums"


def test_key_and_texts_are_nowhere_but_where_they_were_sent(double: Any, tmp_path: Path) -> None:
    rows = [f"{CANARY} {row},{CANARY} once more {row},{row % 5}" for row in range(12)]
    (tmp_path / "in").mkdir()
    (tmp_path / "in" / "own.csv").write_text("sentence1,sentence2,score\n" + "\n".join(rows) + "\n")
    double.key = KEY
    environment = {
        **os.environ,
        str(Endpoint.of(double.url).key_variable): KEY,
        "OPENAI_LOG": "debug",
        "STSBENCH_LOG": "debug",
        "STSBENCH_CACHE_DIR": str(tmp_path / "out" / "cache"),
    }
    (tmp_path / "out").mkdir()
    ref = f"openai:m,url={double.url},retries=1,batch_size=4"
    words = [
        sys.executable,
        "-m",
        "stsbench",
        "--debug",
        "run",
        "-e",
        ref,
        "-s",
        "cosine",
        "-b",
        f"csv:{tmp_path}/in/own.csv",
        "--results",
        "results",
    ]
    sent = ["--allow-network", double.host, "--send-private", double.host]
    listed: list[str] = []

    def look(handler: Any, asked: Any) -> bool:
        for path in Path("/proc").glob("[0-9]*/cmdline"):
            with suppress(OSError):  # processes of other tests end while the list is read
                listed.append(path.read_text(errors="replace"))
        if asked.number == 1:
            return bool(handler.says(429, {"error": {"message": f"{KEY} {CANARY}", "code": None}}, Retry_After="0.01"))
        if asked.number == 4:
            return bool(handler.says(400, {"error": {"message": f"{KEY} {CANARY}", "code": None}}))
        return False

    def run(*arguments: str) -> subprocess.CompletedProcess[str]:
        return subprocess.run(arguments, cwd=tmp_path / "out", env=environment, capture_output=True, text=True, check=False)

    refused = run(*words, *sent[:2])
    assert (refused.returncode, double.connections) == (2, 0)
    assert f"add --send-private {double.host}" in refused.stderr
    double.fault = look
    failed = run(*words, *sent)
    assert failed.returncode == 1
    assert "refuses a request of 4 texts (400)" in failed.stdout + failed.stderr
    done = run(*words, *sent)
    assert done.returncode == 0, done.stderr
    assert len(double.requests) >= 6
    said = [one.stdout + one.stderr for one in (refused, failed, done)]
    files = [path.read_bytes().decode("latin-1") for path in (tmp_path / "out").rglob("*") if path.is_file()]
    assert len(files) >= 3
    assert listed
    for place in (*said, *files, *listed):
        assert KEY not in place
        assert CANARY not in place
