"""The command line as a user runs it: a process, its two streams and its exit code."""

from __future__ import annotations

import json
import os
import signal
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path

import pytest
from typer.testing import CliRunner

from stsbench.cli.app import app

Command = Callable[..., subprocess.CompletedProcess[str]]
HEAVY = ("numpy", "pandas", "datasets", "torch", "scipy", "pyarrow")


def process(*arguments: str, cwd: Path | None = None) -> subprocess.CompletedProcess[str]:
    return subprocess.run(
        [sys.executable, "-m", "stsbench", *arguments],
        capture_output=True, text=True, check=False, cwd=cwd, timeout=120, env={**os.environ, "COLUMNS": "200"},
    )  # fmt: skip


def imported(*arguments: str) -> set[str]:
    code = f"import sys; sys.argv = ['stsbench', *{list(arguments)!r}]\nfrom stsbench.__main__ import main\ntry:\n    main()\nexcept SystemExit:\n    pass\nsys.stderr.write('MODULES ' + ' '.join(sys.modules))"
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True, timeout=120)
    return set(done.stderr.partition("MODULES ")[2].split())


@pytest.mark.parametrize(
    "command",
    [
        [],
        ["run"],
        ["plan"],
        ["list"],
        ["show"],
        ["compare"],
        ["leaderboard"],
        ["leaderboard", "check"],
        ["audit", "benchmark"],
        ["audit", "encoder"],
        ["matrix"],
        ["doctor"],
        ["plugins"],
    ],
)
def test_help_imports_nothing_heavy(command: list[str]) -> None:
    modules = imported(*command, *(["--help"] if command else []))  # `stsbench` alone says what there is
    assert "typer" in modules
    assert not modules & set(HEAVY)


@pytest.mark.parametrize("command", [["list"], ["list", "benchmarks"], ["plan", "-e", "hashing"], ["plugins"]])
def test_plan_and_list_import_no_torch(command: list[str]) -> None:
    modules = imported(*command)
    assert "stsbench.host.registry" in modules
    assert not modules & {"torch", "transformers", "sentence_transformers", "datasets"}


def test_a_run_imports_nothing_that_takes_longer_than_scoring(tmp_path: Path) -> None:
    modules = imported("run", "-e", "hashing", "-s", "cosine", "-s", "euclidean", "--json", "--quiet", "--cache-dir", str(tmp_path))
    assert "stsbench.stats.metrics.kendall" in modules
    assert not modules & {"scipy.stats", "pandas", "datasets", "torch"}


def test_run_alone_gives_a_result(tmp_path: Path) -> None:
    done = process("run", cwd=tmp_path)
    assert done.returncode == 0, done.stderr
    assert "mini" in done.stdout
    assert "usual on mini with cosine" in done.stdout
    assert done.stderr.endswith("next: stsbench run -e wordllama -b STSBenchmark\n")
    assert "stsbench|" not in done.stdout
    assert "encoding" in done.stderr
    assert not list(tmp_path.iterdir())


def test_json_is_one_document_with_the_columns_of_the_frame() -> None:
    done = process("run", "-e", "hashing", "-s", "cosine", "-s", "dot", "--json", "--quiet")
    from stsbench.api.report import COLUMNS

    document = json.loads(done.stdout)
    assert list(document) == ["cells", "notes"]
    assert [tuple(cell) for cell in document["cells"]] == [COLUMNS, COLUMNS]
    assert done.stderr == ""


@pytest.mark.parametrize(
    ("arguments", "code", "message"),
    [
        (["run", "-e", "hashng"], 2, "error: there is no encoder 'hashng': did you mean hashing? (`stsbench list encoders` shows all)"),
        (["run", "-s", "cosin"], 2, "error: there is no similarity 'cosin': did you mean cosine"),
        (["run", "-b", "STS21"], 2, "error: there is no benchmark 'STS21': did you mean"),
        (["run", "-e", "hashing,dims=3"], 2, "error: encoder 'hashing' has no option 'dims'; did you mean dim?"),
        (["run", "-e", "hashing,dim=many"], 2, "error: encoder 'hashing': option 'dim' takes a whole number, not 'many'"),
        (["run", "-e", "hashing", "-b", "STS12", "--mirror", "/nowhere-at-all"], 4, "error: "),
        (["run", "--limit", "0"], 2, "Invalid value for '--limit'"),
        (["run", "--limit", "3", "--results", "r"], 2, "error: a limited run is for trying out and keeps no record"),
        (["run", "--board", "nowhere"], 2, "error: there is no board at nowhere: it needs a board.toml"),
        (["leaderboard", "check", "nowhere"], 2, "error: there is no board at nowhere"),
        (["show", "encoder", "hashng"], 2, "did you mean hashing?"),
        (["show", "nothing"], 2, "error: 'nothing' is no component"),
        (["rn"], 2, "run"),
        (["matrix", "-e", "hashing", "-e", "wordllama", "a", "b"], 2, "error: this is of one system, and -e was given 2 times"),
        (["matrix", "-s", "dot", "-s", "cosine", "-s", "dot", "a"], 2, "error: this is of one system, and -s was given 3 times"),
        (["matrix", "-t", "centre", "-t", "none", "a", "b"], 2, "error: this is of one system, and -t was given 2 times"),
        (["plan", "--board", "nowhere"], 2, "error: there is no board at nowhere: it needs a board.toml"),
        (["plan", "--board", "nowhere", "-e", "hashing"], 2, "error: a board names its own systems"),
        (["run", "-b", "csv:~nouser-at-all/x.csv"], 2, "error: the path that the benchmark reference names starts with ~ and a name"),
        (["run", "-b", "csv:~9ae91f1e"], 2, "error: ~9ae91f1e is the hash of a private file"),
        (["run", "-e", "vectors:~nouser-at-all/x.npy"], 2, "error: '~nouser-at-all/x.npy' starts with ~ and a name"),
        (["run", "-e", "hashing,prompt=@~nouser-at-all/x"], 2, "error: the file that option 'prompt' of hashing names starts with ~"),
        (
            ["run", "-b", "STS12", "--mirror", "~nouser-at-all/x"],
            2,
            "error: the mirror that --mirror or STSBENCH_MIRROR names starts with ~",
        ),
        (["run", "--cache-dir", "~nouser-at-all/x"], 2, "error: the cache folder starts with ~ and a name"),
    ],
)
def test_what_is_wrong_gets_a_sentence_and_a_code(arguments: list[str], code: int, message: str, tmp_path: Path, stsbench: Command) -> None:
    done = stsbench(*arguments, cwd=tmp_path)
    assert done.returncode == code, done.stderr
    assert message in " ".join(done.stderr.replace("│", " ").split())
    assert "Traceback" not in done.stderr
    assert done.stdout == ""


def test_a_traceback_only_under_debug(tmp_path: Path) -> None:
    wrong = ("run", "-e", "hashng")
    assert "Traceback" in process("--debug", *wrong, cwd=tmp_path).stderr
    done = process(*wrong, cwd=tmp_path)
    assert (done.returncode, done.stdout) == (2, "")
    assert done.stderr == "error: there is no encoder 'hashng': did you mean hashing? (`stsbench list encoders` shows all)\n"


def test_a_plan_says_why_no_worker_is_started(stsbench: Command, tmp_path: Path) -> None:
    said = stsbench("plan", "-e", "hashing", "-b", "mini", "--executor", "processes:2", cwd=tmp_path).stdout
    assert "none is started: this process itself runs hashing" in said
    assert "nothing is left" not in said


def test_precedence_of_command_line_environment_file_and_default(tmp_path: Path, stsbench: Command) -> None:
    def similarity(*arguments: str, **environment: str) -> str:
        done = stsbench("plan", "-e", "hashing", "--json", *arguments, cwd=tmp_path, **environment)
        return str(json.loads(done.stdout)["jobs"][0]["systems"][0])

    assert similarity() == "sentence · cosine"
    (tmp_path / "pyproject.toml").write_text('[tool.stsbench.plan]\nsimilarities = ["dot"]\n')
    assert similarity() == "sentence · dot"
    (tmp_path / "stsbench.toml").write_text('similarity = ["manhattan"]\n')
    assert similarity() == "sentence · manhattan"
    (tmp_path / "stsbench.toml").write_text('similarity = "chebyshev"\n')
    assert similarity() == "sentence · chebyshev"
    (tmp_path / "stsbench.toml").write_text('similarity = ["manhattan"]\n')
    assert similarity(STSBENCH_SIMILARITY="euclidean") == "sentence · euclidean"
    assert similarity("-s", "chebyshev", STSBENCH_SIMILARITY="euclidean") == "sentence · chebyshev"


def test_a_configuration_file_that_is_wrong(tmp_path: Path, stsbench: Command) -> None:
    (tmp_path / "stsbench.toml").write_text("[runn]\n")
    assert "a table for 'runn', which is no command" in stsbench("plan", cwd=tmp_path).stderr
    (tmp_path / "stsbench.toml").write_text("a = [\n")
    assert "stsbench.toml cannot be read" in stsbench("plan", cwd=tmp_path).stderr
    assert "there is no configuration file" in stsbench("--config", "absent.toml", "plan", cwd=tmp_path).stderr


@pytest.mark.parametrize(
    ("line", "message"),
    [
        ("limit = true", "gives limit as true, which is no value of it; write a text or a number"),
        ("limit = [3]", "gives limit as [3], which is no value of it"),
        ("limit = 1979-05-27", 'gives limit as "1979-05-27", which is no value of it'),
        ("limit = 2.7", "Invalid value for '--limit'"),
        ("device = false", "gives device as false, which is no value of it"),
        ("similarity = [true]", "gives similarity as [true], which is no value of it; write a text, a number or a list of them"),
        ("json = 1", "gives json as 1, and it is a switch; write true or false"),
        ('json = "yes"', 'gives json as "yes", and it is a switch; write true or false'),
    ],
)
def test_a_value_of_the_file_is_what_the_command_line_would_take(
    line: str, message: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.chdir(tmp_path)
    (tmp_path / "stsbench.toml").write_text(f"{line}\n")
    done = CliRunner().invoke(app, ["plan", "-e", "hashing"])
    assert done.exit_code == 2
    assert message in " ".join(done.output.replace("│", " ").split())


def test_several_values_hold_where_several_can_be_given(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(tmp_path)
    (tmp_path / "stsbench.toml").write_text('encoder = ["hashing", "token-jaccard"]\nbenchmark = ["mini"]\n')
    described = json.loads(CliRunner().invoke(app, ["plan", "--json"]).stdout)
    assert [job["encoder"] for job in described["jobs"]] == ["hashing", "token-jaccard"]
    done = CliRunner().invoke(app, ["encode", "-o", "vectors.arrow"])  # which takes one of each
    assert (done.exit_code, 'gives encoder as ["hashing", "token-jaccard"], which is no value of it' in done.output) == (2, True)


def test_an_option_may_be_named_as_a_command_is(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(tmp_path)
    (tmp_path / "stsbench.toml").write_text("results = 'kept'\n")
    done = CliRunner().invoke(app, ["run", "-e", "hashing", "-q"])
    assert done.exit_code == 0
    assert list((tmp_path / "kept").glob("results/*/*.json"))


def test_a_file_from_windows_is_read_as_others_are(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(tmp_path)
    text = "similarity = 'dot'\r\n\r\n[plan]\r\nlimit = 7\r\njson = true\r\nmirror = '.'\r\n"
    (tmp_path / "stsbench.toml").write_bytes(b"\xef\xbb\xbf" + text.encode())
    described = json.loads(CliRunner().invoke(app, ["plan", "-e", "hashing"]).stdout)
    assert described["benchmarks"][0]["n"] == 7
    assert described["jobs"][0]["systems"] == ["sentence · dot"]


def test_plan_says_what_would_run(stsbench: Command) -> None:
    done = stsbench("plan", "-e", "hashing", "-s", "cosine", "-s", "soft-cosine", "--json")
    described = json.loads(done.stdout)
    assert described["cells"] == 2
    assert described["jobs"][0]["systems"] == ["sentence · cosine", "tokens · soft-cosine"]
    assert 500 < described["jobs"][0]["texts"] < 560
    assert described["benchmarks"][0]["n"] == 280


def test_list_show_plugins_and_doctor_have_json(stsbench: Command) -> None:
    listed = json.loads(stsbench("list", "similarities", "--json").stdout)["similarities"]
    assert "cosine" in [one["name"] for one in listed]
    shown = json.loads(stsbench("show", "similarity", "soft-cosine", "--json").stdout)
    assert {option["name"] for option in shown["options"]} == {"power", "threshold", "special"}
    plugins = json.loads(stsbench("plugins", "--json").stdout)
    assert plugins["failures"] == []
    observing = {one["distribution"]: one["observes"] for one in plugins["plugins"]}
    assert (observing["stsbench"], observing["stsbench-trackers"]) == (False, True)
    assert stsbench("plugins").stdout.count("  observes runs\n") == sum(observing.values())
    assert json.loads(stsbench("doctor", "--json").stdout)["versions"]["stsbench"]


def test_results_are_kept_and_not_computed_again(tmp_path: Path, stsbench: Command) -> None:
    first = stsbench("run", "-e", "hashing", "--results", "r", "--json", cwd=tmp_path)
    again = stsbench("run", "-e", "hashing", "--results", "r", "--json", cwd=tmp_path)
    more = stsbench("run", "-e", "hashing", "-s", "cosine", "-s", "dot", "--results", "r", "--json", cwd=tmp_path)
    assert "encoding" in first.stderr
    assert "encoding" not in again.stderr
    assert json.loads(again.stdout)["cells"][0]["spearman"] == pytest.approx(json.loads(first.stdout)["cells"][0]["spearman"], abs=1e-6)
    assert len(json.loads(more.stdout)["cells"]) == 2


def test_interrupting_ends_with_130_and_keeps_what_was_finished(tmp_path: Path) -> None:
    """Two encoders, the second of which never comes to an end; Ctrl-C while it runs."""
    plugin = tmp_path / "endless_double.py"
    plugin.write_text(
        "import time\n"
        "from stsbench.plugin import Component, Fingerprint, hookimpl\n"
        "class Endless:\n"
        "    views = ('sentence',)\n    token_views = ()\n    fingerprint = Fingerprint.of(a=1)\n"
        "    def encode(self, texts, *, views, prompt=''):\n        print('ENDLESS', flush=True)\n        time.sleep(100)\n"
        "def build():\n    'A double that never comes to an end.'\n    return Endless()\n"
        "@hookimpl\ndef stsbench_encoders():\n    return [Component('endless', build)]\n"
    )
    info = tmp_path / "stsbench_endless-1.0.dist-info"
    info.mkdir()
    (info / "METADATA").write_text("Metadata-Version: 2.1\nName: stsbench-endless\nVersion: 1.0\n")
    (info / "entry_points.txt").write_text("[stsbench]\nendless = endless_double\n")
    process = subprocess.Popen(
        [sys.executable, "-m", "stsbench", "run", "-e", "hashing", "-e", "endless", "--results", "r"],
        stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True, cwd=tmp_path, env={**os.environ, "PYTHONPATH": str(tmp_path)},
    )  # fmt: skip
    assert process.stderr is not None
    assert "ENDLESS\n" in iter(process.stderr.readline, "")  # what a plugin prints is no result; it is at work now
    process.send_signal(signal.SIGINT)
    _, errors = process.communicate(timeout=120)
    assert process.returncode == 130
    assert "interrupted; cells that were finished are kept in the results folder" in errors
    assert "Traceback" not in errors
    assert [path.name.partition("-")[0] for path in (tmp_path / "r" / "results").rglob("*.json")] == ["hashing"]


def test_compare_prints_a_sentence_to_quote_and_json(tmp_path: Path, stsbench: Command) -> None:
    done = stsbench("run", "-e", "hashing", "-e", "hashing,dim=2", "--results", "kept", cwd=tmp_path)
    assert done.returncode == 0, done.stderr
    said = stsbench("compare", "--results", "kept", "--resamples", "199", cwd=tmp_path)
    assert said.returncode == 0, said.stderr
    first = said.stdout.splitlines()[0]
    assert first.startswith("On mini (280 pairs), hashing · cosine cannot be told apart from hashing,dim=2 · cosine, a difference of ")
    assert first.endswith(", paired bootstrap, 199 resamples).")
    done = stsbench("compare", "hashing,dim=2", "hashing cosine", "--results", "kept", "--method", "williams", "--json", cwd=tmp_path)
    assert json.loads(done.stdout)["first"] == "hashing · cosine"
    done = stsbench("compare", "--results", "kept", "--method", "williams", "--json", cwd=tmp_path)
    document = json.loads(done.stdout)
    assert document["low"] < document["difference"] < document["high"]
    assert document["method"] == "williams"
    assert "rejects too often for Spearman" in document["warning"]
    assert "warning: this test was made for Pearson" in done.stderr


@pytest.mark.parametrize(
    ("arguments", "message"),
    [
        (["compare"], "error: name the systems to compare"),
        (["compare", "--results", "nowhere"], "error: there are no results in nowhere"),
        (["report", "nowhere"], "error: there are no results in nowhere"),
        (["compare", "--results", "nowhere", "--method", "t"], "'t' is not one of"),
    ],
)
def test_compare_says_what_is_wrong(arguments: list[str], message: str, tmp_path: Path, stsbench: Command) -> None:
    done = stsbench(*arguments, cwd=tmp_path)
    assert done.returncode == 2
    assert message in " ".join(done.stderr.replace("│", " ").split())
