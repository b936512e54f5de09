"""Each rule of a benchmark's, suite's and writer's contract is broken by a double, and the kit says so."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import replace
from itertools import count
from typing import Any

import pytest

from stsbench.builtin.writers.data import JsonWriter
from stsbench.host.registry import Registry
from stsbench.plugin import BenchmarkCard, Component, Leaderboard, Pairs, Part, Source, Suite
from stsbench.testing import Check, benchmark_checks, writer_checks

CARD = BenchmarkCard("Sound", score_range=(0.0, 5.0))
PART = Part("test", "default", Pairs(("a", "b"), ("c", "d"), (1.0, 5.0)), Source("wheel"))  # type: ignore[arg-type]
LOADS = count()


class Sound:
    """A benchmark that keeps the contract."""

    def __init__(self, card: BenchmarkCard = CARD, load: Callable[[], Any] = lambda: (PART,)) -> None:
        self.card, self.load = card, load


def other_gold_every_time() -> tuple[Part, ...]:
    return (replace(PART, pairs=Pairs(("a",), ("b",), (float(next(LOADS) % 5),))),)  # type: ignore[arg-type]


BROKEN_BENCHMARKS: list[tuple[str, Callable[[], Any], str]] = [
    ("card_is_complete", lambda: Sound(replace(CARD, aggregation="median")), "aggregation is 'median'"),  # type: ignore[arg-type]
    ("card_is_complete", lambda: Sound(replace(CARD, score_range=(5.0, 0.0))), r"score_range is \(5.0, 0.0\)"),
    ("parts_hold_pairs", lambda: Sound(load=lambda: ()), r"load\(\) returned \(\)"),
    ("parts_hold_pairs", lambda: Sound(load=lambda: (PART, PART)), "occurs twice"),
    ("parts_hold_pairs", lambda: Sound(load=lambda: (replace(PART, subset="*"),)), "cannot name one"),
    ("loading_is_deterministic", lambda: Sound(load=other_gold_every_time), "the second load differs"),
    ("gold_is_in_range", lambda: Sound(replace(CARD, score_range=(0.0, 4.0))), r"gold runs from 1 to 5, the card says \(0.0, 4.0\)"),
    (
        "revision_comes_from_the_hub",
        lambda: Sound(load=lambda: (replace(PART, source=Source("mirror", revision="f" * 40)),)),
        "'mirror' have a revision",
    ),
]
BROKEN_SUITES: list[tuple[Callable[[], Any], str]] = [
    (lambda: Suite("Unknown", ("no-such-benchmark",), "plain"), "UnknownName: there is no benchmark 'no-such-benchmark'"),
    (lambda: Suite("Twice", ("mini", "mini"), "plain"), "benchmarks are"),
    (lambda: Suite("", ("mini",), "plain"), "title is ''"),
    (lambda: Suite("Nested", ("sts-english",), "plain"), "'sts-english' is a suite"),
    (lambda: Suite("Old and new", ("STS22", "STS22.v2"), "mteb"), "STS22 stands beside STS22.v2"),
]


def benchmark_checks_of(build: Callable[[], Any], registry_of: Callable[..., Registry]) -> dict[str, Check]:
    registry = registry_of(("doubles", "1.0", {"benchmarks": [Component("double", build)]}))
    return {check.name: check for check in benchmark_checks("double", registry=registry)}


def test_the_sound_benchmark_passes(registry_of: Callable[..., Registry]) -> None:
    checks = benchmark_checks_of(lambda: Sound(), registry_of)
    for check in checks.values():
        check()
    assert set(checks) == {rule for rule, _, _ in BROKEN_BENCHMARKS}, "a rule without a double that breaks it"


@pytest.mark.parametrize(("rule", "build", "message"), BROKEN_BENCHMARKS)
def test_a_broken_benchmark_fails_its_check(
    rule: str, build: Callable[[], Any], message: str, registry_of: Callable[..., Registry]
) -> None:
    with pytest.raises(AssertionError, match=rf"benchmark 'double' breaks {rule} \(.+\): .*{message}"):
        benchmark_checks_of(build, registry_of)[rule]()


@pytest.mark.parametrize(("build", "message"), BROKEN_SUITES)
def test_a_broken_suite_fails_its_check(build: Callable[[], Any], message: str, registry_of: Callable[..., Registry]) -> None:
    (check,) = benchmark_checks_of(build, registry_of).values()
    with pytest.raises(AssertionError, match=rf"benchmark 'double' breaks members_resolve \(.+\): .*{message}"):
        check()


class SoundWriter:
    """The built-in JSON writer, which keeps the contract; the doubles each break one rule of it."""

    def render(self, board: Leaderboard) -> Mapping[str, Any]:
        return JsonWriter().render(board)


class ReturnsText(SoundWriter):
    def render(self, board: Leaderboard) -> Mapping[str, Any]:
        return {name: data.decode() for name, data in super().render(board).items()}


class NamesFilesAfterRows(SoundWriter):
    def render(self, board: Leaderboard) -> Mapping[str, Any]:
        return {**super().render(board), **{f"{row.label}.txt": b"1" for row in board.rows}}


class CountsItsCalls(SoundWriter):
    def __init__(self) -> None:
        self.calls = count()

    def render(self, board: Leaderboard) -> Mapping[str, Any]:
        return {**super().render(board), "calls.txt": str(next(self.calls)).encode()}


class SortsTheBoard(SoundWriter):
    def render(self, shown: Leaderboard) -> Any:
        for row in shown.rows:
            row.aggregates["borda"] = 1.0
        return super().render(shown)


class LeavesTheFiguresOut(SoundWriter):
    def render(self, board: Leaderboard) -> Mapping[str, Any]:
        return {"rows.txt": "\n".join(row.label for row in board.rows).encode() or b"none"}


class FormatsTheMissing(SoundWriter):
    def render(self, board: Leaderboard) -> Mapping[str, Any]:
        return {"rows.txt": " ".join(str(float("nan") if row.average is None else row.average) for row in board.rows).encode()}


class TakesTheFirstRow(SoundWriter):
    def render(self, board: Leaderboard) -> Mapping[str, Any]:
        return {"best.txt": board.rows[0].label.encode()}


class TrustsNames(SoundWriter):
    def render(self, board: Leaderboard) -> Mapping[str, Any]:
        return {"board.html": "".join(f"<td>{row.label}</td>" for row in board.rows).encode()}


class KnowsAsciiOnly(SoundWriter):
    def render(self, board: Leaderboard) -> Mapping[str, Any]:
        return {"rows.txt": "\n".join(row.label for row in board.rows).encode("ascii")}


class LosesRows(SoundWriter):
    def render(self, board: Leaderboard) -> Mapping[str, Any]:
        return {"rows.txt": "\n".join(row.label for row in board.rows if "," not in row.label).encode()}


BROKEN_WRITERS: list[tuple[str, type[SoundWriter], str]] = [
    ("files_are_bytes", ReturnsText, "is str"),
    ("file_names_stay_inside", NamesFilesAfterRows, "it names the file"),
    ("rendering_is_deterministic", CountsItsCalls, "a second call gave other bytes"),
    ("input_is_untouched", SortsTheBoard, r"the board that was given to render\(\) changed"),
    ("figures_reach_the_files", LeavesTheFiguresOut, "a changed Spearman changed nothing"),
    ("unknown_is_no_number", FormatsTheMissing, "'rows.txt' holds 'nan'"),
    ("boards_may_be_empty", TakesTheFirstRow, "IndexError"),
    ("hostile_names_survive", TrustsNames, "'board.html' holds a script that a name brought"),
    ("hostile_names_survive", KnowsAsciiOnly, "UnicodeEncodeError"),
    ("hostile_names_survive", LosesRows, "no file holds the row"),
]


def writer_checks_of(double: type[SoundWriter], registry_of: Callable[..., Registry]) -> dict[str, Check]:
    registry = registry_of(("doubles", "1.0", {"writers": [Component("double", double)]}))
    return {check.name: check for check in writer_checks("double", registry=registry)}


def test_the_sound_writer_passes(registry_of: Callable[..., Registry]) -> None:
    checks = writer_checks_of(SoundWriter, registry_of)
    for check in checks.values():
        check()
    assert set(checks) == {rule for rule, _, _ in BROKEN_WRITERS}, "a rule without a double that breaks it"


@pytest.mark.parametrize(("rule", "double", "message"), BROKEN_WRITERS)
def test_a_broken_writer_fails_its_check(rule: str, double: type[SoundWriter], message: str, registry_of: Callable[..., Registry]) -> None:
    with pytest.raises(AssertionError, match=rf"writer 'double' breaks {rule} \(.+\): .*{message}"):
        writer_checks_of(double, registry_of)[rule]()
