"""mteb and what it calls, without progress bars and chatter."""

from __future__ import annotations

import logging
import warnings
from collections.abc import Iterator
from contextlib import ExitStack, contextmanager
from typing import Any


@contextmanager
def quiet(*, models: bool = False) -> Iterator[None]:
    """No warnings, no messages below errors and no progress bars of `datasets`, nor with `models` of transformers; as before afterwards."""
    import datasets

    with warnings.catch_warnings(), ExitStack() as stack:
        warnings.simplefilter("ignore")
        for name in ("mteb", "sentence_transformers", "transformers"):
            logger = logging.getLogger(name)
            stack.callback(logger.setLevel, logger.level)
            logger.setLevel(logging.ERROR)
        _without_bars(datasets.utils.logging, stack)
        if models:
            from transformers.utils import logging as of_transformers

            _without_bars(of_transformers, stack)
        yield


def _without_bars(bars: Any, stack: ExitStack) -> None:
    if bars.is_progress_bar_enabled():
        stack.callback(bars.enable_progress_bar)
        bars.disable_progress_bar()
