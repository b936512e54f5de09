"""`stsbench plugins` and `stsbench plugins check`."""

from __future__ import annotations

import sys
from dataclasses import asdict
from typing import Annotated

import typer

from stsbench.cli.printing.layout import say
from stsbench.contracts.defaults import PADDED
from stsbench.contracts.wording import counted

from .line.guard import guarded, print_json
from .line.options import Json, Strict, option

app = typer.Typer(help="List the installed plugins, what each offers, and which failed and why; or check one against the contract.")


@app.callback(invoke_without_command=True)
@guarded
def plugins(context: typer.Context, json: Json = False, strict: Strict = False) -> None:
    """List the installed plugins, what each offers, and which failed and why; or check one against the contract."""
    if context.invoked_subcommand is not None:
        return
    from stsbench.api.catalogue import list_plugins

    installed, failures = list_plugins()
    if json:
        print_json({"plugins": installed, "failures": failures})
    else:
        for plugin in installed:
            say(f"{plugin['distribution']} {plugin['version']}{' (editable)' if plugin['editable'] else ''}")
            for kind, names in plugin["offers"].items():
                if names:
                    shown = ", ".join(names) if len(names) <= 12 else f"{len(names)} of them"
                    say(f"  {kind}: {shown}")
            if plugin["observes"]:
                say("  observes runs")
        for failure in failures:
            say(f"FAILED {failure['provider']}, while {failure['stage']}: {failure['error']}")
    if failures and strict:
        raise typer.Exit(3)


@app.command("check", short_help="Check an installed plugin against the contract.")
@guarded
def check(
    name: Annotated[str, typer.Argument(metavar="NAME", help="A plugin, by the name of its distribution or entry point.")],
    refs: Annotated[
        list[str] | None, option("Check this reference to one of its components in place of the bare name; repeat.", "REF", "--with")
    ] = None,
    tolerance: Annotated[
        float, option("Difference, as a share of the largest value, that padding may make.", "SHARE", min=0, max=1)
    ] = PADDED,
    without: Annotated[list[str] | None, option("Leave this rule out; repeat for several.", "RULE")] = None,
    json: Json = False,
) -> None:
    """Check all that an installed plugin offers, rule by rule, in a process of its own; exit 1 where a rule does not hold.

    Encoders and similarities are given made-up texts and vectors, benchmarks are loaded, writers render made-up boards, and observers
    are told of a made-up run. What needs a target, or sends texts off the machine, is checked where `--with` names it; a plugin of
    which nothing else is checked fails.
    """
    from stsbench.api.checking import check_plugin

    results, previous = [], ("", "", "")
    for result in check_plugin(name, refs=refs or (), tolerance=tolerance, without=without or ()):
        results.append(result)
        if not json:
            again = result.observed is not None and (result.ref, result.observed, result.remedy) == previous
            previous = result.ref, result.observed or "", result.remedy
            outcome = "FAILED" if result.observed is not None else "ok" if result.unchecked is None else "left"
            sys.stdout.write(f"{outcome:<7} {result.ref}: {result.rule}{' (as above)' if again else ''}\n")
            if result.unchecked is not None:
                say(f"        not checked: {result.unchecked}")
            if result.observed is not None and not again:
                say(f"        did    {result.observed}", f"        to do  {result.remedy}")
            sys.stdout.flush()
    failed = sum(result.observed is not None for result in results)
    left = [result.unchecked for result in results if result.unchecked is not None]
    if json:
        print_json({"plugin": name, "failed": failed, "checks": [asdict(result) for result in results]})
    else:
        also = "".join(f"; not checked: {one}" for one in left)
        say(f"{name}: {len(results) - failed - len(left)} of {counted(len(results), 'rule')} hold{also}")
    if failed:
        raise typer.Exit(1)
