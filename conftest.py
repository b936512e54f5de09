"""What holds for the tests of the core and of every plugin."""

from __future__ import annotations

import ctypes
import gc
import gzip
import json
import os
import re
import signal
import sys
import tomllib
from collections import Counter
from collections.abc import Callable, Iterator, Mapping
from compileall import compile_dir
from contextlib import ExitStack
from functools import cache
from pathlib import Path
from py_compile import PycInvalidationMode
from subprocess import PIPE, CompletedProcess, Popen
from typing import TYPE_CHECKING, Any

import pytest

if TYPE_CHECKING:
    from xdist.remote import Producer
    from xdist.scheduler import LoadFileScheduling

# Threads of two processes that want the same processors spin while they wait: one short run of MiniLM then takes twenty times the work.
# Libraries read this when they are imported, which is after this file is.
for variable in ("OMP_NUM_THREADS", "OPENBLAS_NUM_THREADS", "MKL_NUM_THREADS"):
    os.environ.setdefault(variable, "1")

if signal.getsignal(signal.SIGINT) is signal.SIG_IGN:  # as in the background, from where commands under test would take it over
    signal.signal(signal.SIGINT, signal.default_int_handler)

os.environ.setdefault("POT_BACKEND_DISABLE_PYTORCH", "1")  # which POT would import only to know that it is there

HEAVY = re.compile(r"(torch|transformers|sentence-transformers|openvino|onnxruntime)\b")  # hundreds of megabytes once it is imported
HEAVY_FILES = {  # of the core, whose tests hold models all the same
    "tests/api/test_signature.py",
    "tests/docs/test_docs.py",
    "tests/docs/test_readme.py",
    "tests/project/test_figures.py",
    "tests/project/test_identity.py",
}
ROOT = Path(__file__).parent
MUST_RUN = frozenset(os.environ.get("STSBENCH_MUST_RUN", "").split())  # markers whose tests may not be skipped: CI has what they need
COLLECTED = pytest.StashKey[set[str]]()
# What takes longest begins before all else, so that no process is left alone with it. Ray's machines, which take hundreds of megabytes,
# are gone before what is heavy has grown, which is why that does not begin beside them.
FIRST = (
    *("ray", "hub", "heavy", "browser"),
    *("tests/project/test_wheels.py", "plugins/stsbench-openai/tests/test_hosted_campaign.py", "tests/cli/test_cli.py"),
)
# Gives memory that is free back to the machine, where the C library has it.
MALLOC_TRIM = getattr(ctypes.CDLL(None), "malloc_trim", None) if os.name == "posix" else None
_skipped: list[str] = []


@pytest.fixture(scope="session", autouse=True)
def quiet_session(tmp_path_factory: pytest.TempPathFactory) -> Iterator[None]:
    """What tests of the core and of plugins share, such as results, is not made with a user's settings or in a user's folders."""
    with pytest.MonkeyPatch.context() as patch:
        patch.setenv("XDG_CACHE_HOME", str(tmp_path_factory.getbasetemp() / "cache"))
        for name in [one for one in os.environ if one.startswith("STSBENCH_") and one != "STSBENCH_MIRROR"]:
            patch.delenv(name)
        patch.setenv("STSBENCH_CACHE_DIR", str(tmp_path_factory.mktemp("cache")))
        yield


@pytest.fixture(autouse=True)
def quiet_environment(request: pytest.FixtureRequest, monkeypatch: pytest.MonkeyPatch, tmp_path_factory: pytest.TempPathFactory) -> None:
    """Each test has a cache of its own, and only tests marked `mirror` see the real data."""
    monkeypatch.setenv("STSBENCH_CACHE_DIR", str(tmp_path_factory.mktemp("cache")))
    if not request.node.get_closest_marker("mirror"):
        monkeypatch.delenv("STSBENCH_MIRROR", raising=False)


@pytest.fixture(scope="session")
def imported_to_collect(pytestconfig: pytest.Config) -> set[str]:
    """The heavy libraries that were imported before the first test began."""
    return pytestconfig.stash[COLLECTED]


@cache
def shared(file: str) -> str:
    """What the tests of a file share a process for, with other files: heavy libraries, clusters, a browser, doubles of the hub; or the file."""
    if file.startswith("plugins/stsbench-ray/"):
        return "ray"
    if file in HEAVY_FILES or (file.startswith("plugins/") and depends_on_heavy(file.split("/")[1])):
        return "heavy"
    if file.startswith("tests/hub/"):
        return "hub"
    return "browser" if "mark.browser" in (ROOT / file).read_text(encoding="utf-8") else file


@cache
def depends_on_heavy(plugin: str) -> bool:
    """Whether a plugin depends on what takes much memory."""
    project = tomllib.loads((ROOT / "plugins" / plugin / "pyproject.toml").read_text(encoding="utf-8"))["project"]
    return any(map(HEAVY.match, project["dependencies"]))


@pytest.hookimpl(optionalhook=True)
def pytest_xdist_make_scheduler(config: pytest.Config, log: Producer) -> LoadFileScheduling | None:
    """Tests of one file share a process, and what it has imported and made, and those of some files do; they are in order of `FIRST`."""
    from xdist.scheduler import LoadFileScheduling

    class SharedTogether(LoadFileScheduling):  # type: ignore[misc]
        def _split_scope(self, nodeid: str) -> str:
            return shared(super()._split_scope(nodeid))

    config.option.loadscopereorder = False
    return SharedTogether(config, log) if config.getvalue("dist") == "loadfile" else None


def pytest_collection_modifyitems(config: pytest.Config, items: list[pytest.Item]) -> None:
    """Tests that ask for the real benchmarks are marked so; those that processes share are in the order in which they begin."""
    if hasattr(config, "workerinput"):
        groups = {item: shared(item.nodeid.partition("::")[0]) for item in items}
        number = Counter(groups.values())
        items.sort(key=lambda item: (FIRST.index(groups[item]) if groups[item] in FIRST else len(FIRST), -number[groups[item]]))
    for item in items:
        if "mirror" in getattr(item, "fixturenames", ()):
            item.add_marker("mirror")


def pytest_configure(config: pytest.Config) -> None:
    """Compile the core and the plugins for all processes that tests start, where the environment keeps them from doing so themselves."""
    if not hasattr(config, "workerinput") and sys.dont_write_bytecode:
        for folder in (ROOT / "stsbench", *(ROOT / "plugins").glob("*/src")):
            compile_dir(folder, quiet=2, invalidation_mode=PycInvalidationMode.CHECKED_HASH)


def pytest_collection_finish(session: pytest.Session) -> None:
    """Note what heavy libraries are imported already: each process that shares the tests collects all of them."""
    session.config.stash[COLLECTED] = {name for name in sys.modules if HEAVY.fullmatch(name.replace("_", "-"))}


@pytest.hookimpl(wrapper=True)
def pytest_collection() -> Iterator[None]:
    """While tests are collected nothing is looked for that could be let go: next to nothing can."""
    gc.disable()
    try:
        return (yield)
    finally:
        gc.enable()
        let_go()


def let_go() -> None:
    """Free what nobody needs, and give it back; what is left now, such as tests and imported libraries, is not gone through again."""
    gc.collect()
    gc.freeze()
    if MALLOC_TRIM:
        MALLOC_TRIM(0)


@pytest.hookimpl(trylast=True)
def pytest_runtest_teardown(item: pytest.Item, nextitem: pytest.Item | None) -> None:
    """With a file's last test, what the kit built for its checks is let go: each model would be kept for as long as there are tests."""
    if nextitem is None or nextitem.path != item.path:
        for other in item.session.items:
            if isinstance(other, pytest.Function) and other.path == item.path and (call := getattr(other, "callspec", None)):
                for subject in (vars(given.subject) for given in call.params.values() if hasattr(given, "subject")):
                    for name in subject.keys() & {"built", "embeddings"}:
                        del subject[name]
        let_go()


def pytest_runtest_logreport(report: pytest.TestReport) -> None:
    """Note every skipped test that had to run, in whichever process it would have."""
    if report.skipped and not hasattr(report, "wasxfail") and MUST_RUN & set(report.keywords):
        _skipped.append(report.nodeid)


def pytest_sessionfinish(session: pytest.Session) -> None:
    """A skipped check is not a passed one."""
    if _skipped:
        session.exitstatus = pytest.ExitCode.TESTS_FAILED


def pytest_terminal_summary(terminalreporter: pytest.TerminalReporter) -> None:
    """Name the tests that had to run and were skipped."""
    for name in _skipped:
        terminalreporter.write_line(f"HAD TO RUN BUT WAS SKIPPED {name}", red=True)


@pytest.fixture(scope="session", autouse=True)
def _unsynced() -> Iterator[None]:
    """What tests write need not outlive a loss of power, and waiting for the disk would take them longer than all that they compute."""
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(os, "fsync", lambda _: None)
        yield


@pytest.fixture
def mirror() -> Path:
    """The real benchmarks; the test is skipped where there are none."""
    folder = os.environ.get("STSBENCH_MIRROR")
    if not folder or not Path(folder).is_dir():
        pytest.skip("STSBENCH_MIRROR names no folder with the real benchmarks")
    return Path(folder)


@pytest.fixture
def rows_of(mirror: Path) -> Callable[[str], list[dict[str, Any]]]:
    """The rows of a file of the real benchmarks, as they are there: `rows_of("mteb/sts12-sts/test")`."""

    def read(name: str) -> list[dict[str, Any]]:
        with gzip.open(mirror / f"{name}.jsonl.gz", "rt", encoding="utf-8") as lines:
            return [json.loads(line) for line in lines]

    return read


@pytest.fixture(scope="session")
def write_board() -> Callable[..., Path]:
    """Write a board.toml into a folder, which is made: `write_board(folder, "tfidf", {"encoder": "hashing", "views": [...]}, seed=3)`.

    A system is the keys of its table, or its encoder alone; the board is of mini, unless `more` keys say otherwise. A key that holds
    tables stands after the systems, each table under its name: `require=[{"system": "hashing", "at_least": 50}]`.
    """

    def write(folder: Path, *systems: str | dict[str, Any], **more: Any) -> Path:
        board = {"name": "small", "title": "Small", "benchmarks": ["mini"], "protocol": "plain", **more}
        tables = {"system": [{"encoder": system} if isinstance(system, str) else system for system in systems]}
        tables |= {key: board.pop(key) for key, value in more.items() if isinstance(value, list) and value and isinstance(value[0], dict)}
        written = [("", board), *((f"[[{name}]]\n", table) for name, held in tables.items() for table in held)]
        lines = (
            head + "".join(f"{key} = {json.dumps(value).replace('NaN', 'nan')}\n" for key, value in table.items())
            for head, table in written
        )
        folder.mkdir(parents=True, exist_ok=True)
        (folder / "board.toml").write_text("".join(lines), encoding="utf-8")
        return folder

    return write


@pytest.fixture
def stsbench(monkeypatch: pytest.MonkeyPatch) -> Callable[..., CompletedProcess[str]]:
    """The command line in this process: `stsbench("matrix", "--json", cwd=folder, given="a line", COLUMNS="80")`.

    It answers as a process does, but raises an error for which the command line has no sentence.
    """
    from typer.testing import CliRunner

    from stsbench.cli.app import app

    def run(*arguments: str, cwd: Path | None = None, given: str = "", **environment: str) -> CompletedProcess[str]:
        with monkeypatch.context() as patch:
            patch.chdir(cwd or Path.cwd())
            done = CliRunner().invoke(app, arguments, input=given, env={"COLUMNS": "200", **environment}, catch_exceptions=False)
        return CompletedProcess(arguments, done.exit_code, done.stdout, done.stderr)

    return run


@pytest.fixture(scope="module")
def forked(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Callable[..., CompletedProcess[str]]]:
    """The command line in a process of its own that need not import what others did: `forked("run", cwd=folder, HF_HUB_OFFLINE="1")`.

    Or other code there: `forked("-c", code, "its argument", cwd=folder)`.
    It is forked from one that has: which one depends on `begun`, the environment that libraries read when they are imported; ours and
    plugins are imported, or read theirs, later. `imported` is what the command would import anyway.
    """
    files = [tmp_path_factory.mktemp("forked") / name for name in ("out", "err")]
    with ExitStack() as ends:

        @cache
        def forking(begun: frozenset[tuple[str, str]], imported: tuple[str, ...]) -> Popen[str]:
            line = [sys.executable, str(ROOT / "tests" / "forked.py"), *imported]
            return ends.enter_context(Popen(line, env=dict(begun), stdin=PIPE, stdout=PIPE, text=True))  # noqa: S603 - our own program

        def run(
            *arguments: str, cwd: Path, begun: Mapping[str, str] = os.environ, imported: tuple[str, ...] = (), **environment: str
        ) -> CompletedProcess[str]:
            process = forking(frozenset(each for each in begun.items() if not each[0].startswith(("STSBENCH_", "PYTEST_"))), imported)
            out, err = files
            out.write_text("")
            err.write_text("")
            asked = {"arguments": arguments, "environment": {**begun, **environment}, "cwd": str(cwd), "out": str(out), "err": str(err)}
            assert process.stdin
            assert process.stdout
            print(json.dumps(asked), file=process.stdin, flush=True)
            code = process.stdout.readline()
            return CompletedProcess(arguments, int(code), out.read_text(encoding="utf-8"), err.read_text(encoding="utf-8"))

        yield run
