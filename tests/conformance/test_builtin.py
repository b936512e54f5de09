from __future__ import annotations

from pathlib import Path

from stsbench.contracts.components.component import Kind
from stsbench.host.registry import Registry
from stsbench.testing import Check, benchmark_checks, encoder_checks, parametrize, similarity_checks, transform_checks, writer_checks

REGISTRY = Registry.installed()
ENCODERS = [*encoder_checks("hashing", others=["hashing,dim=64", "hashing,ngram=4"]), *encoder_checks("hashing,dim=64")]
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


@parametrize(ENCODERS)
def test_encoders(check: Check) -> None:
    check()


@parametrize(
    check
    for name in [*built_in("similarity"), *OPTIONS]
    if name != "scores"  # it reads a file of predictions for given texts, and has tests of its own
    for check in similarity_checks(f"stsbench/{name}")
)
def test_similarities(check: Check) -> None:
    check()


@parametrize(
    check
    for name in [*(name if name != "truncate" else "truncate,k=5" for name in built_in("transform")), "pca,k=3", "whiten,k=3,ridge=0.1"]
    for check in transform_checks(f"stsbench/{name}")
)
def test_transforms(check: Check) -> None:
    check()


@parametrize(benchmark_checks("mini"))
def test_mini(check: Check) -> None:
    check()


@parametrize(check for name in built_in("benchmark") if name.startswith(("sts-", "simcse", "mteb-")) for check in benchmark_checks(name))
def test_suites(check: Check) -> None:
    check()


@parametrize(check for name in built_in("writer") for check in writer_checks(f"stsbench/{name}"))
def test_writers(check: Check) -> None:
    check()


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
