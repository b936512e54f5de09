"""What a dtype below float32 is computed with: on a processor that has it, and on one that has not."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

import pytest
from stsbench_transformers import arithmetic
from stsbench_transformers.arithmetic import Arithmetic, settle_library
from stsbench_transformers.encoder import Bert
from stsbench_transformers.running import CannotRun, Dtype

from stsbench.plugin import Location, OptionError

OLD, NEW = frozenset({"float32"}), frozenset({"float32", "bfloat16", "float16"})


@pytest.fixture(params=[OLD, NEW], ids=["old", "new"])
def native(request: pytest.FixtureRequest, monkeypatch: pytest.MonkeyPatch) -> frozenset[str]:
    """A processor without and one with the short dtypes, whatever this machine has."""
    dtypes: frozenset[str] = request.param
    monkeypatch.setattr(arithmetic, "native_dtypes", lambda: dtypes)
    return dtypes


@pytest.mark.parametrize("dtype", ["bfloat16", "float16"])
@pytest.mark.parametrize("library", ["openvino", "torch", "sentence_transformers"])
def test_an_imitated_dtype_is_refused_unless_it_is_asked_for(dtype: Dtype, library: str) -> None:
    Arithmetic(dtype, library, "cpu", native=NEW).require()
    Arithmetic(dtype, library, "cuda", native=OLD).require()
    Arithmetic("float32", library, "cpu", native=OLD).require()
    Arithmetic(dtype, library, "cpu", asked=True, native=OLD).require()
    with pytest.raises(OptionError, match=f"option 'dtype' is {dtype}, but this processor is not known to compute in it"):
        Arithmetic(dtype, library, "cpu", native=OLD).require()
    with pytest.raises(OptionError, match=r"leave it out, choose another device, or add backend=torch to have it imitated"):
        Arithmetic(dtype, library, "cpu", otherwise="backend=torch", native=OLD).require()


def test_no_two_arithmetics_share_an_identity() -> None:
    kinds = [
        Arithmetic("bfloat16", library, place, native=native).identity
        for library, place, native in (
            ("openvino", "cpu", NEW),
            ("torch", "cpu", NEW),
            ("torch", "cpu", OLD),
            ("torch", "cuda", OLD),
            ("sentence_transformers", "cpu", NEW),
        )
    ]
    assert len(set(kinds)) == len(kinds)
    assert {Arithmetic("float32", library, "cpu").identity for library in ("openvino", "torch", "sentence_transformers")} == {None}


@pytest.mark.parametrize("dtype", ["bfloat16", "float16"])
def test_a_run_and_its_plan_agree_on_what_is_refused(
    dtype: Dtype, native: frozenset[str], tiny: Path, locate: Callable[[Path], Location]
) -> None:
    encoder = Bert(locate(tiny), dtype=dtype, device="cpu")
    if native == OLD:
        assert f"in {dtype}: this processor is not known to compute in it, and imitates it" in encoder.runs_on
        assert "a run refuses that" in encoder.runs_on
        with pytest.raises(OptionError, match="or add backend=torch to have it imitated"):
            encoder.encode(["a dog"], views=encoder.views)
    else:
        assert f"in {dtype}, which this processor has" in encoder.runs_on


def test_what_was_asked_for_is_imitated_with_a_warning(
    tiny: Path, locate: Callable[[Path], Location], monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture
) -> None:
    monkeypatch.setattr(arithmetic, "native_dtypes", lambda: OLD)
    encoder = Bert(locate(tiny), dtype="bfloat16", backend="torch", device="cpu")
    assert "a run refuses" not in encoder.runs_on
    encoder.encode(["a dog"], views=encoder.views)
    assert (encoder.provenance["backend"], encoder.provenance["arithmetic"]) == ("torch", "torch on cpu, imitated")
    assert "runs in bfloat16: this processor is not known to compute in it" in caplog.text


def test_the_backend_of_a_short_dtype_is_in_the_fingerprint(native: frozenset[str], tiny: Path, locate: Callable[[Path], Location]) -> None:
    pytest.importorskip("openvino", reason="needs the extra stsbench-transformers[openvino]")
    short = {Bert(locate(tiny), dtype="bfloat16", device="cpu", backend=one).fingerprint.hex for one in ("auto", "openvino", "torch")}
    assert len(short) == 2
    full = {Bert(locate(tiny), backend=one).fingerprint.hex for one in ("auto", "openvino", "torch")}
    assert len(full) == 1


def test_torch_never_stands_in_for_openvino_below_float32(
    tiny: Path, locate: Callable[[Path], Location], monkeypatch: pytest.MonkeyPatch
) -> None:
    pytest.importorskip("openvino", reason="needs the extra stsbench-transformers[openvino]")
    from stsbench_transformers.graphs import conversion

    def refuse(*_arguments: object) -> None:
        raise CannotRun("it may not")

    monkeypatch.setattr(arithmetic, "native_dtypes", lambda: NEW)
    monkeypatch.setattr(conversion, "load_converted", refuse)
    with pytest.raises(OptionError, match=r"which openvino was to compute in, but .*; add backend=torch"):
        Bert(locate(tiny), dtype="bfloat16", device="cpu").encode(["a dog"], views=("mean@2",))


def test_the_library_says_the_same(native: frozenset[str]) -> None:
    settled = settle_library("bfloat16", "cpu", otherwise="backend=library")
    assert (settled.imitated == "") == (native == NEW)
    assert settle_library("float32", "auto").identity is None
