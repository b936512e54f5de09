"""What the figures of an audit say, in plain sentences. Each sentence holds the figures that carry it, and none goes beyond them."""

from __future__ import annotations

from collections.abc import Iterator, Sequence

from stsbench.audit.encoder import EncoderAudit
from stsbench.audit.fragility import SCALES
from stsbench.audit.rescaling import Family
from stsbench.audit.table import Measure
from stsbench.contracts.figures import percent, points
from stsbench.contracts.wording import listed

SURE = 0.05  # corrected p at or below which a difference is called one
LOCAL = 0.25  # scale up to which the prediction of stability is meant to hold
SKEWED = 1.0  # skewness above which hubs are spoken of


def verdict(audit: EncoderAudit) -> tuple[str, ...]:
    """The sentences, in the order: norms, shape of the space, rescaling, and whether another measure agrees better with people."""
    return (*_norms(audit), *_shape(audit), *_rescaling(audit), *_measures(audit))


def _norms(audit: EncoderAudit) -> Iterator[str]:
    norms = audit.norms
    plain = [measure for measure in audit.measures[1:] if measure.transform == "none" and measure.similarity in ("dot", "euclidean")]
    if norms.constant:
        yield f"All vectors have the same norm ({norms.mean:z.4g}) up to rounding, so the norm carries nothing."
    else:
        yield f"Norms vary by {100 * norms.variation:z.1f} % of their mean ({norms.least:z.4g} to {norms.largest:z.4g})."
        for words, estimate in (("number of words", norms.length), ("mean rarity of words", norms.rarity)):
            if estimate.sure and estimate.value is not None and abs(estimate.value) >= 0.1:
                yield f"The norm follows the {words} of a text: Spearman {_span(estimate.value, estimate.low, estimate.high)}."
        known = norms.gold
        if known.value is not None:
            beyond = "Beyond cosine, the norms of a pair know something of gold"
            unsure = "That the norms of a pair know anything of gold beyond cosine is not shown"
            yield f"{beyond if known.sure else unsure}: partial Spearman {_span(known.value, known.low, known.high)}."
    same = [measure.similarity for measure in plain if measure.identical]
    if same:
        yield f"{listed(['cosine', *same])} rank the {audit.n:,} pairs identically."
    for measure in plain:
        if not measure.identical and measure.agreement is not None and measure.difference is not None and norms.constant:
            yield (
                f"{measure.similarity} and cosine rank the pairs almost alike, but for the rounding of norms: Spearman between them is "
                f"{measure.agreement:z.7f}, and {points(measure.difference)} points with gold."
            )


def _shape(audit: EncoderAudit) -> Iterator[str]:
    shape = audit.isotropy
    if shape.anisotropy is not None:
        yield f"Two different texts of these data have a mean cosine of {shape.anisotropy:z.3f}."
    if shape.top_share is not None:
        names = listed([str(dimension) for dimension, _ in shape.rogue])
        yield f"Dimensions {names} (counted from 0) of {shape.dimensions} make {100 * shape.top_share:z.1f} % of that mean cosine."
    if shape.participation is not None:
        spread = f"{shape.participation:z.1f} of {shape.dimensions} dimensions"
        yield f"The variance of the {audit.texts:,} texts' vectors is spread as over {spread}."
    if audit.hubness is not None:
        hubs = audit.hubness
        yield (
            f"{'There are hubs' if hubs.skewness > SKEWED else 'There are no marked hubs'}: the number of {hubs.k}-nearest-neighbour lists "
            f"that a text is in has skewness {hubs.skewness:z.2f}, and {100 * hubs.antihubs:z.1f} % of texts are in none."
        )


def _rescaling(audit: EncoderAudit) -> Iterator[str]:
    if audit.fragility is not None:
        local = next(stable for stable in audit.fragility.stability if stable.scale == LOCAL)
        if local.simulated is not None:
            yield (
                f"Random factors exp({LOCAL:zg} z) on the dimensions leave cosines correlated with themselves at {local.simulated:z.3f} "
                f"(simulated; {local.predicted:z.3f} predicted)."
            )
    for family in audit.families:
        if family.name in ("coordinate", "worst case"):
            yield _family(family)
    admissible = [family for family in audit.families if family.standing == "admissible"]
    if admissible:
        widest = max(admissible, key=lambda family: family.spread)
        yield (
            f"What the encoder was trained on leaves its scales free (identified up to {audit.identified}): the "
            f"{percent(widest.spread)} points of the family {widest.name!r} are a matter of convention, and no cosine among them "
            "is more the model's own than another."
        )
    elif audit.identified == "unknown":
        yield (
            "It is not declared what this encoder's training identifies its space up to, so these ranges are a sensitivity: what a "
            "rescaling would do, not what training left open."
        )
    else:
        yield (
            f"Training identifies this encoder's space up to {audit.identified}, so these ranges are a sensitivity and no freedom of the "
            "model."
        )


def _family(family: Family) -> str:
    how = "Over random rescalings" if family.name == "coordinate" else "Over rescalings chosen with the gold in hand"
    scale = (
        f" (s up to {SCALES[-1]:zg})" if family.name == "coordinate" else " (a factor of at most 2 a dimension; the range is at least this)"
    )
    return f"{how}{scale} Spearman of cosine runs from {percent(family.low)} to {percent(family.high)}, {percent(family.spread)} points."


def _measures(audit: EncoderAudit) -> Iterator[str]:
    cosine, others = audit.measures[0], audit.measures[1:]
    if cosine.spearman is None:
        yield f"Cosine has no Spearman on these data ({cosine.reason}), so nothing is compared with it."
        return
    tested = [measure for measure in others if measure.p_holm is not None]
    if not tested:
        yield "No other measure could be compared with cosine on these data: there are too few pairs or values."
        return
    fair = [measure for measure in tested if "supervised" not in measure.flags]
    for measure in (measure for measure in tested if "supervised" in measure.flags):
        seen = "pairs some of which are audited here" if "leaked" in measure.flags else "other pairs"
        yield f"Trained on gold scores of {seen}, {measure.name} {_against(measure)}."
    transforms = [measure for measure in fair if measure.transform != "none"]
    for names, group in (("similarity", [measure for measure in fair if measure.transform == "none"]), ("transform", transforms)):
        if group:
            yield _best(names, group, cosine, len(tested))


def _best(what: str, group: Sequence[Measure], cosine: Measure, tested: int) -> str:
    known = [measure for measure in group if measure.difference is not None and measure.p_holm is not None]
    gains = [measure for measure in known if (measure.difference or 0.0) > 0 and (measure.p_holm or 0.0) <= SURE]
    best = max(known, key=lambda measure: measure.difference or 0.0)
    if gains:
        better = max(gains, key=lambda measure: measure.difference or 0.0)
        seen = ", fitted on the very texts that it is measured on" if "transductive" in better.flags else ""
        return f"Another {what} agrees better with people than plain cosine ({_spearman(cosine)}): {better.name}{seen} {_against(better)}."
    return (
        f"No other {what} of the {len(known)} tried is shown to agree better with people than plain cosine ({_spearman(cosine)}), "
        f"at a corrected p of {SURE:zg} over {tested} comparisons; the largest difference is that of {best.name}, which {_against(best)}."
    )


def _against(measure: Measure) -> str:
    """What a measure's difference from cosine is, as far as it is known."""
    assert measure.difference is not None and measure.low is not None  # noqa: PT018 - for the type checker
    assert measure.high is not None and measure.p_holm is not None  # noqa: PT018
    told_apart = "gains on it" if measure.difference > 0 else "loses to it"
    how = told_apart if measure.p_holm <= SURE else "cannot be told apart from it"
    interval = f"95 % interval {points(measure.low)} to {points(measure.high)}"
    p = "below 0.001" if measure.p_holm < 0.001 else f"{measure.p_holm:z.3f}"
    return f"{how}: {points(measure.difference)} points ({interval}; corrected p {p})"


def _spearman(measure: Measure) -> str:
    return percent(measure.spearman, "undefined")


def _span(value: float, low: float | None, high: float | None) -> str:
    return f"{value:z.2f}" if low is None or high is None else f"{value:z.2f} (95 % interval {low:z.2f} to {high:z.2f})"
