"""Audits as a figure: a Vega-Lite specification, as plain data."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from stsbench.audit.encoder import EncoderAudit

BLUE, GREY = "#2f5d8a", "#8a8f98"
WIDTH = 420


def figure(audits: Sequence[EncoderAudit]) -> dict[str, Any]:
    """For every audit three panels: stability under rescaling, Spearman over the families, and differences from plain cosine."""
    return {
        "config": {"font": "sans-serif", "axis": {"labelFontSize": 11, "titleFontSize": 11, "labelLimit": 320}, "view": {"stroke": None}},
        "vconcat": [_panels(one) for one in audits],
    }


def _panels(audit: EncoderAudit) -> dict[str, Any]:
    title = {"text": f"{audit.encoder} · {audit.view}", "subtitle": f"{audit.benchmark}, {audit.n:,} pairs", "anchor": "start"}
    return {"title": title, "vconcat": [panel for panel in (_stability(audit), _families(audit), _measures(audit)) if panel is not None]}


def _stability(audit: EncoderAudit) -> dict[str, Any] | None:
    if audit.fragility is None:
        return None
    values = [{"s": each.scale, "predicted": each.predicted, "simulated": each.simulated} for each in audit.fragility.stability]
    x = {"field": "s", "type": "quantitative", "title": "scale s of random factors exp(s z)"}

    def layer(name: str, mark: dict[str, Any]) -> dict[str, Any]:
        y = {"field": name, "type": "quantitative", "scale": {"zero": False}, "title": "correlation of cosines"}
        return {"mark": mark, "encoding": {"x": x, "y": y, "color": {"datum": name, "title": None}}}

    layers = [layer("predicted", {"type": "line"}), layer("simulated", {"type": "point", "filled": True, "size": 50})]
    return {"width": WIDTH, "height": 130, "data": {"values": values}, "layer": layers, "resolve": {"scale": {"color": "shared"}}}


def _families(audit: EncoderAudit) -> dict[str, Any]:
    values = [
        {"family": f"{family.name} ({family.standing})", "map": name, "spearman": 100 * value}
        for family in audit.families
        for name, value in family.points
    ]
    y = {"field": "family", "type": "nominal", "sort": None, "title": None}
    x = {"field": "spearman", "type": "quantitative", "scale": {"zero": False}, "title": "Spearman × 100 of cosine after rescaling"}
    layers: list[dict[str, Any]] = [
        {"mark": {"type": "tick", "color": BLUE, "opacity": 0.6}, "encoding": {"x": x, "y": y}},
    ]
    plain = audit.measures[0].spearman
    if plain is not None:
        layers.append({"mark": {"type": "rule", "color": GREY, "strokeDash": [4, 3]}, "encoding": {"x": {"datum": 100 * plain}}})
    return {"width": WIDTH, "height": {"step": 20}, "data": {"values": values}, "layer": layers}


def _measures(audit: EncoderAudit) -> dict[str, Any] | None:
    values = [
        {"measure": measure.name, "difference": 100 * measure.difference, "low": 100 * measure.low, "high": 100 * measure.high}
        for measure in audit.measures
        if measure.difference is not None and measure.low is not None and measure.high is not None
    ]
    if not values:
        return None
    y = {"field": "measure", "type": "nominal", "sort": None, "title": None}
    x = {"field": "low", "type": "quantitative", "title": "points of Spearman × 100 beyond plain cosine, 95 % interval"}
    layers = [
        {"mark": {"type": "rule", "color": GREY}, "encoding": {"x": x, "x2": {"field": "high"}, "y": y}},
        {"mark": {"type": "point", "filled": True, "color": BLUE, "size": 36},
         "encoding": {"x": {"field": "difference", "type": "quantitative"}, "y": y}},
        {"mark": {"type": "rule", "strokeDash": [4, 3], "color": GREY}, "encoding": {"x": {"datum": 0}}},
    ]  # fmt: skip
    return {"width": WIDTH, "height": {"step": 16}, "data": {"values": values}, "layer": layers}
