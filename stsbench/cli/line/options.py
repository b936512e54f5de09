"""Options that several commands share."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path
from typing import Annotated, Any

import typer

from stsbench.contracts.reading import broken_link


def path(text: str) -> Path:
    """The file or folder of that name; raises BadParameter for none, which would be the current folder, and for a broken link."""
    if not text:
        raise typer.BadParameter("it is empty; name a file or folder, or leave it out")
    if (link := broken_link(Path(text))) is not None:
        raise typer.BadParameter(f"{link} is a link to what is not there; make that, or name another file or folder")
    return Path(text)


def option(words: str, metavar: str | None, *names: str, **more: Any) -> Any:
    """An option that takes a value; `words` are its help."""
    return typer.Option(*names, metavar=metavar, help=words, **more)


def switch(words: str, *names: str, **more: Any) -> Any:
    """An option that takes none."""
    return option(words, None, *names, **more)


def path_option(words: str, *names: str, metavar: str = "PATH", **more: Any) -> Any:
    """An option that names a file or folder."""
    return option(words, metavar, *names, parser=path, **more)


def path_argument(words: str, metavar: str) -> Any:
    """A file or folder that is named by its place."""
    return typer.Argument(parser=path, metavar=metavar, help=words)


def reference(words: str, name: str, letter: str, metavar: str = "REF", **more: Any) -> Any:
    """An option that may be repeated, and has a variable of its name."""
    return option(words, metavar, f"--{name}", letter, envvar=f"STSBENCH_{name.upper()}", **more)


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
Similarities = Annotated[list[str] | None, reference("Similarity reference; repeat for several. Default: cosine.", "similarity", "-s")]
Transforms = Annotated[
    list[str] | None,
    reference(
        "Chain of transforms joined by //, as in centre//whiten,k=64; repeat for alternatives, none being the vectors as they are.",
        "transform", "-t", "CHAIN",
    ),
]  # fmt: skip
Benchmarks = Annotated[list[str] | None, reference("Benchmark or suite reference; repeat for several. Default: mini.", "benchmark", "-b")]
Accept = Annotated[
    bool, switch("Take what disagrees with what is kept in its place; what was taken is told, and is no failure.", "--accept")
]
Limit = Annotated[int | None, option("Take this many pairs of each part, evenly spaced; keeps no record.", "N", min=1)]
Strict = Annotated[bool, switch("Fail if any installed plugin failed.", "--strict")]
ShowPrivate = Annotated[
    bool, switch("Show texts, gold and groups of private benchmarks too: on a terminal only.", "--show-private", allow_from_autoenv=False)
]
Json = Annotated[bool, switch("Print one JSON document on stdout.", "--json")]
Quiet = Annotated[bool, switch("No progress on stderr.", "--quiet", "-q")]
Verbose = Annotated[bool, switch("Log what is done on stderr, as STSBENCH_LOG=info does.", "--verbose", "-v", allow_from_autoenv=False)]
CacheDir = Annotated[
    Path | None,
    path_option("Folder that keeps vectors and converted models. Default: the user's cache folder.", envvar="STSBENCH_CACHE_DIR"),
]
Executor = Annotated[
    str | None,
    option(
        "Where encoders are run: local (in this process), processes:4, or ray with its plugin. Default: local.",
        "REF",
        envvar="STSBENCH_EXECUTOR",
    ),
]


@dataclass(frozen=True, kw_only=True)
class SessionOptions:
    """The options that a session is made from; a command has those of them that it names."""

    mirror: Annotated[
        Path | None, path_option("Folder <owner>/<name>/<split>.<ext> that is read in place of the hub.", envvar="STSBENCH_MIRROR")
    ] = None
    device: Annotated[
        str | None, option("Device of the encoders that have one: cpu, cuda, cuda:1, mps.", "NAME", envvar="STSBENCH_DEVICE")
    ] = None
    batch_size: Annotated[int | None, option("Batch size of the encoders that have one.", "N", min=1, envvar="STSBENCH_BATCH_SIZE")] = None
    memory: Annotated[
        str | None,
        option("Most that token vectors may take, as in 2GB. Default: a quarter of what is free.", "SIZE", envvar="STSBENCH_MEMORY"),
    ] = None
    allow_network: Annotated[
        list[str] | None, option("Let texts be sent to this host, as in api.openai.com; repeat for several.", "HOST")
    ] = None
    send_private: Annotated[list[str] | None, option("Let private texts be sent to this host as well; repeat for several.", "HOST")] = None
    max_cost: Annotated[
        float | None,
        option("Stop before services cost more than this; what is finished is kept.", "DOLLARS", min=0),
    ] = None
    cache_dir: CacheDir = None
    no_cache: Annotated[bool, switch("Neither read nor keep vectors and converted models.", "--no-cache")] = False
    strict: Strict = False
    quiet: Quiet = False
    executor: Executor = None
