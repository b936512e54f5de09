"""Which model a row is of, which row stands for it, and how rows that would read alike are told apart."""

from __future__ import annotations

from collections.abc import Callable

import pytest

from stsbench.contracts.boards.board import BoardSpec, Leaderboard, Row, SystemSpec
from stsbench.contracts.boards.published import Figure
from stsbench.contracts.records import Record, RecordFile
from stsbench.errors import StoreError
from stsbench.leaderboard.build import build
from stsbench.leaderboard.published import with_published

Spec = Callable[..., BoardSpec]
Make = Callable[..., Record]
MakeFile = Callable[..., RecordFile]

MINI = "bert:pkg:models/mini"
BERT, ST = f"stsbench-transformers/{MINI}", "stsbench-sentence-transformers/sentence-transformers:pkg:models/mini"


HASHING = (("stsbench/hashing", "a"), ("stsbench/hashing,dim=64", "b"))


def file_of(make: MakeFile, ref: str, *records: Record, label: str = "", letter: str = "a", **facts: str) -> RecordFile:
    file = make("encoder", "STS12", *records, fingerprint=letter * 32)
    return file.model_copy(update={"encoder": file.encoder.model_copy(update={"ref": ref, "label": label or ref, "facts": facts})})


def main_rows(board: Leaderboard) -> dict[str, Row]:
    return {model.name: model.main for model in board.models}


def test_a_model_is_what_is_loaded_whatever_loads_it(spec: Spec, record: Make, record_file: MakeFile) -> None:
    records = [record(0.9, view="mean@6"), record(0.8, view="cls@6")]
    files = [
        file_of(record_file, BERT, *records),
        file_of(record_file, ST, record(0.7), letter="b"),
        file_of(record_file, "stsbench/hashing,dim=64", record(0.3), letter="c"),
        file_of(record_file, "stsbench/hashing", record(0.2), letter="d"),
        file_of(record_file, "stsbench-lexical/chrf", record(0.1, view="pair", similarity=None), label="chrf", letter="e"),
    ]
    systems = tuple(SystemSpec(encoder=name) for name in ("sentence-transformers:pkg:models/mini", MINI, "hashing", "chrf"))
    board = build(spec(system=systems), files)
    assert [model.name for model in board.models] == ["models/mini", "hashing,dim=64", "hashing", "chrf"]
    main = main_rows(board)["models/mini"]
    assert (main.encoder, main.rank, main.difference) == (ST, 1, None), "the first of board.toml, not the best"
    assert [(row.view, row.rank) for row in board.models[0].variants] == [("mean@6", None), ("cls@6", None)]
    assert [row.difference for row in board.models[0].variants] == pytest.approx([0.2, 0.1])
    assert [row.label for row in board.compared] == [model.main.label for model in board.models]


@pytest.mark.parametrize(
    ("encoder", "views", "first"),
    [
        (f"{MINI},view=cls@6+mean@6", (), "cls@6"),
        (f"{MINI},view=mean@6+cls@6", (), "mean@6"),
        (f"{MINI},view=mean@6+cls@6", ("cls@6",), "cls@6"),
        (f"{MINI},pooling=cls+mean,layers=0+-1", (), "cls@6"),
        (f"{MINI},pooling=mean+cls,layers=0+-1", (), "mean@6"),
    ],
)
def test_the_main_row_is_the_first_that_the_board_names(
    spec: Spec, record: Make, record_file: MakeFile, encoder: str, views: tuple[str, ...], first: str
) -> None:
    records = [record(0.5, view=f"{pooling}@{layer}") for pooling in ("cls", "max", "mean") for layer in (0, 6)]
    board = build(spec(system=(SystemSpec(encoder=encoder, views=views),)), [file_of(record_file, BERT, *records)])
    assert [model.main.view for model in board.models] == [first]


def test_a_main_row_is_plain_honest_and_of_the_primary_similarity_where_there_is_one(
    spec: Spec, record: Make, record_file: MakeFile
) -> None:
    system = (SystemSpec(encoder=MINI, transforms=("centre", "none"), similarities=("dot", "cosine")),)
    dot, centred = record(0.9, similarity="stsbench/dot"), record(0.8, transforms=("stsbench/centre",))
    learnt, plain = record(0.7, view="learnt", flags=("supervised",)), record(0.1)
    for records, wanted in (
        ([dot, centred, learnt, plain], plain),
        ([dot, centred, learnt], centred),
        ([dot, learnt], dot),
        ([learnt], learnt),
    ):
        board = build(spec(system=system), [file_of(record_file, BERT, *records)])
        (model,) = board.models
        assert model.main.cells[0].figure == wanted.figure
        assert model.main.rank == (1 if wanted in (plain, centred) else None)
        assert len(model.variants) == len(records) - 1


def test_the_board_names_models_and_joins_what_it_gives_one_name(spec: Spec, record: Make, record_file: MakeFile) -> None:
    named = (SystemSpec(encoder="hashing,dim=64", model="Hashing"), SystemSpec(encoder="hashing", model="Hashing"))
    files = [file_of(record_file, name, record(0.3), letter=hexa) for name, hexa in HASHING]
    (model,) = build(spec(system=named), files).models
    assert (model.name, model.main.encoder, len(model.variants)) == ("Hashing", "stsbench/hashing,dim=64", 1)


def test_a_folder_is_called_as_it_is_and_by_its_hash_where_it_must(spec: Spec, record: Make, record_file: MakeFile) -> None:
    system = (SystemSpec(encoder="bert:./runs/mine/", model="Mine"), SystemSpec(encoder="bert:./other/model"))
    refs = {"mine~00000001": "a", "model~00000002": "b", "model~00000003": "c", "alone~00000004": "d"}
    bert = "stsbench-transformers/bert"
    files = [file_of(record_file, f"{bert}:{target}", record(0.3), letter=hexa) for target, hexa in refs.items()]
    names = {model.name for model in build(spec(system=system), files).models}
    assert names == {"Mine", "model~00000002", "model~00000003", "alone"}
    tilde = file_of(record_file, f"{bert}:owner/a%7Eb", record(0.3))
    assert [model.name for model in build(spec(), [tilde]).models] == ["owner/a~b"], "an escaped tilde is no hash"


def test_folders_of_one_name_are_of_the_models_that_their_labels_say_or_of_none(spec: Spec, record: Make, record_file: MakeFile) -> None:
    def entries(*labels: str) -> tuple[SystemSpec, ...]:
        given = zip(("./a/model", "./b/model"), "AB", labels, strict=True)
        return tuple(SystemSpec(encoder=f"bert:{path}", model=model, label=label) for path, model, label in given)

    targets = (("model~00000001", "one"), ("model~00000002", "two"))
    files = [
        file_of(record_file, f"stsbench-transformers/bert:{target}", record(0.3), label=label, letter=target[-1])
        for target, label in targets
    ]
    board = build(spec(system=entries("one", "two")), files)
    assert {row.encoder.partition(":")[2]: row.model for row in board.rows} == {"model~00000001": "A", "model~00000002": "B"}
    with pytest.raises(StoreError, match=r"which of the models 'A' and 'B' of board.toml .*model~0000000\d is cannot be told; give each"):
        build(spec(system=entries("", "")), files)
    views = tuple(SystemSpec(encoder=MINI, views=(view,), model=view) for view in ("cls", "mean"))
    board = build(spec(system=views), [file_of(record_file, BERT, record(0.3, view="cls"), record(0.2, view="mean"))])
    assert [(row.view, row.model) for row in board.rows] == [("cls", "cls"), ("mean", "mean")]


def test_two_revisions_are_two_models_whether_or_not_an_option_says_so(spec: Spec, record: Make, record_file: MakeFile) -> None:
    old, new = "0123456789abcdef", "fedcba9876543210"
    hub = "stsbench-sentence-transformers/sentence-transformers:owner/mini"
    files = [
        file_of(record_file, hub, record(0.9), letter="a", revision=new),
        file_of(record_file, f"{hub},revision=v1", record(0.8), letter="b", revision=old),
        file_of(record_file, "stsbench-transformers/bert:owner/mini", record(0.7), letter="c", revision=new),
    ]
    board = build(spec(), files)
    assert [(model.name, model.main.rank, len(model.variants)) for model in board.models] == [
        (f"owner/mini@{new[:12]}", 1, 1), (f"owner/mini@{old[:12]}", 2, 0),
    ]  # fmt: skip
    assert [model.name for model in build(spec(), files[::2]).models] == ["owner/mini"], "longer only where it must"


def test_what_is_called_alike_and_is_not_one_is_never_joined(spec: Spec, record: Make, record_file: MakeFile) -> None:
    scorers = [
        file_of(record_file, f"lexical/{name}", record(figure, view="pair", similarity=None), label="same", letter=name[0])
        for name, figure in (("bm25", 0.4), ("chrf", 0.3))
    ]
    files = [*scorers, *(file_of(record_file, f"{dist}/hashing", record(0.2), letter=dist[0]) for dist in ("one", "two"))]
    named = file_of(record_file, "d/x", record(0.1), letter="d")
    board = build(spec(system=(SystemSpec(encoder="x", model="hashing"),)), [*files, named])
    names = ["lexical/bm25", "lexical/chrf", "one/hashing", "two/hashing", "hashing"]
    assert [(model.name, model.variants) for model in board.models] == [(name, ()) for name in names]
    assert [model.main.rank for model in board.models] == [1, 2, 3, 3, 5]


@pytest.mark.parametrize("status", ["missing", "failed", "undefined"])
def test_a_main_row_without_a_figure_stays_the_main_row_and_has_no_rank(
    spec: Spec, record: Make, record_file: MakeFile, status: str
) -> None:
    others = [record(0.9, similarity="stsbench/dot"), record(0.8, transforms=("stsbench/centre",)), record(0.7, view="other")]
    lacking = [] if status == "missing" else [record(None, view="first", status=status)]
    files = [record_file("e", "STS12", *others, *lacking), record_file("e", "STS13", record(0.6, view="first"), *others)]
    board = build(spec(system=(SystemSpec(encoder="e", views=("first", "other")),)), files)
    assert [(model.main.view, model.main.average, model.main.rank) for model in board.models] == [("first", None, None)]
    assert board.compared == (), "no variant takes its place"


def test_a_variant_that_lacks_the_benchmark_that_its_model_has_seen_is_not_its_main_row(
    spec: Spec, record: Make, record_file: MakeFile
) -> None:
    plain, seen = record(0.6), record(0.7, flags=("leaked",))
    files = [record_file("e", "STS12", plain, record(0.9, similarity="stsbench/dot")), record_file("e", "STS13", seen)]
    board = build(spec(system=(SystemSpec(encoder="e"),)), files)
    assert [(model.main.similarity, model.main.rank) for model in board.models] == [("stsbench/cosine", None)]


def test_rows_that_read_alike_say_what_loads_them_or_what_they_are_called(spec: Spec, record: Make, record_file: MakeFile) -> None:
    prompted = f"{BERT},prompt=query"
    pairs = [(BERT, ST, ["bert", "sentence-transformers"]), (BERT, prompted, ["plain", "prompted"])]
    for first, second, wanted in pairs:
        files = [
            file_of(record_file, first, record(0.9), label="plain"),
            file_of(record_file, second, record(0.8), label="prompted", letter="b"),
        ]
        assert [row.loader for row in build(spec(), files).rows] == wanted
    twice = [file_of(record_file, BERT, record(0.9), label="x", letter=letter) for letter in "ab"]
    assert {row.loader for row in build(spec(), twice).rows} == {"x · stsbench/cosine · aaaaaaaa", "x · stsbench/cosine · bbbbbbbb"}
    both = file_of(record_file, BERT, record(0.9, similarity="stsbench/dot"), record(0.8, similarity="other/dot"))
    assert [row.loader for row in build(spec(), [both]).rows] == ["stsbench/dot", "other/dot"]


def test_published_rows_stand_in_the_table_by_average_and_take_no_rank(spec: Spec, record: Make, record_file: MakeFile) -> None:
    board = build(spec(), [file_of(record_file, f"d/{name}", record(figure), letter=name) for name, figure in (("a", 0.9), ("b", 0.5))])
    figures = [
        Figure(system=name, benchmark="STS12", protocol="mteb", spearman=value, n=10, source="somebody")
        for name, value in (("low", 0.1), ("between", 0.7), ("high", 0.95), ("equal", 0.5))
    ]
    table = with_published(board, figures).table
    assert [(row.label, row.rank if isinstance(row, Row) else None) for row in table] == [
        ("high", None), ("d/a · cosine", 1), ("between", None), ("d/b · cosine", 2), ("equal", None), ("low", None),
    ]  # fmt: skip
