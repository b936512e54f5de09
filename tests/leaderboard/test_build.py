import itertools
import subprocess
import sys
from collections.abc import Callable

import pytest

from stsbench.contracts.boards.board import BoardSpec
from stsbench.contracts.boards.columns import columns_of
from stsbench.contracts.boards.tables import costs_of
from stsbench.contracts.records import Record, RecordFile
from stsbench.errors import StoreError
from stsbench.leaderboard.build import build

Spec = Callable[..., BoardSpec]
Make = Callable[..., Record]
MakeFile = Callable[..., RecordFile]


def test_rows_are_ranked_by_the_mean_over_benchmarks(spec: Spec, record: Make, record_file: MakeFile) -> None:
    files = [
        record_file("low", "STS12", record(0.2)),
        record_file("low", "STS13", record(0.4)),
        record_file("high", "STS12", record(0.9)),
        record_file("high", "STS13", record(0.5)),
        record_file("tie", "STS13", record(0.9)),
        record_file("tie", "STS12", record(0.5)),
    ]
    board = build(spec(), files)
    assert [(row.rank, row.encoder, row.average) for row in board.rows] == [
        (1, "dist/high", 0.7),
        (1, "dist/tie", 0.7),
        (3, "dist/low", pytest.approx(0.3)),
    ]
    assert [column.name for column in board.columns] == ["STS12", "STS13"]
    assert [cell.figure for cell in board.rows[1].cells] == [0.5, 0.9]


def test_systems_of_one_rank_are_in_order_of_label(spec: Spec, record: Make, record_file: MakeFile) -> None:
    files = [record_file(encoder, "STS12", record(0.5), fingerprint=hexa * 32) for encoder, hexa in (("b", "1"), ("c", "0"), ("a", "2"))]
    assert [row.encoder for row in build(spec(), files).rows] == ["dist/a", "dist/b", "dist/c"]
    unranked = [record_file(encoder, "STS12", record(None), fingerprint=hexa * 32) for encoder, hexa in (("b", "1"), ("a", "2"))]
    assert [row.encoder for row in build(spec(), unranked).rows] == ["dist/a", "dist/b"]


def test_the_board_does_not_depend_on_the_order_of_files(spec: Spec, record: Make, record_file: MakeFile) -> None:
    files = [
        record_file(encoder, name, record(0.5, similarity=f"stsbench/{similarity}"))
        for encoder, name, similarity in zip("abc", "xxy", "pqr", strict=True)
    ]
    boards = {build(spec(), order).model_dump_json() for order in itertools.permutations(files)}
    assert len(boards) == 1


def test_a_system_that_misses_a_benchmark_has_no_average_and_comes_last(spec: Spec, record: Make, record_file: MakeFile) -> None:
    files = [
        record_file("best", "STS12", record(0.99)),
        record_file("whole", "STS12", record(0.1)),
        record_file("whole", "STS13", record(0.1)),
        record_file("undefined", "STS12", record(0.9)),
        record_file("undefined", "STS13", record(None, reason="constant scores")),
        record_file("broken", "STS12", record(0.9)),
        record_file("broken", "STS13", record(None, status="failed", reason="it broke", digest=None)),
    ]
    board = build(spec(), files)
    assert [(row.encoder, row.rank, row.average) for row in board.rows] == [
        ("dist/whole", 1, 0.1),
        ("dist/best", None, None),
        ("dist/broken", None, None),
        ("dist/undefined", None, None),
    ]
    assert [row.cells[1].status for row in board.rows] == ["ok", "missing", "failed", "undefined"]
    assert board.rows[2].cells[1].reason == "it broke"
    assert board.rows[1].cells[1].figure is None
    assert board.notes == ("3 of 4 systems have no average and no rank, since they lack a figure on a benchmark.",)


def test_only_the_figure_of_the_whole_benchmark_is_a_cell(spec: Spec, record: Make, record_file: MakeFile) -> None:
    part = record(0.9, split="test", subset="en")
    board = build(spec(), [record_file("a", "STS17", part, record(0.4))])
    assert [row.average for row in board.rows] == [0.4]


def test_each_view_transform_and_similarity_is_a_row_with_its_own_label(spec: Spec, record: Make, record_file: MakeFile) -> None:
    records = [
        record(view="mean@6"),
        record(view="cls@0", similarity="stsbench/dot"),
        record(similarity="stsbench/cosine,zero=sklearn"),
        record(similarity="other-dist/dot"),
        record(similarity="stsbench/dot"),
        record(transforms=("stsbench-linear/whiten",)),
        record(similarity=None),
    ]
    board = build(spec(), [record_file("bert", "STS12", *records)])
    assert {row.label for row in board.rows} == {
        "bert · mean@6 · cosine",
        "bert · cls@0 · dot",
        "bert · cosine,zero=sklearn",
        "bert · other-dist/dot",
        "bert · stsbench/dot",
        "bert · whiten · cosine",
        "bert",
    }
    assert {row.label for row in board.rows if row.primary} == {"bert · mean@6 · cosine", "bert · whiten · cosine", "bert"}


def test_a_board_says_what_a_model_was_made_for_where_it_is_measured_otherwise(
    spec: Spec, record: Callable[..., Record], record_file: MakeFile
) -> None:
    files = [
        record_file(name, "STS12", *(record(similarity=f"stsbench/{one}") for one in measured)).model_copy(update={"provenance": facts})
        for name, measured, facts in (
            ("one", ["cosine", "euclidean"], {"card.made_for": "dot"}),
            ("two", ["cosine,zero=sklearn"], {"card.made_for": "cosine"}),
            ("three", ["cosine"], {}),
        )
    ]
    board = build(spec(), files)
    assert board.notes == ("one was made for dot, and is measured with cosine, euclidean only.",)
    assert {row.encoder.rpartition("/")[2]: row.facts.made_for for row in board.rows} == {"one": "dot", "two": "cosine", "three": None}


def test_facts_that_differ_by_benchmark_are_unknown_and_a_rate_keeps_its_device(spec: Spec, record: Make, record_file: MakeFile) -> None:
    provenance = {
        "STS12": {
            "dimension.sentence": "384", "dimension.sentence//whiten": "384", "bytes.sentence//whiten": "1536", "measured.device": "cpu",
        },
        "STS13": {
            "dimension.sentence": "384", "dimension.sentence//whiten": "381", "measured.texts_per_second": "900.0",
            "measured.device": "cuda", "measured.peak_memory": "512",
        },
        "STS14": {"measured.texts_per_second": "20.0", "card.licence": "mit", "bytes.sentence//whiten": "1200 to 1536"},
    }  # fmt: skip
    records = record(0.5), record(0.4, transforms=("whiten",))
    files = [record_file("one", name, *records).model_copy(update={"provenance": facts}) for name, facts in provenance.items()]
    plain, whitened = (row.facts for row in build(spec(), files).rows)
    assert (plain.dimension, plain.texts_per_second, plain.device, plain.peak_memory, plain.licence) == (384, 900.0, "cuda", 512.0, "mit")
    assert (whitened.dimension, whitened.bytes_per_vector) == (None, None)


def test_what_is_counted_a_second_is_called_what_it_is(spec: Spec, record: Make, record_file: MakeFile) -> None:
    def titles(*items: str) -> list[str]:
        files = [record_file("one", f"STS1{place}", record(0.5)) for place in range(len(items))]
        entries = [file.benchmark.model_copy(update={"items": called}) for file, called in zip(files, items, strict=True)]
        board = build(spec(), [file.model_copy(update={"benchmark": entry}) for file, entry in zip(files, entries, strict=True)])
        return [next(column.title for column in columns_of(board) if column.name == "texts_per_second"), costs_of(board.rows)[1].title]

    assert titles("texts", "texts") == ["Texts a second"] * 2
    assert titles("images") == ["Images a second"] * 2
    assert titles("images", "texts") == titles("texts and images") == ["Texts and images a second"] * 2


def test_labels_stay_apart_when_encoders_share_theirs(spec: Spec, record_file: MakeFile) -> None:
    files = [record_file("bert", "STS12", fingerprint=letter * 32) for letter in "ab"]
    board = build(spec(), files)
    assert {row.label for row in board.rows} == {"bert · stsbench/cosine · aaaaaaaa", "bert · stsbench/cosine · bbbbbbbb"}
    assert board.notes == ("dist/bert appears with 2 fingerprints; the results of an older version may be among them.",)


@pytest.mark.parametrize(("primary", "expected"), [("dot", ["stsbench/dot"]), ("stsbench/dot", ["stsbench/dot"]), ("euclidean", [])])
def test_primary_rows_are_those_of_the_primary_similarity(
    spec: Spec, record: Make, record_file: MakeFile, primary: str, expected: list[str]
) -> None:
    board = build(spec(primary=primary), [record_file("a", "STS12", record(), record(similarity="stsbench/dot"))])
    assert [row.similarity for row in board.rows if row.primary] == expected


def test_columns_follow_the_board_and_then_the_name(spec: Spec, record_file: MakeFile) -> None:
    names = ["STS16", "STSBenchmark", "STS12", "SICK-R", "mini"]
    files = [record_file("a", name) for name in names]
    board = build(spec(benchmarks=("sts12", "STS-B", "stsbench/SICK-R,protocol=mteb", "sts-english")), files)
    assert [column.name for column in board.columns] == ["STS12", "SICK-R", "STS16", "STSBenchmark", "mini"]


def test_a_column_takes_the_place_of_its_very_reference_before_that_of_its_name(spec: Spec, record_file: MakeFile) -> None:
    files = [record_file("a", name) for name in ("STS17", "STS12")]
    board = build(spec(benchmarks=("STS17,subset=fr-en", "STS12", "STS17")), files)
    assert [column.name for column in board.columns] == ["STS12", "STS17"]


def test_a_column_says_what_its_data_are(spec: Spec, record: Make, record_file: MakeFile) -> None:
    failed = record(None, status="failed", reason="it broke", n=0, digest=None, source=None)
    files = [
        record_file("a", "STS12", failed, licence="cc-by", notes=("a note",), private=True),
        record_file("b", "STS12", record(n=7, revision="0123456789abcdef", source="hub"), licence="cc-by"),
    ]
    (column,) = build(spec(), files).columns
    assert (column.name, column.ref, column.n, column.licence, column.digest) == ("STS12", "stsbench/STS12", 7, "cc-by", "d" * 32)
    assert column.source == "hub 0123456789ab, several"
    assert column.notes == ("a note", "private data")
    assert column.languages == ("eng",)


def test_results_of_another_protocol_are_refused(spec: Spec, record: Make, record_file: MakeFile) -> None:
    files = [record_file("a", "STS12", record(digest=protocol * 16), protocol=protocol) for protocol in ("mteb", "simcse")]
    with pytest.raises(
        StoreError, match="is of protocol mteb, and STS12 is of protocol simcse: figures of two protocols are not comparable"
    ):
        build(spec(), files)


def test_results_of_different_data_are_refused_naming_both(spec: Spec, record: Make, record_file: MakeFile) -> None:
    files = [record_file("a", "STS12", record(digest="a" * 32)), record_file("b", "STS12", record(digest="b" * 32))]
    with pytest.raises(
        StoreError, match=r"STS12 .*different data: those of a have pairs digest aaaaaaaa, those of b bbbbbbbb; run both again"
    ):
        build(spec(), files)


def test_two_files_of_one_encoder_are_refused(spec: Spec, record_file: MakeFile) -> None:
    with pytest.raises(StoreError, match="a has two result files on STS12; remove the older one"):
        build(spec(), [record_file("a", "STS12"), record_file("a", "STS12")])


def test_a_board_without_results_says_what_to_run(spec: Spec, record: Make, record_file: MakeFile) -> None:
    for files in ([], [record_file("a", "STS12", record(split="test", subset="en"))]):
        with pytest.raises(StoreError, match="board 'board' has no results yet; run it first"):
            build(spec(), files)


def test_flags_of_cells_are_flags_of_the_row(spec: Spec, record: Make, record_file: MakeFile) -> None:
    files = [
        record_file("a", "STS12", record(flags=("truncated",))),
        record_file("a", "STS13", record(flags=("transductive", "truncated"))),
    ]
    (row,) = build(spec(), files).rows
    assert row.flags == ("transductive", "truncated")
    assert [cell.flags for cell in row.cells] == [("truncated",), ("transductive", "truncated")]


def test_a_board_says_when_its_newest_record_was_written_and_with_what(spec: Spec, record_file: MakeFile) -> None:
    dates = {"old": ("2026-03-01T10:00:00+00:00", "1.0"), "new": ("2026-03-02T09:00:00+00:00", "2.0"), "undated": ("", "9.0")}
    files = [
        record_file(name, "STS12").model_copy(update={"provenance": {"date": date, "version.numpy": version, "platform": "Linux"}})
        for name, (date, version) in dates.items()
    ]
    newest = build(spec(), files).newest
    assert newest is not None
    assert (newest.date, newest.versions) == (dates["new"][0], {"numpy": "2.0"})
    assert build(spec(), [record_file("a", "STS12")]).newest is None
    assert "newest" not in build(spec(), files).model_dump()


def test_the_stage_needs_no_numpy_no_plugin_and_no_file() -> None:
    program = (
        "import sys, stsbench.leaderboard.build, stsbench.leaderboard.check\n"
        "found = {'numpy', 'pandas', 'pyarrow', 'pluggy', 'stsbench.host', 'stsbench.builtin', 'stsbench.stores'} & set(sys.modules)\n"
        "assert not found, found"
    )
    subprocess.run([sys.executable, "-c", program], check=True)
