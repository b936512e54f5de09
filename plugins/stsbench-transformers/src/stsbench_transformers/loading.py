"""What surrounds the loading of a model by transformers: how it fails, what it writes to the terminal, what the model would keep."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from importlib import import_module
from typing import Any


@contextmanager
def quiet() -> Iterator[None]:
    """Transformers without progress bars and without messages below errors, as they were set before afterwards."""
    logging: Any = import_module("transformers.utils.logging")
    verbosity, bars = logging.get_verbosity(), logging.is_progress_bar_enabled()
    logging.set_verbosity_error()
    logging.disable_progress_bar()
    try:
        yield
    finally:
        logging.set_verbosity(verbosity)
        if bars:
            logging.enable_progress_bar()


def forget(model: Any) -> None:
    """Have every part of the model that a short text switches to full attention, for good, attend as configured again each time."""
    for part in model.modules():
        kind = getattr(getattr(part, "config", None), "attention_type", None)
        if kind is not None and hasattr(part, "set_attention_type") and hasattr(part, "embeddings"):
            part.register_forward_pre_hook(lambda module, _given, kind=kind: module.set_attention_type(kind))
