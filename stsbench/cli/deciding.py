"""`stsbench decide` and `stsbench report`: numbers to act on, and a page for who decides."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from stsbench.cli.printing.layout import say
from stsbench.contracts.defaults import BENCHMARK
from stsbench.contracts.figures import percent, span
from stsbench.errors import UsageError
from stsbench.stores.atomic import write_atomic

from .line.asking import JudgedOptions, OneSystem
from .line.guard import print_json
from .line.opening import ENCODING, Opened, session_from
from .line.options import Json, Similarities, option, path_argument, path_option, switch

if TYPE_CHECKING:
    from stsbench.contracts.decision import DecisionRecord, SharePart

PAGE = "report.html"


@session_from(*ENCODING)
def decide(
    benchmark: Annotated[str, option("Pairs with gold, graded or binary, as in csv:pairs.csv.", "REF", "--benchmark", "-b")] = BENCHMARK,
    duplicate_from: Annotated[
        float | None, option("Gold from which a pair is a duplicate; of binary pairs, those that are positive.", "GOLD")
    ] = None,
    goal: Annotated[
        str, option("What the threshold is for: f1, accuracy, precision=0.95 or recall=0.9 (and the other at most).", "GOAL")
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

    with opened() as session:
        encoder, similarity, transform = asked.references(session.registry)
        decision = run(encoder, benchmark, session, similarity=similarity, transform=transform, goal=goal, duplicate_from=duplicate_from)
    if output:
        write_atomic(output, bytes_of(decision))
    print_json(decision.model_dump(mode="json")) if json else _show(decision)


def _show(decision: DecisionRecord) -> None:
    data, known, threshold = decision.data, decision.calibration, decision.threshold
    say(f"{decision.system.label} on {data.name} ({data.n:,} pairs)")
    if threshold is None:
        say("no threshold: say from which gold pairs are duplicates, with --duplicate-from")
    else:
        precision = "unknown, for none was found" if threshold.precision is None else _share(threshold.precision)
        say(
            f"a duplicate from {threshold.value:z.6g}, for {threshold.goal}; {data.positives:,} pairs are duplicates, of gold "
            f"{threshold.duplicate_from:zg} or more",
            f"precision {precision}, recall {_share(threshold.recall)}, F1 {percent(threshold.f1)}, accuracy {percent(threshold.accuracy)}",
        )
    say(
        f"calibrated to the scale of gold ({data.low:zg} to {data.high:zg}), scores are off by {known.error:z.3g} on average; "
        f"the mean of gold alone is off by {known.error_of_mean:z.3g}",
        "shares and errors are of pairs that had no say (cross-validated)",
    )


def _share(share: SharePart) -> str:
    return f"{percent(share.value)} ({span(share.low, share.high)})"


@session_from("mirror", "quiet")
def report(
    folder: Annotated[Path, path_argument("Folder of results, or of a board.", "FOLDER")],
    system: Annotated[list[str] | None, typer.Argument(metavar="SYSTEM", hidden=True)] = None,
    benchmark: Annotated[
        list[str] | None, option("Benchmark to report on, or where a file is; repeat for several.", "REF", "--benchmark", "-b")
    ] = None,
    similarity: Similarities = None,
    show_private: Annotated[
        bool,
        switch("Put texts and gold of pairs into the page, and groups of private data, too.", "--show-private", allow_from_autoenv=False),
    ] = False,
    title: Annotated[str, option("Heading of the page.", "TEXT")] = "Which model to use",
    output: Annotated[Path | None, path_option("File to write. Default: report.html in the folder.", "--output", "-o")] = None,
    *,
    judged: JudgedOptions,
    opened: Opened,
    json: Json = False,
) -> None:
    """Write one page for a decision: who is best and how sure that is, at what cost, where systems fail, what would change it.

    A SYSTEM is the label of a kept one, or words of it, as `compare` takes it. The page opens from a file, prints, and holds no text of the
    data unless it is asked for.
    """
    from stsbench.api.compare import Comparing
    from stsbench.api.compare.reporting import decision_report
    from stsbench.builtin.page.decision import report_page
    from stsbench.builtin.page.drawing import require_folder
    from stsbench.builtin.page.renderer import require_renderer

    require_renderer("jinja2")  # said now, not after all is compared
    page = output or folder / PAGE
    if output is not None:  # by default it is in the folder, which is said to have no results where it is not there
        require_folder(page)
    if page.is_file() and not page.read_bytes()[:15].lower().startswith(b"<!doctype html>"):
        raise UsageError(f"{page.name} is there and no page; give another name with --output")
    with opened() as session:
        chosen = [str(session.registry.resolve("similarity", one).ref) for one in similarity or ()]
        setting = judged.setting(private=show_private)
        made = decision_report(Comparing.of(system or (), folder, session, setting, benchmark or (), chosen), title)
    write_atomic(page, report_page(made))
    if json:
        print_json({"written": str(page), "answer": made.answer, "sentences": list(made.sentences)})
    else:
        say(made.answer, *made.sentences, f"written: {page}")
