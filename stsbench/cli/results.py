"""`stsbench results merge`."""

from __future__ import annotations

import sys
from pathlib import Path
from typing import Annotated

import typer

from stsbench.contracts.wording import counted

from .line.guard import guarded, print_json
from .line.options import Accept, Json, path

app = typer.Typer(help="Bring kept results together.", no_args_is_help=True)


@app.command("merge", short_help="Take over results that were computed elsewhere.")
@guarded
def merge(
    contribution: Annotated[
        Path, typer.Argument(parser=path, metavar="FROM", help="Folder with the results/ and scores/ that are to be taken over.")
    ],
    into: Annotated[Path, typer.Argument(parser=path, metavar="INTO", help="Folder of results, or of a board, that takes them.")],
    accept: Accept = False,
    json: Json = False,
) -> None:
    """Take over results that were computed elsewhere: form, data, sizes and conflicts are checked before anything is written."""
    from stsbench.api.contributing import merge_results
    from stsbench.stores.results import ResultsFolder

    merged = merge_results(ResultsFolder(contribution), ResultsFolder(into), accept=accept)
    conflicts = [str(one) for one in merged.conflicts]
    if json:
        print_json({"added": merged.added, "agreeing": merged.agreeing, "conflicts": conflicts})
    else:
        sys.stdout.write(f"{counted(merged.added, 'record')} added, {merged.agreeing} there already, {len(conflicts)} in conflict\n")
    for line in conflicts:
        sys.stderr.write(f"conflict: {line}\n")
    if conflicts and not accept:
        sys.stderr.write("error: nothing was written, since kept cells disagree with the contribution; --accept takes the new ones\n")
        raise typer.Exit(1)
