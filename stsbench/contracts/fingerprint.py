"""Fingerprints: content addresses of what can change a number."""

from __future__ import annotations

import hashlib
from collections.abc import Iterable
from dataclasses import dataclass


def digest(fields: Iterable[str | bytes], domain: str = "") -> str:
    """Blake2b-128 (32 hex digits) over the length-prefixed fields, so that no two lists of fields collide by concatenation.

    What has a `domain` (16 letters at most) is hashed as of another kind: it collides with nothing of no domain, or of another.
    """
    state = hashlib.blake2b(digest_size=16, person=domain.encode())
    for field in fields:
        data = field.encode("utf-8", "surrogatepass") if isinstance(field, str) else field
        state.update(len(data).to_bytes(8, "little") + data)
    return state.hexdigest()


@dataclass(frozen=True, slots=True)
class Fingerprint:
    """Named facts that together determine a component's numbers, sorted by name; `hex` is their digest."""

    fields: tuple[tuple[str, str], ...]

    @classmethod
    def of(cls, **fields: object) -> Fingerprint:
        """A fingerprint of the given facts; None means that the fact does not apply."""
        return cls(tuple(sorted((name, str(value)) for name, value in fields.items() if value is not None)))

    def extended(self, **fields: object) -> Fingerprint:
        """The same facts and more; a fact of the same name is replaced."""
        return Fingerprint.of(**{**dict(self.fields), **fields})

    @property
    def hex(self) -> str:
        """32 hex digits."""
        return digest(part for field in self.fields for part in field)
