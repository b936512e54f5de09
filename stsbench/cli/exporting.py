"""`stsbench export`, `encode`, `upload` and `results merge`: what leaves for other programs and people, and what comes from them."""

from __future__ import annotations

import sys
from pathlib import Path
from typing import Annotated

import typer

from stsbench.cli.printing.layout import say, tell
from stsbench.cli.printing.streams import write_bytes
from stsbench.contracts.defaults import BENCHMARK
from stsbench.contracts.wording import counted
from stsbench.errors import UsageError
from stsbench.stores.atomic import write_atomic

from .line.guard import guarded, print_json
from .line.opening import Opened, board_folder, session_from
from .line.options import Accept, Json, option, path_argument, path_option, switch

results = typer.Typer(help="Bring kept results together.", no_args_is_help=True)


@guarded
def export(
    board: Annotated[Path | None, path_argument("Folder of a board.", "FOLDER")] = None,
    results: Annotated[Path | None, path_option("Folder of kept results, in place of a board.")] = None,
    to: Annotated[
        str,
        option(
            "latex, markdown, csv, parquet, json, any other writer (`stsbench list writers`), mteb, model-index or eval-results.",
            "FORM",
            "--to",
        ),
    ] = "latex",
    output: Annotated[
        Path | None,
        path_option("File, or folder for a form of several files; else stdout.", "--output", "-o"),
    ] = None,
    json: Json = False,
) -> None:
    """Write a board, or kept results, in a form that papers, spreadsheets or other programs read; no text and no pair's gold is in any."""
    from stsbench.api.exporting import export as export_folder
    from stsbench.api.exporting import write_export

    if (folder := board or results) is None or (board and results):
        raise UsageError("name what to export: the folder of a board, or --results with a folder of kept results")
    files = export_folder(board_folder(folder), to)
    if output is None:
        if len(files) > 1 and not json:
            raise UsageError(f"the form {to!r} has {len(files)} files ({', '.join(files)}); name a folder for them with -o")
        if any(b"\0" in content for content in files.values()):
            raise UsageError(f"the form {to!r} is no text; name a file for it with -o")
        if json:
            print_json({"files": {name: content.decode() for name, content in files.items()}})
        else:
            write_bytes(b"".join(files.values()))
        return
    places = [str(place) for place in write_export(files, output)]
    print_json({"written": places}) if json else sys.stdout.write("".join(f"{place}\n" for place in places))


@session_from("mirror", "device", "allow_network", "send_private", "max_cost", "cache_dir", "no_cache", "quiet")
def encode(
    encoder: Annotated[str, option("Encoder reference.", "REF", "--encoder", "-e")],
    output: Annotated[Path, path_option("Arrow file to write.", "--output", "-o")],
    benchmark: Annotated[str, option("Benchmark reference.", "REF", "--benchmark", "-b")] = BENCHMARK,
    *,
    opened: Opened,
    json: Json = False,
) -> None:
    """Write the vectors of a benchmark's pairs as an Arrow file, one row a pair; a private benchmark's texts and gold are left out."""
    from stsbench.api.encoding import encode_pairs

    with opened() as session:
        content, facts = encode_pairs(encoder, benchmark, session)
    write_atomic(output, content)
    shown = f"{output}: {counted(facts['pairs'], 'pair')}, columns {', '.join(facts['columns'])}"
    print_json({"written": str(output), **facts}) if json else say(shown)


@guarded
def upload(
    folder: Annotated[Path, path_argument("Folder whose files are offered.", "FOLDER")],
    repository: Annotated[str, typer.Argument(metavar="REPOSITORY", help="Repository on the hub, as owner/name.")],
    kind: Annotated[str, option("Kind of the repository: model, dataset or space.", "KIND")] = "model",
    dry_run: Annotated[
        bool, switch("Only say what would be sent (the default), or send it.", "--dry-run/--yes", allow_from_autoenv=False)
    ] = True,
    json: Json = False,
) -> None:
    """Offer the files of a folder to a repository on the Hugging Face hub as a pull request; without --yes nothing leaves the machine."""
    from stsbench.api.uploading import offer

    offered = offer(folder, repository, kind, dry_run=dry_run)
    if json:
        print_json(offered)
        return
    sys.stdout.write("".join(f"{size:10,d}  {name}\n" for name, size in offered["files"].items()))
    say(offered["pull_request"] or f"nothing was sent to {repository}; --yes sends these files")


@results.command("merge", short_help="Take over results that were computed elsewhere.")
@guarded
def merge(
    contribution: Annotated[Path, path_argument("Folder with the results/ and scores/ that are to be taken over.", "FROM")],
    into: Annotated[Path, path_argument("Folder of results, or of a board, that takes them.", "INTO")],
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
        say(f"{counted(merged.added, 'record')} added, {merged.agreeing:,} there already, {len(conflicts):,} in conflict")
    for line in conflicts:
        tell(f"conflict: {line}")
    if conflicts and not accept:
        tell("error: nothing was written, since kept cells disagree with the contribution; --accept takes the new ones")
        raise typer.Exit(1)
