"""`stsbench score`."""

from __future__ import annotations

import csv
import io
import sys
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from stsbench.contracts.defaults import SIMILARITY
from stsbench.errors import UsageError

from .line.asking import default_encoder
from .line.guard import print_json
from .line.opening import Opened, session_from
from .line.options import Encoders, Json, Similarities, Transforms, path_option

if TYPE_CHECKING:
    from stsbench.api.scoring import PairScores


@session_from("mirror", "device", "batch_size", "memory", "allow_network", "send_private", "max_cost", "cache_dir", "no_cache", "quiet")
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
        write_atomic(output, _csv(scored).encode())
    if json:
        print_json(scored.document())
    elif not output:
        sys.stdout.write(_csv(scored))


def _csv(scored: PairScores) -> str:
    stream = io.StringIO()
    writer = csv.writer(stream, lineterminator="\n")
    writer.writerow(["row", *scored.systems])
    writer.writerows([number, *map(repr, row)] for number, row in enumerate(scored.scores.tolist(), 1))
    return stream.getvalue()
