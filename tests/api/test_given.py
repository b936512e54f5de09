"""Pairs and objects that are given in Python: evaluated, kept and compared like others, and private like files."""

from __future__ import annotations

import csv
from collections.abc import Sequence
from decimal import Decimal
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd
import polars as pl
import pyarrow as pa
import pytest
from typer.testing import CliRunner

import stsbench
from stsbench.cli.app import app
from stsbench.contracts.boards.board import BoardSpec
from stsbench.errors import DataError, OptionError, StsbenchError, UsageError

ROWS = [(f"canary number {row}", f"another canary {row * 5 % 7} and {row % 3}", float(row * 3 % 8)) for row in range(24)]
FRAME = pd.DataFrame(ROWS, columns=["a", "b", "s"])
COLUMNS: dict[str, Any] = {"left": "a", "right": "b", "score": "s"}


class Lengths:
    """A double that counts its calls."""

    calls = 0

    def encode(self, texts: Sequence[str]) -> list[list[float]]:
        self.calls += 1
        return [[len(text), text.count("a"), 1.0] for text in texts]


def figure(encoder: Any, benchmarks: Any, **more: Any) -> Any:
    (cell,) = stsbench.evaluate(encoder, "cosine", benchmarks, **more).cells()
    return cell["spearman"]


def test_pairs_in_any_form_are_those_of_a_file(tmp_path: Path) -> None:
    path = tmp_path / "pairs.csv"
    with path.open("w", newline="", encoding="utf-8") as stream:
        csv.writer(stream).writerows([("left", "right", "score"), *ROWS])
    forms: list[Any] = [
        ROWS,
        [ROWS],
        [list(row) for row in ROWS],
        {name: [row[place] for row in ROWS] for place, name in enumerate(("left", "right", "score"))},
        FRAME.rename(columns=dict(zip("abs", ("sentence1", "sentence2", "score"), strict=True))),
        FRAME.rename(columns=dict(zip("abs", ("left", "right", "gold"), strict=True))).to_dict("records"),
        stsbench.pairs(FRAME, **COLUMNS),
    ]
    found = [stsbench.evaluate("hashing", "cosine", one).entries[0].record for one in [*forms, f"csv:{path}"]]
    assert len({(record.figure, record.digest, record.n) for record in found}) == 1
    assert found[0].source == "memory"


def test_narrow_numbers_are_those_that_were_written() -> None:
    tenths = [(left, right, gold / 10) for left, right, gold in ROWS]
    wide = stsbench.evaluate("hashing", "cosine", tenths).entries[0].record
    frame = pd.DataFrame(tenths, columns=["left", "right", "score"])
    forms: list[Any] = [frame.astype({"score": dtype}) for dtype in ("float32", "float16", "Float32", "float[pyarrow]")]
    forms += [frame.to_dict("list") | {"score": np.array(frame["score"], dtype="float32")}, pl.from_pandas(frame.astype({"score": "f4"}))]
    forms += [[(left, right, np.float32(gold)) for left, right, gold in tenths]]
    columns = frame.to_dict("list")
    forms += [columns | {"score": np.array(frame["score"], dtype=dtype)} for dtype in (">f4", ">f2", ">f8")]
    forms += [columns | {"score": frame["score"].astype("float32").astype("category")}]
    forms += [columns | {"score": pa.chunked_array([pa.array(columns["score"], pa.float32())])}, pa.table(frame.astype({"score": "f4"}))]
    forms += [*pa.table(frame).to_batches(), frame.assign(collect="of a column"), columns | {"left": dict.fromkeys(columns["left"]).keys()}]
    assert {stsbench.evaluate("hashing", "cosine", one).entries[0].record.digest for one in forms} == {wide.digest}


def test_several_benchmarks_stand_beside_references() -> None:
    report = stsbench.evaluate("hashing", "cosine", [stsbench.pairs(ROWS, name="mine"), "mini", ROWS[:12]])
    assert [(cell["benchmark"][:8], cell["n"]) for cell in report.cells()] == [("mine", 24), ("mini", 280), ("private-", 12)]


def test_groups_and_tasks_go_with_the_pairs() -> None:
    frame = FRAME.assign(s=[row % 2 for row in range(24)], kind=["x", None] * 12)
    (cell,) = stsbench.evaluate("hashing", "cosine", stsbench.pairs(frame, **COLUMNS, group="kind", task="binary", name="yes-no")).cells()
    assert (cell["task"], cell["benchmark"], cell["status"]) == ("binary", "yes-no", "ok")
    (part,) = stsbench.pairs(frame, **COLUMNS, group="kind").made.load()
    assert set(part.pairs.group) == {"x", ""}


def test_weights_of_a_column_count_pairs() -> None:
    frame = FRAME.assign(w=[1 + row % 3 for row in range(24)])
    often = frame.loc[frame.index.repeat(frame["w"])]
    given = [stsbench.pairs(frame, **COLUMNS, weight="w"), stsbench.pairs(often, **COLUMNS), stsbench.pairs(frame, **COLUMNS)]
    weighed, repeated, plain = (figure("hashing", one) for one in given)
    assert weighed == pytest.approx(repeated, abs=1e-12)
    assert weighed != pytest.approx(plain, abs=1e-3)
    for column, says in (("x", "has no column 'x'"), ("a", "have a weight that is no finite number above 0")):
        with pytest.raises(DataError, match=says):
            stsbench.pairs(frame, **COLUMNS, weight=column)
    with pytest.raises(DataError, match="has a weight that is no finite number above 0"):
        stsbench.pairs(frame.assign(w=[0.5] * 23 + [None]), **COLUMNS, weight="w")


def test_results_are_kept_under_the_name_and_are_of_these_very_pairs(tmp_path: Path) -> None:
    model, mine = Lengths(), stsbench.pairs(FRAME, **COLUMNS, name="mine")
    named = stsbench.named(model, "lengths", version="1")
    first = figure(named, mine, results=tmp_path)
    kept = pytest.approx(first, abs=1e-6)  # as records hold it
    assert figure(named, mine, results=tmp_path) == kept
    assert figure(stsbench.named(Lengths(), "lengths", version="1"), mine, results=tmp_path) == kept
    assert model.calls == 1
    others = stsbench.pairs([(left, right, -gold) for left, right, gold in ROWS], name="mine")
    assert figure(named, others, results=tmp_path) == pytest.approx(-first)
    assert figure(named, mine, results=tmp_path) == pytest.approx(first)
    assert model.calls == 3
    assert {path.parent.name for path in tmp_path.rglob("*.json")} == {"mine@plain"}


def test_a_version_is_another_system_and_neither_is_read_from_the_cache(tmp_path: Path) -> None:
    class Other(Lengths):
        def encode(self, texts: Sequence[str]) -> list[list[float]]:
            return [[text.count("n"), len(text), text.count("1")] for text in texts]

    both = [stsbench.named(Lengths(), "mine", version="1"), stsbench.named(Other(), "mine", version="2 (new)")]
    report = stsbench.evaluate(both, "cosine", [ROWS], results=tmp_path)
    first, second = report.cells()
    assert first["spearman"] != second["spearman"]
    assert (first["encoder"], second["encoder"]) == ("mine,version=1", "mine,version=2%20(new)")
    assert figure(Other(), [ROWS]) == second["spearman"]
    assert not report.warnings
    assert figure(stsbench.named(Other(), "mine", version="1"), [ROWS]) == second["spearman"], "nothing stale without results="


def test_what_is_not_kept_is_said(tmp_path: Path) -> None:
    report = stsbench.evaluate([Lengths(), "hashing"], "cosine", [ROWS], results=tmp_path)
    (warning,) = report.warnings
    assert warning == "results of object:Lengths are not kept; stsbench.named(model, 'name', version='1') lets them be"
    assert [path.stem.partition("-")[0] for path in tmp_path.rglob("*.json")] == ["hashing"]
    assert not stsbench.evaluate(Lengths(), "cosine", [ROWS]).warnings


def test_no_text_leaves_what_was_given(tmp_path: Path, capfd: pytest.CaptureFixture[str]) -> None:
    class Telling:
        def encode(self, texts: Sequence[str]) -> list[list[float]]:
            raise ValueError(f"cannot encode {texts[0]}")

    given = [stsbench.named(Telling(), "telling", version="1"), Telling(), "hashing", stsbench.named(Lengths(), "lengths", version="1")]
    report = stsbench.evaluate(given, "cosine", stsbench.pairs(FRAME, **COLUMNS), results=tmp_path)
    kept = b"".join(path.read_bytes() for path in tmp_path.rglob("*") if path.is_file())
    said = repr(report) + report.to_frame().to_csv() + "".join(capfd.readouterr()) + str(report.failures())
    assert len(report.failures()) == 2
    assert "canary" not in said
    assert b"canary" not in kept
    assert "canary" not in repr(stsbench.pairs(ROWS))
    assert stsbench.pairs(ROWS).made.card.private
    assert not stsbench.pairs(ROWS, public=True).made.card.private


@pytest.mark.parametrize(
    ("data", "options", "error", "says"),
    [
        ([*ROWS, ("canary", "b")], {}, UsageError, "row 25 of the pairs given is not (left, right, gold); give rows"),
        ([*ROWS, ("canary", None, 1.0)], {}, DataError, "row 25 of the pairs given has no text (null) in column 'right'"),
        ([*ROWS, ("canary", "b", float("nan"))], {}, DataError, "row 25 of the pairs given has a gold score that is missing or not finite"),
        ([*ROWS, ("canary", "b", "canary")], {}, DataError, "row 25 of the pairs given has a gold score that is not a number"),
        ([], {}, UsageError, "list holds no pairs; give rows"),
        (7, {}, UsageError, "int holds no pairs; give rows"),
        ({"left": ["a", "b"], "right": ["c"], "score": [1, 2]}, {}, UsageError, "the columns of the pairs given are of different lengths"),
        (FRAME, {}, DataError, "the pairs given has no column for options 'left', 'right' or 'score'"),
        (FRAME, {"left": "a", "right": "b", "score": "x", "name": "mine"}, DataError, "mine has no column 'x'"),
        (pd.concat([FRAME, FRAME], axis=1), COLUMNS, UsageError, "the data frame has several columns of one name"),
        (FRAME, {**COLUMNS, "name": "private/pairs.csv"}, OptionError, "option 'name' takes letters"),
        ({"left": {"a", "b"}, "right": ["c", "d"], "score": [1, 2]}, {}, UsageError, "is a set, which has no order; give a list"),
        ({"left": ["a"], "right": ["b"], "score": np.array(["2020-01-01"], "M8[ns]")}, {}, DataError, "a gold score that is not a number"),
        ({"left": ["a"], "right": ["b"], "score": np.array([3], "m8[ns]")}, {}, DataError, "a gold score that is not a number"),
        ({"left": ["a"], "right": ["b"], "score": [np.datetime64(1, "ns")]}, {}, DataError, "a gold score that is not a number"),
        ([("a", "b", Decimal("sNaN"))], {}, DataError, "a gold score that is missing or not finite"),
        (pl.from_pandas(FRAME).lazy(), {}, UsageError, "holds no pairs yet; call its collect()"),
    ],
)
def test_what_is_wrong_is_said_without_a_value(data: Any, options: dict[str, str], error: type[Exception], says: str) -> None:
    with pytest.raises(error) as raised:
        stsbench.pairs(data, **options)  # type: ignore[arg-type]
    assert says in str(raised.value)
    assert "canary" not in str(raised.value)


class Overlap:
    """A similarity of one's own, which is no component."""

    def score(self, left: Any, right: Any) -> Any: ...


@pytest.mark.parametrize(
    "wrong",
    [Overlap(), None, 3, [Overlap()], ["cosine", None], [["cosine"]]],
    ids=["an object", "none", "a number", "objects", "a name and none", "lists"],  # the same in each process that tests
)
@pytest.mark.parametrize("place", ["similarities", "transforms", "allow_network", "send_private"])
def test_what_is_not_named_by_text_is_refused_in_a_sentence(place: str, wrong: Any) -> None:
    with pytest.raises(
        UsageError, match=r"named by text, such as 'wordllama' or 'cosine', not by (Overlap|NoneType|int|list); a similarity"
    ):
        stsbench.evaluate("hashing", **{place: wrong})


def test_every_call_that_takes_names_refuses_objects_in_a_sentence(tmp_path: Path) -> None:
    session, report = stsbench.Session.opened(cache=False), stsbench.evaluate("hashing", ["cosine", "dot"], ROWS, cache=False)
    for call in (
        lambda: stsbench.audit_encoder(Lengths(), session, ["mini"]),  # type: ignore[arg-type]
        lambda: stsbench.audit_benchmark(None, session),  # type: ignore[arg-type]
        lambda: stsbench.audit_benchmark("mini", session, against=[None]),  # type: ignore[list-item]
        lambda: stsbench.compare(Lengths(), tmp_path, session),  # type: ignore[arg-type]
        lambda: report.compare(None),  # type: ignore[arg-type]
        lambda: report.compare(primary=None),  # type: ignore[arg-type]
    ):
        with pytest.raises(UsageError, match="named by text"):
            call()
    with pytest.raises(UsageError, match=r"offered is what stsbench.named or stsbench.pairs gives, not .*Lengths"):
        session.offering(Lengths())  # type: ignore[arg-type]
    with pytest.raises(UsageError, match="an encoder is a reference or an object with encode"):
        stsbench.evaluate(stsbench.pairs(ROWS, name="mine"))
    with pytest.raises(UsageError, match="Given holds no pairs"):
        stsbench.evaluate("hashing", "cosine", stsbench.named(Lengths(), "mine", version=1))
    for limit in ("3", 2.5, True, 0):
        with pytest.raises(UsageError, match="the limit is a number of pairs of at least 1"):
            stsbench.evaluate("hashing", limit=limit)  # type: ignore[arg-type]


def test_one_name_given_as_text_is_one_name() -> None:
    report = stsbench.evaluate("hashing", ["cosine", "euclidean"], cache=False)
    with pytest.raises(UsageError, match="two systems; the results hold"):  # one is meant, and not a system a letter
        report.compare("cosine")
    assert len(report.compare("hashing", stsbench.Setting(resamples=99)).standings) == 2
    session = stsbench.Session.opened(cache=False)
    assert len(stsbench.audit_benchmark("mini", session, against="mini")) == 1
    assert stsbench.audit_encoder("hashing", session, "mini", fits="self", limit=20, resamples=39)[0].n == 20


def test_one_name_means_one_thing() -> None:
    one, other = stsbench.pairs(ROWS, name="mine"), stsbench.pairs(ROWS[:9], name="mine")
    with pytest.raises(UsageError, match="two benchmarks are given as mine; give each a name of its own"):
        stsbench.evaluate("hashing", "cosine", [one, other])
    with pytest.raises(UsageError, match="two encoders are given as mine,version=1; give"):
        stsbench.evaluate(
            [stsbench.named(Lengths(), "mine", version="1"), stsbench.named(Lengths(), "mine", version="1")], "cosine", [ROWS]
        )
    assert len(stsbench.evaluate("hashing", "cosine", [one, one]).cells()) == 1
    with pytest.raises(UsageError, match="'mine' needs a version"):
        stsbench.named(Lengths(), "mine", version="")
    for wrong in ("my model", "../mine", "a/b", ""):
        with pytest.raises(UsageError, match="takes letters, digits"):
            stsbench.named(Lengths(), wrong, version="1")


def test_a_session_that_offers_them_audits_them() -> None:
    mine, model = stsbench.pairs(ROWS, name="mine"), stsbench.named(Lengths(), "mine", version=2)
    session = stsbench.Session.opened().offering(mine, model)
    (data,) = stsbench.audit_benchmark(str(mine), session, against=[])
    assert (data.name, data.n, data.private) == ("mine", 24, True)
    (audit, *_) = stsbench.audit_encoder(str(model), session, [str(mine)], resamples=39)
    assert (str(model), audit.encoder) == ("python/mine,version=2", "mine,version=2")


def test_a_session_may_offer_more_later() -> None:
    first = stsbench.Session.opened().offering(stsbench.pairs(ROWS, name="mine"), stsbench.named(Lengths(), "mine", version=1))
    more = first.offering(stsbench.pairs(ROWS[:9], name="other"), stsbench.named(Lengths(), "mine", version=2))
    assert [len(more.benchmark(f"python/{name}").parts[0].pairs) for name in ("mine", "other")] == [24, 9]
    assert [more.registry.resolve("encoder", f"python/mine,version={number}").label for number in (1, 2)] == [
        "mine,version=1",
        "mine,version=2",
    ]
    with pytest.raises(UsageError, match="two benchmarks are given as mine"):
        first.offering(stsbench.pairs(ROWS[:9], name="mine"))


def test_a_board_takes_neither(tmp_path: Path) -> None:
    table = {"name": "b", "title": "B", "benchmarks": ["mini"], "protocol": "plain", "system": [{"encoder": "python/mine,version=1"}]}
    with pytest.raises(ValueError, match="given in Python can be computed by nobody else"):
        BoardSpec.model_validate(table)
    with pytest.raises(ValueError, match="given in Python can be computed by nobody else"):
        BoardSpec.model_validate({**table, "system": [{"encoder": "hashing"}], "benchmarks": ["python/mine"]})


def test_another_program_is_told_where_the_data_are(tmp_path: Path) -> None:
    stsbench.evaluate(["hashing", "hashing,dim=64"], "cosine", stsbench.pairs(ROWS, name="mine"), results=tmp_path)
    done = CliRunner().invoke(app, ["compare", "--results", str(tmp_path)])
    assert done.exit_code == 2
    assert (
        "there is no benchmark 'python/mine': it was given in Python, and is known to that program alone; go on there, or name others"
        in done.stderr
    )


def test_the_errors_are_of_one_family() -> None:
    for name in ("DataError", "ModelError", "OptionError", "PlanError", "PluginError", "StoreError", "UsageError"):
        assert issubclass(getattr(stsbench, name), StsbenchError)


def test_columns_are_named_by_numbers_too_and_never_two_by_one_name() -> None:
    wide = pd.DataFrame(ROWS)
    numbered: dict[str, Any] = {"left": 0, "right": 1, "score": 2}
    (found,), (expected,) = (stsbench.pairs(frame, **columns).made.load() for frame, columns in ((wide, numbered), (FRAME, COLUMNS)))
    assert found.pairs.digest == expected.pairs.digest
    with pytest.raises(UsageError, match="several columns of one name"):
        stsbench.pairs(wide.assign(**{"2": 1.0}), left="0", right="1", score="2")


@pytest.mark.parametrize("name", [5, None, ("a", "b")])
def test_a_name_is_a_word_and_a_version_is_said(name: Any) -> None:
    with pytest.raises(OptionError, match="takes letters, digits"):
        stsbench.named(Lengths(), name, version="1")
    with pytest.raises(UsageError, match="needs a version"):
        stsbench.named(Lengths(), "lengths", version=None)  # type: ignore[arg-type]
    if name:
        with pytest.raises(OptionError, match="takes letters, digits"):
            stsbench.pairs(ROWS, name=name)


def test_what_an_object_returned_in_place_of_numbers_is_told_on_private_pairs_too() -> None:
    class Wrong:
        def encode(self, texts: Sequence[str]) -> Any:
            return [texts]

    (cell,) = stsbench.evaluate(Wrong(), "cosine", ROWS).cells()
    assert "encode() returned str; a plain array, a tensor or a list of rows is expected" in cell["reason"]
    assert "canary" not in cell["reason"]


def test_one_column_of_a_board_is_named_without_a_list() -> None:
    board = stsbench.Board.open("leaderboards/mini")
    assert list(board.frame("system")) == ["system"]


def test_a_session_is_made_where_none_is_given_and_nothing_else_is_one(tmp_path: Path) -> None:
    assert stsbench.audit_benchmark("mini", against=[])[0].n == 280
    assert stsbench.audit_encoder("hashing", limit=20, resamples=99)[0].encoder == "hashing"
    for call in (
        lambda: stsbench.audit_benchmark("mini", "stress"),  # type: ignore[arg-type]
        lambda: stsbench.audit_encoder("hashing", "mini"),  # type: ignore[arg-type]
        lambda: stsbench.compare([], tmp_path, "mini"),  # type: ignore[arg-type]
        lambda: stsbench.Board.open(Path(__file__).parents[2] / "leaderboards" / "mini", "mini"),  # type: ignore[arg-type]
        lambda: stsbench.as_evaluator("mini", session="mini"),  # type: ignore[arg-type]
    ):
        with pytest.raises(UsageError, match=r"a session is what stsbench.Session.opened\(\) gives, not '\w+'; give one"):
            call()
    with pytest.raises(UsageError, match=r"execution options are given by name, as in \{'device': 'cpu'\}, not as 'cpu'"):
        stsbench.evaluate("hashing", "cosine", "mini", execution="cpu")  # type: ignore[arg-type]


def test_text_is_no_model_that_is_held() -> None:
    with pytest.raises(UsageError, match="'hashing' is text, and `named` is for a model that you hold"):
        stsbench.named("hashing", "mine", version="1")


def test_a_model_in_training_is_measured_with_one_system() -> None:
    with pytest.raises(UsageError, match="one similarity, one transform and one view of the baseline; name one of each"):
        stsbench.as_evaluator("mini", ["cosine", "dot"])  # type: ignore[arg-type]
