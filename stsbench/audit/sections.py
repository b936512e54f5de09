"""An audit as tables of text, for a terminal or a Markdown file."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from stsbench.audit.encoder import EncoderAudit
from stsbench.audit.estimate import Estimate
from stsbench.audit.verdict import verdict
from stsbench.contracts.figures import percent, points, span


@dataclass(frozen=True, slots=True)
class Section:
    """A table with its title, what is said below it, and the column from which on cells are numbers."""

    title: str
    header: tuple[str, ...]
    rows: tuple[tuple[str, ...], ...]
    notes: tuple[str, ...] = ()
    numeric_from: int = 1


def sections(one: EncoderAudit) -> tuple[Section, ...]:
    """The tables of an audit, in reading order."""
    return (_geometry(one), _stability(one), _families(one), _measures(one))


def _geometry(one: EncoderAudit) -> Section:
    norms, shape, pairs, hubs = one.norms, one.isotropy, one.pairs, one.hubness
    rogue = ", ".join(f"{dimension} ({100 * share:.1f} %)" for dimension, share in shape.rogue)
    rows = [
        ("norms", f"mean {norms.mean:.4g}, variation {norms.variation:.3g}, {norms.least:.4g} to {norms.largest:.4g}, {norms.zero} zero"),
        ("norm and number of words (Spearman)", _estimate(norms.length)),
        ("norm and mean idf of words (Spearman)", _estimate(norms.rarity)),
        ("norms and gold, cosine held fixed (Spearman)", _estimate(norms.gold)),
        ("mean cosine of two different texts", _figure(shape.anisotropy)),
        ("dimensions that make most of it", rogue or "-"),
        ("participation ratio", f"{_figure(shape.participation, 1)} of {shape.dimensions}"),
        ("IsoScore", _figure(shape.isoscore)),
        ("effective rank", _figure(shape.effective_rank, 1)),
        ("partition isotropy", f"{shape.partition:.3g}"),
        ("hubness: skewness of 10-occurrence", _figure(None if hubs is None else hubs.skewness, 2)),
        ("hubness: Robin Hood index", _figure(None if hubs is None else hubs.robin_hood)),
        ("texts that are near no other", "-" if hubs is None else f"{100 * hubs.antihubs:.1f} %"),
        ("alignment of close pairs", _figure(pairs.alignment)),
        ("uniformity", _figure(pairs.uniformity)),
        ("cosines: deviation and distance of quartiles", f"{pairs.deviation:.3f}, {pairs.quartiles:.3f}"),
        ("share of tied cosines", f"{100 * pairs.tied:.2f} %"),
        ("cosine and difference of lengths, gold held fixed", _estimate(pairs.length)),
        ("cosine and overlap of words, gold held fixed", _estimate(pairs.words)),
        ("Pearson less Spearman", _figure(pairs.gap)),
        ("gold's variance that a rising function of cosine explains", _figure(pairs.isotonic)),
    ]
    return Section("Shape of the space", ("figure", "value"), tuple(rows))


def _stability(one: EncoderAudit) -> Section:
    found = one.fragility
    if found is None:
        return Section("Stability under random rescaling", ("s", "predicted", "simulated"), (), ("Undefined: all cosines are the same.",))
    rows = [(f"{each.scale:g}", f"{each.predicted:.4f}", _figure(each.simulated, 4)) for each in found.stability]
    reach = "at no s" if found.scale95 is None else f"at s = {found.scale95:.3f}"
    note = f"Fragility {found.value:.4f} per unit of log scale; .95 is predicted {reach}. The prediction is local: look at the simulation above s = 0.25."
    return Section("Cosine with itself after D = exp(s z)", ("s", "predicted", "simulated"), tuple(rows), (note,), 0)


def _families(one: EncoderAudit) -> Section:
    rows = [
        (family.name, family.words, family.standing, percent(family.low), percent(family.high), percent(family.spread))
        for family in one.families
    ]
    note = (
        f"Training identifies the space up to: {one.identified}. Admissible: a symmetry of the training objective, so the range is arbitrary; "
        "sensitivity: what such maps would do."
    )
    return Section(
        "Spearman x 100 of cosine over families of rescalings",
        ("family", "maps", "standing", "least", "most", "spread"),
        tuple(rows),
        (note,),
        3,
    )


def _measures(one: EncoderAudit) -> Section:
    rows = []
    for measure in one.measures:
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
    notes = tuple(f"{measure.name}: {measure.reason}" for measure in one.measures if measure.reason)
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
    for one in audits:
        lines += [_escaped(f"# {one.encoder} · {one.view} on {one.benchmark}"), ""]
        lines += [f"{one.n:,} pairs of {one.texts:,} texts. Made by `{one.command}`.", "", "## Verdict", ""]
        lines += [*(f"- {_escaped(sentence)}" for sentence in verdict(one)), ""]
        for section in sections(one):
            lines += [f"## {section.title}", ""]
            if section.rows:
                aligned = ["---" if column < section.numeric_from else "---:" for column in range(len(section.header))]
                lines += [_line(section.header), _line(aligned), *(_line([_escaped(cell) for cell in row]) for row in section.rows), ""]
            lines += [line for note in section.notes for line in (_escaped(note), "")]
    return "\n".join(lines)


def _line(cells: Sequence[str]) -> str:
    return f"| {' | '.join(cells)} |"


def _escaped(text: str) -> str:
    return text.replace("|", "\\|").replace("<", "&lt;").replace("*", "\\*").replace("\n", " ")


def _figure(value: float | None, digits: int = 3) -> str:
    return "-" if value is None else f"{value:.{digits}f}"


def _estimate(one: Estimate) -> str:
    if one.value is None:
        return f"- ({one.reason})"
    return f"{one.value:.3f} ({one.low:.3f} to {one.high:.3f})"
