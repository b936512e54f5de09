"""What a service asks for its answers, and what a run may spend on them."""

from __future__ import annotations

import math
from dataclasses import dataclass, field
from threading import Condition

from stsbench.errors import CostError, UsageError


@dataclass(frozen=True, slots=True)
class Cost:
    """What encoding some texts costs: `tokens` as estimated and `most` of them, and dollars a million; None where nobody knows.

    `basis` says where the price comes from, as in `list price of 2026-07`.
    """

    tokens: int
    most: int
    price: float | None
    basis: str = ""

    def dollars(self, tokens: int) -> float | None:
        """What that many tokens cost."""
        return None if self.price is None else tokens * self.price / 1e6


@dataclass(eq=False)
class Purse:
    """What a run may spend, in dollars (None: whatever it takes), and what it has `spent`; several threads may pay from it.

    A request holds what it may cost at most before it is sent, and settles when it is known: so the limit is never passed.
    """

    limit: float | None = None
    spent: float = field(default=0.0, init=False)
    _held: list[float] = field(default_factory=list, init=False)
    _changed: Condition = field(default_factory=Condition, init=False)

    def __post_init__(self) -> None:
        if self.limit is not None and not (math.isfinite(self.limit) and self.limit >= 0):
            raise UsageError(f"the most that a run may cost is a number of dollars of at least 0, not {self.limit}")

    def hold(self, dollars: float, who: str) -> None:
        """Hold what a request may cost; waits for those under way where they decide. Raises CostError where it would pass the limit."""
        with self._changed:
            while self.limit is not None and self.spent + math.fsum(self._held) + dollars > self.limit:
                if not self._held:
                    raise CostError(
                        f"the next request to {who} may cost {dollars:.6f} dollars, and {self.spent:.6f} of {self.limit:g} are spent; "
                        "what is finished is kept, and a run with a higher --max-cost goes on from there"
                    )
                self._changed.wait()
            self._held.append(dollars)

    def settle(self, held: float, spent: float) -> None:
        """A request that held `held` is over, and cost `spent`."""
        with self._changed:
            self._held.remove(held)
            self.spent += spent
            self._changed.notify_all()
