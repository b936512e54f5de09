"""What this distribution offers keeps the contract, by the kit that plugin authors run."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

import pytest

from stsbench.testing import encoder_checks, plugin_checks


@pytest.mark.parametrize("kind", ["vit", "resnet"])
def test_models(kind: str, saved: Callable[[str], Path]) -> None:
    folder = saved(kind)
    others = [f"vision:{folder.parent / 'dino'}"] if saved("dino") else []
    for check in encoder_checks(f"vision:{folder},pooling=mean+pooler,layers=1+-1", others=others):
        check()


def test_floors() -> None:
    for check in encoder_checks("thumbnail", others=["thumbnail,side=8", "thumbnail,ink=true", "colour-mean"]):
        check()


def test_all_that_is_offered(saved: Callable[[str], Path]) -> None:
    for check in plugin_checks("stsbench-vision", refs=[f"vision:{saved('dino')}"]):
        check()
