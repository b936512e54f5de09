"""Transformers of random weights with a tokenizer of the page."""

from __future__ import annotations

from pathlib import Path
from typing import Any

from .case import Case
from .families import FAMILIES


def save_base(case: Case, folder: Path) -> None:
    """Save a transformer of the case's family, every tensor of it random, with its tokenizer."""
    import transformers

    family = FAMILIES[case.family]
    tokenizer = family.tokenizer(**case.tokenizer)
    if case.added:
        tokenizer.add_tokens(list(case.added))
    if case.special:
        tokenizer.add_special_tokens({"extra_special_tokens": list(case.special)})
    ids = {f"{name}_token_id": getattr(tokenizer, f"{name}_token_id") for name in ("pad", "bos", "eos", "cls", "sep")}
    config = getattr(transformers, family.config)(**{"vocab_size": len(tokenizer), **family.sizes, **ids, **case.config})
    model = getattr(transformers, case.head or family.model)(config)
    randomise(model)
    model.save_pretrained(folder)
    tokenizer.save_pretrained(folder)


def randomise(model: Any) -> None:
    """Draw every tensor anew, biases, norms and the padding's embedding too: nothing is left that would hide a mistake."""
    import torch

    with torch.no_grad():
        for name, parameter in model.named_parameters():
            if parameter.ndim > 1:
                parameter.normal_(std=0.5 if "embed" in name or "wte" in name else parameter.shape[-1] ** -0.5)
            else:
                parameter.normal_(mean=float("bias" not in name), std=0.2)
