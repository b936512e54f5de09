"""Binding a reference's raw options and target to a component's parameters."""

from __future__ import annotations

import os
from collections.abc import Mapping
from typing import Any

from stsbench.contracts.components.component import Component, Kind
from stsbench.contracts.components.options import Location, Option, OptionKind, SecretText, UnsetSecret
from stsbench.contracts.items import is_unicode
from stsbench.contracts.reading import read_text, user_path
from stsbench.contracts.ref import Ref, escape, unescape
from stsbench.errors import OptionError
from stsbench.host.locate import locate
from stsbench.host.suggest import did_you_mean

PROMPT_OPTIONS = ("prompt", "prompt_left", "prompt_right", "prompt_name")
TRAINED_ON = "trained_on"  # benchmarks whose pairs and gold scores a model was trained on, joined by +; it changes flags, not numbers


def reserved_options(kind: Kind, component: Component[Any]) -> tuple[str, ...]:
    """Options that the core answers itself, for every component of the kind."""
    if kind == "encoder":
        return (*PROMPT_OPTIONS, TRAINED_ON)
    if kind not in ("similarity", "transform"):
        return ()
    fits = {"none": (), "texts": ("fit",), "pairs": ("fit", "leak")}[component.fits]
    return (*fits, TRAINED_ON) if kind == "similarity" and component.needs == "texts" else fits


def bind_options(kind: Kind, component: Component[Any], ref: Ref, execution: Mapping[str, object]) -> tuple[dict[str, Any], dict[str, str]]:
    """Typed values of all options, and raw reserved ones; `execution` gives defaults for execution options of those names.

    Raises OptionError. The value of a secret is never repeated.
    """
    reserved = reserved_options(kind, component)
    values: dict[str, Any] = {option.name: _default(component, option, execution) for option in component.options}
    kept: dict[str, str] = {}
    for key, raw in ref.options:
        option = component.option(key)
        if option is not None and option.kind is OptionKind.SECRET:
            raise OptionError(
                f"option {key!r} of {component.name} is a secret and must not stand in a reference; "
                f"set {secret_variable(component, option)} instead"
            )
        if option is None and key not in reserved:
            names = [*(other.name for other in component.options if other.kind is not OptionKind.SECRET), *reserved]
            raise OptionError(f"{kind} {component.name!r} has no option {key!r}; {did_you_mean(key, names, all_below=len(names) + 1)}")
        raw = _from_file(component, key, raw)
        if not is_unicode(unescape(raw)):
            raise OptionError(f"option {key!r} of {component.name} holds bytes that are no text; write it as UTF-8")
        if option is None:
            kept[key] = escape(unescape(raw)) if key in PROMPT_OPTIONS else raw
            continue
        try:
            values[key] = option.parse(raw)
        except OptionError as error:
            raise OptionError(f"{kind} {component.name!r}: {error}") from error
    if lacking := [option.name for option in component.options if option.required and not values[option.name]]:
        example = ",".join([component.name, *(f"{name}=BENCHMARK" for name in lacking)])
        raise OptionError(f"{kind} {component.name!r} needs {' and '.join(lacking)}; write {example}")
    prompts = kept.keys() & set(PROMPT_OPTIONS)
    if len(prompts) > 1 and prompts & {"prompt", "prompt_name"}:
        raise OptionError(f"encoder {component.name!r} takes one of prompt, prompt_left with prompt_right, or prompt_name")
    if kept.get("leak", "false") not in ("true", "false"):
        raise OptionError(f"{kind} {component.name!r}: option 'leak' takes true or false, not {kept['leak']!r}")
    usual = {("leak", "false"), *([("fit", "self")] if component.fits == "texts" else [])}  # which goes without saying
    return values, {key: raw for key, raw in kept.items() if (key, raw) not in usual}


def _default(component: Component[Any], option: Option, execution: Mapping[str, object]) -> Any:
    if option.kind is OptionKind.SECRET:
        variable = secret_variable(component, option)
        value = os.environ.get(variable) or option.default
        return value if value is None else SecretText(value) if value else UnsetSecret(variable)
    if option.kind is OptionKind.EXECUTION and execution.get(option.name) is not None:
        return execution[option.name]
    return option.default


def secret_variable(component: Component[Any], option: Option) -> str:
    """The environment variable that holds a secret option."""
    return f"STSBENCH_{component.name}_{option.name}".upper().replace("-", "_").replace(".", "_")


def _from_file(component: Component[Any], key: str, raw: str) -> str:
    if not raw.startswith("@"):
        return raw
    path = user_path(unescape(raw[1:]), f"the file that option {key!r} of {component.name} names")
    try:
        return escape(read_text(path).rstrip("\r\n"))
    except (OSError, UnicodeDecodeError) as error:
        raise OptionError(
            f"option {key!r} of {component.name} names the file {path}, which cannot be read as text; "
            "write a leading @ that is meant as %40"
        ) from error


def bind_target(kind: Kind, component: Component[Any], ref: Ref) -> tuple[Location | str | None, str | None]:
    """The target as the component takes it, and its canonical text."""
    target = component.target
    if target is None:
        if ref.target is not None:
            raise OptionError(f"{kind} {component.name!r} takes nothing after a colon; write {component.name} alone")
        return None, None
    if ref.target is None:
        if target.required:
            raise OptionError(f"{kind} {component.name!r} needs a {target.name}; write {component.name}:{target.name.upper()}")
        return None, None
    if target.located:
        return locate(ref.target, file=target.file)
    text = unescape(ref.target)
    return text, escape(text)
