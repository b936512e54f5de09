"""Devices of torch by name. Imports torch."""

from __future__ import annotations

import torch

from stsbench.plugin import OptionError


def choose_device(device: str) -> torch.device:
    """The device of that name; `auto` is a GPU if torch sees one, else the CPU. Raises OptionError where it cannot be used."""
    if device == "auto":
        device = "cuda" if torch.cuda.is_available() else "mps" if torch.backends.mps.is_available() else "cpu"
    try:
        return torch.zeros(0, device=device).device
    except (RuntimeError, AssertionError, NotImplementedError) as error:
        raise OptionError(
            f"option 'device' is {device!r}, which torch cannot use here; give cpu, auto, or a device that it sees"
        ) from error
