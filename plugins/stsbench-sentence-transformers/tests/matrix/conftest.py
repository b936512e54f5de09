"""What the checkpoints of the matrix share."""

from __future__ import annotations

import os
from collections.abc import Iterator

import pytest


@pytest.fixture(scope="session")
def cache(tmp_path_factory: pytest.TempPathFactory) -> str:
    """Where converted models are kept, for the tests of every process: what one converts is there for all."""
    folder = tmp_path_factory.getbasetemp()
    return str((folder.parent if "PYTEST_XDIST_WORKER" in os.environ else folder) / "converted-matrix")


@pytest.fixture(autouse=True)
def one_thread() -> Iterator[None]:
    """Torch with one thread: two that share a tiny product wait for each other."""
    import torch

    before = torch.get_num_threads()
    torch.set_num_threads(1)
    yield
    torch.set_num_threads(before)
