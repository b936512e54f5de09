"""What transformers says of the weights while sentence-transformers loads them."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

from transformers import PreTrainedModel


@contextmanager
def missing_tensors(*, heads: bool = False) -> Iterator[set[str]]:
    """The names of tensors that the model has and its weights lack, gathered from every transformer loaded in this context.

    transformers fills such tensors at random and says so in its log and in the report that `output_loading_info` returns;
    sentence-transformers passes neither on, so the report is asked for on its way. Poolers are left out, which no module reads, unless
    there are `heads` that do.
    """
    original = PreTrainedModel.__dict__["from_pretrained"]
    missing: set[str] = set()

    def from_pretrained(cls: Any, *args: Any, **kwargs: Any) -> Any:
        model, report = original.__func__(cls, *args, **{**kwargs, "output_loading_info": True})
        missing.update(name for name in report["missing_keys"] if heads or "pooler." not in name)
        return (model, report) if kwargs.get("output_loading_info") else model

    PreTrainedModel.from_pretrained = classmethod(from_pretrained)  # type: ignore[method-assign,assignment]
    try:
        yield missing
    finally:
        PreTrainedModel.from_pretrained = original  # type: ignore[method-assign]
