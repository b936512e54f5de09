from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

import pytest

from stsbench.testing import encoder_checks


@pytest.mark.parametrize("kind", ["plain", "vocabulary-int8"])
def test_conformance(kind: str, checkpoint: Callable[..., Path]) -> None:
    folder = checkpoint(kind)
    for check in encoder_checks(f"model2vec:{folder}", others=[f"model2vec:{folder},max_length=3", f"model2vec:{folder},truncate_dim=4"]):
        check()
