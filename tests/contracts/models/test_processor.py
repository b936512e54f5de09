"""What a processor computes in, by what the system says of it."""

from __future__ import annotations

import os

import pytest

from stsbench.builtin.executors.pool import Processes
from stsbench.contracts.models.processor import library_threads, native_dtypes, processors

AVX2 = "processor\t: 0\nmodel name\t: some processor\nflags\t\t: fpu sse2 f16c avx avx2 fma\nbugs\t\t: spectre_v1 bf16\n"


@pytest.mark.parametrize(
    ("cpuinfo", "more"),
    [
        ("", set()),
        (AVX2, set()),
        (AVX2.replace("fma", "fma avx512f avx512bw"), set()),
        (AVX2.replace("fma", "fma avx512f avx512_bf16"), {"bfloat16"}),
        (AVX2.replace("fma", "amx_tile amx_bf16 amx_int8"), {"bfloat16"}),
        (AVX2.replace("fma", "avx512_bf16 avx512_fp16"), {"bfloat16", "float16"}),
        ("processor\t: 0\nFeatures\t: fp asimd\n", set()),
        ("processor\t: 0\nFeatures\t: fp asimd fphp asimdhp bf16\n", {"bfloat16", "float16"}),
    ],
)
def test_only_what_is_stated_is_taken_for_native(cpuinfo: str, more: set[str]) -> None:
    assert native_dtypes(cpuinfo) == {"float32", *more}


def test_a_machine_always_has_float32() -> None:
    assert "float32" in native_dtypes()


@pytest.mark.parametrize(("named", "threads"), [(None, 3), ("", 3), ("0", 3), ("many", 3), ("2", 2)])
def test_libraries_take_the_threads_that_are_named_or_one_a_processor(
    monkeypatch: pytest.MonkeyPatch, named: str | None, threads: int
) -> None:
    monkeypatch.delenv("OMP_NUM_THREADS", raising=False)
    monkeypatch.setattr(os, "sched_getaffinity", lambda _: {0, 4, 5}, raising=False)
    if named is not None:
        monkeypatch.setenv("OMP_NUM_THREADS", named)
    assert (library_threads(), processors()) == (threads, 3)
    assert Processes(4).needs["threads"] == threads
    monkeypatch.delattr(os, "sched_getaffinity")
    monkeypatch.setattr(os, "cpu_count", lambda: None)
    assert processors() == 1
