"""`stsbench show`."""

from __future__ import annotations

import sys
from collections.abc import Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any

import typer

from stsbench.cli.guard import guarded, print_json
from stsbench.cli.options import Json, path
from stsbench.contracts.wording import counted, visible
from stsbench.errors import RefError, UnknownName, UsageError
from stsbench.host.suggest import did_you_mean

if TYPE_CHECKING:
    from stsbench.contracts.component import Kind

KINDS: tuple[Kind, ...] = ("encoder", "transform", "similarity", "benchmark", "writer")


@guarded
def show(
    what: Annotated[
        str,
        typer.Argument(
            help="Name of a component, or its kind followed by its name; an encoder with its model, to see how that is run; or the folder of a board."
        ),
    ],
    name: Annotated[str | None, typer.Argument(help="Name of the component.")] = None,
    json: Json = False,
    plot: Annotated[
        Path | None, typer.Option("--plot", parser=path, metavar="FILE", help="Draw a chart of the board as .svg or .png.")
    ] = None,
    chart: Annotated[
        str, typer.Option("--chart", help="Which chart: intervals, similarities, layers, costs, gold-BENCHMARK or groups-BENCHMARK.")
    ] = "intervals",
) -> None:
    """Show what a component does and which options it takes, or the table of a board's folder."""
    if plot is not None:
        from stsbench.api.charts import plot_board
        from stsbench.evidence.folder import BoardFolder

        plot_board(BoardFolder(Path(what)), chart, plot)
        sys.stdout.write(f"{plot}\n")
    elif what in KINDS:
        if name is None:
            raise UsageError(f"name the {what} to show, as in `stsbench show {what} NAME`; `stsbench list` shows all names")
        _show_components([what], name, json)
    elif name is None and Path(what).is_dir():
        from stsbench.cli.table import print_board
        from stsbench.evidence.folder import BoardFolder

        board = BoardFolder(Path(what)).board()
        print_json(board.model_dump(mode="json")) if json else print_board(board)
    elif name is None and (kinds := _kinds_of(what)):
        _show_components(kinds, what, json)
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
    from stsbench.contracts.ref import Ref
    from stsbench.host.registry import Registry

    registry = Registry.installed()
    found: list[Kind] = []
    for kind in KINDS:
        try:
            registry.find(kind, Ref.parse(name).name)
        except (UnknownName, RefError):
            continue
        found.append(kind)
    return found


def prose(text: str) -> list[str]:
    """The lines of a docstring; on a terminal each paragraph is set anew for its width, so that no word is broken."""
    from stsbench.cli.layout import terminal_width, wrap

    if not sys.stdout.isatty():
        return text.split("\n")
    paragraphs = [" ".join(one.split()) for one in text.split("\n\n")]
    return [line for one in paragraphs for line in [*wrap(visible(one), terminal_width()), ""]][:-1]


def _show_components(kinds: Sequence[Kind], name: str, json: bool) -> None:
    """What the name stands for; as JSON one document, with `components` where it stands for several."""
    from stsbench.api.catalogue import describe_component

    found = [describe_component(kind, name) for kind in kinds]
    if json:
        print_json(found[0] if len(found) == 1 else {"components": found})
        return
    sys.stdout.write("\n".join("\n".join([*_lines(one), ""]) for one in found))


def _lines(found: dict[str, Any]) -> list[str]:
    kind, target = found["kind"], found["target"]
    head = found["name"] + (
        "" if target is None else f":{target['name'].upper()}" if target["required"] else f"[:{target['name'].upper()}]"
    )
    lines = [f"{kind} {head}   ({found['provider']})", "", *prose(found["help"]), ""]
    if found["options"]:
        lines.append("options:")
    width = max((len(option["name"]) for option in found["options"]), default=0)
    for option in found["options"]:
        default = f"from {option['environment']}" if "environment" in option else f"default {option['default'] or 'empty'}"
        kind_note = "" if option["kind"] == "identity" else f" [{option['kind']}]"
        lines.append(f"  {option['name']:<{width}}  {option['takes']}; {default}{kind_note}")
    if found["reserved"]:
        lines.append(f"also, for every {kind} of this sort: {', '.join(found['reserved'])}")
    lines += _declared(kind, found)
    lines += [f"views: {', '.join(found['views'])}"] if found.get("views") else []
    lines += decision_lines(found.get("decided", {}), found.get("runs_on"))
    if "protocol" in found:
        lines.append(f"protocol: {found['protocol']}" + _data(found))
    lines += [f"  {one['ref']}{_data(one)}" for one in found.get("members", ())]
    return lines


def decision_lines(decided: dict[str, str], runs_on: str | None) -> list[str]:
    """How a model is run, decided from its files."""
    lines = [f"runs on {visible(runs_on)}"] if runs_on else []
    told = "; ".join(f"{name.replace('_', ' ')} {visible(value)}" for name, value in decided.items() if name != "library")
    return [*lines, *([f"as its files say: {told}"] if told else [])]


def _declared(kind: str, found: dict[str, Any]) -> list[str]:
    """What it reads, gives and is fitted on."""
    fitted = {"none": [], "texts": ["fitted on the texts of fit="], "pairs": ["fitted on the scored pairs of fit="]}[
        found.get("fits", "none")
    ]
    if kind == "similarity":
        return ["; ".join([f"scores {found['needs']}", *([] if found["symmetric"] else ["it matters which text is left"]), *fitted])]
    gives = [f"gives {', '.join(found['gives'])}"] if found.get("gives") else []
    return ["; ".join(gives + fitted)] if gives or fitted else []


def _data(found: dict[str, Any]) -> str:
    """The splits that are taken unless others are named, and how many pairs they should hold, where that is known."""
    splits = f"; split{'s' * (len(found['splits']) > 1)}: {', '.join(found['splits'])}" if found.get("splits") else ""
    return splits + (f"; {counted(found['pairs'], 'pair')}" if found.get("pairs") else "") + ("; members:" if "members" in found else "")
