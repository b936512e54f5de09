from __future__ import annotations

import os
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from stsbench.contracts.components.component import Component
from stsbench.contracts.components.options import DataFile, Execution, Location, Secret, Views
from stsbench.contracts.ref import Ref
from stsbench.errors import DataError, ModelError, OptionError, PluginError, RefError, UnknownName
from stsbench.host.registry import Registry


def test_a_subset_that_is_said_twice_is_refused_unless_it_is_the_same() -> None:
    registry = Registry.installed()
    with pytest.raises(OptionError, match=r"'STS17/en-en' says its subset already; leave out subset=, or write STS17,subset="):
        registry.resolve("benchmark", "STS17/en-en,subset=es-en")
    assert registry.resolve("benchmark", "STS17/en-en,subset=en-en").ref == registry.resolve("benchmark", "STS17/en-en").ref


def model(
    model: Location,
    /,
    *,
    pooling: Views[str] = "mean",
    scale: float = 1.0,
    note: str = "",
    device: Execution[str] = "auto",
    token: Secret[str | None] = None,
) -> Any:
    """A double: returns what it was given."""
    return {"model": model, "pooling": pooling, "scale": scale, "note": note, "device": device, "token": token}


def table(path: DataFile, /, *, left: str = "") -> Any:
    """A double for a benchmark from a file."""
    return path


@pytest.fixture
def registry(registry_of: Callable[..., Registry]) -> Registry:
    return registry_of(("stsbench-double", "1.2", {"encoders": [Component("double", model)], "benchmarks": [Component("table", table)]}))


def test_defaults_written_out_or_left_out_are_one_system(registry: Registry) -> None:
    refs = {
        str(registry.resolve("encoder", text).ref)
        for text in ("double:org/m", "stsbench-double/double:org/m,scale=1", "double:org/m,pooling=mean,scale=1.0,note=")
    }
    assert refs == {"stsbench-double/double:org/m"}


def test_canonical_text_sorts_options_and_reads_back(registry: Registry) -> None:
    resolved = registry.resolve("encoder", "double:org/m,scale=2,note=a%2Cb,pooling=cls")
    assert str(resolved.ref) == "stsbench-double/double:org/m,note=a%2Cb,pooling=cls,scale=2.0"
    assert str(resolved.stem) == "stsbench-double/double:org/m,note=a%2Cb,scale=2.0"
    assert registry.resolve("encoder", str(resolved.ref)).ref == resolved.ref


def test_execution_options_are_no_part_of_the_name_or_the_fingerprint(registry: Registry) -> None:
    plain = registry.resolve("encoder", "double:org/m")
    moved = registry.resolve("encoder", "double:org/m,device=cuda:1")
    assert plain.ref == moved.ref
    assert plain.fingerprint().hex == moved.fingerprint().hex
    assert moved.build().get("device") == "cuda:1"
    assert registry.resolve("encoder", "double:org/m", execution={"device": "mps", "elsewhere": 1}).build().get("device") == "mps"


def test_view_options_are_part_of_the_name_and_not_of_the_fingerprint(registry: Registry) -> None:
    plain, other = registry.resolve("encoder", "double:org/m"), registry.resolve("encoder", "double:org/m,pooling=cls")
    assert plain.ref != other.ref
    assert plain.fingerprint().hex == other.fingerprint().hex


def test_identity_options_and_numerics_change_the_fingerprint(registry: Registry, registry_of: Callable[..., Registry]) -> None:
    raised = registry_of(("stsbench-double", "1.2", {"encoders": [Component("double", model, numerics=2)]}))
    prints = {
        registry.resolve("encoder", "double:org/m").fingerprint().hex,
        registry.resolve("encoder", "double:org/m,scale=2").fingerprint().hex,
        registry.resolve("encoder", "double:org/other").fingerprint().hex,
        raised.resolve("encoder", "double:org/m").fingerprint().hex,
    }
    assert len(prints) == 4


def test_an_option_from_a_file(registry: Registry, tmp_path: Path) -> None:
    file = tmp_path / "note.txt"
    file.write_text("one, two = three\n")
    assert registry.resolve("encoder", f"double:org/m,note=@{file}").build().get("note") == "one, two = three"
    assert registry.resolve("encoder", "double:org/m,note=%40home").build().get("note") == "@home"
    with pytest.raises(OptionError, match="cannot be read as text; write a leading @ that is meant as %40"):
        registry.resolve("encoder", "double:org/m,note=@nowhere.txt")


@pytest.mark.parametrize(
    ("kind", "text", "error", "message"),
    [
        ("encoder", "all-MiniLM-L6-v2", UnknownName, "write sentence-transformers:all-MiniLM-L6-v2 for a model of the hub"),
        ("encoder", "org/doubl", UnknownName, "write sentence-transformers:org/doubl for a model of the hub"),
        ("encoder", "doubl:org/m", UnknownName, r"there is no encoder 'doubl': did you mean double\?"),
        ("encoder", "nothing-like-it", UnknownName, "`stsbench list encoders` shows all"),
        ("benchmark", "pairs.csv.zst", UnknownName, r"'pairs\.csv\.zst': write csv:pairs\.csv\.zst for a file"),
        ("benchmark", "pairs.json", UnknownName, r"write jsonl:pairs\.json for a file"),
        ("benchmark", "json:pairs.json", UnknownName, "write jsonl:PATH for a file"),
        ("benchmark", "xlsx:pairs.xlsx", UnknownName, "save the workbook as csv, and write csv:PATH"),
        ("benchmark", "pairs.xlsx", UnknownName, "save the workbook as csv, and write csv:PATH"),
        ("similarity", "cosin", UnknownName, r"there is no similarity 'cosin': did you mean cosine"),
        ("encoder", "cosine", UnknownName, r"there is no encoder 'cosine': it is a similarity \(-s\) \("),
        ("encoder", "csv:pairs.csv", UnknownName, r"there is no encoder 'csv': it is a benchmark \(-b\) \("),
        ("similarity", "double:org/m", UnknownName, r"there is no similarity 'double': it is an encoder \(-e\) \("),
        ("encoder", "double:org/m,scal=2", OptionError, r"has no option 'scal'; did you mean scale\?"),
        ("encoder", "double:org/m,scale=big", OptionError, "encoder 'double': option 'scale' takes a number, not 'big'"),
        ("encoder", "double", OptionError, "needs a model; write double:MODEL"),
        ("similarity", "cosine:x", OptionError, "takes nothing after a colon"),
        ("encoder", "double:./nowhere", ModelError, "there is no file or folder nowhere"),
        ("encoder", "double:a/b/c", RefError, "neither a hub id"),
        ("encoder", "double:pkg:no_such_package/model", ModelError, "which is not installed"),
        ("encoder", "double:pkg:stsbench/../..", RefError, "leads out of the package"),
        ("encoder", "double:pkg:stsbench/nowhere", ModelError, "has no folder 'nowhere'"),
        ("benchmark", "table:nowhere.csv", DataError, "does not exist"),
        ("encoder", "double:org/m,prompt=a,prompt_left=b", OptionError, "takes one of prompt"),
        ("encoder", "double:org/m,fit=self", OptionError, "has no option 'fit'"),
        ("benchmark", "csv:x.csv,zzz=1", OptionError, "has no option 'zzz'; there is .*decimal, .*score"),
    ],
)
def test_wrong_references_get_a_sentence(registry: Registry, kind: Any, text: str, error: type[Exception], message: str) -> None:
    with pytest.raises(error, match=message):
        registry.resolve(kind, text)


def test_an_unknown_name_of_a_known_distribution_says_what_to_install(registry: Registry) -> None:
    with pytest.raises(UnknownName, match=r"install it with pip install 'stsbench\[wordllama\]'"):
        registry.resolve("encoder", "wordllama")


def test_a_secret_comes_from_the_environment_and_never_from_a_reference(registry: Registry, monkeypatch: pytest.MonkeyPatch) -> None:
    with pytest.raises(OptionError, match="is a secret and must not stand in a reference; set STSBENCH_DOUBLE_TOKEN instead") as caught:
        registry.resolve("encoder", "double:org/m,token=hunter2")
    assert "hunter2" not in str(caught.value)
    monkeypatch.setenv("STSBENCH_DOUBLE_TOKEN", "hunter2")
    resolved = registry.resolve("encoder", "double:org/m")
    assert resolved.build().get("token").reveal() == "hunter2"
    assert "hunter2" not in f"{resolved} {resolved.ref} {resolved.label} {resolved.fingerprint()}"


def test_a_local_path_enters_a_name_as_label_and_content_hash(registry: Registry, tmp_path: Path) -> None:
    for place, content in (("a", "same"), ("b", "same"), ("c", "other")):
        (tmp_path / place / "mini,lm").mkdir(parents=True)
        (tmp_path / place / "mini,lm" / "config.json").write_text(content)
    a, b, c = (registry.resolve("encoder", f"double:{Ref.parse('x').name and tmp_path}/{place}/mini%2Clm") for place in "abc")
    assert str(tmp_path) not in str(a.ref)
    assert str(a.ref).startswith("stsbench-double/double:mini%2Clm~")
    assert a.ref == b.ref
    assert a.fingerprint().hex == b.fingerprint().hex
    assert a.ref != c.ref
    assert a.fingerprint().hex != c.fingerprint().hex
    (tmp_path / "a" / "mini,lm" / "config.json").write_text("trained further")
    assert registry.resolve("encoder", f"double:{tmp_path}/a/mini%2Clm").fingerprint().hex != b.fingerprint().hex


def test_a_hub_id_is_never_shadowed_by_a_folder(registry: Registry, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    (tmp_path / "org" / "m").mkdir(parents=True)
    monkeypatch.chdir(tmp_path)
    assert registry.resolve("encoder", "double:org/m").build().get("model").hub == "org/m"
    assert registry.resolve("encoder", "double:./org/m").build().get("model").path == tmp_path / "org" / "m"


def test_the_name_of_a_data_file_stays_private(registry: Registry, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    (tmp_path / "patients.csv").write_text("a,b\n")
    monkeypatch.chdir(tmp_path)
    resolved = registry.resolve("benchmark", "table:patients.csv,left=a")
    assert "patients" not in f"{resolved.ref} {resolved.label}"


def test_names_match_without_regard_to_case(registry: Registry) -> None:
    assert registry.resolve("similarity", "Cosine").id == "stsbench/cosine"


def test_whatever_a_plugin_raises_while_it_is_built_is_blamed_on_it(registry_of: Callable[..., Registry]) -> None:
    def broken() -> Any:
        """A double that fails."""
        raise ZeroDivisionError("ouch")

    registry = registry_of(("stsbench-bad", "3.1", {"encoders": [Component("broken", broken)]}))
    with pytest.raises(PluginError, match=r"encoder 'broken' of stsbench-bad 3\.1 failed while it was built: ZeroDivisionError: ouch"):
        registry.resolve("encoder", "broken").build()


def test_what_is_no_file_is_never_opened(registry: Registry, tmp_path: Path) -> None:
    os.mkfifo(tmp_path / "pipe")  # to open it would wait for ever
    for path in ("/dev/zero", str(tmp_path / "pipe")):
        with pytest.raises(DataError, match="the path that the benchmark reference names is a device, a pipe or a socket; give a file"):
            registry.resolve("benchmark", f"table:{path}")
        with pytest.raises(ModelError, match="is a device, a pipe or a socket; give a file"):
            registry.resolve("encoder", f"double:{path}")
    with pytest.raises(ModelError, match=r"cannot be read \(a device, a pipe or a socket\)"):
        registry.resolve("encoder", f"double:{tmp_path}")


def test_an_option_is_text(registry: Registry) -> None:
    with pytest.raises(OptionError, match="option 'note' of double holds bytes that are no text"):
        registry.resolve("encoder", "double:org/m,note=\udcff")


@pytest.mark.parametrize("value", [None, ""])
def test_a_secret_that_is_not_set_names_its_variable(
    registry_of: Callable[..., Registry], monkeypatch: pytest.MonkeyPatch, value: str | None
) -> None:
    def paid(*, api_key: Secret[str] = "") -> Any:
        return {"key": api_key}

    monkeypatch.delenv("STSBENCH_PAID_API_KEY", raising=False)
    if value is not None:
        monkeypatch.setenv("STSBENCH_PAID_API_KEY", value)
    key = registry_of(("stsbench-paid", "1.0", {"encoders": [Component("paid", paid)]})).resolve("encoder", "paid").build().get("key")
    assert not key
    assert repr(key) == "***"
    with pytest.raises(OptionError, match="the environment variable STSBENCH_PAID_API_KEY is not set"):
        key.reveal()
