"""Objects under a name and version that their owner vouches for: unlike plain ones, their results can be kept and compared."""

from __future__ import annotations

from typing import Any

from stsbench.contracts.fingerprint import Fingerprint
from stsbench.errors import UsageError
from stsbench.host.given import Given
from stsbench.runner.plain import PlainEncoder


class NamedEncoder(PlainEncoder):
    """An object whose name and version stand for all that can change its numbers."""

    stored = False  # an object that was changed under its name must not be given the vectors of another

    @property
    def fingerprint(self) -> Fingerprint:
        """Nothing beside the name and version, which the component adds."""
        return Fingerprint.of()


def named(model: Any, name: str, *, version: str | int) -> Given:
    """An object with `encode(list[str]) -> array`, whose results are kept, reused and compared under a name and version.

    What identifies it is the name and the version alone, for which you vouch: give another version whenever its numbers may have changed.
    Since nobody else can compute them again, no board takes such results.
    """
    if not str(version):
        raise UsageError(f"{name!r} needs a version, as in named(model, {name!r}, version='1'); raise it whenever its numbers change")
    return Given("encoder", name, NamedEncoder(model), str(version))
