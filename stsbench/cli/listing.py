"""`stsbench list`."""

from __future__ import annotations

import sys
from enum import StrEnum
from typing import Annotated

import typer

from stsbench.cli.guard import guarded, print_json
from stsbench.cli.options import Json, Strict


class Kinds(StrEnum):
    """What can be listed."""

    encoders = "encoders"
    transforms = "transforms"
    similarities = "similarities"
    benchmarks = "benchmarks"
    writers = "writers"


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

    names: dict[Kinds, Kind] = {
        Kinds.encoders: "encoder",
        Kinds.transforms: "transform",
        Kinds.similarities: "similarity",
        Kinds.benchmarks: "benchmark",
        Kinds.writers: "writer",
    }
    registry = Registry.installed()
    if strict:
        registry.require_sound(names[kinds])
    components = list_components(names[kinds], registry)
    failures = registry.failures(names[kinds])
    if json:
        print_json({kinds.value: components, "failures": [str(failure) for failure in failures]})
    else:
        print_rows([(one["name"], one["provider"], one["help"]) for one in components])
    for failure in failures:
        sys.stderr.write(f"warning: plugin {failure}\n")
