"""An audit as tables of text, for a terminal or a Markdown file."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from stsbench.audit.encoder import EncoderAudit
from stsbench.audit.verdict import verdict
from stsbench.builtin.writers.markdown import markdown_table, markdown_text
from stsbench.contracts.figures import percent, points, span
from stsbench.stats.intervals import Estimate


@dataclass(frozen=True, slots=True)
class Section:
    """A table with its title, what is said below it, and the column from which on cells are numbers."""

    title: str
    header: tuple[str, ...]
    rows: tuple[tuple[str, ...], ...]
    notes: tuple[str, ...] = ()
    numeric_from: int = 1


def sections(audit: EncoderAudit) -> tuple[Section, ...]:
    """The tables of an audit, in reading order."""
    return (_geometry(audit), _stability(audit), _families(audit), _measures(audit))


def _geometry(audit: EncoderAudit) -> Section:
    norms, shape, pairs, hubs = audit.norms, audit.isotropy, audit.pairs, audit.hubness
    rogue = ", ".join(f"{dimension} ({100 * share:z.1f} %)" for dimension, share in shape.rogue)
    rows = [
        (
            "norms",
            f"mean {norms.mean:z.4g}, variation {norms.variation:z.3g}, {norms.least:z.4g} to {norms.largest:z.4g}, {norms.zero} zero",
        ),
        ("norm and number of words (Spearman)", _estimate(norms.length)),
        ("norm and mean idf of words (Spearman)", _estimate(norms.rarity)),
        ("norms and gold, cosine held fixed (Spearman)", _estimate(norms.gold)),
        ("mean cosine of two different texts", _figure(shape.anisotropy)),
        ("dimensions that make most of it", rogue or "-"),
        ("participation ratio", f"{_figure(shape.participation, 1)} of {shape.dimensions}"),
        ("IsoScore", _figure(shape.isoscore)),
        ("effective rank", _figure(shape.effective_rank, 1)),
        ("partition isotropy", f"{shape.partition:z.3g}"),
        ("hubness: skewness of 10-occurrence", _figure(None if hubs is None else hubs.skewness, 2)),
        ("hubness: Robin Hood index", _figure(None if hubs is None else hubs.robin_hood)),
        ("texts that are near no other", "-" if hubs is None else f"{100 * hubs.antihubs:z.1f} %"),
        ("alignment of close pairs", _figure(pairs.alignment)),
        ("uniformity", _figure(pairs.uniformity)),
        ("cosines: deviation and distance of quartiles", f"{pairs.deviation:z.3f}, {pairs.quartiles:z.3f}"),
        ("share of tied cosines", f"{100 * pairs.tied:z.2f} %"),
        ("cosine and difference of lengths, gold held fixed", _estimate(pairs.length)),
        ("cosine and overlap of words, gold held fixed", _estimate(pairs.words)),
        ("Pearson less Spearman", _figure(pairs.gap)),
        ("gold's variance that a rising function of cosine explains", _figure(pairs.isotonic)),
    ]
    return Section("Shape of the space", ("figure", "value"), tuple(rows))


def _stability(audit: EncoderAudit) -> Section:
    fragility = audit.fragility
    if fragility is None:
        return Section("Stability under random rescaling", ("s", "predicted", "simulated"), (), ("Undefined: all cosines are the same.",))
    rows = [(f"{each.scale:zg}", f"{each.predicted:z.4f}", _figure(each.simulated, 4)) for each in fragility.stability]
    reach = "at no s" if fragility.scale95 is None else f"at s = {fragility.scale95:z.3f}"
    note = (
        f"Fragility {fragility.value:z.4f} per unit of log scale; .95 is predicted {reach}. "
        "The prediction is local: look at the simulation above s = 0.25."
    )
    return Section("Cosine with itself after D = exp(s z)", ("s", "predicted", "simulated"), tuple(rows), (note,), 0)


def _families(audit: EncoderAudit) -> Section:
    rows = [
        (family.name, family.words, family.standing, percent(family.low), percent(family.high), percent(family.spread))
        for family in audit.families
    ]
    note = (
        f"Training identifies the space up to: {audit.identified}. Admissible: a symmetry of the training objective, so the range is "
        "arbitrary; sensitivity: what such maps would do."
    )
    return Section(
        "Spearman x 100 of cosine over families of rescalings",
        ("family", "maps", "standing", "least", "most", "spread"),
        tuple(rows),
        (note,),
        3,
    )


def _measures(audit: EncoderAudit) -> Section:
    rows = []
    for measure in audit.measures:
        same = "identical" if measure.identical else _figure(measure.agreement, 4)
        rows.append(
            (
                measure.similarity,
                measure.transform,
                " ".join(measure.flags),
                percent(measure.spearman, "-"),
                same,
                points(measure.difference, "-"),
                span(measure.low, measure.high, " to ", points, "-"),
                _figure(measure.p_holm, 4),
            )
        )
    notes = tuple(f"{measure.name}: {measure.reason}" for measure in audit.measures if measure.reason)
    return Section(
        "Similarities and transforms beside plain cosine (Spearman x 100; paired bootstrap, p corrected after Holm)",
        ("similarity", "transform", "flags", "Spearman", "ranks as cosine", "difference", "95 % interval", "p"),
        tuple(rows),
        notes,
        3,
    )


def markdown(audits: Sequence[EncoderAudit]) -> str:
    """A report of all audits as Markdown, each with the command that makes it."""
    lines = []
    for audit in audits:
        lines += ["# " + markdown_text(f"{audit.encoder} · {audit.view} on {audit.benchmark}"), ""]
        lines += [f"{audit.n:,} pairs of {audit.texts:,} texts. Made by `{audit.command}`.", "", "## Verdict", ""]
        lines += [*(f"- {markdown_text(sentence)}" for sentence in verdict(audit)), ""]
        for section in sections(audit):
            lines += [f"## {section.title}", ""]
            if section.rows:
                cells = [[markdown_text(cell) for cell in row] for row in section.rows]
                lines += [markdown_table(section.header, cells, range(section.numeric_from, len(section.header))), ""]
            lines += [line for note in section.notes for line in (markdown_text(note), "")]
    return "\n".join(lines)


def _figure(value: float | None, digits: int = 3) -> str:
    return "-" if value is None else f"{value:z.{digits}f}"


def _estimate(estimate: Estimate) -> str:
    if estimate.value is None:
        return f"- ({estimate.reason})"
    return f"{estimate.value:z.3f} ({estimate.low:z.3f} to {estimate.high:z.3f})"
