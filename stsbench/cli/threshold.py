"""`stsbench decide`."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from stsbench.contracts.defaults import BENCHMARK

from .line.asking import OneSystem
from .line.guard import print_json
from .line.opening import ENCODING, Opened, session_from
from .line.options import Json, path_option

if TYPE_CHECKING:
    from stsbench.contracts.decision import DecisionRecord, SharePart

Pairs = Annotated[str, typer.Option("--benchmark", "-b", metavar="REF", help="Pairs with gold, graded or binary, as in csv:pairs.csv.")]


@session_from(*ENCODING)
def decide(
    benchmark: Pairs = BENCHMARK,
    duplicate_from: Annotated[
        float | None, typer.Option(metavar="GOLD", help="Gold from which a pair is a duplicate; of binary pairs, those that are positive.")
    ] = None,
    goal: Annotated[
        str,
        typer.Option(metavar="GOAL", help="What the threshold is for: f1, accuracy, precision=0.95 or recall=0.9 (and the other at most)."),
    ] = "f1",
    output: Annotated[Path | None, path_option("JSON file to write, which programs load.", "--output", "-o")] = None,
    *,
    asked: OneSystem,
    opened: Opened,
    json: Json = False,
) -> None:
    """Choose a threshold for duplicates and a calibration to the scale of gold for one system, and say how well they do on other pairs.

    The file that is written holds no text; `stsbench matrix --decision FILE` and `stsbench.load_decision(FILE)` use it.
    """
    from stsbench.api.deciding import bytes_of
    from stsbench.api.deciding import decide as run
    from stsbench.stores.atomic import write_atomic

    with opened() as session:
        encoder, similarity, transform = asked.references(session.registry)
        decision = run(encoder, benchmark, session, similarity=similarity, transform=transform, goal=goal, duplicate_from=duplicate_from)
    if output:
        write_atomic(output, bytes_of(decision))
    print_json(decision.model_dump(mode="json")) if json else _show(decision)


def _show(decision: DecisionRecord) -> None:
    from stsbench.cli.printing.layout import say
    from stsbench.contracts.figures import percent

    data, known, threshold = decision.data, decision.calibration, decision.threshold
    say(f"{decision.system.label} on {data.name} ({data.n:,} pairs)")
    if threshold is None:
        say("no threshold: say from which gold pairs are duplicates, with --duplicate-from")
    else:
        precision = "unknown, for none was found" if threshold.precision is None else _share(threshold.precision)
        say(
            f"a duplicate from {threshold.value:.6g}, for {threshold.goal}; {data.positives:,} pairs are duplicates, of gold "
            f"{threshold.duplicate_from:g} or more",
            f"precision {precision}, recall {_share(threshold.recall)}, F1 {percent(threshold.f1)}, accuracy {percent(threshold.accuracy)}",
        )
    say(
        f"calibrated to the scale of gold ({data.low:g} to {data.high:g}), scores are off by {known.error:.3g} on average; "
        f"the mean of gold alone is off by {known.error_of_mean:.3g}",
        "shares and errors are of pairs that had no say (cross-validated)",
    )


def _share(share: SharePart) -> str:
    from stsbench.contracts.figures import percent, span

    return f"{percent(share.value)} ({span(share.low, share.high)})"
