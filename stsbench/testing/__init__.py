"""The conformance kit: one named check a rule of the contract, so that a plugin's test file is a few lines.

    from stsbench.testing import parametrize, plugin_checks

    @parametrize(plugin_checks("stsbench-wordllama"))
    def test_conformance(check):
        check()

A check that fails raises AssertionError: the reference, what the contract asks, and what was found instead. Needs no pytest, but
for `parametrize`. `stsbench plugins check NAME` runs the same checks in a process of their own.
"""

from stsbench.testing.boards import board
from stsbench.testing.check import Check, parametrize
from stsbench.testing.kit import (
    benchmark_checks,
    checks,
    encoder_checks,
    plugin_checks,
    similarity_checks,
    transform_checks,
    writer_checks,
)

__all__ = [
    "Check",
    "benchmark_checks",
    "board",
    "checks",
    "encoder_checks",
    "parametrize",
    "plugin_checks",
    "similarity_checks",
    "transform_checks",
    "writer_checks",
]
