"""`stsbench report`."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

import typer

from stsbench.errors import UsageError

from .line.judging import JudgedOptions
from .line.opening import Opened, session_from
from .line.options import Similarities, path, path_option

PAGE = "report.html"


@session_from("mirror", "quiet")
def report(
    folder: Annotated[Path, typer.Argument(parser=path, metavar="FOLDER", help="Folder of results, or of a board.")],
    system: Annotated[list[str] | None, typer.Argument(metavar="[SYSTEM]...", hidden=True)] = None,
    benchmark: Annotated[
        list[str] | None,
        typer.Option("--benchmark", "-b", metavar="REF", help="Benchmark to report on, or where a file is; repeat for several."),
    ] = None,
    similarity: Similarities = None,
    show_private: Annotated[
        bool,
        typer.Option(
            "--show-private",
            help="Put texts and gold of pairs into the page, and groups of private data, too.",
            allow_from_autoenv=False,
        ),
    ] = False,
    title: Annotated[str, typer.Option(metavar="TEXT", help="Heading of the page.")] = "Which model to use",
    output: Annotated[Path | None, path_option("File to write. Default: report.html in the folder.", "--output", "-o")] = None,
    *,
    judged: JudgedOptions,
    opened: Opened,
) -> None:
    """Write one page for a decision: who is best and how sure that is, at what cost, where systems fail, what would change it.

    A SYSTEM is the label of a kept one, or words of it, as `compare` takes it. The page opens from a file, prints, and holds no text of the
    data unless it is asked for.
    """
    from stsbench.api.compare import Comparing
    from stsbench.api.compare.reporting import decision_report
    from stsbench.builtin.page.decision import report_page
    from stsbench.builtin.page.plots import require_folder
    from stsbench.cli.printing.layout import say
    from stsbench.stores.atomic import write_atomic

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
    say(made.answer, *made.sentences, f"written: {page}")
