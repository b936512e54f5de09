"""A canary in private data and a secret in the environment are planted, and every artefact is searched for them."""

from __future__ import annotations

import base64
import hashlib
import textwrap
from collections.abc import Callable
from pathlib import Path
from subprocess import CompletedProcess

import pytest
import xxhash

Command = Callable[..., CompletedProcess[str]]
CANARY = "Quetzalcoatlus northropi hums an unreleased sonata"
SECRET = "sk-4242-do-not-print-me"

PLUGIN = textwrap.dedent(
    """
    import numpy as np
    from stsbench.plugin import Component, Embeddings, Fingerprint, Secret, hookimpl

    class Remote:
        views = ("sentence",)
        token_views = ()
        fingerprint = Fingerprint.of(model="remote-double")
        hosts = ("remote.test",)
        def __init__(self, token, fail):
            self.token, self.fail = token, fail
        def encode(self, texts, *, views, prompt=""):
            assert self.token.reveal().startswith("sk-")
            if self.fail:
                raise RuntimeError(f"401 for token {self.token} and the options {vars(self)!r}, at {texts[0]!r}")
            return Embeddings({"sentence": np.array([[len(text), text.count("e"), 1] for text in texts], dtype=np.float32)})

    def remote(*, token: Secret[str | None] = None, fail: bool = False):
        "A double for a service that needs a token."
        return Remote(token, fail)

    @hookimpl
    def stsbench_encoders():
        return [Component("remote", remote, network=True)]
    """
)


@pytest.fixture
def place(tmp_path: Path) -> Path:
    (tmp_path / "plugin").mkdir()
    (tmp_path / "plugin" / "remote_double.py").write_text(PLUGIN)
    info = tmp_path / "plugin" / "stsbench_remote-1.0.dist-info"
    info.mkdir()
    (info / "METADATA").write_text("Metadata-Version: 2.1\nName: stsbench-remote\nVersion: 1.0\n")
    (info / "entry_points.txt").write_text("[stsbench]\nremote = remote_double\n")
    secret_folder = tmp_path / "canary-folder"
    secret_folder.mkdir()
    rows = [f"{CANARY} {i % 4},{CANARY} in part {i},{i % 5}" for i in range(12)]
    (secret_folder / "canary-file.csv").write_text("sentence1,sentence2,score\n" + "\n".join(rows) + "\n")
    (tmp_path / "out").mkdir()
    return tmp_path


@pytest.fixture
def run(place: Path, forked: Command) -> Command:
    environment = {
        "PYTHONPATH": str(place / "plugin"),
        "STSBENCH_REMOTE_TOKEN": SECRET,
        "XDG_CACHE_HOME": str(place / "cache"),
        "STSBENCH_CACHE_DIR": str(place / "cache" / "stsbench"),
    }
    return lambda *arguments: forked("--debug", *arguments, cwd=place / "out", **environment)


def forms(text: str) -> set[bytes]:
    """A text as it is, in encodings of it, and as hashes of it."""
    data = text.encode()
    hashes = [hashlib.new(name, data).hexdigest() for name in ("md5", "sha1", "sha256", "sha512")]
    hashes += [hashlib.blake2b(data, digest_size=size).hexdigest() for size in (8, 16, 32, 64)]
    hashes += [xxhash.xxh3_64_hexdigest(data), xxhash.xxh3_128_hexdigest(data), xxhash.xxh64_hexdigest(data)]
    raw = {bytes.fromhex(one) for one in hashes}
    return {data, data.lower(), base64.b64encode(data)[:-4], data.hex().encode(), *(one.encode() for one in hashes), *raw}


def artefacts(place: Path) -> dict[str, bytes]:
    return {path.as_posix(): path.read_bytes() for root in ("out", "cache") for path in (place / root).rglob("*") if path.is_file()}


def assert_nowhere(needles: set[bytes], haystacks: dict[str, bytes]) -> None:
    for name, content in haystacks.items():
        for needle in needles:
            assert needle not in content, f"{needle!r} is in {name}"
            assert needle.decode(errors="ignore") not in name or not needle.isascii(), f"{needle!r} is in the name {name}"


def test_a_private_text_appears_in_no_artefact(run: Command, place: Path, write_board: Callable[..., Path]) -> None:
    file = place / "canary-folder" / "canary-file.csv"
    reference = f"csv:{file}"
    outputs = {}
    write_board(place / "out" / "board", {"encoder": "hashing", "similarities": ["cosine", "soft-cosine-idf"]}, benchmarks=[reference])
    commands = {
        "run": ["run", "-e", "hashing", "-s", "cosine", "-s", "soft-cosine", "-b", reference, "--results", "results", "--json"],
        "table": ["run", "-e", "hashing", "-b", reference],
        "stored": ["run", "-e", "remote", "-b", reference, "--allow-network", "remote.test", "--send-private", "remote.test"],
        "stored again": [
            "run",
            "-e",
            "remote",
            "-b",
            reference,
            "--allow-network",
            "remote.test",
            "--send-private",
            "remote.test",
            "--results",
            "results",
        ],
        "info": ["cache", "info", "--json"],
        "plan": ["plan", "-e", "hashing", "-b", reference, "--json"],
        "fail": [
            "run",
            "-e",
            "remote,fail=true",
            "-e",
            "hashing",
            "-b",
            reference,
            "--results",
            "results",
            "--allow-network",
            "remote.test",
            "--send-private",
            "remote.test",
        ],
        "audit": [
            "audit",
            "encoder",
            "hashing",
            "-b",
            reference,
            "--fit",
            reference,
            "--resamples",
            "99",
            "--report",
            "report.md",
            "--json",
        ],
        "board": ["run", "--board", "board"],
        "check": ["leaderboard", "check", "board"],
        "verify": ["leaderboard", "verify", "board", "--full", "--json"],
        "diff": ["leaderboard", "diff", "board", "board"],
        **{form: ["export", "board", "--to", form, "-o", f"exported.{form}"] for form in ("latex", "csv", "parquet", "json")},
        "merge": ["results", "merge", "results", "merged"],
        "encode": ["encode", "-e", "hashing", "-b", reference, "-o", "vectors.arrow"],
        "decide": ["decide", "-e", "hashing", "-b", reference, "-o", "decision.json", "--json"],
    }
    for name, arguments in commands.items():
        done = run(*arguments)
        assert done.returncode == (1 if name == "fail" else 0), done.stderr
        outputs[name] = (done.stdout + done.stderr).encode()
    failed = run("audit", "encoder", "remote,fail=true", "-b", reference, "--allow-network", "remote.test", "--send-private", "remote.test")
    assert failed.returncode == 3
    outputs["failed audit"] = failed.stderr.replace(str(place), "").encode()
    lines = file.read_text().splitlines()
    for name, bad in {"score": "not a number", "nan": "nan"}.items():
        file.write_text("\n".join([*lines[:5], lines[5].rpartition(",")[0] + f",{bad}", *lines[6:]]))
        done = run("run", "-e", "hashing", "-b", reference)
        assert done.returncode == 4
        assert "row 5" in done.stderr
        outputs[name] = (done.stdout + done.stderr).encode()
    file.write_text("\n".join(lines[1:]))
    outputs["headless"] = run("run", "-e", "hashing", "-b", reference).stderr.encode()
    found = {**{name: content for name, content in artefacts(place).items() if not name.endswith("board.toml")}, **outputs}
    assert len(found) > 8
    assert any(name.endswith("vectors.sqlite") and len(content) > 4096 for name, content in found.items())
    assert b'"vectors": 16' in found["info"]
    texts = [f"{CANARY} {i}" for i in range(4)] + [f"{CANARY} in part {i}" for i in range(12)] + [CANARY]
    found["fail"] = found["fail"].replace(str(place).encode(), b"")
    called = {file.name.encode(): b"", reference.encode(): b""}  # what was typed: the terminal calls it so, and nothing that is kept does
    for name in {"table", "stored", "stored again", "fail", "score", "nan", "headless", "failed audit"}:
        for typed, nothing in called.items():
            found[name] = found[name].replace(typed, nothing)
    assert_nowhere(
        set().union(*(forms(text) for text in texts)) | {b"canary-file"},
        {name: one.replace(reference.encode(), b"") for name, one in found.items()},
    )


def test_the_texts_of_a_matrix_are_stored_nowhere(run: Command, place: Path) -> None:
    done = run("matrix", "-e", "hashing", "-s", "soft-cosine-idf", CANARY, f"{CANARY} again", "--json")
    assert done.returncode == 0, done.stderr
    assert CANARY in done.stdout  # what the caller asked for, and nothing else
    failed = run("matrix", "-e", "remote,fail=true", CANARY, "other", "--allow-network", "remote.test", "--send-private", "remote.test")
    assert failed.returncode == 3
    assert_nowhere(forms(CANARY), {**artefacts(place), "failed": failed.stderr.encode()})


def test_a_secret_appears_in_no_artefact_and_is_refused_in_a_reference(run: Command, place: Path) -> None:
    outputs = {}
    for name, arguments, code in (
        (
            "ok",
            [
                "run",
                "-e",
                "remote",
                "-s",
                "cosine",
                "--results",
                "results",
                "--json",
                "--allow-network",
                "remote.test",
                "--send-private",
                "remote.test",
            ],
            0,
        ),
        ("fail", ["run", "-e", "remote,fail=true", "--allow-network", "remote.test", "--send-private", "remote.test"], 1),
        ("refused", ["run", "-e", f"remote,token={SECRET}", "--allow-network", "remote.test", "--send-private", "remote.test"], 2),
        ("malformed", ["run", "-e", f"remote,token={SECRET},token={SECRET}"], 2),
        ("show", ["show", "encoder", "remote", "--json"], 0),
        ("doctor", ["doctor", "--json"], 0),
    ):
        done = run(*arguments)
        assert done.returncode == code, done.stderr
        outputs[name] = (done.stdout + done.stderr).encode()
    assert b"is a secret and must not stand in a reference; set STSBENCH_REMOTE_TOKEN instead" in outputs["refused"]
    assert b"STSBENCH_REMOTE_TOKEN" in outputs["show"]
    assert b"***" in outputs["fail"]
    assert_nowhere(forms(SECRET), {**artefacts(place), **outputs})


def test_a_component_that_sends_texts_away_is_refused_unless_it_is_named(run: Command) -> None:
    done = run("run", "-e", "remote")
    assert done.returncode == 2
    assert "encoder 'remote' sends texts to remote.test; if that is meant, add --allow-network remote.test" in done.stderr
