"""What a preset stands for, with the options that were given besides."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from stsbench.contracts.components.component import Component
from stsbench.contracts.models.preset import Preset
from stsbench.contracts.ref import Ref, unescape
from stsbench.errors import PluginError, UnknownName
from stsbench.host.bind import PROMPT_OPTIONS
from stsbench.host.calling import calling, describe
from stsbench.host.provider import Provider
from stsbench.host.suggest import did_you_mean


def presets_of(component: Component[Any], provider: Provider) -> Mapping[str, Preset]:
    """The presets of a component by name; raises PluginError where its plugin fails to say them."""
    if component.presets is None:
        return {}
    with calling(lambda error: PluginError(f"{provider} failed to list the presets of {component.name!r}: {describe(error)}")):
        return dict(component.presets())


def expand(component: Component[Any], provider: Provider, ref: Ref) -> Ref:
    """The reference that `ref`, a preset by name, stands for; an option that it gives replaces the preset's, and a prompt its prompts.

    Raises UnknownName, or PluginError where its plugin fails to say what it stands for.
    """
    known, name = presets_of(component, provider), unescape(ref.target or "")
    if name not in known:
        raise UnknownName(f"there is no {component.name} {name!r}: {did_you_mean(name, known)} (`stsbench list presets` shows all)")
    stands = Ref.parse(known[name].reference)
    given = dict(ref.options)
    kept = {key: raw for key, raw in stands.options if not (key in PROMPT_OPTIONS and given.keys() & set(PROMPT_OPTIONS))}
    return Ref(stands.name, stands.target, tuple({**kept, **given}.items()))
