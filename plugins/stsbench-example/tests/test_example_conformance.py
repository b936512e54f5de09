from __future__ import annotations

from stsbench.testing import Check, encoder_checks, parametrize, similarity_checks


@parametrize([*encoder_checks("letters", others=["letters,stretches=3"]), *similarity_checks("aligned")])
def test_conformance(check: Check) -> None:
    check()
