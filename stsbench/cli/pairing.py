"""`stsbench pairs`."""

from __future__ import annotations

import sys
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from stsbench.cli.printing.naming import tell
from stsbench.contracts.defaults import SIMILARITY
from stsbench.errors import UsageError

from .line.asking import default_encoder
from .line.opening import ENCODING, Opened, session_from
from .line.options import Encoders, Similarities, path, path_option

if TYPE_CHECKING:
    from stsbench.api.pairing import TextPairs

HEADER = ("left", "right", "stratum", "stands_for")


@session_from(*ENCODING)
def pairs(
    texts: Annotated[
        Path, typer.Argument(metavar="TEXTS", parser=path, help="File with a text a line, or a table (csv, tsv, jsonl, parquet).")
    ],
    encoder: Encoders = None,
    similarity: Similarities = None,
    column: Annotated[str, typer.Option(metavar="NAME", help="Column of a table that holds the texts.")] = "",
    number: Annotated[int, typer.Option("--number", "-n", metavar="N", min=1, help="How many pairs to draw.")] = 300,
    seed: Annotated[int, typer.Option(metavar="N", min=0, help="Seed of the draw.")] = 0,
    output: Annotated[Path | None, path_option("csv file to write, in place of standard output.", "--output", "-o")] = None,
    *,
    opened: Opened,
) -> None:
    """Draw pairs to have rated from texts alone, evenly from the most alike to the least by several encoders and similarities.

    Nearly all pairs of texts are unrelated, so a plain draw would hold hardly any that tell systems apart. `stratum` counts from 1, the
    most alike; `stands_for` says of how many of all pairs each one is a sample.
    """
    from stsbench.api.pairing import pairs_of_texts
    from stsbench.builtin.benchmarks.texts import read_texts
    from stsbench.cli.printing.layout import say
    from stsbench.stores.atomic import write_atomic

    if output and output.is_file() and not output.read_bytes().startswith(",".join(HEADER).encode()):
        raise UsageError("--output names a file that is there and holds no drawn pairs, maybe the texts themselves; give another name")
    read = read_texts(texts, column)
    with opened() as session:
        encoders = encoder or [default_encoder(session.registry)]
        drawn = pairs_of_texts(read, encoders, similarity or [SIMILARITY], session, size=number, seed=seed)
    said = f"{drawn.population}; weighted by `stands_for`, it is one of all pairs as they are"
    if output:
        write_atomic(output, _csv(drawn))
        say(said)
    else:
        sys.stdout.write(_csv(drawn).decode())
        tell(said)


def _csv(drawn: TextPairs) -> bytes:
    from stsbench.stores.canonical import csv_bytes

    weights = map("{:.6g}".format, drawn.drawn.weights.tolist())
    return csv_bytes([HEADER, *zip(drawn.left, drawn.right, drawn.drawn.stratum.tolist(), weights, strict=True)])
