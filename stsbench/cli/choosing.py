"""`stsbench choose`: a model for one's own data, by few labels."""

from __future__ import annotations

from contextlib import nullcontext
from dataclasses import asdict
from functools import partial
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any, Literal

import typer

from stsbench.cli.printing.layout import figure, print_table, say
from stsbench.cli.printing.naming import call_as_typed, to_type
from stsbench.contracts.defaults import SIMILARITY
from stsbench.contracts.reading import read_text
from stsbench.contracts.ref import escape
from stsbench.contracts.wording import counted
from stsbench.errors import UsageError

from .line.guard import guarded, print_json
from .line.opening import ENCODING, Opened, session_from
from .line.options import Encoders, Json, Similarities, Transforms, option, path, path_argument, path_option, switch

if TYPE_CHECKING:
    from stsbench.api.choosing import Asking
    from stsbench.api.session import Session
    from stsbench.choosing.decision import DecisionSoFar
    from stsbench.contracts.data import Pairs

app = typer.Typer(help="Choose a model for your own data by few labels.", no_args_is_help=True)

Form = Literal["page", "sheet", "both"]
FORMS: dict[Form, tuple[str, ...]] = {"page": ("html",), "sheet": ("csv",), "both": ("html", "csv")}
DO = {
    ".html": "Open it in a browser, rate with the keys 0 to 5, save.",
    ".csv": "Open it in a spreadsheet program, fill in the last column with 0 to 5, save it as csv under a name that ends in -NAME.",
}
ENDINGS = ("csv", "tsv", "jsonl", "parquet")

Folder = Annotated[Path, path_argument("Folder that holds the job.", "FOLDER")]


@app.command("start", short_help="Score the pairs by every candidate, and begin a job.")
@session_from(*ENCODING)
def start(
    folder: Folder,
    encoder: Encoders = None,
    similarity: Similarities = None,
    transform: Transforms = None,
    pairs: Annotated[str | None, option("Pairs without scores: a file, or a reference as in csv:pairs.csv,left=a,right=b.", "FILE")] = None,
    texts: Annotated[
        Path | None,
        path_option("Texts alone, of which pairs are drawn: a text a line, or a table (csv, tsv, jsonl, parquet).", metavar="FILE"),
    ] = None,
    column: Annotated[str, option("Column of a table that holds the texts.", "NAME")] = "",
    number: Annotated[int, option("How many pairs are drawn of texts.", "N", min=20)] = 1000,
    prior: Annotated[
        Path | None, path_option("Folder of a board whose figures of the candidates are to be taken into account; by default none are.")
    ] = None,
    labels: Annotated[int | None, option("How many labels are planned. Default: 100.", "N", min=1)] = None,
    seed: Annotated[int | None, option("Seed of all that is drawn. Default: 0.", "N", min=0)] = None,
    *,
    opened: Opened,
    json: Json = False,
) -> None:
    """Score all pairs by every candidate and begin a job in FOLDER; where there is one, the candidates are added to it.

    Texts stay in FOLDER, in files that the documentation lists; no label is needed yet.
    """
    from stsbench.api.choosing import Candidates, start_job
    from stsbench.api.pairing import pairs_of_texts
    from stsbench.builtin.benchmarks.texts import read_texts
    from stsbench.choosing.folder import unrated

    if pairs is not None and texts is not None:
        raise UsageError("give pairs with --pairs or texts with --texts, not both")
    if not encoder:
        raise UsageError("name what to choose from with -e, repeated for each candidate, as in -e wordllama -e hashing")
    with opened() as session:
        begun: tuple[Pairs | None, str]
        named = Candidates(encoder, similarity or [SIMILARITY], transform or (), prior)
        if texts is not None:
            drawn = pairs_of_texts(read_texts(texts, column), encoder, named.similarities, session, size=number, seed=seed or 0)
            begun = unrated(drawn.left, drawn.right), drawn.population
        else:
            begun = (None if pairs is None else _pool(pairs, session)), ""
        started = start_job(folder, *begun, named, session, goal=labels, seed=seed)
    if json:
        print_json({"job": started.job.id, "pairs": started.job.pairs, "added": list(started.added),
                    "candidates": list(started.job.names.values())})  # fmt: skip
        return
    say(
        f"{counted(len(started.candidates), 'candidate')} scored {counted(started.job.pairs, 'pair')}; "
        f"{len(started.job.candidates)} are to choose from",
        *(f"  {name}" for name in started.job.names.values()),
        *([f"The pairs are {started.job.population}"] if started.job.population else []),
        f"Next: {to_type('choose', 'next', folder)}",
    )


def _pool(text: str, session: Session) -> Pairs:
    """The pairs that somebody names, whose file is called by its name in what is said of it here."""
    from stsbench.api.choosing import read_pool

    reference = _reference(text)
    call_as_typed([reference], session.registry)
    return read_pool(reference, session)


def _reference(text: str) -> str:
    """The reference of a file of pairs."""
    file = Path(text)
    ending = next((suffix[1:].lower() for suffix in reversed(file.suffixes) if suffix[1:].lower() in ENDINGS), None)
    if not file.is_file():
        if ending is None or ":" in text:
            return text
        raise UsageError(f"--pairs names {text}, and there is no such file; check where it lies")
    if ending is None:
        raise UsageError("--pairs names a file of no known ending; say what it is, as in csv:NAME")
    return f"{ending}:{escape(text)}"


@app.command("next", short_help="Write the next page of questions.")
@guarded
def next_(
    folder: Folder,
    size: Annotated[int, option("How many pairs to ask about.", "N", "--ask", "-n", min=1)] = 20,
    again: Annotated[int | None, option("How many of them to ask about twice. Default: one in ten.", "N", min=0)] = None,
    form: Annotated[Form, option("A page to open in a browser, a sheet for a spreadsheet program, or both.", None)] = "page",
    guideline: Annotated[Path | None, path_option("Text file with your own guideline for people.", metavar="FILE")] = None,
    json: Json = False,
) -> None:
    """Write the next page of questions, or the last one again while nobody has answered it. Whoever answers needs that file alone."""
    from stsbench.api.choosing import ask

    more: dict[str, Any] = {}
    if guideline is not None:
        try:
            more["guideline"] = read_text(guideline)
        except (OSError, ValueError) as error:
            raise UsageError(f"the guideline cannot be read ({type(error).__name__}); give a UTF-8 file of text") from error
    asking = ask(folder, size, repeats=again, forms=FORMS[form], **more)
    if json:
        print_json({"round": asking.number, "pairs": asking.pairs, "again": asking.repeats, "files": [str(file) for file in asking.files]})
    else:
        say(*_asked(asking, folder))


def _asked(asking: Asking, folder: Path) -> list[str]:
    twice = f", {asking.repeats} of them twice" if asking.repeats else ""
    said = ", which nobody has answered yet, is written again" if asking.again else ""
    return [
        f"Round {asking.number}{said}: {counted(asking.pairs, 'pair')}{twice}",
        *(f"  {file}" for file in asking.files),
        f"{' Or: '.join(DO[file.suffix] for file in asking.files)} Several people may answer the same questions. Then:",
        f"  {to_type('choose', 'label', folder, 'FILE...')}",
    ]


@app.command("label", short_help="Take in the files that people saved.")
@guarded
def label(
    folder: Folder,
    file: Annotated[list[Path], typer.Argument(parser=path, metavar="FILE...", hidden=True)],
    rater: Annotated[str | None, option("Whose labels they are, where the files do not say.", "NAME")] = None,
    replace: Annotated[
        bool, switch("Take what is said now in place of what the same person said before.", "--replace", allow_from_autoenv=False)
    ] = False,
    json: Json = False,
) -> None:
    """Take in each FILE that people saved, of a page or a sheet. Where one of them cannot be taken, none is."""
    from stsbench.api.choosing import take_labels

    taken = take_labels(folder, file, rater=rater or "", replace=replace)
    if json:
        print_json({"taken": [{"rater": one.rater, "round": one.round, "labels": len(one.without_gaps())} for one in taken]})
        return
    lines = [f"{one.rater}, round {one.round}: {counted(len(one.without_gaps()), 'label')}" for one in taken]
    say(*lines, f"Next: {to_type('choose', 'status', folder)}")


@app.command("status", short_help="Say who leads, how sure that is, and whether to go on.")
@guarded
def status(folder: Folder, json: Json = False) -> None:
    """Say who leads and how sure that is, how well people agree, what more labels would give, and whether to stop."""
    from stsbench.api.choosing import status as known
    from stsbench.choosing.decision import step_after

    decision = known(folder)
    if json:
        print_json(decision.document())
        return
    _show(decision)
    step, waiting = step_after(folder, decision)
    if waiting:
        say("Nobody has answered yet:", *(f"  {file}" for file in waiting))
    say(f"Next: {to_type('choose', step, folder, *(['FILE...'] if step == 'label' else []))}")


@app.command("finish", short_help="Make a benchmark and a board of the labels.")
@session_from(*ENCODING)
def finish(
    folder: Folder,
    title: Annotated[str, option("Heading of the report.", "TEXT")] = "Which model to use",
    search: Annotated[
        bool, switch("Say of every candidate, too, how well it finds a text's partner among all that were labelled.", "--search")
    ] = False,
    *,
    opened: Opened,
    json: Json = False,
) -> None:
    """Make a benchmark of the labels, weighted to be of all pairs, a board of the candidates on it, and a report."""
    from stsbench.api.beyond import ranking_of
    from stsbench.api.choosing import finish_job
    from stsbench.choosing.saying import CAUTION, search_lines

    with opened() if search else nullcontext() as session:
        finished = finish_job(folder, title, None if session is None else partial(ranking_of, session=session))
    if json:
        asked = {"search": [asdict(each) for each in finished.search]} if search else {}
        print_json({"decision": finished.decision.document(), "benchmark": finished.benchmark,
                    "files": [str(file) for file in finished.files], **asked})  # fmt: skip
        return
    _show(finished.decision)
    say(
        *search_lines(finished.search),
        "Written:",
        *(f"  {file}" for file in finished.files),
        *([f"The report is left out: {finished.lacking}"] if finished.lacking else []),
        f"The board: {to_type('run', '--board', finished.board)}",
        f"Any other model: {to_type('run', '-e', 'MODEL', '-b', finished.benchmark)}",
        f"{CAUTION}." if search else "Pairs tell little of search; --search says how well each text finds its partner among all others.",
    )


def _show(decision: DecisionSoFar) -> None:
    """The candidates in a table, then what follows, a sentence each."""
    from stsbench.choosing.saying import sentences
    from stsbench.contracts.boards.column import telling
    from stsbench.contracts.boards.tables import PARETO, costs_of
    from stsbench.contracts.figures import chance

    if decision.stands:
        columns = telling(costs_of(decision.stands), decision.stands)
        header = ["candidate", "spearman", "95 %", "best", *(column.title.lower() for column in columns), *["pareto"] * bool(columns)]
        rows = [
            [stand.candidate, figure(stand.spearman), f"{figure(stand.low)} to {figure(stand.high)}", chance(stand.chance),
             *(column.text(stand) for column in columns), *["best" * stand.pareto] * bool(columns)]
            for stand in decision.stands
        ]  # fmt: skip
        print_table("What the labels say of all pairs (Spearman x 100)", header, rows, 1, [PARETO] if columns else [])
    say(*sentences(decision))
