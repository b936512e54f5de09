"""What came of requirements: on the terminal, and as an exit code."""

from __future__ import annotations

import sys
from collections.abc import Collection, Sequence
from typing import TYPE_CHECKING, Final

from stsbench.cli.printing.layout import say

if TYPE_CHECKING:
    from stsbench.evidence.requirements import Requirement
    from stsbench.stats.comparing.margin import Outcome

CANNOT_TELL: Final = 6  # the exit code where the data show neither that all is met nor that something is not


def exit_code_of(outcomes: Collection[Outcome]) -> int:
    """0 where all are met, 1 where one is shown not to be, else `CANNOT_TELL`."""
    return 1 if "not met" in outcomes else CANNOT_TELL if "cannot tell" in outcomes else 0


def tell_requirements(requirements: Sequence[Requirement], *, met: bool = True) -> int:
    """Print those that are met, unless told not to, and say the others on stderr; their exit code."""
    for required in requirements:
        if required.outcome != "met":
            sys.stderr.write(f"{'error: ' if required.outcome == 'not met' else ''}{required.sentence()}\n")
        elif met:
            say(required.sentence())
    return exit_code_of([one.outcome for one in requirements])
