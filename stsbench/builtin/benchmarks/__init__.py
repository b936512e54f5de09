"""Benchmarks as data: the public STS tasks, `mini`, files, hub data sets, and suites of them.

`StakeholderGrounding`, which mteb lists among its STS tasks, is left out: it is scored by agreement on triplets, not by correlation.
"""
