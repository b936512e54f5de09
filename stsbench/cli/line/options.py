"""Options that several commands share."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated, Any

import typer


def path(text: str) -> Path:
    """The file or folder of that name; raises BadParameter for none, which would be the current folder."""
    if not text:
        raise typer.BadParameter("it is empty; name a file or folder, or leave it out")
    return Path(text)


def path_option(words: str, *names: str, metavar: str = "PATH", envvar: str | None = None) -> Any:
    """An option that names a file or folder; `words` are its help."""
    return typer.Option(*names, parser=path, metavar=metavar, envvar=envvar, help=words)


def reference(words: str, name: str, letter: str, metavar: str = "REF", **more: Any) -> Any:
    """An option that may be repeated, and has a variable of its name; `words` are its help."""
    return typer.Option(f"--{name}", letter, metavar=metavar, envvar=f"STSBENCH_{name.upper()}", help=words, **more)


def _unless_named(context: typer.Context, encoders: list[str] | None) -> list[str] | None:
    """What -e says; what a variable or the configuration file says only where the command line names no SYSTEM, nor a file of them."""
    source = context.get_parameter_source("encoder")
    named = context.params.get("system") or context.params.get("encoders_from")
    return None if named and source is not None and source.name != "COMMANDLINE" else encoders


Systems = Annotated[
    list[str] | None,
    typer.Argument(metavar="SYSTEM", hidden=True),  # said in a command's help: typer would call it <list[str]> in a table
]
Encoders = Annotated[
    list[str] | None,
    reference(
        "Encoder (or pair scorer) reference, the same as a SYSTEM; repeat for several. Default: the best light one installed.",
        "encoder", "-e", callback=_unless_named,
    ),
]  # fmt: skip
EncodersFrom = Annotated[
    Path | None,
    path_option("File of more encoders, a reference or preset a line; empty lines and what follows a # are passed over.", metavar="FILE"),
]
Similarities = Annotated[list[str] | None, reference("Similarity reference; repeat for several. Default: cosine.", "similarity", "-s")]
Transforms = Annotated[
    list[str] | None,
    reference(
        "Chain of transforms joined by //, as in centre//whiten,k=64; repeat for alternatives, none being the vectors as they are.",
        "transform", "-t", "CHAIN",
    ),
]  # fmt: skip
Benchmarks = Annotated[list[str] | None, reference("Benchmark or suite reference; repeat for several. Default: mini.", "benchmark", "-b")]
Mirror = Annotated[
    Path | None, path_option("Folder <owner>/<name>/<split>.<ext> that is read in place of the hub.", envvar="STSBENCH_MIRROR")
]
Results = Annotated[
    Path | None,
    path_option("Folder that keeps records and scores; what is found there is not computed again.", envvar="STSBENCH_RESULTS"),
]
Board = Annotated[Path | None, path_option("Folder of a board (with board.toml) to compute, in place of -e, -s and -b.")]
Fresh = Annotated[bool, typer.Option("--fresh", help="Compute every cell anew and compare it with the kept one.")]
Accept = Annotated[
    bool, typer.Option("--accept", help="Take what disagrees with what is kept in its place; what was taken is told, and is no failure.")
]
Limit = Annotated[int | None, typer.Option(metavar="N", min=1, help="Take this many pairs of each part, evenly spaced; keeps no record.")]
Device = Annotated[
    str | None, typer.Option(metavar="NAME", envvar="STSBENCH_DEVICE", help="Device of the encoders that have one: cpu, cuda, cuda:1, mps.")
]
BatchSize = Annotated[
    int | None, typer.Option(metavar="N", min=1, envvar="STSBENCH_BATCH_SIZE", help="Batch size of the encoders that have one.")
]
Memory = Annotated[
    str | None,
    typer.Option(
        metavar="SIZE", envvar="STSBENCH_MEMORY", help="Most that token vectors may take, as in 2GB. Default: a quarter of what is free."
    ),
]
Strict = Annotated[bool, typer.Option("--strict", help="Fail if any installed plugin failed.")]
ShowPrivate = Annotated[
    bool,
    typer.Option(
        "--show-private", help="Show texts, gold and groups of private benchmarks too: on a terminal only.", allow_from_autoenv=False
    ),
]
Json = Annotated[bool, typer.Option("--json", help="Print one JSON document on stdout.")]
Quiet = Annotated[bool, typer.Option("--quiet", "-q", help="No progress on stderr.")]
Verbose = Annotated[
    bool, typer.Option("--verbose", "-v", help="Log what is done on stderr, as STSBENCH_LOG=info does.", allow_from_autoenv=False)
]
AllowNetwork = Annotated[
    list[str] | None,
    typer.Option("--allow-network", metavar="HOST", help="Let texts be sent to this host, as in api.openai.com; repeat for several."),
]
SendPrivate = Annotated[
    list[str] | None,
    typer.Option("--send-private", metavar="HOST", help="Let private texts be sent to this host as well; repeat for several."),
]
MaxCost = Annotated[
    float | None,
    typer.Option("--max-cost", metavar="DOLLARS", min=0, help="Stop before services cost more than this; what is finished is kept."),
]
CacheDir = Annotated[
    Path | None,
    path_option("Folder that keeps vectors and converted models. Default: the user's cache folder.", envvar="STSBENCH_CACHE_DIR"),
]
NoCache = Annotated[bool, typer.Option("--no-cache", help="Neither read nor keep vectors and converted models.")]
Executor = Annotated[
    str | None,
    typer.Option(
        metavar="REF",
        envvar="STSBENCH_EXECUTOR",
        help="Where encoders are run: local (in this process), processes:4, or ray with its plugin. Default: local.",
    ),
]
