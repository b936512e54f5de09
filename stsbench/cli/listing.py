"""What is installed: `stsbench list` and `stsbench doctor`."""

from __future__ import annotations

import sys
from typing import Annotated, Literal, get_args

import typer

from stsbench.cli.printing.layout import print_rows, say
from stsbench.contracts.components.component import Kind
from stsbench.contracts.ref import Ref
from stsbench.contracts.wording import counted

from .line.guard import guarded, print_json
from .line.options import Executor, Json, Strict

Kinds = Literal["encoders", "transforms", "similarities", "benchmarks", "writers", "executors", "evaluators", "presets"]


@guarded
def list_(
    kinds: Annotated[
        Kinds | None,
        typer.Argument(
            metavar="[encoders|transforms|similarities|benchmarks|writers|executors|evaluators|presets]",
            help="What to list. Default: how many there are.",
        ),
    ] = None,
    json: Json = False,
    strict: Strict = False,
) -> None:
    """List the encoders, transforms, similarities, benchmarks (suites too), writers, executors, evaluators or presets there are."""
    from stsbench.api.catalogue import list_components, list_presets
    from stsbench.cli.printing.overview import NEXT, examples
    from stsbench.host.registry import Registry

    asked: dict[str, Kind] = {name: kind for name, kind in zip(get_args(Kinds), get_args(Kind), strict=False) if kinds in (None, name)}
    registry = Registry.installed()
    if strict:
        registry.require_sound(*asked.values())
    listed = {name: list_components(kind, registry) for name, kind in asked.items()}
    failures = registry.failures(*asked.values())
    if kinds == "presets":
        listed = {"presets": list_presets(registry)}
    if json:
        print_json({**listed, "failures": [str(failure) for failure in failures]})
    elif kinds == "presets":
        print_rows([(one["name"], *_in_short(one["stands_for"])) for one in listed[kinds]])
        say(
            "",
            "`stsbench show encoder NAME` prints the whole reference that one stands for, its revision, and where each option was found.",
        )
    elif kinds:
        print_rows([(one["name"], one["provider"], one["help"]) for one in listed[kinds]])
    else:
        print_rows(
            [(counted(len(components), asked[name], name), examples(asked[name], components)) for name, components in listed.items()]
        )
        say("", NEXT)
    for failure in failures:
        sys.stderr.write(f"warning: plugin {failure}\n")


def _in_short(reference: str) -> tuple[str, str]:
    """The encoder that a preset is run by, and its options but the model, which its name says, and the model's revision."""
    ref = Ref.parse(reference)
    return ref.name, ", ".join(f"{key}={raw}" for key, raw in ref.options if key != "revision")


@guarded
def doctor(executor: Executor = None, json: Json = False) -> None:
    """Report versions, devices, data sources and plugins that failed: what to look at first when something is off.

    With --executor, also what that has to start workers on, and whether it can be reached.
    """
    from stsbench.api.doctor import examine

    state = examine(executor)
    plural = dict(zip(get_args(Kind), get_args(Kinds), strict=False))
    if json:
        print_json(state)
        return
    for title, facts in state.items():
        sys.stdout.write(f"{title}\n")
        for name, value in facts.items():
            shown = (
                ", ".join(counted(number, kind, plural[kind]) for kind, number in value.items()) or "no components"
                if isinstance(value, dict)
                else value
            )
            sys.stdout.write(f"  {name}: {shown}\n")
