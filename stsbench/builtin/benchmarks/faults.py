"""What is wrong with rows: every faulty row is counted and the first of them named, in one sentence."""

from __future__ import annotations

import re
from collections.abc import Iterable
from dataclasses import dataclass, field

from stsbench.builtin.benchmarks.table import Table
from stsbench.contracts.wording import counted
from stsbench.errors import DataError

_PLURAL = {"has": "have", "holds": "hold", "is": "are", "begins": "begin"}


@dataclass(frozen=True, slots=True)
class Fault:
    """One kind of fault: what it says of a row, its verb in braces (`{has} no text`), and what to do about it."""

    says: str
    step: str

    def of(self, several: bool) -> str:
        """What is said of one row, or of several."""
        return re.sub(r"\{(\w+)\}", lambda verb: _PLURAL[verb[1]] if several else verb[1], self.says)


@dataclass
class Faults:
    """Rows (from 0) by what is wrong with them, in the order in which they were found; each by its first fault."""

    rows: dict[Fault, list[int]] = field(default_factory=dict)
    _known: set[int] = field(default_factory=set)

    def add(self, fault: Fault, row: int) -> None:
        """Note one row."""
        if row not in self._known:
            self._known.add(row)
            self.rows.setdefault(fault, []).append(row)

    def extend(self, fault: Fault, rows: Iterable[int]) -> None:
        """Note several rows of one kind."""
        for row in rows:
            self.add(fault, row)

    def refuse(self, table: Table, what: str) -> None:
        """Raise DataError if there was any fault; `what` names the file."""
        if not self.rows:
            return
        kinds = sorted(self.rows.items(), key=lambda kind: kind[1][0])
        steps = ", or ".join(dict.fromkeys(fault.step for fault, _ in kinds))
        if len(kinds) == 1:
            fault, rows = kinds[0]
            raise DataError(f"{table.named(rows)} of {what} {fault.of(len(rows) > 1)}; {steps}")
        listed = ", ".join(f"{table.named(rows)} {fault.of(len(rows) > 1)}" for fault, rows in kinds)
        raise DataError(f"{counted(len(self._known), 'row')} of {what} cannot be taken: {listed}; {steps}")
