"""Hosts that texts are sent to, as they are named: `api.openai.com`, `127.0.0.1:8000`."""

from __future__ import annotations

import re
from collections.abc import Sequence
from urllib.parse import urlsplit

from stsbench.contracts.ref import as_texts
from stsbench.errors import OptionError, UsageError

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
    return _shortened(host if host.rpartition("]")[2].partition(":")[1] else f"{host}:{443 if scheme == 'https' else 80}")


def as_hosts(given: Sequence[str]) -> frozenset[str]:
    """Hosts as somebody named them; raises UsageError for what is none, such as a URL."""
    hosts = [text.strip().lower() for text in as_texts(given)]
    for host in hosts:
        if not _NAME.fullmatch(host):
            raise UsageError(f"{host!r} is no host; name one alone, as in api.openai.com or 127.0.0.1:8000")
    return frozenset(map(_shortened, hosts))


def _shortened(host: str) -> str:
    return host.removesuffix(_USUAL)
