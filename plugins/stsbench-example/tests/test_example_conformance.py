from __future__ import annotations

from stsbench.testing import Check, encoder_checks, parametrize, plugin_checks


@parametrize([*plugin_checks("stsbench-example"), *encoder_checks("letters", others=["letters,stretches=3"])])
def test_conformance(check: Check) -> None:
    check()
