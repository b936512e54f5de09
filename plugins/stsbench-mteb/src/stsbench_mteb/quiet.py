"""mteb and what it calls, without progress bars and chatter, and without half a minute of tries where there is no network."""

from __future__ import annotations

import logging
import warnings
from collections.abc import Iterator
from contextlib import ExitStack, contextmanager
from typing import Any

from stsbench.plugin import takes_no_connection


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


@contextmanager
def without_vain_tries() -> Iterator[None]:
    """Where the hub takes no connection, its clients give what they have kept, or fail at once, as in offline mode.

    They would try each file for half a minute. A hub that is slow, or answers with an error, is left to their tries.
    """
    import datasets
    from huggingface_hub import constants, get_session

    clients: tuple[Any, ...] = ()
    if not constants.HF_HUB_OFFLINE:
        try:
            get_session().head(constants.ENDPOINT, timeout=20.0)
        except Exception as error:  # noqa: BLE001 - of whichever HTTP library the client is built on
            if takes_no_connection(error):
                clients = constants, datasets.config
    with ExitStack() as stack:
        for client in clients:
            stack.callback(setattr, client, "HF_HUB_OFFLINE", client.HF_HUB_OFFLINE)
            client.HF_HUB_OFFLINE = True
        yield
