"""`stsbench score` and `stsbench pairs`: what takes no gold."""

from __future__ import annotations

import sys
from pathlib import Path
from typing import Annotated

import typer

from stsbench.cli.printing.layout import say, tell
from stsbench.contracts.defaults import SIMILARITY
from stsbench.contracts.figures import every_digit
from stsbench.errors import UsageError
from stsbench.stores.atomic import write_atomic
from stsbench.stores.canonical import csv_bytes

from .line.asking import default_encoder
from .line.guard import print_json
from .line.opening import ENCODING, Opened, session_from
from .line.options import Encoders, Json, Similarities, Transforms, option, path_argument, path_option

HEADER = ("left", "right", "stratum", "stands_for")  # of drawn pairs

Output = Annotated[Path | None, path_option("csv file to write, in place of standard output.", "--output", "-o")]


@session_from(*ENCODING)
def score(
    pairs: Annotated[str, typer.Argument(metavar="PAIRS", help="File of pairs, as in csv:pairs.csv,left=a,right=b.")],
    encoder: Encoders = None,
    similarity: Similarities = None,
    transform: Transforms = None,
    output: Output = None,
    *,
    opened: Opened,
    json: Json = False,
) -> None:
    """Print every system's score of every pair of a file, which needs no gold: a row a pair, a column a system, and no text."""
    from stsbench.api.scoring import score_pairs

    if output and output.is_file() and not output.read_bytes().startswith(b"row,"):
        raise UsageError("--output names a file that is there and holds no scores, maybe the pairs themselves; give another name")
    with opened() as session:
        encoders = encoder or [default_encoder(session.registry)]
        scored = score_pairs(pairs, encoders, similarity or [SIMILARITY], session, transform or ())
    if output or not json:
        rows = ([number, *map(every_digit, row)] for number, row in enumerate(scored.scores.tolist(), 1))
        table = csv_bytes([["row", *scored.systems], *rows])
        if output:
            write_atomic(output, table)
        else:
            sys.stdout.write(table.decode())
    if json:
        print_json(scored.document())
    elif output:
        say(f"written: {output}")


@session_from(*ENCODING)
def pairs(
    texts: Annotated[Path, path_argument("File with a text a line, or a table (csv, tsv, jsonl, parquet).", "TEXTS")],
    encoder: Encoders = None,
    similarity: Similarities = None,
    column: Annotated[str, option("Column of a table that holds the texts.", "NAME")] = "",
    number: Annotated[int, option("How many pairs to draw.", "N", "--number", "-n", min=1)] = 300,
    seed: Annotated[int, option("Seed of the draw.", "N", min=0)] = 0,
    output: Output = None,
    *,
    opened: Opened,
    json: Json = False,
) -> None:
    """Draw pairs to have rated from texts alone, evenly from the most alike to the least by several encoders and similarities.

    Nearly all pairs of texts are unrelated, so a plain draw would hold hardly any that tell systems apart. `stratum` counts from 1, the
    most alike; `stands_for` says of how many of all pairs each one is a sample.
    """
    from stsbench.api.pairing import pairs_of_texts
    from stsbench.builtin.benchmarks.texts import read_texts

    if output and output.is_file() and not output.read_bytes().startswith(",".join(HEADER).encode()):
        raise UsageError("--output names a file that is there and holds no drawn pairs, maybe the texts themselves; give another name")
    read = read_texts(texts, column)
    with opened() as session:
        encoders = encoder or [default_encoder(session.registry)]
        drawn = pairs_of_texts(read, encoders, similarity or [SIMILARITY], session, size=number, seed=seed)
    weights = map("{:.6g}".format, drawn.drawn.weights.tolist())
    rows = list(zip(drawn.left, drawn.right, drawn.drawn.stratum.tolist(), weights, strict=True))
    table = csv_bytes([HEADER, *rows])
    weighed = "" if len(drawn.drawn) == drawn.drawn.population else "; weighted by `stands_for`, it is one of all pairs as they are"
    said = drawn.population + weighed
    if output:
        write_atomic(output, table)
    if json:
        rest = (
            {"written": str(output)}
            if output
            else {"pairs": [dict(zip(HEADER, (*row, float(weight)), strict=True)) for *row, weight in rows]}
        )
        print_json({"drawn": len(rows), "population": drawn.population, **rest})
    elif output:
        say(said, f"written: {output}")
    else:
        sys.stdout.write(table.decode())
        tell(said)
