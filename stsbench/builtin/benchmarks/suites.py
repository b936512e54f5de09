"""The suites: named lists of benchmarks under one protocol. A superseded task is never in one suite with its successor."""

from __future__ import annotations

from stsbench.contracts.protocols import Suite

_SEVEN = ("STS12", "STS13", "STS14", "STS15", "STS16", "STSBenchmark", "SICK-R")


def sts_english() -> Suite:
    """Suite: the seven English STS benchmarks that most papers report: STS12 to STS16, STSBenchmark and SICK-R, as mteb scores them."""
    return Suite("English STS", _SEVEN, "mteb")


def simcse() -> Suite:
    """Suite: the same seven under the protocol of SimCSE and SentEval's unsupervised setting.

    STS12 to STS16 as on the hub, STSBenchmark Moses-tokenised and lower-cased, the 4,927 test pairs of SICK-R Moses-tokenised.
    Its figures are not comparable with those of `sts-english`. Needs `pip install 'stsbench[simcse]'`.
    """
    return Suite("English STS, SimCSE protocol", tuple(f"{name},protocol=simcse" for name in _SEVEN), "simcse")


def mteb_eng_v1() -> Suite:
    """Suite: the STS tasks of mteb's first English benchmark."""
    names = ("BIOSSES", "SICK-R", "STS12", "STS13", "STS14", "STS15", "STS16", "STS17,subset=en-en", "STS22,subset=en", "STSBenchmark")
    return Suite("MTEB(eng, v1), STS", names, "mteb")


def mteb_eng_v2() -> Suite:
    """Suite: the STS tasks of mteb's second English benchmark."""
    names = ("BIOSSES", "SICK-R", "STS12", "STS13", "STS14", "STS15", "STS17,subset=en-en", "STS22.v2,subset=en", "STSBenchmark")
    return Suite("MTEB(eng, v2), STS", names, "mteb")


def sts_multilingual() -> Suite:
    """Suite: STS within and across many languages: STS17, STS22.v2, STSBenchmarkMultilingualSTS, SemRel24STS and IndicCrosslingualSTS."""
    names = ("STS17", "STS22.v2", "STSBenchmarkMultilingualSTS", "SemRel24STS", "IndicCrosslingualSTS")
    return Suite("Multilingual STS", names, "mteb")
