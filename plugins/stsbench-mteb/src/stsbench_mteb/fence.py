"""A fence around a client of somebody else's: while it is up, Python's sockets reach the hosts that were consented to, and no other.

What its settings, the environment, a proxy or a redirect say makes no difference. A client that leaves Python's sockets, as gRPC does,
is not held by it.
"""

from __future__ import annotations

import socket
import sys
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, field
from functools import cache
from typing import Any

from stsbench.plugin import ModelError

_SENDING = ("socket.connect", "socket.sendto", "socket.sendmsg")


class Elsewhere(BaseException):
    """A client turned to another host; no exception of its kind, so that no client goes on after it."""


@dataclass(frozen=True)
class Fence:
    """The hosts that are consented to, and the addresses that their names were resolved to."""

    hosts: frozenset[str]
    addresses: set[tuple[Any, ...]] = field(default_factory=set)

    def resolve(self, *arguments: Any, **named: Any) -> Any:
        """What `socket.getaddrinfo` gives, whose addresses may be connected to: it was asked for a host that `check` let pass."""
        given = _resolve(*arguments, **named)
        self.addresses.update(address[:2] for *_, address in given)
        return given

    def check(self, event: str, arguments: tuple[Any, ...]) -> None:
        """Raises Elsewhere where a name is looked up, or an address is sent to, that is none of the hosts."""
        if event == "socket.getaddrinfo":
            host, port = arguments[:2]
            name = host.decode("ascii", "replace") if isinstance(host, bytes) else str(host)
            name = (f"[{name}]" if ":" in name else name.lower()) + ("" if port in (443, "443", "https") else f":{port}")
            if name not in self.hosts:
                raise Elsewhere(name)
        elif event in _SENDING and (not isinstance(arguments[1], tuple) or arguments[1][:2] not in self.addresses):
            raise Elsewhere("an address that it looked up elsewhere")


_resolve = socket.getaddrinfo
_up: list[Fence] = []


@cache
def _watch() -> None:
    """Have every fence that is up told what Python is about to do; such a hook stays as long as the process."""

    def tell(event: str, arguments: tuple[Any, ...]) -> None:
        if _up and event.startswith("socket."):
            _up[-1].check(event, arguments)

    sys.addaudithook(tell)


@contextmanager
def fenced(name: str, hosts: Sequence[str]) -> Iterator[None]:
    """Hold the client of the service `name` to hosts. Raises ModelError, which quotes nothing that the service or its client said."""
    _watch()
    fence = Fence(frozenset(hosts))
    _up.append(fence)
    socket.getaddrinfo = fence.resolve
    try:
        yield
    except Elsewhere as other:
        raise ModelError(
            f"the client of {name} turned to {other}, and was held back: consent was given for {' and '.join(sorted(hosts))} alone; "
            "correct what leads it there (a base URL or a proxy in the environment), or name that host in host= too"
        ) from None
    except Exception as error:  # noqa: BLE001 - whatever it is, its message may hold a text or a key
        step = "pip install 'mteb[openai]'" if isinstance(error, ImportError) else f"check its key, and what is at {hosts[0]}"
        raise ModelError(f"mteb's client of {name} failed ({type(error).__name__}); {step}") from None
    finally:
        socket.getaddrinfo = _resolve
        _up.remove(fence)
