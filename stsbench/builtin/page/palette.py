"""Colours of charts. A chart is drawn with marker colours; a page takes them from its style sheet, a picture from here."""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from typing import Any, Final

STEPS: Final = 7
INK, SOFT, LINE, ACCENT, PAPER, FAINT = (f"#a0000{place}" for place in range(1, 7))
RAMP: Final = tuple(f"#b0000{place}" for place in range(STEPS))
ON_RAMP: Final = tuple(f"#c0000{place}" for place in range(STEPS))

VARIABLES: Final = {INK: "ink", SOFT: "soft", LINE: "line", ACCENT: "accent", PAPER: "paper", FAINT: "faint"}
VARIABLES.update({colour: f"ramp-{place}" for place, colour in enumerate(RAMP)})
VARIABLES.update({colour: f"on-ramp-{place}" for place, colour in enumerate(ON_RAMP)})

LIGHT: Final = {
    "ink": "#1d2326", "soft": "#5c676d", "line": "#e3e1da", "accent": "#0f6b6b", "paper": "#ffffff", "faint": "#f5f4f0",
    "ramp-0": "#eef4f1", "ramp-1": "#d3e6e0", "ramp-2": "#afd3ca", "ramp-3": "#82bab1", "ramp-4": "#529c96", "ramp-5": "#2a7b79",
    "ramp-6": "#0f5757",
    "on-ramp-0": "#24393a", "on-ramp-1": "#24393a", "on-ramp-2": "#1b3233", "on-ramp-3": "#122829", "on-ramp-4": "#0a1c1d",
    "on-ramp-5": "#ffffff", "on-ramp-6": "#ffffff",
}  # fmt: skip
DARK: Final = {
    "ink": "#e8e6e1", "soft": "#a0a9ac", "line": "#2f373b", "accent": "#5cc4b8", "paper": "#161a1d", "faint": "#1d2326",
    "ramp-0": "#1d282a", "ramp-1": "#1e3a3b", "ramp-2": "#1f4f4f", "ramp-3": "#235f5d", "ramp-4": "#2f7773", "ramp-5": "#5caba2",
    "ramp-6": "#93d5c8",
    "on-ramp-0": "#c5d3d1", "on-ramp-1": "#d0dedb", "on-ramp-2": "#dceae6", "on-ramp-3": "#f0f8f5", "on-ramp-4": "#ffffff",
    "on-ramp-5": "#0c1d1c", "on-ramp-6": "#0c1d1c",
}  # fmt: skip

_MARKER = re.compile(r"#[abc]0000\d")


def in_steps(colours: Sequence[str]) -> dict[str, Any]:
    """The colour of a mark by the step that its data state."""
    scale = {"domain": list(range(len(colours))), "range": list(colours)}
    return {"field": "step", "type": "ordinal", "legend": None, "scale": scale}


def style_sheet() -> str:
    """The variables of both schemes, light first."""
    light, dark = ("".join(f"--{name}:{colour};" for name, colour in scheme.items()) for scheme in (LIGHT, DARK))
    return f":root{{{light}}}@media screen and (prefers-color-scheme:dark){{:root{{{dark}}}}}"


def with_variables(svg: str) -> str:
    """`svg` with the style sheet's variables in place of marker colours."""
    return _MARKER.sub(lambda found: f"var(--{VARIABLES[found[0]]})", svg)


def with_colours(svg: str, scheme: Mapping[str, str] = LIGHT) -> str:
    """`svg` with the colours of a scheme in place of marker colours, for a file that stands alone."""
    return _MARKER.sub(lambda found: scheme[VARIABLES[found[0]]], svg)
