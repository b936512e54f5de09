"""Whether what the library loaded is what was decided from the files. Imports no torch itself: it is handed the model."""

from __future__ import annotations

from typing import Any

from stsbench_transformers.checkpoints.checkpoint import Checkpoint
from stsbench_transformers.checkpoints.decision import Decision

from stsbench.plugin import ModelError


def confirm(checkpoint: Checkpoint, decision: Decision, model: Any) -> None:
    """Raise ModelError where the loaded model pools, cuts or routes otherwise than decided: its numbers would bear a wrong identity."""
    loaded = [module.pooling_mode for module in model if type(module).__name__ == "Pooling"]
    pooling = tuple(name for one in loaded for name in ((one,) if isinstance(one, str) else one))
    running = {"pooling": "+".join(pooling), "dimensions": model.truncate_dim, "route": _route(model)}
    decided = {"pooling": "+".join(decision.pooling), "dimensions": decision.dimensions, "route": decision.route}
    if not decision.pooling:
        running["pooling"] = decided["pooling"]  # whatever the library chose
    if apart := [name for name, value in decided.items() if running[name] != value]:
        name = apart[0]
        raise ModelError(
            f"sentence-transformers runs model {checkpoint.label!r} with {name} {running[name] or 'none'}, where its files say "
            f"{decided[name] or 'none'}; this is a fault of stsbench, please report it"
        )
    require_padding(checkpoint, getattr(first_module(model), "tokenizer", None))


def require_padding(checkpoint: Checkpoint, tokenizer: Any) -> None:
    """Raise ModelError where texts of different length cannot go through the model together."""
    if getattr(tokenizer, "pad_token", "") is None:
        raise ModelError(
            f"the tokenizer of model {checkpoint.label!r} has no padding token; set its pad_token (its end-of-text token, for instance) "
            "and save it with the model"
        )


def first_module(model: Any) -> Any:
    """The module that reads texts: of a router, the first on the route that it sends a text along."""
    first = model[0]
    return first.sub_modules[_route(model)][0] if hasattr(first, "sub_modules") else first


def _route(model: Any) -> str | None:
    first = model[0]
    if not hasattr(first, "sub_modules"):
        return None
    route: str = first._resolve_route(modality="text")
    return route


def writes_chats(model: Any) -> bool:
    """Whether the model writes texts into a chat template before it tokenises them."""
    return "message" in getattr(first_module(model), "modality_config", {})
