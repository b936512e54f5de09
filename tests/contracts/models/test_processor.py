"""What a processor computes in, by what the system says of it."""

from __future__ import annotations

import pytest

from stsbench.contracts.models.processor import native_dtypes

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
