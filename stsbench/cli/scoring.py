"""`stsbench score`."""

from __future__ import annotations

import sys
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from stsbench.contracts.defaults import SIMILARITY
from stsbench.errors import UsageError

from .line.asking import default_encoder
from .line.guard import print_json
from .line.opening import ENCODING, Opened, session_from
from .line.options import Encoders, Json, Similarities, Transforms, path_option

if TYPE_CHECKING:
    from stsbench.api.scoring import PairScores


@session_from(*ENCODING)
def score(
    pairs: Annotated[str, typer.Argument(metavar="PAIRS", help="File of pairs, as in csv:pairs.csv,left=a,right=b.")],
    encoder: Encoders = None,
    similarity: Similarities = None,
    transform: Transforms = None,
    output: Annotated[Path | None, path_option("csv file to write, in place of standard output.", "--output", "-o")] = None,
    *,
    opened: Opened,
    json: Json = False,
) -> None:
    """Print every system's score of every pair of a file, which needs no gold: a row a pair, a column a system, and no text."""
    from stsbench.api.scoring import score_pairs
    from stsbench.stores.atomic import write_atomic

    if output and output.is_file() and not output.read_bytes().startswith(b"row,"):
        raise UsageError("--output names a file that is there and holds no scores, maybe the pairs themselves; give another name")
    with opened() as session:
        encoders = encoder or [default_encoder(session.registry)]
        scored = score_pairs(pairs, encoders, similarity or [SIMILARITY], session, transform or ())
    if output:
        write_atomic(output, _csv(scored))
    if json:
        print_json(scored.document())
    elif not output:
        sys.stdout.write(_csv(scored).decode())


def _csv(scored: PairScores) -> bytes:
    from stsbench.stores.canonical import csv_bytes

    rows = ([number, *map(repr, row)] for number, row in enumerate(scored.scores.tolist(), 1))
    return csv_bytes([["row", *scored.systems], *rows])
