"""The library that holds the weights: where its files are, a hash of them, and loading it without side effects."""

from __future__ import annotations

import logging
from collections.abc import Iterator
from contextlib import contextmanager
from functools import lru_cache
from importlib.util import find_spec
from pathlib import Path
from typing import Any

from stsbench.plugin import ModelError, digest

WEIGHTS = "weights/l2_supercat_256.safetensors"
TOKENIZER = "tokenizers/l2_supercat_tokenizer_config.json"


def package_folder() -> Path:
    """The folder of the installed package, found without importing it; raises ModelError where the package or its model is missing."""
    spec = find_spec("wordllama")
    roots = list(spec.submodule_search_locations or []) if spec else []
    if not roots:
        raise ModelError("the package wordllama is not installed; run pip install 'stsbench[wordllama]'")
    folder = Path(roots[0])
    for name in (WEIGHTS, TOKENIZER):
        if not (folder / name).is_file():
            raise ModelError(f"the installed package wordllama has no {name}; reinstall it with pip install --force-reinstall wordllama")
    return folder


def content_digest() -> str:
    """Hash (32 hex digits) of the weights and the tokenizer; a file is read once per process unless it changes."""
    files = [package_folder() / name for name in (WEIGHTS, TOKENIZER)]
    return _digest(tuple((file, file.stat().st_size, file.stat().st_mtime_ns) for file in files))


@lru_cache(maxsize=4)
def _digest(files: tuple[tuple[Path, int, int], ...]) -> str:
    return digest(file.read_bytes() for file, _, _ in files)


def load(truncate_dim: int | None = None) -> Any:
    """The library's model object; a tokenizer of its own, without padding."""
    with _root_logger_kept():
        from wordllama import WordLlama
    # cache_dir: the library looks for the tokenizer beside its weights' folder only if told so, and else on the network
    model = WordLlama.load(cache_dir=package_folder(), trunc_dim=truncate_dim, disable_download=True)
    model.tokenizer.no_padding()
    return model


@contextmanager
def _root_logger_kept() -> Iterator[None]:
    """The import of wordllama configures the root logger for the whole process; undo that."""
    root = logging.getLogger()
    level, handlers = root.level, list(root.handlers)
    try:
        yield
    finally:
        for handler in [handler for handler in root.handlers if handler not in handlers]:
            root.removeHandler(handler)
            handler.close()
        root.setLevel(level)
