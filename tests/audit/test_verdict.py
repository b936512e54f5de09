"""The table beside cosine, and that no sentence of a verdict goes beyond the figures."""

from __future__ import annotations

import re
from dataclasses import replace
from typing import Any

import numpy as np
import pytest
from scipy import stats

from stsbench.audit.encoder import EncodedPart, EncoderAudit, audit
from stsbench.audit.figure import figure
from stsbench.audit.sections import markdown, sections
from stsbench.audit.table import AuditRow, Measure, compare
from stsbench.audit.verdict import verdict
from stsbench.builtin.similarities import kernels
from stsbench.contracts.data import Pairs
from stsbench.stats.comparing.panel import Benchmarked, Panel
from stsbench.stats.correlation import rankable
from stsbench.stats.intervals import percentile
from stsbench.stats.metrics import measure
from stsbench.stats.resampling import Sample


def rows_of(gold: Any, scores: dict[tuple[str, str, tuple[str, ...]], Any]) -> list[AuditRow]:
    found: list[AuditRow] = []
    for (similarity, transform, flags), values in scores.items():
        stored = rankable(values)[0]
        measured = measure(gold, stored)
        found.append((Measure(similarity, transform, flags, measured.figures.get("spearman"), measured.reason), stored))
    return found


def subject(unit: bool, seed: int = 0) -> tuple[EncodedPart, dict[str, Any]]:
    random = np.random.default_rng(seed)
    weight = random.uniform(size=(80, 1))
    left = random.normal(size=(80, 8))
    right = weight * left + (1 - weight) * random.normal(size=(80, 8))
    vectors = np.vstack([left, right])
    vectors = kernels.unit(vectors) if unit else vectors * random.uniform(0.2, 5, size=(160, 1))
    texts = tuple(f"text {'word ' * int(random.integers(1, 9))}{row}" for row in range(160))
    pairs = Pairs(texts[:80], texts[80:], weight[:, 0] + 0.2 * random.normal(size=80))
    places = np.arange(160)
    own = EncodedPart(vectors, texts, places[:80], places[80:], pairs, None, "unknown")
    return own, {name: getattr(kernels, name)(vectors[:80], vectors[80:]) for name in ("cosine", "dot", "euclidean")}


def audited(unit: bool, extra: dict[tuple[str, str, tuple[str, ...]], Any] | None = None) -> EncoderAudit:
    own, scores = subject(unit)
    plain: dict[tuple[str, str, tuple[str, ...]], Any] = {(name, "none", ()): values for name, values in scores.items()}
    return audit("double", "sentence", "data", "stsbench", own, rows_of(own.pairs.gold, {**plain, **(extra or {})}), resamples=499)


def test_an_interval_is_of_the_measure_less_cosine() -> None:
    gold = np.random.default_rng(2).normal(size=60)
    scores = gold[:, None] + np.random.default_rng(3).normal(size=(60, 2)) * [2.0, 0.5]
    rows = rows_of(gold, {("cosine", "none", ()): scores[:, 0], ("better", "none", ()): scores[:, 1]})
    panel = Panel((Benchmarked("audit", (Sample(gold, scores, np.arange(60)),)),), 60)
    (expected,) = panel.differences(panel.draws(499, 0), (np.array([1]), np.array([0])))
    better = compare(gold, rows, resamples=499)[1]
    assert better.difference == pytest.approx(expected.value, abs=1e-9)
    assert (better.low, better.high) == pytest.approx(percentile(expected.draws), abs=1e-9)
    assert expected.value > 0


def test_a_measure_that_ranks_alike_is_identical_and_is_not_tested() -> None:
    own, scores = subject(unit=False)
    gold = own.pairs.gold
    noise = np.random.default_rng(1).normal(size=80)
    found = compare(
        gold,
        rows_of(
            gold, {("cosine", "none", ()): scores["cosine"], ("cubed", "none", ()): scores["cosine"] ** 3, ("noise", "none", ()): noise}
        ),
        resamples=499,
    )
    assert [one.identical for one in found] == [True, True, False]
    assert found[1].difference == pytest.approx(0.0, abs=1e-12)
    assert found[1].p is found[1].p_holm is None
    worse = found[2]
    expected = stats.spearmanr(gold, noise).statistic - stats.spearmanr(gold, scores["cosine"]).statistic
    assert worse.difference == pytest.approx(expected, abs=1e-6)
    assert worse.low is not None
    assert worse.high is not None
    assert worse.low < expected < worse.high < 0
    assert worse.p == worse.p_holm == pytest.approx(2 / 500)


def test_holm_counts_what_is_tested_only() -> None:
    own, scores = subject(unit=False)
    gold = own.pairs.gold
    random = np.random.default_rng(2)
    named: dict[tuple[str, str, tuple[str, ...]], Any] = {
        ("cosine", "none", ()): scores["cosine"],
        ("same", "none", ()): 2 * scores["cosine"],
    }
    named |= {(f"noise {number}", "none", ()): random.normal(size=80) for number in range(3)}
    found = compare(gold, rows_of(gold, named), resamples=499)
    assert [one.p_holm for one in found[2:]] == [pytest.approx(3 * 2 / 500)] * 3


def test_what_has_no_figure_is_named_and_compared_with_nothing() -> None:
    own, scores = subject(unit=False)
    gold = own.pairs.gold
    rows = [
        *rows_of(gold, {("cosine", "none", ()): scores["cosine"], ("flat", "none", ()): np.ones(80)}),
        (Measure("lost", "none", (), None, "it broke"), None),
    ]
    flat, lost = compare(gold, rows, resamples=499)[1:]
    assert (flat.spearman, flat.reason, flat.difference) == (None, "constant scores", None)
    assert (lost.spearman, lost.reason, lost.p) == (None, "it broke", None)
    few = compare(
        gold[:8],
        [fewer(row, 8) for row in rows_of(gold, {("cosine", "none", ()): scores["cosine"], ("dot", "none", ()): scores["dot"]})],
    )
    assert few[1].p is None


def fewer(row: AuditRow, n: int) -> AuditRow:
    measure, scores = row
    assert scores is not None
    return measure, scores[:n]


def said(one: EncoderAudit) -> str:
    return " ".join(verdict(one))


def test_identically_is_said_only_of_identical_ranks() -> None:
    found = audited(unit=True)
    same = [measure.similarity for measure in found.measures if measure.identical]
    assert same == ["cosine", "dot", "euclidean"]
    assert "All vectors have the same norm (1) up to rounding" in said(found)
    assert "cosine, dot and euclidean rank the 80 pairs identically." in said(found)
    moved = tuple(replace(one, identical=False, agreement=0.9999999) if one.similarity == "dot" else one for one in found.measures)
    words = said(replace(found, measures=moved))
    assert "cosine and euclidean rank the 80 pairs identically." in words
    assert "dot and cosine rank the pairs almost alike" in words
    other = said(audited(unit=False))
    assert "identically" not in other
    assert "almost alike" not in other
    assert "Norms vary by" in other


def gains(difference: float, p: float, flags: tuple[str, ...] = ()) -> str:
    found = audited(unit=True)
    cosine = found.measures[0]
    assert cosine.spearman is not None
    one = Measure(
        "cosine", "whiten", flags, cosine.spearman + difference, None, False, 0.9, difference, difference - 0.01, difference + 0.01, p, p
    )
    return said(replace(found, measures=(cosine, one)))


def test_a_gain_is_said_only_when_it_is_one() -> None:
    assert "agrees better with people than plain cosine" in gains(0.03, 0.01)
    assert "gains on it: +3.00 points (95 % interval +2.00 to +4.00; corrected p 0.010)" in gains(0.03, 0.01)
    for words in (gains(0.03, 0.06), gains(-0.03, 0.01)):
        assert "Another transform" not in words
        assert "No other transform of the 1 tried is shown to agree better" in words
    assert "cannot be told apart from it: +3.00" in gains(0.03, 0.06)
    assert "loses to it: -3.00" in gains(-0.03, 0.01)
    assert "fitted on the very texts that it is measured on" in gains(0.03, 0.01, ("transductive",))
    trained = gains(0.03, 0.01, ("supervised", "leaked"))
    assert "Trained on gold scores of pairs some of which are audited here" in trained
    assert "Another transform" not in trained


def test_nothing_is_compared_with_what_does_not_exist() -> None:
    found = audited(unit=True)
    cosine = replace(found.measures[0], spearman=None, reason="constant gold")
    assert "Cosine has no Spearman on these data (constant gold)" in said(replace(found, measures=(cosine, *found.measures[1:])))
    assert "there are too few pairs or values" in said(replace(found, measures=found.measures[:1]))
    assert "leave cosines correlated" not in said(replace(found, fragility=None))


def test_admissible_is_said_only_of_what_training_leaves_free() -> None:
    own, scores = subject(unit=False)
    rows = rows_of(own.pairs.gold, {("cosine", "none", ()): scores["cosine"]})
    words = {
        known: said(audit("double", "sentence", "data", "stsbench", replace(own, identified=known), rows, resamples=99))
        for known in ("unknown", "O(d)", "diag", "GL(d)")
    }
    for known in ("diag", "GL(d)"):
        assert f"leaves its scales free (identified up to {known})" in words[known]
        assert "sensitivity" not in words[known]
    assert "It is not declared" in words["unknown"]
    assert "identifies this encoder's space up to O(d)" in words["O(d)"]
    assert "convention" not in words["unknown"] + words["O(d)"]


@pytest.mark.parametrize("unit", [True, False])
def test_every_number_of_a_verdict_is_in_the_audit(unit: bool) -> None:
    """Worded figures are those of the tables, not others."""
    found = audited(unit)
    tables = " ".join(cell for section in sections(found) for row in (section.header, *section.rows, section.notes) for cell in row)
    shape = found.isotropy
    assert shape.anisotropy is not None
    assert f"mean cosine of {shape.anisotropy:.3f}" in said(found)
    for family in found.families:
        if family.name in ("coordinate", "worst case"):
            assert f"from {100 * family.low:.2f} to {100 * family.high:.2f}, {100 * family.spread:.2f} points" in said(found)
            assert all(f"{100 * value:.2f}" in tables for value in (family.low, family.high, family.spread))
    assert found.fragility is not None
    local = found.fragility.stability[1]
    assert f"{local.simulated:.3f} (simulated; {local.predicted:.3f} predicted)" in said(found)


def test_a_report_holds_its_tables_and_no_markup_of_others() -> None:
    found = audited(unit=False, extra={("<b>*|x", "none", ()): np.arange(80.0)})
    text = markdown([found])
    assert text.startswith("# double · sentence on data\n")
    assert "&lt;b&gt;\\*\\|x" in text
    widths = {line.replace("\\|", "").count("|") for line in text.split("\n") if re.match(r"\| (similarity|cosine|dot|euclidean) \|", line)}
    assert widths == {9}
    drawn = figure([found])
    assert len(drawn["vconcat"][0]["vconcat"]) == 3
