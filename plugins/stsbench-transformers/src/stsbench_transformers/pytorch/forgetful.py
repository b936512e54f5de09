"""Models that remember: what one text made them do, they would do to the next. Imports no torch itself: it is handed the model."""

from __future__ import annotations

from typing import Any


def forget(model: Any) -> None:
    """Have every part of the model that a short text switches to full attention, for good, attend as configured again each time."""
    for part in model.modules():
        kind = getattr(getattr(part, "config", None), "attention_type", None)
        if kind is not None and hasattr(part, "set_attention_type") and hasattr(part, "embeddings"):
            part.register_forward_pre_hook(lambda module, _given, kind=kind: module.set_attention_type(kind))
