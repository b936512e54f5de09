"""Services: their hosts, as they are named (`api.openai.com`, `127.0.0.1:8000`), what they ask for answers, and what a run may spend."""

from __future__ import annotations

import math
import re
from collections.abc import Sequence
from dataclasses import dataclass, field
from threading import Condition
from urllib.parse import urlsplit

from stsbench.contracts.ref import as_texts
from stsbench.errors import CostError, OptionError, UsageError


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


_NAME = re.compile(r"([a-z0-9]([a-z0-9_.-]*[a-z0-9])?|\[[0-9a-f:.]+\])(:[0-9]{1,5})?")
_USUAL = ":443"  # the port that goes without saying; plain http says its own, so that consent to a host is none to send it in the clear


def host_of(url: str) -> str:
    """The host that a URL names, with its port unless it is that of https. Raises OptionError, which repeats none of the URL."""
    if "@" in url:
        raise OptionError("a URL holds a name or password before an @; leave them out, and put a key into the environment")
    scheme, _, rest = url.partition("://")
    host = urlsplit(url).netloc.lower() if rest.isascii() else ""
    if scheme not in ("http", "https") or not _NAME.fullmatch(host):
        raise OptionError("a URL is written http://HOST[:PORT]/PATH or https://HOST[:PORT]/PATH, with the host in ASCII")
    ported = host if host.rpartition("]")[2].partition(":")[1] else f"{host}:{443 if scheme == 'https' else 80}"
    return ported.removesuffix(_USUAL)


def as_hosts(given: Sequence[str]) -> frozenset[str]:
    """Hosts as somebody named them; raises UsageError for what is none, such as a URL."""
    hosts = [text.strip().lower() for text in as_texts(given)]
    for host in hosts:
        if not _NAME.fullmatch(host):
            raise UsageError(f"{host!r} is no host; name one alone, as in api.openai.com or 127.0.0.1:8000")
    return frozenset(host.removesuffix(_USUAL) for host in hosts)
