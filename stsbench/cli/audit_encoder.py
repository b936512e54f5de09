"""`stsbench audit encoder`."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from stsbench.cli.printing.layout import print_table, say
from stsbench.contracts.defaults import BENCHMARK
from stsbench.stores.atomic import write_atomic

from .line.guard import print_json
from .line.opening import Opened, session_from
from .line.options import Benchmarks, Json, Limit, option, path_option

if TYPE_CHECKING:
    from stsbench.audit.encoder import EncoderAudit

Fits = Annotated[
    list[str] | None,
    option("What transforms are fitted on: self (the audited texts), or a benchmark; repeat for several. Default: self.", "REF", "--fit"),
]
IdentifiedUpTo = Annotated[
    str | None,
    option("What training leaves free: O(d) (rotations), diag (scales), GL(d) (linear maps), unknown. Default: as declared.", "GROUP"),
]


@session_from("mirror", "device", "batch_size", "allow_network", "send_private", "max_cost", "cache_dir", "no_cache", "quiet")
def encoder(
    reference: Annotated[str, typer.Argument(help="Encoder reference; every view that it chooses is audited.", metavar="ENCODER")],
    benchmark: Benchmarks = None,
    fit: Fits = None,
    identified_up_to: IdentifiedUpTo = None,
    plot: Annotated[Path | None, path_option("SVG or PNG file of plots (needs the extra html).")] = None,
    report: Annotated[Path | None, path_option("Markdown file of the whole report.")] = None,
    resamples: Annotated[int, option("Resamples of the paired differences.", "N")] = 9999,
    seed: Annotated[int, option("Seed of resamples and of random rescalings.", "N")] = 0,
    limit: Limit = None,
    *,
    opened: Opened,
    json: Json = False,
) -> None:
    """Say what cosine of an encoder can be trusted with: norms, shape of the space, rescaling, and other measures beside it.

    Texts are encoded once, and vectors that are kept are used.
    """
    from stsbench.api.audit import audit_encoder, document
    from stsbench.audit.figure import figure
    from stsbench.audit.sections import markdown
    from stsbench.builtin.page.drawing import require_drawable, require_folder, write_plot

    if plot:
        require_drawable(plot)  # said now, not after an encode
    if report:
        require_folder(report)
    with opened() as session:
        audits = audit_encoder(
            reference,
            session,
            benchmark or [BENCHMARK],
            fits=fit or ["self"],
            identified=identified_up_to,
            limit=limit,
            resamples=resamples,
            seed=seed,
        )
    if report:
        write_atomic(report, markdown(audits).encode())
    if plot:
        write_plot(plot, figure(audits))
    print_json(document(audits)) if json else _show(audits)


def _show(audits: tuple[EncoderAudit, ...]) -> None:
    from stsbench.audit.sections import sections
    from stsbench.audit.verdict import verdict

    for audit in audits:
        say(f"{audit.encoder} · {audit.view} on {audit.benchmark}: {audit.n:,} pairs of {audit.texts:,} texts", "")
        for section in sections(audit):
            print_table(section.title, section.header, section.rows, section.numeric_from, section.notes)
            say("")
        say(*(f"- {sentence}" for sentence in verdict(audit)), "")
