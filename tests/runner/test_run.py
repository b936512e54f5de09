"""Evaluation with doubles: what is encoded, what fails, what is counted."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from scipy.stats import spearmanr

from stsbench.api.evaluate import evaluate
from stsbench.api.session import Session
from stsbench.errors import DataError, OptionError, PlanError, PluginError, UsageError
from stsbench.host.registry import Registry
from stsbench.runner.plan import make_plan
from stsbench.runner.request import Request
from stsbench.runner.system import Choice


def cells(
    registry: Registry, encoder: Any = "double", similarity: Any = "cosine", benchmark: Any = "one", **more: Any
) -> list[dict[str, Any]]:
    return evaluate(encoder, similarity, benchmark, registry=registry, **more).cells()


def test_every_unique_text_is_encoded_once_for_all_benchmarks_views_and_similarities(registry: Registry, calls: list[Any]) -> None:
    found = cells(registry, similarity=["cosine", "dot", "manhattan"], benchmark=["one", "two", "sharing"])
    assert len(found) == 2 * 3 * 3
    assert len(calls) == 1
    texts, views, _ = calls[0]
    assert len(texts) == len(set(texts)) == 2 * (7 + 12)
    assert views == ("a", "b")
    assert list(texts) == sorted(texts, key=lambda text: (-len(text.replace(" ", "")), text.replace(" ", "").casefold(), text))


def test_one_encoder_named_twice_is_one_job(registry: Registry, calls: list[Any]) -> None:
    found = cells(registry, encoder=["double", "stsbench-double/double,scale=1"], similarity=["cosine", "Cosine"])
    assert len(calls) == 1
    assert len(found) == 2


def test_references_that_differ_in_views_run_once_each_which_is_said(registry: Registry, calls: list[Any], tmp_path: Any) -> None:
    encoders = ["double,view=a", "double,view=b", "double,view=a,scale=2"]
    (warning,) = evaluate(encoders, "cosine", "one", registry=registry, results=tmp_path).warnings
    assert warning == "double runs 2 times, since 2 references name it with other views; one that joins their views with + runs it once"
    assert [views for _, views, _ in calls] == [("a",), ("b",), ("a",)]
    assert evaluate(encoders, "cosine", "one", registry=registry, results=tmp_path).warnings == (), "nothing is left to run"
    assert evaluate("double,view=a+b", "cosine", "one", registry=registry).warnings == ()


def test_the_scores_of_every_view_are_held_for_a_comparison(registry: Registry) -> None:
    report = evaluate(["double,view=a", "double,view=b"], "cosine", "one", registry=registry)
    assert report.held is not None
    (file,) = report.held.files
    assert {cell.view for cell in report.held.scores(file)} == {"a", "b"}


def named(*choices: tuple[str, str]) -> Request:
    return Request(tuple(Choice(ref, ("cosine",), label=label) for ref, label in choices), ("one",))


@pytest.mark.parametrize(
    ("choices", "message"),
    [
        ((("double,view=a", "Mine one"), ("double,view=b", "Mine-One")), "the labels 'Mine one' and 'Mine-One' would share files"),
        ((("double,view=a", "double"), ("double,view=b", "")), None),
        ((("double,view=a", "Double"), ("double,view=b", "")), "the labels 'Double' and 'double' would share files"),
        ((("double,view=a", "one"), ("double,view=a", "two")), "double is given two labels, 'one' and 'two'; give it one"),
    ],
)
def test_labels_that_would_hide_each_other(registry: Registry, choices: Any, message: str | None) -> None:
    if message is None:
        make_plan(registry, named(*choices))
        return
    with pytest.raises(PlanError, match=message):
        make_plan(registry, named(*choices))


def test_labels_of_other_encoders_and_of_one_place_hold(registry: Registry) -> None:
    plan = make_plan(registry, named(("double", "Mine (1)"), ("double,scale=2", "Mine 1")))
    assert [job.encoder.label for job in plan.jobs] == ["Mine (1)", "Mine 1"]
    for order in (("", "Mine"), ("Mine", "")):
        (job,) = make_plan(registry, named(*(("double", label) for label in order))).jobs
        assert job.encoder.label == "Mine"


def test_metrics_equal_scipy_on_the_pairs(registry: Registry) -> None:
    (row, _) = cells(registry, similarity="dot")
    resolved = registry.resolve("benchmark", "one").build().load()[0].pairs
    encoder = registry.resolve("encoder", "double").build()
    left, right = (encoder.encode(side, views=["a"]).vectors["a"].astype(float) for side in (resolved.left, resolved.right))
    assert row["spearman"] == pytest.approx(spearmanr((left * right).sum(axis=1), resolved.gold).statistic, abs=1e-12)


@pytest.mark.parametrize(
    ("encoder", "message"),
    [
        ("few-rows", r"returned an array of shape \(37, 6\) for view 'a' and 38 texts; one row a text is expected"),
        ("nan-rows", "returned NaN or infinity for view 'a' in 38 rows, the first being row 0"),
        ("flat", r"returned an array of shape \(38,\)"),
        ("float64", "returned float64 for view 'a'; the contract is float32"),
        ("tensor", "returned torch.Tensor for view 'a', not a plain numpy array; convert it to float32"),
        ("bare-array", "returned numpy.ndarray, not Embeddings"),
        ("no-view", "returned nothing for view 'a'"),
        ("raises", "RuntimeError: out of luck"),
    ],
)
def test_an_encoder_that_breaks_the_contract_fails_its_cells_only(registry: Registry, encoder: str, message: str) -> None:
    report = evaluate([encoder, "double"], "cosine", ["one", "two"], registry=registry)
    failed = [cell for cell in report.cells() if cell["encoder"] == encoder]
    fine = [cell for cell in report.cells() if cell["encoder"] == "double"]
    assert [cell["status"] for cell in failed] == ["failed"] * 2
    assert all(cell["spearman"] is None for cell in failed)
    assert [cell["status"] for cell in fine] == ["ok"] * 4
    assert report.exit_code == 1
    import re

    assert all(
        re.search(rf"encoder '{encoder}' of stsbench-double 0\.9 failed while it was encoding: .*{message}", cell["reason"])
        for cell in failed
    )


def test_a_view_that_nobody_asked_for_is_ignored(registry: Registry) -> None:
    (cell,) = cells(registry, encoder="more-views")
    assert (cell["view"], cell["status"]) == ("a", "ok")


def test_dimensions_that_change_between_chunks_are_refused(registry: Registry) -> None:
    sizes = iter([3, 4])

    class Changing:
        def encode(self, texts: list[str]) -> Any:
            return np.ones((len(texts), next(sizes)))

    session = Session.opened(registry, cache=False).having(chunk=10)
    (cell,) = session.run(Request.of([Changing()], "cosine", "one")).cells()
    assert "vectors of 4 dimensions for view 'sentence' after 3" in cell["reason"]


@pytest.mark.parametrize(
    ("similarity", "message"),
    [
        ("failing", "ZeroDivisionError"),
        ("nan", "returned NaN or infinity for 12 pairs, the first being pair 1"),
        ("short", r"returned float64 of shape \(1,\) for 12 pairs"),
        ("float32", "returned float32 of shape"),
    ],
)
def test_a_similarity_that_breaks_the_contract_fails_its_cells_only(registry: Registry, similarity: str, message: str) -> None:
    found = cells(registry, similarity=[similarity, "cosine"])
    by = {(cell["similarity"], cell["view"]): cell for cell in found}
    assert by["cosine", "a"]["status"] == "ok"
    assert by[similarity, "a"]["status"] == "failed"
    assert f"similarity '{similarity}' of stsbench-double 0.9 failed while it was scoring" in by[similarity, "a"]["reason"]
    import re

    assert re.search(message, by[similarity, "a"]["reason"])


@pytest.mark.parametrize(("benchmark", "reason"), [("constant", "constant gold"), ("single", "one pair only")])
def test_what_has_no_correlation_is_undefined_with_a_reason(registry: Registry, benchmark: str, reason: str) -> None:
    report = evaluate("double", "cosine", benchmark, registry=registry)
    for cell in report.cells():
        assert (cell["status"], cell["reason"]) == ("undefined", reason)
        assert cell["spearman"] is cell["pearson"] is cell["kendall"] is None
    assert report.exit_code == 0


def test_constant_scores_are_undefined(registry: Registry) -> None:
    class Same:
        def encode(self, texts: list[str]) -> Any:
            return np.ones((len(texts), 4))

    (cell,) = cells(registry, encoder=Same())
    assert (cell["status"], cell["reason"]) == ("undefined", "constant scores")


def test_an_undefined_part_leaves_no_aggregate(registry: Registry) -> None:
    found = {(cell["view"], cell["subset"]): cell for cell in cells(registry, benchmark="half-constant")}
    assert found["a", "s1"]["status"] == "ok"
    assert found["a", "s2"]["status"] == found["a", "*"]["status"] == "undefined"
    assert found["a", "*"]["spearman"] is None


def test_aggregation_over_parts(registry: Registry) -> None:
    for benchmark in ("parts", "parts-wmean", "parts-all"):
        found = {cell["subset"]: cell for cell in cells(registry, encoder="double,view=a", benchmark=benchmark, similarity="dot")}
        s1, s2 = found["s1"]["spearman"], found["s2"]["spearman"]
        loaded = registry.resolve("benchmark", benchmark).build().load()
        encoder = registry.resolve("encoder", "double").build()
        products = [
            (
                encoder.encode(one.pairs.left, views=["a"]).vectors["a"].astype(float)
                * encoder.encode(one.pairs.right, views=["a"]).vectors["a"]
            ).sum(axis=1)
            for one in loaded
        ]
        together = spearmanr(np.concatenate(products), np.concatenate([one.pairs.gold for one in loaded])).statistic
        expected = {"parts": (s1 + s2) / 2, "parts-wmean": (10 * s1 + 30 * s2) / 40, "parts-all": together}[benchmark]
        assert found["*"]["spearman"] == pytest.approx(expected, abs=1e-9)
        assert found["*"]["n"] == 40


def test_an_impossible_pair_is_left_out_of_a_grid_and_listed(registry: Registry) -> None:
    report = evaluate(["hashing", "double"], ["cosine", "soft-cosine"], "one", registry=registry)
    assert [one.reason for one in report.left_out] == ["soft-cosine needs tokens, and double gives vectors"]
    assert {(cell["encoder"], cell["similarity"]) for cell in report.cells()} == {
        ("hashing", "cosine"),
        ("hashing", "soft-cosine"),
        ("double", "cosine"),
    }


@pytest.mark.parametrize(
    ("encoders", "similarities", "message"),
    [
        (["double"], ["soft-cosine"], "encoder double ends up in no system: soft-cosine needs tokens"),
        ([], ["cosine"], "no encoder was named"),
        (["double"], [], "no similarity was named"),
        ([3], ["cosine"], "an encoder is a reference or an object with encode"),
        ([np.ndarray], ["cosine"], "an encoder is a reference or an object with encode"),
    ],
)
def test_a_request_in_which_something_takes_no_part(registry: Registry, encoders: Any, similarities: Any, message: str) -> None:
    with pytest.raises(UsageError, match=message):
        evaluate(encoders, similarities, "one", registry=registry)


def test_an_unknown_view_of_a_board_is_an_error(registry: Registry) -> None:
    from stsbench.runner.plan import make_plan
    from stsbench.runner.request import Request
    from stsbench.runner.system import Choice

    with pytest.raises(OptionError, match="double has no view 'c'; it has a, b"):
        make_plan(registry, Request((Choice("double", ("cosine",), ("c",)),), ("one",)))
    with pytest.raises(PlanError, match="the board names an impossible system"):
        make_plan(registry, Request((Choice("double", ("cosine", "soft-cosine"), required=True),), ("one",)))


def test_prompts_are_part_of_the_system(registry: Registry, calls: list[Any]) -> None:
    plain, left, both = (
        cells(registry, encoder=encoder, cache=False)[0]
        for encoder in ("double,view=a", "double,view=a,prompt_left=query:%20", "double,view=a,prompt=query:%20")
    )
    assert len({cell["spearman"] for cell in (plain, left, both)}) == 3
    assert len({cell["signature"] for cell in (plain, left, both)}) == 3
    assert [prompt for _, _, prompt in calls] == ["", "", "query: ", "query: "]


def test_a_model_that_was_made_for_another_similarity(registry: Registry, tmp_path: Path) -> None:
    report = evaluate("made-for-dot", ["cosine", "pearson"], "one", registry=registry, results=tmp_path)
    assert report.warnings == ("made-for-dot was made for dot, and is measured with cosine, pearson only; add -s dot",)
    assert not evaluate("made-for-dot", ["cosine", "dot"], "one", registry=registry).warnings
    (file,) = tmp_path.rglob("*.json")
    provenance = json.loads(file.read_text())["provenance"]
    assert (provenance["card.made_for"], provenance["decided.pooling"]) == ("dot", "mean")


def test_a_named_prompt_and_the_warning_when_none_was_chosen(registry: Registry, calls: list[Any]) -> None:
    report = evaluate("prompted", "cosine", "one", registry=registry)
    assert any("holds prompts (query) and none was chosen" in warning for warning in report.warnings)
    report = evaluate("prompted,prompt_name=query", "cosine", "one", registry=registry)
    assert not report.warnings
    assert calls[-1][2] == "query: "
    assert report.entries[0].record.prompts == ("query: ", "query: ")
    with pytest.raises(OptionError, match="has no prompt 'passage'; its configuration holds query"):
        evaluate("prompted,prompt_name=passage", "cosine", "one", registry=registry)


def test_counts_and_flags(registry: Registry) -> None:
    report = evaluate("double,view=a", "cosine", "long", registry=registry)
    counts = report.entries[0].record.counts
    assert (counts.unique_texts, counts.empty_texts, counts.truncated_texts) == (6, 2, 1)
    assert "truncated" in report.entries[0].record.flags


def test_zero_and_constant_vectors_are_counted(registry: Registry) -> None:
    class Odd:
        def encode(self, texts: list[str]) -> Any:
            return np.array(
                [[0, 0] if text.endswith("0") else [3, 3] if text.endswith("1") else [len(text), 1.5 * int(text[-1])] for text in texts]
            )

    report = evaluate(Odd(), "cosine", "sharing", registry=registry)
    counts = report.entries[0].record.counts
    assert (counts.zero_vectors, counts.constant_vectors) == (2, 2)


def test_a_fit_on_itself_sees_each_text_of_the_part_once_and_is_flagged(registry: Registry, fits: list[Any]) -> None:
    report = evaluate("double,view=a", "fitted", "parts", registry=registry)
    assert [len(data.texts) for data in fits] == [7 + 10, 7 + 30]
    assert list(fits[0].texts) == sorted(set(fits[0].texts))
    record = report.entries[0].record
    assert record.fit is not None
    assert record.fit.transductive
    assert "transductive" in record.flags


def test_a_fit_on_another_benchmark_uses_its_texts_and_changes_the_key(registry: Registry, fits: list[Any]) -> None:
    own = evaluate("double,view=a", "fitted", "one", registry=registry).entries[0].record
    other = evaluate("double,view=a", "fitted,fit=two", "one", registry=registry).entries[0].record
    assert all("x" in text for text in fits[-1].texts)
    assert own.key != other.key
    assert other.fit is not None
    assert not other.fit.transductive
    assert "fit=stsbench-double/two" in other.signature


def test_a_pair_scorer_takes_the_encoders_place(registry: Registry) -> None:
    (cell,) = cells(registry, encoder="lengths", similarity=[])
    assert (cell["encoder"], cell["view"], cell["similarity"], cell["status"]) == ("lengths", "pair", "", "ok")


def test_data_that_differ_are_scored_under_a_name_that_says_so(registry: Registry) -> None:
    report = evaluate("double", "cosine", "other", registry=registry)
    assert report.cells()[0]["benchmark"].startswith("other~")
    assert any("other differs from its definition; it is scored as other~" in warning for warning in report.warnings)
    assert "differs" in report.entries[0].record.flags


def test_limit_takes_evenly_spaced_pairs(registry: Registry) -> None:
    (cell, _) = cells(registry, limit=4)
    assert cell["n"] == 4
    with pytest.raises(UsageError, match="keeps no record"):
        cells(registry, limit=4, results="somewhere")
    with pytest.raises(UsageError, match="at least 1"):
        cells(registry, limit=0)


def test_a_benchmark_that_cannot_be_loaded_costs_only_its_cells(registry: Registry) -> None:
    report = evaluate(
        "double,view=a",
        "cosine",
        ["one", "csv:nowhere.csv,left=a,right=b,score=c"] if False else ["one", "broken"],
        registry=_with_broken(registry),
    )
    assert [cell["status"] for cell in report.cells()] == ["ok", "failed"]
    assert "the disk is on fire" in report.cells()[1]["reason"]
    assert report.exit_code == 1
    with pytest.raises(DataError, match="the disk is on fire"):
        evaluate("double", "cosine", "broken", registry=_with_broken(registry))


def _with_broken(registry: Registry) -> Registry:
    from types import SimpleNamespace

    from stsbench.contracts.components.component import Component
    from stsbench.contracts.components.protocols import BenchmarkCard
    from stsbench.hookspecs import hookimpl
    from stsbench.host.discovery import register

    class Broken:
        card = BenchmarkCard("broken")

        def load(self) -> Any:
            raise DataError("the disk is on fire")

    def broken() -> Any:
        """A double that cannot be loaded."""
        return Broken()

    def stsbench_benchmarks() -> Any:
        return [Component("broken", broken)]

    plugin = SimpleNamespace(stsbench_benchmarks=hookimpl(stsbench_benchmarks))
    return Registry((*registry.plugins, register(plugin, distribution="stsbench-broken", version="1")))


def test_when_no_encoder_can_be_built_the_error_is_raised(registry_of: Any) -> None:
    from stsbench.contracts.components.component import Component

    def broken() -> Any:
        """A double that fails."""
        raise ValueError("no")

    registry = registry_of(("stsbench-bad", "1", {"encoders": [Component("broken", broken)]}))
    with pytest.raises(PluginError, match="encoder 'broken' of stsbench-bad 1 failed while it was built: ValueError: no"):
        evaluate("broken", "cosine", "mini", registry=registry)


def test_plain_objects_are_measured_anew_each_time_and_never_kept(registry: Registry, tmp_path: Any) -> None:
    class Model:
        weights = 1.0

        def encode(self, texts: list[str]) -> Any:
            rng = np.random.default_rng(int(self.weights))
            return [rng.normal(size=3).tolist() for _ in texts]

    model = Model()
    before = cells(registry, encoder=model, results=tmp_path)[0]["spearman"]
    model.weights = 2.0  # a training step
    after = cells(registry, encoder=model, results=tmp_path)[0]["spearman"]
    assert before != after
    assert not list(tmp_path.rglob("*.json"))


def test_to_frame_has_one_row_a_cell(registry: Registry) -> None:
    frame = evaluate("double", ["cosine", "dot"], ["one", "constant"], registry=registry).to_frame()
    assert list(frame.columns) == [
        "encoder", "view", "transform", "similarity", "benchmark", "protocol", "split", "subset", "n", "spearman", "pearson", "kendall", "task", "average_precision", "roc_auc", "triplet_accuracy",
        "empty_texts", "truncated_texts", "zero_vectors", "constant_vectors", "flags", "status", "reason", "signature",
    ]  # fmt: skip
    assert len(frame) == 8
    assert frame["spearman"].isna().sum() == 4


def test_two_prompts_never_share_a_file(registry: Registry, tmp_path: Any) -> None:
    for prompt, similarities in (("query:", ["cosine", "dot"]), ("query:%20", ["cosine"])):
        evaluate(f"double,view=a,prompt={prompt}", similarities, "one", registry=registry, results=tmp_path)
    assert len(list((tmp_path / "results").rglob("*.json"))) == 2
    alone = cells(registry, encoder="double,view=a,prompt=query:", similarity="dot")[0]
    kept = cells(registry, encoder="double,view=a,prompt=query:", similarity="dot", results=tmp_path)[0]
    assert kept["spearman"] == pytest.approx(alone["spearman"], abs=1e-6)


def test_a_fit_on_the_very_texts_is_flagged_whatever_it_is_called(registry: Registry) -> None:
    own, named = (
        evaluate("double,view=a", similarity, "one", registry=registry).entries[0].record for similarity in ("fitted", "fitted,fit=one")
    )
    assert own.key != named.key
    assert "transductive" in own.flags
    assert "transductive" in named.flags


def test_a_text_similarity_beside_a_vector_one(registry: Registry) -> None:
    found = cells(registry, encoder="double,view=a", similarity=["cosine", "lengths"])
    assert [cell["status"] for cell in found] == ["ok", "ok"]


def test_an_encoder_that_exits_is_a_failed_cell(registry_of: Any) -> None:
    class Exiting:
        def encode(self, texts: list[str]) -> Any:
            raise SystemExit(0)

    report = evaluate(Exiting(), "cosine", "mini", registry=registry_of())
    assert report.exit_code == 1
    assert "SystemExit" in report.cells()[0]["reason"]


def test_what_is_no_encoder_is_said_when_it_is_built(registry_of: Any) -> None:
    from stsbench.contracts.components.component import Component

    class Half:
        views = "sentence"
        token_views = ()

        def encode(self) -> None: ...

    def half() -> Any:
        """A double without the contract's attributes."""
        return Half()

    with pytest.raises(PluginError, match=r"an encoder needs fingerprint, a Fingerprint and views, a tuple of str$"):
        evaluate("half", "cosine", "mini", registry=registry_of(("stsbench-half", "1", {"encoders": [Component("half", half)]})))


def test_a_benchmark_of_pairs_and_not_of_parts_is_told_what_is_expected(registry_of: Any) -> None:
    from stsbench.plugin import BenchmarkCard, Component, Pairs

    class Bare:
        """Pairs without a split and a subset."""

        card = BenchmarkCard("bare")

        def load(self) -> Any:
            return [Pairs(("a",), ("b",), np.array([1.0]))]

    with pytest.raises(PluginError, match=r"failed while it was loading: it returned \S*Pairs, where a tuple of Part is expected"):
        evaluate("hashing", "cosine", "bare", registry=registry_of(("stsbench-bare", "1", {"benchmarks": [Component("bare", Bare)]})))
