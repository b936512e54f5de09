"""The conformance kit: one named check a rule of the contract, so that a plugin's test file is a few lines.

    from stsbench.testing import encoder_checks, parametrize

    @parametrize(encoder_checks("wordllama"))
    def test_conformance(check):
        check()

A check that fails raises AssertionError: the reference, what the contract asks, and what was found instead. Needs no pytest, but
for `parametrize`.
"""

from stsbench.testing.benchmarks import benchmark_checks
from stsbench.testing.check import Check, parametrize
from stsbench.testing.encoders import encoder_checks
from stsbench.testing.similarities import similarity_checks
from stsbench.testing.transforms import transform_checks
from stsbench.testing.writers import writer_checks

__all__ = ["Check", "benchmark_checks", "encoder_checks", "parametrize", "similarity_checks", "transform_checks", "writer_checks"]
