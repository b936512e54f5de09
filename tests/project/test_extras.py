"""What the core knows of its plugins: which extra brings a name that nothing installed offers."""

from __future__ import annotations

import tomllib
from pathlib import Path

from stsbench.host.registry import Registry
from stsbench.host.suggest import DISTRIBUTIONS, install_hint

ROOT = Path(__file__).parents[2]


def test_every_encoder_similarity_and_benchmark_of_a_plugin_has_its_extra() -> None:
    extras = tomllib.loads((ROOT / "pyproject.toml").read_text())["project"]["optional-dependencies"]
    extra_of = {names[0].partition(">")[0]: extra for extra, names in extras.items() if extra != "all"}
    registry = Registry.installed()
    offered = {
        (kind, component.name): f"stsbench[{extra_of[provider.distribution]}]"
        for kind in ("encoder", "similarity", "benchmark", "executor", "evaluator")
        for component, provider in registry.offers(kind)
        if provider.distribution in extra_of
    }
    offered["encoder", "preset"] = "stsbench[st]"  # of stsbench-transformers; most of its models are run as sentence-transformers
    assert offered == DISTRIBUTIONS
    assert install_hint("encoder", "token-jaccard") == "pip install 'stsbench[lexical]'", "a pair scorer takes an encoder's place"
