"""The conformance kit on all that is built in. What building loads is looked at in one process, which forks another for each component."""

from __future__ import annotations

import json
import subprocess
import sys
from collections.abc import Iterator
from functools import partial
from pathlib import Path

import pytest

from stsbench.contracts.components.component import Kind
from stsbench.host.registry import Registry
from stsbench.testing import Check, benchmark_checks, checks, encoder_checks, parametrize

REGISTRY = Registry.installed()
ENCODERS = [
    *encoder_checks("hashing", others=["hashing,dim=64", "hashing,ngram=4"], registry=REGISTRY),
    *encoder_checks("hashing,dim=64", registry=REGISTRY),
]
OPTIONS = [
    "cosine,zero=sklearn",
    "soft-cosine,power=1,threshold=0.2,special=true",
    "soft-cosine-idf,special=true",
    "minkowski,p=1.5",
    "bertscore,special=none",
    "bertscore-idf,special=all",
    "attention-softmax,unit=true,root=false",
]


def built_in(kind: Kind) -> list[str]:
    return [component.name for component, provider in REGISTRY.offers(kind) if provider.distribution == "stsbench"]


SIMILARITIES = [name for name in [*built_in("similarity"), *OPTIONS] if name != "scores"]  # which reads a file, and has tests of its own
TRANSFORMS = [*(name if name != "truncate" else "truncate,k=5" for name in built_in("transform")), "pca,k=3", "whiten,k=3,ridge=0.1"]
SUITES = [name for name in built_in("benchmark") if name.startswith(("sts-", "simcse", "mteb-"))]
BUILT: list[tuple[Kind, str]] = [
    *(("similarity", f"stsbench/{name}") for name in SIMILARITIES),
    *(("transform", f"stsbench/{name}") for name in TRANSFORMS),
    *(("benchmark", name) for name in SUITES),
    *(("writer", f"stsbench/{name}") for name in built_in("writer")),
]
FORKING = """
import json, os, sys
from stsbench.builtin import plugin
from stsbench.host.discovery import register
from stsbench.host.registry import Registry
from stsbench.testing.lightness import HEAVY

registry = Registry((register(plugin, distribution="stsbench", version="0", entry_point="builtin"),))
for kind, ref in json.load(sys.stdin):
    if (child := os.fork()) == 0:
        registry.resolve(kind, ref).build()
        print(json.dumps([ref, [name for name in HEAVY if name in sys.modules]]), flush=True)
        os._exit(0)  # without taking down what it built, which takes longer than building it
    os.waitpid(child, 0)
"""


def of(kind: Kind) -> Iterator[Check]:
    alone = {"building_is_light": "asked of all at once below"}
    return (check for known, ref in BUILT if known == kind for check in checks(kind, ref, without=alone, registry=REGISTRY))


@parametrize(ENCODERS)
def test_encoders(check: Check) -> None:
    check()


@parametrize(of("similarity"))
def test_similarities(check: Check) -> None:
    check()


@parametrize(of("transform"))
def test_transforms(check: Check) -> None:
    check()


@parametrize(benchmark_checks("mini", registry=REGISTRY))
def test_mini(check: Check) -> None:
    check()


@parametrize(of("benchmark"))
def test_suites(check: Check) -> None:
    check()


@parametrize(of("writer"))
def test_writers(check: Check) -> None:
    check()


@pytest.fixture(scope="module")
def loaded() -> dict[str, list[str]]:
    """What is heavy of all that building a component loads, by its reference, where nothing else was built before."""
    run = partial(subprocess.run, capture_output=True, text=True, check=True)
    lines = run([sys.executable, "-c", FORKING], input=json.dumps(BUILT)).stdout.splitlines()
    return dict(map(json.loads, lines))


@pytest.mark.parametrize("ref", [ref for _, ref in BUILT])
def test_building_is_light(ref: str, loaded: dict[str, list[str]]) -> None:
    assert loaded[ref] == []


def test_every_built_in_encoder_is_checked() -> None:
    assert built_in("encoder") == ["hashing", "vectors"]


def test_a_private_file(tmp_path: Path) -> None:
    path = tmp_path / "pairs.csv"
    path.write_text("left,right,score\na cat,a dog,2.5\n,a dog,0\n", encoding="utf-8")
    for check in benchmark_checks(f"csv:{path}"):
        check()


def test_a_task_of_the_field(mirror: Path) -> None:
    for check in benchmark_checks("STS12"):
        check()
