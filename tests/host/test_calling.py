"""Calling a plugin's code: Ctrl-C is the user's, everything else the plugin's."""

from __future__ import annotations

import os
import signal
import subprocess
import sys
from collections.abc import Callable, Iterator
from threading import Event, Thread

import pytest

from stsbench.errors import ModelError
from stsbench.host.calling import Foreign, calling, describe


@pytest.fixture(autouse=True)
def handler() -> Iterator[None]:
    """Python's own handler, which a run of the tests in the background does not have."""
    before = signal.signal(signal.SIGINT, signal.default_int_handler)
    yield
    assert signal.getsignal(signal.SIGINT) is signal.default_int_handler
    signal.signal(signal.SIGINT, before)


INTERRUPTED = """
import signal
from contextlib import suppress
from stsbench.host.calling import calling

def swallow():
    with suppress(KeyboardInterrupt):
        signal.raise_signal(signal.SIGINT)

def turn():
    try:
        signal.raise_signal(signal.SIGINT)
    except KeyboardInterrupt as error:
        raise ValueError("something went wrong") from error

signal.signal(signal.SIGINT, signal.default_int_handler)
for plugin in (swallow, turn):
    try:
        with calling():
            plugin()
    except KeyboardInterrupt:
        print("interrupted", plugin.__name__)
"""


def test_a_ctrl_c_that_a_plugin_swallows_or_turns_into_another_error_is_one() -> None:
    """In a process of its own: this one may be one of several that run the tests, and does not own its signals."""
    done = subprocess.run([sys.executable, "-c", INTERRUPTED], capture_output=True, text=True, check=False)
    assert done.stdout.split() == ["interrupted", "swallow", "interrupted", "turn"], done.stderr


@pytest.mark.parametrize("error", [KeyboardInterrupt(), GeneratorExit(), StopIteration(), SystemExit(0), BaseException("no")])
def test_what_a_plugin_raises_itself_is_its_own(error: BaseException) -> None:
    with pytest.raises(Foreign) as raised, calling():
        raise error
    assert raised.value.__cause__ is error
    assert describe(raised.value) == describe(error)


def test_errors_of_ours_pass_as_they_are() -> None:
    with pytest.raises(ModelError, match="no weights"), calling():
        raise ModelError("no weights")


def test_what_ends_the_process_is_refused_within_and_only_there() -> None:
    ends: list[Callable[[], object]] = [lambda: os._exit(0), lambda: os.execv("/bin/true", ["true"])]
    for end in ends:
        with pytest.raises(Foreign) as raised, calling():
            end()
        assert "would have ended the whole run" in describe(raised.value)
    child = os.fork()
    if child == 0:
        os._exit(7)
    assert os.waitstatus_to_exitcode(os.waitpid(child, 0)[1]) == 7
    with calling():
        child = os.fork()
        if child == 0:
            os._exit(8)  # as workers of a plugin do
    assert os.waitstatus_to_exitcode(os.waitpid(child, 0)[1]) == 8


def test_what_is_printed_is_no_result(capsys: pytest.CaptureFixture[str]) -> None:
    streams = sys.stdout, sys.stderr
    with calling():
        print("said")  # noqa: T201 - what a plugin does
        sys.stdout.close()
        sys.stderr = None
    assert (sys.stdout, sys.stderr) == streams
    written = capsys.readouterr()
    assert (written.out, written.err) == ("", "said\n")


def test_calls_of_two_threads_that_overlap_leave_standard_output_as_it_was(capsys: pytest.CaptureFixture[str]) -> None:
    stdout = sys.stdout
    inside, outside = Event(), Event()

    def longer() -> None:
        with calling():
            inside.set()
            assert outside.wait(10)
            sys.stdout.write("aside\n")

    other = Thread(target=longer)
    with calling():
        other.start()
        assert inside.wait(10)
    outside.set()
    other.join()
    assert sys.stdout is stdout
    sys.stdout.write("a result\n")
    assert tuple(capsys.readouterr()) == ("a result\n", "aside\n")
