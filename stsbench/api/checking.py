"""Checking an installed plugin against the contract, in a process of its own: what ends that costs one check, not the answer."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace
from multiprocessing import get_context
from multiprocessing.connection import Connection
from typing import Final
from unittest import SkipTest

from stsbench.contracts.defaults import PADDED
from stsbench.errors import UsageError
from stsbench.host.process import own_process
from stsbench.testing.check import Broken
from stsbench.testing.kit import plugin_checks

PATIENCE: Final = 600.0  # seconds that one check may take
_ENDED: Final = "Look for native code that crashes, a call that ends the process, or one that waits for what never comes."
_SPAWN: Final = get_context("spawn")  # nothing that is loaded here is there already


@dataclass(frozen=True, slots=True)
class Checked:
    """A rule and what it was applied to; `observed` is what breaks it, None where it holds, and `remedy` what to do then.

    `unchecked` says what the rule could not be applied to, and how it could.
    """

    kind: str
    ref: str
    rule: str
    asked: str
    remedy: str
    observed: str | None = None
    unchecked: str | None = None


def check_plugin(
    name: str, *, refs: Sequence[str] = (), tolerance: float = PADDED, without: Sequence[str] = (), patience: float = PATIENCE
) -> Iterator[Checked]:
    """The checks of `stsbench.testing.plugin_checks`, each with its outcome, as they come.

    A check that ends the process, or does not come back within `patience` seconds, does not hold; those after it go on in a new process.
    Raises UsageError where a reference cannot be read, or `without` names no rule.
    """
    loading = Checked("plugin", name, "it_loads", "It loads, and its components are built.", _ENDED)
    done, total = 0, 1
    while done < total:
        ours, theirs = _SPAWN.Pipe(duplex=False)
        process = _SPAWN.Process(target=_answer, args=(theirs, done, name, tuple(refs), tolerance, tuple(without)))
        process.start()
        theirs.close()
        waiting = [loading]
        try:
            while waiting and ours.poll(PATIENCE if waiting[0] is loading else patience):
                answer = ours.recv()
                if waiting[0] is loading:
                    if isinstance(answer, str):
                        raise UsageError(answer)
                    waiting, total = answer[done:], len(answer)
                    continue
                yield replace(waiting.pop(0), **answer)
                done += 1
        except EOFError:
            process.join()
            yield replace(waiting[0], observed=f"the process ended there, with exit code {process.exitcode}", remedy=_ENDED)
            done += 1
        else:
            if waiting:
                yield replace(waiting[0], observed=f"it has not come back after {patience:g} seconds", remedy=_ENDED)
                done += 1
        finally:
            process.kill()
            process.join()
            ours.close()


def _answer(results: Connection, done: int, name: str, refs: tuple[str, ...], tolerance: float, without: tuple[str, ...]) -> None:
    """Sends the list of checks, or why there is none, and then what came of each after the first `done`."""
    own_process()
    try:
        checks = plugin_checks(name, refs=refs, tolerance=tolerance, without=dict.fromkeys(without, "asked for on the command line"))
    except (UsageError, ValueError) as error:
        results.send(str(error))
        return
    results.send([Checked(each.subject.kind, each.subject.ref, each.name, each.asked, each.remedy) for each in checks])
    for check in checks[done:]:
        try:
            check()
        except SkipTest as left:
            results.send({"unchecked": str(left)})
        except Broken as broken:
            results.send({"observed": broken.observed, "remedy": broken.remedy})
        else:
            results.send({})
