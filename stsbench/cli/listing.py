"""What is installed: `stsbench list` and `stsbench doctor`."""

from __future__ import annotations

import sys
from typing import Annotated, Literal, get_args

import typer

from stsbench.cli.guard import guarded, print_json
from stsbench.cli.options import Json, Strict

Kinds = Literal["encoders", "transforms", "similarities", "benchmarks", "writers"]


@guarded
def list_(
    kinds: Annotated[Kinds, typer.Argument(metavar="encoders|transforms|similarities|benchmarks|writers", help="What to list.")],
    json: Json = False,
    strict: Strict = False,
) -> None:
    """List the encoders, transforms, similarities, benchmarks (suites too) or writers that are installed."""
    from stsbench.api.catalogue import list_components
    from stsbench.cli.layout import print_rows
    from stsbench.contracts.component import Kind
    from stsbench.host.registry import Registry

    kind: Kind = get_args(Kind)[get_args(Kinds).index(kinds)]
    registry = Registry.installed()
    if strict:
        registry.require_sound(kind)
    components = list_components(kind, registry)
    failures = registry.failures(kind)
    if json:
        print_json({kinds: components, "failures": [str(failure) for failure in failures]})
    else:
        print_rows([(one["name"], one["provider"], one["help"]) for one in components])
    for failure in failures:
        sys.stderr.write(f"warning: plugin {failure}\n")


@guarded
def doctor(json: Json = False) -> None:
    """Report versions, devices, data sources and plugins that failed: what to look at first when something is off."""
    from stsbench.api.doctor import examine

    state = examine()
    if json:
        print_json(state)
        return
    for title, facts in state.items():
        sys.stdout.write(f"{title}\n")
        for name, value in facts.items():
            shown = ", ".join(f"{number} {kind}" for kind, number in value.items()) if isinstance(value, dict) else value
            sys.stdout.write(f"  {name}: {shown}\n")
