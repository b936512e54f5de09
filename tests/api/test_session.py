"""Every use case that loads data: a benchmark that cannot be loaded is never left out in silence, and data that differ are told."""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any, ClassVar

import numpy as np
import pytest
from typer.testing import CliRunner

from stsbench.api.audit import audit_encoder
from stsbench.api.benchmark_audit import audit_benchmark
from stsbench.api.beyond import measure
from stsbench.api.boards import check_board, run_board
from stsbench.api.caching import forget_benchmarks
from stsbench.api.compare import compare
from stsbench.api.compare.methods import Setting
from stsbench.api.deciding import decide
from stsbench.api.encoding import encode_pairs
from stsbench.api.evaluate import evaluate
from stsbench.api.matrix import similarity_matrix
from stsbench.api.planning import describe_plan
from stsbench.api.scoring import score_pairs
from stsbench.api.session import Session
from stsbench.api.training import as_evaluator
from stsbench.api.verifying import verify_board
from stsbench.cli.app import app
from stsbench.contracts.components.component import Component
from stsbench.contracts.components.protocols import BenchmarkCard, Suite
from stsbench.contracts.data import Pairs, Part, Source
from stsbench.contracts.events import Event, Warned
from stsbench.contracts.fingerprint import Fingerprint
from stsbench.errors import DataError, PluginError
from stsbench.evidence.folder import BoardFolder
from stsbench.host.registry import Registry
from stsbench.runner.request import Request
from stsbench.runner.system import Choice

API = Path(__file__).parents[2] / "stsbench" / "api"
GONE = "the file of gone was moved"
DIFFERS = "odd (test) from the mirror differs from its definition: 24 pairs for 25"


class State:
    """Whether the data are still there, and how often each benchmark was loaded."""

    gone = True
    loads: ClassVar[Counter[str]] = Counter()


def pairs(salt: str) -> Pairs:
    words = ["one", "two", "three", "four", "five", "six", "seven", "eight", "nine", "ten"]
    draw = np.random.default_rng(5)
    sides = [tuple(" ".join([salt, *draw.choice(words, 6)]) for _ in range(24)) for _ in range(2)]
    return Pairs(sides[0], sides[1], draw.permutation(24).astype(float))


@dataclass(frozen=True)
class Made:
    card: BenchmarkCard
    differs: str | None

    def load(self) -> tuple[Part, ...]:
        State.loads[self.card.name] += 1
        if self.card.name == "gone" and State.gone:
            raise DataError(GONE)
        return (Part("test", "default", pairs(self.card.name), Source("mirror", differs=self.differs)),)


def made(name: str, differs: str | None = None) -> Component[Any]:
    def build() -> Made:
        """A benchmark double."""
        return Made(BenchmarkCard(name, protocol="plain"), differs)

    return Component(name, build)


def broken() -> Any:
    """A benchmark double that cannot be built."""
    raise RuntimeError("out of order")


def three() -> Suite:
    """A suite double, of which one member has gone."""
    return Suite("Three", ("good", "gone", "odd"), "plain")


def mixed() -> Suite:
    """A suite double, of which one member cannot be built."""
    return Suite("Mixed", ("good", "broken"), "plain")


def untrained() -> Any:
    """A similarity double that cannot be built."""
    raise RuntimeError("out of order too")


class Doubled:
    """An evaluator double, of a training library that measures nothing."""

    def evaluating(self, gauge: Any) -> Any:
        return gauge


def doubled() -> Doubled:
    """An evaluator double."""
    return Doubled()


@pytest.fixture
def registry(registry_of: Callable[..., Registry]) -> Registry:
    benchmarks = [made("good"), made("gone"), made("odd", DIFFERS), Component("broken", broken)]
    suites = [Component("three", three), Component("mixed", mixed)]
    similarities = [Component("untrained", untrained, needs="vectors")]
    evaluators = [Component("doubled", doubled)]
    doubles = {"benchmarks": benchmarks + suites, "similarities": similarities, "evaluators": evaluators}
    return registry_of(("doubles", "1.0", doubles))


@pytest.fixture(autouse=True)
def _moved(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    monkeypatch.setattr(State, "gone", True)
    monkeypatch.setenv("STSBENCH_MIRROR", str(tmp_path))  # so that boards are checked against the data too


@dataclass
class Given:
    """What a use case is called with, and what it tells."""

    registry: Registry
    folder: Path
    benchmark: str
    said: list[str]

    def listen(self, event: Event) -> None:
        if isinstance(event, Warned):
            self.said.append(event.message)

    @property
    def request(self) -> Request:
        return Request((Choice("hashing", ("cosine",)),), (self.benchmark,))

    @property
    def session(self) -> Session:
        return Session.opened(self.registry, cache=False, listen=self.listen)


def failures(found: Sequence[Any]) -> list[str]:
    return [one.reason for one in found]


def ran(given: Given) -> list[str]:
    report = evaluate("hashing", benchmarks=given.benchmark, registry=given.registry, listen=given.listen, cache=False)
    assert report.exit_code == (1 if report.failed else 0)
    return failures(report.failed)


def planned(given: Given) -> list[str]:
    described = describe_plan(given.request, given.session)
    assert set(given.said) <= set(described["warnings"])
    return list(described["failed"])


def encoded(given: Given) -> list[str]:
    encode_pairs("hashing", given.benchmark, given.session)
    return []


def audited(given: Given) -> list[str]:
    audit_encoder("hashing", given.session, [given.benchmark], fits=(), resamples=39)
    return []


def measured(given: Given) -> list[str]:
    measure(given.request, given.session)
    return []


def audited_data(given: Given) -> list[str]:
    audit_benchmark(given.benchmark, given.session, against=[])
    return []


def audited_against(given: Given) -> list[str]:
    audit_benchmark("mini", given.session, against=[given.benchmark])
    return []


def forgotten(given: Given) -> list[str]:
    forget_benchmarks([given.benchmark], given.session.having(cache=given.folder))
    return []


def fitted(given: Given) -> list[str]:
    chain = f"centre,fit={given.benchmark}"
    report = evaluate("hashing", transforms=chain, benchmarks="good", registry=given.registry, listen=given.listen, cache=False)
    return failures(report.failed)


def trained(given: Given) -> list[str]:
    encoder = f"hashing,trained_on={given.benchmark}"
    report = evaluate(encoder, benchmarks="good", registry=given.registry, listen=given.listen, cache=False)
    return failures(report.failed)


def verified(given: Given) -> list[str]:
    board = a_board(given.folder, given.registry)
    found = verify_board(BoardFolder(board), given.session, seed=0)
    return [one.what for one in found.findings]


def checked(given: Given) -> list[str]:
    return check_board(BoardFolder(a_board(given.folder, given.registry)), Session.opened(given.registry))


def compared(given: Given) -> list[str]:
    State.gone = False
    evaluate("hashing", ("cosine", "dot"), given.benchmark, results=given.folder / "results", registry=given.registry, cache=False)
    State.gone = True
    found = compare(("cosine", "dot"), given.folder / "results", Session.opened(given.registry), Setting(resamples=99))
    given.said += [DIFFERS for name in found.benchmarks if name.startswith("odd~")]  # said in the name, of the records too
    return []


@pytest.fixture
def place(tmp_path: Path, write_board: Callable[..., Path]) -> Path:
    """A folder that holds a board of the three benchmarks, in `small`."""
    write_board(tmp_path / "small", "hashing", "hashing,dim=64", benchmarks=["good", "gone", "odd"])
    return tmp_path


def a_board(folder: Path, registry: Registry) -> Path:
    """The board, computed while all data were there."""
    board = folder / "small"
    State.gone = False
    run_board(BoardFolder(board), Session.opened(registry, cache=False))
    State.gone = True
    return board


ALWAYS = [ran, planned, encoded, audited, measured, audited_data, audited_against, forgotten, compared]
BESIDE = [fitted, trained]
BOARDS = [verified, checked]


def outcome(use_case: Callable[[Given], list[str]], given: Given) -> list[str]:
    """What failed, whether it is raised or reported."""
    try:
        return use_case(given)
    except (DataError, PluginError) as error:
        return [str(error)]


@pytest.mark.parametrize("use_case", [*ALWAYS, *BESIDE, *BOARDS], ids=lambda one: one.__name__)
def test_a_benchmark_that_cannot_be_loaded_is_reported(use_case: Callable[[Given], list[str]], registry: Registry, place: Path) -> None:
    for benchmark in ("three",) if use_case not in BESIDE else ("gone", "three"):
        assert any(GONE in one for one in outcome(use_case, Given(registry, place, benchmark, [])))


@pytest.mark.parametrize("use_case", [*[one for one in ALWAYS if one is not compared], *BESIDE], ids=lambda one: one.__name__)
def test_a_benchmark_that_cannot_be_built_is_reported(use_case: Callable[[Given], list[str]], registry: Registry, place: Path) -> None:
    for benchmark in ("broken", "mixed"):
        assert any("out of order" in one for one in outcome(use_case, Given(registry, place, benchmark, [])))


@pytest.mark.parametrize("use_case", [*ALWAYS, *BESIDE, verified], ids=lambda one: one.__name__)
def test_data_that_differ_are_told(use_case: Callable[[Given], list[str]], registry: Registry, place: Path) -> None:
    given = Given(registry, place, "odd", [])
    found = outcome(use_case, given)
    assert not found or use_case is verified, found
    assert any(DIFFERS in one for one in given.said)


def decided(given: Given) -> None:
    decide("hashing", given.benchmark, given.session)


def evaluated(given: Given) -> None:
    as_evaluator([given.benchmark], trainer="doubled", session=given.session)


@pytest.mark.parametrize("use_case", [decided, evaluated])
def test_what_is_asked_of_one_benchmark_tells_of_its_data(use_case: Callable[[Given], None], registry: Registry, place: Path) -> None:
    with pytest.raises(DataError, match=re.escape(GONE)):
        use_case(Given(registry, place, "gone", []))
    use_case(given := Given(registry, place, "odd", []))
    assert any(DIFFERS in one for one in given.said)


def test_a_board_loads_each_benchmark_once_those_that_cannot_be_loaded_too(registry: Registry, place: Path) -> None:
    for gone in (True, False):
        State.gone = gone
        State.loads.clear()
        report, _ = run_board(BoardFolder(place / "small"), Session.opened(registry, cache=False))
        assert [GONE in reason for _, reason in report.failures()] == [True] * gone
        assert State.loads == {"good": 1, "gone": 1, "odd": 1}
    State.loads.clear()
    assert check_board(BoardFolder(place / "small"), Session.opened(registry, cache=False)) == []
    assert State.loads == {"good": 1, "gone": 1, "odd": 1}


def test_a_system_that_cannot_be_built_is_no_empty_answer(registry: Registry) -> None:
    with pytest.raises(PluginError, match="out of order too"):
        similarity_matrix(["a", "b"], "hashing", Session.opened(registry), similarity="untrained")
    with pytest.raises(DataError, match=GONE):
        audit_encoder("hashing", Session.opened(registry, cache=False), ["good"], fits=["gone"], resamples=39)


def test_of_several_failures_all_are_told(registry: Registry) -> None:
    given = Given(registry, Path(), "", [])
    request = Request((Choice("hashing", ("cosine",)),), ("gone", "broken", "good"))
    with pytest.raises(PluginError, match="out of order"):
        given.session.plan(request)
    assert given.said == [GONE]


def test_the_commands_say_so_by_their_exit_code(registry: Registry, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(Registry, "installed", lambda: registry)
    written = tmp_path / "vectors.arrow"

    def called(*command: str) -> tuple[int, str]:
        done = CliRunner().invoke(app, [*command, "-e", "hashing"])
        return done.exit_code, done.output

    code, said = called("encode", "-b", "three", "-o", str(written))
    assert (code, written.exists()) == (4, False)
    assert GONE in said
    assert DIFFERS in said
    code, said = called("plan", "-b", "three")
    assert (code, GONE in said, DIFFERS in said) == (1, True, True)
    assert called("plan", "-b", "odd")[0] == called("encode", "-b", "odd", "-o", str(written))[0] == 0
    assert written.exists()


@dataclass(frozen=True)
class Telling:
    """An encoder double whose failure quotes the text that it fails at."""

    fingerprint = Fingerprint.of(telling="1")
    views = ("sentence",)
    token_views = ()

    def encode(self, texts: Sequence[str], *, views: Sequence[str], prompt: str = "") -> Any:
        raise ValueError(f"no idea what {texts[0]} means")


def telling() -> Telling:
    """An encoder double."""
    return Telling()


USES = {
    "encode": lambda benchmark, session: encode_pairs("telling", benchmark, session),
    "audit": lambda benchmark, session: audit_encoder("telling", session, [benchmark], fits=()),
    "score": lambda benchmark, session: score_pairs(benchmark, ["telling"], ["cosine"], session),
}


@pytest.mark.parametrize("use_case", USES.values(), ids=USES)
def test_no_failure_quotes_a_private_text(use_case: Callable[..., Any], registry_of: Callable[..., Registry], tmp_path: Path) -> None:
    (tmp_path / "pairs.csv").write_text("left,right,score\n" + "".join(f"zanzibar {row},zanzibar {row + 1},{row}\n" for row in range(9)))
    registry = registry_of(("doubles", "1.0", {"encoders": [Component("telling", telling, gives=frozenset({"vectors"}))]}))
    for options, quoted in ((",public=true", True), ("", False)):
        benchmark = f"csv:{tmp_path / 'pairs.csv'}{options}"
        with pytest.raises(PluginError) as raised:
            use_case(benchmark, Session.opened(registry, cache=False))
        assert ("zanzibar" in str(raised.value)) == quoted
        assert "telling" in str(raised.value)


def test_no_use_case_loads_data_by_another_way() -> None:
    modules = [*API.rglob("*.py"), *(API.parent / "evidence").glob("*.py")]
    for path in modules:
        if path.name != "session.py":
            assert not re.search(r"runner\.plan import|\bmake_plan\b|\.load\(\)", path.read_text()), path.name
    users = {
        path.relative_to(API).parts[0].removesuffix(".py")
        for path in API.rglob("*.py")
        if re.search(r"\b(Session|Loading)\b", path.read_text())
    }
    walked = {
        "audit",
        "benchmark_audit",
        "beyond",
        "boards",
        "caching",
        "compare",
        "differences",
        "encoding",
        "evaluate",
        "matrix",
        "scoring",
    }
    of_one = {"deciding", "training"}
    without = {"choosing", "pairing"}  # what they are given are pairs or texts
    rest = {"planning", "published", "verifying"}
    assert users - {"session"} == walked | of_one | without | rest, "a use case that loads data is walked above"
