"""Colours and specifications of charts, drawn with marker colours: a page takes others from its style sheet, a picture from here."""

from __future__ import annotations

import json
import re
from collections.abc import Mapping
from importlib.resources import files
from typing import Any, Final

STEPS: Final = 7  # of the ramp


def asset(name: str) -> str:
    """A style sheet, script or specification of pages."""
    return files("stsbench.builtin.page").joinpath(name).read_text(encoding="utf-8")


LIGHT, DARK = json.loads(asset("palette.json"))  # the colours of both schemes by their names
MARKERS: Final = {name: f"#a000{place:02}" for place, name in enumerate(LIGHT)}
VARIABLES: Final = {marker: name for name, marker in MARKERS.items()}
_MARKER: Final = re.compile(r"#a000\d\d")


def specification(name: str, **values: object) -> dict[str, Any]:
    """The Vega-Lite specification `charts/<name>.json`, with values and marker colours in the place of every "$name"."""
    known = {**MARKERS, "ramp": _in_steps("ramp"), "on-ramp": _in_steps("on-ramp"), **values}
    filled = re.sub(r'"\$([\w-]+)"', lambda found: json.dumps(known[found[1]]), asset(f"charts/{name}.json"))
    specified: dict[str, Any] = json.loads(filled)
    return specified


def _in_steps(ramp: str) -> dict[str, Any]:
    """The colour of a mark by the step that its data state."""
    colours = [MARKERS[f"{ramp}-{place}"] for place in range(STEPS)]
    return {"field": "step", "type": "ordinal", "legend": None, "scale": {"domain": list(range(STEPS)), "range": colours}}


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
