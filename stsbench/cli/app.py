"""The `stsbench` application: its commands, and the options that stand before a command."""

from __future__ import annotations

import sys
from collections.abc import Iterator
from pathlib import Path
from typing import Annotated, Any

import typer

from stsbench import __version__
from stsbench.cli import (
    audit_benchmark,
    audit_systems,
    cache,
    choosing,
    comparing,
    deciding,
    exporting,
    leaderboard,
    listing,
    matrix,
    planning,
    plugins,
    running,
    scoring,
    showing,
)
from stsbench.cli.printing.logs import debug as debugging
from stsbench.cli.printing.logs import show_log
from stsbench.errors import StsbenchError

from .line.config import as_given, load_defaults
from .line.options import Verbose, path_option, switch

app = typer.Typer(
    name="stsbench",
    help="Measure which way of scoring sentence similarity agrees best with people: encoders x similarities x benchmarks, on one encode.",
    epilog="Try: stsbench run",
    invoke_without_command=True,
    pretty_exceptions_enable=False,
    rich_markup_mode=None,  # boxes would take longer to import than the help to print
    context_settings={"help_option_names": ["-h", "--help"]},
)
app.command("run", short_help="Score encoders x similarities on benchmarks.")(running.run)
app.command("plan", short_help="Say what a run would do, without loading a model.")(planning.plan)
app.command("list", short_help="List encoders, similarities, benchmarks and the rest.")(listing.list_)
app.command("show", short_help="Show a component and its options, or a board.")(showing.show)
app.command("compare", short_help="Say which systems are better, by how much, how surely.")(comparing.compare)
app.command("report", short_help="Write a page for a decision from kept results.")(deciding.report)
app.command("score", short_help="Print every system's scores of pairs without gold.")(scoring.score)
app.command("pairs", short_help="Draw pairs to rate from texts alone.")(scoring.pairs)
app.command("decide", short_help="Choose a threshold for duplicates, and calibrate scores.")(deciding.decide)
app.command("matrix", short_help="Print the similarity of every text with every other.")(matrix.matrix)
app.add_typer(choosing.app, name="choose", short_help="Choose a model for your own data by few labels.")
app.add_typer(leaderboard.app, name="leaderboard", short_help="Build, check, verify and compare boards.")
app.command("export", short_help="Write a board in a form that papers and programs read.")(exporting.export)
app.command("encode", short_help="Write the vectors of a benchmark's pairs as Arrow.")(exporting.encode)
app.command("upload", short_help="Offer the files of a folder to a repository of the hub.")(exporting.upload)
app.add_typer(exporting.results, name="results")
app.add_typer(audit := typer.Typer(help="Ask what an encoder or a benchmark can be trusted with.", no_args_is_help=True), name="audit")
audit.command("encoder", short_help="Say what cosine of an encoder can be trusted with.")(audit_systems.encoder)
audit.command("benchmark", short_help="Say what the data of a benchmark are worth.")(audit_benchmark.benchmark)
audit.command("metrics", short_help="Measure systems by what Spearman does not say.")(audit_systems.metrics)
app.add_typer(cache.app, name="cache")
app.command("doctor", short_help="Report versions, devices, data sources and plugins.")(listing.doctor)
app.add_typer(plugins.app, name="plugins", short_help="List the installed plugins, or check one.")


def _version(value: bool) -> None:
    if value:
        sys.stdout.write(f"stsbench {__version__}\n")
        raise typer.Exit


def _defaults(context: typer.Context, config: Path | None) -> dict[str, Any]:
    """The configuration file's values of those options that a command has, as its command line would give them, by group and command.

    Several values are wrong for a command that takes one only if it is that which is run: the file may mean another.
    """
    options = {name: {_key(one): one for one in command.params if _key(one)} for name, command in _commands(context.command)}
    repeated = {name for of in options.values() for name, option in of.items() if _several(option)}
    defaults: dict[str, Any] = {}
    for command, values in load_defaults(config, {command: set(of) for command, of in options.items()}).items():
        place = defaults
        for name in command.split("."):
            place = place.setdefault(name, {})
        place |= {
            str(option.name): as_given(
                name,
                values[name],
                switch=bool(getattr(option, "is_flag", False)),
                several=_several(option) if command.partition(".")[0] == context.invoked_subcommand else name in repeated,
            )
            for name, option in options[command].items()
            if name in values
        }
    return defaults


def _commands(group: Any, above: str = "") -> Iterator[tuple[str, Any]]:
    """Every command and group by its name, what is of a group as `group.command`."""
    for name, command in getattr(group, "commands", {}).items():
        yield above + name, command
        yield from _commands(command, f"{above}{name}.")


def _key(parameter: Any) -> str:
    """What the file calls an option, its long form; empty for arguments, and for what only a command line may say."""
    long = str(parameter.opts[0])
    return long.removeprefix("--").replace("-", "_") if long.startswith("--") and parameter.allow_from_autoenv else ""


def _several(parameter: Any) -> bool:
    return bool(getattr(parameter, "multiple", False)) or parameter.nargs != 1


@app.callback()
def configure(
    context: typer.Context,
    config: Annotated[
        Path | None,
        path_option(
            "TOML file of defaults; else stsbench.toml, or tool.stsbench in pyproject.toml, of this folder.", envvar="STSBENCH_CONFIG"
        ),
    ] = None,
    debug: Annotated[bool, switch("Show tracebacks.", "--debug", envvar="STSBENCH_DEBUG")] = False,
    verbose: Verbose = False,
    version: Annotated[bool, switch("Print the version and exit.", "--version", callback=_version, is_eager=True)] = False,
) -> None:
    """Set defaults for all commands; without one, say what there is."""
    del version
    if context.invoked_subcommand is None:
        sys.stdout.write(listing.START)
        return
    debugging.set(debug)
    try:
        show_log(verbose=verbose)
        context.default_map = _defaults(context, config)
    except StsbenchError as error:
        sys.stderr.write(f"error: {error}\n")
        raise typer.Exit(error.exit_code) from error
