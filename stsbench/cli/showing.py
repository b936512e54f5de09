"""`stsbench show`."""

from __future__ import annotations

import sys
from pathlib import Path
from typing import Annotated

import typer

from stsbench.cli.guard import guarded, print_json
from stsbench.cli.options import Json
from stsbench.contracts.component import Kind
from stsbench.errors import UnknownName, UsageError
from stsbench.host.suggest import did_you_mean

KINDS: tuple[Kind, ...] = ("encoder", "transform", "similarity", "benchmark", "writer")


@guarded
def show(
    what: Annotated[str, typer.Argument(help="Name of a component, or its kind followed by its name; or the folder of a board.")],
    name: Annotated[str | None, typer.Argument(help="Name of the component.")] = None,
    json: Json = False,
    plot: Annotated[Path | None, typer.Option("--plot", metavar="FILE", help="Draw a chart of the board as .svg or .png.")] = None,
    chart: Annotated[
        str, typer.Option("--chart", help="Which chart: intervals, similarities, layers, costs, gold-BENCHMARK or groups-BENCHMARK.")
    ] = "intervals",
) -> None:
    """Show what a component does and which options it takes, or the table of a board's folder."""
    if plot is not None:
        from stsbench.api.charts import plot_board

        plot_board(Path(what), chart, plot)
        sys.stdout.write(f"{plot}\n")
    elif what in KINDS:
        if name is None:
            raise UsageError(f"name the {what} to show, as in `stsbench show {what} NAME`; `stsbench list` shows all names")
        _show_component(what, name, json)
    elif name is None and Path(what).is_dir():
        from stsbench.api.boards import board_of, load_spec
        from stsbench.cli.table import print_board

        board = board_of(Path(what), load_spec(Path(what)))
        print_json(board.model_dump(mode="json")) if json else print_board(board)
    elif name is None and (kinds := _kinds_of(what)):
        for kind in kinds:
            _show_component(kind, what, json)
    else:
        raise UsageError(
            f"{what!r} is no component, no folder with a board, and none of {', '.join(KINDS)}; {_advice(what)} "
            "(`stsbench list encoders` and so on show all names)"
        )


def _advice(name: str) -> str:
    from stsbench.host.registry import Registry

    registry = Registry.installed()
    return did_you_mean(name, [component.name for kind in KINDS for component, _ in registry.offers(kind)])


def _kinds_of(name: str) -> list[Kind]:
    from stsbench.host.registry import Registry

    registry = Registry.installed()
    found: list[Kind] = []
    for kind in KINDS:
        try:
            registry.find(kind, name)
        except UnknownName:
            continue
        found.append(kind)
    return found


def _show_component(kind: Kind, name: str, json: bool) -> None:
    from stsbench.api.catalogue import describe_component

    found = describe_component(kind, name)
    if json:
        print_json(found)
        return
    target = found["target"]
    head = found["name"] + (
        "" if target is None else f":{target['name'].upper()}" if target["required"] else f"[:{target['name'].upper()}]"
    )
    lines = [f"{kind} {head}   ({found['provider']})", "", found["help"], ""]
    if found["options"]:
        lines.append("options:")
    width = max((len(option["name"]) for option in found["options"]), default=0)
    for option in found["options"]:
        default = f"from {option['environment']}" if "environment" in option else f"default {option['default'] or 'empty'}"
        kind_note = "" if option["kind"] == "identity" else f" [{option['kind']}]"
        lines.append(f"  {option['name']:<{width}}  {option['takes']}; {default}{kind_note}")
    if found["reserved"]:
        lines.append(f"also, for every {kind} of this sort: {', '.join(found['reserved'])}")
    sys.stdout.write("\n".join(lines) + "\n")
