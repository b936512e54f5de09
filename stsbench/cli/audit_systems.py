"""`stsbench audit encoder` and `stsbench audit metrics`."""

from __future__ import annotations

from itertools import chain
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from stsbench.cli.printing.layout import figure, print_table, say, tell
from stsbench.contracts.defaults import BENCHMARK, RESAMPLES
from stsbench.stores.atomic import write_atomic

from .line.asking import Asked
from .line.guard import print_json
from .line.opening import ENCODING, Opened, session_from
from .line.options import Benchmarks, Json, Limit, option, path_option

if TYPE_CHECKING:
    from stsbench.api.beyond import MeasuredCell

HEADER = (
    "system", "benchmark", "n", "Spearman", "MSE", "contrastive", "triplets", "right", "loss", "positive", "AP", "AUC", "F1", "accuracy",
    "MRR", "Hits@1", "Hits@3", "Hits@10", "1-NN",
)  # fmt: skip


@session_from(*ENCODING)
def encoder(
    reference: Annotated[str, typer.Argument(help="Encoder reference; every view that it chooses is audited.", metavar="ENCODER")],
    benchmark: Benchmarks = None,
    fit: Annotated[
        list[str] | None,
        option(
            "What transforms are fitted on: self (the audited texts), or a benchmark; repeat for several. Default: self.", "REF", "--fit"
        ),
    ] = None,
    identified_up_to: Annotated[
        str | None,
        option("What training leaves free: O(d) (rotations), diag (scales), GL(d) (linear maps), unknown. Default: as declared.", "GROUP"),
    ] = None,
    plot: Annotated[Path | None, path_option("SVG or PNG file of plots (needs the extra html).")] = None,
    report: Annotated[Path | None, path_option("Markdown file of the whole report.")] = None,
    resamples: Annotated[int, option("Resamples of the paired differences.", "N")] = RESAMPLES,
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
    from stsbench.audit.figure import figure as drawn
    from stsbench.audit.sections import markdown, sections
    from stsbench.audit.verdict import verdict
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
        write_plot(plot, drawn(audits))
    if json:
        print_json(document(audits))
        return
    for audit in audits:
        say(f"{audit.encoder} · {audit.view} on {audit.benchmark}: {audit.n:,} pairs of {audit.texts:,} texts", "")
        for section in sections(audit):
            print_table(section.title, section.header, section.rows, section.numeric_from, section.notes)
            say("")
        say(*(f"- {sentence}" for sentence in verdict(audit)), "")


@session_from(*ENCODING)
def metrics(
    *,
    asked: Asked,
    threshold_on: Annotated[
        str | None, option("Benchmark whose pairs thresholds are chosen on, as in STSBenchmark:validation. Default: the measured.", "REF")
    ] = None,
    positive: Annotated[float, option("Share of the gold scale from which a pair is positive.", "SHARE")] = 0.8,
    gap: Annotated[float, option("Share of the gold scale that a triplet's pairs are apart by at least.", "SHARE")] = 0.2,
    margin: Annotated[float, option("Margin of the contrastive and the triplet loss.", "NUMBER")] = 0.5,
    most: Annotated[int, option("Comparisons made at most for ranks, where a similarity makes them one by one.", "N")] = 2_000_000,
    plot: Annotated[Path | None, path_option("SVG or PNG file of the ROC curves (needs the extra html).")] = None,
    opened: Opened,
    json: Json = False,
) -> None:
    """Measure systems by what Spearman does not say: losses, triplets, detection of positive pairs, ranks among all texts.

    A SYSTEM is the reference of an encoder (or pair scorer), as `run` takes it.

    Spearman over pairs is a weak proxy for retrieval. Texts are encoded once, and vectors that are kept are used.
    """
    from stsbench.api.beyond import measure
    from stsbench.audit.beyond import Settings, roc_plot
    from stsbench.builtin.page.drawing import require_drawable, write_plot

    if plot:
        require_drawable(plot)
    with opened() as session:
        measured = measure(
            asked.request(session.registry), session, settings=Settings(positive, gap, margin), threshold_on=threshold_on, most=most
        )
    if plot:
        curves = [(_name(one), one.figures.detection.curve) for one in measured if one.figures is not None]
        write_plot(plot, roc_plot([(name, curve) for name, curve in curves if curve is not None]))
    print_json({"systems": [one.document() for one in measured]}) if json else _show(measured)
    failed = [f"failed: {_name(one)}: {one.reason}" for one in measured if one.figures is None]
    tell(*failed)
    raise typer.Exit(1 if failed else 0)


def _place(cell: MeasuredCell) -> str:
    return cell.benchmark if cell.subset == "default" else f"{cell.benchmark}/{cell.subset}"


def _name(cell: MeasuredCell) -> str:
    return f"{_system(cell)} on {_place(cell)} ({cell.split})"


def _system(cell: MeasuredCell) -> str:
    return " · ".join(filter(None, [cell.encoder, cell.view, cell.transform, cell.similarity]))


def _show(measured: tuple[MeasuredCell, ...]) -> None:
    rows: list[list[str]] = []
    labelled: list[str] = []
    lacking: dict[str, dict[str, list[str]]] = {}
    for cell in measured:
        if (figures := cell.figures) is None:
            continue
        triplets, detected, ranks, near = figures.triplets, figures.detection, figures.ranking, figures.neighbours
        hits = [value for _, value in ranks.hits] if ranks else [None] * 3
        rows.append([
            _system(cell), _place(cell), str(figures.n), figure(figures.spearman),
            *map(_loss, [figures.cosine_loss, figures.contrastive_loss]), str(triplets.n), figure(triplets.accuracy), _loss(triplets.loss),
            str(figures.positives), *map(figure, [detected.average_precision, detected.roc_auc, detected.f1, detected.accuracy]),
            *map(figure, [ranks.mrr if ranks else None, *hits, near.accuracy if near else None]),
        ])  # fmt: skip
        for name, why in figures.reasons.items():
            lacking.setdefault(why, {}).setdefault(name.replace("_", " "), []).append(_name(cell))
        if near:
            labelled.append(
                f"1-NN on {cell.benchmark}: {near.n} {near.items} with {near.labels} labels, the commonest on {figure(near.commonest)} % "
                "of them."
            )
    notes = []
    for why, names in lacking.items():
        named = dict.fromkeys(chain.from_iterable(names.values()))
        notes.append(f"No {', '.join(names)} for {'any row' if len(named) == len(rows) else '; '.join(named)}: {why}.")
    chosen = {one.figures.detection.chosen_on for one in measured if one.figures and one.figures.detection.chosen_on}
    notes += [*dict.fromkeys(labelled), *(f"Thresholds of F1 and accuracy were chosen on {where}." for where in sorted(chosen))]
    print_table("Shares and correlations x 100, losses as they are", HEADER, rows, 2, notes)


def _loss(value: float | None) -> str:
    return "-" if value is None else f"{value:z.4f}"
