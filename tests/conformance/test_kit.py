"""The machinery of the kit: collection, ids, exceptions, sentences, and the check that needs an installed plugin."""

from __future__ import annotations

import subprocess
import sys
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from stsbench.builtin.floor import Hashing
from stsbench.host.registry import Registry
from stsbench.plugin import Component, Encoder
from stsbench.testing import benchmark_checks, encoder_checks, parametrize, similarity_checks, writer_checks
from stsbench.testing.check import Broken

Registries = Callable[..., Registry]


@pytest.mark.parametrize("checks_of", [encoder_checks, similarity_checks, benchmark_checks, writer_checks])
def test_a_name_that_nothing_offers_is_one_failing_check(checks_of: Callable[..., Any], registry_of: Registries) -> None:
    (check,) = checks_of("no-such-name", registry=registry_of())
    assert str(check) == "no-such-name-resolves"
    with pytest.raises(AssertionError, match=r"breaks resolves \(.*\): UnknownName: there is no \w+ 'no-such-name'"):
        check()


def test_an_encoder_that_cannot_be_built_fails_its_checks(registry_of: Registries) -> None:
    def broken() -> Encoder:
        """Raises."""
        raise RuntimeError("no weights")

    registry = registry_of(("doubles", "1.0", {"encoders": [Component("broken", broken)]}))
    for check in encoder_checks("broken", registry=registry):
        with pytest.raises(AssertionError, match=r"encoder 'broken' of doubles 1.0 failed while it was built: RuntimeError: no weights"):
            check()


def test_what_rests_on_a_rule_that_does_not_hold_says_so(registry_of: Registries) -> None:
    class Listing:
        """Gives a list in the place of an array."""

        def score(self, left: Any, right: Any) -> Any:
            return (left * right).sum(axis=1).tolist()

    registry = registry_of(("doubles", "1.0", {"similarities": [Component("listing", Listing)]}))
    said = {}
    for check in similarity_checks("listing", registry=registry):
        with pytest.raises(Broken) as broken:
            check()
        said[check.name] = broken.value.observed
    assert said.pop("one_score_a_pair") == "it returned list"
    assert set(said.values()) == {"nothing can be told of it, since one_score_a_pair does not hold: it returned list"}
    assert {"scores_are_finite", "rows_are_independent", "sides_are_equal"} <= set(said)


def test_an_exception_has_a_name_and_a_reason(registry_of: Registries) -> None:
    registry = registry_of()
    every = [check.name for check in similarity_checks("dot", registry=registry)]
    some = similarity_checks("dot", registry=registry, without={"sides_are_equal": "for the sake of the test"})
    assert [check.name for check in some] == [name for name in every if name != "sides_are_equal"]
    with pytest.raises(ValueError, match=r"no rule for 'dot' is called side_are_equal; its rules are .*, sides_are_equal"):
        similarity_checks("dot", registry=registry, without={"side_are_equal": "a slip"})
    with pytest.raises(ValueError, match="takes the reason"):
        similarity_checks("dot", registry=registry, without={"sides_are_equal": " "})


def test_each_check_is_one_test_with_a_readable_id(registry_of: Registries) -> None:
    checks = encoder_checks("hashing", registry=registry_of())
    mark = parametrize(checks).mark
    assert mark.args == ("check", checks)
    assert mark.kwargs["ids"][0] == "hashing-fingerprint_is_stable"
    assert len(set(mark.kwargs["ids"])) == len(checks) > 15


def test_every_rule_says_what_the_contract_asks(registry_of: Registries) -> None:
    registry = registry_of()
    checks = [
        *encoder_checks("hashing", registry=registry, others=["hashing,dim=8"]),
        *similarity_checks("soft-cosine-idf", registry=registry),
        *similarity_checks("cosine", registry=registry),
        *benchmark_checks("mini", registry=registry),
        *benchmark_checks("sts-english", registry=registry),
        *writer_checks("json", registry=registry),
    ]
    for check in checks:
        assert (check.rule.__doc__ or "").partition("\n")[0].endswith("."), check.name


def test_the_kit_needs_no_pytest() -> None:
    code = (
        "import sys; sys.modules['pytest'] = None\n"
        "from stsbench.testing import encoder_checks\n"
        "[check() for check in encoder_checks('hashing')]; print('done')"
    )
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    assert done.stdout.strip() == "done"


@pytest.fixture
def install(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Callable[[str], None]:
    """Installs a distribution `stsbench-heavy` with a module of that text, and a module that is called tensorflow."""

    def install(source: str) -> None:
        info = tmp_path / "stsbench_heavy-1.0.dist-info"
        info.mkdir()
        (info / "METADATA").write_text("Metadata-Version: 2.1\nName: stsbench-heavy\nVersion: 1.0\n")
        (info / "entry_points.txt").write_text("[stsbench]\nheavy = stsbench_heavy_double\n")
        (tmp_path / "tensorflow.py").write_text("# a double of the library\n")
        hooks = (
            "from stsbench.plugin import Component, hookimpl\n"
            "from stsbench.builtin.floor import Hashing\n"
            "@hookimpl\ndef stsbench_encoders(): return [Component('heavy', heavy, gives={'vectors', 'tokens'})]\n"
        )
        (tmp_path / "stsbench_heavy_double.py").write_text(hooks + source)
        monkeypatch.syspath_prepend(tmp_path)
        for name in ("tensorflow", "stsbench_heavy_double"):
            monkeypatch.setitem(sys.modules, name, None)  # so that teardown removes what the test imports
            del sys.modules[name]

    return install


@pytest.mark.parametrize(
    ("source", "message"),
    [
        ("def heavy():\n    return Hashing()\n", None),
        ("import tensorflow\ndef heavy():\n    return Hashing()\n", "it loads tensorflow"),
        ("def heavy():\n    import tensorflow\n    return Hashing()\n", "it loads tensorflow"),
        ("def heavy():\n    raise OSError('no disk')\n", "it fails in a fresh process: .*no disk"),
    ],
    ids=["sound", "heavy_import", "heavy_build", "failing_build"],
)
def test_building_is_light(install: Callable[[str], None], source: str, message: str | None) -> None:
    install(source)
    (check,) = [check for check in encoder_checks("heavy") if check.name == "building_is_light"]
    if message is None:
        check()
    else:
        with pytest.raises(AssertionError, match=f"breaks building_is_light .*: {message}"):
            check()


def test_the_doubles_stand_on_a_sound_encoder() -> None:
    assert Hashing(dim=8).encode(["a"], views=["sentence"]).vectors["sentence"].shape == (1, 8)
