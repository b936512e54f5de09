"""`stsbench audit benchmark`."""

from __future__ import annotations

from typing import TYPE_CHECKING, Annotated

import typer

from stsbench.cli.printing.layout import print_table, say
from stsbench.contracts.figures import percent
from stsbench.contracts.wording import counted

from .line.guard import print_json, require_terminal
from .line.opening import Opened, session_from
from .line.options import Json, ShowPrivate, option, switch

if TYPE_CHECKING:
    from stsbench.api.benchmark_audit import BenchmarkAudit
    from stsbench.stats.agreement import Agreement
    from stsbench.stats.intervals import Estimate


@session_from("mirror")
def benchmark(
    name: Annotated[str, typer.Argument(metavar="REF", help="Benchmark or suite reference.")],
    against: Annotated[
        list[str] | None,
        option(
            "Look for the same pairs in this benchmark, split or suite; repeat for several. Default: other splits, and English STS.", "REF"
        ),
    ] = None,
    conflicts: Annotated[int, option("How many pairs with several gold scores to show.", "N", min=0)] = 5,
    texts: Annotated[bool, switch("Show the texts of those pairs too, unless the benchmark is private.", "--texts")] = False,
    show_private: ShowPrivate = False,
    *,
    opened: Opened,
    json: Json = False,
) -> None:
    """Say what a benchmark's data are worth: repeated and conflicting pairs, labels, ties, overlap with others,
    the floor of word overlap.
    """
    from stsbench.api.benchmark_audit import audit_benchmark

    require_terminal(show_private, json=json)
    with opened() as session:
        audits = audit_benchmark(name, session, against=against, private=show_private)
    if json:
        print_json({"benchmarks": [audit.document() for audit in audits]})
        return
    for number, audit in enumerate(audits):
        say(*[""] * (number > 0), *_lines(audit))
        _show_overlaps(audit)
        _show_conflicts(audit, conflicts, texts=show_private or (texts and not audit.private))
        if audit.private and not show_private and audit.repeats.conflicts:
            say(f"  {audit.name} is private, so no text of these pairs is shown; --show-private shows them here")


def _lines(audit: BenchmarkAudit) -> list[str]:
    texts, labels, repeats, floor = audit.texts, audit.labels, audit.repeats, audit.floor
    none = f"none ({audit.ceiling_reason})"
    ceiling = none if audit.ceiling is None else f"ties of gold leave {percent(audit.ceiling)} of 100 to scores without ties"
    declared = "no range is declared" if labels.range is None else f"declared {labels.range[0]:zg} to {labels.range[1]:zg}"
    return [
        f"{audit.name}: {counted(audit.n, 'pair')}, protocol {audit.protocol}",
        *([f"  differs from its definition: {audit.differs}"] if audit.differs else []),
        *(f"  {note}" for note in audit.notes),
        f"  {texts.items}: {texts.total:,}, of which {texts.unique:,} are unique (each occurs {texts.repetition:z.2f} times); "
        f"{texts.empty:,} empty; {'a text' if texts.items == 'texts' else 'one'} with itself: {texts.identical:,}",
        f"  gold: {labels.lowest:zg} to {labels.highest:zg} ({declared}), {labels.distinct:,} distinct scores; "
        + (f"{labels.outside:,} out of range, " if labels.outside is not None else "")
        + f"{labels.hidden:,} hidden",
        f"  repeated: {repeats.pairs:,} pairs occur more than once, in {repeats.rows:,} rows; in both orders: {repeats.swapped:,}; "
        f"with several gold scores: {len(repeats.conflicts):,}, in {repeats.conflicting_rows:,} rows",
        *_agreed(audit.agreement),
        f"  ceiling: {ceiling}",
        f"  floor: {floor.scorer} "
        + (f"has no figure ({floor.reason})" if floor.figure is None else f"scores {percent(floor.figure)} ({floor.metric})"),
    ]


def _agreed(agreement: Agreement | None) -> list[str]:
    """What several raters' scores are worth; their columns' names, which may be people's, are not shown."""
    if agreement is None:
        return []
    most = percent(agreement.ceiling)
    ceiling = "" if agreement.ceiling is None else f"; no system can be expected to correlate with it above {most} of 100"
    lines = [
        f"  raters: {agreement.raters}, {agreement.ratings / agreement.pairs:z.3g} a pair; "
        f"Krippendorff's alpha {_estimate(agreement.alpha)}",
        f"  their mean: reliability {_estimate(agreement.reliability)}{ceiling}",
    ]
    for rater in agreement.by_rater:
        agrees = "cannot be correlated with" if rater.correlation is None else f"correlates {percent(rater.correlation)} with"
        apart = f"; stands apart: without them alpha is higher by {_estimate(rater.without)}" if rater.apart else ""
        lines.append(f"    rater {rater.number}: {counted(rater.rated, 'rating')}, {agrees} the mean of the others{apart}")
    return lines


def _estimate(figure: Estimate) -> str:
    if figure.value is None:
        return f"unknown ({figure.reason})"
    if figure.low is None or figure.high is None:
        return f"{figure.value:z.3f} ({figure.reason})"
    return f"{figure.value:z.3f} ({figure.low:z.3f} to {figure.high:z.3f})"


def _show_overlaps(audit: BenchmarkAudit) -> None:
    shared = {name: overlap for name, overlap in audit.overlaps.items() if overlap.distinct}
    rows = [
        [name, f"{both.distinct:,}", f"{both.here:,}", f"{100 * both.here / both.of_here:z.1f}", f"{both.there:,}",
         f"{100 * both.there / both.of_there:z.1f}", ", ".join(f"{group or '-'} {count}" for group, count in both.groups.items())]
        for name, both in shared.items()
    ]  # fmt: skip
    notes = [f"shares no pair with {', '.join(none)}"] if (none := [name for name in audit.overlaps if name not in shared]) else []
    notes += [f"not compared with {name}: {reason}" for name, reason in audit.not_compared.items()]
    if not audit.overlaps and not audit.not_compared:
        notes.append("compared with nothing; name other data with --against")
    if rows:
        header = ["shares pairs with", "distinct", "rows here", "%", "rows there", "%", "rows there by group"]
        same = "normalised texts" if audit.texts.items == "texts" else "content"
        print_table(f"Overlap, by {same} in either order", header, rows, 1, notes)
    else:
        say(*(f"  {note}" for note in notes))


def _show_conflicts(audit: BenchmarkAudit, most: int, *, texts: bool) -> None:
    rows = []
    for conflict in audit.repeats.conflicts[:most]:
        places = [audit.place(row) for row in conflict.rows]
        where = ", ".join(f"{place['split']}/{place['subset']} {place['row']}" for place in places)
        first = conflict.rows[0]
        pair = audit.pairs.left[first], audit.pairs.right[first]
        shown = " | ".join(item if isinstance(item, str) else "an image" for item in pair) if texts else ""
        rows.append([" ".join(f"{gold:zg}" for gold in conflict.gold), where, shown])
    if rows:
        print_table("Pairs with several gold scores, the widest apart", ["gold", "rows", "texts" if texts else ""], rows, 3)
