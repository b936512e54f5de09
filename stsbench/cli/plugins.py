"""`stsbench plugins`."""

from __future__ import annotations

import sys

import typer

from stsbench.cli.guard import guarded, print_json
from stsbench.cli.options import Json, Strict


@guarded
def plugins(json: Json = False, strict: Strict = False) -> None:
    """List the installed plugins, what each offers, and which failed and why."""
    from stsbench.api.catalogue import list_plugins

    installed, failures = list_plugins()
    if json:
        print_json({"plugins": installed, "failures": failures})
    else:
        for plugin in installed:
            sys.stdout.write(f"{plugin['distribution']} {plugin['version']}{' (editable)' if plugin['editable'] else ''}\n")
            for kind, names in plugin["offers"].items():
                if names:
                    shown = ", ".join(names) if len(names) <= 12 else f"{len(names)} of them"
                    sys.stdout.write(f"  {kind}: {shown}\n")
            if plugin["observes"]:
                sys.stdout.write("  observes runs\n")
        for failure in failures:
            sys.stdout.write(f"FAILED {failure['provider']}, while {failure['stage']}: {failure['error']}\n")
    if failures and strict:
        raise typer.Exit(3)
