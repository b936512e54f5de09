"""`stsbench show`."""

from __future__ import annotations

import sys
from collections.abc import Sequence
from contextlib import suppress
from pathlib import Path
from typing import Annotated, Any, get_args

import typer

from stsbench.cli.printing.layout import say, terminal_width, wrap
from stsbench.contracts.components.component import Kind
from stsbench.contracts.ref import Ref
from stsbench.contracts.wording import counted, visible
from stsbench.errors import RefError, UnknownName, UsageError
from stsbench.host.suggest import did_you_mean

from .line.guard import guarded, print_json
from .line.opening import board_folder
from .line.options import Json, option, path_option, switch

KINDS: tuple[Kind, ...] = get_args(Kind)


@guarded
def show(
    what: Annotated[
        str,
        typer.Argument(
            metavar="WHAT",
            help="Name of a component, or its kind followed by its name; an encoder with its model, to see how that is run; "
            "or the folder of a board.",
        ),
    ],
    name: Annotated[str | None, typer.Argument(metavar="NAME", help="Name of the component.")] = None,
    json: Json = False,
    plot: Annotated[Path | None, path_option("Draw a chart of the board as .svg or .png.", "--plot", metavar="FILE")] = None,
    chart: Annotated[
        str,
        option(
            "Which chart: intervals, similarities, layers, cost-size, cost-speed, gold-BENCHMARK or groups-BENCHMARK.", "NAME", "--chart"
        ),
    ] = "intervals",
    dark: Annotated[bool, switch("Draw the chart for a dark page.", "--dark")] = False,
    every: Annotated[bool, switch("Show a board's variants of models, and all that others published.", "--all")] = False,
) -> None:
    """Show what a component does and which options it takes, or the table of a board's folder."""
    if plot is not None:
        from stsbench.api.charts import plot_board

        plot_board(board_folder(Path(what)), chart, plot, dark=dark)
        sys.stdout.write(f"{plot}\n")
    elif what in KINDS:
        if name is None:
            raise UsageError(f"name the {what} to show, as in `stsbench show {what} NAME`; `stsbench list` shows all names")
        _show_components([what], name, json)
    elif name is None and Path(what).is_dir():
        from stsbench.cli.printing.table import print_board

        board = board_folder(Path(what)).board()
        print_json(board.model_dump(mode="json")) if json else print_board(board, full=every)
    else:
        if name is not None:
            raise UsageError(f"{what!r} is none of {', '.join(KINDS)}; show one component at a time, as in `stsbench show {what}`")
        _show_components(_kinds_of(what), what, json)


def _kinds_of(what: str) -> list[Kind]:
    """The kinds of components that are called so; raises UsageError for none."""
    from stsbench.host.registry import Registry

    registry = Registry.installed()
    kinds: list[Kind] = []
    for kind in KINDS:
        with suppress(UnknownName, RefError):
            registry.find(kind, Ref.parse(what).name)
            kinds.append(kind)
    if not kinds:
        names = [component.name for kind in KINDS for component, _ in registry.offers(kind)]
        raise UsageError(
            f"{what!r} is no component, no folder with a board, and none of {', '.join(KINDS)}; {did_you_mean(what, names)} "
            "(`stsbench list encoders` and so on show all names)"
        )
    return kinds


def prose(text: str) -> list[str]:
    """The lines of a docstring; on a terminal each paragraph is set anew for its width, so that no word is broken."""
    if not sys.stdout.isatty():
        return text.split("\n")
    paragraphs = [" ".join(paragraph.split()) for paragraph in text.split("\n\n")]
    return [line for paragraph in paragraphs for line in [*wrap(visible(paragraph), terminal_width()), ""]][:-1]


def _show_components(kinds: Sequence[Kind], name: str, json: bool) -> None:
    """What the name stands for; as JSON one document, with `components` where it stands for several."""
    from stsbench.api.catalogue import describe_component

    components = [describe_component(kind, name) for kind in kinds]
    if json:
        print_json(components[0] if len(components) == 1 else {"components": components})
        return
    for number, component in enumerate(components):
        say(*[""] * (number > 0), *_lines(component))


def _lines(shown: dict[str, Any]) -> list[str]:
    kind, target = shown["kind"], shown["target"]
    colon = "" if target is None else f":{target['name'].upper()}"
    head = shown["name"] + (colon if target is None or target["required"] else f"[{colon}]")
    lines = [f"{kind} {head}   ({shown['provider']})", "", *prose(shown["help"]), ""]
    if shown["options"]:
        lines.append("options:")
    width = max((len(each["name"]) for each in shown["options"]), default=0)
    for each in shown["options"]:
        given = "needed" if each["default"] is None else f"default {each['default'] or 'empty'}"
        default = f"from {each['environment']}" if "environment" in each else given
        kind_note = "" if each["kind"] == "identity" else f" [{each['kind']}]"
        lines.append(f"  {each['name']:<{width}}  {each['takes']}; {default}{kind_note}")
    if shown["reserved"]:
        lines.append(f"also, for every {kind} of this sort: {', '.join(shown['reserved'])}")
    lines += _declared(kind, shown)
    hosts = " and ".join(f"--allow-network {host}" for host in shown.get("hosts", ())) or "--allow-network names the host"
    lines += [f"sends texts off the machine: it runs where {hosts}"] if shown.get("network") else []
    lines += [f"stands for {shown['stands_for']}"] if shown.get("stands_for") else []
    lines += [f"  {name}: {visible(source)}" for name, source in shown.get("sources", {}).items()]
    lines += [f"views: {', '.join(shown['views'])}"] if shown.get("views") else []
    lines += decision_lines(shown.get("decided", {}), shown.get("runs_on"))
    if "protocol" in shown:
        lines.append(f"protocol: {shown['protocol']}" + _data(shown))
    lines += [f"  {one['ref']}{_data(one)}" for one in shown.get("members", ())]
    return lines


def decision_lines(decided: dict[str, str], runs_on: str | None) -> list[str]:
    """How a model is run, decided from its files."""
    lines = [f"runs on {visible(runs_on)}"] if runs_on else []
    said = "; ".join(f"{name.replace('_', ' ')} {visible(value)}" for name, value in decided.items() if name != "library")
    return [*lines, *([f"as its files say: {said}"] if said else [])]


def _declared(kind: str, shown: dict[str, Any]) -> list[str]:
    fitted = {"none": [], "texts": ["fitted on the texts of fit="], "pairs": ["fitted on the scored pairs of fit="]}[
        shown.get("fits", "none")
    ]
    if kind == "similarity":
        return ["; ".join([f"scores {shown['needs']}", *([] if shown["symmetric"] else ["it matters which text is left"]), *fitted])]
    gives = [f"gives {', '.join(shown['gives'])}"] if shown.get("gives") else []
    return ["; ".join(gives + fitted)] if gives or fitted else []


def _data(shown: dict[str, Any]) -> str:
    """The splits that are taken unless others are named, and how many pairs they should hold, where that is known."""
    splits = f"; split{'s' * (len(shown['splits']) > 1)}: {', '.join(shown['splits'])}" if shown.get("splits") else ""
    return splits + (f"; {counted(shown['pairs'], 'pair')}" if shown.get("pairs") else "") + ("; members:" if "members" in shown else "")
