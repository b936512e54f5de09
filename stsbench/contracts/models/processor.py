"""What this machine's processor computes in by itself, and how many there are. Reading it imports nothing that has to be built for it."""

from __future__ import annotations

import os
import re
from functools import cache
from pathlib import Path

_FLAGS = {  # of which one is enough, as Linux names them on x86 and on ARM
    "bfloat16": frozenset({"avx512_bf16", "amx_bf16", "bf16"}),
    "float16": frozenset({"avx512_fp16", "amx_fp16", "asimdhp"}),
}


@cache
def native_dtypes(cpuinfo: str | None = None) -> frozenset[str]:
    """The dtypes in which the processor multiplies, float32 always; others only where `cpuinfo` says so."""
    flags = processor_flags(cpuinfo)
    return frozenset({"float32", *(dtype for dtype, known in _FLAGS.items() if known & flags)})


@cache
def processor_flags(cpuinfo: str | None = None) -> frozenset[str]:
    """What the processor is said to have, as Linux names it.

    `cpuinfo` is the content of Linux's /proc/cpuinfo, read here unless it is given. Where there is no such file nothing is known.
    """
    if cpuinfo is None:
        try:
            cpuinfo = Path("/proc/cpuinfo").read_text(encoding="utf-8", errors="replace")
        except OSError:
            cpuinfo = ""
    listed = re.search(r"^(?:flags|Features)\s*:(.*)$", cpuinfo, re.MULTILINE)
    return frozenset(listed[1].split()) if listed else frozenset()


def processors() -> int:
    """How many processors this process may use."""
    return len(os.sched_getaffinity(0)) if hasattr(os, "sched_getaffinity") else os.cpu_count() or 1


def library_threads() -> int:
    """How many threads numerical libraries take in this process, unless they are told otherwise."""
    named = os.environ.get("OMP_NUM_THREADS", "")
    return (int(named) if named.isdecimal() else 0) or processors()
